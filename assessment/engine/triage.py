"""Triage: how urgent. Rules over answers come first and rule; scores may raise the tier, never lower it.

tier = the most urgent of  (every red flag that fires)  and  (what the conditions' probabilities ask for)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .answers import NONE, Answers
from .knowledge import TIERS, KnowledgeBase, Pick, RedFlag, most_urgent, tier_rank
from .scoring import Score, condition_weights, firing, supports

UNCLEAR = 0.45
"""Below this probability of the first condition the answers fit nothing well enough to be left to self-care
..."""
ENOUGH = 4
"""... once this many questions are answered: what stays unclear leans to being seen (our choice, evidence
part 6)."""


@dataclass(frozen=True, slots=True)
class FlagHit:
    """A red flag that fired, and the answers that fired it."""

    code: str
    title: str
    tier: str
    reason: str
    sources: tuple[str, ...]
    conditions: tuple[str, ...]
    answers: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class Triage:
    """The advice tier and why."""

    tier: str
    flags: tuple[FlagHit, ...]
    """Most urgent first."""
    scored_tier: str
    """What the scores alone ask for."""
    scored_for: tuple[str, ...]
    """Conditions that ask for `scored_tier`, most probable first."""
    safety_checked: bool
    """False when a question of the safety screen is unanswered."""


def fired(kb: KnowledgeBase, answers: Answers) -> tuple[FlagHit, ...]:
    """The red flags that fire, most urgent first, in the knowledge base's order within a tier."""
    hits = [
        FlagHit(f.code, f.title, f.tier, f.reason, f.sources, f.conditions, _answered(f, answers))
        for f in firing(kb, answers)
    ]
    return tuple(sorted(hits, key=lambda hit: -tier_rank(hit.tier)))


def _answered(flag: RedFlag, answers: Answers) -> tuple[Pick, ...]:
    picks = dict.fromkeys(pick for clause in flag.clauses for pick in clause.picks)
    given = answers.as_dict()
    return tuple(pick for pick in picks if pick.option in given.get(pick.question, ()))


def scored_tier(kb: KnowledgeBase, conditions: Iterable[Score], answered: int) -> tuple[str, tuple[str, ...]]:
    """The tier that the conditions ask for, and which of them do; `answered` is how many questions have an
    answer.

    A tier is asked for when the conditions whose usual tier is at least as urgent hold together as much
    probability as the release's threshold for it (`soon_mass`, `urgent_mass`, `emergency_mass`): the point
    at which missing them would cost more than seeing the others for nothing. When no condition stands out
    from several answers, that is a reason to be seen too.
    """
    everything = tuple(conditions)
    scores = [s for s in everything if s.finding.tier != TIERS[0]]
    masses = {
        "emergency": kb.settings.emergency_mass,
        "urgent": kb.settings.urgent_mass,
        "soon": kb.settings.soon_mass,
    }
    for tier, mass in masses.items():
        asking = [s for s in scores if tier_rank(s.finding.tier) >= tier_rank(tier)]
        if sum(s.probability for s in asking) >= mass:
            return tier, tuple(s.finding.slug for s in asking if s.probability >= 0.05)
    if answered >= ENOUGH and max((s.probability for s in everything), default=1.0) < UNCLEAR:
        return "soon", ()
    return TIERS[0], ()


def triage(kb: KnowledgeBase, answers: Answers, conditions: Iterable[Score]) -> Triage:
    """The advice tier for some answers, given the scored conditions.

    The scores' own tier is taken from the answers outside the safety screen: what is ticked there speaks
    through its rules alone, so that a danger sign can never make another explanation likelier and thereby
    calm the advice.
    """
    flags = fired(kb, answers)
    safety = [q.code for q in kb.questions if q.stage == "safety"]
    beside = answers.without(safety)
    if any(option != NONE for code in safety for option in answers.get(code)):
        conditions = _scores(kb, beside)
    by_score, asking = scored_tier(kb, conditions, len(beside.items))
    return Triage(
        tier=most_urgent([by_score, *(hit.tier for hit in flags)]),
        flags=flags,
        scored_tier=by_score,
        scored_for=asking,
        safety_checked=all(answers.get(code) for code in safety),
    )


def _scores(kb: KnowledgeBase, answers: Answers) -> list[Score]:
    """The conditions' probabilities for some answers, most probable first, without their reasons."""
    weights = condition_weights(kb, supports(kb, answers))
    total = sum(weights.values()) + kb.settings.none_weight
    scores = [Score(f, weights[f.slug] / total, 0.0, ()) for f in kb.conditions]
    return sorted(scores, key=lambda s: -s.probability)
