"""Ablations: what each part of the engine brings, measured by taking it away.

    python -m tests.clinical.ablation [--limit N]

Prints Markdown tables for the open published vignettes and for the composed ones: everything, then one thing
less at a time. Nothing is fitted anew, so a row says what the shipped engine would lose, not what the best
engine without the part would reach. docs/ablations.md keeps the figures and says what they mean.

Most parts are taken away by replacing values of the knowledge base. Five numbers are constants of the engine
(REMOTE, FLAG_LIFT, UNCLEAR, FLAG_WORTH, CAUSE_SHARE); they are set for the time of a run and put back.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from assessment import compiler, evaluation, shipped, vignettes
from assessment.engine import interview, scoring, triage
from assessment.engine.answers import Answers, visible
from assessment.engine.explain import assess
from assessment.engine.knowledge import KnowledgeBase, most_urgent
from assessment.evaluation import Case
from assessment.vignettes import Vignette

SETS = {"open": "published*.yaml", "composed": "composed*.yaml"}
"""Name of a set of vignettes -> its files."""
HUGE = 1e9
"""A cap that caps nothing."""

Runner = Callable[[KnowledgeBase, Sequence[Vignette]], list[Case]]


@dataclass(frozen=True)
class Ablation:
    """One thing taken away."""

    name: str
    change: Callable[[KnowledgeBase], KnowledgeBase] = lambda kb: kb
    constants: tuple[tuple[Any, str, Any], ...] = ()
    """(module, constant, value) for what is no value of the knowledge base."""
    runner: Runner = evaluation.run

    def run(self, kb: KnowledgeBase, cases: Sequence[Vignette]) -> list[Case]:
        """The vignettes, run without the part."""
        # Always another object: the engine's compiled tables are kept by identity and hold some constants.
        changed = replace(self.change(kb))
        with _constants(self.constants):
            return self.runner(changed, cases)


@contextmanager
def _constants(values: Sequence[tuple[Any, str, Any]]) -> Iterator[None]:
    """Constants of the engine set to other values, and put back."""
    before = [(module, name, getattr(module, name)) for module, name, _ in values]
    try:
        for module, name, value in values:
            setattr(module, name, value)
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


# --- what is taken away -----------------------------------------------------------------------------------


def _settings(**values: float) -> Callable[[KnowledgeBase], KnowledgeBase]:
    return lambda kb: replace(kb, settings=replace(kb.settings, **values))


def flat_conditions(kb: KnowledgeBase) -> KnowledgeBase:
    """All conditions equally common; 'none of these' keeps its share."""
    mean = statistics.fmean(f.prior for f in kb.conditions)
    return replace(kb, conditions=tuple(replace(f, prior=mean) for f in kb.conditions))


def flat_causes(kb: KnowledgeBase) -> KnowledgeBase:
    """All causes equally common (mean log odds)."""
    mean = statistics.fmean(math.log(f.prior / (1 - f.prior)) for f in kb.causes)
    prior = 1 / (1 + math.exp(-mean))
    return replace(kb, causes=tuple(replace(f, prior=prior) for f in kb.causes))


def no_caps(kb: KnowledgeBase) -> KnowledgeBase:
    """No bound on what one question or one group says (a group takes the larger of its own and its questions')."""
    uncapped = replace(kb, questions=tuple(replace(q, cap=HUGE) for q in kb.questions))
    return _settings(group_cap=HUGE)(uncapped)


def nothing_against(kb: KnowledgeBase) -> KnowledgeBase:
    """What speaks against a finding says nothing; the row stays, so that no '*' row takes its place."""
    return replace(kb, evidence=tuple(replace(e, ratio=max(1.0, e.ratio)) for e in kb.evidence))


def one_strength(kb: KnowledgeBase) -> KnowledgeBase:
    """Every row counts as 'moderate', for or against."""

    def ratio(value: float) -> float:
        return value if value == 1.0 else 3.0 if value > 1.0 else 1 / 3

    return replace(kb, evidence=tuple(replace(e, ratio=ratio(e.ratio)) for e in kb.evidence))


def no_red_flags(kb: KnowledgeBase) -> KnowledgeBase:
    """No rules: advice comes from the scores, which get no lift either."""
    return replace(kb, red_flags=())


def tier_by_flags(kb: KnowledgeBase, cases: Sequence[Vignette]) -> list[Case]:
    """All told, the advice being that of the most urgent rule which fires."""
    return [
        replace(c, assessment=replace(c.assessment, tier=most_urgent(h.tier for h in c.assessment.flags)))
        for c in evaluation.run(kb, cases)
    ]


ALL_TOLD = (
    Ablation("everything"),
    Ablation("priors of conditions (all equal)", flat_conditions),
    Ablation("priors of causes (all equal)", flat_causes),
    Ablation("'none of these'", _settings(none_weight=1e-9)),
    Ablation("group cap", _settings(group_cap=HUGE)),
    Ablation("caps of questions and groups", no_caps),
    Ablation("tempering", _settings(condition_temper=1.0, cause_temper=1.0)),
    Ablation("links from conditions to causes", _settings(link_weight=0.0)),
    Ablation("evidence against", nothing_against),
    Ablation("strengths of evidence (all moderate)", one_strength),
    Ablation("distance of places", constants=((scoring, "REMOTE", 1.0),)),
    Ablation(
        "lift of red flags",
        constants=((scoring, "FLAG_LIFT", {"soon": 1.0, "urgent": 1.0, "emergency": 1.0}),),
    ),
    Ablation("red flags (advice from scores only)", no_red_flags),
    Ablation("scores in the advice (red flags only)", runner=tier_by_flags),
    Ablation("'unclear' asks for a visit", constants=((triage, "UNCLEAR", 0.0),)),
)
"""Everything that the vignette tells is given at once."""


def _walked(kb: KnowledgeBase, cases: Sequence[Vignette]) -> list[Case]:
    return evaluation.run(kb, cases, "walk")


def fixed_order(kb: KnowledgeBase, cases: Sequence[Vignette]) -> list[Case]:
    """As many questions as the interview asks of the same runner, in the questionnaire's order.

    The safety screen and the core questions come first, as they always do.
    """
    found = []
    for vignette in cases:
        told = Answers.parse(kb, vignette.answers, strict_none=False)
        _, most, _ = evaluation.walk(kb, told)
        order = sorted(kb.questions, key=lambda q: ("safety", "core", "adaptive").index(q.stage))
        answers, asked, pages = Answers(), 0, set()
        while asked < most:
            given = answers.as_dict()
            due = next((q for q in order if not answers.touched(q.code) and visible(q, given)), None)
            if due is None:
                break
            answers = answers.replace(kb, {due.code: told.get(due.code)})
            asked += 1
            pages.add(due.page)
        found.append(Case(vignette, assess(kb, answers), asked, len(pages)))
    return found


INTERVIEW = (
    Ablation("the interview as it is", runner=_walked),
    Ablation(
        "adaptive questions (safety and core only)",
        _settings(max_questions=0, companion_gain=HUGE),
        runner=_walked,
    ),
    Ablation("choice (as many, in a fixed order)", runner=fixed_order),
    Ablation("worth of red flags in planning", constants=((interview, "FLAG_WORTH", 0.0),), runner=_walked),
    Ablation("causes in planning", constants=((interview, "CAUSE_SHARE", 0.0),), runner=_walked),
    Ablation(
        "stopping (everything asked)",
        _settings(max_questions=1000, stop_gain=0.0, companion_gain=0.0),
        runner=_walked,
    ),
)
"""The interview asks; a runner answers what the vignette tells and skips the rest."""


# --- measuring --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """The figures of one set of vignettes without one part."""

    name: str
    figures: dict[str, Any]
    """Those of `evaluation.summary`, and tier_acceptable, too_low, too_high, emergencies, lost, won."""


def measure(kb: KnowledgeBase, ablations: Sequence[Ablation], cases: Sequence[Vignette]) -> list[Row]:
    """A row for each ablation; `lost` and `won` compare first places with the first row."""
    rows: list[Row] = []
    first: list[bool] = []
    for ablation in ablations:
        done = ablation.run(kb, cases)
        right = [c.rank("condition") == 1 for c in done]
        first = first or right
        counting = [c for c in done if c.vignette.counts]
        grave = [c for c in counting if set(c.vignette.tier_ok) == {"emergency"}]
        pairs = list(zip(first, right, strict=True))
        figures = evaluation.summary(done) | {
            "tier_acceptable": statistics.fmean(c.assessment.tier in c.vignette.tier_ok for c in counting),
            "too_low": sum(c.under for c in done),
            "too_high": sum(c.over for c in done),
            "emergencies": f"{sum(c.assessment.tier == 'emergency' for c in grave)} of {len(grave)}",
            "lost": sum(before and not now for before, now in pairs),
            "won": sum(now and not before for before, now in pairs),
        }
        rows.append(Row(ablation.name, figures))
    return rows


COLUMNS = {
    "condition first": "condition_top1",
    "lost, won": "",
    "first three": "condition_top3",
    "cause first": "cause_top1",
    "advice acceptable": "tier_acceptable",
    "too low": "too_low",
    "too high": "too_high",
    "emergencies found": "emergencies",
    "Brier": "brier",
}
ASKED = {"questions": "questions_median", "pages": "pages_median"}


def table(rows: Sequence[Row], *, asked: bool = False) -> str:
    """The rows as a Markdown table."""
    columns = COLUMNS | ASKED if asked else COLUMNS
    lines = ["| without | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
    for row in rows:
        cells = [
            _cell(row.figures[key]) if key else f"{row.figures['lost']}, {row.figures['won']}"
            for key in columns.values()
        ]
        lines.append(f"| {row.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    """Shares with three places, counts as they are; empty when nothing counts."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}" if value <= 1.0 else f"{value:g}"
    return str(value)


def read_cases(kb: KnowledgeBase, pattern: str, limit: int = 0) -> list[Vignette]:
    """The shipped vignettes of some files; the first `limit` (0: all). Raises ValueError for a mistake."""
    found, mistakes = vignettes.read_files(kb, sorted(vignettes.FOLDER.glob(pattern)))
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return found[:limit] if limit else found


def report(kb: KnowledgeBase, name: str, cases: Sequence[Vignette]) -> str:
    """Both tables of one set of vignettes, under headings."""
    told = table(measure(kb, ALL_TOLD, cases))
    asked = table(measure(kb, INTERVIEW, cases), asked=True)
    return (
        f"### {name.capitalize()} vignettes ({len(cases)}): all told\n\n{told}\n\n"
        f"### {name.capitalize()} vignettes ({len(cases)}): the interview asks\n\n{asked}\n"
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--limit", type=int, default=0, help="only the first N vignettes of each set")
    args = parser.parse_args()
    snapshot = compiler.compile_snapshot(shipped.read())
    kb = KnowledgeBase.from_snapshot(snapshot)
    sys.stdout.write(f"Release {compiler.digest(compiler.canonical(snapshot))[:12]}\n\n")
    for name, pattern in SETS.items():
        sys.stdout.write(report(kb, name, read_cases(kb, pattern, args.limit)) + "\n")


if __name__ == "__main__":
    main()
