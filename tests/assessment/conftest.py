"""What the tests of the assessment share: a walk over the test client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser

import pytest
from django.test import Client

from assessment import releases
from assessment.engine.knowledge import KnowledgeBase

CALM = {
    "safety_body": ["none"],
    "safety_leg": ["none"],
    "site": ["shin_inner"],
    "side": ["both"],
    "onset": ["over_weeks"],
    "duration": ["days_4_14"],
    "pattern": ["start_then_eases"],
    "quality": ["ache"],
    "severity": ["mild"],
    "function": ["run_with_pain"],
    "signs": ["none"],
    "load_change": ["over_10"],
    "age": ["age_30_44"],
    "conditions": ["none"],
    "spot": ["line"],
}
"""A runner with mild shin splints and no danger sign."""


class Fields(HTMLParser):
    """Reads a step page as a machine would: fieldsets, and the name and value of each radio and checkbox."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.questions: dict[str, list[str]] = {}
        self.checked: dict[str, list[str]] = {}
        self.buttons: set[str] = set()
        self.fieldsets = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "fieldset":
            self.fieldsets += 1
        if tag == "input" and given.get("type") in ("radio", "checkbox"):
            name, value = given["name"] or "", given["value"] or ""
            self.questions.setdefault(name, []).append(value)
            if "checked" in given:
                self.checked.setdefault(name, []).append(value)
        if tag == "button" and given.get("name"):
            self.buttons.add(given["name"] or "")


class Walker:
    """A runner at the test client: answers what is told and leaves the rest blank."""

    def __init__(self, client: Client, told: Mapping[str, Sequence[str]]) -> None:
        self.client = client
        self.told = told
        self.pages: list[str] = []

    def begin(self) -> str:
        """The address of the first step."""
        response = self.client.post("/assessment/")
        assert response.status_code == 303
        return response["Location"]

    def step(self, address: str) -> str:
        """Answer one page; the next address."""
        response = self.client.get(address)
        assert response.status_code == 200, address
        fields = Fields(response.content.decode())
        assert fields.questions, "a step page asks something"
        posted = {code: list(self.told[code]) for code in fields.questions if code in self.told}
        answer = self.client.post(address, posted)
        assert answer.status_code == 303
        self.pages.append(address)
        return answer["Location"]

    def to_the_end(self, address: str = "") -> str:
        """Walk on to the result; its address."""
        address = address or self.begin()
        for _ in range(40):
            if address.endswith("/result/"):
                return address
            address = self.step(address)
        raise AssertionError("the walk did not end")


@pytest.fixture
def kb(bootstrapped: None) -> KnowledgeBase:
    """The knowledge of release 1."""
    return releases.current().kb
