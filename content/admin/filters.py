"""Filters beside the lists."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from content.models import ARTICLES

SOON = datetime.timedelta(days=90)


class ReviewFilter(admin.SimpleListFilter):
    """Articles by their review."""

    title = "review"
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [
            ("none", "Not reviewed"),
            ("done", "Reviewed"),
            ("soon", f"Due in the next {SOON.days} days"),
            ("overdue", "Overdue"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The articles of the choice."""
        today = timezone.localdate()
        if self.value() == "none":
            return queryset.unreviewed()
        if self.value() == "done":
            return queryset.filter(reviewed_on__isnull=False)
        if self.value() == "soon":
            return queryset.filter(review_due__range=(today, today + SOON))
        if self.value() == "overdue":
            return queryset.due_for_review(today)
        return queryset


def is_cited() -> Q:
    """The condition that some article has the reference among its own."""
    found = Q()
    for model in ARTICLES:
        found |= Q(Exists(model.references.through.objects.filter(reference=OuterRef("pk"))))
    return found


class CitedFilter(admin.SimpleListFilter):
    """References by whether an article cites them."""

    title = "use"
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("cited", "Cited"), ("unused", "Not cited")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The references of the choice."""
        if self.value() == "cited":
            return queryset.filter(is_cited())
        if self.value() == "unused":
            return queryset.exclude(is_cited())
        return queryset
