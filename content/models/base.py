"""What all articles have in common: text, evidence, state and review."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from content.markdown import MAX_LENGTH, cited_keys
from content.querysets import ArticleQuerySet

SLUG_PATTERN = r"[a-z0-9]+(?:-[a-z0-9]+)*"
MARKDOWN_HELP = (
    "Markdown: ## for a heading, - for a list, **bold**, [words](https://address). "
    "Cite a reference as [@key]; its number appears by itself."
)


class Rating(models.TextChoices):
    """How well the evidence supports what an article or a mechanism says."""

    STRONG = "strong", "Strong evidence"
    MODERATE = "moderate", "Moderate evidence"
    LIMITED = "limited", "Limited evidence"
    CONTESTED = "contested", "Contested evidence"


class Status(models.TextChoices):
    """Where an article stands. Readers see published ones only."""

    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    PUBLISHED = "published", "Published"


def markdown_field(name: str = "", *, blank: bool = True, help_text: str = MARKDOWN_HELP) -> models.TextField:
    """A text of Markdown, no longer than what is rendered."""
    return models.TextField(
        name, blank=blank, default="", validators=[MaxLengthValidator(MAX_LENGTH)], help_text=help_text
    )


def rating_field(name: str) -> models.CharField:
    """One of the four ratings."""
    return models.CharField(
        name,
        max_length=20,
        choices=Rating.choices,
        help_text="Strong: guidelines or several good studies agree. Moderate: some good studies. "
        "Limited: few or small studies, or experience only. Contested: studies disagree.",
    )


class Article(models.Model):
    """A text with its evidence, its state and who reviewed it."""

    KIND: ClassVar[str]
    """The kind's word in addresses and in the library's folders."""
    KIND_LABEL: ClassVar[str]
    """The kind in the singular, for readers."""
    MARKDOWN_FIELDS: ClassVar[tuple[str, ...]] = ("body",)
    PLAIN_FIELDS: ClassVar[tuple[str, ...]] = ("title", "summary", "contested")
    """Texts that are printed as they are; a citation in one would show as [@key]."""

    title = models.CharField(max_length=160)
    slug = models.CharField(
        "address",
        max_length=80,
        unique=True,
        validators=[RegexValidator(rf"^{SLUG_PATTERN}\Z", "Use small letters, digits and single hyphens.")],
        help_text="The last part of the page's address, such as calf-strain. It can't be changed later.",
    )
    summary = models.TextField(
        max_length=400,
        help_text="One or two sentences in plain words. Lists, search and results show them. No Markdown.",
    )
    body = markdown_field("text")
    evidence_rating = rating_field("evidence")
    contested = models.TextField(
        "what is uncertain",
        max_length=500,
        blank=True,
        default="",
        help_text="One sentence on what is uncertain or disputed. Needed before publishing. No Markdown.",
    )
    status = models.CharField(
        "state", max_length=20, choices=Status.choices, default=Status.DRAFT, db_index=True
    )
    # PROTECT, since a review without its reviewer would be no review: somebody who leaves is made inactive instead.
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reviewed_%(class)ss",
        help_text="The clinician who stands by this text. Set by the action 'Mark as reviewed by me'.",
    )
    reviewed_on = models.DateField(null=True, blank=True)
    review_due = models.DateField("next review", null=True, blank=True)
    references = models.ManyToManyField(
        "content.Reference",
        blank=True,
        related_name="%(class)ss",
        help_text="References that the texts cite are added by themselves when you save. "
        "Add others here for further reading.",
    )
    order = models.PositiveSmallIntegerField(default=0, help_text="Place in lists; small numbers come first.")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # The hash of the row as it was loaded from the library; a row that no longer has it was edited here.
    shipped_hash = models.CharField(max_length=64, blank=True, default="", editable=False)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("order", "title")
        default_permissions = ("add", "change", "delete", "view", "review", "publish")
        constraints = (
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True, reviewed_on__isnull=True)
                | Q(reviewed_by__isnull=False, reviewed_on__isnull=False),
                name="%(class)s_reviewer_and_day_together",
                violation_error_message="A review needs both its day and its reviewer.",
            ),
            models.CheckConstraint(
                condition=Q(review_due__isnull=True)
                | Q(reviewed_on__isnull=False, review_due__gt=F("reviewed_on")),
                name="%(class)s_review_due_after_review",
                violation_error_message="The next review comes after a first one.",
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="%(class)s_status_is_known"),
            models.CheckConstraint(
                condition=Q(evidence_rating__in=Rating.values), name="%(class)s_rating_is_known"
            ),
        )

    def __str__(self) -> str:
        return self.title

    def cited_keys(self) -> tuple[str, ...]:
        """The keys of the references that this row's own texts cite, each once, in their order."""
        return tuple(
            dict.fromkeys(key for name in self.MARKDOWN_FIELDS for key in cited_keys(getattr(self, name)))
        )

    def clean(self) -> None:
        """Raises ValidationError, by field, for citations that lead nowhere and for what publishing still needs."""
        errors: dict[str, list[str]] = {}
        for field, problem in self.problems():
            errors.setdefault(field, []).append(problem)
        if errors:
            raise ValidationError(errors)

    def problems(self, known: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
        """Pairs of a field and what is wrong with it. Kinds of articles add theirs.

        `known` are the keys of the references that exist; without it the database is asked.
        """
        yield from citation_problems({name: getattr(self, name) for name in self.MARKDOWN_FIELDS}, known)
        for name in self.PLAIN_FIELDS:
            if "[@" in getattr(self, name):
                yield name, "Citations are not possible here. Cite in the text instead."
        if (self.reviewed_by_id is None) != (self.reviewed_on is None):
            yield "reviewed_on", "A review needs both its day and its reviewer."
        if self.review_due and (self.reviewed_on is None or self.review_due <= self.reviewed_on):
            yield "review_due", "The next review comes after the last one."
        if self.status == Status.PUBLISHED:
            yield from self._missing()

    def _missing(self) -> Iterator[tuple[str, str]]:
        """What a published article can't be without."""
        if not self.body.strip():
            yield "body", "A published article needs a text."
        if not self.contested.strip():
            yield "contested", "A published article says what is uncertain."
        if not self.cited_keys() and not self._is_linked():
            yield "body", "A published article needs at least one reference. Cite one as [@key]."

    linked: bool | None = None
    """Whether it will have references once it is saved; known to the form or file that it comes from."""

    def _is_linked(self) -> bool:
        if self.linked is not None:
            return self.linked
        return self.pk is not None and self.references.exists()


def citation_problems(
    texts: dict[str, str], known: Collection[str] | None = None
) -> Iterator[tuple[str, str]]:
    """For each text that cites an unknown reference, its field and a sentence that names the keys."""
    from content.models.references import Reference

    cited = {field: cited_keys(text) for field, text in texts.items()}
    wanted = {key for keys in cited.values() for key in keys}
    if not wanted:
        return
    if known is None:
        known = set(Reference.objects.filter(key__in=wanted).values_list("key", flat=True))
    for field, keys in cited.items():
        unknown = [key for key in keys if key not in known]
        if unknown:
            yield (
                field,
                f"No reference has the key {', '.join(unknown)}. Add it under References, or mend the key.",
            )
