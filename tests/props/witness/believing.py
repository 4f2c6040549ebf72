"""Witnesses for tests: one that believes the rows, for all that is not about witnesses."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from payouts.domain.sending.witness import Entry, Known, Trail
from payouts.models import Account, WitnessLink
from payouts.workflow.sending.server import server_now
from payouts.workflow.sending.witnessed import last_call, link, trails


def in_step() -> Known:
    """What a witness knows that was told of everything that stands in the rows."""
    last = {account.name: _entry(account, *last_call(account)) for account in Account.objects.all()}
    known = {name: entry for name, entry in last.items() if entry.serial}
    return Known(witness=_id(), last=known, trail=trails(Trail())[1])


def _id() -> UUID:
    found = link()
    if found is None:
        server = server_now()
        assert server is not None
        names = {"system_identifier": server.system_identifier, "timeline": server.timeline}
        facts = {"witness": uuid4(), "place": "a test", "founded_at": timezone.now(), **names}
        found, _ = WitnessLink.objects.get_or_create(one=True, defaults=facts)  # also where two threads ask at once
    return found.witness


def _entry(account: Account, serial: int, call: UUID | None) -> Entry:
    at = timezone.now() - timedelta(seconds=1)
    return Entry(account.name, serial, call or UUID(int=0), "0" * 32, "0" * 64, at)


class BelievingWitness:
    """Knows what the rows say, and takes whatever it is told."""

    def known(self) -> Known:
        return in_step()

    def append(self, entry: Entry, *, trail: Trail | None = None, after: Trail | None = None) -> None:
        pass

    def tell(self, trail: Trail, *, after: Trail) -> None:
        pass

    def release(self, proposal: UUID, *, trail: Trail) -> None:
        pass

    def calls(self, account: str, *, after: int) -> list[Entry]:
        raise AssertionError(f"Nothing was lost of {account} after {after}.")

    def close(self) -> None:
        pass
