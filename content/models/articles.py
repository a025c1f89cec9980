"""The four kinds of articles, and the mechanisms of a cause."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse

from content.fields import LinesField
from content.markdown import cited_keys
from content.models.base import Article, Rating, citation_problems, markdown_field, rating_field
from content.querysets import VersionedQuerySet

CLAIM_HELP = "What the popular article that this site began from says, in our own words. No Markdown."
SAYS_HELP = "What the evidence says about that claim. Markdown, with citations such as [@key]."
LINES_HELP = "One item per line, no Markdown."


def claim_field() -> models.TextField:
    """What the popular article says."""
    return models.TextField(
        "the article's claim", max_length=600, blank=True, default="", help_text=CLAIM_HELP
    )


class Claims(Article):
    """An article that sets the popular article's claim beside the evidence."""

    MARKDOWN_FIELDS = ("body", "evidence_says")
    PLAIN_FIELDS = (*Article.PLAIN_FIELDS, "article_claim")

    article_claim = claim_field()
    evidence_says = markdown_field("what the evidence says", help_text=SAYS_HELP)

    class Meta(Article.Meta):
        abstract = True

    def problems(self, known: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
        """As of every article, and what this kind adds."""
        yield from super().problems(known)
        if self.article_claim.strip() and not self.evidence_says.strip():
            yield "evidence_says", "A claim needs beside it what the evidence says."
        if getattr(self, "from_article", False) and not self.article_claim.strip():
            yield "article_claim", "This is marked as from the popular article, so say what that claims."


class Cause(Claims):
    """Why legs hurt: one of the causes, with its mechanisms."""

    KIND = "causes"
    KIND_LABEL = "Cause"

    tips = models.ManyToManyField(
        "content.Tip", through="content.CauseTip", related_name="causes", blank=True
    )

    def get_absolute_url(self) -> str:
        """The cause's page."""
        return reverse("cause", args=[self.slug])


class Mechanism(models.Model):
    """One way in which a cause makes legs hurt."""

    cause = models.ForeignKey(Cause, on_delete=models.CASCADE, related_name="mechanisms")
    title = models.CharField(max_length=160)
    text = markdown_field(blank=False)
    example = models.TextField(
        max_length=400, blank=True, default="", help_text="A runner's example, in one sentence. No Markdown."
    )
    rating = rating_field("evidence")
    note = models.TextField(
        max_length=500,
        blank=True,
        default="",
        help_text="Where the popular article is out of date: one sentence. No Markdown.",
    )
    order = models.PositiveSmallIntegerField(default=0)

    objects = VersionedQuerySet.as_manager()

    class Meta:
        ordering = ("order", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(rating__in=Rating.values), name="mechanism_rating_is_known"),
        )

    def __str__(self) -> str:
        return self.title

    def cited_keys(self) -> tuple[str, ...]:
        """The keys that its text cites."""
        return cited_keys(self.text)

    def clean(self) -> None:
        """Raises ValidationError for citations that lead nowhere."""
        errors = dict(self.problems())
        if errors:
            raise ValidationError(errors)

    def problems(self, known: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
        """Pairs of a field and what is wrong with it; `known` as for articles."""
        yield from citation_problems({"text": self.text}, known)
        for name in ("title", "example", "note"):
            if "[@" in getattr(self, name):
                yield name, "Citations are not possible here. Cite in the text instead."


class Condition(Article):
    """What it may be: an injury or illness that makes runners' legs hurt."""

    KIND = "conditions"
    KIND_LABEL = "Condition"

    class Region(models.TextChoices):
        """Where it hurts, in the order in which lists go down the body."""

        HIP = "hip and thigh", "Hip and thigh"
        KNEE = "knee", "Knee"
        SHIN = "shin and calf", "Shin and calf"
        FOOT = "ankle and foot", "Ankle and foot"
        BACK = "back and nerve", "Back and nerve"
        WHOLE = "whole leg", "Whole leg"

    class Tier(models.TextChoices):
        """How urgently it is to be seen, most urgent first."""

        EMERGENCY = "emergency", "Emergency: get help now"
        URGENT = "urgent", "Urgent: be seen today or within 48 hours"
        SOON = "soon", "Soon: book a physiotherapist or doctor"
        SELF_CARE = "self-care", "Look after it yourself first"

    also_known_as = LinesField(help_text=f"Other names, which search finds too. {LINES_HELP}")
    region = models.CharField(max_length=20, choices=Region.choices)
    usual_tier = models.CharField(
        "usual advice",
        max_length=20,
        choices=Tier.choices,
        help_text="How urgently it usually is to be seen. The assessment has its own copy; keep them the same.",
    )
    first_aid = LinesField("what to do now", help_text=f"As commands. {LINES_HELP}")
    avoid = LinesField("what to avoid", help_text=LINES_HELP)
    be_seen = LinesField("when to be seen", help_text=f"When, and by whom. {LINES_HELP}")
    recovery = models.CharField(
        "how long it takes", max_length=300, blank=True, default="", help_text="One line. No Markdown."
    )
    causes = models.ManyToManyField(
        Cause, through="content.ConditionCause", related_name="conditions", blank=True
    )
    tips = models.ManyToManyField(
        "content.Tip", through="content.ConditionTip", related_name="conditions", blank=True
    )
    look_alikes = models.ManyToManyField(
        "self",
        through="content.LookAlike",
        through_fields=("condition", "other"),
        symmetrical=False,
        related_name="looked_like_by",
        blank=True,
    )

    class Meta(Article.Meta):
        ordering = ("title",)
        constraints = (
            *Article.Meta.constraints,
            models.CheckConstraint(
                condition=Q(usual_tier__in=["emergency", "urgent", "soon", "self-care"]),
                name="condition_tier_is_known",
            ),
        )

    def get_absolute_url(self) -> str:
        """The condition's page."""
        return reverse("condition", args=[self.slug])

    def problems(self, known: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
        """As of every article, and what this kind adds."""
        yield from super().problems(known)
        for name in ("also_known_as", "first_aid", "avoid", "be_seen"):
            if any("[@" in str(line) for line in getattr(self, name) or ()):
                yield name, "Citations are not possible here. Cite in the text instead."

    def _missing(self) -> Iterator[tuple[str, str]]:
        yield from super()._missing()
        for name in ("first_aid", "be_seen"):
            if not getattr(self, name):
                yield name, "A published condition says this: results print it."


class Tip(Claims):
    """What helps: one thing to do."""

    KIND = "tips"
    KIND_LABEL = "Tip"
    PLAIN_FIELDS = (*Claims.PLAIN_FIELDS, "do", "example")

    class Phase(models.TextChoices):
        """When it is to be done, in the order of a plan."""

        TODAY = "today", "Today"
        THIS_WEEK = "this week", "This week"
        COMING_BACK = "coming back", "Coming back"
        ALWAYS = "always", "Always"

    do = models.CharField(
        "what to do", max_length=160, help_text="One sentence, as a command. Results print it. No Markdown."
    )
    phase = models.CharField("when", max_length=20, choices=Phase.choices)
    example = models.TextField(
        max_length=600, blank=True, default="", help_text="A worked example with numbers. No Markdown."
    )
    from_article = models.BooleanField("one of the popular article's tips", default=False)

    def get_absolute_url(self) -> str:
        """The tip's page."""
        return reverse("tip", args=[self.slug])


class FAQ(Claims):
    """A question that runners ask, with its answer."""

    KIND = "faq"
    KIND_LABEL = "Question"

    from_article = models.BooleanField("one of the popular article's questions", default=False)
    causes = models.ManyToManyField(Cause, related_name="faqs", blank=True)
    conditions = models.ManyToManyField(Condition, related_name="faqs", blank=True)
    tips = models.ManyToManyField(Tip, related_name="faqs", blank=True)

    class Meta(Claims.Meta):
        verbose_name = "question and answer"
        verbose_name_plural = "questions and answers"

    def get_absolute_url(self) -> str:
        """The place of the question on the page of questions."""
        return f"{reverse('faq')}#{self.slug}"
