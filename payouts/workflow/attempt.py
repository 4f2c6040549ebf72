"""Trying an act that policy may object to: one place for the transaction, the refusal in the trail, and the error."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from payouts import audit
from payouts.audit import Actor, Event, Subject
from payouts.domain.errors import NotPermitted, Objection


class Attempt:
    """What the trail says of a refusal: about what, and which facts besides the objection's code."""

    def __init__(self, about: Subject | None, facts: dict[str, Any]) -> None:
        self.about = about
        self.facts = facts

    def on(self, about: Subject | None) -> None:
        """From here on it is about this."""
        self.about = about

    def unless(self, objection: Objection | None) -> None:
        """Go on, or raise NotPermitted."""
        if objection is not None:
            raise NotPermitted(objection)


@contextmanager
def attempt(refused: Event, *, by: Actor, about: Subject | None = None, **facts: Any) -> Iterator[Attempt]:
    """One durable transaction in which an act is done, or refused without a trace but the event `refused`.

    NotPermitted from inside leaves the block once that event is committed; everything else that was written is rolled
    back. Any other error rolls back all of it.
    """
    trying = Attempt(about, facts)
    objected: NotPermitted | None = None
    with transaction.atomic(durable=True):
        try:
            with transaction.atomic():
                yield trying
        except NotPermitted as err:
            objected = err
            audit.record(refused, by=by, about=trying.about, why=err.objection.code, **trying.facts)
    if objected is not None:
        raise objected
