"""Reads the shipped knowledge: the YAML files of assessment/knowledge/, checked row by row.

    read() -> Draft   the knowledge as plain rows, as `drafts` writes them to the database and `compiler` freezes them

A file that can't be read, or a row that is wrong, raises KnowledgeFileError with the file, the row and the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from assessment.engine.knowledge import STRENGTHS, TIERS, Settings

FOLDER = Path(__file__).resolve().parent / "knowledge"
DIRECTIONS = ("for", "against")
SAYS = tuple(
    f"{strength} {direction}" for strength in ("weak", "moderate", "strong") for direction in DIRECTIONS
)
"""What an evidence row may say; a published likelihood ratio is written as `ratio: 4.2` instead."""

QUESTION_KEYS = {"code", "kind", "stage", "page", "phase", "group", "short", "text", "options"}
QUESTION_MORE = {"help", "why", "visible_if", "combine", "cap"}
OPTION_KEYS = {"text", "help", "base", "group"}
FLAG_KEYS = {"code", "title", "tier", "all", "sources", "conditions", "reason"}
ROW_KEYS = {"says", "ratio", "sources", "note"}


class KnowledgeFileError(ValueError):
    """A knowledge file that can't be used; says which file, which row and why."""

    def __init__(self, file: str, row: str, reason: str) -> None:
        super().__init__(f"{file}: {row}: {reason}" if row else f"{file}: {reason}")
        self.file, self.row, self.reason = file, row, reason


@dataclass
class Draft:
    """Knowledge as plain rows, in no way frozen: what editors' rows and shipped files have in common."""

    questions: list[dict[str, Any]] = field(default_factory=list)
    """code, kind, stage, page, phase, group, combine, cap, short, text, help, why, options [code, text, help, base,
    group], visible_if [any, at_least]."""
    findings: list[dict[str, Any]] = field(default_factory=list)
    """slug, kind, prior, tier, serious, sources, links {cause: strength}."""
    evidence: list[dict[str, Any]] = field(default_factory=list)
    """finding, question, option, says, ratio (published only, else None), sources, note."""
    red_flags: list[dict[str, Any]] = field(default_factory=list)
    """code, title, tier, reason, sources, conditions, clauses [any, at_least]."""
    settings: dict[str, float] = field(default_factory=dict)


def ratio_of(says: str) -> float:
    """The likelihood ratio that 'strong for' and the like stand for. Raises ValueError for anything else."""
    strength, _, direction = says.partition(" ")
    if strength not in STRENGTHS or direction not in DIRECTIONS or strength == "published":
        raise ValueError(f"{says!r} is none of: {', '.join(SAYS)}")
    ratio = STRENGTHS[strength]
    return ratio if direction == "for" else 1 / ratio


def read(folder: Path = FOLDER) -> Draft:
    """The shipped knowledge. Raises KnowledgeFileError."""
    draft = Draft()
    draft.questions = [_question(row, number) for number, row in _list(folder / "questions.yaml")]
    codes = {q["code"]: {o["code"] for o in q["options"]} for q in draft.questions}
    for kind, name in (("condition", "conditions"), ("cause", "causes")):
        paths = sorted((folder / name).glob("*.yaml"))
        if not paths:
            raise KnowledgeFileError(f"{name}/", "", "holds no files")
        for path in paths:
            finding, rows = _finding_file(path, kind, codes)
            draft.findings.append(finding)
            draft.evidence += rows
    draft.red_flags = [_red_flag(row, number, codes) for number, row in _list(folder / "red_flags.yaml")]
    draft.settings = _settings(folder / "model.yaml")
    return draft


# --- one file -------------------------------------------------------------------------------------------


