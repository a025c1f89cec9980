"""Whole journeys through the check, as runners make them: with script and without, back and forth, in two tabs."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import ARGUMENTS, BROWSERS, PHONE, Server, Watch
from tests.browser.walking import (
    HEAT,
    SAFE,
    SHINS,
    TOKEN,
    answer,
    asked,
    box,
    follow,
    found,
    go_on,
    moving,
    reach,
    tick,
    ticked,
    walk,
)

STORED = "Object.keys(localStorage).concat(Object.keys(sessionStorage))"


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def begin(page: Page) -> None:
    """From the front page to the first question."""
    page.goto("/")
    with moving(page):
        page.locator("main").get_by_role("button", name="Start").first.click()


def start_page_to_result(page: Page) -> None:
    """The plain journey: no danger sign, shin pain, to the result."""
    begin(page)
    assert asked(page) == ["safety_body"]
    answer(page, SHINS)
    go_on(page)
    assert asked(page) == ["safety_leg"]
    walk(page, SHINS)
    assert TOKEN.search(page.url)
    assert page.url.endswith("/result/")
    expect(heading(page)).to_have_text("Your result")
    assert found(page, "tier") in (["self-care"], ["soon"])
    assert found(page, "condition")[0] == "medial-tibial-stress-syndrome"
    assert found(page, "cause")[0] == "overtraining"
    assert not page.get_by_text("Danger signs not checked").count()


# --- the whole way ------------------------------------------------------------------------------------


def test_the_check_from_the_front_page_to_the_result(page: Page) -> None:
    start_page_to_result(page)
    assert page.context.cookies() == []
    assert page.evaluate(STORED) == []


def test_the_check_without_javascript(no_js_page: Page) -> None:
    start_page_to_result(no_js_page)
    assert no_js_page.context.cookies() == []
    expect(no_js_page.get_by_role("button", name="Print")).to_be_hidden()
    expect(no_js_page.get_by_role("button", name="Copy")).to_be_hidden()


def test_the_check_with_cookies_blocked(
    browser: Browser, server: Server, watch: Watch, tmp_path: Path
) -> None:
    """The browser's own setting, which closes the storage too."""
    preferences = tmp_path / "Default" / "Preferences"
    preferences.parent.mkdir()
    preferences.write_text(
        '{"profile": {"default_content_setting_values": {"cookies": 2}}}', encoding="utf-8"
    )
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)))
    context = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=program, args=ARGUMENTS, base_url=server.url, viewport=PHONE
    )
    try:
        watch.attach(context)
        page = context.new_page()
        page.goto("/")
        assert page.evaluate("(document.cookie = 'a=b', document.cookie)") == ""
        with pytest.raises(Exception, match="SecurityError"):
            page.evaluate("sessionStorage.length")
        start_page_to_result(page)
    finally:
        context.close()
    assert watch.unexpected() == []


def test_skipping_everything_ends_with_a_warning(page: Page) -> None:
    begin(page)
    for _ in range(40):
        if not asked(page):
            break
        go_on(page, "Skip / not sure")
    assert page.url.endswith("/result/")
    expect(page.get_by_role("heading", name="Danger signs not checked")).to_be_visible()
    follow(page, "Check the danger signs")
    assert asked(page) == ["safety_body"]


# --- swapped pages ------------------------------------------------------------------------------------


def test_a_step_swaps_the_page_without_loading_it(page: Page) -> None:
    begin(page)
    page.evaluate("window.__kept = true")
    seen = {(page.url, page.title(), heading(page).inner_text())}
    for number in range(2, 5):
        answer(page, SHINS)
        go_on(page)
        expect(heading(page)).to_be_focused()
        seen.add((page.url, page.title(), heading(page).inner_text()))
        assert page.title() == f"{heading(page).inner_text()} – Why do my legs hurt?"
        assert page.evaluate("window.scrollY") == 0
        assert len({url for url, _, _ in seen}) == number
        assert page.locator("main").count() == 1
    assert len({title for _, title, _ in seen}) >= 3
    assert page.evaluate("window.__kept") is True
    assert page.evaluate(STORED) == []


