"""The assessment: reasons, what is shown, what must not be missed, and the words for a fit."""

from __future__ import annotations

import pytest
from hypothesis import given

from assessment.engine.answers import Answers
from assessment.engine.explain import DEADLINE_DAYS, FITS_PARTLY, FITS_WELL, LESS_LIKELY, assess
from tests.engine.test_scoring import KB, any_answers, told


def test_reasons_name_the_answers_and_their_sources_strongest_first() -> None:
    first = assess(KB, told("heel_bottom morning_first_steps numb_tingling")).conditions[0]
    assert first.finding.slug == "plantar-fasciitis"
    assert [r.question for r in first.reasons_for][:2] == ["site", "pattern"]
    assert first.reasons_for[0].text == "Where: Under the heel"
    assert first.reasons_for[0].sources
    assert [r.weight for r in first.reasons_for] == sorted(
        (r.weight for r in first.reasons_for), reverse=True
    )
    assert any(r.question == "quality" for r in first.reasons_against)


@given(any_answers())
def test_what_is_shown_is_the_best_and_never_more_than_three(answers: Answers) -> None:
    result = assess(KB, answers)
    assert len(result.shown) <= 3
    assert result.shown == result.conditions[: len(result.shown)]
    assert bool(result.shown) != result.none_fits
    assert not {s.finding.slug for s in result.must_not_miss} & {s.finding.slug for s in result.shown}
    assert result.deadline_days == DEADLINE_DAYS[result.tier]


@given(any_answers())
def test_a_longer_bar_is_never_less_probable(answers: Answers) -> None:
    for ranked in (assess(KB, answers).conditions, assess(KB, answers).causes):
        levels = [s.level for s in ranked]
        assert levels == sorted(levels, reverse=True)
        words = [(FITS_WELL, FITS_PARTLY, LESS_LIKELY).index(s.fit) for s in ranked]
        assert words == sorted(words)


def test_nothing_told_fits_nothing() -> None:
    result = assess(KB, Answers())
    assert result.none_fits
    assert result.tier == "self-care"
    assert not result.flags


def test_a_red_flag_names_what_must_not_be_missed() -> None:
    result = assess(KB, told("calf one sudden tiptoe bruise", safety_leg=["one_calf_swollen"]))
    listed = {s.finding.slug for s in (*result.shown, *result.must_not_miss)}
    assert "deep-vein-thrombosis" in listed


def test_two_that_are_near_are_called_too_close() -> None:
    assert assess(KB, told("calf one sudden cramp")).too_close
    assert not assess(KB, told("heel_bottom one morning_first_steps")).too_close


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("knee_below_cap one over_weeks pinpoint", "looked at by a professional"),
        ("hip_unsure one sharp days_4_14", "a professional"),
    ],
)
def test_advice_from_scores_says_why(words: str, part: str) -> None:
    result = assess(KB, told(words))
    assert result.tier == "soon"
    assert part in " ".join(result.tier_reasons)
