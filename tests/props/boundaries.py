"""Every place on the road at which a process can die between two effects: before and after each step that it takes.

A step is a call of the workflow (which commits) or of a provider (which leaves the machine). It is named by where its
caller finds it, so that production code needs no hooks: `planted` says what to replace, and by what.
`tests/boundaries/test_boundaries.py` reads the source and holds this list against it.
"""

import functools
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Side = Literal["before", "after"]

STEPS = [
    # the clock, before anything is claimed
    "payouts.providers.zoomex.provider.Zoomex.clock_skew",
    "payouts.worker.clock.raise_alert",
    # from approved to answered
    "payouts.worker.dispatch.witnessing.seen",
    "payouts.worker.dispatch.claim",
    "payouts.worker.dispatch.claim_again",
    "payouts.worker.dispatch.witnessing.tell",
    "payouts.worker.dispatch.may_still_send",
    "payouts.providers.json_over_http.JsonOverHttp.submit",
    "payouts.worker.dispatch.record_answer",
    # the sweep
    "payouts.worker.dispatch.witnessing.compare",
    "payouts.worker.dispatch.queue.take_over",
    "payouts.worker.dispatch.give_up_overdue",
    "payouts.worker.dispatch.expire_overdue",
    "payouts.worker.dispatch.fall_back_all",
    "payouts.worker.dispatch.accounts_with_work",
    "payouts.worker.dispatch.accounts_with_resends",
    "payouts.worker.dispatch.queue.nudge",
    "payouts.worker.reconcile.looking.accounts_due",
    "payouts.worker.reconcile.proving.accounts_untried",
    "payouts.worker.reconcile.queue.ask_for_look",
    # from unknown or submitted to known
    "payouts.worker.reconcile.proving.try_untried",
    "payouts.worker.reconcile.looking.due",
    "payouts.worker.reconcile.proving.due",
    "payouts.providers.zoomex.provider.Zoomex.records",
    "payouts.worker.reconcile.looking.settle",
    "payouts.worker.reconcile.proving.looked",
    "payouts.worker.reconcile.pause.begin",
    "payouts.worker.reconcile.leave_alone",
    "payouts.worker.reconcile.note",
    "payouts.worker.reconcile.review.review_recent",
]


@dataclass(frozen=True)
class Boundary:
    """One side of one step."""

    side: Side
    step: str  # dotted name of the function at which it stands

    @property
    def name(self) -> str:
        """As tests, reports and the soak's files call it: `before dispatch.claim`."""
        return f"{self.side} {self.step.removeprefix('payouts.')}"


BOUNDARIES = [Boundary(side, step) for step in STEPS for side in ("before", "after")]


class Planted(NamedTuple):
    """For `setattr` or a test's monkeypatch: whose attribute becomes what."""

    owner: Any
    attribute: str
    replacement: Callable[..., Any]


def planted(boundary: Boundary, deed: Callable[[], None]) -> Planted:
    """The step with a deed on this side of it; the deed may kill, raise, or do nothing."""
    where, _, attribute = boundary.step.rpartition(".")
    owner = pkgutil.resolve_name(where)
    step = getattr(owner, attribute)

    @functools.wraps(step)
    def with_deed(*args: Any, **kwargs: Any) -> Any:
        if boundary.side == "before":
            deed()
        result = step(*args, **kwargs)
        if boundary.side == "after":
            deed()
        return result

    return Planted(owner, attribute, with_deed)
