"""Attempts: walks by stubborn and scattered answerers, and the answers that bring a finding to the first place.

Tools of proof.py. No chance: the same attempts are made each time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from .answers import NONE, Answers
from .interview import next_step
from .knowledge import Finding, KnowledgeBase, Pick, Question
from .possible import Picks, chosen, every_option, fits, in_some_order, minimal_sets, picks_of, settled
from .scoring import ANY, score

Answerer = Callable[[Question], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk through the interview."""

    answers: Answers
    shown: frozenset[str]
    fault: str
    """Why the walk is not one that always ends; empty when it ended as it should."""


def walk(kb: KnowledgeBase, choose: Answerer, *, more: bool) -> Walk:
    """Ask what the interview asks, until it ends or a step brings nothing new."""
    answers, shown = Answers(), frozenset[str]()
    while (step := next_step(kb, answers, more=more)) is not None:
        before = {q.code for q in kb.questions if answers.touched(q.code)}
        if all(q.code in before for q in step.questions):
            return Walk(answers, shown, f"page {step.page} is shown and holds no question that is still open")
        answers = answers.replace(kb, {q.code: choose(q) for q in step.questions})
        shown |= {q.code for q in step.questions}
        lost = sorted(code for code in before if not answers.touched(code))
        if lost:
            return Walk(answers, shown, f"page {step.page} opens {', '.join(lost)} again")
    return Walk(answers, shown, "")


def follow(picks: Picks) -> Answerer:
    """Answers with the picks, and leaves the rest blank."""
    given = chosen(picks)
    return lambda question: given.get(question.code, ())


def stubborn() -> dict[str, Answerer]:
    """Answerers that go to the edge: all blank, first, last, everything, always or never 'none', the likeliest."""

    def all_of(q: Question) -> tuple[str, ...]:
        if q.kind == "one":
            return (q.options[-1].code,)
        return tuple(o.code for o in q.options if o.code != NONE)

    return {
        "leaves all blank": lambda q: (),
        "takes the first": lambda q: (q.options[0].code,),
        "takes the last": lambda q: (q.options[-1].code,),
        "ticks everything": all_of,
        "says none or nothing": lambda q: (NONE,) if NONE in q.option_codes else (),
        "takes the likeliest": lambda q: (max(q.options, key=lambda o: o.base).code,),
        "takes the rarest": lambda q: (min(q.options, key=lambda o: o.base).code,),
    }


def scattered(seed: int) -> Answerer:
    """Answers that look random and are the same each time: a linear congruential generator (Knuth's MMIX)."""
    state = seed

    def roll(sides: int) -> int:
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % sides

    def choose(question: Question) -> tuple[str, ...]:
        if roll(4) == 0:
            return ()
        first = question.options[roll(len(question.options))].code
        if question.kind == "one" or first == NONE:
            return (first,)
        return tuple(o.code for o in question.options if o.code == first or (o.code != NONE and not roll(3)))

    return choose


# --- the answers that speak most for a finding ------------------------------------------------------------


SWEEPS = 6
"""So many times every answer is tried in place of another, before a finding is said never to come first."""


@dataclass(frozen=True, slots=True)
class Lead:
    """The best answers found for a finding."""

    finding: Finding
    answers: Answers
    first: bool
    """True when the finding comes first with them, and a condition also before 'none of these'."""
    path: tuple[Answers, ...]
    """The same answers, and those that say still more for it, one question after the other."""


def lead(kb: KnowledgeBase, finding: Finding) -> Lead:
    """Add what speaks most for the finding until it comes first; if that does not do, climb from there."""
    picks = Picks()
    path: list[Answers] = []
    best: tuple[float, Answers] | None = None
    for _, more in _speakers(kb, finding):
        grown = picks | more
        if not all(fits(kb, grown, pick) for pick in grown) or not in_some_order(kb, grown):
            continue
        picks = grown
        path.append(settled(kb, picks))
        if best is None or best[0] < 0.0:
            best = max(best or (-math.inf, path[-1]), (margin(kb, finding, path[-1]), path[-1]), key=_size)
    if best is None:
        best = (margin(kb, finding, Answers()), Answers())
    if best[0] < 0.0:
        best = _climb(kb, finding, best)
    if best[0] >= 0.0:
        best = _trim(kb, finding, best)
    return Lead(finding, best[1], best[0] >= 0.0, tuple(path))


def _trim(kb: KnowledgeBase, finding: Finding, best: tuple[float, Answers]) -> tuple[float, Answers]:
    """Leave out what is not needed, so that the witness is short; one answer stays."""
    for pick in sorted(picks_of(best[1]), key=lambda p: (p.question, p.option)):
        less = picks_of(best[1]) - {pick}
        if less and in_some_order(kb, less) and (ahead := margin(kb, finding, settled(kb, less))) >= 0.0:
            best = ahead, settled(kb, less)
    return best


def _size(scored: tuple[float, Answers]) -> float:
    return scored[0]


def margin(kb: KnowledgeBase, finding: Finding, answers: Answers) -> float:
    """How far the finding is ahead of the next one (natural log); negative when it does not come first."""
    conditions, causes = score(kb, answers)
    ranked = conditions if finding.kind == "condition" else causes
    mine = next(s.probability for s in ranked if s.finding.slug == finding.slug)
    others = [s.probability for s in ranked if s.finding.slug != finding.slug]
    if finding.kind == "condition":
        others.append(1.0 - sum(s.probability for s in conditions))
    ahead = math.log(max(mine, 1e-300)) - math.log(max(*others, 1e-300))
    # A tie goes to the one that stands first.
    return ahead if ahead or ranked[0].finding.slug == finding.slug else -1e-9


def _speakers(kb: KnowledgeBase, finding: Finding) -> list[tuple[float, Picks]]:
    """For each question that can speak for the finding, (how much, the choice that says most); strongest first."""
    logs = {Pick(e.question, e.option): e.log_ratio for e in kb.evidence if e.finding == finding.slug}
    found = []
    for question in kb.questions:
        fallback = logs.get(Pick(question.code, ANY), 0.0)
        values = {o.code: logs.get(Pick(question.code, o.code), fallback) for o in question.options}
        best = max(values, key=values.__getitem__)
        take = {best}
        if question.kind == "many" and question.combine == "sum" and best != NONE:
            take = {code for code, value in values.items() if value > 0.0 and code != NONE}
        total = min(sum(values[code] for code in take), math.log(question.cap))
        if total > 0.0:
            sets, _ = minimal_sets(kb, question.visible_if)
            for needed in sets[:1]:
                found.append((total, needed | {Pick(question.code, code) for code in take}))
    return sorted(found, key=lambda pair: -pair[0])


def _climb(kb: KnowledgeBase, finding: Finding, start: tuple[float, Answers]) -> tuple[float, Answers]:
    """Try each option in place of what was answered, and beside it; keep what helps; stop when nothing does."""
    best = start
    for _ in range(SWEEPS):
        before = best[0]
        for pick in every_option(kb):
            own = picks_of(best[1])
            rest = frozenset(p for p in own if p.question != pick.question)
            for tried in (own - {pick}, rest | {pick}, own | {pick}):
                if tried == own or not all(fits(kb, tried, p) for p in tried) or not in_some_order(kb, tried):
                    continue
                answers = settled(kb, tried)
                best = max(best, (margin(kb, finding, answers), answers), key=_size)
            if best[0] >= 0.0:
                return best
        if best[0] <= before:
            break
    return best
