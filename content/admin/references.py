"""References in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join

from content.admin.base import Boxes, Kept
from content.admin.filters import CitedFilter
from content.models import ARTICLES, Reference


def citations() -> Any:
    """The number of articles that have a reference, to be added to a query of references."""
    total: Any = Value(0)
    for model in ARTICLES:
        # A count each: joining the four would multiply them.
        through = model.references.through.objects.filter(reference=OuterRef("pk")).order_by()
        count = through.values("reference").annotate(count=Count("pk")).values("count")
        total = total + Coalesce(Subquery(count, output_field=IntegerField()), 0)
    return total


@admin.register(Reference)
class ReferenceAdmin(Kept, Boxes, admin.ModelAdmin):
    """References, with how many articles cite each."""

    list_display = ("key", "title", "authors", "where", "year", "kind", "cited")
    list_filter = (CitedFilter, "kind")
    list_per_page = 100
    search_fields = ("key", "title", "authors", "where", "doi")
    fields = ("key", "authors", "title", "where", "year", "doi", "url", "kind", "note", "cited_in")
    readonly_fields = ("cited_in",)
    save_on_top = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the number of citing articles."""
        return super().get_queryset(request).annotate(citations=citations())

    @admin.display(description="cited in", ordering="citations")
    def cited(self, obj: Any) -> str:
        """How many articles have it, in words."""
        return f"{obj.citations} article{'' if obj.citations == 1 else 's'}"

    @admin.display(description="cited in")
    def cited_in(self, obj: Reference) -> str:
        """Links to the articles that have it."""
        if not obj.pk:
            return "-"
        rows = [
            (reverse(f"admin:content_{model._meta.model_name}_change", args=[pk]), model.KIND_LABEL, title)
            for model in ARTICLES
            for pk, title in model.objects.filter(references=obj).values_list("pk", "title")
        ]
        return format_html_join(", ", '<a href="{}">{}: {}</a>', rows) or "No article yet."

    def why_kept(self, obj: Any) -> str:
        """A reference that articles cite stays."""
        return f"{obj.key} is cited in {self.cited(obj)}." if obj.citations else ""
