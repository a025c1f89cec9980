"""manage.py verify_release: proves what must hold of a release for every possible set of answers. See docs/proofs.md."""

from __future__ import annotations

import sys
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessment import releases
from assessment.engine.answers import Answers
from assessment.engine.knowledge import KnowledgeBase
from assessment.engine.proof import prove
from assessment.engine.proof_parts import Check, Story
from assessment.models import Vignette
from assessment.vignettes import parse


class Command(BaseCommand):
    help = "Prove a release: walks end, rules hold, every finding can come first. Exit status 1 when a check fails."

    def add_arguments(self, parser: CommandParser) -> None:
        """Adds --release."""
        parser.add_argument("--release", type=int, metavar="N", help="a release other than the current one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each check with its verdict, and counterexamples as vignettes. Verbosity 2 prints every witness."""
        try:
            release = releases.get(options["release"]) if options["release"] else releases.current()
        except releases.ReleaseUnknown as error:
            raise CommandError(
                f"{error} manage.py bootstrap publishes the first one.", returncode=2
            ) from error
        self.stdout.write(f"Release {release.number} ({release.sha256[:12]})")
        checks = prove(release.kb, self._cases(release.kb))
        for check in checks:
            self._print(check, options["verbosity"])
        failed = [check.name for check in checks if not check.ok]
        if failed:
            self.stdout.write(f"Refuted: {', '.join(failed)}.")
            sys.exit(1)
        self.stdout.write(f"Proved: {len(checks)} checks.")

    def _cases(self, kb: KnowledgeBase) -> dict[str, Answers]:
        """The answers of the project's own vignettes; one that this release can't read is named and left out."""
        cases = {}
        for row in Vignette.objects.all():
            vignette, mistakes = parse(kb, row.as_row())
            if vignette is None:
                self.stderr.write(f"Vignette {row.code} is left out: {'; '.join(mistakes)}")
            else:
                cases[vignette.id] = Answers.parse(kb, vignette.answers, strict_none=False)
        return cases

    def _print(self, check: Check, verbosity: int) -> None:
        self.stdout.write(f"{'ok  ' if check.ok else 'FAIL'} {check.name}: {check.proves}")
        self.stdout.write(f"     {check.how}.")
        for warning in check.warnings:
            self.stdout.write(f"     warning: {warning}")
        if verbosity > 1 or check.name == "findings-first":
            for story in check.witnesses:
                self.stdout.write(f"     {story.id}: {_line(story)}")
        if check.failures:
            self.stdout.write(
                f"     {check.failed} against it; the first {len(check.failures)}, as vignettes:"
            )
            rows = [story.as_vignette() for story in check.failures]
            self.stdout.write(yaml.safe_dump(rows, sort_keys=False, allow_unicode=True, width=110))


def _line(story: Story) -> str:
    """A witness's answers in one line."""
    return "; ".join(f"{code}={', '.join(options)}" for code, options in story.answers.items())
