"""How the browser tests walk: read what a page asks, answer what is told, leave the rest blank, press Continue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect

Told = Mapping[str, tuple[str, ...]]

SAFE: Told = {"safety_body": ("none",), "safety_leg": ("none",)}
"""A safety screen without a danger sign."""
SHINS: Told = {
    **SAFE,
    "site": ("shin_inner",),
    "side": ("both",),
    "onset": ("over_weeks",),
    "duration": ("weeks_2_6",),
    "pattern": ("start_then_eases",),
    "quality": ("ache",),
    "severity": ("moderate",),
    "function": ("run_with_pain",),
    "signs": ("none",),
    "load_change": ("over_10",),
    "spot": ("line",),
    "age": ("age_30_44",),
    "conditions": ("none",),
}
"""A runner with plain shin pain (medial tibial stress syndrome) who did too much too soon."""
HEAT: Told = {"safety_body": ("very_hot_unwell",)}
"""A runner who needs help at once."""

TOKEN = re.compile(r"/assessment/([A-Za-z0-9_-]{100,})/")
MOST_PAGES = 40


@contextmanager
def moving(page: Page) -> Iterator[None]:
    """What is done inside leads to another page, whole or swapped; waits until that one is ready."""
    page.locator("main").evaluate("main => main.setAttribute('data-left', '')")
    yield
    expect(page.locator("main:not([data-left]):not(.htmx-added)")).to_have_count(1)
    page.wait_for_load_state()


def asked(page: Page) -> list[str]:
    """The codes of the questions that the page asks."""
    return [code for code in page.locator("form fieldset").evaluate_all("all => all.map(e => e.id)") if code]


def box(page: Page, question: str, option: str) -> Locator:
    """The checkbox or radio button of an answer."""
    return page.locator(f'input[name="{question}"][value="{option}"]')


def tick(page: Page, question: str, *options: str) -> None:
    """Make these the question's answers, by pressing their words."""
    if page.locator(f'input[type=checkbox][name="{question}"]').count():
        for other in set(ticked(page, question)) - set(options):
            _press(page, box(page, question, other))
    for option in options:
        if not box(page, question, option).is_checked():
            _press(page, box(page, question, option))


def _press(page: Page, answer: Locator) -> None:
    page.locator(f'label[for="{answer.get_attribute("id")}"]').click()


def ticked(page: Page, question: str) -> list[str]:
    """The answers of the question that are ticked."""
    chosen = page.locator(f'input[name="{question}"]:checked')
    return chosen.evaluate_all("all => all.map(e => e.value)")


def answer(page: Page, told: Told) -> None:
    """Tick what is told of the questions on the page."""
    for code in asked(page):
        if code in told:
            tick(page, code, *told[code])


def go_on(page: Page, name: str = "Continue") -> None:
    """Press Continue, or the button of that name, and wait for what comes."""
    with moving(page):
        page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    """Follow the link whose words these are, and wait for its page."""
    with moving(page):
        page.locator("main").get_by_role("link", name=name).click()


def walk(page: Page, told: Told, until: str = "") -> None:
    """From a step on, answer page by page: to the page that asks `until`, or else to one that asks nothing."""
    for _ in range(MOST_PAGES):
        codes = asked(page)
        if not codes or until in codes:
            assert codes or not until, f"{until} was never asked"
            return
        answer(page, told)
        go_on(page)
    raise AssertionError("the walk does not end")


def reach(page: Page, told: Told, until: str = "") -> None:
    """Open the page that `walk` would come to. The answers are posted without the browser, which is quicker."""
    response = page.request.post("/assessment/")
    for _ in range(MOST_PAGES):
        assert response.ok, f"{response.url} answered {response.status}"
        codes = re.findall(r'<fieldset[^>]*\sid="(\w+)"', response.text())
        if not codes or until in codes:
            assert codes or not until, f"{until} was never asked"
            page.goto(response.url)
            return
        data = urlencode({code: told[code] for code in codes if code in told}, doseq=True)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        response = page.request.post(response.url, data=data, headers=form)
    raise AssertionError("the walk does not end")


def found(page: Page, kind: str) -> list[str]:
    """What the result page found of a kind (tier, condition, cause), in its order."""
    return page.locator(f"[data-{kind}]").evaluate_all(f"all => all.map(e => e.getAttribute('data-{kind}'))")
