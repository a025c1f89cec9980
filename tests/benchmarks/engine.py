"""How long the engine takes, and how that grows.

    python -m tests.benchmarks.engine [--rounds 20] [--vignettes 24] [--growth 10]

Times single calls on the answers of real published cases, at five points of a form, in one process on one core:

* 25, 50 and 100%: the pages of the interview so far, with a runner who answers what the case tells and leaves the
  rest blank;
* choice: the safety screen and the core questions are behind, so that the next one is chosen for the first time;
* full: every question answered, what the case leaves open by chance (the same each time).

Each sample is one call. Garbage collection stays on, as it does in service. docs/performance-engine.md keeps the
figures.
"""

from __future__ import annotations

import argparse
import cProfile
import datetime
import os
import pstats
import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import django

from assessment import compiler, shipped, vignettes
from assessment.engine import interview, scoring
from assessment.engine.answers import Answers, visible
from assessment.engine.change import what_would_change
from assessment.engine.explain import assess
from assessment.engine.interview import next_step
from assessment.engine.knowledge import Clause, Finding, KnowledgeBase, Question

TARGET_MS = 0.5
"""What one assessment, and the next question, may take."""
POINTS = ("25%", "50%", "choice", "100%", "full")


@dataclass(frozen=True)
class Timing:
    """Milliseconds of single calls."""

    median: float
    least: float
    p95: float
    calls: int

    def cells(self) -> str:
        """Median, minimum and 95th percentile, as cells of a table."""
        return f"{self.median:.3f} | {self.least:.3f} | {self.p95:.3f}"


def timed(call: Callable[[Any], object], inputs: Sequence[Any], rounds: int) -> Timing:
    """Time each call on each input, `rounds` times, after one round to warm up."""
    for given in inputs:
        call(given)
    samples = []
    for _ in range(rounds):
        for given in inputs:
            start = time.perf_counter_ns()
            call(given)
            samples.append(time.perf_counter_ns() - start)
    samples.sort()
    return Timing(
        statistics.median(samples) / 1e6,
        samples[0] / 1e6,
        samples[min(len(samples) - 1, int(len(samples) * 0.95))] / 1e6,
        len(samples),
    )


# --- answers ----------------------------------------------------------------------------------------------


