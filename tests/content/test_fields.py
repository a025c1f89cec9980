"""Lists of short texts, typed one per line."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from content.fields import MAX_ITEM_LENGTH, MAX_ITEMS, LinesFormField, validate_lines

FIELD = LinesFormField(required=False)


@pytest.mark.parametrize(
    ("typed", "items"),
    [
        ("", []),
        ("  \r\n \n", []),
        ("Rest.\r\nCool it.", ["Rest.", "Cool it."]),
        ("- Rest.\n• Cool it.\n2) Lift it.", ["Rest.", "Cool it.", "Lift it."]),
        ("10 minutes of rest", ["10 minutes of rest"]),
    ],
)
def test_a_text_box_becomes_a_list(typed: str, items: list[str]) -> None:
    assert FIELD.clean(typed) == items
    assert FIELD.clean(FIELD.prepare_value(items)) == items


@pytest.mark.parametrize(
    "value",
    [
        "x",
        {"a": 1},
        [1],
        [""],
        [" "],
        ["x" * (MAX_ITEM_LENGTH + 1)],
        ["x"] * (MAX_ITEMS + 1),
        ["a\x00b"],
        ["a\nb"],
    ],
)
def test_what_is_no_list_of_short_texts_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        validate_lines(value)


@given(
    st.lists(st.from_regex(r"[A-Za-z][\w ,.;()/-]{0,40}", fullmatch=True).map(str.strip), max_size=MAX_ITEMS)
)
def test_what_is_shown_again_is_no_change(typed: list[str]) -> None:
    items = FIELD.to_python("\r\n".join(typed))
    shown = FIELD.prepare_value(items)
    assert FIELD.to_python(shown) == items
    assert not FIELD.has_changed(items, "  \r\n" + shown + "\r\n")
