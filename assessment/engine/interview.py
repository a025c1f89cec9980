"""The interview: which page of questions comes next, and when to stop.

Safety pages come first, then every page that holds an unasked core question, then the page whose questions
are expected to tell most. What a question tells is its mutual information (natural log, Lindley, Ann Math
Stat 1956) with the conditions and with the causes, plus what it may do to the advice:

    gain(q) = I(q; condition) + CAUSE_SHARE * sum over causes of I(q; cause)
              + sum over options o of P(o) * worth of the gravest red flag within reach of o

    P(o | f) is proportional to base(o) * ratio(f, o): how often runners choose it, times what it says for f.

The answers to a `many` question are taken as one yes-or-no each, and only the best few of them count, since
they overlap. A question that was asked or left blank is never asked again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter, mul

from .answers import Answers, holds, visible
from .knowledge import Clause, KnowledgeBase, Pick, Question, RedFlag, tier_rank
from .scoring import cause_probabilities, clip, condition_weights, firing, supports, tables

CAUSE_SHARE = 1.0
"""How much knowing a cause is worth, next to knowing the condition."""
FLAG_WORTH = 5.0
"""What a red flag that fires is worth (nats) for each tier that it raises the advice."""
GRAVE_SHARE = 0.3
"""The least share of its worth that a flag keeps which one answer would fire and which raises the advice by
two tiers."""
NEGLIGIBLE = 0.002
"""Conditions less probable than this do not take part in planning."""
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
    asked = len(given.keys() | answers.skipped)
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
    """A page that was shown before, with the questions that were asked on it. Raises KeyError for an unknown
    page."""
    given = answers.as_dict()
    shown = tuple(
        q for q in kb.pages[page] if visible(q, given) and (q.stage != "adaptive" or answers.touched(q.code))
    )
    return Step(page, shown or tuple(q for q in kb.pages[page] if visible(q, given)))


def _due(question: Question, answers: Answers, given: Mapping[str, tuple[str, ...]]) -> bool:
    return question.code not in given and question.code not in answers.skipped and visible(question, given)


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
    """A question compiled for planning. Rows are options; columns are conditions and, last, 'none of
    these'."""

    likelihood: tuple[tuple[float, ...], ...]
    """P(option | condition): for `one` the rows of a column sum to 1; for `many` each stands for itself."""
    certain: tuple[tuple[float, ...], ...]
    """What entropy remains of the row once the condition is known (`one`: one row for the whole question)."""
    causes: tuple[tuple[int, tuple[tuple[float, float, float, float], ...]], ...]
    """(Place of the cause, its options) where an option says something about it: P(option | cause),
    P(option | no cause), and the entropies of the two."""


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

    def column(finding: str, temper: float) -> list[float]:
        ratios = [
            math.exp(temper * clip(logs.get(o.code, {}).get(finding, 0.0), question.cap))
            for o in question.options
        ]
        if question.kind == "one":
            raw = [o.base * ratio for o, ratio in zip(question.options, ratios, strict=True)]
            return [value / sum(raw) for value in raw]
        # An odds ratio keeps a yes-or-no answer between 0 and 1.
        return [
            (odds := o.base / (1 - o.base) * ratio) / (1 + odds)
            for o, ratio in zip(question.options, ratios, strict=True)
        ]

    without = column("", 0.0)
    columns = [column(f.slug, kb.settings.condition_temper) for f in kb.conditions] + [without]
    likelihood = tuple(zip(*columns, strict=True))
    entropy = _entropy if question.kind == "one" else _binary_entropy
    if question.kind == "one":
        certain: tuple[tuple[float, ...], ...] = (tuple(sum(map(_entropy, values)) for values in columns),)
    else:
        certain = tuple(tuple(map(_binary_entropy, row)) for row in likelihood)
    causes = []
    for place, cause in enumerate(kb.causes):
        pairs = zip(column(cause.slug, kb.settings.cause_temper), without, strict=True)
        told = tuple((p, q, entropy(p), entropy(q)) for p, q in pairs if p != q)
        if told:
            causes.append((place, told))
    return _Plan(likelihood, certain, tuple(causes))


