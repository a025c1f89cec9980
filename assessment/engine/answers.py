"""Answers: one immutable value, checked against the questions of a knowledge base.

    {"site": ("shin_inner",), "side": ("both",)}   every answer is a tuple of option codes, in the options' order

Unanswered is no evidence: a question that is absent says nothing. `skipped` remembers which questions were
shown and left blank, so that they are not asked again; it never counts as an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .knowledge import Clause, KnowledgeBase, Question

NONE = "none"
"""The option that excludes the others in a `many` question."""


class AnswerError(ValueError):
    """An answer that the questionnaire does not allow; says which question, which option and why."""

    def __init__(self, question: str, option: str, reason: str) -> None:
        super().__init__(f"{question}={option}: {reason}" if option else f"{question}: {reason}")
        self.question = question
        self.option = option
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one runner. Equal answers are equal and hash alike, whatever order they came in."""

    items: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(question, options) in the order of the questionnaire; never an empty tuple of options."""
    skipped: frozenset[str] = frozenset()

    @classmethod
    def parse(
        cls,
        kb: KnowledgeBase,
        given: Mapping[str, str | Iterable[str]],
        skipped: Iterable[str] = (),
        *,
        strict_none: bool = True,
    ) -> Answers:
        """Answers from raw codes, normalised: known codes only, options in order, hidden questions dropped.

        With `strict_none` false, `none` beside other options is dropped instead of refused: outside the form
        a danger sign counts, whatever stands beside it. Raises AnswerError.
        """
        clean: dict[str, tuple[str, ...]] = {}
        for code, raw in given.items():
            question = kb.by_code.get(code)
            if question is None:
                raise AnswerError(code, "", "unknown question")
            options = _options(question, raw, strict_none)
            if options:
                clean[code] = options
        return cls._settle(kb, clean, skipped)

    @classmethod
    def _settle(
        cls, kb: KnowledgeBase, clean: Mapping[str, tuple[str, ...]], skipped: Iterable[str]
    ) -> Answers:
        """Order the answers and drop those whose question is hidden by a visibility rule, until nothing changes."""
        kept = {q.code: clean[q.code] for q in kb.questions if q.code in clean}
        while True:
            hidden = [code for code in kept if not visible(kb.by_code[code], kept)]
            if not hidden:
                break
            for code in hidden:
                del kept[code]
        blank = frozenset(code for code in skipped if code in kb.by_code and code not in kept)
        return cls(tuple(kept.items()), blank)

    def get(self, question: str) -> tuple[str, ...]:
        """The options chosen for a question; empty when it is unanswered."""
        for code, options in self.items:
            if code == question:
                return options
        return ()

    def as_dict(self) -> dict[str, tuple[str, ...]]:
        """Question code -> chosen option codes."""
        return dict(self.items)

    def replace(self, kb: KnowledgeBase, changes: Mapping[str, str | Iterable[str]]) -> Answers:
        """These answers with some changed; a blank answer removes and counts as skipped. Raises AnswerError."""
        merged: dict[str, str | Iterable[str]] = dict(self.items)
        skipped = set(self.skipped)
        for code, raw in changes.items():
            options = (raw,) if isinstance(raw, str) else tuple(raw)
            if options:
                merged[code] = options
                skipped.discard(code)
            else:
                merged.pop(code, None)
                skipped.add(code)
        return Answers.parse(kb, merged, skipped)

    def without(self, questions: Iterable[str]) -> Answers:
        """These answers as if those questions had not been answered."""
        left_out = set(questions)
        return Answers(tuple(item for item in self.items if item[0] not in left_out), self.skipped)

    def touched(self, question: str) -> bool:
        """True when the question was answered or shown and left blank."""
        return question in self.skipped or bool(self.get(question))


def _options(question: Question, raw: str | Iterable[str], strict_none: bool) -> tuple[str, ...]:
    """The chosen options of one question in the questionnaire's order. Raises AnswerError."""
    chosen = {raw} if isinstance(raw, str) else set(raw)
    for option in sorted(map(str, chosen)):
        if option not in question.option_codes:
            raise AnswerError(question.code, option, "unknown option")
    if question.kind == "one" and len(chosen) > 1:
        raise AnswerError(question.code, ", ".join(sorted(chosen)), "several options")
    if question.kind == "many" and NONE in chosen and len(chosen) > 1:
        if strict_none:
            raise AnswerError(question.code, NONE, "none with others")
        chosen.discard(NONE)
    return tuple(o.code for o in question.options if o.code in chosen)


def holds(clause: Clause, answers: Mapping[str, tuple[str, ...]]) -> bool:
    """True when at least `at_least` picks of the clause are answered."""
    found = 0
    for pick in clause.picks:
        if pick.option in answers.get(pick.question, ()):
            found += 1
            if found >= clause.at_least:
                return True
    return False


def visible(question: Question, answers: Mapping[str, tuple[str, ...]]) -> bool:
    """True when every visibility clause of the question holds (a question without one is always visible)."""
    return all(holds(clause, answers) for clause in question.visible_if)
