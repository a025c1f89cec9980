"""Error pages. They need no database, and when their template fails too, a few plain words stay."""

from __future__ import annotations

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.html import escape

logger = logging.getLogger(__name__)

PLAIN = (
    '<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
    '<body><main><h1>{title}</h1><p>{words}</p><p>In an emergency, call {number}.</p><p><a href="/">Go to the start page</a></p></main></body></html>'
)
WORDS = {
    400: ("We could not read that request", "Go back and try again."),
    403: ("You can't open this page", "You may need to log in, or to go back and send the form again."),
    404: ("Page not found", "Check the address, or start again from the start page."),
    500: ("Something went wrong on our side", "Nothing is wrong with your answers. Try again in a minute."),
}


def _page(request: HttpRequest, status: int, **context: object) -> HttpResponse:
    """The page of that status: its template, or plain words when the template can't be rendered."""
    try:
        body = loader.render_to_string(f"{status}.html", {"status": status, **context}, request)
    except Exception:  # an error page must never be an error itself
        logger.exception("the template of error page %s failed", status)
        title, words = WORDS[status]
        body = PLAIN.format(title=title, words=words, number=escape(settings.EMERGENCY_NUMBER))
    return HttpResponse(body, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for a request that can't be read (400)."""
    return _page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for somebody who may not do this (403)."""
    return _page(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for an unknown address (404)."""
    return _page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for a fault of ours (500)."""
    return _page(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a staff form without a valid CSRF token (403)."""
    return _page(request, 403, csrf=True)
