"""What the lists and forms of all articles share: state, review, preview, and who may do what."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from content.admin.filters import ReviewFilter
from content.admin.parts import PartOf
from content.loading import current_hash, everything
from content.models import Article, Cause, Reference, Status

REVIEW_LASTS_YEARS = 2
MARKDOWN = {"body": 30, "text": 10, "evidence_says": 5}
"""The fields that hold Markdown, and the lines that their boxes show."""


def next_review(day: datetime.date) -> datetime.date:
    """When an article reviewed on that day is to be looked at again."""
    try:
        return day.replace(year=day.year + REVIEW_LASTS_YEARS)
    except ValueError:  # 29 February
        return day.replace(year=day.year + REVIEW_LASTS_YEARS, day=28)


class Boxes:
    """Form fields with boxes of a fitting size; Markdown in letters of one width."""

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """As Django's."""
        if db_field.name in MARKDOWN:
            rows = MARKDOWN[db_field.name]
            kwargs["widget"] = forms.Textarea(attrs={"class": "markdown", "rows": rows, "cols": 100})
        elif type(db_field) is models.TextField:
            kwargs["widget"] = forms.Textarea(attrs={"rows": 3, "cols": 100})
        elif isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class Kept:
    """Rows that are not deleted while they are in use, and a list that says why."""

    def why_kept(self, obj: Any) -> str:
        """Why the row can't be deleted now; empty when it can."""
        raise NotImplementedError

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As Django's, and only for what is not in use."""
        allowed: bool = super().has_delete_permission(request, obj)  # type: ignore[misc]
        return allowed and not (obj is not None and self.why_kept(obj))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """As Django's; a reason for each row that is in use, instead of 'you lack permission'."""
        listed, counts, lacking, protected = super().get_deleted_objects(objs, request)  # type: ignore[misc]
        reasons = [reason for obj in objs if (reason := self.why_kept(obj))]
        if reasons and self.has_delete_permission(request):
            lacking.discard(self.opts.verbose_name)  # type: ignore[attr-defined]
        return listed, counts, lacking, [*protected, *reasons]


class PartOfArticle(PartOf, Boxes):
    """An inline that whoever may change the article may change too."""


class ArticleForm(forms.ModelForm):
    """Tells the row which references it is about to get, so that the rules for publishing can count them."""

    def clean(self) -> dict[str, Any] | None:
        """The values."""
        values = super().clean()
        if "references" in self.fields:
            self.instance.linked = bool(self.cleaned_data.get("references"))
        return values


