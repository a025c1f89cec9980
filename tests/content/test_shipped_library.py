"""The rules for the articles that ship: complete, sourced, of a readable length, and as the assessment has them."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from content.markdown import words
from content.shipped import Row, read

KNOWLEDGE = Path(__file__).resolve().parent.parent.parent / "assessment" / "knowledge"
ORDER = [
    *("muscle-fatigue", "dehydration", "electrolyte-imbalance", "inadequate-warm-up", "overtraining"),
    *("poor-form", "improper-footwear", "impact-stress", "underlying-conditions"),
]
SIX = [
    *("build-up-gradually", "warm-up-and-cool-down", "drink-to-thirst"),
    *("choose-shoes-that-fit", "get-stronger", "run-with-easy-form"),
]
HEADINGS = {
    "causes": ["What it is", "How to tell", "What helps", "When it is something else"],
    "conditions": [
        *("What it feels like", "Why it happens", "What to do now"),
        *("How long it takes", "When to be seen"),
    ],
    "tips": ["How to do it", "Why it helps", "Take care"],
}
LENGTHS = {"causes": (500, 900), "conditions": (250, 500), "tips": (120, 350), "faq": (80, 250)}
AMERICAN = r"\b(color|center|fiber|hemorrhage|pediatric|orthopedic|ischemia|anemia|edema|program)s?\b"


@lru_cache(maxsize=1)
def library() -> dict[str, dict[str, Row]]:
    """The shipped rows."""
    return read()


@lru_cache(maxsize=1)
def knowledge() -> dict[str, dict[str, Any]]:
    """What the assessment says about each condition. Read as data: content knows nothing of the assessment."""
    found = {}
    for path in (KNOWLEDGE / "conditions").glob("*.yaml"):
        found[path.stem] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def rows(*kinds: str) -> list[Any]:
    """Parameters: the rows of these kinds."""
    return [pytest.param(row, id=f"{kind}/{slug}") for kind in kinds for slug, row in library()[kind].items()]


def texts(row: Row) -> list[str]:
    """All words of a row that readers see."""
    found = [value for value in row.fields.values() if isinstance(value, str)]
    found += [line for value in row.fields.values() if isinstance(value, list) for line in value]
    return found + [value for each in row.mechanisms for value in each.values()]


def test_it_is_complete() -> None:
    assert sorted(library()["causes"], key=lambda slug: library()["causes"][slug].fields["order"]) == ORDER
    assert [
        row.fields["order"] for row in sorted(library()["causes"].values(), key=lambda r: r.fields["order"])
    ] == [*range(1, 10)]
    assert len(library()["conditions"]) == 47
    assert set(library()["conditions"]) == set(knowledge())
    tips, faq = library()["tips"].values(), library()["faq"].values()
    from_article = sorted(
        (row for row in tips if row.fields["from_article"]), key=lambda row: row.fields["order"]
    )
    assert [row.slug for row in from_article] == SIX
    assert len([row for row in faq if row.fields["from_article"]]) == 6
    for row in (*from_article, *(row for row in faq if row.fields["from_article"])):
        assert row.fields["article_claim"], row.slug
        assert row.fields["evidence_says"], row.slug


@pytest.mark.parametrize("row", rows("causes", "conditions", "tips", "faq"))
def test_its_length(row: Row) -> None:
    least, most = LENGTHS[row.kind]
    count = words(row.fields["body"])
    count += sum(
        words(each["text"]) + words(each["example"]) + words(each["note"]) for each in row.mechanisms
    )
    # Causes are measured without examples and notes when these make them too long.
    if row.kind == "causes" and count > most:
        count = words(row.fields["body"]) + sum(words(each["text"]) for each in row.mechanisms)
    assert least <= count <= most


@pytest.mark.parametrize("row", rows("causes", "conditions", "tips"))
def test_its_sections(row: Row) -> None:
    assert re.findall(r"^## (.+)$", row.fields["body"], re.MULTILINE) == HEADINGS[row.kind]


@pytest.mark.parametrize("row", rows("causes", "conditions", "tips", "faq"))
def test_its_words(row: Row) -> None:
    whole = "\n".join(texts(row))
    assert not re.search(r"\(mem\)|\bTODO\b|\bCE\b|\bpatients?\b", whole)
    assert "!" not in re.sub(r"!\[", "", whole)
    assert not re.search(AMERICAN, whole, re.IGNORECASE), re.search(AMERICAN, whole, re.IGNORECASE)
    assert not re.search(r"\b(999|911|112)\b", whole), "emergency numbers differ by country"
    assert row.references


@pytest.mark.parametrize("row", rows("conditions"))
def test_a_condition_agrees_with_the_assessment(row: Row) -> None:
    known = knowledge()[row.slug]
    assert row.fields["usual_tier"] == known["tier"]
    assert set(known.get("causes") or {}) <= set(row.links["causes"])
    assert row.links["tips"]
    assert row.links["look_alikes"]
    assert 2 <= len(row.fields["first_aid"]) <= 5
    assert row.fields["be_seen"]
    assert row.fields["recovery"]


@pytest.mark.parametrize("row", rows("causes"))
def test_a_cause_has_mechanisms_with_examples_and_tips(row: Row) -> None:
    assert len(row.mechanisms) >= 2
    assert all(each["example"] for each in row.mechanisms)
    assert row.links["tips"]


def test_every_tip_is_linked() -> None:
    linked = {
        slug
        for kind in ("causes", "conditions")
        for row in library()[kind].values()
        for slug in row.links["tips"]
    }
    assert set(library()["tips"]) <= linked


@pytest.mark.parametrize("row", rows("conditions"))
def test_an_emergency_says_so_first(row: Row) -> None:
    if row.fields["usual_tier"] == "emergency":
        assert re.search(r"emergency|hospital", row.fields["first_aid"][0], re.IGNORECASE)
