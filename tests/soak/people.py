"""The soak's people: they raise, approve, release and resolve through the workflow, with real codes.

They begin again when the database goes away.
"""

import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TypeVar
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, connection

from payouts.domain.people.roles import Act
from payouts.domain.recipients.kind import Kind
from payouts.models import Account, Address, Pause, PresenceProof, Withdrawal
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.decisions import presence
from payouts.workflow.unknown import resolution
from payouts.workflow.unknown.finding import Finding, FindingLine
from payouts.workflow.withdrawals import request
from tests.props import cast as props
from tests.props import decisions

Made = TypeVar("Made")
AWAY = (OperationalError, InterfaceError)
TICK = Decimal("0.0001")  # amounts differ by this much, so that each withdrawal is known by its amount alone


class People:
    """A requester and two approvers, and somebody to pay at every account."""

    def __init__(self) -> None:
        self.cast = props.hire()
        self.payees = [entry for account in Account.objects.order_by("name") for entry in self._payees(account)]

    def _payees(self, account: Account) -> list[Address]:
        if account.provider == "zoomex":
            return [props.active_address(self.cast, account) for _ in range(2)]
        ether = props.active_address(self.cast, account, kind=Kind.ETH_CHAIN, address=props.ETH_ADDRESS)
        return [props.active_address(self.cast, account), ether]

    def ask(self, number: int) -> UUID:
        """One approved withdrawal, to payee after payee, of an amount that no other has."""
        payee = self.payees[number % len(self.payees)]
        asked = props.request_for(payee, id=uuid4(), amount=2 + number * TICK)
        insist(lambda: self._raise(asked, payee))
        for approver in (self.cast.first_approver, self.cast.second_approver):
            insist(partial(self._approve, asked.id, approver))
        return asked.id

    def _raise(self, asked: request.Request, payee: Address) -> None:
        digest = request.draft(asked, payee, by=self.cast.requester).digest
        try:
            request.raise_withdrawal(asked, shown_digest=digest, by=self.cast.requester)
        except request.RaisedAlready:
            return  # only the acknowledgement was lost

    def _approve(self, withdrawal_id: UUID, by: User) -> None:
        asked = Withdrawal.objects.select_related("proposal").get(pk=withdrawal_id)
        if not asked.proposal.approvals.filter(approver=by).exists():
            decisions.approve(asked, proof=_proved(by, Act.APPROVE, asked.proposal.digest), by=by)

    def release_pauses(self) -> int:
        """Let go on whatever was stopped, by as many people as it takes; how many pauses there were."""
        stopped = list(Pause.objects.open())
        for each in stopped:
            for by in (self.cast.administrator, self.cast.first_approver)[: each.proposal.needed]:
                if not each.proposal.approvals.filter(approver=by).exists():
                    proof = _proved(by, Act.RELEASE, each.proposal.digest)
                    decisions.approve(each, proof=proof, note="Looked into it", by=by)
        return len(stopped)

    def resolve(self, withdrawal: Withdrawal, *, found_as: str | None, looked_at: datetime) -> None:
        """End what is unknown: paid, as what the provider knows it, or not paid.

        Raises what the workflow objects to, as when a worker has asked the provider once more since that look.
        """
        finding = Finding(
            verdict=Verdict.NOT_PAID if found_as is None else Verdict.PAID,
            lines=(FindingLine(withdrawal.pk, found_as or ""),),
            where_looked="The provider's own book",
            looked_at=looked_at,
            note="Compared line by line",
        )
        proposed = resolution.propose(finding, by=self.cast.first_approver)
        second = self.cast.second_approver
        proof = _proved(second, Act.CONFIRM_RESOLUTION, proposed.proposal.digest)
        decisions.approve(proposed, proof=proof, by=second)


def _proved(by: User, act: Act, digest: str) -> PresenceProof:
    return presence.prove(props.code_of(by), act=act, digests=[digest], by=by)


def insist(act: Callable[[], Made]) -> Made:
    """Begin again for as long as the database is away."""
    while True:
        try:
            return act()
        except AWAY:
            connection.close()
            time.sleep(0.2)