def expected_gains(kb: KnowledgeBase, answers: Answers, questions: list[Question]) -> dict[str, float]:
    """Question code -> what asking it is expected to bring (nats, 0 or more); see the module's formula."""
    support = supports(kb, answers)
    weights = condition_weights(kb, support)
    total = sum(weights.values()) + kb.settings.none_weight
    conditions = {slug: weight / total for slug, weight in weights.items()}
    causes = cause_probabilities(kb, support, conditions)
    cause_chances = [causes[f.slug] for f in kb.causes]
    reach = _flags_within_reach(kb, answers, conditions)
    # What is all but ruled out is left aside: it has next to nothing to tell, and most of the columns are of
    # that kind.
    chances = [conditions[f.slug] for f in kb.conditions] + [kb.settings.none_weight / total]
    kept = [place for place, chance in enumerate(chances) if chance >= NEGLIGIBLE]
    if len(kept) < 2:
        kept = list(range(len(chances)))
    columns = itemgetter(*kept)
    share = columns(chances)
    whole = sum(share)
    share = tuple(chance / whole for chance in share)
    gains = {}
    for question in questions:
        plan = _plan(kb, question.code)
        marginals = [sum(map(mul, columns(row), share)) for row in plan.likelihood]
        known = [sum(map(mul, columns(row), share)) for row in plan.certain]
        gain = _told(question, marginals, known)
        gain += CAUSE_SHARE * _about_causes(question, plan, cause_chances)
        worths = reach.get(question.code, {})
        if worths:
            gain += sum(worths.get(o.code, 0.0) * marginals[i] for i, o in enumerate(question.options))
        gains[question.code] = max(0.0, gain)
    return gains


def _told(question: Question, marginals: list[float], known: list[float]) -> float:
    """Mutual information from the options' chances and from the entropy that is left when the condition is
    known."""
    if question.kind == "one":
        return sum(map(_entropy, marginals)) - known[0]
    each = [_binary_entropy(marginal) - rest for marginal, rest in zip(marginals, known, strict=True)]
    return sum(sorted(each, reverse=True)[:BEST_OPTIONS])


def _about_causes(question: Question, plan: _Plan, chances: list[float]) -> float:
    """Information about the causes, summed: each is a yes or no of its own."""
    entropy, total = (_entropy if question.kind == "one" else _binary_entropy), 0.0
    for place, told in plan.causes:
        chance = chances[place]
        rest = 1.0 - chance
        each = [entropy(chance * p + rest * q) - chance * hp - rest * hq for p, q, hp, hq in told]
        total += (
            sum(each)
            if question.kind == "one" or len(each) <= BEST_OPTIONS
            else sum(sorted(each)[-BEST_OPTIONS:])
        )
    return total


def _flags_within_reach(
    kb: KnowledgeBase, answers: Answers, conditions: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """Question -> option -> worth of the red flags that lack this option, and perhaps one other answer, to
    fire.

    Only flags above the advice so far count. One that lacks two answers is worth less by the chance of the
    other.
    """
    given = answers.as_dict()
    asked = {code for code, _ in answers.items} | answers.skipped
    current = max((tier_rank(flag.tier) for flag in firing(kb, answers)), default=0)
    worth: dict[str, dict[str, float]] = {}
    for flag in kb.red_flags:
        rise = tier_rank(flag.tier) - current
        missing = _missing(flag, given, asked) if rise > 0 else []
        if not missing:
            continue
        reach = [[pick for pick in clause.picks if pick.question not in asked] for clause in missing]
        chances = [_chance(kb, picks) for picks in reach]
        if not all(chances):
            continue
        value = _flag_worth(flag, rise, len(missing) == 1, conditions)
        for place, picks in enumerate(reach):
            rest = value if len(reach) == 1 else value * chances[1 - place]
            for pick in picks:
                options = worth.setdefault(pick.question, {})
                options[pick.option] = max(options.get(pick.option, 0.0), rest)
    return worth


def _missing(flag: RedFlag, given: Mapping[str, tuple[str, ...]], asked: AbstractSet[str]) -> list[Clause]:
    """The clauses that do not hold; none at all when the flag is out of reach: more than two are missing, one needs
    several answers, or all that one looks for was asked already."""
    missing: list[Clause] = []
    for clause in flag.clauses:
        if not holds(clause, given):
            if len(missing) == 2 or clause.at_least > 1:
                return []
            if all(pick.question in asked for pick in clause.picks):
                return []
            missing.append(clause)
    return missing


def _chance(kb: KnowledgeBase, picks: list[Pick]) -> float:
    """How likely it is that one of these answers is given, were they asked."""
    return min(1.0, sum(kb.by_code[pick.question].by_code[pick.option].base for pick in picks))


def _flag_worth(flag: RedFlag, rise: int, alone: bool, conditions: Mapping[str, float]) -> float:
    """Less for a flag whose conditions the answers have all but ruled out, unless it is grave and one answer
    away."""
    value = FLAG_WORTH * rise
    if not flag.conditions:
        return value
    chance = sum(conditions.get(slug, 0.0) for slug in flag.conditions)
    return value * min(1.0, max(chance / 0.01, GRAVE_SHARE if alone and rise > 1 else 0.0))
