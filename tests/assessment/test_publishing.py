"""What people publish is proved first: a draft that fails the proof makes no release."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from assessment import compiler, publishing
from assessment.engine.proof_parts import Check
from assessment.models import Evidence, RedFlag, Release, ReleaseReport

pytestmark = pytest.mark.django_db


def test_a_proved_draft_is_published_and_measured(bootstrapped: None) -> None:
    row = Evidence.objects.filter(says="weak for", finding__kind="cause").order_by("pk").first()
    assert row
    row.note = "Looked at again."
    row.save()
    release = publishing.publish(job="test", changes="A note.")
    assert release.number == 2
    assert ReleaseReport.objects.get(release=release).figures["published_all"]["cases"] == 185


def test_a_refuted_draft_makes_no_release(bootstrapped: None) -> None:
    # A rule that is the same as another of its tier: the proof names it, the compiler has nothing against it.
    first = RedFlag.objects.get(code="dark-urine")
    twin = RedFlag.objects.create(
        code="twin", title="Twin", tier=first.tier, reason=first.reason, sources=first.sources, order=999
    )
    clause = twin.clauses.create(at_least=1)
    clause.picks.set(first.clauses.get().picks.all())
    with pytest.raises(compiler.CompileError, match="rules-apart"):
        publishing.publish(job="test")
    assert Release.objects.count() == 1


def test_the_command_says_what_was_refuted(bootstrapped: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuted(*_: Any) -> tuple[Check, ...]:
        check = Check("walk-ends", "The walk always ends.", "tried")
        check.failed = 1
        return (check,)

    monkeypatch.setattr(publishing, "prove", refuted)
    Evidence.objects.filter(says="strong for").update(note="changed")
    with pytest.raises(CommandError, match=r"Nothing was published.*walk-ends"):
        call_command("publish_release")
    assert Release.objects.count() == 1
