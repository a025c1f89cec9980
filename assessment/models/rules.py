"""Red-flag rules, and the numbers of the model."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from assessment.engine.knowledge import Settings
from assessment.models.findings import TIER_CHOICES, Finding
from assessment.models.questions import ClauseBase
from content.fields import LinesField


class RedFlag(models.Model):
    """When every clause holds, the advice is at least `tier`. Nothing outvotes it."""

    code = models.CharField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9-]+$", "Use small letters, digits and -.")],
    )
    title = models.CharField(max_length=80)
    tier = models.CharField("at least", max_length=9, choices=TIER_CHOICES[1:])
    reason = models.CharField(max_length=300, help_text="Why, in plain calm words for the runner.")
    sources = LinesField(help_text="Keys of references, one per line.")
    conditions = models.ManyToManyField(
        Finding,
        blank=True,
        related_name="red_flags",
        limit_choices_to={"kind": "condition"},
        help_text="Conditions that must not be missed when the rule fires.",
    )
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("order", "pk")

    def __str__(self) -> str:
        return self.title


class RedFlagClause(ClauseBase):
    """Each clause of a red flag must hold for it to fire."""

    flag = models.ForeignKey(RedFlag, on_delete=models.CASCADE, related_name="clauses")


_DEFAULTS = Settings()


def _number(name: str, least: float, most: float, words: str) -> models.FloatField:
    return models.FloatField(
        default=getattr(_DEFAULTS, name),
        validators=[MinValueValidator(least), MaxValueValidator(most)],
        help_text=words,
    )


class ModelSettings(models.Model):
    """The numbers of the model. There is one row; docs/how-scoring-works.md says where each comes from."""

    condition_temper = _number(
        "condition_temper",
        0.05,
        1,
        "Exponent on the conditions' evidence, below 1 because answers are correlated.",
    )
    cause_temper = _number("cause_temper", 0.05, 1, "The same for causes.")
    link_weight = _number("link_weight", 0, 1, "How far conditions inform causes: 0 not at all, 1 fully.")
    group_cap = _number("group_cap", 1.1, 1000, "The largest likelihood ratio of one evidence group.")
    unlinked = _number("unlinked", 0.01, 1, "What a condition lends to a cause that it has no link to.")
    none_weight = _number("none_weight", 0.1, 1000, "Weight per 1 000 of 'none of these conditions'.")
    close_ratio = _number("close_ratio", 1, 10, "Leading conditions nearer than this are too close to call.")
    must_not_miss_min = _number(
        "must_not_miss_min", 0.0001, 1, "A serious condition is listed above this probability."
    )
    must_not_miss_rise = _number(
        "must_not_miss_rise", 1, 100, "And when it is at least this many times its prior."
    )
    soon_mass = _number(
        "soon_mass", 0.01, 1, "Probability of conditions of this tier or above that asks for 'soon'."
    )
    urgent_mass = _number("urgent_mass", 0.01, 1, "The same for 'urgent'.")
    emergency_mass = _number("emergency_mass", 0.01, 1, "The same for 'emergency'.")
    stop_gain = _number(
        "stop_gain", 0, 5, "The interview stops when no question is expected to tell this much."
    )
    companion_gain = _number(
        "companion_gain", 0, 5, "A further question joins a page when it is expected to tell this much."
    )
    max_questions = models.PositiveSmallIntegerField(
        default=_DEFAULTS.max_questions,
        validators=[MinValueValidator(5), MaxValueValidator(100)],
        help_text="The interview stops by itself after so many questions.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "model settings"

    def __str__(self) -> str:
        return "Model settings"

    def as_dict(self) -> dict[str, float]:
        """The numbers by name, as a draft holds them."""
        return {f.name: getattr(self, f.name) for f in self._meta.concrete_fields if not f.primary_key}
