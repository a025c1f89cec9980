"""What the forms of the knowledge share: codes that stay, parts of a row, and answers picked by their words."""

from __future__ import annotations

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


class PartOf:
    """An inline that whoever may change its owner may change too."""

    extra = 0

    def _may(self, request: HttpRequest, obj: Any) -> bool:
        owner = self.admin_site.get_model_admin(self.parent_model)  # type: ignore[attr-defined]
        return bool(owner.has_change_permission(request, obj) if obj else owner.has_add_permission(request))

    def has_add_permission(self, request: HttpRequest, obj: Any) -> bool:
        """True for those who may change the owner."""
        return self._may(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """True for those who may change the owner."""
        return self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """True for those who may change the owner."""
        return self._may(request, obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """True for those who may see the owner."""
        owner = self.admin_site.get_model_admin(self.parent_model)  # type: ignore[attr-defined]
        return bool(owner.has_view_permission(request, obj)) or self._may(request, obj)


# --- answers, by their words ------------------------------------------------------------------------------


class AnswerView(AutocompleteJsonView):
    """Searches answers; says 'Where: Calf muscle' where Django's own would say the codes."""

    def serialize_result(self, obj: Option, to_field_name: str) -> dict[str, str]:
        """One found answer."""
        return {"id": str(getattr(obj, to_field_name)), "text": answer(obj)}


class _Search:
    url_name = "%s:assessment_option_answers"


class AnswerSelect(_Search, AutocompleteSelect):
    """A box that searches for one answer."""


class AnswersSelect(_Search, AutocompleteSelectMultiple):
    """A box that searches for several answers."""


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


class PicksAnswers:
    """A form whose answers are searched for and shown in words."""

    def formfield_for_foreignkey(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """As Django's, but for answers."""
        if db_field.remote_field.model is Option and db_field.name == "option":
            kwargs |= {
                "form_class": AnswerField,
                "queryset": Option.objects.select_related("question"),
                "widget": AnswerSelect(db_field, self.admin_site),  # type: ignore[attr-defined]
            }
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """As Django's, but for answers."""
        if db_field.remote_field.model is Option:
            kwargs |= {
                "form_class": AnswersField,
                "queryset": Option.objects.select_related("question"),
                "widget": AnswersSelect(db_field, self.admin_site),  # type: ignore[attr-defined]
            }
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


class ClauseForm(forms.ModelForm):
    """A clause must be able to hold."""

    def clean(self) -> dict[str, Any] | None:
        """The values. Raises ValidationError when more answers are asked for than are named."""
        values = super().clean()
        picks, at_least = self.cleaned_data.get("picks"), self.cleaned_data.get("at_least")
        if picks is not None and at_least is not None and at_least > len(picks):
            raise ValidationError({"at_least": f"Only {len(picks)} answers are named."})
        return values


class ClauseInline(PartOf, PicksAnswers, admin.StackedInline):
    """Clauses, of which each must hold."""

    form = ClauseForm
    fields = ("picks", "at_least", "order")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the picked answers."""
        return super().get_queryset(request).prefetch_related("picks")
