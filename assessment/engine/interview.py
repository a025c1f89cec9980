"""The interview: which page of questions comes next, and when to stop.

Safety pages come first, then every page that holds an unasked core question, then the page whose questions are
expected to tell most. What a question tells is its mutual information (natural log, Lindley, Ann Math Stat 1956)
with the conditions and with the causes, plus what it may do to the advice:

    gain(q) = I(q; condition) + CAUSE_SHARE * sum over causes of I(q; cause) + sum over red flags within reach of P(fires) * FLAG_WORTH

    P(o | f) is proportional to base(o) * ratio(f, o): how often runners choose the option, times what it says for the finding.

The answers to a `many` question are taken as one yes-or-no each, and only the best few of them count, since they
overlap. A question that was asked or left blank is never asked again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import mul

from .answers import Answers, holds, visible
from .knowledge import KnowledgeBase, Question, RedFlag, tier_rank
from .scoring import cause_probabilities, clip, condition_weights, supports, tables
from .triage import fired

CAUSE_SHARE = 1.0
"""How much knowing a cause is worth, next to knowing the condition."""
FLAG_WORTH = 5.0
"""What a red flag that fires is worth (nats) for each tier that it raises the advice."""
BEST_OPTIONS = 3
"""How many options of a `many` question count."""


@dataclass(frozen=True, slots=True)
class Step:
    """A page to show: its code and the questions on it."""

    page: str
    questions: tuple[Question, ...]


def next_step(kb: KnowledgeBase, answers: Answers, *, more: bool = False) -> Step | None:
    """The page to show next; None when more questions would not change what the runner is told.

    With `more`, the interview goes on until every question was asked ('answer more').
    """
    given = answers.as_dict()
    for stage in ("safety", "core"):
        for page, questions in kb.pages.items():
            if any(_due(q, answers, given) and q.stage == stage for q in questions):
                return Step(page, _worth_showing(kb, answers, questions))
    asked = sum(1 for q in kb.questions if answers.touched(q.code))
    if not more and asked >= kb.settings.max_questions:
        return None
    left = {
        page: tuple(q for q in questions if _due(q, answers, given)) for page, questions in kb.pages.items()
    }
    gains = expected_gains(kb, answers, [q for questions in left.values() for q in questions])
    best, best_gain = None, -1.0
    for page, questions in left.items():
        if questions:
            gain = max(gains[q.code] for q in questions)
            if gain > best_gain:
                best, best_gain = page, gain
    if best is None or (not more and best_gain < kb.settings.stop_gain):
        return None
    if more:
        return Step(best, left[best])
    return Step(best, tuple(q for q in left[best] if gains[q.code] >= kb.settings.stop_gain))


def step_again(kb: KnowledgeBase, answers: Answers, page: str) -> Step:
    """A page that was shown before, with the questions that were asked on it. Raises KeyError for an unknown page."""
    given = answers.as_dict()
    shown = tuple(
        q for q in kb.pages[page] if visible(q, given) and (q.stage != "adaptive" or answers.touched(q.code))
    )
    return Step(page, shown or tuple(q for q in kb.pages[page] if visible(q, given)))


def _due(question: Question, answers: Answers, given: Mapping[str, tuple[str, ...]]) -> bool:
    return not answers.touched(question.code) and visible(question, given)


def _worth_showing(
    kb: KnowledgeBase, answers: Answers, questions: tuple[Question, ...]
) -> tuple[Question, ...]:
    """The safety and core questions of a page that are due, and the adaptive ones that pay by themselves."""
    given = answers.as_dict()
    due = [q for q in questions if _due(q, answers, given)]
    adaptive = [q for q in due if q.stage == "adaptive"]
    gains = expected_gains(kb, answers, adaptive) if adaptive else {}
    return tuple(q for q in due if q.stage != "adaptive" or gains[q.code] >= kb.settings.companion_gain)


# --- what a question is expected to tell ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Plan:
    """A question compiled for planning. Rows are options; columns are conditions and, last, 'none of these'."""

    likelihood: tuple[tuple[float, ...], ...]
    """P(option | condition): for `one` the rows of a column sum to 1; for `many` each stands for itself."""
    certain: tuple[tuple[float, ...], ...]
    """What entropy remains of the row once the condition is known (`one`: one row for the whole question)."""
    causes: tuple[tuple[tuple[float, float], ...], ...]
    """Option -> cause -> (P(option | cause), P(option | no cause))."""


def _entropy(p: float) -> float:
    """-p ln p, in nats."""
    return -p * math.log(p) if p > 0.0 else 0.0


def _binary_entropy(p: float) -> float:
    return _entropy(p) + _entropy(1.0 - p)


@lru_cache(maxsize=512)
def _plan(kb: KnowledgeBase, code: str) -> _Plan:
    """The planning table of one question; made once for each release."""
    question = kb.by_code[code]
    logs = tables(kb).logs.get(code, {})
    conditions, causes = [f.slug for f in kb.conditions], [f.slug for f in kb.causes]

    def ratio(option: str, finding: str, temper: float) -> float:
        return math.exp(temper * clip(logs.get(option, {}).get(finding, 0.0), question.cap))

    def column(finding: str, temper: float) -> list[float]:
        raw = [o.base * ratio(o.code, finding, temper) for o in question.options]
        if question.kind == "one":
            total = sum(raw)
            return [value / total for value in raw]
        # An odds ratio keeps a yes-or-no answer between 0 and 1.
        return [
            (odds := o.base / (1 - o.base) * ratio(o.code, finding, temper)) / (1 + odds)
            for o in question.options
        ]

    by_condition = [column(slug, kb.settings.condition_temper) for slug in conditions] + [column("", 0.0)]
    by_cause = [column(slug, kb.settings.cause_temper) for slug in causes]
    without = column("", 0.0)
    likelihood = tuple(zip(*by_condition, strict=True))
    certain: tuple[tuple[float, ...], ...]
    if question.kind == "one":
        certain = (tuple(math.fsum(map(_entropy, values)) for values in by_condition),)
    else:
        certain = tuple(tuple(map(_binary_entropy, row)) for row in likelihood)
    cause_rows = tuple(
        tuple((values[i], without[i]) for values in by_cause) for i in range(len(question.options))
    )
    return _Plan(likelihood, certain, cause_rows)


def expected_gains(kb: KnowledgeBase, answers: Answers, questions: list[Question]) -> dict[str, float]:
    """Question code -> what asking it is expected to bring (nats, 0 or more); see the module's formula."""
    support = supports(kb, answers)
    weights = condition_weights(kb, support)
    total = sum(weights.values()) + kb.settings.none_weight
    conditions = {slug: weight / total for slug, weight in weights.items()}
    chances = [conditions[f.slug] for f in kb.conditions] + [kb.settings.none_weight / total]
    causes = cause_probabilities(kb, support, conditions)
    cause_chances = [causes[f.slug] for f in kb.causes]
    reach = _flags_within_reach(kb, answers, conditions)
    gains = {}
    for question in questions:
        plan = _plan(kb, question.code)
        marginals = [sum(map(mul, row, chances)) for row in plan.likelihood]
        gain = _about_conditions(question, plan, marginals, chances)
        gain += CAUSE_SHARE * _about_causes(question, plan, cause_chances)
        worths = reach.get(question.code, {})
        gain += sum(worths.get(o.code, 0.0) * marginals[i] for i, o in enumerate(question.options))
        gains[question.code] = max(0.0, gain)
    return gains


