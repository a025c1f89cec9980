"""The content app."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    """The app's name and settings."""

    name = "content"
