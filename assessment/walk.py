"""The walk: from one state to the next. Nothing is stored; each function gives the state that the next address holds."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from assessment import releases
from assessment.engine.answers import AnswerError, Answers
from assessment.engine.interview import next_step, step_again
from assessment.engine.triage import FlagHit, fired
from assessment.tokens import State

MESSAGES = {
    "unknown option": "Choose one of the answers shown.",
    "several options": "Choose one answer only.",
    "none with others": "You ticked 'None of these' and something else. Keep one or the other.",
}
"""What a runner reads for each reason that the engine gives."""


class FormErrors(ValueError):
    """Posted answers that can't be taken: question code -> what to do about it."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


def start(given: Mapping[str, Sequence[str]] | None = None) -> State:
    """A new walk under the current release, perhaps with answers already given (where it hurts).

    Raises AnswerError for answers that the questionnaire does not know, ReleaseUnknown when nothing is published.
    """
    release = releases.current()
    answers = Answers.parse(release.kb, given or {})
    return State(release=release, answers=answers).at(next_step(release.kb, answers))


def answer(state: State, posted: Mapping[str, Sequence[str]]) -> State:
    """The state after the shown page was posted; blank means skipped. Raises FormErrors."""
    kb = state.release.kb
    changes = {code: tuple(dict.fromkeys(posted.get(code, ()))) for code in state.shown}
    errors = {}
    for code, options in changes.items():
        try:
            Answers.parse(kb, {code: options})
        except AnswerError as error:
            errors[code] = MESSAGES[error.reason]
    if errors:
        raise FormErrors(errors)
    return _onwards(state, state.answers.replace(kb, changes))


def skip(state: State) -> State:
    """The state after the shown page was skipped."""
    return _onwards(state, state.answers.replace(state.release.kb, dict.fromkeys(state.shown, ())))


def _onwards(state: State, answers: Answers) -> State:
    """The next page; after the end, only what a changed answer has made necessary."""
    kb = state.release.kb
    step = next_step(kb, answers, more=state.more)
    if state.ended and not state.more and step is not None:
        # A change after the end leads back to the result, unless a question that is always asked is due now.
        step = step if any(q.stage != "adaptive" for q in step.questions) else None
    elif state.ended and state.changing:
        step = None
    trail = state.trail if state.changing or not state.page else (*state.trail, state.page)
    return replace(
        state, answers=answers, trail=trail, changing=False, ended=state.ended or step is None, issued=0
    ).at(step)


def change(state: State, code: str) -> State:
    """The page of a question, shown again to change its answer. Raises KeyError for an unknown question."""
    step = step_again(state.release.kb, state.answers, state.release.kb.by_code[code].page)
    return replace(state, changing=True).at(step)


def back(state: State) -> State:
    """The page before this one, with its answers; the first page when there is none before."""
    kb = state.release.kb
    if state.changing or not state.trail:
        return resume(replace(state, changing=False))
    *trail, page = state.trail
    return replace(state, trail=tuple(trail), changing=False).at(step_again(kb, state.answers, page))


def resume(state: State) -> State:
    """Where the interview stands, whatever page was shown."""
    if state.ended and not state.more:
        return state.at(None)
    return state.at(next_step(state.release.kb, state.answers, more=state.more))


def more(state: State) -> State:
    """The interview goes on beyond its own end, until every question was asked."""
    state = replace(state, more=True, changing=False)
    step = next_step(state.release.kb, state.answers, more=True)
    return replace(state, ended=step is None).at(step)


def can_ask_more(state: State) -> bool:
    """True when questions are left that were never asked."""
    kb = state.release.kb
    return any(not state.answers.touched(q.code) for q in kb.questions)


def emergencies(state: State) -> tuple[FlagHit, ...]:
    """The emergency red flags that fire."""
    return tuple(hit for hit in fired(state.release.kb, state.answers) if hit.tier == "emergency")


def digest(hits: Sequence[FlagHit]) -> int:
    """A number for a set of emergencies (0 for none), so that each new one interrupts once."""
    if not hits:
        return 0
    return zlib.crc32(" ".join(sorted(hit.code for hit in hits)).encode()) & 0xFFFF or 1


def must_interrupt(state: State, hits: Sequence[FlagHit]) -> bool:
    """True when there is an emergency that the runner has not been warned of."""
    return bool(hits) and digest(hits) != state.seen_emergency


def acknowledge(state: State) -> State:
    """The runner has read the warning, and goes on."""
    return replace(state, seen_emergency=digest(emergencies(state)))
