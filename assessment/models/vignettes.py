"""Vignettes in the database: cases that clinicians write, against which the knowledge is measured."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from assessment.models.findings import TIER_CHOICES
from content.fields import LinesField


class Vignette(models.Model):
    """One runner's story with the right answer."""

    class Quality(models.TextChoices):
        HIGH = "high", "the story supports the answer well"
        MEDIUM = "medium", "it supports the answer fairly"
        LOW = "low", "too thin; counts for over-triage only"

    code = models.CharField("id", max_length=120, unique=True)
    summary = models.TextField(help_text="One or two lines, in own words.")
    quality = models.CharField(max_length=6, choices=Quality.choices, default=Quality.HIGH)
    safety = models.BooleanField(default=False, help_text="A safety vignette: it must hold before a release.")
    answers = LinesField(
        max_items=100,
        help_text="One question per line, as codes: 'site: shin_front, shin_inner'. Leave out what was not told.",
    )
    conditions = LinesField(help_text="Slugs, one per line. Any of these is right. Empty if none is named.")
    causes = LinesField(help_text="Slugs, one per line, strongest first. May be empty.")
    tier = models.CharField("right advice", max_length=9, choices=TIER_CHOICES)
    tier_ok = LinesField(
        "also acceptable", help_text="All acceptable tiers, one per line. Empty: only the right one."
    )
    source_title = models.CharField(max_length=400, blank=True)
    source_where = models.CharField(max_length=200, blank=True)
    source_year = models.PositiveSmallIntegerField(null=True, blank=True)
    source_url = models.URLField(max_length=400, blank=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code

    def as_row(self) -> dict[str, Any]:
        """The vignette as a file would hold it. Raises ValidationError for a line that is no 'question: options'."""
        source = {
            "title": self.source_title,
            "where": self.source_where,
            "year": self.source_year,
            "url": self.source_url,
        }
        return {
            "id": self.code,
            "summary": self.summary,
            "quality": self.quality,
            "safety": self.safety,
            "source": {name: value for name, value in source.items() if value},
            "answers": dict(map(self._line, self.answers)),
            "expect": {
                "conditions": list(self.conditions),
                "causes": list(self.causes),
                "tier": self.tier,
                "tier_ok": list(self.tier_ok),
            },
        }

    @staticmethod
    def _line(line: str) -> tuple[str, list[str]]:
        code, colon, options = line.partition(":")
        listed = [option.strip() for option in options.split(",") if option.strip()]
        if not colon or not listed:
            raise ValidationError({"answers": f"'{line}' is not of the form 'question: option, option'."})
        return code.strip(), listed

    def clean(self) -> None:
        """Codes are checked against the current release, where there is one."""
        from assessment import releases, vignettes

        row = self.as_row()
        try:
            kb = releases.current().kb
        except releases.ReleaseUnknown:
            return
        _, wrong = vignettes.parse(kb, row)
        if wrong:
            raise ValidationError([f"{what[0].upper()}{what[1:]}." for what in wrong])
