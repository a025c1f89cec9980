"""What the result page shows, made from an assessment: plain values, so that templates hold no logic."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse

from assessment import walk
from assessment.advice import ADVICE, UNCHECKED
from assessment.engine.change import Pivot, what_would_change
from assessment.engine.explain import Assessment, Reason, Scored, assess
from assessment.engine.knowledge import Finding, KnowledgeBase
from assessment.engine.triage import FlagHit
from assessment.steps import answer_groups, notices
from assessment.tokens import State

PHASES = (
    ("today", "Today"),
    ("this week", "This week"),
    ("coming back", "Coming back"),
    ("always", "From now on"),
)
MAX_TIPS = 8
LOADING_TIPS = frozenset(
    {"use-the-pain-rule", "load-a-sore-tendon", "return-with-walk-run", "build-up-gradually", "get-stronger"}
)
"""Tips that have the runner load the leg. They wait while a bone stress fracture or the like is possible (evidence review, 5.1)."""
CAUSES_OF_PLAN = 3
"""The tips of so many causes join the plan, when the answers speak for the cause."""


def result(state: State, token: str) -> dict[str, Any]:
    """The context of the result page for a state; `token` is its own address."""
    kb = state.release.kb
    found = assess(kb, state.answers)
    advice = ADVICE[found.tier] if found.safety_checked or found.tier != "self-care" else UNCHECKED
    here = {"token": token}
    concerned = _concerned(kb, found)
    return {
        "tier": found.tier,
        "tier_label": advice.label,
        "tier_heading": advice.heading,
        "tier_advice": [line.format(number=settings.EMERGENCY_NUMBER) for line in advice.lines],
        "tier_reasons": list(found.tier_reasons),
        "deadline": advice.deadline,
        "safety_checked": found.safety_checked,
        "check_safety_url": _unchecked(state, token),
        "conditions": [card(s) for s in found.shown],
        "must_not_miss": [card(s, found.flags) for s in found.must_not_miss],
        "causes": [card(s) for s in found.causes],
        "none_fits": found.none_fits,
        "too_close": found.too_close,
        "plan": plan(kb, found),
        "avoid": _few(line for f in concerned for line in f.avoid),
        "be_seen": _few(line for f in concerned for line in f.be_seen),
        "recovery": [
            {"title": s.finding.title, "text": s.finding.recovery}
            for s in found.shown
            if s.finding.recovery and found.tier != "emergency"
        ],
        "would_change": [
            _pivot(kb, pivot, found.tier, token) for pivot in what_would_change(kb, state.answers, found.tier)
        ],
        "answers": answer_groups(state, token),
        "release": {"number": state.release.number, "date": state.release.published_at},
        "notices": notices(state),
        "more_url": reverse("assessment_more", kwargs=here) if walk.can_ask_more(state) else "",
        "review_url": reverse("assessment_review", kwargs=here),
        "restart_url": reverse("assessment"),
        "share_url": reverse("assessment_result", kwargs=here),
    }


def card(scored: Scored, flags: Iterable[FlagHit] = ()) -> dict[str, Any]:
    """One finding as the page shows it. `flags` that name it are the first reason for it."""
    f = scored.finding
    flagged = [hit.reason for hit in flags if f.slug in hit.conditions]
    return {
        "slug": f.slug,
        "title": f.title,
        "url": reverse(f.kind, args=[f.slug]),
        "summary": f.summary,
        "fit": scored.fit,
        "level": scored.level,
        "tier": f.tier,
        "tier_label": ADVICE[f.tier].heading if f.kind == "condition" else "",
        "reasons_for": flagged + _texts(scored.reasons_for),
        "reasons_against": _texts(scored.reasons_against),
    }


def _pivot(kb: KnowledgeBase, pivot: Pivot, tier: str, token: str) -> dict[str, str]:
    """An unanswered question that could change the result, as a sentence and the address where it is answered."""
    names = [kb.finding[slug].title for slug in pivot.first]
    could = [f"put {' or '.join(names)} first"] if names else []
    if pivot.tier:
        could.append("make it more urgent")
    return {
        "question": pivot.question.text,
        "text": f"Your answer could {' or '.join(could)}.",
        "url": reverse("assessment_change", kwargs={"token": token, "code": pivot.question.code}),
    }


def _texts(reasons: Iterable[Reason]) -> list[str]:
    return [reason.text for reason in reasons]


def _few(lines: Iterable[str], most: int = 6) -> list[str]:
    """The first different ones."""
    return list(dict.fromkeys(lines))[:most]


def _unchecked(state: State, token: str) -> str:
    """The way back to the first unanswered question of the safety screen; empty when all are answered."""
    for question in state.release.kb.questions:
        if question.stage == "safety" and not state.answers.get(question.code):
            return reverse("assessment_change", kwargs={"token": token, "code": question.code})
    return ""


def _concerned(kb: KnowledgeBase, found: Assessment) -> list[Finding]:
    """The conditions whose first aid, 'avoid' and 'be seen' are printed: what fits best, then what must not be missed.

    In an emergency only what is an emergency itself speaks, so that nothing sounds weaker than 'get help now'. When the advice
    is urgent, what a red flag names comes first, and a condition that is usually looked after at home is left
    out: its exercises are not for somebody who should be seen today.
    """
    flagged = [kb.finding[slug] for hit in found.flags for slug in hit.conditions if hit.tier == found.tier]
    fitting = [s.finding for s in found.shown[:2]]
    missed = [s.finding for s in found.must_not_miss]
    if found.tier == "emergency":
        wanted = [f for f in (*flagged, *fitting, *missed) if f.tier == "emergency"]
    elif found.tier == "urgent":
        wanted = [
            *flagged,
            *(f for f in (*fitting, *missed) if f.serious or f.tier in ("emergency", "urgent")),
        ]
    else:
        wanted = [*fitting, *missed]
    return list({f.slug: f for f in wanted}.values())


def plan(kb: KnowledgeBase, found: Assessment) -> list[dict[str, Any]]:
    """What to do now, as groups in order of time: [{"label", "items": [{"text", "url"}]}].

    In an emergency there is nothing to do at home but what the red flags' own conditions say; when it is urgent, training
    tips wait until the runner has been seen.
    """
    lines: dict[str, list[dict[str, str]]] = {phase: [] for phase, _ in PHASES}
    concerned = _concerned(kb, found)
    if found.tier in ("emergency", "urgent"):
        aid = [line for f in concerned[:3] for line in f.first_aid]
        lines["today"] = [{"text": line, "url": ""} for line in _few(aid, 6)]
        if found.tier == "urgent":
            lines["today"] += [_tip(kb, "get-checked")] if "get-checked" in kb.tip else []
    else:
        aid = [line for f in concerned[:1] for line in f.first_aid]
        lines["today"] = [{"text": line, "url": ""} for line in _few(aid, 5)]
        for slug in _tips(kb, found):
            phase = kb.tip[slug].phase
            lines[phase if phase in lines else "always"].append(_tip(kb, slug))
    return [{"label": label, "items": lines[phase]} for phase, label in PHASES if lines[phase]]


def _tips(kb: KnowledgeBase, found: Assessment) -> list[str]:
    """The tips that fit, most useful first: those of the best conditions, then of the causes that fit."""
    likely = [s for s in found.causes[:CAUSES_OF_PLAN] if s.level >= 2 and s.reasons_for]
    slugs = [slug for s in found.shown[:2] for slug in s.finding.tips]
    slugs += [slug for s in likely for slug in s.finding.tips]
    if found.tier == "soon":
        slugs.insert(0, "get-checked")
    if any(s.finding.serious for s in (*found.shown, *found.must_not_miss)):
        slugs = [slug for slug in slugs if slug not in LOADING_TIPS]
    return [slug for slug in dict.fromkeys(slugs) if slug in kb.tip][:MAX_TIPS]


def _tip(kb: KnowledgeBase, slug: str) -> dict[str, str]:
    return {"text": kb.tip[slug].do, "url": reverse("tip", args=[slug])}
