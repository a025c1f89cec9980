"""Scoring: how far the answers speak for each cause and each condition.

For a finding f and answers a the support is a sum of logarithms of likelihood ratios:

    s(f) = T * sum over evidence groups g of  clip( sum over questions q in g of clip(r(f, q), cap_q), cap_g )
           + lift(f)

where r combines the rows of the chosen options (sum, mean or best), `cap_q` bounds one question and `cap_g`
a group of correlated questions, T (at most 1) tempers what is left of the correlation, and lift(f) is what
the red flags that fire and name f add. What speaks against f from another part of the body counts REMOTE
times. Then

    conditions compete:     p(c) = w(c) e^s(c) / (w(none) + sum over c' of w(c') e^s(c'))
    causes are independent: p(k) = sigmoid( logit prior(k) + s(k) + L * ln( link(k) / link at rest(k) ) )
                            link(k) = sum over c of p(c) link(c, k), at rest with the prior p(c)

The naive Bayes form with likelihood ratios is the standard one of diagnostic reasoning (Spiegelhalter and
Knill-Jones, J R Stat Soc A 1984, who also shrink weights for correlated signs); the caps, T, REMOTE and the
lift are ours. See docs/how-scoring-works.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import mul

from .answers import Answers
from .knowledge import Evidence, Finding, KnowledgeBase, Question, RedFlag

REMOTE = 2.5
"""Pain in another part of the body counts this much more against a finding (exponent): pain felt in the
groin all but rules out the Achilles tendon, while pain a hand's breadth away is often only misplaced."""
FLAG_LIFT: Mapping[str, float] = {"soon": 2.0, "urgent": 6.0, "emergency": 40.0}
"""Likelihood ratio that a red flag which fires lends to the conditions it names, by its tier. A rule is a
combination, which says more than its answers do one by one: brown urine with strong pain is rhabdomyolysis
until shown otherwise, however rare that is among sore runners."""
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

    `rows` and `logs`: question -> option -> finding -> row, or its logarithm. `alone`: the same after the
    question's cap, for an option that is chosen alone. `links`: cause -> (what each condition lends to it,
    what they lend together before any answer). `rules`: question -> option -> the clauses that look for it,
    as (place of the rule, place of the clause).
    """

    def __init__(self, kb: KnowledgeBase) -> None:
        self.rows: dict[str, dict[str, dict[str, Evidence]]] = {}
        self.logs: dict[str, dict[str, dict[str, float]]] = {}
        self.alone: dict[str, dict[str, dict[str, float]]] = {}
        self._compile_evidence(kb)
        s = kb.settings
        self.tempers = {f.slug: s.condition_temper for f in kb.conditions} | {
            f.slug: s.cause_temper for f in kb.causes
        }
        self.links: dict[str, tuple[tuple[float, ...], float]] = {}
        total = sum(f.prior for f in kb.conditions) + s.none_weight
        for cause in kb.causes:
            links = tuple(f.links.get(cause.slug, s.unlinked) for f in kb.conditions)
            expected = sum(f.prior * link for f, link in zip(kb.conditions, links, strict=True))
            self.links[cause.slug] = (links, (expected + s.none_weight) / total)
        self.rules: dict[str, dict[str, list[tuple[int, int]]]] = {}
        for n, flag in enumerate(kb.red_flags):
            for k, clause in enumerate(flag.clauses):
                for pick in dict.fromkeys(clause.picks):
                    self.rules.setdefault(pick.question, {}).setdefault(pick.option, []).append((n, k))

    def _compile_evidence(self, kb: KnowledgeBase) -> None:
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
            question = kb.by_code[code]
            self.logs[code] = {
                option: {finding: row.log_ratio for finding, row in rows.items()}
                for option, rows in options.items()
            }
            _part_the_remote(question, self.logs[code])
            self.alone[code] = {
                option: {finding: clip(log, question.cap) for finding, log in logs.items()}
                for option, logs in self.logs[code].items()
            }


def _part_the_remote(question: Question, logs: dict[str, dict[str, float]]) -> None:
    """Count what speaks against a finding `REMOTE` times where it is in another part of the body altogether.

    The parts are the headings over the options of a long list (`Option.group`, such as 'Knee'). A finding is
    at home in a part when it has an option there that speaks for it, or that its author left neutral on
    purpose (no row).
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
    """Finding -> question -> log support after the question's cap, the group's cap, tempering and the lift
    of red flags."""
    compiled = tables(kb)
    groups: dict[str, list[tuple[Question, dict[str, float]]]] = {}
    for code, chosen in answers.items:
        if code in compiled.alone:
            question = kb.by_code[code]
            groups.setdefault(question.group, []).append((question, _said(compiled, question, chosen)))
    result: dict[str, dict[str, float]] = {}
    tempers = compiled.tempers
    for members in groups.values():
        if len(members) > 1:
            _cap_group(members, kb.settings.group_cap)
        for question, values in members:
            for finding, value in values.items():
                result.setdefault(finding, {})[question.code] = value * tempers[finding]
    for slug, (code, lift) in _lifts(kb, answers).items():
        mine = result.setdefault(slug, {})
        mine[code] = mine.get(code, 0.0) + lift
    return result


