"""The content app: causes, conditions, tips, questions and answers, and the references behind them."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    """Connects the signals that tell every process when an article has changed."""

    name = "content"
    verbose_name = "Articles"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Called by Django once the models are loaded."""
        from content import version

        version.connect()
