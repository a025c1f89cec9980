"""Scoring: how far the answers speak for each cause and each condition.

For a finding f and answers a the support is a sum of logarithms of likelihood ratios:

    s(f) = T * sum over evidence groups g of  clip( sum over questions q in g of  clip(r(f, q), cap_q), cap_g )

where r combines the rows of the chosen options (sum, mean or best), `cap_q` bounds one question and `cap_g`
a group of correlated questions, and T (below 1) tempers what is left of the correlation. Then

    conditions compete:     p(c) = w(c) e^s(c) / (w(none) + sum over c' of w(c') e^s(c'))
    causes are independent: p(k) = sigmoid( logit prior(k) + s(k) + L * ln sum over c of p(c) link(c, k) )

The naive Bayes form with likelihood ratios is the standard one of diagnostic reasoning (Spiegelhalter and
Knill-Jones, J R Stat Soc A 1984, who also shrink weights for correlated signs); the caps and T are ours.
See docs/how-scoring-works.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import mul

from .answers import Answers, holds
from .knowledge import Evidence, Finding, KnowledgeBase, Question

REMOTE = 2.5
"""Pain in another part of the body counts this much more against a finding (exponent): pain felt in the groin all but rules
out the Achilles tendon, while pain a hand's breadth away is often only misplaced."""
FLAG_LIFT: Mapping[str, float] = {"soon": 2.0, "urgent": 4.0, "emergency": 20.0}
"""Likelihood ratio that a red flag which fires lends to the conditions it names, by its tier. A rule is a combination, which
says more than its answers do one by one: brown urine with strong pain is rhabdomyolysis until shown otherwise, however
rare that is among sore runners."""
ANY = "*"
"""In an evidence row: any option of the question that has no row of its own for the finding."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one question's answer added to one finding's support (natural log, after caps and tempering)."""

    question: str
    options: tuple[str, ...]
    weight: float
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """One finding's probability (0 to 1) and what it is made of."""

    finding: Finding
    probability: float
    support: float
    """Summed evidence (natural log), without prior and links."""
    contributions: tuple[Contribution, ...]


class Tables:
    """A knowledge base compiled for speed.

    `rows` and `logs`: question -> option -> finding -> row, or its logarithm. `links`: cause -> (what each condition lends
    to it, what they lend together before any answer).
    """

    def __init__(self, kb: KnowledgeBase) -> None:
        self.rows: dict[str, dict[str, dict[str, Evidence]]] = {}
        self.logs: dict[str, dict[str, dict[str, float]]] = {}
        fallback: dict[str, dict[str, Evidence]] = {}
        for row in kb.evidence:
            if row.option == ANY:
                fallback.setdefault(row.question, {})[row.finding] = row
            else:
                self.rows.setdefault(row.question, {}).setdefault(row.option, {})[row.finding] = row
        for code, by_finding in fallback.items():
            for option in kb.by_code[code].option_codes:
                own = self.rows.setdefault(code, {}).setdefault(option, {})
                for finding, row in by_finding.items():
                    own.setdefault(finding, row)
        for code, options in self.rows.items():
            self.logs[code] = {
                option: {finding: row.log_ratio for finding, row in rows.items()}
                for option, rows in options.items()
            }
            _part_the_remote(kb.by_code[code], self.logs[code])
        self.links: dict[str, tuple[tuple[float, ...], float]] = {}
        total = sum(f.prior for f in kb.conditions) + kb.settings.none_weight
        for cause in kb.causes:
            links = tuple(f.links.get(cause.slug, kb.settings.unlinked) for f in kb.conditions)
            expected = sum(f.prior * link for f, link in zip(kb.conditions, links, strict=True))
            self.links[cause.slug] = (links, (expected + kb.settings.none_weight) / total)


def _part_the_remote(question: Question, logs: dict[str, dict[str, float]]) -> None:
    """Count what speaks against a finding `REMOTE` times where it is in another part of the body altogether.

    The parts are the headings over the options of a long list (`Option.group`, such as 'Knee'). A finding is at home
    in a part when it has an option there that speaks for it, or that its author left neutral on purpose (no row).
    """
    parts: dict[str, list[str]] = {}
    for option in question.options:
        if option.group:
            parts.setdefault(option.group, []).append(option.code)
    if len(parts) < 2:
        return
    findings = {slug for rows in logs.values() for slug in rows}
    for options in parts.values():
        for slug in findings:
            values = [logs.get(code, {}).get(slug, 0.0) for code in options]
            if max(values) < 0.0:
                for code in options:
                    logs[code][slug] *= REMOTE


@lru_cache(maxsize=8)
def tables(kb: KnowledgeBase) -> Tables:
    """The compiled evidence of a knowledge base; made once for each."""
    return Tables(kb)


def combine(question: Question, logs: list[float]) -> float:
    """What several chosen options together say, before the cap (natural log).

    `mean` averages the ratios, as for a site that is one of several; `best` takes the farthest from nothing.
    """
    if question.combine == "mean":
        return math.log(sum(map(math.exp, logs)) / len(logs))
    if question.combine == "best":
        return max(logs, key=abs)
    return sum(logs)


