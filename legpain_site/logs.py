"""Logging without anybody's answers: the address of an assessment page is the answers, so no log shows one.

Every line, tracebacks included, passes through `RedactingFormatter`, in this site's own log and in gunicorn's.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from legpain_site.env import Reader

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
REMOVED = "[removed]"
# The part of an address after /assessment/. Shorter parts are no token; "assessment/forms.py" is a file of ours.
_WALK = re.compile(r"(?i)(\bassessment/)(?!\w+\.(?:py|html|yaml)\b)[^/\s?#\"'<>]{12,}")
_QUERY = re.compile(r"(/[^\s?\"'<>]*)\?[^\s\"'<>]+")
# A token outside its address, say in an exception's message. A slug or a hash has no capitals.
_LONG = re.compile(r"(?=[a-z0-9_\-=]*[A-Z])[A-Za-z0-9_\-=]{40,}")

logger = logging.getLogger("legpain_site.requests")


def redact(text: str) -> str:
    """The text without walk tokens and without what was searched for."""
    return _LONG.sub(REMOVED, _QUERY.sub(rf"\1?{REMOVED}", _WALK.sub(rf"\1{REMOVED}", text)))


class RedactingFormatter(logging.Formatter):
    """Formats a record, with its traceback, and redacts the whole."""

    def format(self, record: logging.LogRecord) -> str:
        """The line or lines to write."""
        return redact(super().format(record))


class RequestLogMiddleware:
    """One line for each request: method, redacted path, status, milliseconds. No address, agent or referrer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response, after it has been noted."""
        if not logger.isEnabledFor(logging.INFO):
            return self.get_response(request)
        started = time.perf_counter()
        response = self.get_response(request)
        spent = (time.perf_counter() - started) * 1000
        logger.info("%s %s %s %.0fms", request.method, ascii(request.path)[1:-1], response.status_code, spent)
        return response


def formatters() -> dict[str, Any]:
    """The one formatter, for Django's LOGGING and for gunicorn's."""
    return {
        "redacting": {
            "()": "legpain_site.logs.RedactingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    }


def logging_settings(level: str, env: Reader) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error."""
    if level not in LEVELS:
        env.problem(f"LOG_LEVEL is {level!r}. Set it to one of {', '.join(LEVELS)}.")
        level = "INFO"
    to_stderr = {"handlers": ["stderr"], "level": level, "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": formatters(),
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "redacting"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": to_stderr,
            "django.server": to_stderr,  # runserver's own log of requests
            # The queries of DEBUG hold values; they stay off whatever the level.
            "django.db.backends": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        },
    }
