"""System checks of the platform, run by `manage.py check --deploy`.

Most mistakes stop the start already (legpain_site/env.py); these are settings that work, but not well.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

AT_ONCE_SECONDS = 5
"""What editors are promised: what they publish is seen by every process within this time."""


@register(Tags.security, deploy=True)
def published_is_seen_at_once(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warns when processes look too seldom for what was published."""
    seconds = settings.LIVE_REFRESH_SECONDS
    if 0 < seconds <= AT_ONCE_SECONDS:
        return []
    return [
        Warning(
            f"LIVE_REFRESH_SECONDS is {seconds:g}, so what an editor publishes is not seen at once.",
            hint=f"Set LIVE_REFRESH_SECONDS to a number above 0 and up to {AT_ONCE_SECONDS}, or leave it out.",
            id="legpain_site.W001",
        )
    ]
