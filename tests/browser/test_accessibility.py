"""Everyone can use every page: axe, keyboard, narrow screens, large targets, print, and help always at hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.walking import HEAT, SAFE, SHINS, answer, asked, box, found, moving, reach

NARROW = {"width": 320, "height": 640}
TARGET = 44
"""The least height of what a finger has to hit, in CSS pixels."""


def step_with_errors(page: Page) -> None:
    reach(page, {}, "safety_leg")
    for option in ("hot_red_joint", "none"):
        box(page, "safety_leg", option).evaluate("box => { box.checked = true; }")
    with page.expect_navigation():
        page.locator("form.step-form").evaluate("form => form.submit()")
    assert page.title().startswith("Error: ")


def emergency(page: Page) -> None:
    reach(page, HEAT)
    assert found(page, "tier") == ["emergency"]


def review(page: Page) -> None:
    reach(page, SHINS, "pattern")
    with moving(page):
        page.get_by_role("link", name="Your answers so far").click()


def result(page: Page) -> None:
    reach(page, SHINS)
    assert found(page, "condition")


def urgent_result(page: Page) -> None:
    """A result with a danger sign that is no emergency."""
    reach(page, {**SHINS, "safety_leg": ("one_calf_swollen",), "site": ("calf",), "side": ("one",)})
    assert found(page, "tier") == ["urgent"]


def skipped_result(page: Page) -> None:
    """A result without any answer."""
    reach(page, {})
    expect(page.get_by_role("heading", name="Danger signs not checked")).to_be_visible()


PAGES: dict[str, str | Callable[[Page], None]] = {
    "home": "/",
    "start": "/assessment/",
    "safety": lambda page: reach(page, {}, "safety_body"),
    "step": lambda page: reach(page, SAFE, "site"),
    "step-with-errors": step_with_errors,
    "emergency": emergency,
    "review": review,
    "result": result,
    "urgent-result": urgent_result,
    "skipped-result": skipped_result,
    "gone": "/assessment/damaged/",
    "causes": "/causes/",
    "cause": "/causes/overtraining/",
    "conditions": "/conditions/",
    "condition": "/conditions/medial-tibial-stress-syndrome/",
    "tips": "/tips/",
    "tip": "/tips/get-stronger/",
    "faq": "/faq/",
    "search": "/search/?q=shin",
    "search-without-results": "/search/?q=zzzzzz",
    "get-help": "/get-help/",
    "about": "/about/",
    "privacy": "/privacy/",
    "how-it-works": "/how-it-works/",
    "not-found": "/no-such-page/",
}
"""Every kind of public page: its address, or how to come to it."""
MISSING = ("gone", "not-found")


def visit(page: Page, name: str) -> None:
    """Open a page of that kind."""
    way = PAGES[name]
    if isinstance(way, str):
        response = page.goto(way)
        assert response
        assert response.status == (404 if name in MISSING else 200)
    else:
        way(page)


def assert_it_fits(page: Page) -> None:
    """The page scrolls in one direction only; says what sticks out."""
    wide = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    outside = page.evaluate(
        """[...document.querySelectorAll("body *")]
             .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1)
             .map(e => `${e.tagName} .${e.className}`).slice(0, 8)"""
    )
    assert wide[0] <= wide[1], f"{page.title()} scrolls sideways: {outside}"


@pytest.mark.parametrize("name", PAGES)
def test_every_kind_of_page(name: str, page: Page, axe: Callable[[Page], None]) -> None:
    """One heading, help at hand, no sideways scrolling, nothing for axe to find: on a phone by day, on a desk at night."""
    visit(page, name)
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    help_link = page.get_by_role("banner").get_by_role("link", name="Get help")
    expect(help_link).to_be_in_viewport()
    assert help_link.get_attribute("href") == "/get-help/"
    page.locator("details").evaluate_all("all => all.forEach(fold => { fold.open = true; })")
    page.set_viewport_size(NARROW)
    expect(help_link).to_be_in_viewport()
    assert_it_fits(page)
    page.set_viewport_size(PHONE)
    axe(page)
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="dark")
    axe(page)


def test_help_is_one_press_away_in_the_middle_of_the_check(page: Page) -> None:
    reach(page, SHINS, "pattern")
    page.get_by_role("banner").get_by_role("link", name="Get help").click()
    page.wait_for_url("**/get-help/")
    signs = page.locator("main .signs").first.get_by_role("listitem")
    assert signs.count() >= 6
    page.go_back()
    assert "pattern" in asked(page)


@pytest.mark.parametrize("question", ["safety_body", "site", "onset"])
def test_answers_are_large_enough_for_a_finger(question: str, page: Page) -> None:
    page.set_viewport_size(NARROW)
    reach(page, SAFE if question != "safety_body" else {}, question)
    heights = page.locator("fieldset label").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect().height)"
    )
    assert len(heights) >= 3
    assert min(heights) >= TARGET
    for name in ("Continue", "Skip / not sure"):
        size = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert size
        assert size["height"] >= TARGET, name


def test_words_twice_as_large_still_fit(page: Page) -> None:
    """A reader who sets the browser's letters to 200 % scrolls in one direction only."""
    for name in ("home", "step", "result"):
        visit(page, name)
        page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 30
        assert_it_fits(page)


