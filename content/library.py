"""What readers see: a copy of all published articles, rendered, linked and kept in memory.

Pages ask this copy and never the database (docs/decisions/0005). It is built in a fixed number of queries, and
again when an editor changes anything. Links to what is not published are left out.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString

from content import version
from content.live import Live
from content.loading import everything
from content.markdown import Numbering, Section, joined, plain, render, sections, slug_of
from content.models import FAQ, Article, Cause, Condition, Rating, Reference, Tip
from content.search import Document, Index

NOTICE = "Drafted from the cited evidence, not yet reviewed by a clinician."
SOMEBODY = "a clinician"
"""Stands for a reviewer who has given no name; their log-in name is nobody else's business."""


@dataclass(frozen=True)
class Link:
    """A link to another article."""

    title: str
    url: str
    summary: str
    slug: str


@dataclass(frozen=True)
class Cited:
    """A reference in an article's list. `anchor` is where its citations lead to; the entry carries it as its id."""

    number: int
    anchor: str
    key: str
    authors: str
    title: str
    where: str
    year: int | None
    doi: str
    url: str
    """Where to read it: by its DOI if it has one. Empty when it is not on the web."""
    note: str


@dataclass(frozen=True)
class MechanismPart:
    """One way in which a cause makes legs hurt."""

    title: str
    anchor: str
    html: SafeString
    example: str
    rating: str
    rating_label: str
    note: str


@dataclass(frozen=True, kw_only=True)
class ArticlePage:
    """An article, ready to print."""

    kind: str
    slug: str
    url: str
    title: str
    summary: str
    body_html: SafeString
    sections: tuple[Section, ...]
    evidence_rating: str
    evidence_label: str
    contested: str
    references: tuple[Cited, ...]
    reviewed: bool
    reviewed_by: str
    reviewed_on: datetime.date | None
    review_due: datetime.date | None
    status: str

    @property
    def overdue(self) -> bool:
        """True when the next review should have happened before today."""
        # Worked out anew each time: the copy may be older than a day.
        return self.review_due is not None and self.review_due < timezone.localdate()

    @property
    def notice(self) -> str:
        """What readers of an article without a review are told; empty for a reviewed one."""
        return "" if self.reviewed else NOTICE

    @property
    def link(self) -> Link:
        """A link to it."""
        return Link(self.title, self.url, self.summary, self.slug)


@dataclass(frozen=True, kw_only=True)
class CausePage(ArticlePage):
    """A cause, ready to print."""

    order: int
    article_claim: str
    evidence_says_html: SafeString
    mechanisms: tuple[MechanismPart, ...]
    conditions: tuple[Link, ...]
    tips: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class ConditionPage(ArticlePage):
    """A condition, ready to print."""

    also_known_as: tuple[str, ...]
    region: str
    region_label: str
    usual_tier: str
    tier_label: str
    look_alikes: tuple[Link, ...]
    first_aid: tuple[str, ...]
    avoid: tuple[str, ...]
    be_seen: tuple[str, ...]
    recovery: str
    causes: tuple[Link, ...]
    tips: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class TipPage(ArticlePage):
    """A tip, ready to print."""

    order: int
    do: str
    phase: str
    phase_label: str
    example: str
    from_article: bool
    article_claim: str
    evidence_says_html: SafeString
    causes: tuple[Link, ...]
    conditions: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class FaqPage(ArticlePage):
    """A question with its answer, ready to print."""

    order: int
    from_article: bool
    article_claim: str
    evidence_says_html: SafeString
    related: tuple[Link, ...]


@dataclass(frozen=True)
class Library:
    """All published articles, by slug, each kind in the order of its list."""

    causes: Mapping[str, CausePage]
    conditions: Mapping[str, ConditionPage]
    tips: Mapping[str, TipPage]
    faq: Mapping[str, FaqPage]
    index: Index = field(repr=False)

    def regions(self) -> tuple[tuple[str, tuple[ConditionPage, ...]], ...]:
        """The conditions by region, down the body; regions without one are left out."""
        return _grouped(self.conditions.values(), "region", Condition.Region.choices)

    def phases(self) -> tuple[tuple[str, tuple[TipPage, ...]], ...]:
        """The tips by the time for which they are, in the order of a plan."""
        return _grouped(self.tips.values(), "phase", Tip.Phase.choices)


