"""What workers, time and the provider do: drain, sweep, look, review, die, be late, go wrong."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from demo.simulator.book import Call
from demo.simulator.faults.fate import DONE, REVIEW, Fate
from tests.machine import worker
from tests.machine.installation import ACCOUNTS, BLIND, CUSTOMER, IDEMPOTENT, LOOK_UP_ONLY, PROVIDER
from tests.machine.stage import Stage, one
from tests.machine.steps import draws
from tests.machine.steps.troubles import LOST, Trouble
from tests.machine.worker import HOLDING, Work
from tests.props.boundaries import Boundary

ZOOMEX = (IDEMPOTENT, LOOK_UP_ONLY)
STRANGER = {"zoomex": "90000001", "swapspace": "0x52908400098527886E0F7030069857D2E4169EE7"}


class RulesOfWorkers(Stage):
    """Nothing here raises, whatever the provider does."""

    @precondition(lambda self: self.waiting(*ZOOMEX))
    @rule(number=draws.NUMBERS, trouble=draws.TROUBLE["zoomex"], after=draws.BRIEFLY, calls=draws.CALLS)
    def drain(self, number: int, trouble: Trouble | None, after: int, calls: int) -> None:
        """Where something is approved or may be sent once more; the next call may meet a fault."""
        self._drain(one(self.waiting(*ZOOMEX), number), trouble, after, calls)

    @precondition(lambda self: self.waiting(*ACCOUNTS))
    @rule(number=draws.NUMBERS, after=draws.BRIEFLY)
    def drain_well(self, number: int, after: int) -> None:
        """Everything that is due somewhere, and nothing goes wrong that was not scripted before."""
        self._drain(one(self.waiting(*ACCOUNTS), number), None, after, calls=3)

    @precondition(lambda self: self.waiting(BLIND))
    @rule(trouble=draws.TROUBLE["swapspace"], after=draws.BRIEFLY, calls=draws.CALLS)
    def drain_blind(self, trouble: Trouble | None, after: int, calls: int) -> None:
        """The same where a fault cannot be looked into."""
        self._drain(BLIND, trouble, after, calls)

    @rule(call=draws.CALL, at=draws.at("dispatch", "submit", "clock"))
    def drain_killed(self, call: tuple[str, Trouble | None], at: Boundary) -> None:
        """Wherever it is by then."""
        self.trouble(*call)
        worker.killed_at(at, worker.drain(call[0], calls=2))
        self.checks.after_a_step()

    @rule(after=st.sampled_from([15, 100]), at=draws.perhaps_at("dispatch", "accounts_due", "ask_for_look"))
    def sweep(self, after: int, at: Boundary | None) -> None:
        """Every fifteen seconds, as the queue has it, or late; perhaps killed in the middle."""
        self.wait(after)
        self._perhaps_killed(worker.sweep, at)

    @precondition(lambda self: self.undecided())
    @rule(look=draws.LOOK, after=draws.UNTIL_A_LOOK, at=draws.perhaps_at("reconcile", "records"))
    def look(self, look: tuple[str, Trouble | None], after: int, at: Boundary | None) -> None:
        """At what is due by then; perhaps killed before it is written down, or after."""
        self.wait(after)
        self.trouble(*look)
        self._perhaps_killed(worker.look(look[0]), at)

    @precondition(lambda self: self.found_by_looking())
    @rule(looks=st.sampled_from([1, 2, 2, 3]), trouble=draws.TROUBLE["zoomex"])
    def look_again(self, looks: int, trouble: Trouble | None) -> None:
        """As often as it takes until something may be sent once more, or until only people can tell; and send it."""
        self._look_again(self.found_by_looking()[0], looks, trouble)

    @precondition(lambda self: self.waiting(IDEMPOTENT))
    @rule(lost=st.sampled_from(LOST), looks=st.sampled_from([1, 2, 2, 3]), trouble=draws.RESEND_TROUBLE)
    def lose(self, lost: Trouble, looks: int, trouble: Trouble | None) -> None:
        """The whole road to a resend at once: drawn apart, its steps would seldom follow each other."""
        self._drain(IDEMPOTENT, lost, 0, calls=1)
        self._look_again(IDEMPOTENT, looks, trouble)

    def _look_again(self, account: str, looks: int, trouble: Trouble | None) -> None:
        for _ in range(looks):
            self.wait(330)
            worker.look(account)()
            self.checks.after_a_step()
        self._drain(account, trouble, 0, calls=3)

    @rule(after=st.sampled_from([0, 0, 700]), at=draws.perhaps_at("reconcile", "records"))
    def review(self, after: int, at: Boundary | None) -> None:
        """Of every account, perhaps killed."""
        self.wait(after)
        self._perhaps_killed(worker.review, at)

    def _drain(self, account: str, trouble: Trouble | None, after: int, calls: int) -> None:
        self.wait(after)
        self.trouble(account, trouble)
        worker.drain(account, calls=calls)()
        self.checks.after_a_step()

    def _perhaps_killed(self, work: Work, at: Boundary | None) -> None:
        if at is None:
            work()
        else:
            worker.killed_at(at, work)
        self.checks.after_a_step()

    # -- a worker that is held up, while everything else goes on --

    @precondition(lambda self: not self.second.is_held_up)
    @rule(call=draws.CALL, at=st.sampled_from(HOLDING), is_cut_off=st.booleans())
    def hold_up(self, call: tuple[str, Trouble | None], at: Boundary, is_cut_off: bool) -> None:
        """Between two of its steps; perhaps it is cut off from the database as well, and taken for gone."""
        self.trouble(*call)
        is_look = "reconcile" in at.step or "records" in at.step
        work = worker.look(call[0]) if is_look else worker.drain(call[0])
        self.second.begin(work, held_up=at, is_cut_off=is_cut_off)
        self.checks.after_a_step()

    @precondition(lambda self: self.second.is_held_up)
    @rule(after=draws.HELD_UP, is_swept=st.booleans(), is_killed=draws.SELDOM)
    def go_on(self, after: int, is_swept: bool, is_killed: bool) -> None:
        """By now it may have been given up."""
        self.wait(after)
        if is_swept:
            worker.sweep()
            self.checks.after_a_step()
        if is_killed:
            self.second.kill()
        else:
            self.second.go_on()
        self.checks.after_a_step()

    # -- time, the provider, and who else pays --

    @rule(seconds=draws.LONG)
    def time_passes(self, seconds: int) -> None:
        """Deadlines, pace, approvals, looks and records: all are older."""
        self.wait(seconds)
        self.checks.after_a_step()

    @rule(account=draws.ACCOUNT, is_down=draws.SELDOM, trouble=draws.CLOCK_TROUBLE)
    def away(self, account: str, is_down: bool, trouble: Trouble | None) -> None:
        """No connection comes about, or one does again; the provider's clock goes wrong, or is right again."""
        self.here.lines[account].is_down = is_down
        self.here.simulator.faults.clear()
        self.trouble(IDEMPOTENT, trouble)
        for name in ZOOMEX:
            worker.measure(name)()
        self.checks.after_a_step()

    @rule(account=draws.ACCOUNT, number=draws.NUMBERS, is_done=st.booleans())
    def pay_outside(self, account: str, number: int, is_done: bool) -> None:
        """Somebody pays from the account elsewhere; mostly to one of our recipients, the very amount.

        None that its provider gives back: as long as ours is not shown, it passes for ours by the rule that exactly
        one record fits, and nobody can tell.
        """
        ours = [row for row in self.seen if row.account == self.here.accounts[account].pk]
        told = self.checks.wanted[one(ours, number).reference] if ours and number % 3 else {}
        provider, is_zoomex = PROVIDER[account], PROVIDER[account] == "zoomex"
        self.here.book.remember_from_outside(
            Call(
                provider=provider,
                received_at=self.here.now(),
                content_type="",
                body="",
                headers={},
                customer=CUSTOMER[account],
                coin="USDT",
                amount=told.get("amount") or told.get("withdraw_amount") or "3",
                address=told.get("address") or told.get("to_address") or STRANGER[provider],
                withdrawal_id=self.here.book.new_withdrawal_id() if is_zoomex else None,
                booked=True,
                fate=Fate(0.0, (DONE,) if is_done else (REVIEW, DONE), 30.0),
            )
        )
        self.checks.after_a_step()
