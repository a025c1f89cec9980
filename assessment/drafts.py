"""The editable rows as a draft, and a draft as editable rows. Both ways are exact: what goes in comes out."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from assessment.engine.scoring import ANY
from assessment.models import (
    Evidence,
    Finding,
    FindingLink,
    ModelSettings,
    Option,
    Question,
    RedFlag,
    RedFlagClause,
    VisibilityClause,
)
from assessment.shipped import Draft

QUESTION_FIELDS = (
    "code",
    "kind",
    "stage",
    "page",
    "phase",
    "group",
    "combine",
    "cap",
    "short",
    "text",
    "help",
    "why",
)
OPTION_FIELDS = ("code", "text", "help", "base", "group")
FINDING_FIELDS = ("slug", "kind", "prior", "tier", "serious", "sources")
EVIDENCE_FIELDS = ("says", "ratio", "sources", "note")
FLAG_FIELDS = ("code", "title", "tier", "reason", "sources")


def _pick(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def from_rows() -> Draft:
    """The editors' rows as they are now. A fixed number of queries, however many rows there are."""
    questions = list(Question.objects.prefetch_related("options", "visible_if__picks__question"))
    findings = list(Finding.objects.prefetch_related("links__cause"))
    flags = list(RedFlag.objects.prefetch_related("conditions", "clauses__picks__question"))
    evidence = Evidence.objects.select_related("finding", "question", "option").order_by(
        "-finding__kind", "finding__slug", "order", "pk"
    )
    settings = ModelSettings.objects.first() or ModelSettings()
    return Draft(
        questions=[
            {
                **_pick(q, QUESTION_FIELDS),
                "options": [_pick(o, OPTION_FIELDS) for o in q.options.all()],
                "visible_if": [_clause(c) for c in q.visible_if.all()],
            }
            for q in questions
        ],
        findings=[
            {**_pick(f, FINDING_FIELDS), "links": {link.cause.slug: link.strength for link in f.links.all()}}
            for f in findings
        ],
        evidence=[
            {
                "finding": e.finding.slug,
                "question": e.question.code,
                "option": e.option.code if e.option else ANY,
                **_pick(e, EVIDENCE_FIELDS),
            }
            for e in evidence
        ],
        red_flags=[
            {
                **_pick(f, FLAG_FIELDS),
                "conditions": [c.slug for c in f.conditions.all()],
                "clauses": [_clause(c) for c in f.clauses.all()],
            }
            for f in flags
        ],
        settings=settings.as_dict(),
    )


def _clause(clause: VisibilityClause | RedFlagClause) -> dict[str, Any]:
    picks = sorted(clause.picks.all(), key=lambda o: (o.question.order, o.order, o.pk))
    return {"any": [f"{o.question.code}={o.code}" for o in picks], "at_least": clause.at_least}


@transaction.atomic
def replace_rows(draft: Draft) -> None:
    """Make the editors' rows say exactly what the draft says, in one transaction. Releases stay as they are."""
    for model in (Evidence, RedFlag, FindingLink, Finding, Question, ModelSettings):
        model.objects.all().delete()
    options = _save_questions(draft)
    findings = _save_findings(draft)
    _save_evidence(draft, findings, options)
    _save_flags(draft, findings, options)
    ModelSettings.objects.create(pk=1, **draft.settings)


def _save_questions(draft: Draft) -> dict[str, Option]:
    questions = Question.objects.bulk_create(
        Question(**{name: row[name] for name in QUESTION_FIELDS}, order=order)
        for order, row in enumerate(draft.questions)
    )
    made = Option.objects.bulk_create(
        Option(question=question, order=order, **{name: option[name] for name in OPTION_FIELDS})
        for question, row in zip(questions, draft.questions, strict=True)
        for order, option in enumerate(row["options"])
    )
    options = {f"{option.question.code}={option.code}": option for option in made}
    for question, row in zip(questions, draft.questions, strict=True):
        for order, clause in enumerate(row["visible_if"]):
            saved = VisibilityClause.objects.create(
                question=question, at_least=clause["at_least"], order=order
            )
            saved.picks.set(options[pick] for pick in clause["any"])
    return options


def _save_findings(draft: Draft) -> dict[str, Finding]:
    made = Finding.objects.bulk_create(
        Finding(**{name: row[name] for name in FINDING_FIELDS}, order=order)
        for order, row in enumerate(draft.findings)
    )
    findings = {finding.slug: finding for finding in made}
    FindingLink.objects.bulk_create(
        FindingLink(condition=findings[row["slug"]], cause=findings[cause], strength=strength)
        for row in draft.findings
        for cause, strength in row["links"].items()
    )
    return findings


def _save_evidence(draft: Draft, findings: dict[str, Finding], options: dict[str, Option]) -> None:
    questions = {option.question.code: option.question for option in options.values()}
    Evidence.objects.bulk_create(
        (
            Evidence(
                finding=findings[row["finding"]],
                question=questions[row["question"]],
                option=None if row["option"] == ANY else options[f"{row['question']}={row['option']}"],
                order=order,
                **{name: row[name] for name in EVIDENCE_FIELDS},
            )
            for order, row in enumerate(draft.evidence)
        ),
        batch_size=1000,
    )


def _save_flags(draft: Draft, findings: dict[str, Finding], options: dict[str, Option]) -> None:
    flags = RedFlag.objects.bulk_create(
        RedFlag(**{name: row[name] for name in FLAG_FIELDS}, order=order)
        for order, row in enumerate(draft.red_flags)
    )
    links = RedFlag.conditions.through
    links.objects.bulk_create(
        links(redflag=flag, finding=findings[slug])
        for flag, row in zip(flags, draft.red_flags, strict=True)
        for slug in row["conditions"]
    )
    clauses = [
        (RedFlagClause(flag=flag, at_least=clause["at_least"], order=order), clause["any"])
        for flag, row in zip(flags, draft.red_flags, strict=True)
        for order, clause in enumerate(row["clauses"])
    ]
    RedFlagClause.objects.bulk_create([clause for clause, _ in clauses])
    picks = RedFlagClause.picks.through
    picks.objects.bulk_create(
        picks(redflagclause=clause, option=options[pick]) for clause, named in clauses for pick in named
    )
