"""The studies, guidelines and pages that articles rest on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator, URLValidator
from django.db import models
from django.db.models import ProtectedError

from content.querysets import VersionedQuerySet

KEY_PATTERN = r"[a-z0-9]+(?:-[a-z0-9]+)*"
FIRST_YEAR, LAST_YEAR = 1800, 2100


def _refuse_if_cited(references: Iterable[Reference]) -> None:
    """Raise ProtectedError for references that articles cite: deleting one would leave a claim without its source."""
    cited = [reference for reference in references if reference.cited_by()]
    if cited:
        names = ", ".join(reference.key for reference in cited)
        raise ProtectedError(f"Articles cite {names}. Take the citations out first.", set(cited))


class ReferenceQuerySet(VersionedQuerySet):
    """References; those that articles cite can't be deleted."""

    def cited(self) -> list[Reference]:
        """Those of these references that an article cites."""
        return [reference for reference in self if reference.cited_by()]

    def delete(self) -> tuple[int, dict[str, int]]:
        """As Django's. Raises ProtectedError when an article cites one of them."""
        _refuse_if_cited(self)
        return super().delete()

    delete.alters_data = True
    delete.queryset_only = True


class Reference(models.Model):
    """One source. Articles cite it as [@key]."""

    class Kind(models.TextChoices):
        """What sort of source it is, the most weighty first."""

        GUIDELINE = "guideline", "Guideline"
        REVIEW = "review", "Review of studies"
        TRIAL = "trial", "Trial"
        COHORT = "cohort", "Study that watched people"
        CASE_SERIES = "case-series", "Description of cases"
        OTHER = "other", "Other"

    key = models.CharField(
        max_length=80,
        unique=True,
        validators=[
            RegexValidator(rf"^{KEY_PATTERN}\Z", "Use small letters, digits and single hyphens: smith-2021")
        ],
        help_text="A short name, used as [@key] in the articles: first author and year, such as smith-2021.",
    )
    authors = models.CharField(max_length=300, blank=True, help_text="As in: Smith A, Jones B, et al.")
    title = models.CharField(max_length=400)
    where = models.CharField(
        "published in", max_length=200, blank=True, help_text="Journal, book or website."
    )
    year = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)],
    )
    doi = models.CharField(
        "DOI",
        max_length=200,
        blank=True,
        validators=[
            RegexValidator(r"^10\.\d{4,9}/[^\s<>\"]+\Z", "A DOI begins with 10. and has no address.")
        ],
        help_text="Without the address: 10.1000/example",
    )
    url = models.URLField(
        "web address", max_length=500, blank=True, validators=[URLValidator(schemes=["https", "http"])]
    )
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.OTHER)
    note = models.TextField(
        blank=True,
        max_length=1000,
        help_text="How it was read, and what to be careful about. Readers see it.",
    )
    shipped_hash = models.CharField(max_length=64, blank=True, default="", editable=False)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        ordering = ("key",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(year__isnull=True) | models.Q(year__range=(FIRST_YEAR, LAST_YEAR)),
                name="reference_year_is_a_year",
            ),
        )

    def __str__(self) -> str:
        return f"{self.key}: {self.title}"

    def clean(self) -> None:
        """Raises ValidationError when a cited reference changes its key, since articles name it by that."""
        if self.pk:
            before = Reference.objects.filter(pk=self.pk).values_list("key", flat=True).first()
            if before and before != self.key and self.cited_by():
                raise ValidationError({"key": f"Articles cite this reference as [@{before}]. Keep its key."})

    def cited_by(self) -> int:
        """How many articles have it among their references."""
        return sum(
            getattr(self, name).count() for name in ("causes", "conditions", "tips", "faqs") if self.pk
        )

    def link(self) -> str:
        """Where to read it: by its DOI, which lasts, or else its web address; empty when there is neither."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """As Django's. Raises ProtectedError when an article cites it."""
        _refuse_if_cited([self])
        return super().delete(*args, **kwargs)

    delete.alters_data = True
