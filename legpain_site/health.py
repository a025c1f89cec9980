"""Liveness and readiness, answered before any check of host, session or log-in, since probes ask by address.

/healthz: this process answers. It asks the database nothing, so an outage never makes an orchestrator restart
          processes that are still walking runners from memory.
/readyz:  this process can take new runners: the database answers, its tables are up to date, and a release is
          published. 200 or 503, with the parts as JSON.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

logger = logging.getLogger(__name__)


class HealthMiddleware:
    """Answers GET and HEAD of /healthz and /readyz; everything else goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The state of this process, or the response of the site."""
        answer = {"/healthz": healthz, "/readyz": readyz}.get(request.path)
        if answer is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        response = answer(request)
        response.headers["Cache-Control"] = "no-store"
        return response


def healthz(request: HttpRequest) -> HttpResponse:
    """Says that the process is alive."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """Says whether new runners can be served, and which release they would get."""
    state: dict[str, Any] = {"database": False, "migrations": False, "release": None}
    try:
        state["database"] = _database_answers()
        state["migrations"] = not unapplied_migrations()
        if state["migrations"]:
            state["release"] = _release_number()
    except DatabaseError:
        # The driver's message may hold the database's address: it goes to the log, not to the asker.
        logger.warning("not ready: the database did not answer", exc_info=True)
    ready = state["database"] and state["migrations"] and state["release"] is not None
    return JsonResponse({"ready": ready, **state}, status=200 if ready else 503)


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def unapplied_migrations() -> list[str]:
    """The migrations that the database lacks. Raises DatabaseError if it can't be asked."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def _release_number() -> int | None:
    """The number of the release that new walks begin on; none when nothing is published yet."""
    from assessment import (
        releases,
    )  # here, since the apps are not loaded yet when the settings name this module

    try:
        return releases.current().number
    except releases.ReleaseUnknown:
        return None
