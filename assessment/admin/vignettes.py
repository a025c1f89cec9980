"""Vignettes: the cases that the knowledge is measured on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin

from assessment.admin.base import FixedNames
from assessment.models import Vignette


class VignetteForm(forms.ModelForm):
    """A story's answers need a larger box than other lists of short texts."""

    answers = Vignette._meta.get_field("answers").formfield(
        widget=forms.Textarea(attrs={"rows": 16, "cols": 90})
    )
    source_url = forms.URLField(label="Source url", required=False, max_length=400, assume_scheme="https")


@admin.register(Vignette)
class VignetteAdmin(FixedNames, admin.ModelAdmin):
    """Cases with the right answer."""

    form = VignetteForm
    list_display = ("code", "tier", "quality", "safety", "expected", "summary")
    list_filter = ("tier", "quality", "safety")
    list_per_page = 100
    search_fields = ("code", "summary", "source_title", "source_where")
    search_help_text = "Words of the id, the story or its source."
    save_on_top = True
    fieldsets = (
        (None, {"fields": ("code", "summary", "answers")}),
        ("What is right", {"fields": ("conditions", "causes", "tier", "tier_ok")}),
        ("How it counts", {"fields": ("quality", "safety")}),
        ("Source", {"fields": ("source_title", "source_where", "source_year", "source_url")}),
    )

    @admin.display(description="expected condition")
    def expected(self, obj: Any) -> str:
        """The conditions of which any is right."""
        return " or ".join(obj.conditions) or "-"
