"""The public pages over HTTP: what they show, what they cost, what they refuse; and the preview of drafts."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from content.library import NOTICE, library
from content.models import FAQ, Cause, Condition, Status, Tip
from tests.content import make

pytestmark = pytest.mark.django_db
LISTS = ["/causes/", "/conditions/", "/tips/", "/faq/", "/search/", "/search/?q=calf"]


def text(response: Any) -> str:
    """The page as a reader sees its words."""
    return html.unescape(response.content.decode())


def test_every_shipped_page_opens_and_costs_nothing(
    loaded: None, client: Client, django_assert_num_queries
) -> None:
    found = library()
    pages = [page for kind in (found.causes, found.conditions, found.tips) for page in kind.values()]
    with django_assert_num_queries(0):
        for path in LISTS:
            assert client.get(path).status_code == 200, path
        for page in pages:
            response = client.get(page.url)
            assert response.status_code == 200, page.url
            assert page.title in text(response)
    assert len(pages) == 9 + 47 + 18


def test_ids_are_unique_and_citations_lead_to_their_entry(loaded: None, client: Client) -> None:
    found = library()
    urls = [page.url for kind in (found.causes, found.conditions, found.tips) for page in kind.values()]
    for url in [*urls, "/faq/", "/conditions/"]:
        page = client.get(url).content.decode()
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids)), (url, [each for each in ids if ids.count(each) > 1])
        targets = set(re.findall(r'href="#([^"]+)"', page))
        assert targets <= set(ids), (url, targets - set(ids))


def test_no_markdown_or_citation_is_left_over(loaded: None, client: Client) -> None:
    found = library()
    for kind in (found.causes, found.conditions, found.tips):
        for page in kind.values():
            shown = text(client.get(page.url))
            assert "[@" not in shown, page.url
            assert "**" not in shown, page.url


def test_a_page_says_that_nobody_has_reviewed_it(client: Client) -> None:
    make.condition()
    assert NOTICE in text(client.get("/conditions/calf-strain/"))


@pytest.mark.parametrize(
    "path", ["/causes/x/", "/conditions/x/", "/tips/x/", "/conditions/Ä/", "/faq/x/", "/causes/calf-strain/"]
)
def test_an_unknown_page_is_not_found(client: Client, path: str) -> None:
    make.condition()
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW])
def test_drafts_are_hidden(client: Client, status: str) -> None:
    for row in (make.cause(), make.condition(), make.tip(), make.faq()):
        type(row).objects.update(status=status, title="Secret draft")
    for path in (*LISTS, "/search/?q=secret"):
        response = client.get(path)
        assert response.status_code == 200
        assert "Secret draft" not in text(response)
    for path in ("/causes/overtraining/", "/conditions/calf-strain/", "/tips/get-stronger/"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", [*LISTS, "/conditions/calf-strain/"])
def test_only_reading_is_possible(client: Client, path: str) -> None:
    make.condition()
    head = client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(path).status_code == 405


def test_an_empty_site_has_pages(client: Client) -> None:
    for path in LISTS:
        assert client.get(path).status_code == 200


def test_search_shows_what_was_asked_and_found(client: Client) -> None:
    make.condition(summary="A torn muscle.")
    shown = text(client.get("/search/?q=calf"))
    assert "Calf strain" in shown
    assert "A torn muscle." in shown
    assert 'value="calf"' in shown


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": ""},
        {"q": "x"},
        {"q": "a\x00b"},
        {"q": "<script>alert(1)</script>"},
        {"q": '"><img src=x onerror=alert(1)>'},
        {"q": "{{ 7*7 }}{% now 'Y' %}"},
        {"q": "x" * 10_000},
        {"q": "\u202e\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace")},
        {"q": ["one", "two"]},
        {"other": "1"},
    ],
    ids=lambda query: ascii(query)[:40],
)
def test_hostile_searches_are_answered(client: Client, query: dict[str, Any]) -> None:
    make.condition()
    response = client.get("/search/", query)
    assert response.status_code == 200
    raw = response.content.decode()
    assert "<script>alert" not in raw
    assert "<img src=x" not in raw
    assert "\x00" not in raw
    assert "x" * 101 not in raw


def test_bytes_that_are_no_text_are_answered(client: Client) -> None:
    assert client.get("/search/?q=%ff%fe%00").status_code == 200


def test_hostile_articles_are_shown_as_text(client: Client) -> None:
    bad = "<script>alert(1)</script>"
    body = f"## {bad}\n\n{bad} [x](javascript:alert(1)) [@smith-2021]"
    condition = make.condition(title=bad, summary=bad, body=body, first_aid=[bad], also_known_as=[bad])
    cause = make.cause(title=bad, article_claim=bad, evidence_says=body)
    cause.mechanisms.create(title=bad, text=body, example=bad, note=bad, rating="limited")
    condition.cause_links.create(cause=cause)
    make.faq(title=bad, summary=bad, body=body)
    make.tip(title=bad, do=bad, body=body)
    for path in (
        "/conditions/calf-strain/",
        "/causes/overtraining/",
        "/tips/get-stronger/",
        *LISTS,
    ):
        raw = client.get(path).content.decode()
        assert "<script>alert" not in raw, path
        assert 'href="javascript' not in raw, path


# --- preview ------------------------------------------------------------------------------------------

KINDS = [("causes", Cause), ("conditions", Condition), ("tips", Tip), ("faq", FAQ)]


def editor(*permissions: str, staff: bool = True) -> Client:
    """A browser logged in as somebody with these permissions."""
    user = User.objects.create_user("editor", is_staff=staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def draft(kind: str) -> str:
    """The preview address of a new draft."""
    row = {"causes": make.cause, "conditions": make.condition, "tips": make.tip, "faq": make.faq}[kind](
        status=Status.DRAFT, title="Secret draft"
    )
    return f"/preview/{kind}/{row.slug}/"


@pytest.mark.parametrize(("kind", "model"), KINDS)
def test_an_editor_sees_the_draft_as_readers_would(kind: str, model: Any) -> None:
    response = editor(f"change_{model._meta.model_name}").get(draft(kind))
    assert response.status_code == 200
    assert "Secret draft" in text(response)
    assert "Preview of a draft" in text(response)
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_stranger_is_asked_to_log_in(client: Client) -> None:
    path = draft("tips")
    response = client.get(path)
    assert (response.status_code, response.headers["Location"]) == (
        302,
        f"/admin/login/?next={path.replace('/', '%2F')}",
    )
    # The same for what does not exist: nothing is told.
    assert client.get("/preview/tips/nothing/").status_code == 302


@pytest.mark.parametrize(
    ("permissions", "staff"), [((), True), (("view_tip", "change_cause"), True), (("change_tip",), False)]
)
def test_others_learn_nothing(permissions: tuple[str, ...], staff: bool) -> None:
    client = editor(*permissions, staff=staff)
    response = client.get(draft("tips"))
    assert response.status_code == 404
    assert "Secret draft" not in text(response)


@pytest.mark.parametrize(
    "path", ["/preview/tips/x/", "/preview/people/x/", "/preview/references/smith-2021/"]
)
def test_there_is_no_preview_of_nothing(path: str) -> None:
    make.reference()
    assert editor("change_tip").get(path).status_code == 404


def test_a_preview_is_no_public_page(client: Client) -> None:
    path = draft("tips")
    editor("change_tip").get(path)
    assert client.get("/tips/get-stronger/").status_code == 404
    assert client.post(path).status_code == 405
