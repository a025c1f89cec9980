"""The proof: what ships passes each check, and a knowledge base with a fault fails it with a counterexample."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import yaml
from django.core.management import CommandError, call_command

from assessment import compiler, releases, shipped
from assessment.engine.answers import Answers
from assessment.engine.attempts import lead, scattered, stubborn, walk
from assessment.engine.knowledge import Clause, Evidence, KnowledgeBase, Option, Pick, Question, RedFlag
from assessment.engine.possible import Bits, judged, minimal_sets, settled
from assessment.engine.proof import evidence_alive, findings_first, prove, reachable
from assessment.engine.proof_parts import CONTRACT, Check, Ground
from assessment.engine.triage import fired
from assessment.vignettes import FOLDER, parse, read_files

SAFETY_TIERS = {
    "emergency": "chest_pain_breathless collapse_confusion very_hot_unwell overdrank_unwell dark_urine "
    "face_arm_speech tense_severe deformity cold_pale_foot saddle_bladder",
    "urgent": "fever_unwell one_calf_swollen cannot_bear_weight pop_gap leg_weakness_new hot_red_joint "
    "spreading_red_skin groin_pain_hop",
    "soon": "weight_loss_cancer night_pain_constant",
}
"""`safety_tiers` of the questionnaire's contract."""
NAMES = (
    *("questions-reachable", "walk-ends", "rules-fire", "rules-apart", "floor-emergency", "floor-urgent"),
    *("floor-soon", "safety-screen", "safety-raises", "findings-first", "evidence-alive"),
)


@pytest.fixture(scope="module")
def real() -> KnowledgeBase:
    return KnowledgeBase.from_snapshot(compiler.compile_snapshot(shipped.read()))


@pytest.fixture(scope="module")
def verdicts(real: KnowledgeBase) -> dict[str, Check]:
    vignettes, _ = read_files(real, sorted(FOLDER.glob("*.yaml")))
    cases = {v.id: Answers.parse(real, v.answers, strict_none=False) for v in vignettes}
    return {check.name: check for check in prove(real, cases)}


@pytest.mark.parametrize("name", NAMES)
def test_what_ships_passes(verdicts: dict[str, Check], name: str) -> None:
    check = verdicts[name]
    assert check.ok, [story.as_vignette() for story in check.failures]


def test_every_check_says_what_it_proves_and_how(verdicts: dict[str, Check]) -> None:
    assert tuple(verdicts) == NAMES
    assert all(check.proves and check.how for check in verdicts.values())


def test_each_finding_has_a_witness_that_holds(real: KnowledgeBase, verdicts: dict[str, Check]) -> None:
    witnesses = verdicts["findings-first"].witnesses
    assert len(witnesses) == len(real.conditions) + len(real.causes)
    assert all(story.answers for story in witnesses)
    assert all(parse(real, story.as_vignette())[1] == [] for story in witnesses)


@pytest.mark.parametrize(
    ("code", "tier"), [(code, tier) for tier, codes in SAFETY_TIERS.items() for code in codes.split()]
)
def test_a_danger_sign_alone_gives_its_tier(real: KnowledgeBase, code: str, tier: str) -> None:
    (question,) = [q.code for q in real.questions if q.stage == "safety" and code in q.option_codes]
    assert CONTRACT[f"{question}={code}"] == tier
    ranks = {hit.tier for hit in fired(real, settled(real, [Pick(question, code)]))}
    assert tier in ranks


def test_the_contract_is_the_whole_screen(real: KnowledgeBase) -> None:
    screen = {
        f"{q.code}={o}" for q in real.questions if q.stage == "safety" for o in q.option_codes - {"none"}
    }
    assert screen == set(CONTRACT)


# --- a small knowledge base, sound, and its faults ----------------------------------------------------------


def rule(code: str, tier: str, *clauses: str, conditions: tuple[str, ...] = ()) -> RedFlag:
    """A rule; a clause is 'a=b c=d', any of which will do."""
    parsed = tuple(Clause(tuple(Pick(*p.split("=")) for p in clause.split())) for clause in clauses)
    return RedFlag(code, code, tier, parsed, "why", ("RF01",), conditions)


