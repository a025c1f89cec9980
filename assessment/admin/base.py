"""What the forms of the knowledge share: codes that stay, parts of a row, and answers picked by their words."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from assessment.admin.words import answer
from assessment.models import Option
from content.admin.parts import PartOf

NAMES = ("code", "slug")
"""Public names: tokens, articles and files hold them, so they stay once they are saved."""


class FixedNames:
    """A row whose public names can't be changed once it is saved."""

    fixed: ClassVar[tuple[str, ...]] = NAMES

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The usual ones, and the names of a saved row."""
        usual = tuple(super().get_readonly_fields(request, obj))  # type: ignore[misc]
        names = {field.name for field in self.model._meta.fields}  # type: ignore[attr-defined]
        return (*usual, *(name for name in self.fixed if obj is not None and name in names))


# --- answers, by their words ------------------------------------------------------------------------------


class AnswerView(AutocompleteJsonView):
    """Searches answers; says 'Where: Calf muscle' where Django's own would say the codes."""

    def serialize_result(self, obj: Option, to_field_name: str) -> dict[str, str]:
        """One found answer."""
        return {"id": str(getattr(obj, to_field_name)), "text": answer(obj)}


def _key(value: Any) -> Any:
    """A key as it was sent; one that no row can have becomes 0, which none has.

    Django's own search boxes ask the database for whatever was sent, and fail where it is no number.
    """
    return value if not value or re.fullmatch(r"[0-9]{1,18}", str(value)) else "0"


class SearchOne(AutocompleteSelect):
    """A box that searches for one row."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The key that was sent."""
        return _key(super().value_from_datadict(data, files, name))


class SearchMany(AutocompleteSelectMultiple):
    """A box that searches for several rows."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The keys that were sent."""
        return [_key(value) for value in super().value_from_datadict(data, files, name) or ()]


class AnswerSelect(SearchOne):
    """A box that searches for one answer."""

    url_name = "%s:assessment_option_answers"


class AnswersSelect(SearchMany):
    """A box that searches for several answers."""

    url_name = "%s:assessment_option_answers"


class AnswerField(forms.ModelChoiceField):
    """One answer."""

    def label_from_instance(self, obj: Option) -> str:
        """The answer in words."""
        return answer(obj)


class AnswersField(forms.ModelMultipleChoiceField):
    """Several answers."""

    def label_from_instance(self, obj: Option) -> str:
        """The answer in words."""
        return answer(obj)


class Picks:
    """A form whose answers are searched for and shown in words; `autocomplete_fields` stand bad input."""

    def formfield_for_foreignkey(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """As Django's, with the boxes above."""
        kwargs |= self._box(db_field, request, AnswerField, AnswerSelect, SearchOne)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """As Django's, with the boxes above."""
        kwargs |= self._box(db_field, request, AnswersField, AnswersSelect, SearchMany)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]

    def _box(self, db_field: models.Field, request: HttpRequest, field: Any, answers: Any, rows: Any) -> Any:
        site = self.admin_site  # type: ignore[attr-defined]
        if db_field.remote_field.model is Option:
            queryset = Option.objects.select_related("question")
            return {"form_class": field, "queryset": queryset, "widget": answers(db_field, site)}
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            return {"widget": rows(db_field, site)}
        return {}


class ClauseForm(forms.ModelForm):
    """A clause must be able to hold."""

    def clean(self) -> dict[str, Any] | None:
        """The values. Raises ValidationError when more answers are asked for than are named."""
        values = super().clean()
        picks, at_least = self.cleaned_data.get("picks"), self.cleaned_data.get("at_least")
        if picks is not None and at_least is not None and at_least > len(picks):
            raise ValidationError({"at_least": f"Only {len(picks)} answers are named."})
        return values


class ClauseInline(PartOf, Picks, admin.StackedInline):
    """Clauses, of which each must hold."""

    form = ClauseForm
    fields = ("picks", "at_least", "order")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the picked answers."""
        return super().get_queryset(request).prefetch_related("picks")
