"""Values built from the database and kept in memory, so that warm pages ask the database nothing.

A `Live` builds its value on first use and keeps it. `refresh_all` compares each value's stamp with the
database and rebuilds what is stale: it is called when an editor publishes in this process, and every few
seconds by one background thread per process, so that every worker learns of a change. When the database
is away, the last value stays in use.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from django.conf import settings
from django.db import DatabaseError, connections

logger = logging.getLogger(__name__)

T = TypeVar("T")
_registry: list[Live] = []
_watcher_lock = threading.Lock()
_watcher: threading.Thread | None = None
_stop = threading.Event()


class Live(Generic[T]):
    """A value kept in memory. `stamp()` is cheap and changes when the value does; `build()` makes the value."""

    def __init__(self, name: str, *, stamp: Callable[[], Hashable], build: Callable[[], T]) -> None:
        self.name = name
        self._stamp_of = stamp
        self._build = build
        self._lock = threading.Lock()
        self._held: tuple[Hashable, T] | None = None
        self.stale = False
        """True when the database could not be asked at the last refresh."""
        _registry.append(self)

    def get(self) -> T:
        """The value; built at the first call, afterwards without any query. Raises DatabaseError if it can't be built."""
        held = self._held
        if held is None:
            with self._lock:
                if self._held is None:
                    self._held = (self._stamp_of(), self._build())
                held = self._held
            _start_watcher()
        return held[1]

    def refresh(self) -> bool:
        """Rebuild if the stamp has changed; true if it had. Does nothing before the first `get`."""
        if self._held is None:
            return False
        with self._lock:
            stamp = self._stamp_of()
            self.stale = False
            if self._held is not None and stamp == self._held[0]:
                return False
            self._held = (stamp, self._build())
            return True

    def forget(self) -> None:
        """Drop the value, so that the next `get` builds it (tests)."""
        self._held = None


def refresh_all() -> None:
    """Bring every value in use up to date; one that can't be read keeps its last value and is marked stale."""
    for live in _registry:
        try:
            if live.refresh():
                logger.info("renewed %s", live.name)
        except DatabaseError:
            live.stale = True
            logger.warning("could not renew %s: the database did not answer", live.name)


def forget_all() -> None:
    """Drop every value (tests)."""
    for live in _registry:
        live.forget()


def _watch(seconds: float) -> None:
    while not _stop.wait(seconds):
        try:
            refresh_all()
        except Exception:  # the watcher must outlive any fault, or the site would serve old content for ever
            logger.exception("the background refresh failed")
        finally:
            connections.close_all()


def _start_watcher() -> None:
    """Start this process's background thread, once. Off when LIVE_REFRESH_SECONDS is 0 (tests, commands)."""
    global _watcher
    seconds = settings.LIVE_REFRESH_SECONDS
    if not seconds or (_watcher is not None and _watcher.is_alive()):
        return
    with _watcher_lock:
        if _watcher is None or not _watcher.is_alive():
            _watcher = threading.Thread(target=_watch, args=(seconds,), name="live-refresh", daemon=True)
            _watcher.start()
