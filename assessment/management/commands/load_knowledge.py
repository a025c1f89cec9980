"""manage.py load_knowledge: the shipped questions, evidence, red flags and vignettes become editable rows."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessment import loading
from assessment.compiler import CompileError
from assessment.shipped import KnowledgeFileError

WORDS = {
    "first": "The shipped knowledge was loaded.",
    "same": "The shipped knowledge has not changed.",
    "draft": "The shipped knowledge has changed, and is now the draft. Runners see it once a release is published.",
    "kept": (
        "The shipped knowledge has changed, but so have the editors' rows, which were kept. "
        "load_knowledge --replace gives the editors' changes up for the shipped files."
    ),
}


class Command(BaseCommand):
    help = (
        "Load the shipped knowledge. Editors' changes are kept unless --replace is given. Can be run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds --replace."""
        parser.add_argument(
            "--replace", action="store_true", help="give editors' changes up for the shipped files"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say what became of it."""
        try:
            loaded = loading.load(replace=options["replace"])
        except (KnowledgeFileError, CompileError) as error:
            raise CommandError(f"Nothing was changed. {error}") from error
        if options["verbosity"]:
            self.stdout.write(WORDS[loaded.state])
            if loaded.vignettes_new:
                self.stdout.write(f"{loaded.vignettes_new} vignettes were loaded.")
            if loaded.vignettes_kept:
                self.stdout.write(f"{loaded.vignettes_kept} vignettes were left as editors made them.")
