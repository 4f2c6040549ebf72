"""What people do: ask, approve, stop, let go on, find out; and what they try although they may not."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from payouts.domain.status import Status
from payouts.models import Address, Pause, Resolution
from payouts.models.resolution import Verdict
from tests.machine import draws, ending, people
from tests.machine.stage import MOST, Stage, one

EQUAL = Decimal(7)


class RulesOfPeople(Stage):
    """Every refusal is an objection: anything else stops the machine."""

    # -- the address book --

    @rule(number=draws.NUMBERS, by=draws.ANYBODY)
    def propose_address(self, number: int, by: str) -> None:
        """A fresh UID, or the same address on a chain again."""
        like = Address.objects.select_related("account").get(pk=self.entry(number))
        made = people.propose(like, by=self.who(by))
        if made is not None:
            self.entries.append(made.pk)
        self.checks.after_a_step()

    @rule(number=draws.NUMBERS, by=draws.KEEPERS)
    def activate_address(self, number: int, by: str) -> None:
        """Mostly one that waits."""
        proposed = Address.objects.filter(status="proposed").order_by("proposed_at").values_list("pk", flat=True)
        people.activate(one(list(proposed) or self.entries, number), by=self.who(by))
        self.checks.after_a_step()

    @rule(number=draws.NUMBERS, by=draws.KEEPERS)
    def revoke_address(self, number: int, by: str) -> None:
        """Whatever is on its way to it."""
        people.revoke(self.entry(number), by=self.who(by))
        self.checks.after_a_step()

    # -- requests --

    @precondition(lambda self: len(self.seen) < MOST)
    @rule(number=draws.NUMBERS, by=draws.REQUESTERS, equal=st.booleans())
    def ask(self, number: int, by: str, equal: bool) -> None:
        """For an amount of its own, or for one that others ask for, too."""
        self.ask_at(self.entry(number), self._amount(equal), self.who(by))

    @precondition(lambda self: len(self.seen) < MOST)
    @rule(number=draws.NUMBERS, equal=draws.SELDOM)
    def ask_and_approve(self, number: int, equal: bool) -> None:
        """As it goes when all goes well: three steps in one."""
        made = self.ask_at(self.entry(number), self._amount(equal), self.here.cast.requester)
        if made is not None:
            self.approve_as(self.here.cast.first_approver, made)
            self.approve_as(self.here.cast.second_approver, made)

    @precondition(lambda self: len(self.seen) < MOST and self.over())
    @rule(number=draws.NUMBERS, by=draws.REQUESTERS)
    def ask_again(self, number: int, by: str) -> None:
        """For the very same, naming the one that was not paid; or trying to name one that was."""
        earlier = one(self.over(), number)
        made = self.ask_at(self.asked_at[earlier.id], earlier.group[3].normalize(), self.who(by), earlier.id)
        if made is not None:
            self.approve_as(self.here.cast.first_approver, made)
            self.approve_as(self.here.cast.third_approver, made)

    @precondition(lambda self: self.seen)
    @rule(number=draws.NUMBERS, by=draws.APPROVERS, stale=draws.SELDOM)
    def approve(self, number: int, by: str, stale: bool) -> None:
        """Mostly one that waits for it."""
        row = one(self.those(Status.AWAITING_APPROVAL) or self.seen, number)
        self.approve_as(self.who(by), row.id, shown="0" * 64 if stale else "")

    @precondition(lambda self: self.seen)
    @rule(number=draws.NUMBERS, by=draws.APPROVERS)
    def reject(self, number: int, by: str) -> None:
        """Whatever it is."""
        people.reject(one(self.seen, number).id, by=self.who(by))
        self.checks.after_a_step()

    @precondition(lambda self: self.seen)
    @rule(number=draws.NUMBERS, by=draws.REQUESTERS)
    def cancel(self, number: int, by: str) -> None:
        """Whatever it is."""
        people.cancel(one(self.seen, number).id, by=self.who(by))
        self.checks.after_a_step()

    # -- stopping --

    @rule(account=draws.ACCOUNT, by=draws.ANYBODY)
    def pause_account(self, account: str, by: str) -> None:
        """One person is enough."""
        people.pause_account(self.here.accounts[account].pk, by=self.who(by))
        self.checks.after_a_step()

    @rule(by=draws.ANYBODY)
    def pause_everything(self, by: str) -> None:
        """The button."""
        people.pause_everything(by=self.who(by))
        self.checks.after_a_step()

    @precondition(lambda self: any(row.standing.is_paused for row in self.seen))
    @rule(by=st.lists(draws.RELEASERS, min_size=1, max_size=3))
    def release(self, by: list[str]) -> None:
        """Everything that is stopped, by these."""
        for pause in Pause.objects.open().order_by("begun_at"):
            for name in by:
                people.release(pause.pk, by=self.who(name))
                self.checks.after_a_step()

    # -- finding out --

    @precondition(lambda self: self.undecided())
    @rule(number=draws.NUMBERS, by=draws.APPROVERS, lies=draws.SELDOM)
    def find_out(self, number: int, by: str, lies: bool) -> None:
        """What the book says a minute later; or the contrary, which nobody else will confirm."""
        self.wait(60)
        row = one(self.undecided(), number)
        says = ending.what_to_say(self.here, row)
        if says is not None:
            verdict, found = says
            lie = "99999999" if verdict is Verdict.NOT_PAID else None
            people.find_out(row.id, lie if lies else found, by=self.who(by))
        self.checks.after_a_step()

    @precondition(lambda self: self.undecided())
    @rule(number=draws.NUMBERS, by=draws.APPROVERS)
    def decide(self, number: int, by: str) -> None:
        """Somebody looks as well, and confirms what is so; who lied tries to confirm it himself."""
        waiting = list(Resolution.objects.proposed().order_by("proposed_at").prefetch_related("lines"))
        if waiting:
            found, person = one(waiting, number), self.who(by)
            says_yes = person == found.proposed_by or ending.is_so(self.here, self.checks, found)
            (people.confirm if says_yes else people.decline)(found.pk, by=person)
        self.checks.after_a_step()

    def _amount(self, equal: bool) -> Decimal:
        """Of its own, by the number of steps before it."""
        return EQUAL if equal else Decimal(self.checks.taken + 10) + Decimal("0.25")
