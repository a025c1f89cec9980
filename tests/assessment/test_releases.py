"""Releases: made from rows, frozen, found again, withdrawn; and rows and files that say the same."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from assessment import compiler, drafts, releases, shipped, tokens, walk
from assessment.engine.answers import Answers
from assessment.engine.explain import assess
from assessment.engine.knowledge import KnowledgeBase, Settings
from assessment.models import Evidence, ModelSettings, Question, Release
from assessment.models.releases import ReleaseImmutable
from content.live import refresh_all
from content.models import Condition
from tests.assessment.conftest import CALM, Walker

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(db: None) -> Any:
    return get_user_model().objects.create_user("doctor", password="a long password for tests")


def soften(**changes: Any) -> None:
    """Change one evidence row, as an editor would."""
    row = Evidence.objects.filter(says="strong for").order_by("pk").first()
    assert row
    row.says = changes.get("says", "weak for")
    row.save()


def test_files_to_rows_to_draft_loses_nothing(bootstrapped: None) -> None:
    assert dataclasses.asdict(drafts.from_rows()) == dataclasses.asdict(_ordered(shipped.read()))


def _ordered(draft: shipped.Draft) -> shipped.Draft:
    """The files' rows in the order in which the database gives them: conditions first, each by slug."""
    draft.findings.sort(key=lambda f: (f["kind"] != "condition", f["slug"]))
    positions = {q["code"]: i for i, q in enumerate(draft.questions)}
    options = {q["code"]: {o["code"]: i for i, o in enumerate(q["options"])} for q in draft.questions}
    for row in (*draft.red_flags, *draft.questions):
        for clause in row.get("clauses", row.get("visible_if", [])):
            clause["any"].sort(
                key=lambda p: (positions[p.split("=")[0]], options[p.split("=")[0]][p.split("=")[1]])
            )
    for flag in draft.red_flags:
        flag["conditions"].sort(key=lambda slug: slug)
    return draft


