"""Time passes: everything that is written down in a database or in a provider's book becomes that much older."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from django.db import connection

from demo.simulator.book import Book, Call
from tests.machine.aside import unguarded


class NotedBook(Book):
    """A book that can grow older, and knows whose order each call carried."""

    def __init__(self) -> None:
        super().__init__()
        self.sending: str | None = None  # the reference of the order whose call is under way
        self._senders: list[str | None] = []

    def remember(self, call: Call) -> Call:
        """As Book does."""
        self._senders.append(self.sending)
        return super().remember(call)

    def remember_from_outside(self, call: Call) -> None:
        """A payment that no order of ours asked for, whatever is under way meanwhile."""
        sending, self.sending = self.sending, None
        self.remember(call)
        self.sending = sending

    def sender(self, call: Call) -> str | None:
        """The reference of the order that the call carried; None where no call of ours did."""
        return self._senders[call.sequence - 1]

    def age(self, seconds: int) -> None:
        """Let everything have happened so many seconds earlier."""
        older = {id(call): replace(call, received_at=call.received_at - seconds) for call in self._calls}
        self._calls = [older[id(call)] for call in self._calls]
        self._booked = {key: older[id(call)] for key, call in self._booked.items()}
        for theirs, calls in self._giving_back.items():
            self._giving_back[theirs] = [older[id(call)] for call in calls]


def grow_older(seconds: int) -> None:
    """Every moment in every row of the app lies so many seconds further back; past the guards, which forbid just that.

    Whole seconds, because a provider's records tell no finer ones.
    """
    unguarded(*(each.replace("{}", str(seconds)) for each in _statements()), *_told_again())


@cache
def _statements() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, array_agg(c.column_name::text) FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'"
            " AND c.table_name LIKE 'payouts\\_%' AND c.data_type = 'timestamp with time zone' GROUP BY 1 ORDER BY 1"
        )
        found = cursor.fetchall()
    return [
        f"UPDATE {table} SET " + ", ".join(f"{name} = {name} - interval '{{}} s'" for name in sorted(columns))  # noqa: S608
        for table, columns in found
    ]


def _told_again() -> Iterator[str]:
    """A moment that people decide about stands in a proposal's text, too: as the older row says it, in a new digest."""
    for table, moment in (("payouts_pause", "begun_at"), ("payouts_resolution", "looked_at")):
        told = f"to_char(it.{moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
        text = f"""regexp_replace(p.content, '"{moment}":"[^"]*"', '"{moment}":"' || {told} || '+00:00"')"""
        yield f"UPDATE payouts_proposal p SET content = {text} FROM {table} it WHERE it.proposal_id = p.id"  # noqa: S608
        digest = "encode(sha256(convert_to(p.content, 'UTF8')), 'hex')"
        yield f"UPDATE payouts_proposal p SET digest = {digest} FROM {table} it WHERE it.proposal_id = p.id"  # noqa: S608
        yield (
            "UPDATE payouts_approval a SET digest = p.digest FROM payouts_proposal p"  # noqa: S608
            f" JOIN {table} it ON it.proposal_id = p.id WHERE a.proposal_id = p.id"
        )