def cases(kb: KnowledgeBase, count: int) -> list[Answers]:
    """What `count` open vignettes tell, spread evenly over all of them."""
    found, mistakes = vignettes.read_files(kb, sorted(vignettes.FOLDER.glob("published*.yaml")))
    if mistakes:
        raise ValueError("\n".join(mistakes))
    chosen = found[:: max(1, len(found) // count)][:count]
    return [Answers.parse(kb, v.answers, strict_none=False) for v in chosen]


def points(kb: KnowledgeBase, told: Answers, rng: random.Random) -> dict[str, Answers]:
    """The answers of one case at each of POINTS."""
    states = [Answers()]
    while (step := next_step(kb, states[-1])) is not None:
        states.append(states[-1].replace(kb, {q.code: told.get(q.code) for q in step.questions}))
    last = len(states) - 1
    return {
        "25%": states[round(last * 0.25)],
        "50%": states[round(last * 0.5)],
        "choice": next(s for s in states if _chooses(kb, s)),
        "100%": states[last],
        "full": _filled(kb, told, rng),
    }


def _chooses(kb: KnowledgeBase, answers: Answers) -> bool:
    """True when no safety or core question is left, so that the next one is chosen by what it would tell."""
    given = answers.as_dict()
    return not any(
        q.stage != "adaptive" and not answers.touched(q.code) and visible(q, given) for q in kb.questions
    )


def _filled(kb: KnowledgeBase, told: Answers, rng: random.Random) -> Answers:
    """Every visible question answered: as told, or by chance."""
    answers = told
    while left := [q for q in kb.questions if not answers.get(q.code) and visible(q, answers.as_dict())]:
        options = [o.code for o in left[0].options if o.code != "none" or left[0].stage == "safety"]
        choice = "none" if left[0].stage == "safety" else rng.choice(options)
        answers = answers.replace(kb, {left[0].code: choice})
    return answers


# --- calls ------------------------------------------------------------------------------------------------


def read_reasons(kb: KnowledgeBase, answers: Answers) -> object:
    """One full assessment, with the reasons that a result page reads: those of what it shows."""
    a = assess(kb, answers)
    read = (*a.shown, *a.must_not_miss, *a.causes[:3])
    return a, [(f.reasons_for, f.reasons_against) for f in read]


def calls(kb: KnowledgeBase) -> dict[str, Callable[[Answers], object]]:
    """The calls of the engine that are timed."""
    return {
        "assess": lambda a: assess(kb, a),
        "assess, reasons read": lambda a: read_reasons(kb, a),
        "next_step": lambda a: next_step(kb, a),
        "next_step ('answer more')": lambda a: next_step(kb, a, more=True),
        "what_would_change": lambda a: what_would_change(kb, a, "self-care"),
    }


def token_timings(snapshot: Mapping[str, Any], answers: Sequence[Answers], rounds: int) -> dict[str, Timing]:
    """Encoding and decoding of a walk's token; without the look-up of the release, a dictionary."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from assessment import tokens
    from assessment.releases import Compiled

    sha256 = compiler.digest(compiler.canonical(snapshot))
    release = Compiled(1, sha256, datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC), False, dict(snapshot))
    states = [tokens.State(release=release, answers=a) for a in answers]
    sealed = [tokens.encode(state) for state in states]

    def decode(token: str) -> object:
        body = tokens._open(token)
        return tokens._state(release, body, int.from_bytes(body[7:11], "big"))

    if [decode(token).answers for token in sealed] != list(answers):
        raise RuntimeError("a token does not give back what it was made from")
    return {
        "token, encode": timed(tokens.encode, states, rounds),
        "token, decode": timed(decode, sealed, rounds),
    }


def measure(
    kb: KnowledgeBase, snapshot: Mapping[str, Any], count: int, rounds: int
) -> dict[tuple[str, str], Timing]:
    """(call, point) -> timing."""
    rng = random.Random(1)  # noqa: S311 (fills forms, no secret)
    at = [points(kb, told, rng) for told in cases(kb, count)]
    found: dict[tuple[str, str], Timing] = {}
    for point in POINTS:
        answers = [states[point] for states in at]
        for name, call in calls(kb).items():
            found[name, point] = timed(call, answers, rounds)
        for name, timing in token_timings(snapshot, answers, rounds).items():
            found[name, point] = timing
    return found


def compile_ms(kb: KnowledgeBase) -> float:
    """The tables and plans of a release, made once by the first call after it is loaded."""
    start = time.perf_counter_ns()
    scoring.tables(kb)
    for question in kb.questions:
        interview._plan(kb, question.code)
    return (time.perf_counter_ns() - start) / 1e6


# --- growth -----------------------------------------------------------------------------------------------


def grow(kb: KnowledgeBase, *, questions: int = 1, findings: int = 1) -> KnowledgeBase:
    """The knowledge base with its questions and its findings so many times over, under new codes.

    Evidence is copied with both: n times the questions and m times the findings hold n * m times the rows. Copies of
    questions are adaptive and form pages and groups of their own, so that all of them compete for being asked.
    Rules are not copied. The interview's bound on questions is lifted.
    """
    all_questions = list(kb.questions)
    for n in range(1, questions):
        all_questions += [_question_copy(q, f"~{n}") for q in kb.questions]
    conditions: list[Finding] = []
    causes: list[Finding] = []
    for m in range(findings):
        end = f"~{m}" if m else ""
        links = [
            {f"{k}~{j}" if j else k: v for k, v in f.links.items() for j in range(findings)}
            for f in kb.conditions
        ]
        conditions += [
            replace(f, slug=f.slug + end, links=link) for f, link in zip(kb.conditions, links, strict=True)
        ]
        causes += [replace(f, slug=f.slug + end) for f in kb.causes]
    evidence = tuple(
        replace(e, question=e.question + (f"~{n}" if n else ""), finding=e.finding + (f"~{m}" if m else ""))
        for n in range(questions)
        for m in range(findings)
        for e in kb.evidence
    )
    return replace(
        kb,
        questions=tuple(all_questions),
        conditions=tuple(conditions),
        causes=tuple(causes),
        evidence=evidence,
        settings=replace(kb.settings, max_questions=100_000, none_weight=kb.settings.none_weight * findings),
    )


def _question_copy(q: Question, end: str) -> Question:
    def clause(c: Clause) -> Clause:
        return replace(c, picks=tuple(replace(p, question=p.question + end) for p in c.picks))

    return replace(
        q,
        code=q.code + end,
        page=q.page + end,
        group=q.group + end,
        stage="adaptive",
        visible_if=tuple(map(clause, q.visible_if)),
    )


def repeated(kb: KnowledgeBase, answers: Answers, times: int) -> Answers:
    """The answers, and what was left blank, given again to each copy of the questions."""
    given = answers.as_dict()
    ends = ["", *(f"~{n}" for n in range(1, times))]
    return Answers.parse(
        kb, {c + e: o for e in ends for c, o in given.items()}, [c + e for e in ends for c in answers.skipped]
    )


def growth(
    kb: KnowledgeBase, count: int, rounds: int, times: int
) -> list[tuple[str, dict[str, Timing], float]]:
    """(size, call -> timing, milliseconds to compile) for each size, on the answers at the end of the walk."""
    rng = random.Random(1)  # noqa: S311
    ends = [points(kb, told, rng)["100%"] for told in cases(kb, count)]
    sizes: list[tuple[str, dict[str, int], int]] = [
        ("as shipped", {}, 1),
        (f"{times} times the questions", {"questions": times}, 1),
        (f"{times} times the questions and answers", {"questions": times}, times),
        (f"{times} times the findings", {"findings": times}, 1),
        (f"{times} times both", {"questions": times, "findings": times}, 1),
        (f"{times} times both and the answers", {"questions": times, "findings": times}, times),
    ]
    found = []
    for name, size, said in sizes:
        # The engine keeps the tables of a few releases; here each size starts with none.
        interview._plan.cache_clear()
        scoring.tables.cache_clear()
        grown = grow(kb, **size)
        compiled = compile_ms(grown)
        answers = [repeated(grown, a, said) for a in ends]
        timings = {
            call: timed(calls(grown)[call], answers, rounds)
            for call in ("assess", "next_step", "what_would_change")
        }
        found.append((name, timings, compiled))
    return found


# --- profile ----------------------------------------------------------------------------------------------


def profile(
    call: Callable[[Answers], object], answers: Sequence[Answers], rounds: int, most: int = 10
) -> str:
    """Where the time of a call goes: the functions that take most by themselves, as a Markdown table."""
    for given in answers:
        call(given)
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(rounds):
        for given in answers:
            call(given)
    profiler.disable()
    stats = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    own = [
        (tottime, cumtime, ncalls, where)
        for where, (_, ncalls, tottime, cumtime, _) in stats.items()
        if where[2] != "<lambda>" and "disable" not in where[2]
    ]
    whole = sum(row[0] for row in own)
    runs = rounds * len(answers)
    lines = ["| function | by itself | with what it calls | calls in each |", "| --- | --- | --- | --- |"]
    for tottime, cumtime, ncalls, (path, _, name) in sorted(own, reverse=True)[:most]:
        place = "" if path == "~" else f"{Path(path).stem}."
        label = f"{place}{name}".replace("<", "").replace(">", "").replace("|", "")
        lines.append(f"| `{label}` | {tottime / whole:.0%} | {cumtime / whole:.0%} | {ncalls / runs:.0f} |")
    return "\n".join(lines)


# --- report -----------------------------------------------------------------------------------------------


def timing_table(found: Mapping[tuple[str, str], Timing]) -> str:
    """The timings as a Markdown table."""
    lines = [
        "| call | point of the form | median, ms | minimum, ms | p95, ms |",
        "| --- | --- | --- | --- | --- |",
    ]
    names = list(dict.fromkeys(name for name, _ in found))
    lines += [f"| {n} | {p} | {found[n, p].cells()} |" for n in names for p in POINTS]
    return "\n".join(lines)


def growth_table(found: Sequence[tuple[str, Mapping[str, Timing], float]]) -> str:
    """The growth as a Markdown table: medians, and how many times those as shipped."""
    names = list(found[0][1])
    lines = [
        "| size | " + " | ".join(f"{n}, ms (times)" for n in names) + " | compiling once, ms |",
        "| --- |" + " --- |" * (len(names) + 1),
    ]
    first = found[0][1]
    for size, timings, compiled in found:
        cells = [f"{timings[n].median:.3f} ({timings[n].median / first[n].median:.1f})" for n in names]
        lines.append(f"| {size} | {' | '.join(cells)} | {compiled:.0f} |")
    return "\n".join(lines)


def verdict(found: Mapping[tuple[str, str], Timing]) -> str:
    """Whether the target is met, by the median at each point of the form."""
    lines = []
    for call in ("assess", "assess, reasons read", "next_step"):
        slow = {p: found[call, p].median for p in POINTS if found[call, p].median >= TARGET_MS}
        listed = ", ".join(f"{p}: {ms:.3f} ms" for p, ms in slow.items())
        lines.append(f"{call}: " + (f"above {TARGET_MS} ms at {listed}" if slow else f"below {TARGET_MS} ms"))
    return "\n".join(lines)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--vignettes", type=int, default=24)
    parser.add_argument("--growth", type=int, default=10)
    args = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    snapshot = compiler.compile_snapshot(shipped.read())
    kb = KnowledgeBase.from_snapshot(snapshot)
    out = sys.stdout.write
    out(f"Release {compiler.digest(compiler.canonical(snapshot))[:12]}: {len(kb.questions)} questions, ")
    out(f"{len(kb.conditions)} conditions, {len(kb.causes)} causes, {len(kb.evidence)} rows, ")
    out(f"{len(kb.red_flags)} rules. Compiling once: {compile_ms(kb):.0f} ms\n\n")
    found = measure(kb, snapshot, args.vignettes, args.rounds)
    out(f"{timing_table(found)}\n\n{verdict(found)}\n\n")
    rng = random.Random(1)  # noqa: S311
    at = [points(kb, told, rng) for told in cases(kb, args.vignettes)]
    for name, point in (("assess", "100%"), ("next_step", "choice")):
        out(f"{name} at {point}\n\n")
        out(profile(calls(kb)[name], [s[point] for s in at], args.rounds) + "\n\n")
    out(growth_table(growth(kb, min(6, args.vignettes), max(3, args.rounds // 4), args.growth)) + "\n")


if __name__ == "__main__":
    main()
