"""What people do: ask, approve, stop, let go on, find out; and what they try although they may not."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Pause, Resolution
from payouts.models.unknown.resolution import Verdict
from tests.machine.installation import ACCOUNTS
from tests.machine.stage import Stage, one
from tests.machine.steps import draws, ending, people

EQUAL = Decimal(7)


class RulesOfPeople(Stage):
    """Every refusal is an objection: anything else stops the machine."""

    @rule(number=draws.NUMBERS, keeper=draws.KEEPERS, by=draws.ANYBODY, act=draws.BOOKKEEPING)
    def address_book(self, number: int, keeper: str, by: str, act: str) -> None:
        """A fresh UID, or the same address on a chain again; activated sooner or later; revoked at any time."""
        match act:
            case "activate":
                proposed = Address.objects.filter(status="proposed").order_by("proposed_at")
                waiting = list(proposed.values_list("pk", flat=True))
                people.activate(one(waiting or self.entries, number), by=self.who(keeper))
            case "revoke":
                people.revoke(self.entry(number), by=self.who(keeper))
            case _:
                like = Address.objects.select_related("account").get(pk=self.entry(number))
                made = people.propose(like, by=self.who(by))
                self.entries += [made.pk] if made is not None else []
        self.checks.after_a_step()

    # -- requests --

    @precondition(lambda self: self.may_ask())
    @rule(number=draws.NUMBERS, by=draws.REQUESTERS, equal=st.booleans())
    def ask(self, number: int, by: str, equal: bool) -> None:
        """For an amount of its own, or for one that others ask for, too."""
        self.ask_at(self.entry(number), EQUAL if equal else self.amount(), self.who(by))

    @precondition(lambda self: self.may_ask())
    @rule(number=draws.NUMBERS, equal=draws.SELDOM)
    def ask_and_approve(self, number: int, equal: bool) -> None:
        """As it goes when all goes well: three steps in one."""
        self.ask_and_have_approved(number, EQUAL if equal else self.amount())

    @precondition(lambda self: self.may_ask() and self.over())
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
    @rule(number=draws.NUMBERS, approver=draws.APPROVERS, by=draws.REQUESTERS, is_cancelled=st.booleans())
    def say_no(self, number: int, approver: str, by: str, is_cancelled: bool) -> None:
        """To whatever it is, wherever it stands."""
        row = one(self.seen, number)
        if is_cancelled:
            people.cancel(row.id, by=self.who(by))
        else:
            people.reject(row.id, by=self.who(approver))
        self.checks.after_a_step()

    # -- stopping --

    @rule(account=st.sampled_from([*ACCOUNTS, None]), by=draws.ANYBODY, is_meant=draws.SELDOM)
    def pause(self, account: str | None, by: str, is_meant: bool) -> None:
        """One account or everything; one person is enough, but not everybody."""
        person = self.who(by if is_meant else "auditor")
        if account is None:
            people.pause_everything(by=person)
        else:
            people.pause_account(self.here.accounts[account].pk, by=person)
        self.checks.after_a_step()

    @precondition(lambda self: any(row.standing.is_paused for row in self.seen))
    @rule(alone=st.one_of(st.none(), draws.RELEASERS))
    def release(self, alone: str | None) -> None:
        """Everything that is stopped: by as many as it takes, or by one who may be too few, or nobody."""
        if alone is None:
            ending.release_everything(self.here)
        else:
            for stopped in Pause.objects.open().order_by("begun_at"):
                people.release(stopped.pk, by=self.who(alone))
        self.checks.after_a_step()

    # -- finding out --

    @precondition(lambda self: self.undecided())
    @rule(number=draws.NUMBERS, by=draws.APPROVERS, lies=draws.SELDOM)
    def find_out(self, number: int, by: str, lies: bool) -> None:
        """What the book says a minute later; or the contrary, which nobody else will confirm."""
        self.wait(60)
        row = one(self.undecided(), number // 4)
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
