"""What every template may use."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str]:
    """The settings that pages print."""
    return {"EMERGENCY_NUMBER": settings.EMERGENCY_NUMBER}
