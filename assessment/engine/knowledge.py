"""The knowledge base: what a release knows, as frozen values.

    questions --options--> evidence --> findings (causes, conditions)
        |                                  |
        +------ red-flag rules -----> advice tier

A release snapshot (plain JSON) becomes a `KnowledgeBase` by `KnowledgeBase.from_snapshot`. Nothing here
reads a file, a clock or a database.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

TIERS = ("self-care", "soon", "urgent", "emergency")
"""Advice tiers, least urgent first; a tier's place in this tuple is its rank."""

STRENGTHS: Mapping[str, float] = {
    "weak": 1.5,
    "moderate": 3.0,
    "strong": 6.0,
    "published": 10.0,
}
"""Labelled scale -> likelihood ratio (architecture, decision 5). `published` is for published ratios only."""


def tier_rank(tier: str) -> int:
    """Rank of an advice tier, 0 (self-care) to 3 (emergency). Raises ValueError for an unknown tier."""
    return TIERS.index(tier)


def most_urgent(tiers: Iterable[str]) -> str:
    """The most urgent of some tiers; self-care when there are none."""
    return max(tiers, key=tier_rank, default=TIERS[0])


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that a question offers. `code` is public and stable, `text` is what the runner reads."""

    code: str
    text: str
    help: str = ""
    base: float = 0.2
    """How often runners with leg pain choose it (0 to 1, our estimate): used to plan questions, never to score."""
    group: str = ""
    """A heading over several options, such as 'Knee' in a long list."""


@dataclass(frozen=True, slots=True)
class Pick:
    """An option of a question, as rules name it."""

    question: str
    option: str


@dataclass(frozen=True, slots=True)
class Clause:
    """Holds when at least `at_least` of its picks are answered."""

    picks: tuple[Pick, ...]
    at_least: int = 1


@dataclass(frozen=True)
class Question:
    """One question of the interview. `kind` is `one` (radio) or `many` (checkboxes, `none` excludes the others)."""

    code: str
    kind: str
    stage: str
    """`safety` and `core` are always asked; `adaptive` when worth asking."""
    page: str
    """Questions of one page are shown and skipped together."""
    phase: str
    """The part of the interview, named to the runner instead of a step count."""
    group: str
    """Evidence group: questions that ask about much the same thing share one cap."""
    text: str
    options: tuple[Option, ...]
    short: str = ""
    """The question in two or three words, for lists of answers."""
    help: str = ""
    why: str = ""
    """Why we ask, for the runner."""
    visible_if: tuple[Clause, ...] = ()
    """Asked only when every clause holds; an answer whose question is not visible is dropped."""
    combine: str = "sum"
    """How several chosen options speak for one finding: `sum`, `mean` or `best` (the farthest from nothing)."""
    cap: float = 8.0
    """The largest likelihood ratio (and, inverted, the smallest) that the question as a whole may have."""

    @cached_property
    def option_codes(self) -> frozenset[str]:
        """The codes of the options."""
        return frozenset(o.code for o in self.options)

    @cached_property
    def by_code(self) -> Mapping[str, Option]:
        """Options by code."""
        return {o.code: o for o in self.options}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer says for or against a finding."""

    finding: str
    question: str
    option: str
    ratio: float
    """Likelihood ratio; above 1 speaks for the finding, below 1 against."""
    sources: tuple[str, ...] = ()
    """Keys of references, or a section of the evidence file."""
    estimate: bool = True
    """True when the size is our own clinical estimate and not a published figure."""
    note: str = ""
    says: str = ""
    """What the editor picked on the labelled scale, such as 'strong for'; empty for a published ratio."""

    @property
    def log_ratio(self) -> float:
        """Natural logarithm of the ratio."""
        return math.log(self.ratio)


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause or a condition, with what a result prints of it."""

    slug: str
    kind: str
    """`cause` or `condition`."""
    title: str
    prior: float
    """Causes: probability before any answer. Conditions: weight per 1 000 runners with leg pain."""
    summary: str = ""
    tier: str = "self-care"
    """Usual advice tier when this is the likely explanation (conditions)."""
    serious: bool = False
    """Belongs under 'must not miss' when its posterior is raised."""
    region: str = ""
    first_aid: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    be_seen: tuple[str, ...] = ()
    recovery: str = ""
    tips: tuple[str, ...] = ()
    links: Mapping[str, float] = field(default_factory=dict)
    """Conditions: cause slug -> likelihood ratio that the condition lends to the cause."""


@dataclass(frozen=True, slots=True)
class RedFlag:
    """A rule over answers: when every clause holds, the advice is at least `tier`. Nothing outvotes it."""

    code: str
    title: str
    tier: str
    clauses: tuple[Clause, ...]
    reason: str
    """Why, in plain words for the runner."""
    sources: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    """Conditions that must not be missed when the rule fires."""


@dataclass(frozen=True, slots=True)
class Tip:
    """A tip as the result prints it."""

    slug: str
    title: str
    do: str
    phase: str
    causes: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Numbers of the model that belong to a release; see docs/how-scoring-works.md for where each comes from."""

    condition_temper: float = 0.8
    """Exponent on the conditions' summed evidence: below 1 because answers are correlated."""
    cause_temper: float = 0.8
    link_weight: float = 0.6
    """How far conditions inform causes (0 not at all, 1 fully)."""
    group_cap: float = 15.0
    """The largest likelihood ratio that one evidence group may have, before tempering."""
    unlinked: float = 0.7
    """What a condition lends to a cause that it has no link to."""
    none_weight: float = 20.0
    """Weight per 1 000 of 'none of these conditions'."""
    close_ratio: float = 1.5
    """Two leading conditions nearer than this are 'too close to call'."""
    must_not_miss_min: float = 0.01
    must_not_miss_rise: float = 3.0
    soon_mass: float = 0.5
    urgent_mass: float = 0.4
    emergency_mass: float = 0.5
    stop_gain: float = 0.03
    """The interview stops when no question is expected to bring this much (nats)."""
    companion_gain: float = 0.03
    """An adaptive question on a page that is shown anyway is shown with it when it is expected to bring this much."""
    max_questions: int = 18
    """The interview stops by itself after so many questions; 'answer more' goes on."""


