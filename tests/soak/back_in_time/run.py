"""All rehearsals, one after the other, an installation for each kind of witness, and the table of what came of them."""

import os
import random
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from demo.embedded import EmbeddedPostgres
from tests.soak import worker
from tests.soak.back_in_time.clusters import Clusters
from tests.soak.back_in_time.roads import BESIDE, CRASH, ROADS
from tests.soak.scene import Cast, Scene, installed

if TYPE_CHECKING:
    from tests.soak.back_in_time.house import House
    from tests.soak.back_in_time.rehearsal import Told

SOAK = [sys.executable, "-m", "tests.soak", "--back-in-time"]
WITNESSES = ["file", "postgres"]
ALL = [*ROADS, BESIDE]


def run(asked: Namespace) -> int:
    """Print what came of it, as Markdown; 1 when anything is not as it must be."""
    parts = list(_parts(asked))
    if len(parts) > 1:
        return max(subprocess.run([*SOAK, *part], check=False).returncode for part in parts)
    witness, is_crash = asked.witness or WITNESSES[0], _is_crash(asked.roads)
    clusters = Clusters(asked.name, waits=not is_crash)
    begun = time.monotonic()
    with ExitStack() as stack:
        place = stack.enter_context(_another_postgres(f"{asked.name}-witness")) if witness == "postgres" else ""
        scene = stack.enter_context(installed(asked.name, Cast(zoomex=2, swapspace=1), clusters, witness=place))
        scene.more = {worker.HASTE: "on"}
        told = list(_rehearsed(scene, clusters, asked))
    _print(told, asked, witness, time.monotonic() - begun)
    return 1 if len(told) < asked.rehearsals or any(each.wrong for each in told) else 0


def _parts(asked: Namespace) -> Iterator[list[str]]:
    """Each installation has one witness, and its sessions wait for the flush or do not: the arguments of each.

    The rehearsals are shared out between them; what is left over goes to the first.
    """
    kinds = [(witness, roads) for witness in _witnesses(asked) for roads in _kinds_of_roads(asked.roads)]
    weights = [len(roads) for _, roads in kinds]
    shares = [asked.rehearsals * weight // sum(weights) for weight in weights]
    shares[0] += asked.rehearsals - sum(shares)
    for number, ((witness, roads), share) in enumerate(zip(kinds, shares, strict=True)):
        if share:
            seed = str(asked.seed + number)
            told = ["--name", asked.name, "--seed", seed, "--rehearsals", str(share), "--witness", witness]
            yield [*told, "--roads", *roads]


def _witnesses(asked: Namespace) -> Sequence[str]:
    return [asked.witness] if asked.witness else WITNESSES


def _kinds_of_roads(asked: Sequence[str]) -> list[list[str]]:
    """Those by which a copy comes back, and the one of a crash, as far as they were asked for."""
    chosen = [road for road in ALL if not asked or any(road.startswith(each) for each in asked)]
    kinds = [[road for road in chosen if road != CRASH], [road for road in chosen if road == CRASH]]
    return [kind for kind in kinds if kind]


def _is_crash(roads: Sequence[str]) -> bool:
    return _kinds_of_roads(roads) == [[CRASH]]


@contextmanager
def _another_postgres(name: str) -> Iterator[str]:
    """A server of its own for the witness, which keeps what it was told: nothing happens to it."""
    postgres = EmbeddedPostgres(name)
    postgres.remove()
    with postgres as url:
        yield url
    postgres.remove()


def _rehearsed(scene: Scene, clusters: Clusters, asked: Namespace) -> Iterator["Told"]:
    from tests.soak.back_in_time import books
    from tests.soak.back_in_time.rehearsal import Told, rehearse
    from tests.soak.back_in_time.waiting import NeverCame

    rng = random.Random(asked.seed)  # noqa: S311  a draw that can be repeated
    with _inhabited(scene, clusters, rng) as house:
        for road, hands in _plan(asked, rng):
            begun = time.monotonic()
            try:
                told = rehearse(house, road, hands)
            except NeverCame as err:
                yield Told(f"{road}, {hands}", "", wrong=[f"never came: {err}", *books.complaints(house)])
                return
            print(f"{time.monotonic() - begun:5.1f} s  {told}", file=sys.stderr, flush=True)
            yield told


@contextmanager
def _inhabited(scene: Scene, clusters: Clusters, rng: random.Random) -> Iterator["House"]:
    from tests.soak.back_in_time.house import House

    house = House(scene, clusters, rng)
    house.run_worker()
    try:
        house.wait("the witness is founded", house.is_founded)
        yield house
    finally:
        house.worker.kill()
        house.worker.end(time.monotonic())


def _plan(asked: Namespace, rng: random.Random) -> list[tuple[str, str]]:
    """Every road with a worker left running and with a new one, in turn and in an order of its own each time."""
    from tests.soak.back_in_time.rehearsal import LEFT_RUNNING, NEW

    (roads,) = _kinds_of_roads(asked.roads)
    chosen = [(road, hands) for road in roads for hands in (LEFT_RUNNING, NEW)]
    plan: list[tuple[str, str]] = []
    while len(plan) < asked.rehearsals:
        plan += rng.sample(chosen, len(chosen))
    return plan[: asked.rehearsals]


def _print(told: Sequence["Told"], asked: Namespace, witness: str, seconds: float) -> None:
    how = f"--seed {asked.seed} --rehearsals {asked.rehearsals} --witness {witness}"
    print(f"\n`script/soak --back-in-time {how}`: {seconds / 60:.1f} min.")
    print(f"In haste: {worker.HASTE_IN_WORDS}.{os.linesep}")
    print(
        "| road | rehearsals | with a lost rejection or pause | calls | lost calls | wrong |\n|---|---|---|---|---|---|"
    )
    for road in sorted({each.road for each in told}):
        print(_line(road, [each for each in told if each.road == road]))
    print(_line("all", told))
    wrong = sorted({sentence for each in told for sentence in each.wrong})
    print("\nViolations: " + (f"{len(wrong)}" if wrong else "none."))
    print("\n".join(f"- {sentence}" for sentence in wrong[:50]))


def _line(road: str, told: Sequence["Told"]) -> str:
    decisions = sum(each.deed in ("rejection", "pause") for each in told)
    calls, lost = sum(each.calls for each in told), sum(each.lost_calls for each in told)
    return f"| {road} | {len(told)} | {decisions} | {calls} | {lost} | {sum(len(each.wrong) for each in told)} |"
