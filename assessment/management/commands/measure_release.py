"""manage.py measure_release: how well the current release does on the vignettes; /accuracy/ shows it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessment import accuracy
from assessment.models import Release


class Command(BaseCommand):
    help = "Run all vignettes on the current release, and keep the figures for the page /accuracy/."

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure, store, and print the most important figures."""
        release = Release.objects.usable().first()
        if release is None:
            raise CommandError("No release is published. manage.py bootstrap publishes the first one.")
        report = accuracy.measure(release)
        if options["verbosity"]:
            for name, group in report.figures.items():
                if isinstance(group, dict):
                    top3 = group["shares"]["condition_top3"]
                    self.stdout.write(
                        f"{name}: {group['cases']} vignettes, right condition among the first three in "
                        f"{top3['hits']} of {top3['of']}"
                        if top3
                        else f"{name}: {group['cases']} vignettes"
                    )