def question(code: str, kind: str, stage: str, options: str, **more: object) -> Question:
    parsed = tuple(Option(o, o) for o in options.split())
    return Question(code, kind, stage, code, "phase", code, code, parsed, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def small(real: KnowledgeBase) -> KnowledgeBase:
    conditions = tuple(replace(f, tier="self-care", prior=30.0, links={}) for f in real.conditions[:2])
    causes = tuple(replace(f, prior=0.2) for f in real.causes[:2])
    names = [f.slug for f in (*conditions, *causes)]
    options = ("left", "right", "up", "down")
    return KnowledgeBase(
        questions=(
            question("danger", "many", "safety", "clot fever none"),
            question("place", "many", "core", "left right up down none"),
            question("side", "one", "core", "one both"),
            question("detail", "one", "adaptive", "a b", visible_if=(Clause((Pick("side", "both"),)),)),
        ),
        conditions=conditions,
        causes=causes,
        evidence=tuple(Evidence(f, "place", o, 8.0, ("RF01",)) for f, o in zip(names, options, strict=True)),
        red_flags=(
            rule("clot", "emergency", "danger=clot"),
            rule("fever", "urgent", "danger=fever"),
            rule("both-right", "soon", "detail=a", "place=right place=left"),
        ),
        settings=real.settings,
    )


SMALL_CONTRACT = {"danger=clot": "emergency", "danger=fever": "urgent"}


def checks(kb: KnowledgeBase) -> dict[str, Check]:
    return {check.name: check for check in prove(kb, contract=SMALL_CONTRACT)}


def test_the_small_one_is_sound(small: KnowledgeBase) -> None:
    assert [check.name for check in checks(small).values() if not check.ok] == []
    assert not checks(small)["rules-apart"].warnings


def with_question(kb: KnowledgeBase, code: str, **change: object) -> KnowledgeBase:
    return replace(kb, questions=tuple(replace(q, **change) if q.code == code else q for q in kb.questions))  # type: ignore[arg-type]


def with_rules(kb: KnowledgeBase, *rules: RedFlag) -> KnowledgeBase:
    return replace(kb, red_flags=(*kb.red_flags, *rules))


def never_visible(kb: KnowledgeBase) -> KnowledgeBase:
    both = (Clause((Pick("side", "one"),)), Clause((Pick("side", "both"),)))
    return with_question(kb, "detail", visible_if=both)


def visible_by_itself(kb: KnowledgeBase) -> KnowledgeBase:
    return with_question(kb, "detail", visible_if=(Clause((Pick("detail", "a"),)),))


def hidden_by_an_answer(kb: KnowledgeBase) -> KnowledgeBase:
    """An emergency that hangs on a question which disappears as soon as a place is named."""
    kb = with_question(kb, "detail", visible_if=(Clause((Pick("place", "none"),)),))
    return with_rules(kb, rule("vanishing", "emergency", "detail=b"))


def endless(kb: KnowledgeBase) -> KnowledgeBase:
    """A page is found worth showing, and none of its questions is."""
    return replace(kb, settings=replace(kb.settings, stop_gain=math.nan))


def scores_outvoted(kb: KnowledgeBase) -> KnowledgeBase:
    """Scores ask for an emergency, until a sign of something less speaks for the other condition."""
    first, second = kb.conditions
    return replace(
        kb,
        conditions=(replace(first, tier="emergency"), second),
        evidence=(*kb.evidence, Evidence(second.slug, "danger", "fever", 8.0, ("RF01",))),
    )


def silent_finding(kb: KnowledgeBase) -> KnowledgeBase:
    first, second = kb.conditions
    return replace(kb, conditions=(replace(first, prior=1.0), second), evidence=kb.evidence[1:])


FAULTS: list[tuple[str, Callable[[KnowledgeBase], KnowledgeBase], str]] = [
    ("questions-reachable", never_visible, "no answers make the question visible"),
    ("questions-reachable", visible_by_itself, "no answers make the question visible"),
    ("walk-ends", endless, "holds no question that is still open"),
    ("rules-fire", lambda kb: with_rules(kb, rule("x", "soon", "side=one", "side=both")), "never fires"),
    ("rules-fire", lambda kb: with_rules(kb, rule("x", "soon", "danger=gone")), "never fires"),
    ("rules-fire", never_visible, "never fires"),
    ("rules-apart", lambda kb: with_rules(kb, rule("x", "urgent", "danger=clot")), "same answers as clot"),
    ("floor-emergency", lambda kb: with_rules(kb, rule("x", "emergency", "place=none")), "place="),
    ("floor-emergency", hidden_by_an_answer, "place="),
    ("floor-urgent", lambda kb: with_rules(kb, rule("x", "urgent", "place=none")), "place="),
    ("floor-soon", lambda kb: with_rules(kb, rule("x", "soon", "place=none")), "place="),
    ("safety-screen", lambda kb: replace(kb, red_flags=kb.red_flags[1:]), "danger=clot"),
    ("safety-screen", lambda kb: with_question(kb, "danger", stage="core"), "danger=clot"),
    ("safety-raises", lambda kb: with_rules(kb, rule("x", "emergency", "danger=none")), "falls to"),
    ("findings-first", silent_finding, "does not come first"),
    (
        "evidence-alive",
        lambda kb: replace(
            kb, evidence=(*kb.evidence, Evidence(kb.causes[0].slug, "side", "gone", 2.0, ("RF01",)))
        ),
        "side=gone",
    ),
    (
        "evidence-alive",
        lambda kb: replace(
            never_visible(kb),
            evidence=(*kb.evidence, Evidence(kb.causes[0].slug, "detail", "*", 2.0, ("RF01",))),
        ),
        "detail=*",
    ),
]


@pytest.mark.parametrize(("name", "spoil", "said"), FAULTS)
def test_a_fault_is_found_with_a_counterexample(
    small: KnowledgeBase, name: str, spoil: Callable[[KnowledgeBase], KnowledgeBase], said: str
) -> None:
    check = checks(spoil(small))[name]
    assert not check.ok
    assert any(said in story.summary for story in check.failures), check.failures
    row = yaml.safe_load(yaml.safe_dump(check.failures[0].as_vignette()))
    assert row["answers"] or name == "findings-first"
    assert row["expect"]["tier"]


def test_a_sign_that_speaks_for_a_gentler_condition_still_never_calms(small: KnowledgeBase) -> None:
    kb = scores_outvoted(small)
    assert checks(kb)["safety-raises"].ok
    before = Answers.parse(kb, {"place": [kb.by_code["place"].options[0].code]})
    assert judged(kb, before).scored_tier == judged(kb, before.replace(kb, {"danger": ["fever"]})).scored_tier


def test_a_counterexample_of_the_tier_fails_as_a_vignette_too(small: KnowledgeBase) -> None:
    kb = with_rules(small, rule("x", "emergency", "place=none"))
    vignette, mistakes = parse(kb, checks(kb)["floor-emergency"].failures[0].as_vignette())
    assert vignette is not None
    assert mistakes == []
    answers = Answers.parse(kb, vignette.answers, strict_none=False)
    assert judged(kb, answers).tier != vignette.tier == "emergency"


def test_a_shadowed_rule_is_a_warning(small: KnowledgeBase) -> None:
    check = checks(with_rules(small, rule("x", "soon", "danger=clot", "side=one")))["rules-apart"]
    assert check.ok
    assert "rule x (soon) is shadowed" in check.warnings[0]
    assert "clot" in check.warnings[0]


def test_a_rule_with_a_condition_of_its_own_is_not_shadowed(small: KnowledgeBase) -> None:
    own = rule("x", "soon", "danger=clot", "side=one", conditions=(small.conditions[0].slug,))
    assert checks(with_rules(small, own))["rules-apart"].warnings == []


def test_only_the_first_counterexamples_are_kept_and_all_are_counted(small: KnowledgeBase) -> None:
    dead = tuple(Evidence(small.causes[0].slug, "place", f"gone-{n}", 2.0, ("RF01",)) for n in range(7))
    check = evidence_alive(Ground(replace(small, evidence=(*small.evidence, *dead))))
    assert (check.failed, len(check.failures)) == (7, 5)


# --- the tools ----------------------------------------------------------------------------------------------


def test_minimal_sets_keep_to_the_form(small: KnowledgeBase) -> None:
    flag = small.red_flags[2]
    sets, complete = minimal_sets(small, flag.clauses)
    assert complete
    assert {frozenset(f"{p.question}={p.option}" for p in picks) for picks in sets} == {
        frozenset({"side=both", "detail=a", "place=right"}),
        frozenset({"side=both", "detail=a", "place=left"}),
    }


def test_two_of_several(small: KnowledgeBase) -> None:
    picks = tuple(Pick("place", o) for o in ("left", "right", "up", "none"))
    sets, _ = minimal_sets(small, (Clause(picks, at_least=2),))
    assert len(sets) == 3, "none goes with no other"


def test_too_many_sets_are_said_to_be_too_many(small: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assessment.engine.possible.MOST_TRIED", 1)
    ground = Ground(small)
    assert ground.capped == ["both-right"]
    assert "only the first of both-right" in ground.all_sets()


def test_the_quick_rules_are_the_engines(real: KnowledgeBase) -> None:
    bits = Bits(real)
    for seed in range(1, 16):
        answers = walk(real, scattered(seed), more=True).answers
        picks = [Pick(code, option) for code, options in answers.items for option in options]
        assert set(bits.fired(bits.of(picks))) == {hit.code for hit in fired(real, answers)}


def test_scattered_answers_are_the_same_each_time(real: KnowledgeBase) -> None:
    first, second, third = (walk(real, scattered(seed), more=True).answers for seed in (1, 1, 2))
    assert first == second != third
    assert len(stubborn()) == 7


def test_what_does_not_come_first_at_once_is_climbed_to(small: KnowledgeBase) -> None:
    """Its own answers speak more for the other condition; only one that speaks against the other helps."""
    first, second = small.conditions
    rows = (
        Evidence(first.slug, "place", "left", 2.0, ("RF01",)),
        Evidence(second.slug, "place", "left", 6.0, ("RF01",)),
        Evidence(second.slug, "side", "one", 0.1, ("RF01",)),
    )
    kb = replace(small, evidence=rows, settings=replace(small.settings, none_weight=1.0))
    found = lead(kb, replace(second, prior=30.0))
    assert found.first
    assert lead(kb, first).first
    check = findings_first(Ground(kb))
    assert {story.id for story in check.failures} <= {f"first-{f.slug}" for f in kb.causes}


def test_reachable_asks_through_the_walk(small: KnowledgeBase) -> None:
    assert reachable(Ground(small)).ok


# --- the command --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_command_proves_or_exits_with_1(
    bootstrapped: None,
    small: KnowledgeBase,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("assessment.engine.proof_parts.CONTRACT", SMALL_CONTRACT)
    monkeypatch.setitem(releases.current().__dict__, "kb", small)
    with pytest.raises(SystemExit) as stop:
        call_command("verify_release", "--verbosity", "2")
    printed = capsys.readouterr().out
    assert stop.value.code == 1
    assert "ok   walk-ends: The walk always ends" in printed
    assert "FAIL safety-screen" in printed
    assert "Refuted: safety-screen." in printed
    assert "fires-clot: danger=clot" in printed


@pytest.mark.django_db
def test_the_command_names_a_release_that_is_not_there(bootstrapped: None) -> None:
    with pytest.raises(CommandError, match="no release 7"):
        call_command("verify_release", "--release", "7")
