"""The articles that ship with the site: files in content/library/ read into checked rows. No database.

Each article is a Markdown file with YAML front matter, <kind>/<slug>.md; references.yaml lists the references.
Every mistake is found in one go and told with its file, its key and the reason.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db.models import Model

from content.models import KINDS, Mechanism, Reference, Status

LIBRARY = Path(__file__).resolve().parent / "library"
REFERENCES = "references"
"""The kind of the rows of references.yaml."""

COMMON = {"title": str, "slug": str, "summary": str, "evidence_rating": str, "contested": str}
CLAIMS = {"article_claim": str, "evidence_says": str}
FIELDS: dict[str, dict[str, type]] = {
    "causes": {**COMMON, **CLAIMS, "order": int},
    "conditions": {
        **COMMON,
        "also_known_as": list,
        "region": str,
        "usual_tier": str,
        "first_aid": list,
        "avoid": list,
        "be_seen": list,
        "recovery": str,
    },
    "tips": {**COMMON, **CLAIMS, "order": int, "do": str, "phase": str, "example": str, "from_article": bool},
    "faq": {**COMMON, **CLAIMS, "order": int, "from_article": bool},
}
"""The front matter of each kind that becomes fields of the row, with their types. The text is the field `body`."""
LINKS: dict[str, dict[str, str]] = {
    "causes": {"tips": "tips"},
    "conditions": {"causes": "causes", "tips": "tips", "look_alikes": "conditions"},
    "tips": {"causes": "causes"},
    "faq": {"causes": "causes", "conditions": "conditions", "tips": "tips"},
}
"""The front matter that links to other articles, and the kind that each links to."""
OPTIONAL = {*CLAIMS, "note", "causes", "conditions", "tips", "authors", "where", "year", "doi", "url"}
MECHANISM = {"title": str, "text": str, "example": str, "rating": str, "note": str}
REFERENCE = {
    "key": str,
    "authors": str,
    "title": str,
    "where": str,
    "year": int,
    "doi": str,
    "url": str,
    "kind": str,
    "note": str,
}
WORDS = {str: "a text", list: "a list of texts", int: "a whole number", bool: "true or false"}


@dataclass(frozen=True)
class Problem:
    """Something wrong with a file."""

    file: str
    row: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, {self.row}: {self.reason}" if self.row else f"{self.file}: {self.reason}"


class LibraryError(Exception):
    """The library can't be used as it is; `problems` says all that is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass
class Row:
    """One article or reference, as it is to stand in the database."""

    kind: str
    slug: str
    file: str
    fields: dict[str, Any]
    links: dict[str, list[str]] = field(default_factory=dict)
    references: list[str] = field(default_factory=list)
    mechanisms: list[dict[str, Any]] = field(default_factory=list)

    @property
    def hash(self) -> str:
        """Of all that is in it."""
        return hash_of(content(self.fields, self.links, self.references, self.mechanisms))


def content(
    fields: dict[str, Any],
    links: dict[str, list[str]],
    references: list[str],
    mechanisms: list[dict[str, Any]],
) -> dict[str, Any]:
    """What a row says, in one form for files and database, so that the two can be compared.

    A form in a browser sends other ends of lines, which is no change.
    """

    def tidy(value: Any) -> Any:
        return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value

    return {
        "fields": {name: tidy(value) for name, value in fields.items()},
        "links": links,
        "references": sorted(references),
        "mechanisms": [{name: tidy(value) for name, value in each.items()} for each in mechanisms],
    }


