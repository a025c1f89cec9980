"""Brings the shipped articles into the database, without ever undoing what an editor did there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from content.models import (
    FAQ,
    KINDS,
    Article,
    Cause,
    CauseTip,
    Condition,
    ConditionCause,
    ConditionTip,
    LookAlike,
    Mechanism,
    Reference,
    ShippedRow,
    Status,
    Tip,
)
from content.shipped import FIELDS, LIBRARY, MECHANISM, REFERENCE, REFERENCES, Row, content, hash_of, read

ORDERED = {
    (Cause, "tips"): (CauseTip, "cause", "tip", Tip),
    (Condition, "causes"): (ConditionCause, "condition", "cause", Cause),
    (Condition, "tips"): (ConditionTip, "condition", "tip", Tip),
    (Condition, "look_alikes"): (LookAlike, "condition", "other", Condition),
}
"""For each ordered list of links: its model, the two ends in it, and what it links to."""
PLAIN = {(FAQ, "causes"): Cause, (FAQ, "conditions"): Condition, (FAQ, "tips"): Tip}


@dataclass
class Report:
    """What became of the shipped rows, as names such as conditions/calf-strain."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    """Left as an editor made them, although the shipped file may say something else."""
    reviewed: list[str] = field(default_factory=list)
    """Left as a clinician reviewed them, although the shipped file has changed."""
    deleted: list[str] = field(default_factory=list)
    """Not brought back, since an editor deleted them (or gave them another address)."""
    unshipped: list[str] = field(default_factory=list)
    """Loaded once, and no longer in the library; left as they are."""

    @property
    def written(self) -> int:
        """How many rows were created or updated."""
        return len(self.created) + len(self.updated)

    def lines(self) -> list[str]:
        """The report in words."""
        lines = [
            f"{len(self.created)} created, {len(self.updated)} updated, {len(self.unchanged)} unchanged."
            if self.written
            else f"Nothing to do: {len(self.unchanged)} rows are as shipped."
        ]
        for names, words in (
            (self.edited, "left as edited here"),
            (self.reviewed, "reviewed here, while the shipped text has changed; read both and choose"),
            (self.deleted, "deleted here, so not brought back"),
            (self.unshipped, "no longer shipped; left as they are"),
        ):
            if names:
                lines.append(f"{len(names)} {words}: {', '.join(names)}")
        return lines


def content_of(row: Article | Reference) -> dict[str, Any]:
    """What a row of the database says, in the form of `content.shipped.content`."""
    if isinstance(row, Reference):
        return content({name: getattr(row, name) for name in REFERENCE}, {}, [], [])
    fields = {name: getattr(row, name) for name in (*FIELDS[row.KIND], "body")}
    links: dict[str, list[str]] = {}
    for (model, name), (_, own, other, _) in ORDERED.items():
        if isinstance(row, model):
            related = _links_name(model, name, own)
            links[name] = [getattr(link, other).slug for link in getattr(row, related).all()]
    for model, name in PLAIN:
        if isinstance(row, model):
            links[name] = sorted(each.slug for each in getattr(row, name).all())
    mechanisms = (
        [{name: getattr(each, name) for name in MECHANISM} for each in row.mechanisms.all()]
        if isinstance(row, Cause)
        else []
    )
    return content(fields, links, [each.key for each in row.references.all()], mechanisms)


def _links_name(model: type[Article], name: str, own: str) -> str:
    """The name under which a row finds its links of that list."""
    through = ORDERED[(model, name)][0]
    related: str = through._meta.get_field(own).remote_field.related_name
    return related


def current_hash(row: Article | Reference) -> str:
    """The hash of what a row says now; it differs from `shipped_hash` once an editor has changed it."""
    return hash_of(content_of(row))


def everything(model: type[Article | Reference]) -> Any:
    """All rows of a model, read with what `content_of` needs, in few queries."""
    if model is Reference:
        return Reference.objects.all()
    names = ["references"]
    for (owner, name), (_, own, other, _) in ORDERED.items():
        if owner is model:
            names.append(f"{_links_name(owner, name, own)}__{other}")
    names += [name for owner, name in PLAIN if owner is model]
    names += ["mechanisms"] if model is Cause else []
    return model.objects.prefetch_related(*names)


def load(folder: Path = LIBRARY) -> Report:
    """Bring the shipped articles into the database, all or nothing.

    What is new is created and published, without a review. What nobody touched here follows its file. What an
    editor changed, a clinician reviewed or somebody deleted stays so, and the report says it. Raises LibraryError
    when a file is broken; then nothing has changed.
    """
    shipped = read(folder)
    with transaction.atomic():
        return _Loading(shipped).run()


class _Loading:
    """One run: decides for each row, then writes rows, then links."""

    def __init__(self, shipped: dict[str, dict[str, Row]]) -> None:
        self.shipped = shipped
        self.report = Report()
        self.models: dict[str, Any] = {REFERENCES: Reference, **KINDS}
        self.records = {(each.kind, each.slug): each for each in ShippedRow.objects.all()}
        self.rows: dict[str, dict[str, Any]] = {
            kind: {row.key if kind == REFERENCES else row.slug: row for row in everything(model)}
            for kind, model in self.models.items()
        }
        self.to_write: dict[str, list[Row]] = defaultdict(list)

    def run(self) -> Report:
        """Does it, and says what was done."""
        for kind in KINDS:
            for row in self.shipped[kind].values():
                self.decide(row)
        for row in self.shipped[REFERENCES].values():
            self.decide(row)
        for kind in self.models:  # references first: articles link to them
            self.write(kind)
        for kind in KINDS:
            self.link(kind)
        self.note_hashes()
        self.report.unshipped = sorted(
            f"{kind}/{slug}"
            for kind, slug in self.records
            if slug not in self.shipped.get(kind, {}) and slug in self.rows.get(kind, {})
        )
        return self.report

    def decide(self, row: Row) -> None:
        """Sort one shipped row into the report, and into what is to be written."""
        name, report = f"{row.kind}/{row.slug}", self.report
        existing = self.rows[row.kind].get(row.slug)
        record = self.records.get((row.kind, row.slug))
        if existing is None:
            if record is None or self.is_needed(row):
                report.created.append(name)
                self.to_write[row.kind].append(row)
            else:
                report.deleted.append(name)
            return
        now = current_hash(existing)
        if now == row.hash and (now != existing.shipped_hash or record is None or record.hash != now):
            # The library has taken over what an editor wrote here, so the row follows its file again.
            report.updated.append(name)
            self.to_write[row.kind].append(row)
        elif not existing.shipped_hash or now != existing.shipped_hash:
            report.edited.append(name)
        elif record is not None and record.hash == row.hash:
            report.unchanged.append(name)
        elif getattr(existing, "reviewed_on", None):
            report.reviewed.append(name)
        else:
            report.updated.append(name)
            self.to_write[row.kind].append(row)

    def is_needed(self, row: Row) -> bool:
        """True for a reference that was deleted here, but is cited by an article that is about to be written."""
        return row.kind == REFERENCES and any(
            row.slug in article.references for rows in self.to_write.values() for article in rows
        )

    def write(self, kind: str) -> None:
        """Write the rows of a kind, without their links."""
        model, new = self.models[kind], []
        for row in self.to_write[kind]:
            instance = self.rows[kind].get(row.slug)
            if instance is None:
                state = {} if kind == REFERENCES else {"status": Status.PUBLISHED}
                new.append(model(**row.fields, **state))
            else:
                for name, value in row.fields.items():
                    setattr(instance, name, value)
                instance.save()
        for instance, row in zip(
            model.objects.bulk_create(new),
            [row for row in self.to_write[kind] if row.slug not in self.rows[kind]],
            strict=True,
        ):
            self.rows[kind][row.slug] = instance

    def link(self, kind: str) -> None:
        """Give the rows of a kind their references, mechanisms and links. Links to what was deleted here are left out."""
        model = KINDS[kind]
        written = [(self.rows[kind][row.slug], row) for row in self.to_write[kind]]
        if not written:
            return
        ids = [instance.pk for instance, _ in written]
        for (owner, name), (through, own, other, target) in ORDERED.items():
            if owner is model:
                through.objects.filter(**{f"{own}__in": ids}).delete()
                through.objects.bulk_create(
                    through(**{own: instance, other: self.rows[target.KIND][slug], "position": position})
                    for instance, row in written
                    for position, slug in enumerate(row.links[name], start=1)
                    if slug in self.rows[target.KIND]
                )
        if model is Cause:
            Mechanism.objects.filter(cause__in=ids).delete()
            Mechanism.objects.bulk_create(
                Mechanism(cause=instance, order=order, **fields)
                for instance, row in written
                for order, fields in enumerate(row.mechanisms, start=1)
            )
        sets = [(name, target.KIND) for (owner, name), target in PLAIN.items() if owner is model]
        for name, kind_of_target in [("references", REFERENCES), *sets]:
            self.set_links(name, kind_of_target, written)

    def set_links(self, name: str, kind: str, written: list[tuple[Any, Row]]) -> None:
        """Give rows their links without an order, all in two queries."""
        field = type(written[0][0])._meta.get_field(name)
        own, other = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
        through = field.remote_field.through
        through.objects.filter(**{f"{own}__in": [instance.pk for instance, _ in written]}).delete()
        through.objects.bulk_create(
            through(**{own: instance.pk, other: self.rows[kind][slug].pk})
            for instance, row in written
            for slug in (row.references if name == "references" else row.links[name])
            if slug in self.rows[kind]
        )

    def note_hashes(self) -> None:
        """Remember what was written, as it now stands in the database and as the file had it."""
        records = []
        for kind, written in self.to_write.items():
            if not written:
                continue
            model = self.models[kind]
            ids = [self.rows[kind][row.slug].pk for row in written]
            fresh = list(everything(model).filter(pk__in=ids))
            for instance in fresh:
                instance.shipped_hash = current_hash(instance)
            model.objects.bulk_update(fresh, ["shipped_hash"])
            records += [ShippedRow(kind=kind, slug=row.slug, hash=row.hash) for row in written]
        if records:
            ShippedRow.objects.bulk_create(
                records, update_conflicts=True, unique_fields=["kind", "slug"], update_fields=["hash"]
            )