def clip(value: float, ratio: float) -> float:
    """`value` (natural log) kept within a likelihood ratio and its inverse."""
    limit = math.log(ratio)
    return max(-limit, min(limit, value))


def supports(kb: KnowledgeBase, answers: Answers) -> dict[str, dict[str, float]]:
    """Finding -> question -> log support after the question's cap, the group's cap and tempering."""
    compiled = tables(kb)
    groups: dict[str, dict[str, dict[str, float]]] = {}
    for code, chosen in answers.items:
        options = compiled.logs.get(code)
        if not options:
            continue
        question = kb.by_code[code]
        chosen_rows = [options.get(option, {}) for option in chosen]
        for finding in {slug for rows in chosen_rows for slug in rows}:
            if question.combine == "mean":
                logs = [rows.get(finding, 0.0) for rows in chosen_rows]
            else:
                logs = [rows[finding] for rows in chosen_rows if finding in rows]
            value = clip(combine(question, logs), question.cap)
            groups.setdefault(finding, {}).setdefault(question.group, {})[code] = value
    result: dict[str, dict[str, float]] = {}
    settings = kb.settings
    for finding, by_group in groups.items():
        is_condition = kb.finding[finding].kind == "condition"
        temper = settings.condition_temper if is_condition else settings.cause_temper
        mine = result.setdefault(finding, {})
        for by_question in by_group.values():
            total = sum(by_question.values())
            capped = clip(total, max(settings.group_cap, *(kb.by_code[code].cap for code in by_question)))
            scale = temper * (capped / total if total else 1.0)
            for code, value in by_question.items():
                mine[code] = value * scale
    for slug, (code, lift) in _lifts(kb, answers).items():
        mine = result.setdefault(slug, {})
        mine[code] = mine.get(code, 0.0) + lift
    return result


def _lifts(kb: KnowledgeBase, answers: Answers) -> dict[str, tuple[str, float]]:
    """Condition -> (question of the answer that is credited, natural log) for the strongest rule that fires for it."""
    given = answers.as_dict()
    lifts: dict[str, tuple[str, float]] = {}
    for flag in kb.red_flags:
        lift = math.log(FLAG_LIFT[flag.tier])
        named = [slug for slug in flag.conditions if slug not in lifts or lift > lifts[slug][1]]
        if named and all(holds(clause, given) for clause in flag.clauses):
            code = next(p.question for c in flag.clauses for p in c.picks if p.option in given.get(p.question, ()))
            lifts.update((slug, (code, lift)) for slug in named)
    return lifts


def condition_weights(kb: KnowledgeBase, support: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Condition -> unnormalised weight: prior weight times e to the support."""
    return {f.slug: f.prior * math.exp(sum(support.get(f.slug, {}).values())) for f in kb.conditions}


def score(kb: KnowledgeBase, answers: Answers) -> tuple[tuple[Score, ...], tuple[Score, ...]]:
    """(conditions, causes), each with the most probable first; ties keep the order of the knowledge base.

    The conditions' probabilities and that of 'none of these' sum to 1. Each cause has a probability of its own.
    """
    support = supports(kb, answers)
    weights = condition_weights(kb, support)
    total = sum(weights.values()) + kb.settings.none_weight
    conditions = {slug: weight / total for slug, weight in weights.items()}
    return (
        _ranked(kb, answers, support, kb.conditions, conditions),
        _ranked(kb, answers, support, kb.causes, cause_probabilities(kb, support, conditions)),
    )


def cause_probabilities(
    kb: KnowledgeBase, support: Mapping[str, Mapping[str, float]], conditions: Mapping[str, float]
) -> dict[str, float]:
    """Cause -> probability, from its own evidence and from the conditions that it is linked to."""
    unexplained = max(0.0, 1.0 - sum(conditions.values()))
    chances = [conditions[f.slug] for f in kb.conditions]
    probabilities: dict[str, float] = {}
    for cause in kb.causes:
        links, at_rest = tables(kb).links[cause.slug]
        link = (unexplained + sum(map(mul, chances, links))) / at_rest
        logit = (
            math.log(cause.prior / (1 - cause.prior))
            + sum(support.get(cause.slug, {}).values())
            + kb.settings.link_weight * math.log(link)
        )
        probabilities[cause.slug] = 1 / (1 + math.exp(-logit))
    return probabilities


def _ranked(
    kb: KnowledgeBase,
    answers: Answers,
    support: Mapping[str, Mapping[str, float]],
    findings: tuple[Finding, ...],
    probabilities: Mapping[str, float],
) -> tuple[Score, ...]:
    """Scores in rank order; ties keep the order of the knowledge base."""
    given = answers.as_dict()
    rows = tables(kb).rows
    scores = []
    for finding in findings:
        mine = support.get(finding.slug, {})
        contributions = tuple(
            Contribution(
                code,
                given[code],
                weight,
                tuple(
                    dict.fromkeys(
                        source
                        for option in given[code]
                        if (row := rows.get(code, {}).get(option, {}).get(finding.slug)) is not None
                        for source in row.sources
                    )
                ),
            )
            for code, weight in mine.items()
        )
        scores.append(Score(finding, probabilities[finding.slug], sum(mine.values()), contributions))
    return tuple(sorted(scores, key=lambda s: -s.probability))
