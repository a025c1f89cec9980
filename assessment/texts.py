"""What a release freezes of the articles: titles, summaries, first aid, tips and the references behind the evidence."""

from __future__ import annotations

from typing import Any

from assessment.compiler import Texts
from content.models import Cause, Condition, Reference, Tip

SHARED = ("title", "summary")
OF_CONDITIONS = ("region", "first_aid", "avoid", "be_seen", "recovery")
OF_REFERENCES = ("authors", "title", "where", "year", "doi", "url")


def texts() -> Texts:
    """The words of the published articles, as a release freezes them. A fixed number of queries."""
    findings: dict[str, dict[str, Any]] = {}
    published = set(Tip.objects.published().values_list("slug", flat=True))
    for cause in Cause.objects.published().prefetch_related("tip_links__tip"):
        findings[cause.slug] = {**_fields(cause, SHARED), "tips": _slugs(cause, published)}
    for condition in Condition.objects.published().prefetch_related("tip_links__tip"):
        findings[condition.slug] = {
            **_fields(condition, SHARED + OF_CONDITIONS),
            "tips": _slugs(condition, published),
        }
    tips = [
        {
            "slug": tip.slug,
            "title": tip.title,
            "do": tip.do,
            "phase": tip.phase,
            "causes": sorted(cause.slug for cause in tip.causes.all()),
            "conditions": sorted(condition.slug for condition in tip.conditions.all()),
        }
        for tip in Tip.objects.published().prefetch_related("causes", "conditions").order_by("order", "slug")
    ]
    references = {r.key: _fields(r, OF_REFERENCES) for r in Reference.objects.all()}
    return Texts(findings=findings, tips=tuple(tips), references=references)


def _fields(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _slugs(article: Cause | Condition, published: set[str]) -> list[str]:
    """The article's published tips, the most useful first."""
    return [link.tip.slug for link in article.tip_links.all() if link.tip.slug in published]
