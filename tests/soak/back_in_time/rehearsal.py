"""One rehearsal: people approve, a worker sends, the database goes back in time, and two people let it go on."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
from django.db import connection

from payouts.models import LostCall
from tests.soak.back_in_time import books
from tests.soak.back_in_time.clusters import Cluster
from tests.soak.back_in_time.house import GRACE, House
from tests.soak.back_in_time.roads import BESIDE, ROADS, Open

ASKED = 9  # three of each account
LEFT_RUNNING, NEW = "worker left running", "new worker"
SLOW = {"fault": "hang", "seconds": 3.0}  # booked, and its answer comes too late
DEEDS = ("calls", "rejection", "pause")


@dataclass
class Told:
    """What came of one."""

    road: str
    deed: str  # what was lost: calls alone, or what people had decided as well
    calls: int = 0
    lost_calls: int = 0
    wrong: list[str] = field(default_factory=list)


def rehearse(house: House, road: str, worker: str) -> Told:
    """Take this road once; raises NeverCame."""
    house.scene.clear_faults()
    before, lost = len(house.book()), LostCall.objects.count()
    if road == BESIDE:
        told = Told(f"{road}, {worker}", "calls")
        _beside(house, told, stays=worker == LEFT_RUNNING)
    else:
        told = Told(f"{road}, {worker}", house.rng.choice(DEEDS))
        _go_back(house, told, road, stays=worker == LEFT_RUNNING)
    told.wrong += books.complaints(house)
    told.calls, told.lost_calls = len(house.book()) - before, LostCall.objects.count() - lost
    return told


def _go_back(house: House, told: Told, road: str, *, stays: bool) -> None:
    open_copy = _take_copy(house, road)
    stopped = _lose(house, told)
    already = len(house.out_of_step())
    made = _put_in_its_place(house, open_copy, stays=stays)
    house.wait("everything is paused", house.is_stopped)
    house.let_it_sweep()
    for reference in stopped:  # the people who look into it say it again
        house.reject(reference)
    told.wrong += [f"sent after it went back: {each}" for each in house.called()[made:]]
    _go_on(house)
    told.wrong += [f"rejected, and sent: {each}" for each in stopped if each in house.called()]
    pauses = house.out_of_step()[already:]
    if len(pauses) != 1:
        told.wrong.append(f"paused {len(pauses)} times: {[(it.begun_at, it.released_at, it.reason) for it in pauses]}")


def _take_copy(house: House, road: str) -> Open:
    """While the worker sends, somewhere among the first calls."""
    house.ask_while_paused(ASKED)
    if house.rng.random() < 0.5:
        house.scene.script_fault({"provider": house.rng.choice(("zoomex", "swapspace")), **SLOW})
    called = len(house.book()) + house.rng.randrange(4)
    house.wait("the first calls", lambda: len(house.book()) >= called)
    try:
        return ROADS[road](house.clusters, house.wait)
    finally:
        connection.close()  # it may have been stopped for a moment


def _put_in_its_place(house: House, open_copy: Open, *, stays: bool) -> int:
    """The database stops as the power goes, and the copy gets its address; how many calls there were until then."""
    old = house.clusters.current
    if not stays:
        house.kill_worker()
    connection.close()
    old.kill()
    opened = open_copy()
    made = len(house.called())
    house.clusters.move_to(opened)
    if old.name != opened.name:
        old.remove()
    if not stays:
        house.run_worker()
    return made


def _lose(house: House, told: Told) -> list[str]:
    """Do what the copy does not know, until the witness does; references that people stopped."""
    kept, called = house.told(), len(house.book())
    stopped: list[str] = []
    if told.deed == "rejection":
        stopped = [reference for reference in [house.reject_newest()] if reference]
        if not stopped:  # each was sent already
            told.deed = "pause"
    if told.deed == "pause":
        house.press_pause()
    if told.deed == "calls":
        house.ask(1)
        more = house.rng.randrange(6)
        if house.rng.random() < 0.5:
            house.wait("a call is told", lambda: house.told() > kept + more or _all_told(house, kept))
        else:
            house.wait("a call is made", lambda: len(house.book()) > called + more or _all_told(house, kept))
    else:
        newest = house.newest_event()
        house.wait("the decision is told", lambda: house.knows_event(newest))
    return stopped


def _all_told(house: House, kept: int) -> bool:
    return house.told() > kept and not house.is_busy()


def _go_on(house: House) -> None:
    """Two people release what was lost, and whatever else stops; what is unhurt is sent."""
    house.let_go_on()
    house.wait("what is unhurt goes on", lambda: not house.let_go_on() and not house.is_busy())


def _beside(house: House, told: Told, *, stays: bool) -> None:
    """A copy runs beside the installation, with the same witness and the same providers.

    The copy's worker comes late where the installation's runs on; otherwise both begin at the same time.
    """
    if not stays:
        house.kill_worker()
    house.ask_while_paused(ASKED)
    copy = house.clusters.current.backup().start()
    other = house.scene.worker(1, DATABASE_URL=copy.url)
    house.workers.append(other)
    begin = [other.start] if stays else [other.start, house.run_worker]
    for start in house.rng.sample(begin, len(begin)):
        start()
    try:
        house.wait("one of the two stops", lambda: _is_stopped(copy) or house.is_stopped())
        house.wait("the other stops as well, or has sent all", lambda: _is_over(house, copy))
    finally:
        house.workers.remove(other)
        other.ask_to_end()
        other.end(time.monotonic() + GRACE)
    told.wrong += _sent_while_stopped(copy)
    copy.remove()
    house.let_it_sweep()
    _go_on(house)


def _is_over(house: House, copy: Cluster) -> bool:
    ours = house.is_stopped() or not house.is_busy()
    return ours and (_is_stopped(copy) or not _count(copy, BUSY))


STOPPED = "SELECT count(*) FROM payouts_pause WHERE cause = 'out_of_step' AND released_at IS NULL"
BUSY = "SELECT count(*) FROM payouts_withdrawal WHERE status IN ('approved', 'submitting')"
CLAIMED = """
SELECT count(*) FROM payouts_submission JOIN payouts_pause ON claimed_at > begun_at
    WHERE cause = 'out_of_step' AND released_at IS NULL AND worker <> 'lost'
"""


def _is_stopped(copy: Cluster) -> bool:
    return _count(copy, STOPPED) > 0


def _sent_while_stopped(copy: Cluster) -> Iterator[str]:
    if _count(copy, CLAIMED):
        yield "the copy sent while it was paused for a loss"


def _count(copy: Cluster, question: str) -> int:
    with psycopg.connect(copy.url) as asked:
        ((count,),) = asked.execute(question).fetchall()
    return int(count)
