"""What all rules share: the installation, what was seen of it, and how a world begins and ends."""

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar, TypeVar
from uuid import UUID, uuid5

from django.contrib.auth.models import User
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from demo.simulator.faults.asked import read_fault
from payouts.domain.withdrawals.status import Status
from payouts.models import Address
from tests.machine.checks import Checks
from tests.machine.installation import ACCOUNTS, PROVIDER, Installation
from tests.machine.rows import Seen
from tests.machine.steps import draws, ending, people
from tests.machine.steps.troubles import Trouble
from tests.machine.worker import SecondWorker

MOST, MOST_OPEN = 15, 5  # withdrawals in one example, and those of them that are not over
NAMESPACE = UUID(int=0)
Item = TypeVar("Item")


class Stage(RuleBasedStateMachine):
    """`here` and `second` are set by whoever runs it; `steps` counts what was checked."""

    here: ClassVar[Installation]
    second: ClassVar[SecondWorker]
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.checks = Checks(self.here)
        self.entries: list[UUID] = []
        self.asked_at: dict[UUID, UUID] = {}  # the address of each withdrawal
        self.ends = False

    @initialize(
        duplicates=st.sampled_from(["code", "same_id"]),
        ends=st.integers(0, 4),
        approved=st.lists(draws.NUMBERS, min_size=1, max_size=4),
    )
    def begin(self, duplicates: str, ends: int, approved: list[int]) -> None:
        """A new world, with something to send; one in five is brought to an end afterwards."""
        self.here.begin(duplicates=duplicates)
        self.checks.begin()
        self.ends = ends == 2
        self.entries = [entry.pk for name in ACCOUNTS for entry in self.here.payees[name]]
        for number in approved:
            self.ask_and_have_approved(number, self.amount())

    def teardown(self) -> None:
        """What is held up goes on; no secret stands anywhere."""
        try:
            if self.second.is_held_up:
                self.second.go_on()
                self.checks.after_a_step()
            if self.ends:
                ending.bring_to_an_end(self.here, self.checks)
            if self.checks.taken:
                self.checks.at_the_end()
        finally:
            if self.second.is_held_up:
                self.second.kill()
            Stage.steps += self.checks.taken

    # -- who and what --

    @property
    def seen(self) -> list[Seen]:
        """Every withdrawal as it stood after the last step."""
        return self.checks.seen

    def who(self, name: str) -> User:
        """The person."""
        found: User = getattr(self.here.cast, name)
        return found

    def entry(self, number: int) -> UUID:
        """An entry of the address book."""
        return one(self.entries, number)

    def those(self, *statuses: Status) -> list[Seen]:
        """The withdrawals that stand there."""
        return [row for row in self.seen if row.status in statuses]

    def over(self) -> list[Seen]:
        """The withdrawals that are final."""
        return [row for row in self.seen if row.status.is_final]

    def may_ask(self) -> bool:
        """Whether there is room for one more."""
        return len(self.seen) < MOST and len(self.seen) - len(self.over()) < MOST_OPEN

    def undecided(self) -> list[Seen]:
        """The withdrawals of which people may say what became of them; first those that looks cannot settle."""
        rows = self.those(Status.UNKNOWN, Status.SUBMITTED)
        return sorted(rows, key=lambda row: row.standing.can_look_up)

    def waiting(self, *accounts: str) -> list[str]:
        """Those of these accounts through which something may have to be sent."""
        left = {row.account for row in self.those(Status.APPROVED, Status.UNKNOWN)}
        return [name for name in accounts if self.here.accounts[name].pk in left]

    def found_by_looking(self) -> list[str]:
        """The accounts of which a look may find out something; first the one that may send again."""
        unknown = {row.account for row in self.those(Status.UNKNOWN) if row.standing.can_look_up}
        return [name for name in ACCOUNTS if self.here.accounts[name].pk in unknown]

    # -- acts that several rules make --

    def wait(self, seconds: int) -> None:
        """Time passes."""
        if seconds:
            self.here.grow_older(seconds)

    def trouble(self, account: str, trouble: Trouble | None) -> None:
        """The next call to the account's provider meets it."""
        if trouble is not None:
            self.here.simulator.faults.add(read_fault({"provider": PROVIDER[account], **trouble}))

    def ask_at(self, entry: UUID, amount: Decimal, by: User, retry_of: UUID | None = None) -> UUID | None:
        """Preview and request; None when something was said against it."""
        id_ = uuid5(NAMESPACE, str(self.checks.taken))
        address = Address.objects.get(pk=entry)
        made = people.ask(address, id_, amount, by=by, retry_of=retry_of)
        if made is not None:
            self.checks.wanted[made.reference] = wanted(address, made.reference, amount)
            self.asked_at[id_] = entry
        self.checks.after_a_step()
        return id_ if made is not None else None

    def ask_and_have_approved(self, number: int, amount: Decimal) -> None:
        """As it goes when all goes well: three steps."""
        made = self.ask_at(self.entry(number), amount, self.here.cast.requester)
        if made is not None:
            self.approve_as(self.here.cast.first_approver, made)
            self.approve_as(self.here.cast.second_approver, made)

    def amount(self) -> Decimal:
        """One that no other has: by the number of steps before it."""
        return Decimal(self.checks.taken + 10) + Decimal("0.25")

    def approve_as(self, by: User, id_: UUID, shown: str = "") -> None:
        """One approval, remembered where it counts."""
        if people.approve(id_, by=by, shown=shown) is not None:
            self.checks.approved_by[id_.hex].add(by.pk)
        self.checks.after_a_step()


def one(items: Sequence[Item], number: int) -> Item:
    """One of them, whatever the number."""
    return items[number % len(items)]


def wanted(entry: Address, reference: str, amount: Decimal) -> dict[str, str]:
    """What the provider's documentation has us say of it, in texts; not asked of the code that says it."""
    if entry.kind == "uid":
        told = {"requestId": reference, "coin": "USDT", "addressType": "3"}
        return told | {"address": entry.address, "amount": str(amount)}
    told = {"block_chain": entry.kind, "token_name": "USDT"}
    return told | {"to_address": entry.address, "withdraw_amount": str(amount)}
