"""The interview: safety first, nothing twice, always an end, and `more` asks everything."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.engine.answers import Answers, visible
from assessment.engine.interview import Step, expected_gains, next_step, step_again
from assessment.engine.knowledge import Clause, KnowledgeBase, Pick
from tests.engine.test_scoring import KB, any_answers


def walk(kb: KnowledgeBase, told: Answers, *, more: bool = False) -> tuple[Answers, list[Step]]:
    """The steps that a runner sees who answers what `told` holds and leaves the rest blank."""
    answers, steps = Answers(), []
    while (step := next_step(kb, answers, more=more)) is not None:
        steps.append(step)
        assert len(steps) <= len(kb.questions), "no end"
        answers = answers.replace(kb, {q.code: told.get(q.code) for q in step.questions})
    return answers, steps


@given(any_answers(20), st.booleans())
def test_a_walk_asks_nothing_twice_ends_and_puts_safety_first(told: Answers, more: bool) -> None:
    _, steps = walk(KB, told, more=more)
    asked = [q.code for step in steps for q in step.questions]
    assert len(asked) == len(set(asked))
    assert all(step.questions for step in steps)
    stages = [KB.by_code[code].stage for code in asked]
    assert stages[:2] == ["safety", "safety"]
    assert "safety" not in stages[2:]


@given(any_answers(20))
def test_core_is_always_asked_and_the_walk_is_not_much_longer_than_allowed(told: Answers) -> None:
    _, steps = walk(KB, told)
    asked = {q.code for step in steps for q in step.questions}
    assert {q.code for q in KB.questions if q.stage == "core"} <= asked
    last = max(len(step.questions) for step in steps)
    assert len(asked) <= KB.settings.max_questions + last


@given(any_answers(8))
def test_more_asks_everything(told: Answers) -> None:
    _, steps = walk(KB, told, more=True)
    assert {q.code for step in steps for q in step.questions} == {q.code for q in KB.questions}


def test_more_goes_on_from_where_the_interview_stopped() -> None:
    told = Answers.parse(KB, {"safety_body": ["none"], "safety_leg": ["none"], "site": ["calf"]})
    answers, _ = walk(KB, told)
    assert next_step(KB, answers) is None
    step = next_step(KB, answers, more=True)
    assert step is not None
    assert not any(answers.touched(q.code) for q in step.questions)


def test_it_stops_when_nothing_more_pays() -> None:
    told = Answers.parse(KB, {"site": ["heel_bottom"], "pattern": ["morning_first_steps"]})
    answers, steps = walk(KB, told)
    left = [q for q in KB.questions if not answers.touched(q.code)]
    assert left
    assert sum(len(step.questions) for step in steps) < KB.settings.max_questions
    assert max(expected_gains(KB, answers, left).values()) < KB.settings.stop_gain


def test_a_hidden_question_is_never_asked() -> None:
    rule = (Clause((Pick("site", "heel_bottom"),)),)
    questions = tuple(replace(q, visible_if=rule) if q.code in {"spot", "sex"} else q for q in KB.questions)
    kb = replace(KB, questions=questions)
    for told, expected in (({"site": ["calf"]}, set()), ({"site": ["heel_bottom"]}, {"spot", "sex"})):
        answers, steps = walk(kb, Answers.parse(kb, told), more=True)
        asked = {q.code for step in steps for q in step.questions}
        assert asked & {"spot", "sex"} == expected
        assert all(visible(kb.by_code[code], answers.as_dict()) for code in asked)


@given(any_answers(10))
def test_what_a_question_is_expected_to_tell_is_never_negative(answers: Answers) -> None:
    gains = expected_gains(KB, answers, list(KB.questions))
    assert set(gains) == {q.code for q in KB.questions}
    assert all(gain >= 0.0 for gain in gains.values())


def test_a_question_is_worth_more_when_a_rule_needs_it() -> None:
    story = {"safety_body": ["none"], "safety_leg": ["none"], "site": ["achilles"], "side": "one"}
    answers = Answers.parse(KB, story)
    without = replace(KB, red_flags=tuple(f for f in KB.red_flags if f.code != "antibiotic-tendon"))
    question = KB.by_code["medicines"]
    assert (
        expected_gains(KB, answers, [question])["medicines"]
        > expected_gains(without, answers, [question])["medicines"]
    )


def test_one_answer_away_from_an_emergency_it_is_asked() -> None:
    story = {
        "safety_body": ["none"],
        "safety_leg": ["none"],
        "site": ["calf"],
        "side": "both",
        "duration": "today",
        "quality": ["cramp"],
        "this_run": ["race"],
        "fluid_signs": ["long_over_hour", "dizzy", "stomach_upset"],
        "drinking": "a_lot_water",
    }
    answers, _ = walk(KB, Answers.parse(KB, story))
    assert answers.get("drinking") == ("a_lot_water",)


def test_going_back_shows_what_was_shown() -> None:
    told = Answers.parse(KB, {"safety_body": ["none"], "safety_leg": ["none"], "site": ["shin_inner"]})
    answers, steps = walk(KB, told)
    shown: dict[str, set[str]] = {}
    for step in steps:
        shown.setdefault(step.page, set()).update(q.code for q in step.questions)
    for page, codes in shown.items():
        assert {q.code for q in step_again(KB, answers, page).questions} == codes
    with pytest.raises(KeyError):
        step_again(KB, answers, "no-such-page")
