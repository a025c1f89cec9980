"""The assessment: everything that a result says, with its reasons, from the same numbers as the scores."""

from __future__ import annotations

from dataclasses import dataclass, field

from .answers import Answers
from .knowledge import Finding, KnowledgeBase, tier_rank
from .scoring import Contribution, Rating, Score, rate
from .triage import FlagHit, triage

FITS_WELL, FITS_PARTLY, LESS_LIKELY = "fits well", "fits partly", "less likely"

_SILENT = 0.05
"""Contributions smaller than this (natural log) are not worth a line."""


@dataclass(frozen=True, slots=True)
class Reason:
    """An answer that spoke for or against a finding."""

    question: str
    options: tuple[str, ...]
    text: str
    """'Where: inner edge of the shin bone'."""
    weight: float
    """Size of what it added, natural log of the likelihood ratio, always positive."""
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """A cause or a condition with its probability, its fit in words and the reasons for and against."""

    finding: Finding
    probability: float
    fit: str
    level: int
    """0 to 4: the bar's length in quarters."""
    rating: Rating = field(repr=False, compare=False)
    """What the reasons are made from."""

    @property
    def reasons_for(self) -> tuple[Reason, ...]:
        """The answers that spoke for it, strongest first; made when asked for, as most findings are never
        read."""
        return _reasons(self.rating, self.finding.slug, 1.0)

    @property
    def reasons_against(self) -> tuple[Reason, ...]:
        """The answers that spoke against it, strongest first."""
        return _reasons(self.rating, self.finding.slug, -1.0)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the answers come to."""

    tier: str
    tier_reasons: tuple[str, ...]
    safety_checked: bool
    flags: tuple[FlagHit, ...]
    conditions: tuple[Scored, ...]
    """All, most probable first."""
    causes: tuple[Scored, ...]
    """All, most probable first."""
    shown: tuple[Scored, ...]
    """The conditions to show, at most three; empty when none fits."""
    must_not_miss: tuple[Scored, ...]
    """Serious conditions that are not shown but raised by the numbers or by a red flag."""
    none_fits: bool
    too_close: bool
    deadline_days: int
    """Be seen if it is not clearly better after so many days (0: be seen by the tier itself)."""


DEADLINE_DAYS = {"self-care": 14, "soon": 14, "urgent": 2, "emergency": 0}
"""Days until being seen if no better; two weeks for self-care as in evidence part 0.4."""


def assess(kb: KnowledgeBase, answers: Answers) -> Assessment:
    """Score, triage and explain some answers."""
    rating = rate(kb, answers)
    urgency = triage(kb, answers, rating.conditions)
    scored_conditions = tuple(_scored(rating, s, _fit(s.probability, 0.45, 0.12)) for s in rating.conditions)
    scored_causes = tuple(_scored(rating, s, _fit(s.probability, 0.6, 0.3)) for s in rating.causes)
    none_fits = not answers.items or _none_fits(kb, scored_conditions)
    shown = () if none_fits else _shown(scored_conditions)
    flagged = {slug for hit in urgency.flags for slug in hit.conditions}
    return Assessment(
        tier=urgency.tier,
        tier_reasons=_tier_reasons(kb, urgency.flags, urgency.scored_tier, urgency.scored_for, urgency.tier),
        safety_checked=urgency.safety_checked,
        flags=urgency.flags,
        conditions=scored_conditions,
        causes=scored_causes,
        shown=shown,
        must_not_miss=_must_not_miss(kb, scored_conditions, shown, flagged),
        none_fits=none_fits,
        too_close=len(shown) > 1 and shown[0].probability < shown[1].probability * kb.settings.close_ratio,
        deadline_days=DEADLINE_DAYS[urgency.tier],
    )


def _none_fits(kb: KnowledgeBase, conditions: tuple[Scored, ...]) -> bool:
    """True when 'none of these' outweighs the best condition."""
    none = 1.0 - sum(c.probability for c in conditions)
    return conditions[0].probability < none


def _shown(conditions: tuple[Scored, ...]) -> tuple[Scored, ...]:
    """The best three, without those that are far behind the first."""
    first = conditions[0].probability
    return tuple(c for c in conditions[:3] if c.probability >= max(0.03, first / 20))


def _must_not_miss(
    kb: KnowledgeBase, conditions: tuple[Scored, ...], shown: tuple[Scored, ...], flagged: set[str]
) -> tuple[Scored, ...]:
    """Serious conditions not shown: named by a red flag, or above 1% and three times their prior (decision
    5)."""
    total = sum(f.prior for f in kb.conditions) + kb.settings.none_weight
    already = {c.finding.slug for c in shown}
    listed = [
        c
        for c in conditions
        if c.finding.slug not in already
        and (
            c.finding.slug in flagged
            or (
                c.finding.serious
                and c.probability > kb.settings.must_not_miss_min
                and c.probability >= kb.settings.must_not_miss_rise * c.finding.prior / total
            )
        )
    ]
    return tuple(sorted(listed, key=lambda c: (c.finding.slug not in flagged, -c.probability)))


def _fit(probability: float, well: float, partly: float) -> tuple[str, int]:
    """Words and bar length for a probability; runners never see the number."""
    if probability >= well:
        return FITS_WELL, 4 if probability >= (1 + well) / 2 else 3
    if probability >= partly:
        return FITS_PARTLY, 2
    return LESS_LIKELY, 1 if probability >= partly / 3 else 0


def _scored(rating: Rating, s: Score, fit: tuple[str, int]) -> Scored:
    return Scored(finding=s.finding, probability=s.probability, fit=fit[0], level=fit[1], rating=rating)


def _reasons(rating: Rating, slug: str, sign: float) -> tuple[Reason, ...]:
    found = [c for c in rating.contributions(slug) if c.weight * sign > _SILENT]
    return tuple(_reason(rating.kb, c) for c in sorted(found, key=lambda c: -abs(c.weight)))


def _reason(kb: KnowledgeBase, c: Contribution) -> Reason:
    question = kb.by_code[c.question]
    chosen = ", ".join(question.by_code[option].text for option in c.options)
    label = question.short or question.text
    return Reason(c.question, c.options, f"{label}: {chosen}", abs(c.weight), c.sources)


def _tier_reasons(
    kb: KnowledgeBase, flags: tuple[FlagHit, ...], by_score: str, asking: tuple[str, ...], tier: str
) -> tuple[str, ...]:
    """Plain sentences: the flags that set the tier first, then what the scores say, if they ask for as
    much."""
    reasons = [hit.reason for hit in flags if hit.tier == tier]
    reasons += [hit.reason for hit in flags if hit.tier != tier]
    if tier_rank(by_score) and by_score == tier and asking:
        names = [kb.finding[slug].title for slug in asking[:3]]
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
        reasons.append(f"Your answers fit {listed}, which should be looked at by a professional.")
    if not reasons and tier_rank(tier):
        reasons.append(
            "Your answers fit nothing clearly enough to leave it to self-care, so let a professional look."
        )
    return tuple(dict.fromkeys(reasons))
