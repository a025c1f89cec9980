"""manage.py run_vignettes: how often the engine is right about described runners. See docs/how-scoring-works.md."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessment import evaluation, releases
from assessment.models import Vignette
from assessment.vignettes import parse, read_files


class Command(BaseCommand):
    help = "Run vignette files, or without a file the project's own set, on the current release."

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds the files and the options of the format's description."""
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
        parser.add_argument("--walk", action="store_true", help="the interview decides what to ask")
        parser.add_argument("--release", type=int, metavar="N", help="a release other than the current one")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the cases and the summary. Mistakes in files: one line each on standard error, exit status 2."""
        try:
            release = releases.get(options["release"]) if options["release"] else releases.current()
        except releases.ReleaseUnknown as error:
            raise CommandError(
                f"{error} manage.py bootstrap publishes the first one.", returncode=2
            ) from error
        vignettes, mistakes = self._read(release.kb, options["files"])
        if mistakes:
            for mistake in mistakes:
                self.stderr.write(mistake)
            sys.exit(2)
        mode = "walk" if options["walk"] else "all"
        cases = evaluation.run(release.kb, vignettes, mode)
        summary = evaluation.summary(cases)
        if options["format"] == "json":
            document = {
                "release": release.number,
                "sha256": release.sha256,
                "mode": mode,
                "cases": [case.as_json() for case in cases],
                "summary": summary,
            }
            self.stdout.write(json.dumps(document, indent=1))
            return
        self.stdout.write(f"Release {release.number} ({release.sha256[:12]}), mode {mode}")
        for case in cases:
            self.stdout.write(_line(case))
        for name, value in summary.items():
            self.stdout.write(f"{name:22} {'-' if value is None else value}")

    @staticmethod
    def _read(kb: Any, files: list[Path]) -> tuple[list[Any], list[str]]:
        if files:
            return read_files(kb, files)
        vignettes, mistakes = [], []
        for row in Vignette.objects.all():
            vignette, found = parse(kb, row.as_row())
            mistakes += [f"database: {row.code}: {what}" for what in found]
            if vignette:
                vignettes.append(vignette)
        return vignettes, mistakes


def _line(case: evaluation.Case) -> str:
    """One case in one line: its ranks, its tier, and a word where it went wrong."""
    ranks = " ".join(
        f"{kind} {'-' if (rank := case.rank(kind)) is None else rank}" for kind in ("condition", "cause")
    )
    verdict = "UNDER" if case.under else "over" if case.over else ""
    return f"{case.vignette.id[:44]:45} {ranks:24} {case.assessment.tier:10} {verdict}".rstrip()
