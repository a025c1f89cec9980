"""Registers the platform's system checks."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The platform: settings, headers, logs, health."""

    name = "legpain_site"
    verbose_name = "Site"

    def ready(self) -> None:
        """Register the checks."""
        from legpain_site import checks  # noqa: F401
