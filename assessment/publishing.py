"""Publishing as people do it: the draft is proved, frozen, and measured on the vignettes.

The first release of an empty database is published by `manage.py bootstrap` without the proof, since the shipped knowledge is
proved by the project's own tests.
"""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from assessment import accuracy, compiler, releases
from assessment.engine.knowledge import KnowledgeBase
from assessment.engine.proof import prove
from assessment.engine.validate import Problem
from assessment.models import Release


def publish(*, by: AbstractBaseUser | None = None, job: str = "", changes: str = "") -> Release:
    """The next release, proved (docs/proofs.md) and measured. Takes some seconds.

    Raises releases.NothingChanged, compiler.CompileError (unsound, or a check of the proof is refuted) or ValueError; then
    nothing is published.
    """
    with transaction.atomic():
        release = releases.publish(by=by, job=job, changes=changes)
        refuted = [
            check
            for check in prove(KnowledgeBase.from_snapshot(releases.snapshot_of(release)))
            if not check.ok
        ]
        if refuted:
            raise compiler.CompileError(
                tuple(
                    Problem(
                        check.name,
                        f"not so: {check.proves} {check.failures[0].summary if check.failures else ''}",
                    )
                    for check in refuted
                )
            )
    accuracy.measure(release)
    return release
