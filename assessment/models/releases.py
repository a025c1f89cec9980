"""Releases: frozen, numbered, content-hashed copies of the knowledge. What a release holds never changes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models

FROZEN = ("number", "sha256", "snapshot", "published_at", "published_by", "job", "changes")


class ReleaseImmutable(Exception):
    """Somebody tried to change or delete what a release holds."""


class ReleaseQuerySet(models.QuerySet):
    """Releases; their content can't be written over in bulk either."""

    def usable(self) -> ReleaseQuerySet:
        """Those that are not withdrawn, newest first."""
        return self.filter(withdrawn_at__isnull=True).order_by("-number")

    def update(self, **kwargs: Any) -> int:
        """As Django's. Raises ReleaseImmutable for a frozen field."""
        if set(kwargs) & set(FROZEN):
            raise ReleaseImmutable("A release never changes. Publish a new one instead.")
        return super().update(**kwargs)

    update.alters_data = True

    def delete(self) -> tuple[int, dict[str, int]]:
        """Raises ReleaseImmutable: results name their release, so it stays."""
        raise ReleaseImmutable("A release is never deleted. Withdraw it instead.")

    delete.alters_data = True


class Release(models.Model):
    """One published state of the knowledge. The newest that is not withdrawn is the current one."""

    number = models.PositiveIntegerField(unique=True)
    sha256 = models.CharField("content hash", max_length=64)
    snapshot = models.TextField(help_text="Canonical JSON.")
    changes = models.TextField(blank=True, help_text="What changed, in plain words.")
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="releases"
    )
    job = models.CharField(
        max_length=40, blank=True, help_text="The system job that published it, when no person did."
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="withdrawn_releases",
    )
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(published_by__isnull=False) | ~models.Q(job=""),
                name="release_has_a_publisher",
                violation_error_message="A release names the person or the system job that published it.",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | (models.Q(withdrawn_at__isnull=False) & ~models.Q(withdrawn_reason="")),
                name="release_withdrawn_with_a_reason",
                violation_error_message="Say why the release is withdrawn.",
            ),
        )

    def __str__(self) -> str:
        return f"Release {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises ReleaseImmutable when a saved release's content was changed."""
        frozen = getattr(self, "_frozen", None)
        if frozen is not None and any(getattr(self, name) != value for name, value in frozen.items()):
            raise ReleaseImmutable("A release never changes. Publish a new one instead.")
        super().save(*args, **kwargs)
        if frozen is None:
            self._frozen = {
                f.attname: getattr(self, f.attname) for f in self._meta.concrete_fields if f.name in FROZEN
            }

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raises ReleaseImmutable: results name their release, so it stays."""
        raise ReleaseImmutable("A release is never deleted. Withdraw it instead.")

    @classmethod
    def from_db(cls, db: str, field_names: list[str], values: list[Any]) -> Release:
        """As Django's; remembers the frozen values, so that `save` can tell whether one was touched."""
        release = super().from_db(db, field_names, values)
        release._frozen = {
            name: value
            for name, value in zip(field_names, values, strict=False)
            if name.removesuffix("_id") in FROZEN
        }
        return release

    def clean(self) -> None:
        """A withdrawal needs a reason."""
        if self.withdrawn_at and not self.withdrawn_reason:
            raise ValidationError({"withdrawn_reason": "Say why, in a sentence."})


class ReleaseReport(models.Model):
    """How well a release does on the vignettes: computed once, shown on /accuracy/."""

    release = models.OneToOneField(Release, on_delete=models.CASCADE, related_name="report")
    figures = models.JSONField(help_text="As assessment/accuracy.py computes them.")
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-release__number",)

    def __str__(self) -> str:
        return f"report on release {self.release_id}"


class KnowledgeRecord(models.Model):
    """What was loaded from the shipped files last: tells an editor's change from an old file. There is one row."""

    shipped_sha256 = models.CharField(
        max_length=64, help_text="Of the shipped files, as they were loaded last."
    )
    rows_sha256 = models.CharField(max_length=64, help_text="Of the editors' rows right after that.")
    vignettes = models.JSONField(default=dict, help_text="Vignette -> hash, as they were loaded last.")

    def __str__(self) -> str:
        return "what was loaded from the shipped files"
