"""What the step, review and emergency pages show: plain values, so that templates hold no logic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from assessment.advice import EMERGENCY_STEPS
from assessment.engine.answers import Answers
from assessment.engine.knowledge import KnowledgeBase, Question
from assessment.engine.triage import FlagHit
from assessment.tokens import State

CLOSER_LOOK = "A closer look"
"""The phase of the questions that are asked only because of the answers so far."""


def _phase(kb: KnowledgeBase, questions: Sequence[Question]) -> str:
    """The phase that a page belongs to, named to the runner."""
    always = [q for q in questions if q.stage != "adaptive"]
    return always[0].phase if always else CLOSER_LOOK


def _phases(kb: KnowledgeBase) -> list[str]:
    return [*dict.fromkeys(q.phase for q in kb.questions if q.stage != "adaptive"), CLOSER_LOOK]


def step(
    state: State,
    token: str,
    *,
    posted: Mapping[str, Sequence[str]] | None = None,
    errors: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The context of a step page. `posted` fills the form as it was sent, and `errors` says what is wrong with it."""
    kb = state.release.kb
    questions = [kb.by_code[code] for code in state.shown]
    errors = errors or {}
    phase, phases = _phase(kb, questions), _phases(kb)
    now = phases.index(phase)
    here = {"token": token}
    return {
        "phase": phase,
        "heading": questions[0].text if len(questions) == 1 else phase,
        "questions": [_question(q, state.answers, posted, errors.get(q.code, "")) for q in questions],
        "errors": [
            {"code": code, "id": _input_id(code, kb.by_code[code].options[0].code), "message": message}
            for code, message in errors.items()
        ],
        "action": reverse("assessment_step", kwargs=here),
        "back_url": reverse("assessment_back", kwargs=here) if state.trail and not state.changing else "",
        "changing": state.changing,
        "return_url": reverse("assessment_result" if state.ended else "assessment_review", kwargs=here),
        "is_safety": any(q.stage == "safety" for q in questions),
        "review_url": reverse("assessment_review", kwargs=here) if state.answers.items else "",
        "notices": notices(state),
        "progress": {
            "phases": [
                {"name": name, "state": "done" if i < now else "now" if i == now else "later"}
                for i, name in enumerate(phases)
            ]
        },
    }


def _input_id(question: str, option: str) -> str:
    return f"{question}-{option}"


def _question(
    question: Question, answers: Answers, posted: Mapping[str, Sequence[str]] | None, error: str
) -> dict[str, Any]:
    chosen = answers.get(question.code) if posted is None else posted.get(question.code, ())
    return {
        "code": question.code,
        "text": question.text,
        "help": question.help,
        "why": question.why,
        "short": question.short,
        "multiple": question.kind == "many",
        "error": error,
        "options": [
            {
                "code": o.code,
                "text": o.text,
                "help": o.help,
                "group": o.group,
                "checked": o.code in chosen,
                "id": _input_id(question.code, o.code),
            }
            for o in question.options
        ],
    }


def notices(state: State) -> list[str]:
    """What the runner should know about this walk as a whole."""
    if state.reread_from:
        return [
            (
                "The questions have been corrected since you began. Your answers were read again under the new ones; "
                "please look through them."
            )
        ]
    return []


def answer_groups(state: State, token: str) -> list[dict[str, Any]]:
    """The asked questions with their answers, by phase, each with the address where it can be changed."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for question in state.release.kb.questions:
        if not state.answers.touched(question.code):
            continue
        chosen = state.answers.get(question.code)
        groups.setdefault(question.phase, []).append(
            {
                "code": question.code,
                "short": question.short or question.text,
                "text": question.text,
                "chosen": [question.by_code[option].text for option in chosen],
                "skipped": not chosen,
                "change_url": reverse("assessment_change", kwargs={"token": token, "code": question.code}),
            }
        )
    return [{"phase": phase, "rows": rows} for phase, rows in groups.items()]


def review(state: State, token: str) -> dict[str, Any]:
    """The context of the review page."""
    here = {"token": token}
    return {
        "groups": answer_groups(state, token),
        "result_url": reverse("assessment_result", kwargs=here),
        "continue_url": "" if state.ended and not state.more else reverse("assessment_resume", kwargs=here),
        "notices": notices(state),
    }


def emergency(state: State, token: str, hits: Sequence[FlagHit]) -> dict[str, Any]:
    """The context of the page that interrupts a walk."""
    here = {"token": token}
    first = hits[0].answers[0].question
    return {
        "hits": [{"title": hit.title, "reason": hit.reason} for hit in hits],
        "do": [line.format(number=settings.EMERGENCY_NUMBER) for line in EMERGENCY_STEPS],
        "mistaken_url": reverse("assessment_change", kwargs={**here, "code": first}),
        "continue_url": reverse("assessment_go_on", kwargs=here),
        "result_url": reverse("assessment_result", kwargs=here),
    }
