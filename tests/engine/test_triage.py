"""Triage: every rule on both sides of its edge, made from the rule itself; and what adding an answer may
do."""

from __future__ import annotations

from itertools import islice, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.engine.answers import Answers
from assessment.engine.explain import assess
from assessment.engine.knowledge import TIERS, Clause, Pick, RedFlag, tier_rank
from assessment.engine.triage import ENOUGH, UNCLEAR, fired, scored_tier, triage
from tests.engine.test_scoring import KB, any_answers

RULES = {flag.code: flag for flag in KB.red_flags}
SAFETY = [
    (q.code, o.code) for q in KB.questions if q.stage == "safety" for o in q.options if o.code != "none"
]


def ways(clause: Clause) -> list[tuple[Pick, ...]]:
    """Some smallest ways to satisfy a clause."""
    if clause.at_least == 1:
        return [(pick,) for pick in clause.picks]
    return [clause.picks[n : n + clause.at_least] for n in range(len(clause.picks) - clause.at_least + 1)]


def given_by(picks: tuple[Pick, ...]) -> Answers | None:
    """The answers that consist of some picks; None when the form would not take them together."""
    given_: dict[str, list[str]] = {}
    for pick in picks:
        given_.setdefault(pick.question, []).append(pick.option)
    if any(KB.by_code[code].kind == "one" and len(set(options)) > 1 for code, options in given_.items()):
        return None
    return Answers.parse(KB, given_, strict_none=False)


def firings(flag: RedFlag, most: int = 400) -> list[list[tuple[Pick, ...]]]:
    """Ways to fire a rule, one set of picks for each clause."""
    found = []
    for chosen in islice(product(*map(ways, flag.clauses)), most):
        if given_by(tuple(pick for picks in chosen for pick in picks)) is not None:
            found.append(list(chosen))
    return found


def holding(flag: RedFlag, picks: set[Pick]) -> list[bool]:
    return [sum(pick in picks for pick in clause.picks) >= clause.at_least for clause in flag.clauses]


@pytest.mark.parametrize("code", RULES)
def test_a_rule_fires_when_all_its_clauses_hold(code: str) -> None:
    flag = RULES[code]
    assert firings(flag)
    for chosen in firings(flag):
        answers = given_by(tuple(pick for picks in chosen for pick in picks))
        assert answers is not None
        hit = next(hit for hit in fired(KB, answers) if hit.code == code)
        assert (hit.tier, hit.reason, hit.conditions) == (flag.tier, flag.reason, flag.conditions)
        assert set(hit.answers) >= {pick for picks in chosen for pick in picks}
        assert tier_rank(assess(KB, answers).tier) >= tier_rank(flag.tier)


@pytest.mark.parametrize("code", RULES)
def test_a_rule_does_not_fire_when_a_clause_is_missing(code: str) -> None:
    flag = RULES[code]
    missed = set()
    for chosen in firings(flag):
        for place in range(len(chosen)):
            left = tuple(pick for n, picks in enumerate(chosen) if n != place for pick in picks)
            if holding(flag, set(left))[place]:
                continue  # an answer of another clause satisfies this one too
            missed.add(place)
            answers = given_by(left)
            assert answers is not None
            assert code not in {hit.code for hit in fired(KB, answers)}
    assert missed == set(range(len(flag.clauses))), "a clause that never decides"


@pytest.mark.parametrize("code", [c for c, f in RULES.items() if any(k.at_least > 1 for k in f.clauses)])
def test_one_answer_short_of_at_least_does_not_fire(code: str) -> None:
    flag = RULES[code]
    for chosen in firings(flag, 50):
        short = tuple(
            pick
            for clause, picks in zip(flag.clauses, chosen, strict=True)
            for pick in (picks[1:] if clause.at_least > 1 else picks)
        )
        if not all(holding(flag, set(short))):
            answers = given_by(short)
            assert answers is not None
            assert code not in {hit.code for hit in fired(KB, answers)}


@pytest.mark.parametrize("flag", KB.red_flags, ids=list(RULES))
def test_a_rule_speaks_plainly(flag: RedFlag) -> None:
    assert flag.reason[0].isupper()
    assert flag.reason.endswith(".")
    assert 20 <= len(flag.reason) <= 240
    assert "!" not in flag.reason
    assert flag.title[0].isupper()


@given(any_answers(), st.sampled_from(SAFETY))
def test_adding_a_danger_sign_never_lowers_the_advice(answers: Answers, sign: tuple[str, str]) -> None:
    code, option = sign
    more = answers.replace(KB, {code: [o for o in answers.get(code) if o != "none"] + [option]})
    assert tier_rank(assess(KB, more).tier) >= tier_rank(assess(KB, answers).tier)


@given(any_answers(), any_answers(3))
def test_adding_an_answer_never_stops_a_rule(answers: Answers, added: Answers) -> None:
    merged = {code: list(options) for code, options in answers.items}
    for code, options in added.items:
        if code not in merged:
            merged[code] = list(options)
        elif KB.by_code[code].kind == "many" and "none" not in options and "none" not in merged[code]:
            merged[code] = sorted({*merged[code], *options})
    more = Answers.parse(KB, merged)
    before, after = fired(KB, answers), fired(KB, more)
    assert {hit.code for hit in before} <= {hit.code for hit in after}
    if before:
        assert tier_rank(assess(KB, more).tier) >= max(tier_rank(hit.tier) for hit in before)


@given(any_answers())
def test_the_advice_is_the_most_urgent_of_rules_and_scores(answers: Answers) -> None:
    result = assess(KB, answers)
    urgency = triage(KB, answers, result.conditions)
    ranks = [tier_rank(hit.tier) for hit in urgency.flags] + [tier_rank(urgency.scored_tier)]
    assert tier_rank(result.tier) == max(ranks)
    assert [tier_rank(h.tier) for h in result.flags] == sorted(
        (tier_rank(h.tier) for h in result.flags), reverse=True
    )
    assert tier_rank(result.tier) == 0 or result.tier_reasons


def test_what_stays_unclear_after_several_answers_leans_to_being_seen() -> None:
    scores = [s for s in assess(KB, Answers()).conditions if s.finding.tier == TIERS[0]]
    assert max(s.probability for s in scores) < UNCLEAR
    assert scored_tier(KB, scores, ENOUGH - 1) == (TIERS[0], ())
    assert scored_tier(KB, scores, ENOUGH) == ("soon", ())


@pytest.mark.parametrize("code", ["safety_body", "safety_leg"])
def test_the_safety_check_is_done_only_when_both_questions_are_answered(code: str) -> None:
    both = {"safety_body": ["none"], "safety_leg": ["none"]}
    assert assess(KB, Answers.parse(KB, both)).safety_checked
    del both[code]
    assert not assess(KB, Answers.parse(KB, both)).safety_checked
