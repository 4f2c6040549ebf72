"""All rehearsals, one after the other in one installation, and the table of what came of them."""

import os
import random
import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.soak import worker
from tests.soak.back_in_time.clusters import Clusters
from tests.soak.scene import Cast, Scene, installed

if TYPE_CHECKING:
    from tests.soak.back_in_time.house import House
    from tests.soak.back_in_time.rehearsal import Told


def run(asked: Namespace) -> int:
    """Print what came of it, as Markdown; 1 when anything is not as it must be."""
    clusters = Clusters(asked.name)
    cast = Cast(zoomex=2, swapspace=1)
    begun = time.monotonic()
    with installed(asked.name, cast, clusters) as scene:
        scene.more = {worker.HASTE: "on"}
        told = list(_rehearsed(scene, clusters, asked))
    _print(told, asked, time.monotonic() - begun)
    return 1 if len(told) < asked.rehearsals or any(each.wrong for each in told) else 0


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
        yield house
    finally:
        house.worker.kill()
        house.worker.end(time.monotonic())


def _plan(asked: Namespace, rng: random.Random) -> list[tuple[str, str]]:
    """Every road with a worker left running and with a new one, in turn and in an order of its own each time."""
    from tests.soak.back_in_time.rehearsal import LEFT_RUNNING, NEW
    from tests.soak.back_in_time.roads import BESIDE, ROADS

    cases = [(road, hands) for road in (*ROADS, BESIDE) for hands in (LEFT_RUNNING, NEW)]
    chosen = [case for case in cases if not asked.roads or any(case[0].startswith(each) for each in asked.roads)]
    plan: list[tuple[str, str]] = []
    while len(plan) < asked.rehearsals:
        plan += rng.sample(chosen, len(chosen))
    return plan[: asked.rehearsals]


def _print(told: Sequence["Told"], asked: Namespace, seconds: float) -> None:
    print(
        f"\n`script/soak --back-in-time --seed {asked.seed} --rehearsals {asked.rehearsals}`: {seconds / 60:.1f} min."
    )
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
