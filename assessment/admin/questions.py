"""Questions with their answers and the rules for when they are asked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import path
from django.urls.resolvers import URLPattern

from assessment.admin.base import AnswerView, ClauseInline, FixedNames
from assessment.models import Option, Question, VisibilityClause
from content.admin.parts import PartOf


class OptionForm(forms.ModelForm):
    """The code of a saved answer stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "code" in self.fields:
            # A disabled field ignores what is sent for it.
            self.fields["code"].disabled = True


class OptionInline(PartOf, admin.TabularInline):
    """The answers that a question offers."""

    model = Option
    form = OptionForm
    fields = ("code", "text", "help", "group", "base", "order")
    verbose_name_plural = "answers"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the question, whose code names each row."""
        return super().get_queryset(request).select_related("question")


class VisibilityInline(ClauseInline):
    """When the question is asked."""

    model = VisibilityClause
    verbose_name = "clause"
    verbose_name_plural = "asked only when every clause holds (none: always)"


@admin.register(Question)
class QuestionAdmin(FixedNames, admin.ModelAdmin):
    """The interview's questions."""

    list_display = ("short", "code", "stage", "page", "phase", "group", "answers")
    list_filter = ("stage", "phase", "page")
    list_per_page = 100
    search_fields = ("short", "code", "text", "help", "options__text", "options__code")
    search_help_text = "Words or codes of questions and their answers."
    inlines = (OptionInline, VisibilityInline)
    save_on_top = True
    fieldsets = (
        (None, {"fields": ("code", "text", "short", "help", "why")}),
        ("How it is asked", {"fields": ("kind", "stage", "phase", "page", "order")}),
        ("How it counts", {"fields": ("group", "combine", "cap")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the number of answers."""
        return super().get_queryset(request).annotate(answer_count=Count("options", distinct=True))

    @admin.display(description="answers", ordering="answer_count")
    def answers(self, obj: Any) -> int:
        """How many answers it offers."""
        return int(obj.answer_count)


@admin.register(Option)
class OptionAdmin(FixedNames, admin.ModelAdmin):
    """Answers by themselves: for search boxes and how often each is chosen. They are added with their question."""

    list_display = ("text", "code", "question", "group", "base")
    list_filter = ("question",)
    list_select_related = ("question",)
    list_per_page = 100
    search_fields = ("text", "code", "question__short", "question__code")
    ordering = ("question__order", "order", "pk")
    fields = ("question", "code", "text", "help", "group", "base", "order")
    fixed = ("question", "code")

    def get_urls(self) -> list[URLPattern]:
        """Also the search that shows answers in words."""
        view = self.admin_site.admin_view(AnswerView.as_view(admin_site=self.admin_site))
        return [path("answers/", view, name="assessment_option_answers"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the question, which every answer is named by."""
        return super().get_queryset(request).select_related("question")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """False: an answer is added in its question's form."""
        return False
