"""The assessment app."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    """The app's name and settings."""

    name = "assessment"
