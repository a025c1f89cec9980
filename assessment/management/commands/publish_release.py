"""manage.py publish_release: freezes the editors' rows into the next release."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessment import publishing, releases
from assessment.compiler import CompileError


class Command(BaseCommand):
    help = "Prove the draft, publish it as the next release, and measure it. Without a change it makes none."

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds --job and --changes."""
        parser.add_argument(
            "--job", default="publish_release command", help="the name of the job that publishes"
        )
        parser.add_argument("--changes", default="", help="what changed, in plain words")

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish, and say which release it is."""
        try:
            release = publishing.publish(job=options["job"], changes=options["changes"])
        except releases.NothingChanged as same:
            if options["verbosity"]:
                self.stdout.write(f"Nothing to publish: {same}")
            return
        except (CompileError, ValueError) as error:
            raise CommandError(f"Nothing was published. {error}") from error
        if options["verbosity"]:
            self.stdout.write(f"Release {release.number} is published ({release.sha256[:12]}).")
