"""The engine on real published cases and on composed ones: safety without exception, accuracy above a floor.

The floors lie a little below what docs/how-scoring-works.md reports. A change that falls below one has made
the assessment worse; the thing to look at is then the change, not the floor.
"""

from __future__ import annotations

import pytest

from assessment import evaluation, vignettes
from assessment.engine.knowledge import KnowledgeBase
from assessment.evaluation import Case
from tests.clinical.cross_validation import cross_validate
from tests.engine.test_scoring import KB

OPEN = "published*.yaml"
COMPOSED = "composed*.yaml"


def run(kb: KnowledgeBase, pattern: str, mode: str) -> list[Case]:
    found, mistakes = vignettes.read_files(kb, sorted(vignettes.FOLDER.glob(pattern)))
    assert not mistakes
    return evaluation.run(kb, found, mode)


@pytest.fixture(scope="module")
def cases() -> dict[tuple[str, str], list[Case]]:
    return {(p, m): run(KB, p, m) for p in (OPEN, COMPOSED) for m in evaluation.MODES}


@pytest.mark.parametrize("mode", evaluation.MODES)
def test_open_cases_safety(cases: dict[tuple[str, str], list[Case]], mode: str) -> None:
    figures = evaluation.summary(cases[OPEN, mode])
    assert [c.vignette.id for c in cases[OPEN, mode] if c.under] == []
    assert figures["emergency_sensitivity"] == 1.0
    assert figures["over_triage"] <= 0.06


@pytest.mark.parametrize(
    ("mode", "floors"),
    [
        ("all", {"condition_top1": 0.74, "condition_top3": 0.94, "cause_top1": 0.66, "cause_top3": 0.92}),
        ("walk", {"condition_top1": 0.71, "condition_top3": 0.92, "cause_top1": 0.60, "cause_top3": 0.92}),
    ],
)
def test_open_cases_accuracy(
    cases: dict[tuple[str, str], list[Case]], mode: str, floors: dict[str, float]
) -> None:
    figures = evaluation.summary(cases[OPEN, mode])
    assert {name: figures[name] for name, floor in floors.items() if figures[name] < floor} == {}


def test_the_interview_is_short_and_loses_little(cases: dict[tuple[str, str], list[Case]]) -> None:
    told, asked = cases[OPEN, "all"], cases[OPEN, "walk"]
    all_, walk = evaluation.summary(told), evaluation.summary(asked)
    assert walk["questions_median"] <= 18
    assert walk["pages_median"] <= 12
    assert all_["condition_top3"] - walk["condition_top3"] <= 0.03
    same = [a.assessment.tier == b.assessment.tier for a, b in zip(told, asked, strict=True)]
    assert sum(same) / len(same) >= 0.97


def test_composed_cases(cases: dict[tuple[str, str], list[Case]]) -> None:
    composed = cases[COMPOSED, "all"]
    figures = evaluation.summary(composed)
    assert [c.vignette.id for c in composed if c.under] == []
    assert [c.vignette.id for c in composed if c.over] == []
    assert figures["emergency_sensitivity"] == 1.0
    assert figures["condition_top1"] >= 0.90
    assert figures["condition_top3"] >= 0.97
    assert figures["cause_top3"] >= 0.97


def test_the_interview_finds_the_composed_emergencies(cases: dict[tuple[str, str], list[Case]]) -> None:
    assert evaluation.summary(cases[COMPOSED, "walk"])["emergency_sensitivity"] == 1.0


def test_every_condition_comes_first_in_some_composed_case(cases: dict[tuple[str, str], list[Case]]) -> None:
    first = {c.assessment.conditions[0].finding.slug for c in cases[COMPOSED, "all"]}
    first |= {c.assessment.conditions[0].finding.slug for c in cases[OPEN, "all"]}
    assert {f.slug for f in KB.conditions} - first <= {"low-energy-availability"}
    causes = {c.assessment.causes[0].finding.slug for c in cases[COMPOSED, "all"]}
    assert causes == {f.slug for f in KB.causes}


@pytest.mark.parametrize("pattern", [OPEN, COMPOSED])
def test_nobody_labelled_self_care_is_sent_to_an_emergency_department(
    cases: dict[tuple[str, str], list[Case]], pattern: str
) -> None:
    assert [
        c.vignette.id
        for mode in evaluation.MODES
        for c in cases[pattern, mode]
        if c.vignette.tier == "self-care" and c.assessment.tier == "emergency"
    ] == []


CALM = [
    {"site": ["thigh_front"], "side": "both", "onset": "after_run", "pattern": ["peaks_day_after"]},
    {
        "site": ["whole_leg"],
        "side": "both",
        "onset": "after_run",
        "this_run": ["longer"],
        "duration": "days_1_3",
    },
    {
        "site": ["calf"],
        "quality": ["cramp"],
        "severity": "severe",
        "onset": "during_run",
        "this_run": ["race"],
    },
    {
        "site": ["knee_front"],
        "onset": "over_weeks",
        "provoked_by": ["stairs_down"],
        "function": "run_with_pain",
    },
    {"site": ["shin_inner"], "side": "both", "load_change": "over_10", "severity": "mild", "spot": "line"},
    {"site": ["heel_bottom"], "pattern": ["morning_first_steps"], "duration": "days_4_14", "side": "one"},
    {"site": ["calf"], "side": "both", "quality": ["tight"], "load_change": "doubled", "severity": "mild"},
    {"site": ["whole_leg"], "side": "both", "quality": ["heavy"], "rest_days": "none"},
    {"site": ["knee_outer"], "pattern": ["same_point_every_run", "only_running"], "side": "one"},
]


@pytest.mark.parametrize(
    "story", CALM, ids=[" ".join(map(str, s["site"])) + f" {n}" for n, s in enumerate(CALM)]
)
def test_ordinary_soreness_stays_self_care(story: dict[str, object]) -> None:
    answers = {"safety_body": ["none"], "safety_leg": ["none"], **story}
    vignette, wrong = vignettes.parse(KB, {"id": "calm", "answers": answers, "expect": {"tier": "self-care"}})
    assert vignette is not None, wrong
    for mode in evaluation.MODES:
        (case,) = evaluation.run(KB, [vignette], mode)
        assert case.assessment.tier == "self-care", case.assessment.tier_reasons


@pytest.mark.slow
def test_what_is_fitted_holds_on_cases_left_out() -> None:
    figures = cross_validate(KB, repeats=1)
    assert figures["condition_top1"] >= 0.74
    assert figures["condition_top3"] >= 0.93
    assert figures["cause_top1"] >= 0.64
    assert figures["cause_top3"] >= 0.92
    assert figures["under_triage"] == 0.0
