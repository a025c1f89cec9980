"""What would change this: the unanswered questions whose answer could move the first place or the advice most.

For each option of each unanswered question the conditions are weighed as if it were chosen alone, and the red flags are tried:

    worth(q) = sum over options o of  P(o) * (1 if the first place moves, 2 for each tier that the advice rises)

P(o) is what the interview expects the runner to answer (assessment/engine/interview.py). This looks one answer ahead only.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .answers import Answers, holds, visible
from .knowledge import KnowledgeBase, Question, tier_rank
from .scoring import clip, condition_weights, supports, tables

TIER_WORTH = 2.0
"""A rise of the advice counts as much as so many moves of the first place."""
LEAST = 0.02
"""What is less likely than this to change anything is not worth naming."""


@dataclass(frozen=True, slots=True)
class Pivot:
    """An unanswered question that could change the result."""

    question: Question
    worth: float
    first: tuple[str, ...]
    """Conditions that would come first instead, most likely first."""
    tier: str
    """The most urgent advice that an answer could lead to; empty when none raises it."""


def what_would_change(kb: KnowledgeBase, answers: Answers, tier: str, most: int = 2) -> tuple[Pivot, ...]:
    """The `most` unanswered questions that could change the result most, best first; perhaps none.

    `tier` is the advice as it stands. The safety screen is left out: a result names it by itself when it was skipped.
    """
    given = answers.as_dict()
    weights = condition_weights(kb, supports(kb, answers))
    if not weights:
        return ()
    total = sum(weights.values()) + kb.settings.none_weight
    ranking = sorted(weights, key=weights.__getitem__, reverse=True)
    open_flags = _one_answer_away(kb, given, tier_rank(tier))
    pivots = [
        pivot
        for question in kb.questions
        if question.stage != "safety" and not answers.get(question.code) and visible(question, given)
        if (pivot := _pivot(kb, question, weights, total, ranking, open_flags)).worth >= LEAST
    ]
    return tuple(sorted(pivots, key=lambda p: -p.worth)[:most])


def _one_answer_away(
    kb: KnowledgeBase, given: Mapping[str, tuple[str, ...]], rank: int
) -> dict[tuple[str, str], str]:
    """(question, option) -> the most urgent tier that this one answer would raise the advice to."""
    found: dict[tuple[str, str], str] = {}
    for flag in kb.red_flags:
        if tier_rank(flag.tier) <= rank:
            continue
        missing = [clause for clause in flag.clauses if not holds(clause, given)]
        if len(missing) == 1 and missing[0].at_least == 1:
            for pick in missing[0].picks:
                key = (pick.question, pick.option)
                if key not in found or tier_rank(flag.tier) > tier_rank(found[key]):
                    found[key] = flag.tier
    return found


@lru_cache(maxsize=512)
def _factors(kb: KnowledgeBase, code: str) -> tuple[dict[str, float], ...]:
    """For each option of a question: condition -> what choosing it alone multiplies the condition's weight by."""
    question, logs = kb.by_code[code], tables(kb).logs.get(code, {})
    conditions = {f.slug for f in kb.conditions}
    return tuple(
        {
            slug: math.exp(kb.settings.condition_temper * clip(log, question.cap))
            for slug, log in logs.get(option.code, {}).items()
            if slug in conditions
        }
        for option in question.options
    )


def _pivot(
    kb: KnowledgeBase,
    question: Question,
    weights: Mapping[str, float],
    total: float,
    ranking: Sequence[str],
    open_flags: Mapping[tuple[str, str], str],
) -> Pivot:
    chances, moves, tiers = [], [], []
    for option, factors in zip(question.options, _factors(kb, question.code), strict=True):
        # What the option is expected to be chosen, given what the answers say so far.
        mean = 1.0 + sum(weights[slug] * (factor - 1.0) for slug, factor in factors.items()) / total
        chances.append(option.base * mean)
        # The best of those that the option speaks about, against the best of those that it leaves alone.
        first = next((slug for slug in ranking if slug not in factors), "")
        best = weights.get(first, 0.0)
        for slug, factor in factors.items():
            if weights[slug] * factor > best:
                first, best = slug, weights[slug] * factor
        moves.append(first if first != ranking[0] else "")
        tiers.append(open_flags.get((question.code, option.code), ""))
    scale = sum(chances) if question.kind == "one" else 1.0
    worth = 0.0
    firsts: dict[str, float] = {}
    for chance, first, tier in zip(chances, moves, tiers, strict=True):
        share = min(1.0, chance / scale)
        if first:
            firsts[first] = firsts.get(first, 0.0) + share
            worth += share
        if tier:
            worth += share * TIER_WORTH * tier_rank(tier)
    return Pivot(
        question=question,
        worth=worth,
        first=tuple(sorted(firsts, key=firsts.__getitem__, reverse=True)[:2]),
        tier=max(filter(None, tiers), key=tier_rank, default=""),
    )
