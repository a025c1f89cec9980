"""Cross-validation on the open vignettes: the model's numbers are fitted on nine tenths and measured on the
tenth left out.

    python -m tests.clinical.cross_validation [--folds 10] [--repeats 3] [--seed 1]

Fitted in each fold, on the other folds only:

* conditions: temper, group cap, what another part of the body and a red flag count, by the log loss of the
  right condition;
* causes: nine priors (kept near the shipped ones), temper, link weight, 'unlinked', by the log loss of the
  blamed causes;
* advice: the two masses, by errors (a tier too low counts five, a tier too high one).

The evidence rows and the red-flag rules are not refitted: they come from the evidence review. Standard
library only.
"""

from __future__ import annotations

import argparse
import itertools
import math
import random
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from assessment import compiler, shipped, vignettes
from assessment.engine import scoring
from assessment.engine.answers import Answers
from assessment.engine.knowledge import KnowledgeBase, tier_rank
from assessment.engine.triage import triage
from assessment.evaluation import wilson

CONDITION_GRID = tuple(
    itertools.product(
        (0.7, 0.8, 0.9, 1.0),  # condition_temper
        (8.0, 15.0, 30.0),  # group_cap
        (1.0, 2.0, 2.5, 3.0),  # REMOTE
        ((1.0, 1.0, 1.0), (2.0, 4.0, 20.0), (2.0, 6.0, 40.0)),  # FLAG_LIFT: soon, urgent, emergency
    )
)
TIER_GRID = tuple(itertools.product((0.3, 0.4, 0.5, 0.6), (0.3, 0.4, 0.5)))  # soon_mass, urgent_mass
NEAR = 2.0
"""Strength with which fitted priors of causes are held near the shipped ones (squared log odds)."""


@dataclass(frozen=True)
class Told:
    """A vignette with its answers parsed."""

    vignette: vignettes.Vignette
    answers: Answers


def open_cases(kb: KnowledgeBase) -> list[Told]:
    """The published vignettes that the project ships."""
    paths = sorted(vignettes.FOLDER.glob("published*.yaml"))
    found, mistakes = vignettes.read_files(kb, paths)
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return [Told(v, Answers.parse(kb, v.answers, strict_none=False)) for v in found]


@contextmanager
def numbers(remote: float, lift: tuple[float, float, float]) -> Iterator[None]:
    """The model with other numbers for another part of the body and for red flags."""
    old = scoring.REMOTE, scoring.FLAG_LIFT
    scoring.REMOTE = remote
    scoring.FLAG_LIFT = dict(zip(("soon", "urgent", "emergency"), lift, strict=True))
    try:
        yield
    finally:
        scoring.REMOTE, scoring.FLAG_LIFT = old


def condition_results(
    kb: KnowledgeBase, cases: Sequence[Told], setting: tuple[Any, ...]
) -> list[tuple[int, float]]:
    """(rank of the right condition, its log loss) for each case, 0 where none is expected."""
    temper, cap, remote, lift = setting
    tried = replace(kb, settings=replace(kb.settings, condition_temper=temper, group_cap=cap))
    results = []
    with numbers(remote, lift):
        for case in cases:
            expected = case.vignette.conditions
            if not expected or not case.vignette.counts:
                results.append((0, 0.0))
                continue
            scores = scoring.rate(tried, case.answers).conditions
            rank = next(n for n, s in enumerate(scores, start=1) if s.finding.slug in expected)
            chance = sum(s.probability for s in scores if s.finding.slug in expected)
            results.append((rank, -math.log(max(chance, 1e-6))))
    return results


# --- causes ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CauseCase:
    """What the causes of one case come from, before the numbers that are fitted."""

    supports: tuple[float, ...]
    """Untempered support of each cause."""
    conditions: tuple[float, ...]
    unexplained: float
    right: frozenset[int]


