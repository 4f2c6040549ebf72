"""The soak with real processes: people approve, workers send, everything breaks, and then the books are compared."""

import json
import random
import sys
import threading
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from demo.supervision import running
from payouts.domain.errors import InvalidValue, NotPermitted
from payouts.domain.withdrawals.status import Status
from tests.soak import truth, worker
from tests.soak.scene import Cast, Scene, Worker, installed

if TYPE_CHECKING:
    from tests.soak.chaos import Chaos
    from tests.soak.people import People

BEAT = 0.05  # seconds between two looks at everything
AHEAD = 80  # withdrawals
LONG_ENOUGH = 61.0  # seconds before "not paid" may be said; see scene.py
BREATH = 6.0  # seconds between two faults at the product's own pace
QUIET_BEFORE_THE_END = 900.0  # seconds at most for the last ones to settle, once nothing goes wrong any more
TRUE_PACE = 60.0  # seconds in which a row has to move again after a kill


def run(asked: Namespace) -> int:
    """Print what came of it, as Markdown; 1 when anything is not as it must be."""
    cast = Cast(zoomex=asked.accounts - asked.accounts // 3, swapspace=asked.accounts // 3)
    with installed(asked.name, cast) as scene:
        haste = {} if asked.true_pace else {worker.HASTE: "on"}
        scene.more = {worker.ORDERS: str(scene.directory), **haste}
        begun = time.monotonic()
        chaos = _endure(scene, asked)
        return _judge(scene, chaos, asked, time.monotonic() - begun)


def _endure(scene: Scene, asked: Namespace) -> "Chaos":
    from tests.soak.chaos import Chaos
    from tests.soak.people import People

    people = People()
    workers = [scene.worker(number) for number in range(asked.workers)]
    chaos = Chaos(scene, workers, random.Random(asked.seed))  # noqa: S311  a draw that can be repeated
    if asked.true_pace:
        chaos.only_kill()
    elif asked.more_kills:
        chaos.kill_more()
    ends = time.monotonic() + asked.minutes * 60
    strike_at, tell_at = 0.0, time.monotonic() + 60
    with running(workers), _asking(people, chaos, asked) as done:
        while time.monotonic() < ends and not (done.is_set() and chaos.count() >= asked.faults):
            _tick(chaos, workers, people)
            if time.monotonic() > tell_at:
                print(f"{chaos.count()} faults so far", file=sys.stderr, flush=True)
                tell_at += 60
            if chaos.count() < asked.faults and time.monotonic() > strike_at:
                chaos.strike()
                strike_at = time.monotonic() + (BREATH if asked.true_pace else 0.0)
        chaos.end()
        _settle(chaos, workers, people, done)
        _resolve(people, scene, times=asked.looks)
    return chaos


@contextmanager
def _asking(people: "People", chaos: "Chaos", asked: Namespace) -> Iterator[threading.Event]:
    """Withdrawals come in step with the faults and a little ahead, so that there is always something to break."""
    done = threading.Event()

    def ask() -> None:
        for number in range(asked.withdrawals):
            while not chaos.is_over and (number - AHEAD) / asked.withdrawals > chaos.count() / asked.faults:
                time.sleep(0.1)
            people.ask(number)
        done.set()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield done
    finally:
        thread.join(120)


def _tick(chaos: "Chaos", workers: Sequence[Worker], people: "People") -> None:
    from tests.soak.people import insist

    for each in workers:
        each.restart_if_ended()
    chaos.wake()
    insist(people.release_pauses)
    time.sleep(BEAT)


def _settle(chaos: "Chaos", workers: Sequence[Worker], people: "People", done: threading.Event) -> None:
    """Nothing goes wrong any more: until nothing is under way."""
    while not done.is_set():
        _tick(chaos, workers, people)
    ends = time.monotonic() + QUIET_BEFORE_THE_END
    while _is_busy() and time.monotonic() < ends:
        _tick(chaos, workers, people)


def _is_busy() -> bool:
    """Whether anything is under way that no person has to look at."""
    from payouts.models import Withdrawal
    from tests.soak.people import insist

    under_way = [Status.APPROVED, Status.SUBMITTING, Status.AWAITING_APPROVAL]
    return insist(lambda: Withdrawal.objects.filter(status__in=under_way).exists())


def _resolve(people: "People", scene: Scene, *, times: int) -> None:
    """What is unknown still is for people, while the workers go on: they look into the provider's book, and again."""
    from payouts.models import Withdrawal
    from tests.soak import rows
    from tests.soak.people import insist

    for _ in range(times):
        if not insist(lambda: Withdrawal.objects.unknown().exists()):
            return
        time.sleep(LONG_ENOUGH)
        looked_at = datetime.now(UTC)
        booked = {truth.identity(call): call for call in scene.calls() if call["booked"] and not truth.gives_back(call)}
        for paper in rows.papers(scene.cast):
            if paper.status is Status.UNKNOWN:
                call = booked.get(paper.identity)
                found_as = None if call is None else call["withdrawal_id"] or f"line {call['sequence']}"
                withdrawal = Withdrawal.objects.get(pk=UUID(paper.reference))
                with suppress(NotPermitted, InvalidValue):  # a worker was faster: the next look tells
                    people.resolve(withdrawal, found_as=found_as, looked_at=looked_at)


def _deeds(orders: Path) -> list[dict[str, Any]]:
    path = orders / worker.DEEDS_DONE
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _judge(scene: Scene, chaos: "Chaos", asked: Namespace, seconds: float) -> int:
    from tests.soak import rows

    papers, calls, deeds = rows.papers(scene.cast), scene.calls(), _deeds(scene.directory)
    found = list(truth.complaints(papers, calls))
    found += rows.leaks(rows.every_row())
    found += rows.leaks(line for log in scene.directory.glob("worker-*.log") for line in log.open())
    if len(papers) != asked.withdrawals:
        found.append(f"{asked.withdrawals} were asked for, {len(papers)} are there")
    recoveries = rows.recoveries(deeds, within=TRUE_PACE)
    if asked.true_pace:  # in the thick of other faults something else may have held it up
        found += [f"too slow: {each.line()}" for each in recoveries if not each.is_kept]
    _print(asked, papers, calls, deeds, chaos, seconds)
    print("\n| recovery, in seconds | times | median | longest | allowed |\n|---|---|---|---|---|")
    print("\n".join(each.line() for each in recoveries))
    print("\nViolations: " + (f"{len(found)}" if found else "none."))
    print("\n".join(f"- {sentence}" for sentence in found[:50]))
    return 1 if found else 0


def _print(
    asked: Namespace,
    papers: Sequence[truth.Paper],
    calls: Sequence[truth.Call],
    deeds: Sequence[dict[str, Any]],
    chaos: "Chaos",
    seconds: float,
) -> None:
    print(f"\n`script/soak --processes --seed {asked.seed} --withdrawals {asked.withdrawals} --faults {asked.faults}`:")
    print(f"{asked.workers} workers, {asked.accounts} accounts, {seconds / 60:.1f} minutes.")
    if not asked.true_pace:
        print(f"In haste: {worker.HASTE_IN_WORDS}.")
    print("\n| | |\n|---|---|")
    booked = sum(call["booked"] for call in calls)
    print(f"| withdrawals | {len(papers)} |\n| calls at the providers | {len(calls)} |\n| booked | {booked} |")
    print(f"| faults | {chaos.count()} |")
    print("\n".join(f"| ended as {status} | {times} |" for status, times in truth.tally(papers).items()))
    print("\n".join(f"| {what} | {times} |" for what, times in sorted(chaos.struck.items())))
    print("\n".join(_deeds_by_place(deeds)))


def _deeds_by_place(deeds: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A table of what was done where."""
    done = Counter((deed["place"], deed["deed"]) for deed in deeds)
    words = sorted({word for _, word in done})
    yield f"\n| place | {' | '.join(words)} |\n|---|{'---|' * len(words)}"
    for place in sorted({place for place, _ in done}):
        yield f"| {place} | {' | '.join(str(done[place, word] or '') for word in words)} |"