# --- keyboard -----------------------------------------------------------------------------------------


def tab_to(page: Page, target: Locator, most: int = 60) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {target}")


def assert_the_focus_shows(page: Page) -> None:
    """What has the focus looks different from when it has none."""
    focused = page.evaluate_handle("document.activeElement").as_element()
    assert focused
    # Round a whole answer, not only its box: the ring may be there.
    size = focused.evaluate("e => (e.closest('.answer') || e).getBoundingClientRect().toJSON()")
    around = {
        "x": max(size["x"] - 8, 0),
        "y": max(size["y"] - 8, 0),
        "width": size["width"] + 16,
        "height": size["height"] + 16,
    }
    seen = page.screenshot(clip=around, animations="disabled", caret="hide")
    focused.evaluate("e => e.blur()")
    without = page.screenshot(clip=around, animations="disabled", caret="hide")
    page.keyboard.press("Shift")  # the focus that comes next is the keyboard's
    focused.evaluate("e => e.focus({preventScroll: true, focusVisible: true})")
    assert seen != without, f"nothing shows that {focused} has the focus"


def test_the_skip_link(desktop_page: Page) -> None:
    page = desktop_page
    page.goto("/causes/")
    link = page.get_by_role("link", name="Skip to the main part")
    expect(link).not_to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_check_by_keyboard_alone(desktop_page: Page) -> None:
    page = desktop_page
    page.goto("/")
    start = page.locator("main").get_by_role("button", name="Start").first
    tab_to(page, start)
    assert_the_focus_shows(page)
    with moving(page):
        page.keyboard.press("Enter")
    go = page.get_by_role("button", name="Continue")
    for code in SAFE:
        assert asked(page) == [code]
        first, none = page.locator(f"input[name={code}]").first, box(page, code, "none")
        tab_to(page, first)
        assert_the_focus_shows(page)
        page.keyboard.press("Space")
        expect(first).to_be_checked()
        tab_to(page, none)
        page.keyboard.press("Space")
        expect(none).to_be_checked()
        expect(first).not_to_be_checked()
        tab_to(page, go)
        assert_the_focus_shows(page)
        with moving(page):
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_be_focused()
    # A group of radio buttons is one stop: Space takes the first, the arrows go through them.
    tab_to(page, box(page, "site", "shin_inner"))
    page.keyboard.press("Space")
    tab_to(page, box(page, "side", "one"))
    page.keyboard.press("ArrowDown")
    expect(box(page, "side", "both")).to_be_checked()
    assert_the_focus_shows(page)
    with moving(page):
        page.keyboard.press("Enter")
    assert "onset" in asked(page)


# --- paper, forced colours ----------------------------------------------------------------------------


def test_a_printed_result_is_the_advice_without_the_furniture(page: Page) -> None:
    result(page)
    before = page.locator("details:not([open])").count()
    assert before
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    for part in (
        page.locator("[data-tier]"),
        page.locator("[data-condition]").first,
        page.locator("#plan-heading"),
    ):
        expect(part).to_be_visible()
    expect(page.locator(".given-chosen", has_text="Inner edge of the shin bone")).to_be_visible()
    for furniture in (
        "nav[aria-label=Main]",
        ".help-link",
        ".skip",
        "[data-print]",
        ".keep .actions",
        "footer nav",
    ):
        shown = page.locator(furniture)
        assert shown.count() == 1, furniture
        expect(shown).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() == before


def test_an_answer_shows_that_it_is_chosen_in_forced_colours(new_page: Callable[..., Page]) -> None:
    page = new_page(forced_colors="active")
    reach(page, SAFE, "onset")
    row = page.locator(".answer", has=box(page, "onset", "after_run"))
    before = row.screenshot(animations="disabled")
    answer(page, {"onset": ("after_run",)})
    page.mouse.move(0, 0)
    box(page, "onset", "after_run").evaluate("e => e.blur()")
    assert row.screenshot(animations="disabled") != before


# --- the admin ----------------------------------------------------------------------------------------


def test_the_first_page_of_the_admin_is_accessible(staff_page: Page, axe: Callable[[Page], None]) -> None:
    """Lists and forms are Django's own filters and select2, which axe faults."""
    assert staff_page.locator("#content-main th a").count() >= 5
    axe(staff_page)
