"""Rows that the app keeps for itself; no editor sees them."""

from __future__ import annotations

from django.db import models


class ContentVersion(models.Model):
    """One row whose stamp changes with any change of content (content/version.py)."""

    stamp = models.CharField(max_length=32)

    class Meta:
        verbose_name = "content version"

    def __str__(self) -> str:
        return self.stamp


class ShippedRow(models.Model):
    """What was loaded from the library once. A row of it that is gone was deleted on purpose, and stays so."""

    kind = models.CharField(max_length=20)
    slug = models.SlugField(max_length=80)
    hash = models.CharField(max_length=64, help_text="Of the shipped file's content when it was last loaded.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["kind", "slug"], name="shipped_row_once"),)
        ordering = ("kind", "slug")

    def __str__(self) -> str:
        return f"{self.kind}/{self.slug}"
