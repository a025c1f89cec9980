"""A list of short texts: stored as a JSON list, edited as one text per line. Nobody types JSON."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

MAX_ITEMS = 12
MAX_ITEM_LENGTH = 300
_BULLET = re.compile(r"^(?:[-*•–]|\d{1,2}[.)])\s+")


def validate_lines(value: Any, most: int = MAX_ITEMS) -> None:
    """Raise ValidationError unless `value` is a list of up to `most` short, non-empty texts."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValidationError("This must be a list of short texts.", code="not_a_list")
    if len(value) > most:
        raise ValidationError(f"Use at most {most} lines. There are {len(value)}.", code="too_many_lines")
    for number, item in enumerate(value, start=1):
        if not item.strip():
            raise ValidationError(f"Line {number} is empty.", code="empty_line")
        if len(item) > MAX_ITEM_LENGTH:
            raise ValidationError(
                f"Line {number} has {len(item)} characters. Use at most {MAX_ITEM_LENGTH}.",
                code="line_too_long",
            )
        if any(unicodedata.category(char) == "Cc" for char in item):
            raise ValidationError(f"Line {number} holds a character that cannot be printed.", code="control")


class LinesFormField(forms.Field):
    """A text box with one item per line; cleans to a list. Empty lines and pasted bullets are dropped."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("rows", 5)
        self.widget.attrs.setdefault("cols", 90)

    def prepare_value(self, value: Any) -> Any:
        """What the text box shows: the items, one per line. Text that failed validation comes back as typed."""
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> list[str]:
        """The items of the text box, trimmed."""
        if isinstance(value, list | tuple):
            return list(value)
        lines = (_BULLET.sub("", line.strip()).strip() for line in (value or "").splitlines())
        return [line for line in lines if line]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """True when the items differ; white space alone is no change."""
        return not self.disabled and self.to_python(initial) != self.to_python(data)


class LinesField(models.JSONField):
    """A list of up to `max_items` short texts. Forms show it as one text per line."""

    def __init__(self, *args: Any, max_items: int = MAX_ITEMS, **kwargs: Any) -> None:
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        self.max_items = max_items
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """As Django's, with `max_items` where it is not the usual one."""
        name, path, args, kwargs = super().deconstruct()
        if self.max_items != MAX_ITEMS:
            kwargs["max_items"] = self.max_items
        return name, path, args, kwargs

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Raise ValidationError unless the value is such a list."""
        super().validate(value, model_instance)
        validate_lines(value, self.max_items)

    def formfield(self, **kwargs: Any) -> forms.Field:
        """The one-per-line form field."""
        # JSONField.formfield would add its encoder, which a text box has no use for.
        options = {"form_class": LinesFormField, "show_hidden_initial": False, **kwargs}
        return models.Field.formfield(self, **options)
