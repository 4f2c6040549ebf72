"""Sessions that know whose they are, so that they can be ended when a person or a role changes."""

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class PersonSession(AbstractBaseSession):
    """A browser session; `person_id` is None until somebody has signed in."""

    person_id = models.IntegerField(null=True, db_index=True)

    @classmethod
    def get_session_store_class(cls):  # type: ignore[no-untyped-def]
        """The store that the SESSION_ENGINE setting names."""
        from backoffice.sessions import SessionStore

        return SessionStore
