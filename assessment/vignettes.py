"""Vignettes: described runners with the right answer, read from YAML files and checked against the questionnaire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from assessment.engine.answers import AnswerError, Answers
from assessment.engine.knowledge import TIERS, KnowledgeBase

QUALITIES = ("high", "medium", "low")
FOLDER = Path(__file__).resolve().parent / "knowledge" / "vignettes"
"""The shipped vignettes."""

KEYS = {"id", "source", "summary", "quality", "answers", "expect", "safety"}
EXPECT_KEYS = {"conditions", "causes", "tier", "tier_ok"}


@dataclass(frozen=True)
class Vignette:
    """One runner's story: what was answered, and what is right."""

    id: str
    summary: str
    answers: Mapping[str, tuple[str, ...]]
    conditions: tuple[str, ...]
    """Any of these is right; empty when the account names none."""
    causes: tuple[str, ...]
    """What the account blames, strongest first."""
    tier: str
    tier_ok: tuple[str, ...]
    """The tiers that are acceptable."""
    quality: str = "high"
    safety: bool = False
    """A safety vignette: no release may be published that fails it."""
    source: Mapping[str, Any] = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """False for a story too thin to point anywhere: it counts for over-triage only."""
        return self.quality != "low"


def read_files(kb: KnowledgeBase, paths: Iterable[Path]) -> tuple[list[Vignette], list[str]]:
    """(vignettes, mistakes). Each mistake is one line: file, vignette, what is wrong."""
    vignettes: list[Vignette] = []
    mistakes: list[str] = []
    for path in paths:
        try:
            rows = yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)  # noqa: S506
        except (OSError, UnicodeDecodeError) as error:
            mistakes.append(f"{path}: can't be read ({error.__class__.__name__})")
            continue
        except (yaml.YAMLError, ValueError, TypeError) as error:
            mark = getattr(error, "problem_mark", None)
            where = f" (line {mark.line + 1})" if mark else ""
            mistakes.append(f"{path}: is no valid YAML{where}")
            continue
        if not isinstance(rows, list):
            mistakes.append(f"{path}: must be a list of vignettes")
            continue
        for number, row in enumerate(rows, start=1):
            vignette, found = parse(kb, row)
            name = row.get("id", f"number {number}") if isinstance(row, dict) else f"number {number}"
            mistakes += [f"{path}: {name}: {what}" for what in found]
            if vignette:
                vignettes.append(vignette)
    seen: set[str] = set()
    for vignette in vignettes:
        if vignette.id in seen:
            mistakes.append(f"{vignette.id}: there are two vignettes with this id")
        seen.add(vignette.id)
    return vignettes, mistakes


# `on`, `off`, `yes` and `no` are words here, not truth values.
class Loader(yaml.SafeLoader):
    """YAML whose plain yes and no stay words."""


Loader.yaml_implicit_resolvers = {
    first: [
        (tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:bool" or first not in "yYnNoO"
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parse(kb: KnowledgeBase, row: Any) -> tuple[Vignette | None, list[str]]:
    """(vignette or None, what is wrong with the row)."""
    if not isinstance(row, dict):
        return None, ["must have names and values"]
    wrong = [f"unknown key {key!r}" for key in row if key not in KEYS]
    name = row.get("id")
    if not isinstance(name, str) or not name:
        wrong.append("id is missing")
    answers, found = _answers(kb, row.get("answers"))
    wrong += found
    expect = row.get("expect")
    if not isinstance(expect, dict):
        return None, [*wrong, "expect is missing"]
    wrong += [f"expect: unknown key {key!r}" for key in expect if key not in EXPECT_KEYS]
    conditions = _slugs(expect, "conditions", {f.slug for f in kb.conditions}, wrong)
    causes = _slugs(expect, "causes", {f.slug for f in kb.causes}, wrong)
    tier_ok = _slugs(expect, "tier_ok", set(TIERS), wrong)
    tier = expect.get("tier")
    if tier not in TIERS:
        wrong.append(f"expect: tier {tier!r} is unknown")
    quality = row.get("quality", "high")
    if quality not in QUALITIES:
        wrong.append(f"quality {quality!r} is unknown")
    if wrong:
        return None, wrong
    return (
        Vignette(
            id=str(name),
            summary=str(row.get("summary", "")),
            answers=answers,
            conditions=conditions,
            causes=causes,
            tier=str(tier),
            tier_ok=tier_ok or (str(tier),),
            quality=quality,
            safety=bool(row.get("safety", False)),
            source=row.get("source") or {},
        ),
        [],
    )


def _answers(kb: KnowledgeBase, given: Any) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    if not isinstance(given, dict):
        return {}, ["answers are missing"]
    wrong: list[str] = []
    clean: dict[str, tuple[str, ...]] = {}
    for code, raw in given.items():
        question = kb.by_code.get(code)
        if question is None:
            wrong.append(f"{code}: unknown question")
            continue
        listed = raw if isinstance(raw, list) else [raw]
        if not all(isinstance(option, str) for option in listed) or not listed:
            wrong.append(f"{code}: must be an option or a list of options")
            continue
        if question.kind == "one" and isinstance(raw, list) and len(raw) != 1:
            wrong.append(f"{code}: takes exactly one option")
            continue
        unknown = [option for option in listed if option not in question.option_codes]
        wrong += [f"{code}: unknown option {option}" for option in unknown]
        if not unknown:
            clean[code] = tuple(listed)
    if not wrong:
        try:
            clean = Answers.parse(kb, clean, strict_none=False).as_dict()
        except AnswerError as error:
            wrong.append(str(error))
    return clean, wrong


def _slugs(expect: Mapping[str, Any], name: str, known: set[str], wrong: list[str]) -> tuple[str, ...]:
    value = expect.get(name) or []
    if not isinstance(value, list):
        wrong.append(f"expect: {name} must be a list")
        return ()
    wrong += [f"expect: {name}: {slug} is unknown" for slug in value if slug not in known]
    return tuple(map(str, value))
