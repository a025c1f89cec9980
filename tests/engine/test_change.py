"""What would change this: the questions that it names really can change the result."""

from __future__ import annotations

import pytest

from assessment.engine.answers import Answers
from assessment.engine.change import what_would_change
from assessment.engine.explain import assess
from assessment.engine.knowledge import KnowledgeBase, tier_rank

STORIES = [
    {"site": ["shin_inner"], "side": "one", "onset": "over_weeks", "pattern": ["builds_during"]},
    {"site": ["calf"], "side": "one", "onset": "during_run", "quality": ["ache"]},
    {"site": ["knee_front"], "onset": "over_weeks", "provoked_by": ["stairs_down"]},
    {"site": ["foot_top"], "side": "one", "duration": "weeks_2_6"},
    {},
]


@pytest.mark.parametrize("story", STORIES)
def test_a_named_question_can_change_the_first_place_or_the_advice(kb: KnowledgeBase, story: dict) -> None:
    answers = Answers.parse(kb, {"safety_body": ["none"], "safety_leg": ["none"], **story})
    before = assess(kb, answers)
    first = before.conditions[0].finding.slug
    for pivot in what_would_change(kb, answers, before.tier):
        assert not answers.get(pivot.question.code)
        after = [
            assess(kb, answers.replace(kb, {pivot.question.code: [o.code]})) for o in pivot.question.options
        ]
        firsts = {a.conditions[0].finding.slug for a in after}
        tiers = {a.tier for a in after}
        assert set(pivot.first) <= firsts - {first}
        if pivot.tier:
            assert max(map(tier_rank, tiers)) >= tier_rank(pivot.tier) > tier_rank(before.tier)
        assert pivot.first or pivot.tier


def test_the_safety_screen_is_not_among_them(kb: KnowledgeBase) -> None:
    answers = Answers.parse(kb, {"site": ["calf"]})
    assert all(p.question.stage != "safety" for p in what_would_change(kb, answers, "self-care", most=40))


def test_nothing_is_named_when_everything_is_answered(kb: KnowledgeBase) -> None:
    told = {q.code: [q.options[-1].code] for q in kb.questions}
    answers = Answers.parse(kb, told)
    assert what_would_change(kb, answers, assess(kb, answers).tier) == ()