def hash_of(content: dict[str, Any]) -> str:
    """A hash that is the same for the same content, on every machine."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML that refuses a key given twice, of which YAML would silently drop one."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping. Raises yaml.constructor.ConstructorError for a repeated key."""
        seen = set()
        for key_node, _ in node.value:
            key = key_node.value
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"'{key}' is there twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read(folder: Path = LIBRARY) -> dict[str, dict[str, Row]]:
    """Every shipped row, by kind and slug; references are the kind `references`. Raises LibraryError."""
    problems: list[Problem] = []
    rows: dict[str, dict[str, Row]] = {REFERENCES: _references(folder, problems)}
    for kind in KINDS:
        rows[kind] = {}
        for path in sorted((folder / kind).glob("*.md")):
            row = _article(kind, path, f"{kind}/{path.name}", problems)
            if row:
                rows[kind][row.slug] = row
    if not any(rows[kind] for kind in KINDS) and not problems:
        problems.append(Problem(str(folder), "", "holds no articles"))
    for kind in KINDS:
        for row in rows[kind].values():
            problems += _link_problems(row, rows)
            problems += _rule_problems(row)
    if problems:
        raise LibraryError(problems)
    _keep_cause_tips_with_the_cause(rows)
    return rows


def _parse(text: str, file: str, first_line: int, problems: list[Problem]) -> Any:
    """The YAML; None, with a problem noted, when it can't be read."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + first_line}" if mark else ""
        problems.append(
            Problem(file, place, f"YAML can't be read: {getattr(error, 'problem', None) or error}")
        )
        return None


def _text_of(path: Path, file: str, problems: list[Problem]) -> str | None:
    try:
        return path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except OSError as error:
        problems.append(Problem(file, "", f"can't be read: {error.strerror}"))
    except UnicodeDecodeError:
        problems.append(Problem(file, "", "is not in UTF-8"))
    return None


def _references(folder: Path, problems: list[Problem]) -> dict[str, Row]:
    """The rows of references.yaml."""
    file = f"{REFERENCES}.yaml"
    text = _text_of(folder / file, file, problems)
    data = _parse(text, file, 1, problems) if text is not None else None
    if data is None:
        return {}
    if not isinstance(data, list):
        problems.append(Problem(file, "", "must be a list of references"))
        return {}
    rows: dict[str, Row] = {}
    for number, entry in enumerate(data, start=1):
        place = str(entry.get("key") or f"entry {number}") if isinstance(entry, dict) else f"entry {number}"
        fields = _fields(entry, REFERENCE, file, place, problems)
        if fields is None:
            continue
        if fields["key"] in rows:
            problems.append(Problem(file, place, "the key is there twice"))
        row = Row(REFERENCES, fields["key"], file, fields)
        problems += _field_problems(Reference(**fields), file, place)
        rows[row.slug] = row
    return rows


def _article(kind: str, path: Path, file: str, problems: list[Problem]) -> Row | None:
    """The row of one file; None, with problems noted, when it has no shape."""
    text = _text_of(path, file, problems)
    if text is None:
        return None
    if not text.startswith("---\n") or "\n---\n" not in text[3:]:
        problems.append(Problem(file, "", "must begin with front matter between two lines of ---"))
        return None
    front, _, body = text[4:].partition("\n---\n")
    data = _parse(front, file, 2, problems)
    if data is None:
        return None
    lists = {"references": list, **dict.fromkeys(LINKS[kind], list)}
    shape = {**FIELDS[kind], **lists, **({"mechanisms": list} if kind == "causes" else {})}
    fields = _fields(data, shape, file, "", problems)
    if fields is None:
        return None
    if fields["slug"] != path.stem:
        problems.append(Problem(file, "slug", f"is '{fields['slug']}', but the file is named {path.name}"))
        return None
    mechanisms = []
    for number, entry in enumerate(fields.pop("mechanisms", []), start=1):
        mechanism = _fields(entry, MECHANISM, file, f"mechanisms {number}", problems)
        if mechanism:
            mechanisms.append(mechanism)
    references = fields.pop("references")
    links = {name: fields.pop(name) for name in LINKS[kind]}
    return Row(kind, fields["slug"], file, {**fields, "body": body.strip()}, links, references, mechanisms)


def _fields(
    data: Any, shape: dict[str, type], file: str, place: str, problems: list[Problem]
) -> dict[str, Any] | None:
    """The values of a mapping by its shape, texts trimmed; None, with problems noted, when they don't fit."""
    if not isinstance(data, dict):
        problems.append(Problem(file, place, "must be keys with values"))
        return None
    found = len(problems)
    values: dict[str, Any] = {}

    def problem(key: str, reason: str) -> None:
        problems.append(Problem(file, f"{place}, {key}" if place else key, reason))

    for key in data:
        if key not in shape:
            problem(str(key), "is no key that is known here")
    for key, kind in shape.items():
        value = data.get(key)
        if value is None:
            if key not in OPTIONAL:
                problem(key, "is missing")
            values[key] = {str: "", list: [], int: None, bool: False}[kind]
        elif type(value) is not kind or (kind is list and key != "mechanisms" and not _texts(value)):
            problem(key, f"must be {WORDS[kind]}. If it holds a colon, put it in quotes")
        elif kind is list and key != "mechanisms" and len(set(value)) < len(value):
            problem(key, "names something twice")
        else:
            values[key] = value.strip() if kind is str else value
    return values if len(problems) == found else None


