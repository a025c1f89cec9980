"""Validation: each kind of broken knowledge is named, with where it is and what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from assessment.engine.knowledge import Clause, Evidence, Finding, KnowledgeBase, Option, Pick, Question
from assessment.engine.validate import CAPACITY, MAX_ON_PAGE, problems


def change_question(kb: KnowledgeBase, code: str, **changes: object) -> KnowledgeBase:
    return replace(
        kb,
        questions=tuple(replace(q, **changes) if q.code == code else q for q in kb.questions),
    )


def change_finding(kb: KnowledgeBase, slug: str, **changes: object) -> KnowledgeBase:
    def changed(f: Finding) -> Finding:
        return replace(f, **changes) if f.slug == slug else f

    return replace(kb, conditions=tuple(map(changed, kb.conditions)), causes=tuple(map(changed, kb.causes)))


def change_flag(kb: KnowledgeBase, **changes: object) -> KnowledgeBase:
    return replace(kb, red_flags=(replace(kb.red_flags[0], **changes), *kb.red_flags[1:]))


def change_evidence(kb: KnowledgeBase, **changes: object) -> KnowledgeBase:
    return replace(kb, evidence=(replace(kb.evidence[0], **changes), *kb.evidence[1:]))


def change_settings(kb: KnowledgeBase, **changes: float) -> KnowledgeBase:
    return replace(kb, settings=replace(kb.settings, **changes))


def option(code: str, **changes: object) -> Option:
    return replace(Option(code, code.title()), **changes)


def extra(kb: KnowledgeBase, count: int) -> tuple[Question, ...]:
    return tuple(replace(kb.by_code["sex"], code=f"extra-{n}", page="crowded") for n in range(count))


def clause(*picks: tuple[str, str], at_least: int = 1) -> tuple[Clause, ...]:
    return (Clause(tuple(Pick(q, o) for q, o in picks), at_least),)


Break = Callable[[KnowledgeBase], KnowledgeBase]
BROKEN: list[tuple[str, Break, str, str]] = [
    (
        "question twice",
        lambda kb: replace(kb, questions=(*kb.questions, kb.questions[-1])),
        "question",
        "two with this code",
    ),
    (
        "too many options",
        lambda kb: replace(kb, questions=(*kb.questions, *extra(kb, CAPACITY))),
        "questions",
        "together may be",
    ),
    (
        "crowded page",
        lambda kb: replace(kb, questions=(*kb.questions, *extra(kb, MAX_ON_PAGE + 1))),
        "page crowded",
        "at the most",
    ),
    ("mixed page", lambda kb: change_question(kb, "sex", page="safety-body"), "page safety-body", "mixes"),
    (
        "no safety screen",
        lambda kb: replace(kb, questions=tuple(q for q in kb.questions if q.stage != "safety")),
        "questions",
        "no safety screen",
    ),
    ("unknown kind", lambda kb: change_question(kb, "sex", kind="some"), "question sex", "unknown"),
    ("unknown stage", lambda kb: change_question(kb, "sex", stage="late"), "question sex", "unknown"),
    ("unknown combine", lambda kb: change_question(kb, "sex", combine="worst"), "question sex", "unknown"),
    ("no text", lambda kb: change_question(kb, "sex", text=" "), "question sex", "must be filled in"),
    (
        "one option",
        lambda kb: change_question(kb, "sex", options=(option("male"),)),
        "question sex",
        "two options",
    ),
    (
        "option twice",
        lambda kb: change_question(kb, "sex", options=(option("male"), option("male"))),
        "question sex",
        "two options male",
    ),
    (
        "option without text",
        lambda kb: change_question(kb, "sex", options=(option("male", text=""), option("female"))),
        "question sex",
        "no text",
    ),
    (
        "base out of range",
        lambda kb: change_question(kb, "sex", options=(option("male", base=1.0), option("female"))),
        "question sex",
        "base",
    ),
    ("cap of one", lambda kb: change_question(kb, "sex", cap=1.0), "question sex", "cap"),
    (
        "safety without none",
        lambda kb: change_question(
            kb, "safety_leg", options=tuple(o for o in kb.by_code["safety_leg"].options if o.code != "none")
        ),
        "question safety_leg",
        "none of these",
    ),
    (
        "hidden safety",
        lambda kb: change_question(kb, "safety_leg", visible_if=clause(("sex", "male"))),
        "question safety_leg",
        "may not be hidden",
    ),
    (
        "visibility of nothing",
        lambda kb: change_question(kb, "sex", visible_if=(Clause(()),)),
        "question sex",
        "without any answer",
    ),
    (
        "visibility unknown",
        lambda kb: change_question(kb, "sex", visible_if=clause(("site", "elbow"))),
        "question sex",
        "no answer of this",
    ),
    (
        "visibility by itself",
        lambda kb: change_question(kb, "sex", visible_if=clause(("sex", "male"))),
        "question sex",
        "depends on itself",
    ),
    (
        "finding twice",
        lambda kb: replace(kb, causes=(*kb.causes, kb.causes[0])),
        "finding",
        "two with this slug",
    ),
    (
        "weight of nought",
        lambda kb: change_finding(kb, "muscle-cramp", prior=0.0),
        "condition muscle-cramp",
        "above 0",
    ),
    (
        "unknown tier",
        lambda kb: change_finding(kb, "muscle-cramp", tier="later"),
        "condition muscle-cramp",
        "unknown tier",
    ),
    (
        "unknown link",
        lambda kb: change_finding(kb, "muscle-cramp", links={"bad-luck": 2.0}),
        "condition muscle-cramp",
        "no cause",
    ),
    (
        "link of nought",
        lambda kb: change_finding(kb, "muscle-cramp", links={"dehydration": 0.0}),
        "condition muscle-cramp",
        "above 0",
    ),
    (
        "prior of one",
        lambda kb: change_finding(kb, "poor-form", prior=1.0),
        "cause poor-form",
        "between 0 and 1",
    ),
    ("no title", lambda kb: change_finding(kb, "poor-form", title=""), "finding poor-form", "no title"),
    (
        "unknown tip",
        lambda kb: change_finding(kb, "poor-form", tips=("no-such-tip",)),
        "finding poor-form",
        "not among the tips",
    ),
    ("no causes", lambda kb: replace(kb, causes=()), "findings", "conditions and causes"),
    (
        "evidence for nobody",
        lambda kb: change_evidence(kb, finding="bad-luck"),
        "evidence bad-luck",
        "no known finding",
    ),
    (
        "evidence of no option",
        lambda kb: change_evidence(kb, option="elbow"),
        "evidence",
        "no answer of this",
    ),
    ("ratio of nought", lambda kb: change_evidence(kb, ratio=0.0), "evidence", "above 0"),
    ("bold estimate", lambda kb: change_evidence(kb, ratio=11.0, estimate=True), "evidence", "published"),
    ("evidence without source", lambda kb: change_evidence(kb, sources=()), "evidence", "no source"),
    (
        "evidence twice",
        lambda kb: replace(kb, evidence=(*kb.evidence, kb.evidence[0])),
        "evidence",
        "stands twice",
    ),
    (
        "nothing speaks for it",
        lambda kb: replace(
            kb, evidence=tuple(e for e in kb.evidence if e.finding != "poor-form" or e.ratio < 1.0)
        ),
        "finding poor-form",
        "nothing speaks for it",
    ),
    (
        "rule twice",
        lambda kb: replace(kb, red_flags=(*kb.red_flags, kb.red_flags[0])),
        "red flag",
        "two with this code",
    ),
    ("rule for self-care", lambda kb: change_flag(kb, tier="self-care"), "red flag", "tier must be"),
    ("rule without reason", lambda kb: change_flag(kb, reason=""), "red flag", "reason for the runner"),
    ("rule without source", lambda kb: change_flag(kb, sources=()), "red flag", "no source"),
    ("rule without clause", lambda kb: change_flag(kb, clauses=()), "red flag", "would always fire"),
    (
        "rule with an unknown answer",
        lambda kb: change_flag(kb, clauses=clause(("site", "elbow"))),
        "red flag",
        "no answer of this",
    ),
    (
        "rule that can't fire",
        lambda kb: change_flag(kb, clauses=clause(("sex", "male"), ("sex", "female"), at_least=2)),
        "red flag",
        "can never fire",
    ),
    (
        "rule with an unknown condition",
        lambda kb: change_flag(kb, conditions=("bad-luck",)),
        "red flag",
        "not there",
    ),
    (
        "danger sign without rule",
        lambda kb: replace(kb, red_flags=tuple(f for f in kb.red_flags if f.code != "dark-urine")),
        "question safety_body",
        "dark_urine",
    ),
    ("temper too high", lambda kb: change_settings(kb, condition_temper=1.1), "settings", "condition_temper"),
    ("temper of nought", lambda kb: change_settings(kb, cause_temper=0.0), "settings", "cause_temper"),
    ("mass too high", lambda kb: change_settings(kb, soon_mass=1.5), "settings", "soon_mass"),
    (
        "must-not-miss of nought",
        lambda kb: change_settings(kb, must_not_miss_min=0.0),
        "settings",
        "must_not_miss_min",
    ),
    ("link weight", lambda kb: change_settings(kb, link_weight=1.5), "settings", "link_weight"),
    ("group cap", lambda kb: change_settings(kb, group_cap=1.0), "settings", "group_cap"),
    ("none weight", lambda kb: change_settings(kb, none_weight=0.0), "settings", "none_weight"),
    ("close ratio", lambda kb: change_settings(kb, close_ratio=0.5), "settings", "close_ratio"),
]


def test_what_ships_is_sound(kb: KnowledgeBase) -> None:
    assert problems(kb) == ()


@pytest.mark.parametrize(("breaks", "where", "what"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_broken_knowledge_is_named(kb: KnowledgeBase, breaks: Break, where: str, what: str) -> None:
    found = problems(breaks(kb))
    assert any(p.where.startswith(where) and what in p.what for p in found), "\n".join(map(str, found))


def test_a_published_ratio_may_be_large(kb: KnowledgeBase) -> None:
    assert problems(change_evidence(kb, ratio=13.7, estimate=False)) == ()


def test_two_evidence_rows_for_different_options_are_fine(kb: KnowledgeBase) -> None:
    row = Evidence("muscle-cramp", "shoe_age", "unknown", 1.5, ("miller-2022",))
    assert problems(replace(kb, evidence=(*kb.evidence, row))) == ()
