"""Red flags, read back in words, and the numbers of the model."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from assessment.admin.base import ClauseInline, FixedNames, Picks
from assessment.admin.words import sentence
from assessment.models import ModelSettings, RedFlag, RedFlagClause


class FlagClauseInline(ClauseInline):
    """The clauses of a red flag."""

    model = RedFlagClause
    verbose_name = "clause"
    verbose_name_plural = "clauses: the flag is raised when every one holds"


@admin.register(RedFlag)
class RedFlagAdmin(FixedNames, Picks, admin.ModelAdmin):
    """Rules that overrule the scores."""

    list_display = ("title", "tier", "in_words")
    list_filter = ("tier", "conditions")
    list_per_page = 100
    search_fields = ("title", "code", "reason", "clauses__picks__text", "clauses__picks__code")
    search_help_text = "Words of the flag or of the answers that raise it."
    autocomplete_fields = ("conditions",)
    readonly_fields = ("in_words",)
    inlines = (FlagClauseInline,)
    save_on_top = True
    fieldsets = (
        (None, {"fields": ("code", "title", "in_words", "tier")}),
        ("For the runner", {"fields": ("reason", "conditions")}),
        ("Sources and place", {"fields": ("sources", "order")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the answers that the rules name."""
        return super().get_queryset(request).prefetch_related("clauses__picks__question")

    @admin.display(description="rule")
    def in_words(self, obj: RedFlag) -> str:
        """The rule as a sentence."""
        if not obj.pk:
            return "Add clauses below and save: the rule is then read back here."
        return sentence("Fires when", obj.clauses.all()) or "It has no clause, so it can't be released."


@admin.register(ModelSettings)
class ModelSettingsAdmin(admin.ModelAdmin):
    """The numbers of the model: one row."""

    list_display = ("__str__", "condition_temper", "cause_temper", "link_weight", "max_questions")
    save_on_top = True
    fieldsets = (
        ("Scoring", {"fields": ("condition_temper", "cause_temper", "link_weight", "unlinked", "group_cap")}),
        (
            "What is shown",
            {"fields": ("none_weight", "close_ratio", "must_not_miss_min", "must_not_miss_rise")},
        ),
        ("Advice", {"fields": ("soon_mass", "urgent_mass", "emergency_mass")}),
        ("Length of the interview", {"fields": ("stop_gain", "companion_gain", "max_questions")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """True as long as there is no row."""
        return super().has_add_permission(request) and not ModelSettings.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """False: the model needs its numbers."""
        return False