class _UniqueKeys(yaml.SafeLoader):
    """A loader that refuses a key that stands twice, where plain YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def load_yaml(path: Path) -> Any:
    """What a YAML file holds. Raises KnowledgeFileError with the line when it can't be read."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)  # noqa: S506 (a SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise KnowledgeFileError(path.name, "", f"can't be read ({error})") from error
    except (yaml.YAMLError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else ""
        raise KnowledgeFileError(
            path.name, line, f"is no valid YAML: {getattr(error, 'problem', error)}"
        ) from error


def _list(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = load_yaml(path)
    if not isinstance(rows, list) or not rows:
        raise KnowledgeFileError(path.name, "", "must be a list of rows")
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise KnowledgeFileError(path.name, f"row {number}", "must have names and values")
        yield f"row {number} ({row.get('code', 'no code')})", row


def _keys(file: str, row: str, given: Mapping[str, Any], needed: set[str], more: set[str]) -> None:
    missing, unknown = needed - set(given), set(map(str, given)) - needed - more
    if missing:
        raise KnowledgeFileError(file, row, f"lacks {', '.join(sorted(missing))}")
    if unknown:
        raise KnowledgeFileError(file, row, f"has unknown keys: {', '.join(sorted(unknown))}")


def _strings(file: str, row: str, value: Any, what: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise KnowledgeFileError(file, row, f"{what} must be a list of words")
    return value


def _question(row: dict[str, Any], number: str) -> dict[str, Any]:
    file = "questions.yaml"
    _keys(file, number, row, QUESTION_KEYS, QUESTION_MORE)
    if not isinstance(row["options"], dict):
        raise KnowledgeFileError(file, number, "options must be 'code: text' pairs")
    options = []
    for code, value in row["options"].items():
        more = {"text": value} if isinstance(value, str) else value
        if not isinstance(more, dict) or not isinstance(more.get("text"), str) or set(more) - OPTION_KEYS:
            raise KnowledgeFileError(
                file, number, f"option {code} must be a text, or text, help, group and base"
            )
        options.append({"code": str(code), "help": "", "base": 0.2, "group": "", **more})
    clauses = [_clause(file, number, clause, None) for clause in row.get("visible_if", [])]
    defaults = {"help": "", "why": "", "combine": "sum", "cap": 8.0}
    return {**defaults, **row, "cap": float(row.get("cap", 8.0)), "options": options, "visible_if": clauses}


def _clause(file: str, row: str, clause: Any, codes: Mapping[str, set[str]] | None) -> dict[str, Any]:
    """A clause as {any, at_least}; a plain list means one of it. Checked against `codes` when given."""
    if isinstance(clause, list):
        clause = {"any": clause}
    if not isinstance(clause, dict) or set(clause) - {"any", "at_least"} or "any" not in clause:
        raise KnowledgeFileError(
            file, row, "a clause is a list of question=option, or {any: [...], at_least: n}"
        )
    picks = _strings(file, row, clause["any"], "a clause")
    for pick in picks:
        question, equals, option = pick.partition("=")
        if not equals or (codes is not None and option not in codes.get(question, ())):
            raise KnowledgeFileError(file, row, f"{pick!r} is no answer of questions.yaml")
    at_least = clause.get("at_least", 1)
    if not isinstance(at_least, int):
        raise KnowledgeFileError(file, row, "at_least must be a whole number")
    return {"any": picks, "at_least": at_least}


def _finding_file(
    path: Path, kind: str, codes: Mapping[str, set[str]]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    data, file = load_yaml(path), f"{path.parent.name}/{path.name}"
    if not isinstance(data, dict):
        raise KnowledgeFileError(file, "", "must have names and values")
    if kind == "condition":
        _keys(
            file, "", data, {"finding", "weight", "tier", "serious", "sources", "causes", "evidence"}, set()
        )
        if data["tier"] not in TIERS:
            raise KnowledgeFileError(file, "tier", f"{data['tier']!r} is none of: {', '.join(TIERS)}")
    else:
        _keys(file, "", data, {"finding", "prior", "sources", "evidence"}, set())
    if data["finding"] != path.stem:
        raise KnowledgeFileError(file, "finding", f"{data['finding']!r} does not match the file's name")
    prior = data["weight" if kind == "condition" else "prior"]
    if not isinstance(prior, int | float) or isinstance(prior, bool):
        raise KnowledgeFileError(file, "weight", "must be a number")
    links = data.get("causes") or {}
    for cause, strength in links.items():
        if strength not in ("weak", "moderate", "strong"):
            raise KnowledgeFileError(
                file, f"causes: {cause}", f"{strength!r} is none of: weak, moderate, strong"
            )
    sources = _strings(file, "sources", data["sources"], "sources")
    finding = {
        "slug": path.stem,
        "kind": kind,
        "prior": float(prior),
        "tier": data.get("tier", "self-care"),
        "serious": bool(data.get("serious", False)),
        "sources": sources,
        "links": dict(links),
    }
    return finding, list(_evidence(file, path.stem, data["evidence"], sources, codes))


def _evidence(
    file: str, slug: str, table: Any, sources: list[str], codes: Mapping[str, set[str]]
) -> Iterator[dict[str, Any]]:
    if not isinstance(table, dict):
        raise KnowledgeFileError(file, "evidence", "must be questions with their options")
    for question, rows in table.items():
        if question not in codes:
            raise KnowledgeFileError(file, f"evidence: {question}", "is no question of questions.yaml")
        for option, row in (rows or {}).items():
            where = f"evidence: {question}={option}"
            if option != "*" and option not in codes[question]:
                raise KnowledgeFileError(file, where, "is no option of that question")
            if not isinstance(row, dict) or set(row) - ROW_KEYS or ("says" in row) == ("ratio" in row):
                raise KnowledgeFileError(
                    file, where, "needs either 'says' or 'ratio', and may have sources and note"
                )
            if "says" in row and row["says"] not in SAYS:
                raise KnowledgeFileError(
                    file, where, f"says {row['says']!r}, which is none of: {', '.join(SAYS)}"
                )
            ratio = row.get("ratio")
            if ratio is not None and (not isinstance(ratio, int | float) or ratio <= 0):
                raise KnowledgeFileError(file, where, "ratio must be a number above 0")
            if ratio is not None and "sources" not in row:
                raise KnowledgeFileError(file, where, "a published ratio must name its source")
            yield {
                "finding": slug,
                "question": question,
                "option": str(option),
                "says": row.get("says", ""),
                "ratio": None if ratio is None else float(ratio),
                "sources": _strings(file, where, row.get("sources", sources), "sources"),
                "note": row.get("note", ""),
            }


def _red_flag(row: dict[str, Any], number: str, codes: Mapping[str, set[str]]) -> dict[str, Any]:
    file = "red_flags.yaml"
    _keys(file, number, row, FLAG_KEYS, set())
    if row["tier"] not in TIERS[1:]:
        raise KnowledgeFileError(file, number, f"tier {row['tier']!r} is none of: {', '.join(TIERS[1:])}")
    return {
        "code": row["code"],
        "title": row["title"],
        "tier": row["tier"],
        "reason": row["reason"],
        "sources": _strings(file, number, row["sources"], "sources"),
        "conditions": _strings(file, number, row["conditions"], "conditions"),
        "clauses": [_clause(file, number, clause, codes) for clause in row["all"]],
    }


def _settings(path: Path) -> dict[str, float]:
    data = load_yaml(path)
    known = {f.name for f in fields(Settings)}
    if not isinstance(data, dict):
        raise KnowledgeFileError(path.name, "", "must have names and values")
    _keys(path.name, "", data, known, set())
    for name, value in data.items():
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise KnowledgeFileError(path.name, name, "must be a number")
    return {name: int(data[name]) if name == "max_questions" else float(data[name]) for name in sorted(known)}