def _said(compiled: Tables, question: Question, chosen: tuple[str, ...]) -> dict[str, float]:
    """Finding -> what the answer to one question says for it, after the question's cap."""
    if len(chosen) == 1:
        return compiled.alone[question.code].get(chosen[0], {})
    logs = compiled.logs[question.code]
    rows = [logs.get(option, {}) for option in chosen]
    values = {}
    for finding in dict.fromkeys(slug for row in rows for slug in row):
        if question.combine == "mean":
            found = [row.get(finding, 0.0) for row in rows]
        else:
            found = [row[finding] for row in rows if finding in row]
        values[finding] = clip(combine(question, found), question.cap)
    return values


def _cap_group(members: list[tuple[Question, dict[str, float]]], group_cap: float) -> None:
    """Scale down, in place, what the questions of one group say together beyond the cap of the group.

    The cap is the release's, or that of a question of the group when that alone may say more (the site).
    """
    cap = max(group_cap, *(question.cap for question, _ in members))
    limit = math.log(cap)
    totals: dict[str, float] = {}
    for _, values in members:
        for finding, value in values.items():
            totals[finding] = totals.get(finding, 0.0) + value
    beyond = {finding: limit / abs(total) for finding, total in totals.items() if abs(total) > limit}
    if beyond:
        for place, (question, values) in enumerate(members):
            scaled = {finding: value * beyond.get(finding, 1.0) for finding, value in values.items()}
            members[place] = (question, scaled)


def firing(kb: KnowledgeBase, answers: Answers) -> list[RedFlag]:
    """The red flags whose clauses all hold, in the knowledge base's order."""
    found: dict[int, dict[int, int]] = {}
    rules = tables(kb).rules
    for code, options in answers.items:
        looked_for = rules.get(code)
        if looked_for:
            for option in options:
                for n, k in looked_for.get(option, ()):
                    counts = found.setdefault(n, {})
                    counts[k] = counts.get(k, 0) + 1
    flags = []
    for n in sorted(found):
        flag, counts = kb.red_flags[n], found[n]
        if len(counts) == len(flag.clauses) and all(
            counts[k] >= c.at_least for k, c in enumerate(flag.clauses)
        ):
            flags.append(flag)
    return flags


def _lifts(kb: KnowledgeBase, answers: Answers) -> dict[str, tuple[str, float]]:
    """Condition -> (question of the answer that is credited, natural log) for the strongest rule that fires
    for it."""
    lifts: dict[str, tuple[str, float]] = {}
    given: dict[str, tuple[str, ...]] | None = None
    for flag in firing(kb, answers):
        lift = math.log(FLAG_LIFT[flag.tier])
        named = [slug for slug in flag.conditions if slug not in lifts or lift > lifts[slug][1]]
        if named:
            given = given or answers.as_dict()
            code = next(
                p.question for c in flag.clauses for p in c.picks if p.option in given.get(p.question, ())
            )
            lifts.update((slug, (code, lift)) for slug in named)
    return lifts


def condition_weights(kb: KnowledgeBase, support: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Condition -> unnormalised weight: prior weight times e to the support."""
    return {f.slug: f.prior * math.exp(sum(support.get(f.slug, {}).values())) for f in kb.conditions}


@dataclass(frozen=True, slots=True)
class Rating:
    """The scores of some answers, and what is needed to say what they are made of."""

    kb: KnowledgeBase
    answers: Answers
    support: Mapping[str, Mapping[str, float]]
    conditions: tuple[Score, ...]
    """Most probable first; without contributions."""
    causes: tuple[Score, ...]

    def contributions(self, slug: str) -> tuple[Contribution, ...]:
        """What each answer added to a finding, in the questionnaire's order."""
        given, rows = self.answers.as_dict(), tables(self.kb).rows
        mine = self.support.get(slug, {})
        return tuple(
            Contribution(
                code,
                given[code],
                mine[code],
                tuple(
                    dict.fromkeys(
                        source
                        for option in given[code]
                        if (row := rows.get(code, {}).get(option, {}).get(slug)) is not None
                        for source in row.sources
                    )
                ),
            )
            for code in given
            if code in mine
        )


def rate(kb: KnowledgeBase, answers: Answers) -> Rating:
    """The scores of some answers, without their contributions, which are made when they are asked for."""
    support = supports(kb, answers)
    weights = condition_weights(kb, support)
    total = sum(weights.values()) + kb.settings.none_weight
    conditions = {slug: weight / total for slug, weight in weights.items()}
    causes = cause_probabilities(kb, support, conditions)
    return Rating(
        kb, answers, support, _ranked(support, kb.conditions, conditions), _ranked(support, kb.causes, causes)
    )


def score(kb: KnowledgeBase, answers: Answers) -> tuple[tuple[Score, ...], tuple[Score, ...]]:
    """(conditions, causes), each with the most probable first; ties keep the order of the knowledge base.

    The conditions' probabilities and that of 'none of these' sum to 1. Each cause has a probability of its
    own.
    """
    rating = rate(kb, answers)
    conditions, causes = (
        tuple(replace(s, contributions=rating.contributions(s.finding.slug)) for s in scores)
        for scores in (rating.conditions, rating.causes)
    )
    return conditions, causes


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
    support: Mapping[str, Mapping[str, float]],
    findings: tuple[Finding, ...],
    probabilities: Mapping[str, float],
) -> tuple[Score, ...]:
    """Scores in rank order; ties keep the order of the knowledge base."""
    scores = [Score(f, probabilities[f.slug], sum(support.get(f.slug, {}).values()), ()) for f in findings]
    return tuple(sorted(scores, key=lambda s: -s.probability))
