"""Answers and rules read back in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assessment.models import Option


def answer(option: Option) -> str:
    """'Where: Calf muscle'. Reads the option's question."""
    return f"{option.question.short}: {option.text}"


def either(words: list[str]) -> str:
    """'A, B or C'."""
    return words[0] if len(words) == 1 else f"{'; '.join(words[:-1])} or {words[-1]}" if words else "nothing"


def clause(at_least: int, answers: list[str]) -> str:
    """'A or B', or 'at least 2 of: A; B; C'."""
    return either(answers) if at_least <= 1 else f"at least {at_least} of ({'; '.join(answers)})"


def sentence(start: str, clauses: Iterable[Any]) -> str:
    """'Fires when: A or B, and C'. Reads each clause's picks and their questions; prefetch them for a list."""
    parts = [
        clause(
            row.at_least,
            [
                f"“{answer(pick)}”"
                for pick in sorted(row.picks.all(), key=lambda o: (o.question.order, o.order, o.pk))
            ],
        )
        for row in clauses
    ]
    return f"{start}: {', and '.join(parts)}." if parts else ""
