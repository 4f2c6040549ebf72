"""A database that goes back in time, with a witness that does not."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from payouts.models import Pause
from tests.props import decisions
from tests.props.cast import Cast


@contextmanager
def lost() -> Iterator[None]:
    """What is written meanwhile never happened, as far as the database knows."""
    before = transaction.savepoint()
    yield
    transaction.savepoint_rollback(before)


class GoesBack:
    """For a provider's `meanwhile`: at that moment the database loses what was written since `here`."""

    def __init__(self) -> None:
        self._before = ""

    def here(self) -> None:
        self._before = transaction.savepoint()

    def now(self) -> None:
        transaction.savepoint_rollback(self._before)


def released(cast: Cast, it: Pause) -> Pause:
    """By two people."""
    for person in (cast.first_approver, cast.second_approver):
        it = Pause.objects.get(pk=it.pk)
        decisions.yes(it, person, note="Looked at on both sides")
    it.refresh_from_db()
    return it
