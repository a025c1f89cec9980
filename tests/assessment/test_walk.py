"""The walk over HTTP: the address is the state, and nothing else is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from assessment import releases, tokens, walk
from tests.assessment.conftest import CALM, Fields, Walker

pytestmark = pytest.mark.django_db

TOKEN = re.compile(r"^/assessment/([A-Za-z0-9_-]+)/(result/)?$")


def attributes(html: str, name: str) -> list[str]:
    """The values of a data attribute, in the order of the page."""
    return re.findall(rf'data-{name}="([^"]+)"', html)


def test_a_walk_from_start_to_result(bootstrapped: None, client: Client) -> None:
    walker = Walker(client, CALM)
    address = walker.to_the_end()
    html = client.get(address).content.decode()
    assert attributes(html, "tier") == ["self-care"]
    assert attributes(html, "condition")[0] == "medial-tibial-stress-syndrome"
    assert len(attributes(html, "cause")) == 9
    assert re.search(r"release\s*(<[^>]+>)?\s*1\b", html, re.IGNORECASE)
    assert len(walker.pages) <= 14


def test_a_step_keeps_the_contract_for_machines(bootstrapped: None, client: Client) -> None:
    address = Walker(client, CALM).begin()
    fields = Fields(client.get(address).content.decode())
    assert set(fields.questions) == {"safety_body"}
    assert fields.fieldsets == 1
    assert "skip" in fields.buttons
    assert fields.questions["safety_body"][-1] == "none"
    kb = releases.current().kb
    assert fields.questions["safety_body"] == [o.code for o in kb.by_code["safety_body"].options]


def test_every_address_is_one_fixed_length_and_tells_no_answer(bootstrapped: None, client: Client) -> None:
    walker = Walker(client, CALM)
    addresses = [walker.begin()]
    while not addresses[-1].endswith("/result/"):
        addresses.append(walker.step(addresses[-1]))
    found = [TOKEN.match(address) for address in addresses]
    assert all(found)
    assert {len(match[1]) for match in found if match} == {tokens.LENGTH}
    assert not any(code in address for address in addresses for code in ("shin", "none", "mild"))


def test_no_cookie_no_query_and_nothing_kept(
    bootstrapped: None, client: Client, django_assert_num_queries: Any
) -> None:
    end = Walker(client, CALM).to_the_end()
    token = end.split("/")[2]
    client.get("/")  # the articles are read once
    with django_assert_num_queries(0):
        first = Walker(client, CALM).begin()
        for address in (first, end, f"/assessment/{token}/review/", "/assessment/", "/", "/get-help/"):
            response = client.get(address)
            assert response.status_code == 200
            assert not response.cookies
        assert client.post(first, {"safety_body": ["none"]}).status_code == 303
    assert client.get(first)["Cache-Control"] == "no-store"
    assert client.get(first)["Referrer-Policy"] == "no-referrer"


def test_blank_and_the_skip_button_both_skip(bootstrapped: None, client: Client) -> None:
    first = Walker(client, {}).begin()
    left_blank = client.post(first, {})["Location"]
    skipped = client.post(first, {"skip": "1", "safety_body": ["fever_unwell"]})["Location"]
    for address in (left_blank, skipped):
        state = tokens.decode(address.split("/")[2])
        assert state.answers.items == ()
        assert state.answers.skipped == {"safety_body"}


def test_a_skipped_safety_screen_leads_the_result(bootstrapped: None, client: Client) -> None:
    told = {code: options for code, options in CALM.items() if not code.startswith("safety")}
    html = client.get(Walker(client, told).to_the_end()).content.decode()
    assert attributes(html, "tier") == ["self-care"]
    assert html.index("/change/safety_body/") < html.index('data-tier="self-care"')


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({"safety_body": ["none", "dark_urine"]}, "None of these"),
        ({"safety_body": ["no_such_option"]}, "Choose one of the answers shown"),
        ({"safety_body": ["\x00", "none"]}, "Choose one of the answers shown"),
        ({"safety_body": ["x" * 100_000]}, "Choose one of the answers shown"),
    ],
)
def test_a_wrong_answer_is_422_and_the_form_stays_as_filled(
    bootstrapped: None, client: Client, posted: dict[str, list[str]], said: str
) -> None:
    first = Walker(client, {}).begin()
    response = client.post(first, posted)
    assert response.status_code == 422
    html = response.content.decode()
    assert said in html.replace("&#x27;", "'")
    known = set(Fields(html).questions["safety_body"])
    assert set(Fields(html).checked.get("safety_body", [])) == known & set(posted["safety_body"])


def test_several_answers_to_a_single_choice_are_422(bootstrapped: None, client: Client) -> None:
    walker = Walker(client, CALM)
    address = walker.begin()
    while "onset" not in Fields(client.get(address).content.decode()).questions:
        address = walker.step(address)
    response = client.post(address, {"onset": ["sudden", "over_weeks"], "duration": ["today"]})
    assert response.status_code == 422
    html = response.content.decode()
    assert "Choose one answer only" in html
    assert Fields(html).checked["duration"] == ["today"]


def test_an_emergency_interrupts_at_once_and_mistakes_can_be_mended(
    bootstrapped: None, client: Client
) -> None:
    walker = Walker(client, {**CALM, "safety_body": ["dark_urine"]})
    address = walker.step(walker.begin())
    html = client.get(address).content.decode()
    assert attributes(html, "tier") == ["emergency"]
    token = address.split("/")[2]
    mended = client.get(f"/assessment/{token}/change/safety_body/")["Location"]
    page = client.get(mended).content.decode()
    assert Fields(page).checked == {"safety_body": ["dark_urine"]}
    onwards = client.post(mended, {"safety_body": ["none"]})["Location"]
    assert attributes(client.get(onwards).content.decode(), "tier") == []
    assert set(Fields(client.get(onwards).content.decode()).questions) == {"safety_leg"}


def test_after_the_warning_the_walk_goes_on_and_the_result_is_still_an_emergency(
    bootstrapped: None, client: Client
) -> None:
    walker = Walker(client, {**CALM, "safety_body": ["dark_urine"]})
    token = walker.step(walker.begin()).split("/")[2]
    onwards = client.get(f"/assessment/{token}/go-on/")["Location"]
    end = walker.to_the_end(onwards)
    html = client.get(end).content.decode()
    assert attributes(html, "tier") == ["emergency"]
    shown = attributes(html, "condition") + attributes(html, "must-not-miss")
    assert "exertional-rhabdomyolysis" in shown


def test_a_second_emergency_interrupts_again(bootstrapped: None, client: Client) -> None:
    walker = Walker(client, {"safety_body": ["dark_urine"], "safety_leg": ["cold_pale_foot"]})
    token = walker.step(walker.begin()).split("/")[2]
    second = walker.step(client.get(f"/assessment/{token}/go-on/")["Location"])
    html = client.get(second).content.decode()
    assert attributes(html, "tier") == ["emergency"]
    assert "Cold or pale foot" in html


def test_changing_an_answer_keeps_the_later_ones_and_returns_to_the_result(
    bootstrapped: None, client: Client
) -> None:
    end = Walker(client, CALM).to_the_end()
    token = end.split("/")[2]
    before = tokens.decode(token).answers.as_dict()
    page = client.get(f"/assessment/{token}/change/side/")["Location"]
    fields = Fields(client.get(page).content.decode())
    assert fields.checked["side"] == ["both"]
    back = client.post(page, {**fields.checked, "side": ["one"]})["Location"]
    assert back.endswith("/result/")
    after = tokens.decode(back.split("/")[2]).answers.as_dict()
    assert after == {**before, "side": ("one",)}


def test_back_goes_through_the_pages_in_reverse(bootstrapped: None, client: Client) -> None:
    walker = Walker(client, CALM)
    addresses = [walker.begin()]
    for _ in range(4):
        addresses.append(walker.step(addresses[-1]))
    asked = [set(Fields(client.get(a).content.decode()).questions) for a in addresses]
    address = addresses[-1]
    for expected in reversed(asked[:-1]):
        address = client.get(f"/assessment/{address.split('/')[2]}/back/")["Location"]
        fields = Fields(client.get(address).content.decode())
        assert set(fields.questions) <= expected
        assert fields.checked, "what was answered is still ticked"


def test_two_tabs_do_not_disturb_each_other(bootstrapped: None, client: Client) -> None:
    first = Walker(client, CALM).begin()
    one = client.post(first, {"safety_body": ["none"]})["Location"]
    other = client.post(first, {"safety_body": ["fever_unwell"]})["Location"]
    assert tokens.decode(one.split("/")[2]).answers.get("safety_body") == ("none",)
    assert tokens.decode(other.split("/")[2]).answers.get("safety_body") == ("fever_unwell",)


def test_a_finished_walks_address_redirects_to_its_result(bootstrapped: None, client: Client) -> None:
    end = Walker(client, CALM).to_the_end()
    response = client.get(end.removesuffix("result/"))
    assert response.status_code == 302
    assert response["Location"].endswith("/result/")


def test_answer_more_asks_everything_and_ends(bootstrapped: None, client: Client) -> None:
    walker = Walker(client, CALM)
    token = walker.to_the_end().split("/")[2]
    onwards = client.get(f"/assessment/{token}/more/")["Location"]
    end = walker.to_the_end(onwards)
    state = tokens.decode(end.split("/")[2])
    assert all(state.answers.touched(q.code) for q in state.release.kb.questions)
    assert "/more/" not in client.get(end).content.decode()


def test_a_start_with_a_place_still_asks_the_safety_screen_first(bootstrapped: None, client: Client) -> None:
    first = client.post("/assessment/", {"site": ["calf"]})["Location"]
    assert set(Fields(client.get(first).content.decode()).questions) == {"safety_body"}
    assert tokens.decode(first.split("/")[2]).answers.get("site") == ("calf",)
    assert client.post("/assessment/", {"site": ["moon"]}).status_code == 422


def test_htmx_gets_the_main_part_only(bootstrapped: None, client: Client) -> None:
    address = Walker(client, CALM).begin()
    part = client.get(address, headers={"HX-Request": "true"})
    html = part.content.decode()
    assert "<html" not in html
    assert '<main id="main"' in html
    assert "<title>" in html
    assert "HX-Request" in part["Vary"]
    restored = client.get(address, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in restored.content.decode()


@pytest.mark.parametrize(
    "token", ["x", "x" * tokens.LENGTH, "A" * tokens.LENGTH, "é" * 20, "%00", "-" * 4000, "null"]
)
def test_a_hostile_token_is_a_clear_404(bootstrapped: None, client: Client, token: str) -> None:
    for end in ("", "result/", "review/", "back/", "more/", "go-on/", "resume/", "change/site/"):
        response = client.get(f"/assessment/{token}/{end}")
        assert response.status_code == 404
        assert 'action="/assessment/"' in response.content.decode()
    assert client.post(f"/assessment/{token}/", {"site": "calf"}).status_code == 404


def test_a_damaged_token_is_never_read(bootstrapped: None, client: Client) -> None:
    token = Walker(client, CALM).begin().split("/")[2]
    for place in range(0, len(token), 7):
        other = "A" if token[place] != "A" else "B"
        assert client.get(f"/assessment/{token[:place]}{other}{token[place + 1 :]}/").status_code == 404


def test_an_expired_token_is_gone(
    bootstrapped: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = Walker(client, CALM).begin()
    now = tokens.now_minutes()
    monkeypatch.setattr(tokens, "now_minutes", lambda: now + tokens.VALID_MINUTES)
    assert client.get(address).status_code == 200
    monkeypatch.setattr(tokens, "now_minutes", lambda: now + tokens.VALID_MINUTES + 1)
    response = client.get(address)
    assert response.status_code == 410
    assert 'action="/assessment/"' in response.content.decode()


def test_methods_that_make_no_sense_are_refused(bootstrapped: None, client: Client) -> None:
    address = Walker(client, CALM).begin()
    assert client.put(address).status_code == 405
    assert client.post(f"{address}result/").status_code == 405
    assert client.head(address).status_code == 200


def test_without_a_release_it_says_so(db: None, client: Client) -> None:
    assert client.post("/assessment/").status_code == 503
    for page in ("/", "/assessment/", "/get-help/", "/how-it-works/", "/about/", "/privacy/"):
        assert client.get(page).status_code == 200


def test_resuming_begins_where_the_interview_stands(bootstrapped: None) -> None:
    state = walk.start()
    state = walk.answer(state, {"safety_body": ["none"]})
    again = walk.resume(walk.change(state, "safety_body"))
    assert again.page == state.page
