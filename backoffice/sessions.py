"""The session engine: Django's database sessions, each row naming its person, and renewed without losing a click."""

from datetime import timedelta
from typing import Any, cast

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import transaction
from django.utils import timezone

from payouts.models.session import PersonSession

FOLLOWED_FOR = timedelta(seconds=10)


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

    def renew(self) -> None:
        """Give the session of somebody who has just proved who they are a new id, with the same contents.

        For ten seconds the old id leads to the new one: a second click carries it still. Where somebody enrols or
        signs in, `cycle_key` is right instead, which ends the old id at once. Raises SessionInterrupted when the
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
        """End the session, and what it was renewed to while this request was under way."""
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