def _about_conditions(question: Question, plan: _Plan, marginals: list[float], chances: list[float]) -> float:
    if question.kind == "one":
        return math.fsum(map(_entropy, marginals)) - math.fsum(map(mul, plan.certain[0], chances))
    each = [
        _binary_entropy(marginal) - math.fsum(map(mul, row, chances))
        for marginal, row in zip(marginals, plan.certain, strict=True)
    ]
    return math.fsum(sorted(each, reverse=True)[:BEST_OPTIONS])


def _about_causes(question: Question, plan: _Plan, chances: list[float]) -> float:
    """Information about the causes, summed: each is a yes or no of its own."""
    total = 0.0
    for k, chance in enumerate(chances):
        each = []
        for row in plan.causes:
            with_it, without = row[k]
            if with_it == without:
                continue
            marginal = chance * with_it + (1 - chance) * without
            if question.kind == "one":
                each.append(
                    _entropy(marginal) - chance * _entropy(with_it) - (1 - chance) * _entropy(without)
                )
            else:
                known = chance * _binary_entropy(with_it) + (1 - chance) * _binary_entropy(without)
                each.append(_binary_entropy(marginal) - known)
        total += sum(each) if question.kind == "one" else sum(sorted(each, reverse=True)[:BEST_OPTIONS])
    return total


def _flags_within_reach(
    kb: KnowledgeBase, answers: Answers, conditions: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """Question -> option -> worth of the red flags that this option alone would fire, above the advice so far."""
    given = answers.as_dict()
    hits = fired(kb, answers)
    current = max((tier_rank(hit.tier) for hit in hits), default=0)
    worth: dict[str, dict[str, float]] = {}
    for flag in kb.red_flags:
        rise = tier_rank(flag.tier) - current
        if rise <= 0:
            continue
        missing = [clause for clause in flag.clauses if not holds(clause, given)]
        if len(missing) != 1 or missing[0].at_least > 1:
            continue
        for pick in missing[0].picks:
            if not answers.touched(pick.question):
                options = worth.setdefault(pick.question, {})
                options[pick.option] = max(
                    options.get(pick.option, 0.0), rise * _flag_worth(flag, conditions)
                )
    return worth


def _flag_worth(flag: RedFlag, conditions: Mapping[str, float]) -> float:
    """Less for a flag whose conditions the answers have all but ruled out."""
    if not flag.conditions:
        return FLAG_WORTH
    chance = sum(conditions.get(slug, 0.0) for slug in flag.conditions)
    return FLAG_WORTH * min(1.0, chance / 0.01)
