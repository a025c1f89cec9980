"""What every template may use."""

from __future__ import annotations

import re

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """The settings that pages print."""
    return {
        "EMERGENCY_NUMBER": settings.EMERGENCY_NUMBER,
        "EMERGENCY_NUMBERS": dialled(settings.EMERGENCY_NUMBER),
    }


def dialled(words: str) -> list[str]:
    """The numbers in words such as '999 or 112', as a phone dials them: digits, and a leading + where there is one."""
    return [re.sub(r"[^+\d]", "", number) for number in re.findall(r"\+?\d[\d ()-]*", words)]
