"""System checks of the platform, run by `manage.py check` and before each command."""
