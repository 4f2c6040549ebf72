"""Sessions: the table, with the person of each row, and the engine that stores them (SESSION_ENGINE).

In one file because each names the other, as in Django's "Extending database-backed session engines". Here and not at
the doors, because the workflow ends a person's sessions when their access or a role changes.
"""

from datetime import timedelta
from typing import Any, cast

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import models, transaction
from django.utils import timezone

FOLLOWED_FOR = timedelta(seconds=10)


class PersonSession(AbstractBaseSession):
    """A browser session; `person_id` is None until somebody has signed in.

    A row with a `successor` is no session any more: it leads to the one with that key until it expires.
    """

    person_id = models.IntegerField(null=True, db_index=True)
    successor = models.CharField(max_length=40, default="")

    @classmethod
    def get_session_store_class(cls):  # type: ignore[no-untyped-def]
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


class SessionStore(DatabaseSessions):
    """Stores sessions in PersonSession, so that a person's sessions can be ended."""

    @classmethod
    def get_model_class(cls) -> type[PersonSession]:
        return PersonSession

    def create_model_instance(self, data: dict[str, Any]) -> PersonSession:
        """The row for these contents, with the person who is signed in, if any."""
        row = cast(PersonSession, super().create_model_instance(data))
        signed_in = data.get("_auth_user_id")
        row.person_id = int(signed_in) if signed_in else None
        return row

    def renew(self) -> None:
        """Give the session of somebody who has just proved who they are a new id, with the same contents.

        For ten seconds the old id leads to the new one, because a second click still carries it. Where somebody enrols
        or signs in, `cycle_key` is right instead, which ends the old id at once. Raises SessionInterrupted when the
        session was ended meanwhile.
        """
        contents = self._contents()
        new = self._get_new_session_key()  # type: ignore[attr-defined]
        with transaction.atomic():
            pointer = {"successor": new, "session_data": "", "expire_date": timezone.now() + FOLLOWED_FOR}
            if self._unless_renewed().update(**pointer):
                self._session_key = new
                self.create_model_instance(contents).save(force_insert=True)
            elif not self._adopt_successor():
                raise SessionInterrupted("The session was ended before it could be renewed.")
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Write the contents, unless the session was renewed meanwhile: then take its new id and write nothing.

        Raises UpdateError when the session was ended.
        """
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        row = self.create_model_instance(self._contents())
        contents = {"session_data": row.session_data, "expire_date": row.expire_date, "person_id": row.person_id}
        if not self._unless_renewed().update(**contents) and not self._adopt_successor():
            raise UpdateError

    def delete(self, session_key: str | None = None) -> None:
        """End the session, and the sessions that it was renewed to while this request was under way."""
        key = session_key or self.session_key
        with transaction.atomic():
            while row := PersonSession.objects.select_for_update().filter(session_key=key).first():
                row.delete()
                key = row.successor

    def _get_session_from_db(self) -> PersonSession | None:
        row = super()._get_session_from_db()  # type: ignore[misc]  # its stubs leave it out
        while row is not None and row.successor:
            self._session_key = row.successor
            row = super()._get_session_from_db()  # type: ignore[misc]
        return cast(PersonSession | None, row)

    def _contents(self) -> dict[str, Any]:
        return cast(dict[str, Any], self._get_session())  # type: ignore[attr-defined]

    def _unless_renewed(self) -> Any:
        return PersonSession.objects.filter(session_key=self.session_key, successor="")

    def _adopt_successor(self) -> bool:
        known = self.session_key
        keys = PersonSession.objects.values_list("successor", flat=True)
        while successor := keys.filter(session_key=self.session_key).first():
            self._session_key = successor
        return bool(self.session_key != known)

    def _validate_session_key(self, key: str | None) -> bool:
        """Letters and digits, as Django makes them: a cookie can spell anything, which PostgreSQL may refuse."""
        made = super()._validate_session_key(key)  # type: ignore[misc]
        return bool(made and key and key.isascii() and key.isalnum())
