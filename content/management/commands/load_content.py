"""manage.py load_content: bring the shipped articles into the database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from content.loading import load
from content.shipped import LIBRARY, LibraryError, read


class Command(BaseCommand):
    help = "Loads the articles of content/library, all or nothing. What an editor has changed stays as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--folder", type=Path, default=LIBRARY, help="the library; by default the shipped one"
        )
        parser.add_argument("--check", action="store_true", help="only read the files and say what is wrong")

    def handle(self, *args: Any, folder: Path, check: bool, verbosity: int, **options: Any) -> None:
        try:
            if check:
                rows = read(folder)
                lines = [
                    "The library is sound: " + ", ".join(f"{len(rows[kind])} {kind}" for kind in rows) + "."
                ]
            else:
                lines = load(folder).lines()
        except LibraryError as error:
            raise CommandError(f"Nothing was loaded. Please mend:\n{error}") from error
        if verbosity:
            self.stdout.write("\n".join(lines))
