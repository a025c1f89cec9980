"""Loading: new rows, changed files, editors' changes, deletions, and nothing at all when a file is broken."""

from __future__ import annotations

import datetime
import io

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content import version
from content.loading import load
from content.models import FAQ, KINDS, Cause, Condition, Reference, ShippedRow, Status, Tip
from content.shipped import LibraryError
from tests.content.make import BODY, SMITH, Folder

pytestmark = pytest.mark.django_db
TIP = "tips/get-stronger"


def writes(queries: CaptureQueriesContext) -> list[str]:
    """The statements that change something."""
    return [q["sql"] for q in queries if q["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]


def test_new_rows_are_published_linked_and_not_reviewed(folder: Folder) -> None:
    report = load(folder.path)
    assert len(report.created) == report.written == 5
    for model in KINDS.values():
        row = model.objects.get()
        assert (row.status, row.reviewed_on, row.reviewed_by) == (Status.PUBLISHED, None, None)
        assert [reference.key for reference in row.references.all()] == ["smith-2021"]
        row.full_clean()
    condition = Condition.objects.get()
    assert [tip.slug for tip in condition.tips.all()] == ["get-stronger"]
    assert [cause.slug for cause in condition.causes.all()] == ["overtraining"]
    assert Cause.objects.get().mechanisms.get().title == "Load"
    assert FAQ.objects.get().conditions.get() == condition


def test_a_second_run_writes_nothing_and_says_so(folder: Folder) -> None:
    load(folder.path)
    stamp = version.stamp()
    with CaptureQueriesContext(connection) as queries:
        report = load(folder.path)
    assert writes(queries) == []
    assert report.written == 0
    assert report.lines() == ["Nothing to do: 5 rows are as shipped."]
    assert version.stamp() == stamp


def test_the_shipped_library_loads_in_few_queries(django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(100):
        load()
    with CaptureQueriesContext(connection) as queries:
        report = load()
    assert writes(queries) == []
    assert len(queries) <= 30
    assert not (report.edited or report.deleted or report.unshipped)


def test_the_order_of_links_is_that_of_the_file(folder: Folder) -> None:
    for slug in ("aaa", "zzz"):
        folder.article("tips", slug, causes=[])
    folder.article("conditions", tips=["zzz", "get-stronger", "aaa"])
    load(folder.path)
    assert [link.tip.slug for link in Condition.objects.get().tip_links.all()] == [
        "zzz",
        "get-stronger",
        "aaa",
    ]


def test_a_changed_file_changes_its_row(folder: Folder) -> None:
    load(folder.path)
    Tip.objects.update(status=Status.DRAFT)
    folder.article("tips", do="Do lunges.")
    report = load(folder.path)
    assert report.updated == [TIP]
    tip = Tip.objects.get()
    assert (tip.do, tip.status) == ("Do lunges.", Status.DRAFT)  # what is withdrawn stays so
    assert load(folder.path).written == 0


def test_changed_links_and_mechanisms_change_the_row(folder: Folder) -> None:
    load(folder.path)
    folder.article("causes", tips=[], mechanisms=[], evidence_says="No [@smith-2021].")
    folder.article("tips", causes=[])
    folder.article("conditions", causes=[])
    report = load(folder.path)
    assert sorted(report.updated) == ["causes/overtraining", "conditions/calf-strain"]
    assert not Cause.objects.get().mechanisms.exists()
    assert not Cause.objects.get().tips.exists()
    assert load(folder.path).written == 0


def test_an_editor_s_text_stays(folder: Folder) -> None:
    load(folder.path)
    Tip.objects.update(do="Do what I say.")
    folder.article("tips", do="Do lunges.")
    report = load(folder.path)
    assert (report.written, report.edited) == (0, [TIP])
    assert Tip.objects.get().do == "Do what I say."
    assert "1 left as edited here: tips/get-stronger" in report.lines()


def test_an_editor_s_link_and_mechanism_stay(folder: Folder) -> None:
    load(folder.path)
    Condition.objects.get().tip_links.all().delete()
    Cause.objects.get().mechanisms.update(text="Mine.")
    folder.article("conditions", recovery="Three weeks.")
    folder.article("causes", summary="New.")
    report = load(folder.path)
    assert sorted(report.edited) == ["causes/overtraining", "conditions/calf-strain"]
    assert report.written == 0


def test_ends_of_lines_from_a_browser_are_no_change(folder: Folder) -> None:
    load(folder.path)
    Tip.objects.update(body=BODY.replace("\n", "\r\n"))
    folder.article("tips", do="Do lunges.")
    assert load(folder.path).updated == [TIP]


def test_what_the_library_took_over_from_an_editor_follows_its_file_again(folder: Folder) -> None:
    load(folder.path)
    Tip.objects.update(do="Do lunges.")
    assert load(folder.path).edited == [TIP]
    folder.article("tips", do="Do lunges.")
    assert load(folder.path).updated == [TIP]
    folder.article("tips", do="Do steps.")
    assert load(folder.path).updated == [TIP]


def test_a_reviewed_text_is_not_replaced(folder: Folder) -> None:
    load(folder.path)
    user = User.objects.create_user("somebody")
    Tip.objects.update(reviewed_by=user, reviewed_on=datetime.date(2026, 1, 1))
    assert load(folder.path).written == 0
    folder.article("tips", do="Do lunges.")
    report = load(folder.path)
    assert (report.written, report.reviewed) == (0, [TIP])
    assert Tip.objects.get().do == "Do some squats."


def test_a_deleted_row_stays_deleted_and_links_to_it_are_left_out(folder: Folder) -> None:
    load(folder.path)
    Tip.objects.all().delete()
    folder.article("conditions", "heavy-legs")
    report = load(folder.path)
    assert report.deleted == [TIP]
    assert report.created == ["conditions/heavy-legs"]
    assert not Tip.objects.exists()
    assert not Condition.objects.get(slug="heavy-legs").tips.exists()
    assert load(folder.path).written == 0


def test_a_deleted_reference_comes_back_only_when_it_is_cited(folder: Folder) -> None:
    folder.references([SMITH, {**SMITH, "key": "jones-1"}])
    load(folder.path)
    Reference.objects.get(key="jones-1").delete()
    assert load(folder.path).deleted == ["references/jones-1"]
    folder.article("tips", body=BODY + " [@jones-1]", references=["smith-2021", "jones-1"])
    assert load(folder.path).created == ["references/jones-1"]
    assert Tip.objects.get().references.count() == 2


def test_a_row_that_an_editor_made_under_the_same_address_stays(folder: Folder) -> None:
    Tip.objects.create(
        slug="get-stronger", title="Mine", summary="x", evidence_rating="limited", do="x", phase="today"
    )
    report = load(folder.path)
    assert report.edited == [TIP]
    assert Tip.objects.get().title == "Mine"
    assert Condition.objects.get().tips.get().title == "Mine"


def test_a_file_that_is_gone_leaves_its_row(folder: Folder) -> None:
    path = folder.article("tips", "rest", causes=[])
    load(folder.path)
    path.unlink()
    report = load(folder.path)
    assert report.unshipped == ["tips/rest"]
    assert Tip.objects.count() == 2


def test_a_broken_file_changes_nothing(folder: Folder) -> None:
    load(folder.path)
    folder.article("conditions", recovery="Three weeks.")
    folder.article("tips", do=None)
    with CaptureQueriesContext(connection) as queries, pytest.raises(LibraryError):
        load(folder.path)
    assert list(queries) == []


def test_a_fault_in_the_middle_changes_nothing(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object) -> None:
        raise RuntimeError("the lights went out")

    monkeypatch.setattr("content.loading._Loading.note_hashes", fail)
    with pytest.raises(RuntimeError):
        load(folder.path)
    assert not any(model.objects.exists() for model in (*KINDS.values(), Reference, ShippedRow))


def test_the_command(folder: Folder) -> None:
    out = io.StringIO()
    call_command("load_content", folder=folder.path, check=True, stdout=out)
    assert "The library is sound: 1 references, 1 causes" in out.getvalue()
    assert not Tip.objects.exists()
    call_command("load_content", folder=folder.path, stdout=out)
    assert "5 created, 0 updated, 0 unchanged." in out.getvalue()
    call_command("load_content", folder=folder.path, stdout=out)
    assert "Nothing to do: 5 rows are as shipped." in out.getvalue()
    folder.article("tips", do=None)
    with pytest.raises(CommandError, match=r"Nothing was loaded[\s\S]*tips/get-stronger.md, do: is missing"):
        call_command("load_content", folder=folder.path)
