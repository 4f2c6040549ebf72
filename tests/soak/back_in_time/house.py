"""One installation that lives through all rehearsals: its people, its worker, the witness, and the provider's book."""

import json
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from payouts.domain.errors import NotPermitted
from payouts.domain.sending.witness import Entry, Known
from payouts.domain.stopping.pausing import Cause
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, AuditEvent, Pause, Withdrawal, WitnessLink
from payouts.witness.place import open_witness
from payouts.workflow.decisions import deciding
from payouts.workflow.stopping import pause
from tests.soak.back_in_time.clusters import Clusters
from tests.soak.back_in_time.waiting import waiting
from tests.soak.people import TICK, People, insist
from tests.soak.scene import Scene, Worker

UNDER_WAY = (Status.APPROVED, Status.SUBMITTING)
LOOK_UP_ONLY = "zoomex1"  # its promise that one reference pays once is taken back
GRACE = 20.0  # seconds for a worker to finish what it has in hand


class House:
    """What a rehearsal does and sees."""

    def __init__(self, scene: Scene, clusters: Clusters, rng: random.Random) -> None:
        self.scene, self.clusters, self.rng = scene, clusters, rng
        Account.objects.filter(name=LOOK_UP_ONLY).update(resend_allowed=False)
        self.people = People()
        self.worker = scene.worker(0)
        self.workers: list[Worker] = []  # those that are supervised
        self.wait = waiting(self.workers)
        self.witness = open_witness(scene.witness_url)
        self.asked: dict[Decimal, str] = {}  # references by amount, which Swapspace's calls are known by

    # -- people --

    def ask(self, times: int) -> None:
        """So many more withdrawals, raised and approved."""
        for _ in range(times):
            number = len(self.asked)
            self.asked[2 + number * TICK] = self.people.ask(number).hex

    def ask_while_paused(self, times: int) -> None:
        """The same, all of them still to be sent when everything is let go on."""
        self.press_pause()
        self.ask(times)
        self.let_go_on()

    def press_pause(self) -> None:
        pause.pause_everything(reason="A rehearsal", by=self.people.cast.keeper)

    def let_go_on(self) -> bool:
        """Release whatever is paused, by two people each."""
        return insist(self.people.release_pauses) > 0

    def reject_newest(self) -> str:
        """Say no to the newest that was not sent yet: its reference; empty where each was sent meanwhile."""
        for asked in Withdrawal.objects.filter(status=Status.APPROVED).order_by("-requested_at"):
            if self.reject(asked.reference):
                return asked.reference
        return ""

    def reject(self, reference: str) -> bool:
        """Say no to one; False when it was sent meanwhile, or is not there."""
        with suppress(NotPermitted, Withdrawal.DoesNotExist):
            asked = Withdrawal.objects.get(pk=UUID(reference))
            deciding.reject(asked.proposal_id, reason="A rehearsal", by=self.people.cast.first_approver)
            return True
        return False

    # -- the worker --

    def run_worker(self) -> None:
        """Start it, and keep it running."""
        self.worker.start()
        self.workers.append(self.worker)

    def kill_worker(self) -> None:
        """End it as the power does."""
        self.workers.remove(self.worker)
        self.worker.kill()
        self.worker.end(time.monotonic())

    def swept(self) -> float:
        """When a worker last looked at all rows."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(defer_timestamp) FROM procrastinate_periodic_defers WHERE task_name = 'sweep'")
            ((at,),) = cursor.fetchall()
        return float(at or 0)

    def let_it_sweep(self) -> None:
        """Wait for two more sweeps: whoever would send has had the occasion."""
        since = self.swept()
        self.wait("two sweeps", lambda: insist(self.swept) >= since + 2)

    # -- what is known --

    def is_founded(self) -> bool:
        """Whether the rows remember a witness."""
        return WitnessLink.objects.exists()

    def known(self) -> Known:
        """What the witness knows."""
        return self.witness.known()

    def told(self) -> int:
        """How many calls the witness knows."""
        return sum(entry.serial for entry in self.known().last.values())

    def told_calls(self) -> dict[str, list[Entry]]:
        """Each account's calls as the witness knows them."""
        return {name: self.witness.calls(name, after=0) for name in self.known().last}

    def knows_event(self, number: int) -> bool:
        """Whether the witness was told of this event of the trail."""
        return max(self.known().trail.ids, default=0) >= number

    def book(self) -> list[dict[str, Any]]:
        """Every call at the providers, oldest first."""
        path = self.scene.directory / "book.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def called(self) -> list[str]:
        """The reference of each."""
        return [self.asked[Decimal(call["amount"])] for call in self.book()]

    def is_busy(self) -> bool:
        """Whether anything approved has not been sent and answered yet."""
        return insist(lambda: Withdrawal.objects.filter(status__in=UNDER_WAY).exists())

    def newest_event(self) -> int:
        newest = AuditEvent.objects.order_by("-id").values_list("id", flat=True).first()
        return newest or 0

    def out_of_step(self) -> Sequence[Pause]:
        """Every pause that a loss began, over or not."""
        return insist(lambda: list(Pause.objects.filter(cause=Cause.OUT_OF_STEP).order_by("begun_at")))

    def is_stopped(self) -> bool:
        """Whether a loss has paused everything."""
        return any(each.released_at is None for each in self.out_of_step())
