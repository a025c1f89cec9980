"""Loading what ships: editors' changes are kept, a broken file changes nothing and says what is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assessment import loading, shipped
from assessment.models import Evidence, Finding, Question, Vignette

pytestmark = pytest.mark.django_db
Edit = Callable[[str, str, str], Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """A copy of the shipped files in which a text of one file is replaced."""

    def make(file: str, old: str, new: str) -> Path:
        folder = tmp_path / "knowledge"
        if not folder.exists():
            shutil.copytree(shipped.FOLDER, folder)
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return make


def test_loading_again_changes_nothing(bootstrapped: None) -> None:
    before = list(Evidence.objects.values_list("pk", "says"))
    assert loading.load().state == "same"
    assert list(Evidence.objects.values_list("pk", "says")) == before


def test_changed_files_become_the_draft(bootstrapped: None, edited: Edit) -> None:
    folder = edited("questions.yaml", "text: Where does it hurt?", "text: Where is the pain?")
    assert loading.load(folder=folder).state == "draft"
    assert Question.objects.get(code="site").text == "Where is the pain?"


def test_an_editors_change_is_kept(bootstrapped: None, edited: Edit) -> None:
    Question.objects.filter(code="age").update(text="What is your age?")
    folder = edited("questions.yaml", "text: Where does it hurt?", "text: Where is the pain?")
    assert loading.load(folder=folder).state == "kept"
    assert Question.objects.get(code="age").text == "What is your age?"
    assert Question.objects.get(code="site").text == "Where does it hurt?"
    assert loading.load(folder=folder, replace=True).state == "draft"
    assert Question.objects.get(code="site").text == "Where is the pain?"


def test_an_edited_or_deleted_vignette_is_left_alone(bootstrapped: None, edited: Edit) -> None:
    first, second = Vignette.objects.order_by("code")[:2]
    Vignette.objects.filter(pk=first.pk).update(summary="As an editor tells it.")
    second.delete()
    loading.load()
    assert Vignette.objects.get(pk=first.pk).summary == "As an editor tells it."
    assert not Vignette.objects.filter(code=second.code).exists()


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("questions.yaml", "kind: many", "kind: [", "questions.yaml"),
        ("questions.yaml", "  stage: safety\n", "", r"row 1 \(safety_body\).*lacks stage"),
        (
            "questions.yaml",
            "  phase: Safety check",
            "  phase: Safety check\n  colour: red",
            "unknown keys: colour",
        ),
        ("questions.yaml", "code: safety_leg", "code: safety_body", "is no (question|option)"),
        (
            "conditions/calf-strain.yaml",
            "finding: calf-strain",
            "finding: calf",
            "does not match the file's name",
        ),
        ("conditions/calf-strain.yaml", "says:", "says: very strong for, x:", "calf-strain"),
        ("conditions/calf-strain.yaml", "evidence:", "evidence:\n  moon: {}", "is no question"),
        ("red_flags.yaml", "safety_body=chest_pain_breathless", "safety_body=chest", "is no answer"),
        ("red_flags.yaml", "tier: emergency", "tier: panic", "'panic' is none of"),
        ("model.yaml", "condition_temper:", "condition_tempo:", "condition_temp"),
        ("vignettes/published.yaml", "site: [achilles]", "site: [moon]", "unknown option moon"),
    ],
)
def test_a_broken_file_changes_nothing_and_says_where(
    bootstrapped: None, edited: Edit, file: str, old: str, new: str, said: str
) -> None:
    before = (
        Question.objects.count(),
        Finding.objects.count(),
        Evidence.objects.count(),
        Vignette.objects.count(),
    )
    with pytest.raises(shipped.KnowledgeFileError, match=said):
        loading.load(folder=edited(file, old, new))
    after = (
        Question.objects.count(),
        Finding.objects.count(),
        Evidence.objects.count(),
        Vignette.objects.count(),
    )
    assert after == before


def test_the_command_tells_what_is_wrong(
    bootstrapped: None, edited: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = edited("red_flags.yaml", "tier: emergency", "tier: panic")
    real = loading.load
    monkeypatch.setattr(loading, "load", lambda replace: real(folder=folder, replace=replace))
    with pytest.raises(CommandError, match=r"Nothing was changed\. red_flags\.yaml"):
        call_command("load_knowledge")


def test_a_key_that_stands_twice_is_refused(bootstrapped: None, edited: Edit) -> None:
    folder = edited("conditions/calf-strain.yaml", "evidence:", "evidence: {}\nevidence:")
    with pytest.raises(shipped.KnowledgeFileError, match="stands twice"):
        shipped.read(folder)
