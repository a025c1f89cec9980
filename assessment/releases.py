"""Releases: published from the editors' rows, kept in memory, found again by number.

The site reads releases only. The current one is the newest that is not withdrawn; older ones are read once, when a walk
that began on them comes by, and then kept too.
"""

from __future__ import annotations

import datetime
import json
import threading
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from assessment import compiler, drafts
from assessment.engine.knowledge import KnowledgeBase
from assessment.models import Release
from assessment.texts import texts
from content.live import Live, refresh_all

MAX_NUMBER = 65_535
"""The largest number that a walk's token has room for."""


class ReleaseUnknown(LookupError):
    """There is no such release, or none at all."""


class NothingChanged(Exception):
    """The draft is the same as the current release, so there is nothing to publish."""


@dataclass(frozen=True, eq=False)
class Compiled:
    """A release in memory, ready to reason with."""

    number: int
    sha256: str
    published_at: datetime.datetime
    withdrawn: bool
    snapshot: dict[str, Any]

    @cached_property
    def kb(self) -> KnowledgeBase:
        """The knowledge base."""
        return KnowledgeBase.from_snapshot(self.snapshot)

    @property
    def mark(self) -> bytes:
        """The first four bytes of the content hash: ties a token to what its bits mean."""
        return bytes.fromhex(self.sha256[:8])


class _Shelf:
    """The compiled releases of this process."""

    def __init__(self, current: Compiled | None, withdrawn: frozenset[int]) -> None:
        self.current = current
        self.withdrawn = withdrawn
        self.by_number: dict[int, Compiled] = {current.number: current} if current else {}
        self.lock = threading.Lock()

    def get(self, number: int) -> Compiled:
        """That release; read from the database the first time. Raises ReleaseUnknown."""
        found = self.by_number.get(number)
        if found is None:
            with self.lock:
                found = self.by_number.get(number)
                if found is None:
                    row = Release.objects.filter(number=number).first()
                    if row is None:
                        raise ReleaseUnknown(f"There is no release {number}.")
                    found = _compiled(row)
                    self.by_number[number] = found
        return found


def _compiled(row: Release) -> Compiled:
    compiled = Compiled(
        number=row.number,
        sha256=row.sha256,
        published_at=row.published_at,
        withdrawn=row.withdrawn_at is not None,
        snapshot=json.loads(row.snapshot),
    )
    if compiler.digest(row.snapshot) != row.sha256:
        raise ReleaseUnknown(f"Release {row.number} is damaged: its content does not match its hash.")
    # Built here and not at the first request that needs it, so that the first runner does not wait.
    _ = compiled.kb
    return compiled


def _stamp() -> Hashable:
    """Changes when a release is published or withdrawn; one query."""
    return tuple(Release.objects.order_by("number").values_list("number", "withdrawn_at"))


def _build() -> _Shelf:
    row = Release.objects.usable().first()
    withdrawn = frozenset(Release.objects.filter(withdrawn_at__isnull=False).values_list("number", flat=True))
    return _Shelf(_compiled(row) if row else None, withdrawn)


_shelf: Live[_Shelf] = Live("releases", stamp=_stamp, build=_build)


def current() -> Compiled:
    """The release that new walks begin on. Raises ReleaseUnknown when nothing is published."""
    shelf = _shelf.get()
    if shelf.current is None:
        raise ReleaseUnknown("No release is published yet.")
    return shelf.current


def get(number: int) -> Compiled:
    """The release of that number, withdrawn or not. Raises ReleaseUnknown."""
    return _shelf.get().get(number)


def is_withdrawn(number: int) -> bool:
    """True when that release was withdrawn."""
    return number in _shelf.get().withdrawn


# --- publishing ---------------------------------------------------------------------------------------


def snapshot_of(release: Release) -> dict[str, Any]:
    """What a release holds, as plain values."""
    snapshot: dict[str, Any] = json.loads(release.snapshot)
    return snapshot


def draft_snapshot() -> dict[str, Any]:
    """The snapshot that the editors' rows would make now. Raises compiler.CompileError."""
    snapshot = compiler.compile_snapshot(drafts.from_rows(), texts())
    missing = [f["slug"] for f in (*snapshot["conditions"], *snapshot["causes"]) if not f["summary"]]
    if missing:
        raise compiler.CompileError(
            tuple(compiler.Problem(f"finding {slug}", "has no published article") for slug in missing)
        )
    return snapshot


@transaction.atomic
def publish(*, by: AbstractBaseUser | None = None, job: str = "", changes: str = "") -> Release:
    """Freeze the editors' rows into the next release.

    Raises NothingChanged when they are what the current release holds, CompileError when they are unsound, ValueError
    when neither a person nor a system job is named.
    """
    if by is None and not job:
        raise ValueError("Name the person or the system job that publishes.")
    # The lock lets one publisher at a time through (SQLite: the immediate transaction does).
    latest = Release.objects.select_for_update().usable().first()
    text = compiler.canonical(draft_snapshot())
    sha256 = compiler.digest(text)
    if latest and latest.sha256 == sha256:
        raise NothingChanged(f"Release {latest.number} holds this already.")
    number = (Release.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    if number > MAX_NUMBER:
        raise ValueError(f"There can be {MAX_NUMBER} releases at the most.")
    release = Release.objects.create(
        number=number,
        sha256=sha256,
        snapshot=text,
        changes=changes,
        published_at=timezone.now(),
        published_by=by,
        job=job,
    )
    transaction.on_commit(refresh_all, robust=True)
    return release


@transaction.atomic
def withdraw(number: int, *, by: AbstractBaseUser, reason: str) -> Release:
    """Take a release out of use; the newest other one becomes current. Raises ReleaseUnknown or ValueError."""
    if not reason.strip():
        raise ValueError("Say why the release is withdrawn.")
    release = Release.objects.select_for_update().filter(number=number, withdrawn_at__isnull=True).first()
    if release is None:
        raise ReleaseUnknown(f"There is no release {number} in use.")
    if not Release.objects.usable().exclude(number=number).exists():
        raise ValueError("This is the only release in use. Publish another one first.")
    release.withdrawn_at, release.withdrawn_by, release.withdrawn_reason = timezone.now(), by, reason.strip()
    release.save()
    transaction.on_commit(refresh_all, robust=True)
    return release