@dataclass(frozen=True, eq=False)
class KnowledgeBase:
    """Everything the engine needs, frozen. Made from a release snapshot; compared and hashed by identity."""

    questions: tuple[Question, ...]
    conditions: tuple[Finding, ...]
    causes: tuple[Finding, ...]
    evidence: tuple[Evidence, ...]
    red_flags: tuple[RedFlag, ...]
    tips: tuple[Tip, ...] = ()
    settings: Settings = Settings()

    @cached_property
    def by_code(self) -> Mapping[str, Question]:
        """Questions by code."""
        return {q.code: q for q in self.questions}

    @cached_property
    def finding(self) -> Mapping[str, Finding]:
        """Causes and conditions by slug."""
        return {f.slug: f for f in (*self.conditions, *self.causes)}

    @cached_property
    def tip(self) -> Mapping[str, Tip]:
        """Tips by slug."""
        return {t.slug: t for t in self.tips}

    @cached_property
    def pages(self) -> Mapping[str, tuple[Question, ...]]:
        """Questions by page, both in their shipped order."""
        pages: dict[str, list[Question]] = {}
        for q in self.questions:
            pages.setdefault(q.page, []).append(q)
        return {page: tuple(qs) for page, qs in pages.items()}

    @cached_property
    def rows(self) -> Mapping[tuple[str, str], tuple[Evidence, ...]]:
        """Evidence by (question, option)."""
        rows: dict[tuple[str, str], list[Evidence]] = {}
        for e in self.evidence:
            rows.setdefault((e.question, e.option), []).append(e)
        return {key: tuple(es) for key, es in rows.items()}

    @classmethod
    def from_snapshot(cls, snapshot: Mapping[str, Any]) -> KnowledgeBase:
        """Build from a release snapshot (docs/how-scoring-works.md shows its shape). Raises KeyError or TypeError on a wrong shape."""

        def clauses(rows: Iterable[Mapping[str, Any]]) -> tuple[Clause, ...]:
            return tuple(
                Clause(tuple(Pick(*p.split("=", 1)) for p in r["any"]), r.get("at_least", 1)) for r in rows
            )

        def finding(row: Mapping[str, Any], kind: str) -> Finding:
            lists = ("first_aid", "avoid", "be_seen", "tips")
            fields: dict[str, Any] = {k: tuple(v) if k in lists else v for k, v in row.items()}
            return Finding(kind=kind, **fields)

        return cls(
            questions=tuple(
                Question(
                    **{
                        **q,
                        "options": tuple(Option(**o) for o in q["options"]),
                        "visible_if": clauses(q.get("visible_if", ())),
                    }
                )
                for q in snapshot["questions"]
            ),
            conditions=tuple(finding(f, "condition") for f in snapshot["conditions"]),
            causes=tuple(finding(f, "cause") for f in snapshot["causes"]),
            evidence=tuple(Evidence(**{**e, "sources": tuple(e["sources"])}) for e in snapshot["evidence"]),
            red_flags=tuple(
                RedFlag(
                    **{
                        **r,
                        "clauses": clauses(r["clauses"]),
                        "sources": tuple(r["sources"]),
                        "conditions": tuple(r["conditions"]),
                    }
                )
                for r in snapshot["red_flags"]
            ),
            tips=tuple(
                Tip(**{**t, "causes": tuple(t["causes"]), "conditions": tuple(t["conditions"])})
                for t in snapshot["tips"]
            ),
            settings=Settings(**snapshot["settings"]),
        )
