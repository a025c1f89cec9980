"""Checks of a knowledge base: whatever is wrong is named, before a release can be made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .knowledge import TIERS, Clause, KnowledgeBase, Question
from .scoring import ANY

STAGES = ("safety", "core", "adaptive")
KINDS = ("one", "many")
COMBINES = ("sum", "mean", "best")
CAPACITY = 960
"""Bits that a walk's token holds: one for each option and one for each question (assessment/tokens.py)."""
MAX_PAGES = 250
MAX_ON_PAGE = 8


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a knowledge base: where, and what."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def problems(kb: KnowledgeBase) -> tuple[Problem, ...]:
    """Everything that is wrong with a knowledge base; empty when it may be released."""
    return (*_questions(kb), *_findings(kb), *_evidence(kb), *_red_flags(kb), *_settings(kb))


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _questions(kb: KnowledgeBase) -> Iterator[Problem]:
    for code in _repeated(q.code for q in kb.questions):
        yield Problem(f"question {code}", "there are two with this code")
    if sum(len(q.options) + 1 for q in kb.questions) > CAPACITY:
        yield Problem("questions", f"all questions and options together may be {CAPACITY} at the most")
    if len(kb.pages) > MAX_PAGES:
        yield Problem("questions", f"there may be {MAX_PAGES} pages at the most")
    for page, questions in kb.pages.items():
        if len(questions) > MAX_ON_PAGE:
            yield Problem(f"page {page}", f"holds {len(questions)} questions; {MAX_ON_PAGE} at the most")
        if len({q.stage == "safety" for q in questions}) > 1:
            yield Problem(f"page {page}", "mixes the safety screen with other questions")
    if not any(q.stage == "safety" for q in kb.questions):
        yield Problem("questions", "there is no safety screen")
    for q in kb.questions:
        yield from _question(kb, q)
    yield from _cycles(kb)


def _question(kb: KnowledgeBase, q: Question) -> Iterator[Problem]:
    where = f"question {q.code}"
    if q.kind not in KINDS or q.stage not in STAGES or q.combine not in COMBINES:
        yield Problem(where, "kind, stage or combine is unknown")
    if not q.text.strip() or not q.page or not q.phase or not q.group:
        yield Problem(where, "text, page, phase and group must be filled in")
    if len(q.options) < 2:
        yield Problem(where, "needs two options or more")
    for repeated in _repeated(o.code for o in q.options):
        yield Problem(where, f"has two options {repeated}")
    for option in q.options:
        if not option.text.strip():
            yield Problem(where, f"option {option.code} has no text")
        if not 0.0 < option.base < 1.0:
            yield Problem(where, f"option {option.code}: base must lie between 0 and 1")
    if q.cap <= 1.0:
        yield Problem(where, "cap must be above 1")
    if q.stage == "safety" and "none" not in q.option_codes:
        yield Problem(where, "a safety question needs an explicit 'none of these'")
    if q.stage == "safety" and q.kind != "many":
        yield Problem(where, "a safety question must take several answers")
    if q.stage == "safety" and q.visible_if:
        yield Problem(where, "a safety question may not be hidden")
    yield from _clauses(kb, where, q.visible_if)


def _clauses(kb: KnowledgeBase, where: str, clauses: tuple[Clause, ...]) -> Iterator[Problem]:
    for clause in clauses:
        if not clause.picks:
            yield Problem(where, "a clause without any answer to look for")
        if not 1 <= clause.at_least <= max(1, len(clause.picks)):
            yield Problem(where, "a clause asks for more answers than it names")
        for pick in clause.picks:
            if pick.question not in kb.by_code or pick.option not in kb.by_code[pick.question].option_codes:
                yield Problem(where, f"{pick.question}={pick.option} is no answer of this questionnaire")


def _cycles(kb: KnowledgeBase) -> Iterator[Problem]:
    """Questions whose visibility depends, in the end, on themselves: nobody would ever see them."""
    needs = {q.code: {p.question for clause in q.visible_if for p in clause.picks} for q in kb.questions}
    for code, first in needs.items():
        seen: set[str] = set()
        front = set(first)
        while front:
            seen |= front
            front = {n for c in front for n in needs.get(c, ())} - seen
        if code in seen:
            yield Problem(f"question {code}", "its visibility depends on itself")


