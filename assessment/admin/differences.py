"""What differs between two snapshots, in rows that a clinician can read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from assessment.admin.words import clause
from assessment.engine.knowledge import STRENGTHS
from assessment.engine.scoring import ANY

MAX_ROWS = 200
"""Rows shown of each kind of difference; a page of thousands helps nobody."""

Snapshot = Mapping[str, Any]


@dataclass(frozen=True)
class Detail:
    """One field that changed."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Row:
    """One row that was added, removed or changed."""

    label: str
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True)
class Section:
    """The differences of one part of the knowledge."""

    title: str
    added: tuple[Row, ...]
    removed: tuple[Row, ...]
    changed: tuple[Row, ...]
    reordered: bool
    more: int
    """Rows that are not shown."""


def between(old: Snapshot, new: Snapshot) -> tuple[Section, ...]:
    """The parts that differ; empty when the two say the same."""
    names = {**_names(old), **_names(new)}
    parts: tuple[tuple[str, Callable[[Snapshot], dict[str, tuple[str, dict[str, str]]]]], ...] = (
        ("Questions", lambda s: _questions(s, names)),
        ("Conditions", lambda s: _findings(s, "conditions")),
        ("Causes", lambda s: _findings(s, "causes")),
        ("Evidence", lambda s: _evidence(s, names)),
        ("Red flags", lambda s: _flags(s, names)),
        ("Tips", lambda s: {t["slug"]: (t["title"], _plain(t, skip=("slug",))) for t in s["tips"]}),
        ("References", lambda s: {key: (key, _plain(value)) for key, value in s["references"].items()}),
        ("Numbers of the model", lambda s: {n: (n, {"value": _text(v)}) for n, v in s["settings"].items()}),
    )
    found = (_section(title, rows(old), rows(new)) for title, rows in parts)
    return tuple(section for section in found if section)


def _section(
    title: str, old: dict[str, tuple[str, dict[str, str]]], new: dict[str, tuple[str, dict[str, str]]]
) -> Section | None:
    added = [Row(new[key][0]) for key in new if key not in old]
    removed = [Row(old[key][0]) for key in old if key not in new]
    changed = []
    for key, (_, before) in old.items():
        if key in new:
            after = new[key][1]
            details = tuple(
                Detail(name, before.get(name, ""), after.get(name, ""))
                for name in {**before, **after}
                if before.get(name, "") != after.get(name, "")
            )
            # A row may be named by a text of another row: then that row shows the change.
            if details:
                changed.append(Row(new[key][0], details))
    reordered = [key for key in old if key in new] != [key for key in new if key in old]
    if not (added or removed or changed or reordered):
        return None
    more = sum(max(0, len(rows) - MAX_ROWS) for rows in (added, removed, changed))
    shown = (tuple(rows[:MAX_ROWS]) for rows in (added, removed, changed))
    return Section(title, *shown, reordered=reordered, more=more)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return "; ".join(map(_text, value))
    return "" if value is None else str(value)


def _plain(row: Mapping[str, Any], skip: tuple[str, ...] = ()) -> dict[str, str]:
    return {name.replace("_", " "): _text(value) for name, value in row.items() if name not in skip}


def _names(snapshot: Snapshot) -> dict[str, str]:
    """Codes of answers and slugs of findings, in words."""
    answers = {
        f"{q['code']}={o['code']}": f"{q['short']}: {o['text']}"
        for q in snapshot["questions"]
        for o in q["options"]
    }
    rest = {f"{q['code']}={ANY}": f"{q['short']}: every other answer" for q in snapshot["questions"]}
    titles = {f["slug"]: f["title"] for f in (*snapshot["conditions"], *snapshot["causes"])}
    return {**answers, **rest, **titles}


def _clauses(rows: list[Mapping[str, Any]], names: Mapping[str, str]) -> str:
    return ", and ".join(clause(c["at_least"], [names.get(pick, pick) for pick in c["any"]]) for c in rows)


def _questions(snapshot: Snapshot, names: Mapping[str, str]) -> dict[str, tuple[str, dict[str, str]]]:
    rows = {}
    for q in snapshot["questions"]:
        fields = _plain(q, skip=("code", "options", "visible_if"))
        fields["asked only when"] = _clauses(q["visible_if"], names)
        fields["order of answers"] = ", ".join(o["code"] for o in q["options"])
        for option in q["options"]:
            more = {name: value for name, value in _plain(option, skip=("code", "text")).items() if value}
            said = ", ".join(f"{name} {value}" for name, value in more.items())
            fields[f"answer {option['code']}"] = f"{option['text']} ({said})"
        rows[q["code"]] = (f"{q['short']} ({q['code']})", fields)
    return rows


def _findings(snapshot: Snapshot, kind: str) -> dict[str, tuple[str, dict[str, str]]]:
    words = {ratio: strength for strength, ratio in STRENGTHS.items()}
    rows = {}
    for f in snapshot[kind]:
        fields = _plain(f, skip=("slug", "links"))
        fields["points to"] = "; ".join(
            f"{cause} ({words.get(ratio, ratio)})" for cause, ratio in sorted(f["links"].items())
        )
        rows[f["slug"]] = (f["title"], fields)
    return rows


def _evidence(snapshot: Snapshot, names: Mapping[str, str]) -> dict[str, tuple[str, dict[str, str]]]:
    rows = {}
    for e in snapshot["evidence"]:
        pick = f"{e['question']}={e['option']}"
        label = f"{names.get(e['finding'], e['finding'])}: {names.get(pick, pick)}"
        said = e["says"] if e["estimate"] else f"published ratio {e['ratio']:g}"
        fields = {"says": said, "sources": _text(e["sources"]), "note": e["note"]}
        rows[f"{e['finding']} {pick}"] = (label, fields)
    return rows


def _flags(snapshot: Snapshot, names: Mapping[str, str]) -> dict[str, tuple[str, dict[str, str]]]:
    rows = {}
    for f in snapshot["red_flags"]:
        fields = _plain(f, skip=("code", "clauses"))
        fields["fires when"] = _clauses(f["clauses"], names)
        rows[f["code"]] = (f["title"], fields)
    return rows
