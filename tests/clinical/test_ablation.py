"""The two developer commands, on a handful of vignettes: their tables are sane and nothing stays changed."""

from __future__ import annotations

import random

import pytest

from assessment import compiler, evaluation, shipped
from assessment.engine import interview, scoring, triage
from assessment.engine.interview import next_step
from assessment.engine.knowledge import KnowledgeBase
from assessment.vignettes import Vignette
from tests.benchmarks import engine as bench
from tests.clinical import ablation

SNAPSHOT = compiler.compile_snapshot(shipped.read())
KB = KnowledgeBase.from_snapshot(SNAPSHOT)


@pytest.fixture(scope="module")
def handful() -> list[Vignette]:
    """Two emergencies and four others, of the published ones."""
    found = [v for v in ablation.read_cases(KB, ablation.SETS["open"]) if v.counts and v.conditions]
    grave = [v for v in found if set(v.tier_ok) == {"emergency"}]
    return [*grave[:2], *[v for v in found if v not in grave][:4]]


def by_name(rows: list[ablation.Row]) -> dict[str, ablation.Row]:
    return {row.name: row for row in rows}


def test_every_ablation_runs_and_puts_back_what_it_changed(handful: list[Vignette]) -> None:
    def constants() -> list[object]:
        return [
            scoring.REMOTE,
            scoring.FLAG_LIFT,
            triage.UNCLEAR,
            interview.FLAG_WORTH,
            interview.CAUSE_SHARE,
        ]

    before = constants()
    for ablations, asked in ((ablation.ALL_TOLD, False), (ablation.INTERVIEW, True)):
        rows = ablation.measure(KB, ablations, handful)
        lines = ablation.table(rows, asked=asked).splitlines()
        assert len(lines) == len(ablations) + 2
        assert len({line.count("|") for line in lines}) == 1
    assert constants() == before


def test_without_red_flags_an_emergency_is_missed(handful: list[Vignette]) -> None:
    rows = by_name(ablation.measure(KB, ablation.ALL_TOLD, handful))
    assert rows["everything"].figures["emergencies"] == "2 of 2"
    assert rows["everything"].figures["too_low"] == 0
    assert rows["red flags (advice from scores only)"].figures["emergencies"] != "2 of 2"
    assert rows["scores in the advice (red flags only)"].figures["emergencies"] == "2 of 2"


def test_each_ablation_changes_what_it_names(handful: list[Vignette]) -> None:
    def chances(found: ablation.Ablation) -> list[float]:
        return [
            s.probability
            for case in found.run(KB, handful)
            for s in (*case.assessment.conditions, *case.assessment.causes)
        ]

    everything = chances(ablation.ALL_TOLD[0])
    advice_only = {"scores in the advice (red flags only)", "'unclear' asks for a visit", "group cap"}
    for found in ablation.ALL_TOLD[1:]:
        if found.name not in advice_only:
            assert chances(found) != everything, found.name


def test_interview_rows_ask_what_they_say(handful: list[Vignette]) -> None:
    rows = by_name(ablation.measure(KB, ablation.INTERVIEW, handful))
    asked = {name: row.figures["questions_median"] for name, row in rows.items()}
    shipped_ = asked["the interview as it is"]
    assert asked["adaptive questions (safety and core only)"] < shipped_
    assert asked["choice (as many, in a fixed order)"] == shipped_
    assert asked["stopping (everything asked)"] > shipped_
    told = evaluation.run(KB, handful)
    for case, all_told in zip(ablation.INTERVIEW[-1].run(KB, handful), told, strict=True):
        assert case.assessment.tier == all_told.assessment.tier


def test_benchmark_tables() -> None:
    found = bench.measure(KB, SNAPSHOT, count=1, rounds=1)
    assert {point for _, point in found} == set(bench.POINTS)
    assert all(0 < t.least <= t.median <= t.p95 for t in found.values())
    assert len(bench.timing_table(found).splitlines()) == len(found) + 2
    assert bench.verdict(found).count("0.5 ms") == 3
    rows = bench.growth(KB, count=1, rounds=1, times=2)
    assert len(bench.growth_table(rows).splitlines()) == len(rows) + 2


def test_grown_knowledge_is_whole() -> None:
    grown = bench.grow(KB, questions=3, findings=2)
    assert len(grown.questions) == 3 * len(KB.questions)
    assert len(grown.conditions) == 2 * len(KB.conditions)
    assert len(grown.evidence) == 6 * len(KB.evidence)
    answers = bench.points(KB, bench.cases(KB, 1)[0], random.Random(1))["100%"]  # noqa: S311
    said = bench.repeated(grown, answers, 3)
    assert len(said.items) == 3 * len(answers.items)
    assert len(said.skipped) == 3 * len(answers.skipped)
    assert next_step(grown, answers) is not None
    own, copy = (
        next(s.probability for s in scoring.rate(grown, answers).conditions if s.finding.slug == slug)
        for slug in (KB.conditions[0].slug, f"{KB.conditions[0].slug}~1")
    )
    assert own == pytest.approx(copy, rel=0.01) or own > copy  # a rule lifts the original only


def test_profile_names_the_engine() -> None:
    answers = bench.cases(KB, 1)
    assert "`scoring.supports`" in bench.profile(bench.calls(KB)["assess"], answers, rounds=2, most=40)