def _findings(kb: KnowledgeBase) -> Iterator[Problem]:
    slugs = [f.slug for f in (*kb.conditions, *kb.causes)]
    for slug in _repeated(slugs):
        yield Problem(f"finding {slug}", "there are two with this slug")
    causes = {f.slug for f in kb.causes}
    for f in kb.conditions:
        if f.prior <= 0.0:
            yield Problem(f"condition {f.slug}", "its weight must be above 0")
        if f.tier not in TIERS:
            yield Problem(f"condition {f.slug}", f"unknown tier {f.tier!r}")
        for slug, ratio in f.links.items():
            if slug not in causes:
                yield Problem(f"condition {f.slug}", f"is linked to {slug!r}, which is no cause")
            if ratio <= 0.0:
                yield Problem(f"condition {f.slug}", f"its link to {slug} must be above 0")
    for f in kb.causes:
        if not 0.0 < f.prior < 1.0:
            yield Problem(f"cause {f.slug}", "its prior must lie between 0 and 1")
    tips = {t.slug for t in kb.tips}
    for f in (*kb.conditions, *kb.causes):
        if not f.title.strip():
            yield Problem(f"finding {f.slug}", "has no title")
        for slug in f.tips:
            if slug not in tips:
                yield Problem(f"finding {f.slug}", f"names tip {slug!r}, which is not among the tips")
    if not kb.conditions or not kb.causes:
        yield Problem("findings", "there must be conditions and causes")


def _evidence(kb: KnowledgeBase) -> Iterator[Problem]:
    seen: set[tuple[str, str, str]] = set()
    spoken: set[str] = set()
    for e in kb.evidence:
        where = f"evidence {e.finding}, {e.question}={e.option}"
        if e.finding not in kb.finding:
            yield Problem(where, "is for no known finding")
        question = kb.by_code.get(e.question)
        if question is None or (e.option != ANY and e.option not in question.option_codes):
            yield Problem(where, "is no answer of this questionnaire")
        if not 0.0 < e.ratio < 1000.0:
            yield Problem(where, "its ratio must be above 0")
        if e.estimate and not 0.1 <= e.ratio <= 10.0:
            yield Problem(where, "only a published ratio may be beyond 10")
        if not e.sources:
            yield Problem(where, "has no source")
        key = (e.finding, e.question, e.option)
        if key in seen:
            yield Problem(where, "stands twice")
        seen.add(key)
        if e.ratio > 1.0:
            spoken.add(e.finding)
    for f in (*kb.conditions, *kb.causes):
        if f.slug not in spoken:
            yield Problem(f"finding {f.slug}", "nothing speaks for it, so it can never be found")


def _red_flags(kb: KnowledgeBase) -> Iterator[Problem]:
    for code in _repeated(f.code for f in kb.red_flags):
        yield Problem(f"red flag {code}", "there are two with this code")
    single: set[tuple[str, str]] = set()
    for f in kb.red_flags:
        where = f"red flag {f.code}"
        if f.tier not in TIERS[1:]:
            yield Problem(where, f"its tier must be one of {', '.join(TIERS[1:])}")
        if not f.reason.strip() or not f.title.strip():
            yield Problem(where, "needs a title and a reason for the runner")
        if not f.sources:
            yield Problem(where, "has no source")
        if not f.clauses:
            yield Problem(where, "has no clause, and would always fire")
        yield from _clauses(kb, where, f.clauses)
        if any(not _satisfiable(kb, clause) for clause in f.clauses):
            yield Problem(where, "can never fire")
        for slug in f.conditions:
            if kb.finding.get(slug) is None or kb.finding[slug].kind != "condition":
                yield Problem(where, f"names condition {slug!r}, which is not there")
        if len(f.clauses) == 1 and f.clauses[0].at_least == 1:
            single |= {(p.question, p.option) for p in f.clauses[0].picks}
    for q in kb.questions:
        if q.stage == "safety":
            for option in q.options:
                if option.code != "none" and (q.code, option.code) not in single:
                    yield Problem(
                        f"question {q.code}",
                        f"no red flag answers to {option.code} by itself, so it could be ignored",
                    )


def _satisfiable(kb: KnowledgeBase, clause: Clause) -> bool:
    """True when a runner can give enough of the clause's answers at once."""
    reach = 0
    for code in {p.question for p in clause.picks}:
        question = kb.by_code.get(code)
        count = sum(1 for p in set(clause.picks) if p.question == code)
        reach += min(1, count) if question is None or question.kind == "one" else count
    return reach >= clause.at_least


def _settings(kb: KnowledgeBase) -> Iterator[Problem]:
    s = kb.settings
    for name in ("condition_temper", "cause_temper"):
        if not 0.0 < getattr(s, name) <= 1.0:
            yield Problem("settings", f"{name} must lie above 0 and at most at 1")
    for name in ("soon_mass", "urgent_mass", "emergency_mass", "must_not_miss_min"):
        if not 0.0 < getattr(s, name) <= 1.0:
            yield Problem("settings", f"{name} must lie above 0 and at most at 1")
    for name in ("stop_gain", "companion_gain"):
        if not 0.0 <= getattr(s, name) < 100.0:
            yield Problem("settings", f"{name} must be 0 or more")
    if not 1 <= s.max_questions <= 1000:
        yield Problem("settings", "max_questions must be from 1 to 1000")
    if not 0.0 <= s.link_weight <= 1.0 or s.group_cap <= 1.0 or s.none_weight <= 0.0 or s.close_ratio < 1.0:
        yield Problem("settings", "link_weight, group_cap, none_weight or close_ratio is out of range")