class ArticleAdmin(Kept, Boxes, admin.ModelAdmin):
    """The list and the form of a kind of article."""

    form = ArticleForm
    list_display: tuple[str, ...] = ("title", "status", "evidence_rating", "review", "review_due")
    list_filter: tuple[Any, ...] = ("status", ReviewFilter, "evidence_rating")
    list_select_related = ("reviewed_by",)
    list_per_page = 100
    search_fields = ("title", "slug", "summary", "body")
    autocomplete_fields: tuple[str, ...] = ("references",)
    readonly_fields = ("reviewed_by", "reviewed_on", "created_at", "updated_at")
    actions = ("mark_reviewed", "publish", "unpublish")
    save_on_top = True

    TEXT: tuple[str, ...] = ("title", "slug", "summary", "body")
    """The fields of the first part of the form."""
    PARTS: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Further parts with the fields of the kind."""

    class Media:
        css = {"all": ("content/admin.css",)}  # noqa: RUF012 (Django's form of it)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The parts of the form."""
        return [
            (None, {"fields": self.TEXT}),
            *((title, {"fields": fields}) for title, fields in self.PARTS),
            ("Evidence", {"fields": ("evidence_rating", "contested", "references")}),
            ("State", {"fields": ("status", "reviewed_by", "reviewed_on", "review_due", "order")}),
            ("History", {"fields": ("created_at", "updated_at"), "classes": ("collapse",)}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """An address stays once it is given, since others link to it; the next review is set by reviewers."""
        fields = list(self.readonly_fields)
        if obj is not None:
            fields.append("slug")
        if not self.has_review_permission(request):
            fields.append("review_due")
        return tuple(fields)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, tuple[str, ...]]:
        """A new article's address is made of its title."""
        return {"slug": ("title",)} if obj is None else {}

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Who may not publish can't choose it as the state."""
        if db_field.name == "status" and not self.has_publish_permission(request):
            kwargs["choices"] = [choice for choice in Status.choices if choice[0] != Status.PUBLISHED]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    # --- who may do what ---------------------------------------------------------------------------------

    def _has(self, request: HttpRequest, word: str) -> bool:
        return bool(request.user.has_perm(f"content.{word}_{self.opts.model_name}"))

    def has_review_permission(self, request: HttpRequest) -> bool:
        """True for those who may put their name to a text."""
        return self._has(request, "review")

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """True for those who decide what readers see."""
        return self._has(request, "publish")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Readers see a change of a published article at once, so it takes the right to publish."""
        allowed = super().has_change_permission(request, obj)
        if obj is not None and obj.pk and self._is_public(obj):
            return allowed and self.has_publish_permission(request)
        return allowed

    def why_kept(self, obj: Any) -> str:
        """A published article is withdrawn before it is deleted."""
        return f"{obj} is published. Withdraw it first." if self._is_public(obj) else ""

    def _is_public(self, obj: Any) -> bool:
        # Remembered from the first question, since a form then puts into obj.status what was typed.
        if not hasattr(obj, "was_public"):
            obj.was_public = self.model.objects.published().filter(pk=obj.pk).exists()
        return bool(obj.was_public)

    # --- lists -------------------------------------------------------------------------------------------

    @admin.display(description="review", ordering="reviewed_on")
    def review(self, obj: Any) -> str:
        """Who reviewed it and when, in words."""
        if obj.reviewed_on is None:
            return "Not reviewed"
        name = obj.reviewed_by.get_full_name() or obj.reviewed_by.get_username()
        late = " (overdue)" if obj.review_due and obj.review_due < timezone.localdate() else ""
        return f"{obj.reviewed_on:%d %b %Y}, {name}{late}"

    def view_on_site(self, obj: Any) -> str:
        """The page, or its preview while readers can't see it."""
        if obj.status == Status.PUBLISHED:
            return str(obj.get_absolute_url())
        return reverse("article_preview", args=[obj.KIND, obj.slug])

    # --- saving ------------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Saves the row, and remembers what it said before."""
        obj.said_before = current_hash(everything(self.model).get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Saves links and mechanisms, adds the references that the texts cite, and looks whether a review still holds."""
        super().save_related(request, form, formsets, change)
        row = everything(self.model).get(pk=form.instance.pk)
        _add_cited_references(row)
        if change and row.reviewed_on and row.reviewed_by_id != request.user.pk:
            row = everything(self.model).get(pk=row.pk)
            if current_hash(row) != form.instance.said_before:
                row.reviewed_by = row.reviewed_on = row.review_due = None
                row.save(update_fields=["reviewed_by", "reviewed_on", "review_due", "updated_at"])
                self.message_user(
                    request,
                    "The text has changed since its review, so it counts as not reviewed.",
                    messages.WARNING,
                )

    # --- actions -----------------------------------------------------------------------------------------

    @admin.action(description="Mark as reviewed by me", permissions=["review"])
    def mark_reviewed(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Puts the acting clinician's name to the chosen articles, as of today."""
        today = timezone.localdate()
        for row in queryset:
            row.reviewed_by, row.reviewed_on, row.review_due = request.user, today, next_review(today)
            row.save(update_fields=["reviewed_by", "reviewed_on", "review_due", "updated_at"])
            self.log_change(request, row, "Reviewed.")
        self._say(request, len(queryset), "marked as reviewed by you")
        if not request.user.get_full_name():
            self.message_user(
                request,
                "Your account has no name, so pages say 'a clinician'. Add your name to it.",
                messages.WARNING,
            )

    @admin.action(description="Publish", permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Shows the chosen articles to readers; those that lack something stay as they are, and it is said."""
        done = 0
        for row in queryset.exclude(status=Status.PUBLISHED):
            row.status = Status.PUBLISHED
            try:
                row.full_clean()
            except ValidationError as error:
                reasons = " ".join(error.messages)
                self.message_user(request, f"{row} was not published. {reasons}", messages.ERROR)
                continue
            row.save(update_fields=["status", "updated_at"])
            self.log_change(request, row, "Published.")
            done += 1
        self._say(request, done, "published")

    @admin.action(description="Withdraw (back to draft)", permissions=["publish"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Hides the chosen articles from readers. Links to them disappear with them."""
        rows = list(queryset.filter(status=Status.PUBLISHED))
        for row in rows:
            row.status = Status.DRAFT
            row.save(update_fields=["status", "updated_at"])
            self.log_change(request, row, "Withdrawn.")
        self._say(request, len(rows), "withdrawn")

    def _say(self, request: HttpRequest, count: int, what: str) -> None:
        name = self.opts.verbose_name if count == 1 else self.opts.verbose_name_plural
        self.message_user(request, f"{count} {name} {what}.", messages.SUCCESS if count else messages.WARNING)


def _add_cited_references(row: Article) -> None:
    """Link the references that the row's texts cite. Those that were chosen by hand stay."""
    texts = [row, *(row.mechanisms.all() if isinstance(row, Cause) else ())]
    cited = {key for text in texts for key in text.cited_keys()}
    missing = cited - {reference.key for reference in row.references.all()}
    if missing:
        row.references.add(*Reference.objects.filter(key__in=missing))
