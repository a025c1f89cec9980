"""Causes and conditions as the engine knows them, and the evidence for and against each."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from assessment.engine.knowledge import TIERS
from assessment.models.questions import Option, Question
from content.fields import LinesField

TIER_LABELS = {
    "self-care": "look after it yourself",
    "soon": "be seen in the next days to weeks",
    "urgent": "be seen today or within 48 hours",
    "emergency": "emergency help now",
}
TIER_CHOICES = [(tier, f"{tier}: {TIER_LABELS[tier]}") for tier in TIERS]


class Finding(models.Model):
    """A cause or a condition. Its words are in the article of the same slug."""

    class Kind(models.TextChoices):
        CONDITION = "condition", "condition"
        CAUSE = "cause", "cause"

    slug = models.SlugField(
        max_length=80, unique=True, help_text="The same as the article's. It never changes."
    )
    kind = models.CharField(max_length=9, choices=Kind.choices)
    prior = models.FloatField(
        "before any answer",
        validators=[MinValueValidator(0.0001)],
        help_text="Conditions: how many of 1 000 runners with leg pain have it. Causes: probability, 0 to 1.",
    )
    tier = models.CharField(
        "usual advice",
        max_length=9,
        choices=TIER_CHOICES,
        default="self-care",
        help_text="The advice when this is the likely explanation (conditions).",
    )
    serious = models.BooleanField(
        "must not be missed", default=False, help_text="Listed under 'must not miss' when answers raise it."
    )
    sources = LinesField(help_text="Keys of references, one per line, for the whole finding.")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("-kind", "slug")

    def __str__(self) -> str:
        return self.slug

    def clean(self) -> None:
        """A cause's prior is a probability."""
        if self.kind == self.Kind.CAUSE and self.prior is not None and not 0 < self.prior < 1:
            raise ValidationError({"prior": "For a cause this must lie between 0 and 1."})


class FindingLink(models.Model):
    """How strongly a condition points to a cause."""

    class Strength(models.TextChoices):
        WEAK = "weak", "weak"
        MODERATE = "moderate", "moderate"
        STRONG = "strong", "strong"

    condition = models.ForeignKey(
        Finding, on_delete=models.CASCADE, related_name="links", limit_choices_to={"kind": "condition"}
    )
    cause = models.ForeignKey(
        Finding, on_delete=models.CASCADE, related_name="linked_from", limit_choices_to={"kind": "cause"}
    )
    strength = models.CharField(max_length=8, choices=Strength.choices)

    class Meta:
        ordering = ("condition", "pk")
        constraints = (models.UniqueConstraint(fields=("condition", "cause"), name="one_link_per_pair"),)

    def __str__(self) -> str:
        return f"{self.condition} -> {self.cause}: {self.strength}"


class Evidence(models.Model):
    """What one answer says for or against one finding."""

    class Says(models.TextChoices):
        STRONG_FOR = "strong for", "strong for"
        MODERATE_FOR = "moderate for", "moderate for"
        WEAK_FOR = "weak for", "weak for"
        WEAK_AGAINST = "weak against", "weak against"
        MODERATE_AGAINST = "moderate against", "moderate against"
        STRONG_AGAINST = "strong against", "strong against"
        PUBLISHED = "", "a published likelihood ratio"

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="evidence")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="evidence")
    option = models.ForeignKey(
        Option,
        on_delete=models.CASCADE,
        related_name="evidence",
        null=True,
        blank=True,
        help_text="Leave empty for every option of the question that has no row of its own.",
    )
    says = models.CharField(max_length=16, choices=Says.choices, blank=True, default="")
    ratio = models.FloatField(
        "published ratio",
        null=True,
        blank=True,
        validators=[MinValueValidator(0.001)],
        help_text="Only from a publication; then name it under sources and leave 'says' empty.",
    )
    sources = LinesField(help_text="Keys of references, one per line.")
    note = models.CharField(max_length=300, blank=True)
    order = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("finding", "question__order", "order", "pk")
        verbose_name_plural = "evidence"
        constraints = (
            models.UniqueConstraint(
                fields=("finding", "question", "option"), name="one_evidence_row_per_cell"
            ),
            models.UniqueConstraint(
                fields=("finding", "question"),
                condition=models.Q(option__isnull=True),
                name="one_evidence_row_for_the_rest",
            ),
            models.CheckConstraint(
                condition=models.Q(says="", ratio__isnull=False)
                | (~models.Q(says="") & models.Q(ratio__isnull=True)),
                name="evidence_says_or_ratio",
                violation_error_message="Pick how strongly it speaks, or give a published ratio; one of the two.",
            ),
        )

    def __str__(self) -> str:
        option = self.option.code if self.option_id and self.option else "*"
        return f"{self.finding}: {self.question.code}={option}"

    def clean(self) -> None:
        """The option belongs to the question; a published ratio names its source."""
        if self.option_id and self.option and self.option.question_id != self.question_id:
            raise ValidationError({"option": "This option belongs to another question."})
        if not self.sources:
            raise ValidationError({"sources": "Name the source: the key of a reference, one per line."})
