"""The site's routes and a page that fails, for the error page tests."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import path

from legpain_site.urls import *  # the handlers too
from legpain_site.urls import urlpatterns as site_patterns


def fault(request: HttpRequest, status: int) -> HttpResponse:
    """Fails in the way that leads to the status."""
    raise {400: SuspiciousOperation, 403: PermissionDenied, 500: RuntimeError}[status]("a planted fault")


urlpatterns = [path("fault/<int:status>/", fault), *site_patterns]
