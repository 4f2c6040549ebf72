"""Installations that begin with one approved withdrawal, through the account that is asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from tests.machine import rows
from tests.machine.checks import Checks
from tests.machine.installation import ACCOUNTS, Installation, installed
from tests.machine.stage import wanted
from tests.machine.steps import people

AMOUNT = Decimal("12.5")


@dataclass
class Prepared:
    """What was prepared once, to begin with as often as one likes."""

    here: Installation
    before: int  # the trail's latest event before anything was asked for
    asked: dict[str, dict[str, str]] = field(default_factory=dict)  # by account: what its provider is to be told

    def begin(self, account: str) -> tuple[Installation, Checks]:
        """The withdrawal of this account, approved, and nothing else."""
        self.here.begin(account)
        checks = Checks(self.here)
        checks.begin(after=self.before)
        reference = _id(account).hex
        checks.wanted[reference] = self.asked[account]
        checks.approved_by[reference] = {self.here.cast.first_approver.pk, self.here.cast.second_approver.pk}
        checks.after_a_step()
        return self.here, checks


@contextmanager
def prepared() -> Iterator[Prepared]:
    """For as long as the installation stands."""
    with installed() as here:
        ready = Prepared(here, rows.latest())
        for account in ACCOUNTS:
            here.begin()
            entry, id_ = here.payees[account][0], _id(account)
            people.ask(entry, id_, AMOUNT, by=here.cast.requester)
            for by in (here.cast.first_approver, here.cast.second_approver):
                people.approve(id_, by=by)
            ready.asked[account] = wanted(entry, id_.hex, AMOUNT)
            here.keep(account)
        yield ready


def _id(account: str) -> UUID:
    return UUID(int=1 + ACCOUNTS.index(account))
