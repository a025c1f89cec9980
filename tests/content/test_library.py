"""The copy that readers see: pages, links, numbers, renewal."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.utils import timezone

from content import library as module
from content import live
from content.library import NOTICE, build, library
from content.models import Status, Tip
from tests.content import make

pytestmark = pytest.mark.django_db


def test_a_cause_page() -> None:
    tip, cause = make.tip(), make.cause(order=4, article_claim="So.", evidence_says="No [@jones-1].")
    make.reference("jones-1")
    late, early = make.condition("late"), make.condition("early")
    late.cause_links.create(cause=cause, position=2)
    early.cause_links.create(cause=cause, position=1)
    cause.tip_links.create(tip=tip, position=1)
    cause.mechanisms.create(
        title="Load", text="Too much [@brown-1].", example="A.", rating="limited", note="Old."
    )
    make.reference("brown-1")
    page = build().causes["overtraining"]
    assert (page.kind, page.url, page.order, page.article_claim) == (
        "causes",
        "/causes/overtraining/",
        4,
        "So.",
    )
    assert [part.heading for part in page.sections] == ["What it is", "What helps"]
    assert [link.title for link in page.conditions] == ["Early", "Late"]
    assert [link.url for link in page.tips] == ["/tips/get-stronger/"]
    part = page.mechanisms[0]
    assert (part.title, part.anchor, part.rating_label, part.note) == (
        "Load",
        "s-load",
        "Limited evidence",
        "Old.",
    )
    # In the order of the page: the claim, the first section, the mechanisms.
    assert [(cited.number, cited.key) for cited in page.references] == [
        (1, "jones-1"),
        (2, "smith-2021"),
        (3, "brown-1"),
    ]
    assert 'href="#ref-1"' in page.evidence_says_html
    assert 'href="#ref-3"' in part.html
    assert page.references[0].anchor == "ref-1"


def test_a_condition_page() -> None:
    condition, other = make.condition(also_known_as=["Tear"], recovery="Weeks."), make.condition("heavy-legs")
    first, second = make.tip("first"), make.tip("second")
    condition.tip_links.create(tip=second, position=2)
    condition.tip_links.create(tip=first, position=1)
    condition.look_alike_links.create(other=other, position=1)
    page = build().conditions["calf-strain"]
    assert (page.also_known_as, page.region, page.region_label) == (
        ("Tear",),
        "shin and calf",
        "Shin and calf",
    )
    assert (page.usual_tier, page.tier_label) == ("self-care", "Look after it yourself first")
    assert (page.first_aid, page.be_seen, page.avoid, page.recovery) == (
        ("Rest.",),
        ("In a week.",),
        (),
        "Weeks.",
    )
    assert [link.slug for link in page.tips] == ["first", "second"]
    assert [link.slug for link in page.look_alikes] == ["heavy-legs"]
    assert [link.slug for link in build().tips["first"].conditions] == ["calf-strain"]


def test_questions_share_a_page_so_their_anchors_differ() -> None:
    question = make.faq()
    question.conditions.add(make.condition())
    page = build().faq["why-do-legs-hurt"]
    assert page.url == "/faq/#why-do-legs-hurt"
    assert 'href="#why-do-legs-hurt-ref-1"' in page.body_html
    assert page.references[0].anchor == "why-do-legs-hurt-ref-1"
    assert [link.slug for link in page.related] == ["calf-strain"]


def test_lists_are_grouped_in_their_order() -> None:
    make.condition("foot", region="ankle and foot")
    make.condition("hip", region="hip and thigh")
    make.tip("later", phase="coming back")
    make.tip("now", phase="today")
    found = build()
    assert [(label, [page.slug for page in pages]) for label, pages in found.regions()] == [
        ("Hip and thigh", ["hip"]),
        ("Ankle and foot", ["foot"]),
    ]
    assert [label for label, _ in found.phases()] == ["Today", "Coming back"]


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW])
def test_only_published_articles_and_links_to_them(status: str) -> None:
    tip, condition, cause, question = make.tip(), make.condition(), make.cause(), make.faq()
    condition.tip_links.create(tip=tip)
    cause.tip_links.create(tip=tip)
    question.tips.add(tip)
    Tip.objects.update(status=status)
    found = build()
    assert not found.tips
    assert found.conditions["calf-strain"].tips == ()
    assert found.causes["overtraining"].tips == ()
    assert found.faq["why-do-legs-hurt"].related == ()
    assert found.index.search("get stronger") == ()


def test_reviews() -> None:
    page = make.tip() and build().tips["get-stronger"]
    assert (page.reviewed, page.notice, page.overdue) == (False, NOTICE, False)
    user = User.objects.create_user("login-name")
    today = timezone.localdate()
    Tip.objects.update(reviewed_by=user, reviewed_on=today, review_due=today + datetime.timedelta(days=1))
    page = build().tips["get-stronger"]
    assert (page.reviewed, page.notice, page.overdue) == (True, "", False)
    assert page.reviewed_by == "a clinician"  # a log-in name is nobody else's business
    user.first_name, user.last_name = "Ada", "Byron"
    user.save()
    day = today - datetime.timedelta(days=1)
    Tip.objects.update(reviewed_on=day - datetime.timedelta(days=700), review_due=day)
    page = build().tips["get-stronger"]
    assert (page.reviewed_by, page.overdue) == ("Ada Byron", True)


def test_a_reference_that_is_cited_past_the_forms_is_listed_all_the_same() -> None:
    tip = make.tip()
    tip.references.clear()
    assert [cited.key for cited in build().tips["get-stronger"].references] == ["smith-2021"]


def test_further_reading_comes_last() -> None:
    make.tip().references.add(make.reference("aaa", doi="10.1000/1"))
    cited = build().tips["get-stronger"].references
    assert [(each.number, each.key, each.url) for each in cited][1] == (2, "aaa", "https://doi.org/10.1000/1")


def test_it_is_built_in_a_fixed_number_of_queries(loaded: None, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(25):
        found = build()
    assert len(found.conditions) == 47


@pytest.mark.django_db(transaction=True)
def test_it_costs_nothing_once_warm_and_follows_changes(django_assert_num_queries) -> None:
    tip = make.tip()
    library()
    with django_assert_num_queries(0):
        assert library().tips["get-stronger"].title == "Get stronger"
    tip.title = "Stronger legs"
    tip.save()
    with django_assert_num_queries(0):
        assert library().tips["get-stronger"].title == "Stronger legs"


def test_the_last_copy_is_used_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    make.tip()
    library()

    def away() -> str:
        raise DatabaseError("gone")

    monkeypatch.setattr(module._library, "_stamp_of", away)
    live.refresh_all()
    assert module._library.stale
    assert "get-stronger" in library().tips
