"""The session engine: Django's database sessions, each row naming its person."""

from typing import Any, cast

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions

from payouts.models.session import PersonSession


class SessionStore(DatabaseSessions):
    """Stores sessions in PersonSession, so that a person's sessions can be ended."""

    @classmethod
    def get_model_class(cls) -> type[PersonSession]:
        """The table."""
        return PersonSession

    def create_model_instance(self, data: dict[str, Any]) -> PersonSession:
        """The row for these contents, with the person who is signed in, if any."""
        row = cast(PersonSession, super().create_model_instance(data))
        signed_in = data.get("_auth_user_id")
        row.person_id = int(signed_in) if signed_in else None
        return row
