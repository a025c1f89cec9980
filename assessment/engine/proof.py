"""The proof over a knowledge base: what must hold for every possible set of answers, shown or refuted by machine.

Each check says what it proves and how: by trying every case, by an argument whose premises are checked, or by a witness.
What fails comes with a counterexample, as a vignette. See docs/proofs.md.
"""

from __future__ import annotations

from collections.abc import Mapping

from .answers import AnswerError, Answers
from .attempts import follow, scattered, stubborn, walk
from .knowledge import TIERS, KnowledgeBase, Pick
from .possible import Picks, chosen, minimal_sets, picks_of
from .proof_parts import CONTRACT, Check, Ground, Story
from .proof_rules import floor, rules_apart, rules_fire, safety_raises, safety_screen
from .scoring import ANY

SEEDS = 20
"""Walks with scattered answers, in each of the two ways to walk."""


def reachable(ground: Ground) -> Check:
    """Every question is shown in some walk, and takes each of its options."""
    check = Check(
        "questions-reachable",
        "Every question is shown for some answers, and each of its options can be chosen.",
        f"exhaustive: {len(ground.kb.questions)} questions, {len(ground.options)} options",
    )
    can, openings = choosable(ground), _openings(ground)
    for pick in ground.options:
        if pick not in can:
            what = f"{pick.question}={pick.option} can't be answered: " + (
                "the form refuses or drops it"
                if openings[pick.question]
                else "no answers make the question visible"
            )
            check.fail(Story(f"unreachable-{pick.question}-{pick.option}", what, chosen([pick]), TIERS[0]))
    return check


def choosable(ground: Ground) -> frozenset[Pick]:
    """The options that the form takes and keeps, on a question that a walk shows."""
    openings = _openings(ground)
    return frozenset(
        pick
        for pick in ground.options
        if any(_takes(ground, picks | {pick}) for picks in openings[pick.question])
    )


def _openings(ground: Ground) -> dict[str, list[Picks]]:
    """Question -> the minimal sets of answers with which a walk to the very end shows it."""
    shown: dict[Picks, frozenset[str]] = {}
    openings: dict[str, list[Picks]] = {}
    for question in ground.kb.questions:
        sets, _ = minimal_sets(ground.kb, question.visible_if)
        for picks in sets:
            if picks not in shown:
                shown[picks] = walk(ground.kb, follow(picks), more=True).shown
        openings[question.code] = [picks for picks in sets if question.code in shown[picks]]
    return openings


def _takes(ground: Ground, picks: Picks) -> bool:
    try:
        return picks_of(Answers.parse(ground.kb, chosen(picks))) == picks
    except AnswerError:
        return False


def ends(ground: Ground) -> Check:
    """Each step of a walk touches a question that was untouched, so a walk has no more steps than questions."""
    check = Check(
        "walk-ends",
        f"The walk always ends, after {len(ground.kb.questions)} pages at the most.",
        "argued: each page holds a question that was neither answered nor left blank before, and none is opened "
        f"again, so the number of questions is a bound; checked at each step of {2 * (len(stubborn()) + SEEDS)} walks",
    )
    for more in (False, True):
        crowd = {**stubborn(), **{f"scatters answers ({n})": scattered(n) for n in range(1, SEEDS + 1)}}
        for place, (name, choose) in enumerate(crowd.items(), start=1):
            tried = walk(ground.kb, choose, more=more)
            if tried.fault:
                what = f"A runner who {name}{' and answers more' if more else ''}: {tried.fault}"
                check.fail(
                    Story(
                        f"endless-{'more-' if more else ''}{place}", what, tried.answers.as_dict(), TIERS[0]
                    )
                )
    return check


def findings_first(ground: Ground) -> Check:
    """Each condition and cause comes first for some answers."""
    check = Check(
        "findings-first",
        "Every condition and every cause can come first, a condition also before 'none of these'.",
        f"witnesses: one for each of {len(ground.leads)} findings, scored by the engine",
    )
    for each in ground.leads:
        slug, kind = each.finding.slug, each.finding.kind
        story = Story(
            f"first-{slug}",
            f"{kind} {slug} " + ("comes first" if each.first else "does not come first, even with these"),
            each.answers.as_dict(),
            ground.judge(each.answers).tier,
            conditions=(slug,) if kind == "condition" else (),
            causes=(slug,) if kind == "cause" else (),
        )
        if each.first:
            check.witnesses.append(story)
        else:
            check.fail(story)
    return check


def evidence_alive(ground: Ground) -> Check:
    """Each evidence row can come to speak."""
    check = Check(
        "evidence-alive",
        "No evidence is dead: the answer of each row can be chosen, and its finding is there.",
        f"exhaustive: {len(ground.kb.evidence)} rows",
    )
    can = choosable(ground)
    own = {(e.finding, e.question, e.option) for e in ground.kb.evidence}
    for e in ground.kb.evidence:
        options = {p.option for p in can if p.question == e.question}
        if e.option == ANY:
            alive = any((e.finding, e.question, option) not in own for option in options)
        else:
            alive = e.option in options
        if not alive or e.finding not in ground.kb.finding:
            what = f"the row {e.question}={e.option} for {e.finding} never speaks"
            answer = {e.question: (e.option,)}
            check.fail(Story(f"dead-{e.finding}-{e.question}-{e.option}", what, answer, TIERS[0]))
    return check


def prove(
    kb: KnowledgeBase, cases: Mapping[str, Answers] | None = None, contract: Mapping[str, str] = CONTRACT
) -> tuple[Check, ...]:
    """Every check, in the order of docs/proofs.md. `cases` are further answers to start from, by name."""
    ground = Ground(kb, cases, contract)
    return (
        reachable(ground),
        ends(ground),
        rules_fire(ground),
        rules_apart(ground),
        *(floor(ground, tier) for tier in reversed(TIERS[1:])),
        safety_screen(ground),
        safety_raises(ground),
        findings_first(ground),
        evidence_alive(ground),
    )
