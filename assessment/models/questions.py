"""The questions of the interview, as clinicians edit them. The engine reads releases, never these rows."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

code_validator = RegexValidator(
    r"^[a-z0-9_]+$", "Use small letters, digits and _ only. Codes are public and never change."
)
page_validator = RegexValidator(r"^[a-z0-9-]+$", "Use small letters, digits and - only.")


class Question(models.Model):
    """One question, with the rules for when and how it is asked."""

    class Kind(models.TextChoices):
        ONE = "one", "one answer"
        MANY = "many", "any number of answers"

    class Stage(models.TextChoices):
        SAFETY = "safety", "safety screen: always asked, first"
        CORE = "core", "always asked"
        ADAPTIVE = "adaptive", "asked when it is expected to tell something"

    class Combine(models.TextChoices):
        SUM = "sum", "add up"
        MEAN = "mean", "average (one of several places)"
        BEST = "best", "only the strongest counts"

    code = models.CharField(
        max_length=40,
        unique=True,
        validators=[code_validator],
        help_text="The public name of the question. It never changes once released.",
    )
    kind = models.CharField(max_length=4, choices=Kind.choices)
    stage = models.CharField(max_length=8, choices=Stage.choices)
    page = models.CharField(
        max_length=40,
        validators=[page_validator],
        help_text="Questions with the same page name are shown and skipped together.",
    )
    phase = models.CharField(
        max_length=60, help_text="The part of the interview that runners see, such as 'You'."
    )
    group = models.CharField(
        "evidence group",
        max_length=40,
        help_text="Questions that ask about much the same thing share a group, so that it does not count twice.",
    )
    short = models.CharField(
        max_length=60, help_text="The question in two or three words, for the list of answers."
    )
    text = models.CharField(
        max_length=200, help_text="The question as runners read it: plain words, one thing only."
    )
    help = models.CharField(max_length=300, blank=True, help_text="A hint below the question.")
    why = models.CharField("why we ask", max_length=300, blank=True)
    combine = models.CharField(
        "several answers",
        max_length=4,
        choices=Combine.choices,
        default=Combine.SUM,
        help_text="How several chosen answers speak for one finding.",
    )
    cap = models.FloatField(
        default=8.0,
        validators=[MinValueValidator(1.1), MaxValueValidator(1000)],
        help_text="The largest likelihood ratio that the question as a whole may have.",
    )
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("order", "pk")

    def __str__(self) -> str:
        return self.short or self.code


class Option(models.Model):
    """One answer that a question offers."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="options")
    code = models.CharField(
        max_length=40,
        validators=[code_validator],
        help_text="The public name of the option. It never changes.",
    )
    text = models.CharField(max_length=200, help_text="What the runner reads.")
    help = models.CharField(max_length=200, blank=True)
    group = models.CharField(
        "heading", max_length=60, blank=True, help_text="A heading over several options of a long list."
    )
    base = models.FloatField(
        "how often",
        default=0.2,
        validators=[MinValueValidator(0.001), MaxValueValidator(0.999)],
        help_text="How often runners choose it (0 to 1, our estimate). Used to plan questions, never to score.",
    )
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("question", "order", "pk")
        constraints = (
            models.UniqueConstraint(fields=("question", "code"), name="option_code_once_per_question"),
        )

    def __str__(self) -> str:
        return f"{self.question.code}={self.code}"


class ClauseBase(models.Model):
    """A condition on answers: at least so many of these answers are given."""

    at_least = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1)], help_text="How many of these answers must be given."
    )
    picks = models.ManyToManyField(Option, verbose_name="answers", related_name="+")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ("order", "pk")

    def __str__(self) -> str:
        return f"clause {self.order + 1}"


class VisibilityClause(ClauseBase):
    """The question is asked only when every clause of it holds."""

    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="visible_if")
