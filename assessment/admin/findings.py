"""Causes and conditions as the engine knows them, and the evidence for and against each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from assessment.admin.base import FixedNames, Picks
from assessment.models import Evidence, Finding, FindingLink
from content.admin.parts import PartOf
from content.models import Cause, Condition


def _article(field: str) -> Coalesce:
    """That field of the article of the finding's slug."""
    return Coalesce(
        *(
            Subquery(model.objects.filter(slug=OuterRef("slug")).order_by().values(field)[:1])
            for model in (Condition, Cause)
        )
    )


class LinkInline(PartOf, Picks, admin.TabularInline):
    """The causes that a condition points to."""

    model = FindingLink
    fk_name = "condition"
    fields = ("cause", "strength")
    autocomplete_fields = ("cause",)
    verbose_name = "link"
    verbose_name_plural = "causes that it points to"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With both ends, which name each row."""
        return super().get_queryset(request).select_related("condition", "cause")


@admin.register(Finding)
class FindingAdmin(FixedNames, admin.ModelAdmin):
    """Causes and conditions: how common, how urgent, how well supported."""

    list_display = ("slug", "title", "kind", "tier", "serious", "prior", "evidence_rows", "article")
    list_filter = ("kind", "tier", "serious")
    list_per_page = 100
    search_fields = ("slug", "article_title")
    search_help_text = "Words of the article's title, or its address."
    inlines = (LinkInline,)
    save_on_top = True
    fixed = ("slug", "kind")
    readonly_fields = ("evidence_link", "article")
    fieldsets = (
        (None, {"fields": ("slug", "kind", "evidence_link", "article")}),
        ("How common, how urgent", {"fields": ("prior", "tier", "serious", "order")}),
        ("Sources", {"fields": ("sources",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the article's title and the number of evidence rows."""
        rows = Evidence.objects.filter(finding=OuterRef("pk")).order_by().values("finding")
        count = rows.annotate(count=Count("pk")).values("count")
        return (
            super()
            .get_queryset(request)
            .annotate(
                article_title=_article("title"),
                article_pk=_article("pk"),
                evidence_count=Coalesce(Subquery(count, output_field=IntegerField()), 0),
            )
        )

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Causes point to nothing."""
        return () if obj is not None and obj.kind == Finding.Kind.CAUSE else super().get_inlines(request, obj)

    @admin.display(description="title", ordering="article_title")
    def title(self, obj: Any) -> str:
        """The article's title; without an article the finding can't be released."""
        return obj.article_title or "(no article)"

    @admin.display(description="evidence", ordering="evidence_count")
    def evidence_rows(self, obj: Any) -> str:
        """How many rows of evidence there are, linked to them."""
        return self._evidence(obj, str(obj.evidence_count))

    @admin.display(description="evidence")
    def evidence_link(self, obj: Any) -> str:
        """A link to the rows of evidence."""
        if not obj.pk:
            return "Save it first; then add its evidence."
        return self._evidence(obj, f"Evidence of this finding ({obj.evidence_count} rows)")

    @staticmethod
    def _evidence(obj: Any, words: str) -> str:
        address = reverse("admin:assessment_evidence_changelist")
        return format_html('<a href="{}?finding__id__exact={}">{}</a>', address, obj.pk, words)

    @admin.display(description="article")
    def article(self, obj: Any) -> str:
        """A link to the article's form."""
        if not getattr(obj, "article_pk", None):
            return "-"
        try:
            address = reverse(f"admin:content_{obj.kind}_change", args=[obj.article_pk])
        except NoReverseMatch:
            return obj.article_title
        return format_html('<a href="{}">Edit the article</a>', address)


class DirectionFilter(admin.SimpleListFilter):
    """Evidence by whether it speaks for or against."""

    title = "direction"
    parameter_name = "direction"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("for", "For"), ("against", "Against")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The rows of the choice; a published ratio above 1 speaks for."""
        if self.value() == "for":
            return queryset.filter(Q(says__endswith=" for") | Q(ratio__gt=1))
        if self.value() == "against":
            return queryset.filter(Q(says__endswith=" against") | Q(ratio__lt=1))
        return queryset


class PublishedFilter(admin.SimpleListFilter):
    """Evidence by where its strength comes from."""

    title = "strength"
    parameter_name = "published"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("yes", "A published ratio"), ("no", "Our estimate")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """The rows of the choice."""
        if self.value() in ("yes", "no"):
            return queryset.filter(ratio__isnull=self.value() == "no")
        return queryset


class EvidenceRowForm(forms.ModelForm):
    """A row of the list, where only the strength can be changed."""

    def clean_says(self) -> str:
        """The strength. Raises ValidationError when it does not fit the published ratio, or its lack."""
        says = self.cleaned_data["says"]
        if says and self.instance.ratio is not None:
            raise ValidationError("This row has a published ratio. Open the row to change that.")
        if not says and self.instance.ratio is None:
            raise ValidationError("There is no published ratio. Open the row to give one.")
        return says


@admin.register(Evidence)
class EvidenceAdmin(Picks, admin.ModelAdmin):
    """What each answer says about each finding. The strength can be changed in the list."""

    list_display = ("answer", "finding", "question", "says", "ratio", "named_sources", "note")
    list_editable = ("says",)
    list_filter = (DirectionFilter, PublishedFilter, "says", "finding", "question")
    list_select_related = ("finding", "question", "option")
    list_per_page = 100
    show_full_result_count = False
    search_fields = (
        "finding__slug",
        "question__code",
        "question__short",
        "option__code",
        "option__text",
        "note",
    )
    search_help_text = "Words of the finding, the question, the answer or the note."
    autocomplete_fields = ("finding", "question")
    save_on_top = True
    fieldsets = (
        (None, {"fields": ("finding", "question", "option")}),
        ("What it says", {"fields": ("says", "ratio")}),
        ("Why", {"fields": ("sources", "note", "order")}),
    )

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        """The form of a row in the list."""
        return super().get_changelist_form(request, **{**kwargs, "form": EvidenceRowForm})

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With what names a row."""
        return super().get_queryset(request).select_related("finding", "question", "option")

    @admin.display(description="answer", ordering=F("option__order").asc(nulls_last=True))
    def answer(self, obj: Evidence) -> str:
        """The answer in words."""
        return obj.option.text if obj.option else "(every other answer)"

    @admin.display(description="sources")
    def named_sources(self, obj: Evidence) -> str:
        """The keys of the references."""
        return ", ".join(obj.sources)