def _grouped(
    pages: Iterable[Any], name: str, choices: list[tuple[str, str]]
) -> tuple[tuple[str, tuple], ...]:
    pages = tuple(pages)
    groups = (
        (label, tuple(page for page in pages if getattr(page, name) == value)) for value, label in choices
    )
    return tuple((label, found) for label, found in groups if found)


class Builder:
    """Makes pages of rows. It reads all published rows once, since any page may link to any other."""

    def __init__(self) -> None:
        self.rows: dict[type[Article], list[Any]] = {
            model: list(everything(model).published().select_related("reviewed_by"))
            for model in (Cause, Condition, Tip, FAQ)
        }
        self.public = {(model, row.pk) for model, rows in self.rows.items() for row in rows}
        self.keys = frozenset(Reference.objects.values_list("key", flat=True))
        self.by_cause: dict[int, list[tuple[int, str, Condition]]] = {}
        self.by_tip: dict[int, list[tuple[int, str, Condition]]] = {}
        self.causes_by_tip: dict[int, list[Cause]] = {}
        for condition in self.rows[Condition]:
            for link in condition.cause_links.all():
                self.by_cause.setdefault(link.cause_id, []).append(
                    (link.position, condition.title, condition)
                )
            for link in condition.tip_links.all():
                self.by_tip.setdefault(link.tip_id, []).append((link.position, condition.title, condition))
        for cause in self.rows[Cause]:
            for link in cause.tip_links.all():
                self.causes_by_tip.setdefault(link.tip_id, []).append(cause)

    def library(self) -> Library:
        """All published articles."""
        pages = {model: {row.slug: self.page(row) for row in rows} for model, rows in self.rows.items()}
        documents = [
            self.document(row, pages[model][row.slug]) for model, rows in self.rows.items() for row in rows
        ]
        return Library(
            causes=MappingProxyType(pages[Cause]),
            conditions=MappingProxyType(pages[Condition]),
            tips=MappingProxyType(pages[Tip]),
            faq=MappingProxyType(pages[FAQ]),
            index=Index(documents),
        )

    def page(self, row: Article) -> ArticlePage:
        """The page of a row, whatever its state."""
        make: Any = {Cause: self.cause, Condition: self.condition, Tip: self.tip, FAQ: self.question}[
            type(row)
        ]
        return make(row)

    def links(self, rows: Iterable[Article]) -> tuple[Link, ...]:
        """Links to those of the rows that are published."""
        return tuple(
            Link(row.title, row.get_absolute_url(), row.summary, row.slug)
            for row in rows
            if (type(row), row.pk) in self.public
        )

    def common(self, row: Article, parts: tuple[Section, ...], numbering: Numbering) -> dict[str, Any]:
        """What all kinds of pages have. Comes last, when every text has given its references their numbers."""
        user = row.reviewed_by
        return {
            "kind": row.KIND,
            "slug": row.slug,
            "url": row.get_absolute_url(),
            "title": row.title,
            "summary": row.summary,
            "body_html": joined(parts),
            "sections": parts,
            "evidence_rating": row.evidence_rating,
            "evidence_label": str(Rating(row.evidence_rating).label),
            "contested": row.contested,
            "references": _cited(row, numbering),
            "reviewed": row.reviewed_on is not None,
            "reviewed_by": (user.get_full_name() or SOMEBODY) if user else "",
            "reviewed_on": row.reviewed_on,
            "review_due": row.review_due,
            "status": row.status,
        }

    def cause(self, row: Cause) -> CausePage:
        """The page of a cause. Numbers follow the page: the claim, the first section, the mechanisms, the rest."""
        numbering = Numbering(self.keys)
        says = render(row.evidence_says, numbering)
        mechanisms: list[MechanismPart] = []

        def middle() -> None:
            mechanisms.extend(_mechanism(each, numbering) for each in row.mechanisms.all())

        parts = sections(row.body, numbering, after_first=middle)
        if not parts:
            middle()
        return CausePage(
            **self.common(row, parts, numbering),
            order=row.order,
            article_claim=row.article_claim,
            evidence_says_html=says,
            mechanisms=tuple(mechanisms),
            conditions=self.links(each for _, _, each in sorted(self.by_cause.get(row.pk, ()), key=_place)),
            tips=self.links(link.tip for link in row.tip_links.all()),
        )

    def condition(self, row: Condition) -> ConditionPage:
        """The page of a condition."""
        numbering = Numbering(self.keys)
        parts = sections(row.body, numbering)
        return ConditionPage(
            **self.common(row, parts, numbering),
            also_known_as=tuple(row.also_known_as),
            region=row.region,
            region_label=row.get_region_display(),
            usual_tier=row.usual_tier,
            tier_label=row.get_usual_tier_display(),
            look_alikes=self.links(link.other for link in row.look_alike_links.all()),
            first_aid=tuple(row.first_aid),
            avoid=tuple(row.avoid),
            be_seen=tuple(row.be_seen),
            recovery=row.recovery,
            causes=self.links(link.cause for link in row.cause_links.all()),
            tips=self.links(link.tip for link in row.tip_links.all()),
        )

    def tip(self, row: Tip) -> TipPage:
        """The page of a tip. Its claim stands first, so it takes the first numbers."""
        numbering = Numbering(self.keys)
        says = render(row.evidence_says, numbering)
        parts = sections(row.body, numbering)
        return TipPage(
            **self.common(row, parts, numbering),
            order=row.order,
            do=row.do,
            phase=row.phase,
            phase_label=row.get_phase_display(),
            example=row.example,
            from_article=row.from_article,
            article_claim=row.article_claim,
            evidence_says_html=says,
            causes=self.links(self.causes_by_tip.get(row.pk, ())),
            conditions=self.links(each for _, _, each in sorted(self.by_tip.get(row.pk, ()), key=_place)),
        )

    def question(self, row: FAQ) -> FaqPage:
        """A question with its answer. All of them stand on one page, so its anchors begin with its slug."""
        numbering = Numbering(self.keys, prefix=f"{row.slug}-")
        parts = sections(row.body, numbering)
        says = render(row.evidence_says, numbering)
        return FaqPage(
            **self.common(row, parts, numbering),
            order=row.order,
            from_article=row.from_article,
            article_claim=row.article_claim,
            evidence_says_html=says,
            related=self.links([*row.causes.all(), *row.conditions.all(), *row.tips.all()]),
        )

    def document(self, row: Article, page: ArticlePage) -> Document:
        """What search looks at."""
        texts = (
            [row.body, *(each.text for each in row.mechanisms.all())]
            if isinstance(row, Cause)
            else [row.body]
        )
        more = [each.title for each in row.mechanisms.all()] if isinstance(row, Cause) else []
        if isinstance(row, Tip):
            more.append(row.do)
        return Document(
            kind_label=row.KIND_LABEL,
            title=page.title,
            url=page.url,
            summary=page.summary,
            names=tuple(row.also_known_as) if isinstance(row, Condition) else (),
            text="\n".join([*more, *map(plain, texts)]),
        )


