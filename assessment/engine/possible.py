"""What can be answered at all: the minimal sets of answers that satisfy a rule, and rules over them as numbers.

Tools of proof.py. Nothing here guesses what runners do; it lists what the questionnaire allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from .answers import NONE, Answers, holds, visible
from .knowledge import Clause, KnowledgeBase, Pick, tier_rank
from .scoring import Score, condition_weights, supports
from .triage import Triage, triage

Picks = frozenset[Pick]
MOST_TRIED = 100_000
"""So many sets of answers are tried for one rule; a rule with more is proved by its first ones and the argument."""


def chosen(picks: Iterable[Pick]) -> dict[str, tuple[str, ...]]:
    """Question -> options, sorted by code so that equal sets print alike."""
    given: dict[str, list[str]] = {}
    for pick in sorted(picks, key=lambda p: (p.question, p.option)):
        given.setdefault(pick.question, []).append(pick.option)
    return {code: tuple(options) for code, options in given.items()}


def settled(kb: KnowledgeBase, picks: Iterable[Pick]) -> Answers:
    """The picks as the engine takes them: 'none' beside others is dropped, and so are hidden questions."""
    return Answers.parse(kb, chosen(picks), strict_none=False)


def picks_of(answers: Answers) -> Picks:
    """Answers as a set of picks."""
    return frozenset(Pick(code, option) for code, options in answers.items for option in options)


def judged(kb: KnowledgeBase, answers: Answers) -> Triage:
    """The engine's triage of some answers with the conditions' probabilities, without their reasons."""
    weights = condition_weights(kb, supports(kb, answers))
    total = sum(weights.values()) + kb.settings.none_weight
    return triage(kb, answers, [Score(f, weights[f.slug] / total, 0.0, ()) for f in kb.conditions])


def fits(kb: KnowledgeBase, picks: Picks, pick: Pick) -> bool:
    """True when the form takes the pick beside the others: one answer to a radio question, 'none' alone."""
    question = kb.by_code.get(pick.question)
    if question is None or pick.option not in question.option_codes:
        return False
    beside = {p.option for p in picks if p.question == pick.question} - {pick.option}
    if not beside:
        return True
    return question.kind == "many" and pick.option != NONE and NONE not in beside


def minimal_sets(kb: KnowledgeBase, clauses: tuple[Clause, ...]) -> tuple[list[Picks], bool]:
    """Every smallest set of answers for which the clauses hold, and whether these are really all.

    Each can be given in the form: single choice, 'none' alone, and an order in which every question is visible.
    """
    found: dict[Picks, None] = {}
    for tried, picks in enumerate(_grow(kb, frozenset(), clauses)):
        if tried >= MOST_TRIED:
            return list(found), False
        if picks not in found and _no_smaller(kb, picks, clauses) and in_some_order(kb, picks):
            found[picks] = None
    return list(found), True


def _wanted(
    kb: KnowledgeBase, given: Mapping[str, tuple[str, ...]], clauses: tuple[Clause, ...]
) -> Clause | None:
    """The first clause that does not hold, of these and of those that make the answered questions visible."""
    for clause in (*clauses, *(c for code in given for c in kb.by_code[code].visible_if)):
        if not holds(clause, given):
            return clause
    return None


def _grow(kb: KnowledgeBase, picks: Picks, clauses: tuple[Clause, ...]) -> Iterator[Picks]:
    clause = _wanted(kb, chosen(picks), clauses)
    if clause is None:
        yield picks
        return
    missing = [p for p in dict.fromkeys(clause.picks) if p not in picks]
    for more in combinations(missing, max(1, clause.at_least - (len(set(clause.picks)) - len(missing)))):
        grown, fit = picks, True
        for pick in more:
            fit = fit and fits(kb, grown, pick)
            grown |= {pick}
        if fit:
            yield from _grow(kb, grown, clauses)


def _no_smaller(kb: KnowledgeBase, picks: Picks, clauses: tuple[Clause, ...]) -> bool:
    return all(_wanted(kb, chosen(picks - {pick}), clauses) is not None for pick in picks)


def in_some_order(kb: KnowledgeBase, picks: Picks) -> bool:
    """True when the questions can be asked one after the other, each of them visible by the answers before it."""
    left, given = chosen(picks), dict[str, tuple[str, ...]]()
    while ready := [code for code in left if visible(kb.by_code[code], given)]:
        given.update((code, left.pop(code)) for code in ready)
    return not left


def every_option(kb: KnowledgeBase) -> list[Pick]:
    """Every option of every question, in order."""
    return [Pick(q.code, o.code) for q in kb.questions for o in q.options]


class Bits:
    """The rules over sets of answers written as whole numbers, one bit for each option: quick enough for millions."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.bit = {pick: 1 << place for place, pick in enumerate(every_option(kb))}
        self.rules = {
            f.code: tuple((self.of(set(c.picks)), c.at_least) for c in f.clauses) for f in kb.red_flags
        }
        self.rank = {f.code: tier_rank(f.tier) for f in kb.red_flags}

    def of(self, picks: Iterable[Pick]) -> int:
        """A set of picks as a number; picks that the questionnaire does not know count for nothing."""
        return sum(self.bit.get(pick, 0) for pick in picks)

    def fires(self, rule: str, bits: int) -> bool:
        """True when every clause of the rule has enough of its picks among the answers."""
        return all((bits & mask).bit_count() >= least for mask, least in self.rules[rule])

    def fired(self, bits: int) -> list[str]:
        """The codes of the rules that fire, in the knowledge base's order."""
        return [code for code in self.rules if self.fires(code, bits)]