def _texts(value: list[Any]) -> bool:
    return all(isinstance(item, str) for item in value)


def _field_problems(instance: Model, file: str, place: str) -> Iterator[Problem]:
    """What the model's fields refuse: lengths, choices, forms of addresses."""
    exclude = [each.name for each in instance._meta.fields if each.is_relation or each.name == "shipped_hash"]
    try:
        instance.clean_fields(exclude=exclude)
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            yield Problem(file, f"{place}, {name}" if place else name, " ".join(messages))


def _link_problems(row: Row, rows: dict[str, dict[str, Row]]) -> Iterator[Problem]:
    """Links and references that lead nowhere, and citations that the list of references doesn't match."""
    for name, kind in LINKS[row.kind].items():
        for slug in row.links[name]:
            if slug not in rows[kind]:
                yield Problem(row.file, name, f"'{slug}' is not among the {kind}")
            elif kind == row.kind and slug == row.slug:
                yield Problem(row.file, name, "names the article itself")
    for key in row.references:
        if key not in rows[REFERENCES]:
            yield Problem(row.file, "references", f"'{key}' is not in references.yaml")
    cited = _cited(row)
    for key in sorted(cited - set(row.references)):
        yield Problem(row.file, "references", f"the text cites [@{key}], which is not listed")
    for key in sorted(set(row.references) - cited):
        yield Problem(row.file, "references", f"'{key}' is listed, but never cited")


def _cited(row: Row) -> set[str]:
    """The keys that any text of the row cites."""
    texts = [KINDS[row.kind](**row.fields), *(Mechanism(**each) for each in row.mechanisms)]
    return {key for text in texts for key in text.cited_keys()}


def _rule_problems(row: Row) -> Iterator[Problem]:
    """What the models refuse in a published article, apart from citations that lead nowhere."""
    known = _cited(row)
    instance = KINDS[row.kind](**row.fields, status=Status.PUBLISHED)
    instance.linked = bool(row.references)
    yield from _field_problems(instance, row.file, "")
    for name, reason in instance.problems(known):
        yield Problem(row.file, name, reason)
    for number, fields in enumerate(row.mechanisms, start=1):
        mechanism, place = Mechanism(**fields), f"mechanisms {number}"
        yield from _field_problems(mechanism, row.file, place)
        for name, reason in mechanism.problems(known):
            yield Problem(row.file, f"{place}, {name}", reason)


def _keep_cause_tips_with_the_cause(rows: dict[str, dict[str, Row]]) -> None:
    """A tip's file may name causes too, but the link is kept once: after those that the cause's file lists."""
    for tip in sorted(rows["tips"].values(), key=lambda tip: (tip.fields["order"], tip.slug)):
        for slug in tip.links.pop("causes"):
            links = rows["causes"][slug].links["tips"]
            if tip.slug not in links:
                links.append(tip.slug)
