"""The rules of articles, mechanisms, links and references."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from content import version
from content.models import ARTICLES, FAQ, Cause, Condition, LookAlike, Mechanism, Reference, Status, Tip
from tests.content import make

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 1, 15)


def refused(row: Any) -> dict[str, list[str]]:
    """What validation says about the row."""
    with pytest.raises(ValidationError) as error:
        row.full_clean()
    return dict(error.value.message_dict)


def test_the_made_rows_are_sound() -> None:
    for row in (make.cause(), make.condition(), make.tip(), make.faq(), make.reference()):
        row.full_clean()
        assert str(row)


def test_addresses() -> None:
    assert make.cause().get_absolute_url() == "/causes/overtraining/"
    assert make.condition().get_absolute_url() == "/conditions/calf-strain/"
    assert make.tip().get_absolute_url() == "/tips/get-stronger/"
    assert make.faq().get_absolute_url() == "/faq/#why-do-legs-hurt"


@pytest.mark.parametrize("slug", ["Calf", "calf strain", "-calf", "calf--strain", "calf\n", "../x", ""])
def test_a_slug_is_plain(slug: str) -> None:
    row = make.condition()
    row.slug = slug
    assert "slug" in refused(row)


def test_slugs_are_unique() -> None:
    make.condition()
    with pytest.raises(IntegrityError), transaction.atomic():
        make.condition()


@pytest.mark.parametrize("model", ARTICLES)
@pytest.mark.parametrize(
    "change",
    [
        {"reviewed_on": TODAY},
        {"reviewed_by": "somebody"},
        {"review_due": TODAY},
        {"reviewed_by": "somebody", "reviewed_on": TODAY, "review_due": TODAY},
        {"status": "secret"},
        {"evidence_rating": "certain"},
    ],
    ids=str,
)
def test_the_database_refuses_half_a_review_and_unknown_words(model: Any, change: dict[str, Any]) -> None:
    row = {Cause: make.cause, Condition: make.condition, Tip: make.tip, FAQ: make.faq}[model]()
    user = User.objects.create_user("somebody")
    change = {name: user if value == "somebody" else value for name, value in change.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=row.pk).update(**change)
    for name, value in change.items():
        setattr(row, name, value)
    assert refused(row)


def test_a_whole_review_is_fine_and_its_reviewer_stays() -> None:
    user = User.objects.create_user("somebody")
    row = make.cause(reviewed_by=user, reviewed_on=TODAY, review_due=TODAY.replace(year=2028))
    row.full_clean()
    with pytest.raises(ProtectedError):
        user.delete()


def test_a_citation_needs_its_reference() -> None:
    row = make.cause(evidence_says="See [@nobody-1999].")
    errors = refused(row)
    assert "nobody-1999" in errors["evidence_says"][0]
    mechanism = Mechanism(cause=row, title="x", text="[@nobody-1999]", rating="limited", note="[@smith-2021]")
    assert set(refused(mechanism)) == {"text", "note"}


def test_no_citations_in_plain_fields() -> None:
    assert "contested" in refused(make.tip(contested="Unsure [@smith-2021]."))
    assert "be_seen" in refused(make.condition(be_seen=["Soon [@smith-2021]."]))


@pytest.mark.parametrize("field", ["body", "contested"])
def test_publishing_needs_text_and_doubt(field: str) -> None:
    row = make.cause(**{field: ""})
    assert field in refused(row)
    row.status = Status.DRAFT
    row.full_clean()


def test_publishing_needs_a_reference() -> None:
    row = make.cause(body="No source.")
    row.full_clean()
    row.references.clear()
    assert "reference" in refused(row)["body"][0]
    row.linked = True
    row.full_clean()


def test_a_published_condition_says_what_to_do() -> None:
    assert {"first_aid", "be_seen"} <= set(refused(make.condition(first_aid=[], be_seen=[])))


def test_a_claim_needs_its_evidence() -> None:
    assert "evidence_says" in refused(make.cause(article_claim="It says."))
    assert "article_claim" in refused(make.tip(from_article=True))


def test_a_condition_is_not_its_own_look_alike() -> None:
    row = make.condition()
    with pytest.raises(IntegrityError), transaction.atomic():
        LookAlike.objects.create(condition=row, other=row)


def test_links_are_made_once() -> None:
    row, tip = make.condition(), make.tip()
    row.tips.add(tip, through_defaults={"position": 1})
    with pytest.raises(IntegrityError), transaction.atomic():
        row.tip_links.create(tip=tip, position=2)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key", "Smith 2021"),
        ("doi", "https://doi.org/10.1000/1"),
        ("url", "javascript:alert(1)"),
        ("url", "ftp://legs.example/x"),
        ("year", 21),
        ("kind", "rumour"),
    ],
)
def test_a_reference_is_checked(field: str, value: Any) -> None:
    row = make.reference()
    setattr(row, field, value)
    assert field in refused(row)


def test_a_cited_reference_can_be_neither_deleted_nor_renamed() -> None:
    make.cause()
    cited, free = make.reference(), make.reference("jones-2020")
    with pytest.raises(ProtectedError):
        cited.delete()
    with pytest.raises(ProtectedError):
        Reference.objects.all().delete()
    assert Reference.objects.count() == 2
    assert Reference.objects.all().cited() == [cited]
    cited.key = "smith-2022"
    assert "key" in refused(cited)
    free.key = "jones-2021"
    free.full_clean()
    free.delete()


def test_where_a_reference_is_read() -> None:
    assert make.reference("a", doi="10.1000/1", url="https://x.example").link() == "https://doi.org/10.1000/1"
    assert make.reference("b", url="https://x.example").link() == "https://x.example"
    assert make.reference("c").link() == ""


def test_every_write_gives_a_new_stamp() -> None:
    cause, condition, tip, question = make.cause(), make.condition(), make.tip(), make.faq()
    mechanism = Mechanism.objects.create(cause=cause, title="Load", text="x", rating="limited")
    user = User.objects.create_user("somebody")
    writes = [
        lambda: cause.save(),
        lambda: mechanism.save(),
        lambda: mechanism.delete(),
        lambda: make.reference().save(),
        lambda: condition.tip_links.create(tip=tip, position=1),
        lambda: condition.tip_links.first().delete(),
        lambda: condition.tips.add(tip, through_defaults={"position": 2}),
        lambda: condition.tips.clear(),
        lambda: cause.tip_links.create(tip=tip),
        lambda: condition.cause_links.create(cause=cause),
        lambda: condition.cause_links.update(position=9),
        lambda: question.tips.add(tip),
        lambda: question.references.clear(),
        lambda: Tip.objects.filter(pk=tip.pk).update(title="New"),
        lambda: user.save(update_fields=["last_name"]),
        lambda: tip.delete(),
    ]
    for number, write in enumerate(writes):
        before = version.stamp()
        write()
        assert version.stamp() != before, number
    before = version.stamp()
    user.save(update_fields=["last_login"])
    assert Tip.objects.filter(pk=0).update(title="x") == 0
    assert version.stamp() == before
