"""Sessions that know whose they are, so that they can be ended when a person or a role changes."""

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone


class PersonSession(AbstractBaseSession):
    """A browser session; `person_id` is None until somebody has signed in.

    A row with a `successor` is no session any more: it leads to the one with that key until it expires.
    """

    person_id = models.IntegerField(null=True, db_index=True)
    successor = models.CharField(max_length=40, default="")

    @classmethod
    def get_session_store_class(cls):  # type: ignore[no-untyped-def]
        """The store that the SESSION_ENGINE setting names."""
        from backoffice.sessions import SessionStore

        return SessionStore

    @classmethod
    def end_all(cls, person_id: int, *, keep: str = "") -> int:
        """Sign a person out everywhere, but for the session with the key `keep`; how many sessions ended."""
        theirs = cls.objects.filter(person_id=person_id).exclude(session_key=keep)
        ended = theirs.filter(successor="").count()
        while theirs.delete()[0]:
            pass  # once more: a session that was being renewed has left a new row
        return ended

    @classmethod
    def open_ones(cls, person_id: int) -> int:
        """In how many browsers a person is signed in now."""
        return cls.objects.filter(person_id=person_id, successor="", expire_date__gt=timezone.now()).count()
