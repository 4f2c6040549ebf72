"""Acts, each ready to be posted twice by one person, and what the second post has to hear. Not the races themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.auth.models import User

from payouts.audit import Event
from payouts.domain.people.roles import Act
from payouts.models import Account, Address
from payouts.workflow.days import review
from payouts.workflow.days.sign_off import day_now, sign_off
from payouts.workflow.decisions import deciding
from payouts.workflow.recipients import address_book
from payouts.workflow.stopping import pause
from payouts.workflow.withdrawals import request
from tests.props.cast import Cast, proposal, raised
from tests.props.days import compared, days_ago, orphan_of
from tests.props.decisions import proof_of
from tests.props.findings import lost, proposed
from tests.props.races import Deed

WHY = "A payee looks wrong"


@dataclass(frozen=True)
class Stage:
    """Who and what the acts are about."""

    cast: Cast
    payee: Address
    signer: User | None = None  # of a day, where it is not the auditor

    @property
    def account(self) -> Account:
        """The account of the payee."""
        return self.payee.account


@dataclass(frozen=True)
class Twice:
    """One act: `prepare` makes ready what it is on, and the posts of it."""

    name: str
    prepare: Callable[[Stage], tuple[Deed, Deed]]
    done: Event  # told once
    objected: Event  # told once as well, with this code
    code: str


def _both(deed: Deed) -> tuple[Deed, Deed]:
    return deed, deed


def _proved(act: Act, digest: str, by: User, deed: Callable[..., object]) -> tuple[Deed, Deed]:
    """Each with a code of its own: it is not the proof that keeps the second one out."""
    first, second = (partial(deed, proof=proof_of(by, act, digest), by=by) for _ in range(2))
    return first, second


def _approved(thing: Any, act: Act, by: User, note: str = "") -> tuple[Deed, Deed]:
    shown = {thing.proposal.pk: thing.proposal.digest}
    return _proved(act, thing.proposal.digest, by, partial(deciding.approve, shown, note=note))


def _cancel(stage: Stage) -> tuple[Deed, Deed]:
    asked = raised(stage.cast, stage.payee)
    return _both(lambda: request.cancel(asked.pk, reason=WHY, by=stage.cast.requester))


def _reject(stage: Stage) -> tuple[Deed, Deed]:
    asked = raised(stage.cast, stage.payee)
    return _both(lambda: deciding.reject(asked.proposal_id, reason=WHY, by=stage.cast.first_approver))


def _revoke(stage: Stage) -> tuple[Deed, Deed]:
    return _both(lambda: address_book.revoke(stage.payee.pk, reason=WHY, by=stage.cast.keeper))


def _decline(stage: Stage) -> tuple[Deed, Deed]:
    entry = address_book.propose(proposal(stage.account), by=stage.cast.requester)
    return _both(lambda: deciding.reject(entry.proposal_id, reason=WHY, by=stage.cast.keeper))


def _activate(stage: Stage) -> tuple[Deed, Deed]:
    entry = address_book.propose(proposal(stage.account), by=stage.cast.requester)
    return _approved(entry, Act.ACTIVATE_ADDRESS, stage.cast.keeper)


def _decline_finding(stage: Stage) -> tuple[Deed, Deed]:
    found = proposed(stage.cast, lost(stage.cast, stage.payee))
    return _both(lambda: deciding.reject(found.proposal_id, reason=WHY, by=stage.cast.first_approver))


def _confirm_finding(stage: Stage) -> tuple[Deed, Deed]:
    found = proposed(stage.cast, lost(stage.cast, stage.payee))
    return _approved(found, Act.CONFIRM_RESOLUTION, stage.cast.first_approver)


def _sign_off(stage: Stage) -> tuple[Deed, Deed]:
    digest = day_now(compared(stage.account), days_ago(1)).digest
    deed = partial(sign_off, stage.account, days_ago(1), shown_digest=digest)
    return _proved(Act.SIGN_OFF, digest, stage.signer or stage.cast.auditor, deed)


def _explain(stage: Stage) -> tuple[Deed, Deed]:
    orphan = orphan_of(stage.account)
    return _both(lambda: review.close_orphan(orphan.pk, reason=WHY, by=stage.cast.first_approver))


def _pause_account(stage: Stage) -> tuple[Deed, Deed]:
    return _both(lambda: pause.pause_account(stage.account.pk, reason=WHY, by=stage.cast.keeper))


def _pause_everything(stage: Stage) -> tuple[Deed, Deed]:
    return _both(lambda: pause.pause_everything(reason=WHY, by=stage.cast.keeper))


def _release(stage: Stage) -> tuple[Deed, Deed]:
    it = pause.pause_account(stage.account.pk, reason=WHY, by=stage.cast.keeper)
    return _approved(it, Act.RELEASE, stage.cast.first_approver, note=WHY)


TWICE = [
    Twice("cancel", _cancel, Event.STATUS_MOVED, Event.CANCEL_OBJECTED, "already_moved_on"),
    Twice("reject", _reject, Event.STATUS_MOVED, Event.REJECT_OBJECTED, "already_moved_on"),
    Twice("revoke", _revoke, Event.ADDRESS_REVOKED, Event.ADDRESS_OBJECTED, "already_moved_on"),
    Twice("decline", _decline, Event.ADDRESS_DECLINED, Event.ADDRESS_OBJECTED, "already_moved_on"),
    Twice("activate", _activate, Event.ADDRESS_ACTIVATED, Event.ADDRESS_OBJECTED, "already_moved_on"),
    Twice(
        "decline a finding", _decline_finding, Event.RESOLUTION_DECLINED, Event.RESOLUTION_OBJECTED, "already_decided"
    ),
    Twice(
        "confirm a finding", _confirm_finding, Event.RESOLUTION_CONFIRMED, Event.RESOLUTION_OBJECTED, "already_decided"
    ),
    Twice("sign off", _sign_off, Event.DAY_SIGNED_OFF, Event.REVIEW_OBJECTED, "signed_already"),
    Twice("explain", _explain, Event.ORPHAN_CLOSED, Event.REVIEW_OBJECTED, "closed_already"),
    Twice("pause an account", _pause_account, Event.ACCOUNT_PAUSED, Event.PAUSE_OBJECTED, "paused_already"),
    Twice("pause everything", _pause_everything, Event.EVERYTHING_PAUSED, Event.PAUSE_OBJECTED, "paused_already"),
    Twice("release", _release, Event.PAUSE_RELEASED, Event.PAUSE_OBJECTED, "released_already"),
]