def test_back_and_forward_buttons(page: Page) -> None:
    begin(page)
    page.evaluate("window.__kept = true")
    visited = []
    for _ in range(4):
        visited.append((page.url, asked(page)))
        answer(page, SHINS)
        go_on(page)
    visited.append((page.url, asked(page)))
    titles = []
    for url, codes in reversed(visited[:-1]):
        with moving(page):
            page.go_back()
        assert (page.url, asked(page)) == (url, codes)
        titles.append(page.title())
    assert len(set(titles)) >= 3
    for url, codes in visited[1:]:
        with moving(page):
            page.go_forward()
        assert (page.url, asked(page)) == (url, codes)
    assert page.evaluate("window.__kept") is True
    assert page.evaluate(STORED) == []
    # The answers are all there, and the walk goes on from here.
    follow(page, "Your answers so far")
    expect(page.locator(".given-chosen", has_text="Inner edge of the shin bone")).to_be_visible()
    follow(page, "Go on with the questions")
    assert asked(page) == visited[-1][1]


def test_the_back_link_shows_the_step_before_with_its_answers(page: Page) -> None:
    reach(page, SHINS, "duration")
    follow(page, "Back")
    assert asked(page)[:2] == ["site", "side"]
    assert ticked(page, "site") == ["shin_inner"]
    assert ticked(page, "side") == ["both"]
    follow(page, "Back")
    assert ticked(page, "safety_leg") == ["none"]
    page.reload()
    assert ticked(page, "safety_leg") == ["none"]
    walk(page, {}, "duration")
    follow(page, "Your answers so far")
    expect(page.locator(".given-chosen", has_text="Both legs")).to_be_visible()


def test_refresh_keeps_the_step(page: Page) -> None:
    begin(page)
    walk(page, SHINS, "duration")
    url, codes = page.url, asked(page)
    page.reload()
    assert (page.url, asked(page)) == (url, codes)
    walk(page, SHINS)
    before = found(page, "tier"), found(page, "condition"), found(page, "cause")
    page.reload()
    assert (found(page, "tier"), found(page, "condition"), found(page, "cause")) == before
    assert before[1]


def test_none_and_the_other_answers_put_each_other_out(page: Page) -> None:
    reach(page, {}, "safety_leg")
    tick(page, "safety_leg", "none")
    page.locator('label[for="safety_leg-hot_red_joint"]').click()
    assert ticked(page, "safety_leg") == ["hot_red_joint"]
    page.locator('label[for="safety_leg-none"]').click()
    assert ticked(page, "safety_leg") == ["none"]


def test_an_address_that_went_bad_replaces_the_whole_page(page: Page, watch: Watch) -> None:
    watch.expect("htmx:responseError")
    watch.expect("Response Status Error Code 404")
    reach(page, SAFE, "site")

    def damage(route: Route) -> None:
        if route.request.method == "POST":
            route.continue_(url=TOKEN.sub("/assessment/damaged/", route.request.url))
        else:
            route.continue_()

    page.route("**/assessment/**", damage)
    page.get_by_role("button", name="Continue").click()
    expect(heading(page)).to_have_text("We can't read this address")
    expect(page.get_by_role("banner").get_by_role("link", name="Get help")).to_be_visible()
    assert page.locator("main").count() == 1


def test_a_lost_connection_is_said_and_the_answers_stay(page: Page, watch: Watch) -> None:
    for message in ("htmx:sendError", "htmx:afterRequest", "net::ERR_INTERNET_DISCONNECTED"):
        watch.expect(message)
    reach(page, SAFE, "onset")
    tick(page, "onset", "after_run")
    page.context.set_offline(True)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert").filter(has_text="We could not reach the site")).to_be_visible()
    assert ticked(page, "onset") == ["after_run"]
    page.context.set_offline(False)
    go_on(page)
    assert "onset" not in asked(page)


