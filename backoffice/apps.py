"""The project as an app: its static files, templates and checks."""

from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "backoffice"
    verbose_name = "Back office"

    def ready(self) -> None:
        """Listen for sign-outs, which Django tells by signal only."""
        from backoffice import trail  # noqa: F401  connects
