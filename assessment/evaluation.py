"""Runs vignettes through the engine and counts how often it is right.

Counting rules (those of the vignette format): top-1 and top-3 over vignettes of high or medium quality that expect any; a
cause is found in the top 3 when any of the account's first two causes is there, and at the top when the first is one
of those two. Under-triage: less urgent than every acceptable tier (high and medium quality). Over-triage: more urgent
than every one (all). Emergency sensitivity: over those of high and medium quality whose only acceptable tier is
emergency. Brier: mean over vignettes that expect a condition of (1 - probability of the expected ones)^2.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assessment.engine.answers import Answers
from assessment.engine.explain import Assessment, assess
from assessment.engine.interview import next_step
from assessment.engine.knowledge import KnowledgeBase, tier_rank
from assessment.vignettes import Vignette

MODES = ("all", "walk")

Z = 1.96
"""95% of a normal distribution lies within so many standard deviations."""


@dataclass(frozen=True)
class Case:
    """One vignette and what the engine made of it."""

    vignette: Vignette
    assessment: Assessment
    questions_asked: int
    pages: int

    def rank(self, kind: str) -> int | None:
        """1-based place of the best expected condition or cause; None when the vignette expects none."""
        v = self.vignette
        expected = v.conditions if kind == "condition" else v.causes[:2]
        if not expected or not v.counts:
            return None
        ranked = self.assessment.conditions if kind == "condition" else self.assessment.causes
        return next(i for i, s in enumerate(ranked, start=1) if s.finding.slug in expected)

    @property
    def under(self) -> bool:
        """Less urgent than every acceptable tier."""
        least = min(map(tier_rank, self.vignette.tier_ok))
        return self.vignette.counts and tier_rank(self.assessment.tier) < least

    @property
    def over(self) -> bool:
        """More urgent than every acceptable tier."""
        return tier_rank(self.assessment.tier) > max(map(tier_rank, self.vignette.tier_ok))

    def as_json(self) -> dict[str, Any]:
        """The case as the command prints it."""
        a = self.assessment
        return {
            "id": self.vignette.id,
            "tier": a.tier,
            "red_flags": [hit.code for hit in a.flags],
            "questions_asked": self.questions_asked,
            "pages": self.pages,
            "conditions": [
                {"slug": s.finding.slug, "probability": round(s.probability, 4)} for s in a.conditions
            ],
            "causes": [{"slug": s.finding.slug, "probability": round(s.probability, 4)} for s in a.causes],
            "must_not_miss": [s.finding.slug for s in a.must_not_miss],
        }


def walk(kb: KnowledgeBase, told: Answers) -> tuple[Answers, int, int]:
    """The interview with a runner who answers what `told` tells and skips the rest: (answers, questions, pages).

    A runner who is interrupted by an emergency is taken to go on, as the interrupt allows.
    """
    answers, questions, pages = Answers(), 0, 0
    while (step := next_step(kb, answers)) is not None:
        answers = answers.replace(kb, {q.code: told.get(q.code) for q in step.questions})
        questions += len(step.questions)
        pages += 1
    return answers, questions, pages


def run(kb: KnowledgeBase, vignettes: Sequence[Vignette], mode: str = "all") -> list[Case]:
    """Each vignette with what the engine makes of it, in mode `all` (everything told at once) or `walk`."""
    cases = []
    for vignette in vignettes:
        told = Answers.parse(kb, vignette.answers, strict_none=False)
        if mode == "walk":
            answers, questions, pages = walk(kb, told)
        else:
            answers, questions, pages = told, len(told.items), 0
        cases.append(Case(vignette, assess(kb, answers), questions, pages))
    return cases


def _share(hits: Sequence[bool]) -> float | None:
    """Share of true ones, rounded to four places; None when there is nothing to count."""
    return round(sum(hits) / len(hits), 4) if hits else None


def summary(cases: Sequence[Case]) -> dict[str, Any]:
    """The figures over all cases; a figure that nothing counts for is None."""
    conditions = [r for c in cases if (r := c.rank("condition")) is not None]
    causes = [r for c in cases if (r := c.rank("cause")) is not None]
    counting = [c for c in cases if c.vignette.counts]
    emergencies = [c for c in counting if set(c.vignette.tier_ok) == {"emergency"}]
    misses = [
        (1 - sum(s.probability for s in c.assessment.conditions if s.finding.slug in c.vignette.conditions))
        ** 2
        for c in counting
        if c.vignette.conditions
    ]
    return {
        "cases": len(cases),
        "condition_top1": _share([r == 1 for r in conditions]),
        "condition_top3": _share([r <= 3 for r in conditions]),
        "cause_top1": _share([r == 1 for r in causes]),
        "cause_top3": _share([r <= 3 for r in causes]),
        "tier_exact": _share([c.assessment.tier == c.vignette.tier for c in counting]),
        "under_triage": _share([c.under for c in counting]),
        "over_triage": _share([c.over for c in cases]),
        "emergency_sensitivity": _share([c.assessment.tier == "emergency" for c in emergencies]),
        "questions_median": statistics.median([c.questions_asked for c in cases]) if cases else None,
        "pages_median": statistics.median([c.pages for c in cases]) if cases else None,
        "brier": round(statistics.fmean(misses), 4) if misses else None,
    }


def wilson(hits: float, total: float) -> tuple[float, float]:
    """The 95% score interval of a share (Wilson, J Am Stat Assoc 1927), as two numbers from 0 to 1.

    Raises ValueError for a total of 0.
    """
    if total <= 0:
        raise ValueError("An interval needs at least one case.")
    share = hits / total
    middle = (share + Z * Z / (2 * total)) / (1 + Z * Z / total)
    half = Z / (1 + Z * Z / total) * math.sqrt(share * (1 - share) / total + Z * Z / (4 * total * total))
    return max(0.0, middle - half), min(1.0, middle + half)