def test_print_and_copy_come_with_the_script(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    begin(page)
    walk(page, SHINS)
    with moving(page):
        page.go_back()
    assert asked(page)
    with moving(page):
        page.go_forward()
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    address = page.get_by_label("Address of this result").input_value()
    assert address == page.url
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


# --- danger signs -------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_danger_sign_stops_the_questions_at_once(new_page: Callable[..., Page], script: bool) -> None:
    page = new_page(java_script_enabled=script)
    begin(page)
    answer(page, HEAT)
    go_on(page)
    expect(heading(page)).to_have_text("Get help now")
    assert page.title().startswith("Get help now")
    assert found(page, "tier") == ["emergency"]
    assert asked(page) == []
    expect(page.get_by_role("link", name=re.compile(r"^Call \d+")).first).to_be_visible()
    expect(page.locator("main")).to_contain_text("Very hot and unwell")
    if script:
        expect(heading(page)).to_be_focused()
    page.reload()
    assert found(page, "tier") == ["emergency"]
    # Ticked by mistake: the answer is there to be changed, and the walk goes on as if nothing had been.
    emergency = page.url
    follow(page, "I ticked this by mistake")
    assert ticked(page, "safety_body") == ["very_hot_unwell"]
    tick(page, "safety_body", "none")
    if not script:
        assert ticked(page, "safety_body") == ["none"]
    go_on(page, "Save")
    assert asked(page) == ["safety_leg"]
    walk(page, SHINS, "duration")
    # Being seen already: the questions go on, without another stop, and the result still says it.
    page.goto(emergency)
    follow(page, "go on with the questions")
    assert asked(page) == ["safety_leg"]
    walk(page, SHINS, "site")
    follow(page, "Your answers so far")
    follow(page, "See the result")
    assert found(page, "tier") == ["emergency"]


def test_a_second_danger_sign_stops_again(page: Page) -> None:
    reach(page, HEAT, "")
    follow(page, "go on with the questions")
    tick(page, "safety_leg", "cold_pale_foot")
    go_on(page)
    expect(heading(page)).to_have_text("Get help now")
    follow(page, "See what my answers say so far")
    assert found(page, "tier") == ["emergency"]


# --- changing, sharing, two tabs ----------------------------------------------------------------------


def test_a_changed_answer_keeps_the_later_ones_and_returns_to_the_result(page: Page) -> None:
    reach(page, SHINS)
    given = page.locator("details", has=page.get_by_text("Your answers", exact=True))
    given.locator("summary").click()
    rows = given.locator(".given-row").all_inner_texts()
    assert len(rows) >= 12
    with moving(page):
        given.get_by_role("link", name="How long have you had it?").click()
    assert ticked(page, "duration") == ["weeks_2_6"]
    assert ticked(page, "onset") == ["over_weeks"]
    tick(page, "duration", "over_6_weeks")
    go_on(page, "Save")
    expect(heading(page)).to_have_text("Your result")
    given.locator("summary").click()
    changed = given.locator(".given-row").all_inner_texts()
    different = [(old, new) for old, new in zip(rows, changed, strict=True) if old != new]
    assert len(different) == 1
    assert "Over 6 weeks" in different[0][1]


def test_leaving_a_change_changes_nothing(page: Page) -> None:
    reach(page, SHINS)
    before = page.locator(".given-row").all_text_contents()
    follow(page, "Change answers")
    follow(page, "Is it one leg or both?")
    tick(page, "side", "one")
    follow(page, "Back to your answers")
    assert page.url.endswith("/result/")
    assert page.locator(".given-row").all_text_contents() == before


def test_two_tabs_do_not_disturb_each_other(page: Page) -> None:
    reach(page, SAFE, "site")
    other = page.context.new_page()
    other.goto(page.url)
    tick(page, "site", "shin_inner")
    tick(other, "site", "heel_bottom")
    go_on(page)
    go_on(other)
    page.reload()
    follow(page, "Your answers so far")
    follow(other, "Your answers so far")
    expect(page.locator("main")).to_contain_text("Inner edge of the shin bone")
    expect(page.locator("main")).not_to_contain_text("Under the heel")
    expect(other.locator("main")).to_contain_text("Under the heel")
    expect(other.locator("main")).not_to_contain_text("Inner edge of the shin bone")


def test_a_copied_address_goes_on_elsewhere(page: Page, new_page: Callable[..., Page]) -> None:
    begin(page)
    walk(page, SHINS, "duration")
    elsewhere = new_page()
    elsewhere.goto(page.url)
    assert asked(elsewhere) == asked(page)
    with moving(elsewhere):
        elsewhere.locator("main").get_by_role("link", name="Back", exact=True).click()
    assert ticked(elsewhere, "site") == ["shin_inner"]
    walk(elsewhere, SHINS)
    assert found(elsewhere, "condition")[0] == "medial-tibial-stress-syndrome"


def test_more_questions_can_be_answered_after_the_result(page: Page) -> None:
    reach(page, SHINS)
    follow(page, "Answer more questions")
    first = asked(page)
    assert first
    assert not set(first) & set(SAFE)
    follow(page, "Your answers so far")
    follow(page, "See the result")
    assert found(page, "condition")[0] == "medial-tibial-stress-syndrome"


# --- errors -------------------------------------------------------------------------------------------


def test_a_contradiction_is_sent_back_with_its_answers(no_js_page: Page) -> None:
    page = no_js_page
    reach(page, {}, "safety_leg")
    for option in ("hot_red_joint", "none"):
        page.locator(f'label[for="safety_leg-{option}"]').click()
    with page.expect_navigation() as moved:
        page.get_by_role("button", name="Continue").click()
    assert moved.value
    assert moved.value.status == 422
    assert page.title().startswith("Error: ")
    assert ticked(page, "safety_leg") == ["hot_red_joint", "none"]
    summary = page.get_by_role("alert").filter(has=page.get_by_role("heading", name="There is a problem"))
    link = summary.get_by_role("link", name="You ticked 'None of these' and something else")
    expect(link).to_be_visible()
    target = link.get_attribute("href") or ""
    assert page.locator(target).get_attribute("name") == "safety_leg"
    described = page.locator("fieldset#safety_leg").get_attribute("aria-describedby") or ""
    assert "safety_leg-error" in described.split()
    expect(page.locator("#safety_leg-error")).to_contain_text("Keep one or the other")
    tick(page, "safety_leg", "none")
    go_on(page)
    assert "site" in asked(page)
    assert not page.title().startswith("Error")


def test_an_error_gets_the_focus_when_the_page_is_swapped(page: Page, watch: Watch) -> None:
    watch.expect("htmx:responseError")
    watch.expect("Response Status Error Code 422")
    reach(page, {}, "safety_leg")
    page.evaluate("window.__kept = true")
    for option in ("hot_red_joint", "none"):
        box(page, "safety_leg", option).evaluate("box => { box.checked = true; }")
    go_on(page)
    expect(page.locator("[data-errors]")).to_be_focused()
    assert page.title().startswith("Error: ")
    assert ticked(page, "safety_leg") == ["hot_red_joint", "none"]
    assert page.evaluate("window.__kept") is True
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=safety_leg]").first).to_be_focused()
    tick(page, "safety_leg", "none")
    go_on(page)
    assert "site" in asked(page)


def test_no_question_takes_the_form_s_own_names(page: Page) -> None:
    """An input named like a property of the form (action, name) would hide it."""
    reach(page, SHINS)
    follow(page, "Answer more questions")
    names = set(SHINS)
    for _ in range(40):
        names |= set(page.locator("form.step-form input").evaluate_all("all => all.map(e => e.name)"))
        if not asked(page):
            break
        page.goto(page.request.post(page.url, form={"skip": "1"}).url)
    assert len(names) >= 25
    assert (
        page.evaluate("names => names.filter(name => name in document.createElement('form'))", sorted(names))
        == []
    )


def test_the_question_named_form_is_answered_without_a_page_load(page: Page) -> None:
    """htmx asks the element that posts for its `form`, which this question's inputs hide on the form itself."""
    reach(page, SHINS)
    follow(page, "Answer more questions")
    for _ in range(40):
        if "form" in asked(page):
            break
        page.goto(page.request.post(page.url, form={"skip": "1"}).url)
    page.evaluate("window.__kept = true")
    tick(page, "form", "overstride")
    go_on(page)
    assert "form" not in asked(page)
    assert page.evaluate("window.__kept") is True