def _place(found: tuple[int, str, Condition]) -> tuple[int, str]:
    return found[0], found[1]


def _mechanism(row: Any, numbering: Numbering) -> MechanismPart:
    return MechanismPart(
        title=row.title,
        anchor=numbering.anchor(slug_of(row.title)),
        html=render(row.text, numbering),
        example=row.example,
        rating=row.rating,
        rating_label=str(Rating(row.rating).label),
        note=row.note,
    )


def _cited(row: Article, numbering: Numbering) -> tuple[Cited, ...]:
    """The row's references by number: those that the texts cite first, then the rest as further reading."""
    references = {each.key: each for each in row.references.all()}
    missing = [key for key in numbering.numbers if key not in references]
    if missing:  # cited, but not in the list: only rows written past the forms
        references |= {each.key: each for each in Reference.objects.filter(key__in=missing)}
    for key in sorted(references):
        numbering.number(key)
    return tuple(
        Cited(
            number=number,
            anchor=numbering.reference_anchor(number),
            key=key,
            authors=references[key].authors,
            title=references[key].title,
            where=references[key].where,
            year=references[key].year,
            doi=references[key].doi,
            url=references[key].link(),
            note=references[key].note,
        )
        for key, number in numbering.numbers.items()
    )


def build() -> Library:
    """The library as the database has it now."""
    return Builder().library()


def preview(row: Article) -> ArticlePage:
    """The page of a row that may not be published yet, as readers would see it."""
    return Builder().page(row)


_library = Live("library", stamp=version.stamp, build=build)


def library() -> Library:
    """All published articles; no query once it is warm. Raises DatabaseError when it can't be built."""
    return _library.get()
