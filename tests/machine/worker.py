"""Workers as the machine runs them: killed at a boundary, or held up at one while everything else goes on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from django.db import connection

from payouts.audit import Worker, this_worker
from payouts.worker import clock, dispatch, reconcile
from tests.props.boundaries import Boundary, planted
from tests.props.worker import GONE, stop_after

Work = Callable[[], object]

# Where a worker can be held up for any length of time: no transaction is open there. Between the last look at the clock
# and the first byte it cannot: see `dispatch.may_still_send`.
HOLDING = [
    Boundary("before", "payouts.worker.dispatch.claim"),
    Boundary("after", "payouts.worker.dispatch.claim"),
    Boundary("after", "payouts.worker.dispatch.claim_again"),
    Boundary("before", "payouts.worker.dispatch.may_still_send"),
    Boundary("after", "payouts.providers.json_over_http.JsonOverHttp.submit"),
    Boundary("before", "payouts.worker.dispatch.record_answer"),
    Boundary("after", "payouts.worker.reconcile.looking.due"),
    Boundary("after", "payouts.providers.zoomex.provider.Zoomex.records"),
    Boundary("before", "payouts.worker.reconcile.looking.settle"),
]


class Killed(BaseException):
    """The process is gone: nothing after this place happens, and an open transaction is rolled back."""


def drain(account: str, *, calls: int = 1) -> Work:
    """A worker's turn with an account."""
    return lambda: dispatch.drain(account, stop=stop_after(calls))


def sweep() -> None:
    """What the periodic tasks do."""
    dispatch.take_over()
    dispatch.sweep()
    reconcile.ask_for_looks()


def look(account: str) -> Work:
    """A look at what is due."""
    return lambda: reconcile.look_up(account)


def review() -> None:
    """The hourly comparison of all accounts."""
    reconcile.review_accounts(stop=stop_after(10))


def measure(account: str) -> Work:
    """The hourly measure of the clock."""
    return lambda: clock.measure(account, by=this_worker())


def killed_at(boundary: Boundary, *works: Work) -> bool:
    """The works in turn, until one comes to the boundary; whether one did. The dead process is known to be gone."""
    with _planted(boundary, _die), _called(lambda: GONE):
        try:
            for work in works:
                work()
        except Killed:
            return True
    return False


@contextmanager
def _planted(boundary: Boundary, deed: Callable[[], None]) -> Iterator[None]:
    owner, attribute, replacement = planted(boundary, deed)
    before = owner.__dict__[attribute]
    setattr(owner, attribute, replacement)
    try:
        yield
    finally:
        setattr(owner, attribute, before)


@contextmanager
def _called(name: Callable[[], Worker]) -> Iterator[None]:
    """Workers bear this name meanwhile."""
    found_there = vars(dispatch)
    before, found_there["this_worker"] = found_there["this_worker"], name
    try:
        yield
    finally:
        found_there["this_worker"] = before


def _die() -> None:
    raise Killed


class SecondWorker:
    """Another worker with a database connection of its own, one piece of work at a time.

    It and its caller never run at the same moment, so that what happens is the same each time.
    """

    def __init__(self) -> None:
        self._turn, self._back = threading.Semaphore(0), threading.Semaphore(0)
        self._work: Work | None = None
        self._is_over = self.is_held_up = self._dies = self._is_cut_off = False
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def begin(self, work: Work, *, held_up: Boundary, is_cut_off: bool = False) -> None:
        """Do it up to that place, or to its end where it does not come there.

        One that is cut off has lost its sessions, so that others take it for gone.
        """
        self._held_up_by = ExitStack()
        self._held_up_by.enter_context(_planted(held_up, self._hold))
        self._held_up_by.enter_context(_called(self._name))
        self._work, self._is_cut_off = work, is_cut_off
        self._hand_over()

    def _name(self) -> Worker:
        is_me = threading.current_thread() is self._thread
        return GONE if is_me and self._is_cut_off else this_worker()

    def go_on(self) -> None:
        """Let it finish. Raises what it raises."""
        self._hand_over()

    def kill(self) -> None:
        """End it where it is held up."""
        self._dies = True
        self._hand_over()

    def close(self) -> None:
        """No more work."""
        if self.is_held_up:
            self.kill()
        self._is_over = True
        self._turn.release()
        self._thread.join()

    def _hand_over(self) -> None:
        self._turn.release()
        self._back.acquire()
        if not self.is_held_up:
            self._held_up_by.close()
        if self._failed is not None:
            failed, self._failed = self._failed, None
            raise failed

    def _hold(self) -> None:
        if threading.current_thread() is not self._thread or self.is_held_up:
            return
        self.is_held_up = True
        self._back.release()
        self._turn.acquire()
        if self._dies:
            raise Killed

    def _serve(self) -> None:
        while True:
            self._turn.acquire()
            if self._is_over or self._work is None:
                break
            try:
                self._work()
            except Killed:
                pass
            except BaseException as err:
                self._failed = err
            self.is_held_up = self._dies = False
            self._back.release()
        connection.close()
