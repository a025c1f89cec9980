"""Small rows and files for the tests of content."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from content.models import FAQ, Cause, Condition, Reference, Status, Tip

BODY = "## What it is\n\nWords about it [@smith-2021].\n\n## What helps\n\nRest."


def reference(key: str = "smith-2021", **values: Any) -> Reference:
    """The reference of that key, made if need be."""
    fields = {"title": "A study of legs", "authors": "Smith A", "where": "J Legs", "year": 2021, **values}
    return Reference.objects.get_or_create(key=key, defaults=fields)[0]


def _article(model: Any, slug: str, values: dict[str, Any]) -> Any:
    given = {
        "title": slug.replace("-", " ").capitalize(),
        "summary": f"A summary of {slug}.",
        "body": BODY,
        "evidence_rating": "moderate",
        "contested": "Some of it is uncertain.",
        "status": Status.PUBLISHED,
    }
    cited = reference()
    row = model.objects.create(slug=slug, **{**given, **values})
    row.references.add(cited)
    return row


def cause(slug: str = "overtraining", **values: Any) -> Cause:
    """A published cause."""
    row: Cause = _article(Cause, slug, values)
    return row


def condition(slug: str = "calf-strain", **values: Any) -> Condition:
    """A published condition."""
    given = {
        "region": "shin and calf",
        "usual_tier": "self-care",
        "first_aid": ["Rest."],
        "be_seen": ["In a week."],
    }
    row: Condition = _article(Condition, slug, {**given, **values})
    return row


def tip(slug: str = "get-stronger", **values: Any) -> Tip:
    """A published tip."""
    row: Tip = _article(Tip, slug, {"do": "Do some squats.", "phase": "this week", **values})
    return row


def faq(slug: str = "why-do-legs-hurt", **values: Any) -> FAQ:
    """A published question."""
    row: FAQ = _article(FAQ, slug, values)
    return row


COMMON = {
    "summary": "A summary.",
    "evidence_rating": "moderate",
    "contested": "Some of it is uncertain.",
    "references": ["smith-2021"],
}
FRONT: dict[str, dict[str, Any]] = {
    "causes": {
        "order": 1,
        "article_claim": "It says so.",
        "evidence_says": "Not quite [@smith-2021].",
        "tips": ["get-stronger"],
        "mechanisms": [
            {
                "title": "Load",
                "text": "Too much of it [@smith-2021].",
                "example": "A runner.",
                "rating": "limited",
            }
        ],
    },
    "conditions": {
        "also_known_as": ["Pulled calf"],
        "region": "shin and calf",
        "usual_tier": "self-care",
        "look_alikes": [],
        "first_aid": ["Rest."],
        "avoid": ["Hills."],
        "be_seen": ["In a week."],
        "recovery": "Two weeks.",
        "causes": ["overtraining"],
        "tips": ["get-stronger"],
    },
    "tips": {
        "order": 1,
        "do": "Do some squats.",
        "phase": "this week",
        "example": "Three sets of 10.",
        "from_article": False,
        "causes": ["overtraining"],
    },
    "faq": {
        "order": 1,
        "from_article": False,
        "causes": [],
        "conditions": ["calf-strain"],
        "tips": ["get-stronger"],
    },
}
SLUGS = {
    "causes": "overtraining",
    "conditions": "calf-strain",
    "tips": "get-stronger",
    "faq": "why-do-legs-hurt",
}
SMITH = {
    "key": "smith-2021",
    "authors": "Smith A",
    "title": "A study of legs",
    "where": "J Legs",
    "year": 2021,
    "doi": "",
    "url": "https://legs.example/1",
    "kind": "trial",
    "note": "",
}


class Folder:
    """A small library in a folder: one article of each kind."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.references([SMITH])
        for kind in FRONT:
            self.article(kind)

    def references(self, entries: Any) -> None:
        """Write references.yaml."""
        (self.path / "references.yaml").write_text(yaml.safe_dump(entries, sort_keys=False), encoding="utf-8")

    def article(self, kind: str, slug: str = "", body: str = BODY, **front: Any) -> Path:
        """Write an article; a key whose value is None is left out."""
        slug = slug or SLUGS[kind]
        values = {"title": slug.replace("-", " "), "slug": slug, **COMMON, **FRONT[kind], **front}
        values = {key: value for key, value in values.items() if value is not None}
        return self.raw(kind, slug, f"---\n{yaml.safe_dump(values, sort_keys=False)}---\n{body}\n")

    def raw(self, kind: str, slug: str, text: str) -> Path:
        """Write a file."""
        path = self.path / kind / f"{slug}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path
