"""Freezes a draft into a snapshot: the canonical plain JSON that a release is, and the engine reads.

The snapshot also freezes what results print of the articles (titles, summaries, first aid, tips) and the references that
the evidence names, so that a result can be explained later by exactly what made it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assessment.engine.knowledge import STRENGTHS, KnowledgeBase
from assessment.engine.validate import Problem, problems
from assessment.shipped import Draft, ratio_of

FORMAT = 1
"""Version of the snapshot's shape."""


class CompileError(ValueError):
    """A draft that can't become a release; `problems` names everything that is wrong with it."""

    def __init__(self, found: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, found)))
        self.problems = found


@dataclass(frozen=True)
class Texts:
    """What a release freezes of the articles."""

    findings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """slug -> title, summary, region, first_aid, avoid, be_seen, recovery, tips."""
    tips: tuple[Mapping[str, Any], ...] = ()
    """slug, title, do, phase, causes, conditions."""
    references: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """key -> authors, title, where, year, doi, url."""


def compile_snapshot(draft: Draft, texts: Texts | None = None) -> dict[str, Any]:
    """The snapshot of a draft. Raises CompileError when the knowledge base that it makes is not sound.

    Without texts, findings carry their slugs as titles: enough for measuring, not for publishing.
    """
    texts = texts or Texts()
    keys = {key for row in (*draft.evidence, *draft.red_flags) for key in row["sources"]}
    snapshot = {
        "format": FORMAT,
        "questions": draft.questions,
        "conditions": [_finding(f, texts) for f in draft.findings if f["kind"] == "condition"],
        "causes": [_finding(f, texts) for f in draft.findings if f["kind"] == "cause"],
        "evidence": [_evidence(e) for e in draft.evidence],
        "red_flags": draft.red_flags,
        "tips": [dict(t) for t in texts.tips],
        "settings": dict(draft.settings),
        "references": {key: dict(texts.references[key]) for key in sorted(keys) if key in texts.references},
    }
    snapshot = json.loads(canonical(snapshot))
    try:
        kb = KnowledgeBase.from_snapshot(snapshot)
    except (KeyError, TypeError, ValueError) as error:
        raise CompileError((Problem("knowledge", f"has a wrong shape: {error}"),)) from error
    found = problems(kb)
    if found:
        raise CompileError(found)
    return snapshot


def canonical(snapshot: Mapping[str, Any]) -> str:
    """One text for one snapshot: sorted keys, no blanks; equal snapshots give equal texts."""
    return json.dumps(snapshot, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(text: str) -> str:
    """The SHA-256 of a canonical text, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _finding(row: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    text = texts.findings.get(row["slug"], {})
    return {
        "slug": row["slug"],
        "prior": row["prior"],
        "tier": row["tier"],
        "serious": row["serious"],
        "links": {cause: STRENGTHS[strength] for cause, strength in sorted(row["links"].items())},
        "title": text.get("title", row["slug"]),
        "summary": text.get("summary", ""),
        "region": text.get("region", ""),
        "first_aid": list(text.get("first_aid", ())),
        "avoid": list(text.get("avoid", ())),
        "be_seen": list(text.get("be_seen", ())),
        "recovery": text.get("recovery", ""),
        "tips": list(text.get("tips", ())),
    }


def _evidence(row: Mapping[str, Any]) -> dict[str, Any]:
    published = row["ratio"] is not None
    return {
        "finding": row["finding"],
        "question": row["question"],
        "option": row["option"],
        "ratio": round(row["ratio"] if published else ratio_of(row["says"]), 6),
        "says": row["says"],
        "estimate": not published,
        "sources": row["sources"],
        "note": row["note"],
    }