def cause_cases(kb: KnowledgeBase, cases: Sequence[Told]) -> list[CauseCase | None]:
    """The parts of each case that expects causes; None for the others."""
    plain = replace(kb, settings=replace(kb.settings, cause_temper=1.0))
    places = {f.slug: n for n, f in enumerate(kb.causes)}
    found: list[CauseCase | None] = []
    for case in cases:
        if not case.vignette.causes or not case.vignette.counts:
            found.append(None)
            continue
        support = scoring.supports(plain, case.answers)
        chances = {s.finding.slug: s.probability for s in scoring.rate(kb, case.answers).conditions}
        found.append(
            CauseCase(
                tuple(sum(support.get(f.slug, {}).values()) for f in kb.causes),
                tuple(chances[f.slug] for f in kb.conditions),
                1.0 - sum(chances.values()),
                frozenset(places[slug] for slug in case.vignette.causes[:2]),
            )
        )
    return found


class CauseModel:
    """The causes' part of the model with its twelve fitted numbers: nine log odds, temper, link weight,
    unlinked."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.links = [[f.links.get(c.slug, 0.0) for f in kb.conditions] for c in kb.causes]
        total = sum(f.prior for f in kb.conditions) + kb.settings.none_weight
        self.base = [f.prior / total for f in kb.conditions], kb.settings.none_weight / total
        s = kb.settings
        self.shipped = [math.log(c.prior / (1 - c.prior)) for c in kb.causes] + [
            s.cause_temper,
            s.link_weight,
            s.unlinked,
        ]

    def _link(self, place: int, chances: Sequence[float], rest: float, unlinked: float) -> float:
        return rest + sum(p * (link or unlinked) for p, link in zip(chances, self.links[place], strict=True))

    def logits(self, numbers: Sequence[float], case: CauseCase) -> list[float]:
        """Log odds of each cause."""
        *priors, temper, weight, unlinked = numbers
        return [
            prior
            + temper * case.supports[k]
            + weight
            * math.log(
                self._link(k, case.conditions, case.unexplained, unlinked)
                / self._link(k, *self.base, unlinked)
            )
            for k, prior in enumerate(priors)
        ]

    def loss(self, numbers: Sequence[float], cases: Sequence[CauseCase]) -> float:
        """Mean log loss of the blamed causes among all, with the priors held near the shipped ones."""
        total = 0.0
        for case in cases:
            weights = [math.exp(z) for z in self.logits(numbers, case)]
            total -= math.log(sum(weights[k] for k in case.right) / sum(weights))
        away = sum((a - b) ** 2 for a, b in zip(numbers[:-3], self.shipped[:-3], strict=True))
        return (total + NEAR * away) / len(cases)

    def fit(self, cases: Sequence[CauseCase], rounds: int = 6) -> list[float]:
        """Coordinate descent from the shipped numbers."""
        best = list(self.shipped)
        least = self.loss(best, cases)
        steps = [0.4] * (len(best) - 3) + [0.1, 0.1, 0.1]
        bounds = [(-6.0, 3.0)] * (len(best) - 3) + [(0.3, 1.0), (0.2, 1.2), (0.15, 1.0)]
        for _ in range(rounds):
            for k, step in enumerate(steps):
                for direction in (step, -step):
                    tried = list(best)
                    tried[k] = min(bounds[k][1], max(bounds[k][0], tried[k] + direction))
                    loss = self.loss(tried, cases)
                    if loss < least - 1e-6:
                        best, least = tried, loss
                        break
            steps = [step * 0.7 for step in steps]
        return best

    def rank(self, numbers: Sequence[float], case: CauseCase) -> int:
        """Place of the best blamed cause."""
        logits = self.logits(numbers, case)
        best = max(logits[k] for k in case.right)
        return 1 + sum(1 for k, z in enumerate(logits) if z > best and k not in case.right)


# --- advice ---------------------------------------------------------------------------------------------


def tier_results(
    kb: KnowledgeBase, cases: Sequence[Told], setting: tuple[float, float]
) -> list[tuple[bool, bool]]:
    """(too low, too high) for each case."""
    soon, urgent = setting
    tried = replace(kb, settings=replace(kb.settings, soon_mass=soon, urgent_mass=urgent))
    results = []
    for case in cases:
        rank = tier_rank(triage(tried, case.answers, scoring.rate(tried, case.answers).conditions).tier)
        ranks = [tier_rank(tier) for tier in case.vignette.tier_ok]
        results.append((case.vignette.counts and rank < min(ranks), rank > max(ranks)))
    return results


# --- the folds ------------------------------------------------------------------------------------------


def folds_of(count: int, folds: int, rng: random.Random) -> list[list[int]]:
    """The places of the cases, shuffled and dealt into folds."""
    places = list(range(count))
    rng.shuffle(places)
    return [places[n::folds] for n in range(folds)]


def cross_validate(kb: KnowledgeBase, folds: int = 10, repeats: int = 3, seed: int = 1) -> dict[str, float]:
    """The figures on the folds left out, as shares over all repeats; and how many cases each is over."""
    cases = open_cases(kb)
    by_condition = {s: condition_results(kb, cases, s) for s in CONDITION_GRID}
    by_tier = {s: tier_results(kb, cases, s) for s in TIER_GRID}
    causes, model = cause_cases(kb, cases), CauseModel(kb)
    rng = random.Random(seed)  # noqa: S311 (no secret: it deals cases into folds)
    ranks: list[int] = []
    cause_ranks: list[int] = []
    errors: list[tuple[bool, bool]] = []
    for _ in range(repeats):
        dealt = folds_of(len(cases), folds, rng)
        for left_out in dealt:
            rest = [n for fold in dealt if fold is not left_out for n in fold]
            best = min(CONDITION_GRID, key=lambda s: sum(by_condition[s][n][1] for n in rest))
            ranks += [by_condition[best][n][0] for n in left_out if by_condition[best][n][0]]
            masses = min(TIER_GRID, key=lambda s: sum(5 * by_tier[s][n][0] + by_tier[s][n][1] for n in rest))
            errors += [by_tier[masses][n] for n in left_out]
            fitted = model.fit([c for n in rest if (c := causes[n]) is not None])
            cause_ranks += [model.rank(fitted, c) for n in left_out if (c := causes[n]) is not None]
    return {
        "condition_top1": statistics.fmean(r == 1 for r in ranks),
        "condition_top3": statistics.fmean(r <= 3 for r in ranks),
        "conditions_over": len(ranks) / repeats,
        "cause_top1": statistics.fmean(r == 1 for r in cause_ranks),
        "cause_top3": statistics.fmean(r <= 3 for r in cause_ranks),
        "causes_over": len(cause_ranks) / repeats,
        "under_triage": statistics.fmean(low for low, _ in errors),
        "over_triage": statistics.fmean(high for _, high in errors),
        "advice_over": len(errors) / repeats,
    }


OVER: Mapping[str, str] = {
    "condition_top1": "conditions_over",
    "condition_top3": "conditions_over",
    "cause_top1": "causes_over",
    "cause_top3": "causes_over",
    "under_triage": "advice_over",
    "over_triage": "advice_over",
}


def main() -> None:
    """Print the figures with their intervals."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, value in (("folds", 10), ("repeats", 3), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=value)
    args = parser.parse_args()
    kb = KnowledgeBase.from_snapshot(compiler.compile_snapshot(shipped.read()))
    figures = cross_validate(kb, args.folds, args.repeats, args.seed)
    for name, over in OVER.items():
        low, high = wilson(figures[name] * figures[over], figures[over])
        sys.stdout.write(
            f"{name:16} {figures[name]:.3f}  ({low:.3f} to {high:.3f}) over {figures[over]:.0f}\n"
        )


if __name__ == "__main__":
    main()
