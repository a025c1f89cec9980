"""The command run_vignettes, as the vignette format describes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db

GOOD = """
- id: one
  source: {title: composed}
  summary: a runner
  answers: {site: [calf], side: one, safety_body: [dark_urine]}
  expect: {conditions: [exertional-rhabdomyolysis], causes: [overtraining], tier: emergency}
- id: two
  quality: low
  answers: {site: [knee_front]}
  expect: {conditions: [patellofemoral-pain], tier: self-care, tier_ok: [self-care, soon]}
"""


def run(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command prints on standard output; standard error must stay empty."""
    call_command("run_vignettes", *words)
    printed = capsys.readouterr()
    assert printed.err == ""
    return printed.out


@pytest.mark.parametrize("mode", ["all", "walk"])
def test_json_is_one_document(
    bootstrapped: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], mode: str
) -> None:
    file = tmp_path / "v.yaml"
    file.write_text(GOOD)
    words = ["--walk"] if mode == "walk" else []
    document = json.loads(run(capsys, str(file), "--format", "json", *words))
    assert (document["release"], document["mode"], len(document["sha256"])) == (1, mode, 64)
    first, second = document["cases"]
    assert (first["id"], first["tier"]) == ("one", "emergency")
    assert "dark-urine" in first["red_flags"]
    assert len(first["conditions"]) == 47
    assert len(first["causes"]) == 9
    assert second["conditions"][0]["slug"] == "patellofemoral-pain"
    if mode == "walk":
        assert 2 <= first["questions_asked"] <= 36
        assert first["pages"] <= first["questions_asked"]
    summary = document["summary"]
    assert summary["cases"] == 2
    assert summary["emergency_sensitivity"] == 1.0
    assert summary["under_triage"] == 0.0
    # The thin case counts for over-triage only.
    assert summary["condition_top3"] in (0.0, 1.0)


def test_without_a_file_it_runs_the_projects_own_set(
    bootstrapped: None, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = run(capsys)
    assert "condition_top3" in printed
    assert "achilles-44m-6weeks" in printed


def test_an_older_release_can_be_named(bootstrapped: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--release", "1").startswith("Release 1 ")
    with pytest.raises(CommandError, match="no release 7"):
        call_command("run_vignettes", "--release", "7")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("calf", "moon"), ["one", "moon"]),
        (GOOD.replace("side: one", "side: [one, both]"), ["one", "side"]),
        (GOOD.replace("overtraining", "the-moon"), ["one", "the-moon"]),
        (GOOD.replace("tier: emergency", "tier: panic"), ["one", "panic"]),
        (GOOD.replace("id: two", "id: one"), ["one", "two vignettes with this id"]),
        ("- id: [", ["no valid YAML"]),
        ("just words", ["must be a list"]),
        ("- 3", ["must have names and values"]),
    ],
)
def test_a_mistake_ends_with_status_2_and_a_line_each(
    bootstrapped: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: list[str]
) -> None:
    file = tmp_path / "v.yaml"
    file.write_text(text)
    with pytest.raises(SystemExit) as stop:
        call_command("run_vignettes", str(file))
    assert stop.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert all(word in printed.err for word in said)


def test_a_file_that_is_not_there(bootstrapped: None, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        call_command("run_vignettes", "no-such-file.yaml")
    assert stop.value.code == 2
    assert "no-such-file.yaml: can't be read" in capsys.readouterr().err
