"""manage.py bootstrap: articles and knowledge as shipped, and release 1 on an empty database."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from assessment import releases
from assessment.compiler import CompileError
from assessment.models import Release, ReleaseReport


class Command(BaseCommand):
    help = "Load what ships; on an empty database, publish release 1. Can be run again at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        """All of it in one transaction: when a file is wrong, nothing is changed."""
        verbosity = options["verbosity"]
        with transaction.atomic():
            call_command("load_content", verbosity=verbosity, stdout=self.stdout)
            call_command("load_knowledge", verbosity=verbosity, stdout=self.stdout)
            if not Release.objects.exists():
                try:
                    release = releases.publish(
                        job="first set-up", changes="The first release: what ships with the site."
                    )
                except CompileError as error:
                    raise CommandError(f"The first release could not be published. {error}") from error
                if verbosity:
                    self.stdout.write(f"Release {release.number} is published ({release.sha256[:12]}).")
        current = Release.objects.usable().first()
        if current and not ReleaseReport.objects.filter(release=current).exists():
            call_command("measure_release", verbosity=0)