def test_rows_are_read_with_few_queries(bootstrapped: None, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(25):
        releases.draft_snapshot()


def test_release_one_is_published_by_a_named_job(bootstrapped: None) -> None:
    release = Release.objects.get()
    assert (release.number, release.job, release.published_by) == (1, "first set-up", None)
    assert compiler.digest(release.snapshot) == release.sha256
    assert compiler.canonical(json.loads(release.snapshot)) == release.snapshot


def test_setting_up_again_makes_no_new_release(bootstrapped: None) -> None:
    call_command("bootstrap", verbosity=0)
    assert Release.objects.count() == 1
    with pytest.raises(releases.NothingChanged):
        releases.publish(job="again")


def test_a_snapshot_freezes_the_articles_words(bootstrapped: None) -> None:
    before = releases.current().kb.finding["calf-strain"].title
    Condition.objects.filter(slug="calf-strain").update(title="Another title")
    refresh_all()
    assert releases.current().kb.finding["calf-strain"].title == before
    assert releases.publish(job="test").number == 2
    refresh_all()
    assert releases.current().kb.finding["calf-strain"].title == "Another title"


def test_an_edit_reaches_runners_only_by_a_release(bootstrapped: None) -> None:
    sha = releases.current().sha256
    soften()
    refresh_all()
    assert releases.current().sha256 == sha
    release = releases.publish(job="test", changes="One row is weaker.")
    refresh_all()
    assert releases.current().number == release.number == 2


def test_a_walk_ends_on_the_release_that_it_began_on(bootstrapped: None, client: Client) -> None:
    walker = Walker(client, CALM)
    address = walker.step(walker.begin())
    soften()
    releases.publish(job="test")
    refresh_all()
    end = walker.to_the_end(address)
    assert tokens.decode(end.split("/")[2]).release.number == 1
    assert tokens.decode(walker.begin().split("/")[2]).release.number == 2


def test_a_walk_on_a_withdrawn_release_is_read_anew_and_says_so(
    bootstrapped: None, client: Client, doctor: Any
) -> None:
    walker = Walker(client, CALM)
    end = walker.to_the_end()
    before = tokens.decode(end.split("/")[2]).answers
    Question.objects.get(code="shoe_age").delete()
    releases.publish(job="test")
    releases.withdraw(1, by=doctor, reason="A question was wrong.")
    refresh_all()
    state = tokens.decode(end.split("/")[2])
    assert (state.release.number, state.reread_from) == (2, 1)
    assert {c: o for c, o in before.items if c != "shoe_age"} == state.answers.as_dict()
    assert "read again" in client.get(end).content.decode()


def test_danger_signs_outlive_a_question_that_takes_one_answer_now(bootstrapped: None, doctor: Any) -> None:
    old = releases.current()
    given = {**CALM, "safety_body": ["dark_urine", "collapse_confusion"], "quality": ["ache", "tight"]}
    token = tokens.encode(tokens.State(release=old, answers=Answers.parse(old.kb, given), ended=True))
    Question.objects.filter(code="quality").update(kind="one")
    releases.publish(job="test")
    releases.withdraw(1, by=doctor, reason="A question was wrong.")
    refresh_all()
    state = tokens.decode(token)
    assert state.answers.get("safety_body") == ("collapse_confusion", "dark_urine")
    assert state.answers.get("quality") == ()
    assert assess(state.release.kb, state.answers).tier == "emergency"


def test_the_safety_screen_must_take_several_answers(bootstrapped: None) -> None:
    Question.objects.filter(code="safety_leg").update(kind="one")
    with pytest.raises(compiler.CompileError, match="must take several answers"):
        releases.publish(job="test")


def test_withdrawing_the_newest_goes_back_to_the_one_before(bootstrapped: None, doctor: Any) -> None:
    soften()
    releases.publish(job="test")
    releases.withdraw(2, by=doctor, reason="Too weak.")
    refresh_all()
    assert releases.current().number == 1
    with pytest.raises(ValueError, match="only release"):
        releases.withdraw(1, by=doctor, reason="All of them.")
    with pytest.raises(releases.ReleaseUnknown):
        releases.withdraw(2, by=doctor, reason="Twice.")
    with pytest.raises(ValueError, match="why"):
        releases.withdraw(1, by=doctor, reason=" ")


def test_a_release_can_not_be_changed_or_deleted(bootstrapped: None) -> None:
    release = Release.objects.get()
    release.snapshot = "{}"
    with pytest.raises(ReleaseImmutable):
        release.save()
    with pytest.raises(ReleaseImmutable):
        release.delete()
    with pytest.raises(ReleaseImmutable):
        Release.objects.update(sha256="0" * 64)
    with pytest.raises(ReleaseImmutable):
        Release.objects.all().delete()


def test_a_release_needs_a_publisher(bootstrapped: None) -> None:
    with pytest.raises(ValueError, match="person or the system job"):
        releases.publish()
    old = Release.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.create(
            number=9, sha256=old.sha256, snapshot=old.snapshot, published_at=old.published_at
        )


def test_unsound_rows_are_not_published(bootstrapped: None) -> None:
    Evidence.objects.filter(finding__slug="calf-strain").delete()
    with pytest.raises(compiler.CompileError, match="calf-strain: nothing speaks for it"):
        releases.publish(job="test")
    assert Release.objects.count() == 1


def test_a_finding_without_a_published_article_is_not_released(bootstrapped: None) -> None:
    Condition.objects.filter(slug="calf-strain").update(status="draft")
    with pytest.raises(compiler.CompileError, match="calf-strain: has no published article"):
        releases.publish(job="test")


def test_a_damaged_release_is_not_used(bootstrapped: None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE assessment_release SET snapshot = '{}'")
    with pytest.raises(releases.ReleaseUnknown, match="damaged"):
        releases.current()


def test_snapshots_round_trip_through_the_engine(bootstrapped: None) -> None:
    snapshot = json.loads(Release.objects.get().snapshot)
    one, other = KnowledgeBase.from_snapshot(snapshot), KnowledgeBase.from_snapshot(snapshot)
    answers = Answers.parse(one, CALM)
    first, second = assess(one, answers), assess(other, answers)
    assert [(s.finding.slug, s.probability) for s in first.conditions] == [
        (s.finding.slug, s.probability) for s in second.conditions
    ]


def test_the_settings_row_has_every_number_of_the_model(bootstrapped: None) -> None:
    assert set(ModelSettings.objects.get().as_dict()) == {f.name for f in dataclasses.fields(Settings)}


def test_the_contract_of_codes_is_whole(bootstrapped: None) -> None:
    kb = releases.current().kb
    assert len(kb.questions) >= 36
    assert len(kb.conditions) == 47
    assert len(kb.causes) == 9


def test_nobody_interrupts_a_walk_when_the_database_goes_away(
    bootstrapped: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError
    from django.db.backends.base.base import BaseDatabaseWrapper

    address = Walker(client, CALM).begin()
    client.get("/causes/")

    def gone(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", gone)
    monkeypatch.setattr(BaseDatabaseWrapper, "_cursor", gone)
    refresh_all()
    end = Walker(client, CALM).to_the_end(address)
    assert client.get(end).status_code == 200
    assert client.get("/causes/").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_walk_start_needs_a_release(db: None) -> None:
    with pytest.raises(releases.ReleaseUnknown):
        walk.start()
