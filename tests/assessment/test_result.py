"""What the result tells somebody to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from assessment import releases
from assessment.engine.answers import Answers
from assessment.engine.explain import assess
from assessment.engine.knowledge import KnowledgeBase
from assessment.result import LOADING_TIPS, plan, result
from assessment.tokens import State, encode
from tests.assessment.conftest import CALM

pytestmark = pytest.mark.django_db

STRESS = {
    **CALM,
    "site": ["shin_front"],
    "side": ["one"],
    "spot": ["pinpoint"],
    "pattern": ["builds_during", "with_walking"],
    "quality": ["sharp"],
    "provoked_by": ["pressing_bone"],
    "function": ["cannot_run"],
}


def page(given: Mapping[str, Any]) -> dict[str, Any]:
    """The context of the result page for some answers."""
    release = releases.current()
    state = State(release=release, answers=Answers.parse(release.kb, given), ended=True)
    return result(state, encode(state))


def texts(made: dict[str, Any]) -> list[str]:
    """Every line of the plan."""
    return [item["text"] for group in made["plan"] for item in group["items"]]


def test_soreness_gets_a_plan_in_order_of_time(kb: KnowledgeBase) -> None:
    made = page(CALM)
    labels = [group["label"] for group in made["plan"]]
    assert labels == [
        label for label in ("Today", "This week", "Coming back", "From now on") if label in labels
    ]
    assert len(texts(made)) >= 5
    assert made["be_seen"]
    assert "2 weeks" in made["deadline"]


@pytest.mark.parametrize("sign", ["face_arm_speech", "chest_pain_breathless"])
def test_an_emergency_plan_holds_no_home_exercise(kb: KnowledgeBase, sign: str) -> None:
    made = page({**CALM, "safety_body": [sign]})
    assert made["tier"] == "emergency"
    home = {
        line
        for f in kb.conditions
        if not f.serious and f.tier in ("self-care", "soon")
        for line in (*f.first_aid, *f.avoid)
    }
    serious = {
        line for f in kb.conditions if f.serious or f.tier in ("urgent", "emergency") for line in f.first_aid
    }
    assert not (set(texts(made)) & (home - serious))
    assert not any(item["url"] for group in made["plan"] for item in group["items"])


def test_nobody_with_a_possible_stress_fracture_is_told_to_load_the_leg(kb: KnowledgeBase) -> None:
    found = assess(kb, Answers.parse(kb, STRESS))
    assert any(s.finding.slug == "tibial-stress-fracture" for s in (*found.shown, *found.must_not_miss))
    loading = {kb.tip[slug].do for slug in LOADING_TIPS}
    assert len(loading) == len(LOADING_TIPS)
    assert not loading & {item["text"] for group in plan(kb, found) for item in group["items"]}


def test_a_danger_sign_is_the_first_reason_for_what_must_not_be_missed(kb: KnowledgeBase) -> None:
    made = page({**CALM, "safety_leg": ["one_calf_swollen"]})
    assert made["tier"] == "urgent"
    cards = {c["slug"]: c for c in (*made["must_not_miss"], *made["conditions"])}
    assert "deep-vein-thrombosis" in cards


def test_reasons_for_and_against_are_the_answers(kb: KnowledgeBase) -> None:
    first = page(CALM)["conditions"][0]
    assert any(reason.startswith("Where: ") for reason in first["reasons_for"])
    assert all(": " in reason for reason in (*first["reasons_for"], *first["reasons_against"]))


def test_nothing_answered_fits_nothing_and_reassures_nobody(kb: KnowledgeBase) -> None:
    made = page({})
    assert made["none_fits"]
    assert not made["safety_checked"]
    assert made["check_safety_url"].endswith("/change/safety_body/")
    assert made["conditions"] == []


def test_a_skipped_screen_never_reads_as_an_all_clear(kb: KnowledgeBase) -> None:
    made = page({code: options for code, options in CALM.items() if code != "safety_leg"})
    assert made["tier"] == "self-care"
    assert made["tier_heading"].startswith("If no danger sign fits")
    assert not any("Nothing that you told us" in line for line in made["tier_advice"])
    assert any("Nothing that you told us" in line for line in page(CALM)["tier_advice"])


def test_what_would_change_this_leads_to_the_question(kb: KnowledgeBase) -> None:
    few = {code: CALM[code] for code in ("safety_body", "safety_leg", "site", "onset")}
    pivots = page(few)["would_change"]
    assert 1 <= len(pivots) <= 2
    assert all("/change/" in pivot["url"] and "could" in pivot["text"] for pivot in pivots)
