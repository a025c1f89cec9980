"""What the pages beside the walk say about the current release; they work without one too."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError

from assessment import releases
from content.library import library


def _current() -> releases.Compiled | None:
    """The current release; None when nothing is published or the database is away before the first read."""
    try:
        return releases.current()
    except (releases.ReleaseUnknown, DatabaseError):
        return None


def causes() -> list[dict[str, str]]:
    """The published causes as title and address; empty when the database is away before the first read."""
    try:
        return [{"title": page.title, "url": page.url} for page in library().causes.values()]
    except DatabaseError:
        return []


def danger_signs() -> dict[str, Any]:
    """Tier -> [{title, reason}] for the red flags that one answer alone raises, most urgent first."""
    signs: dict[str, Any] = {"emergency": [], "urgent": [], "soon": []}
    release = _current()
    for flag in release.kb.red_flags if release else ():
        if len(flag.clauses) == 1 and all(p.question.startswith("safety_") for p in flag.clauses[0].picks):
            signs[flag.tier].append({"title": flag.title, "reason": flag.reason})
    return signs


def figures() -> dict[str, Any]:
    """The current release's number, date and sizes; empty without one."""
    release = _current()
    if release is None:
        return {"release": None}
    kb = release.kb
    return {
        "release": {"number": release.number, "date": release.published_at},
        "questions": len(kb.questions),
        "conditions": len(kb.conditions),
        "causes": len(kb.causes),
        "red_flags": len(kb.red_flags),
        "evidence": len(kb.evidence),
        "sources": len(release.snapshot["references"]),
    }
