"""A database that went back, as people meet it: what was lost, the release, and a witness that is away."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from payouts.domain.sending.witness import Differences, Entry, Known
from payouts.models import Account, Address, Pause, Withdrawal
from payouts.preview import fields_to_send
from payouts.workflow.sending import went_back
from tests.browser.conftest import Room
from tests.props.cast import Cast, approved
from tests.props.pages.pages import act_on, list_of, page_of
from tests.props.witness.believing import in_step
from tests.props.worker import WORKER

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [(False, 1280), (True, 1280), (False, 390), (True, 390)]


def lost(account: Account, serial: int, withdrawal: Withdrawal | None) -> Entry:
    """A call that the witness knows of, and the rows do not."""
    reference, digest = (withdrawal.reference, withdrawal.digest) if withdrawal else ("f" * 32, "e" * 64)
    return Entry(account.name, serial, uuid4(), reference, digest, timezone.now() - timedelta(minutes=serial))


@pytest.mark.parametrize(("dark", "width"), LOOKS)
def test_what_was_lost_reads_well(
    transactional_db: None, cast: Cast, payee: Address, treasury: Account, room: Room, dark: bool, width: int
) -> None:
    unknown, ready = approved(cast, payee), approved(cast, payee, amount=Decimal(7))
    calls = [lost(treasury, 1, unknown), lost(treasury, 2, None)]
    known = Known(in_step().witness, {"treasury": calls[-1]})
    found = Differences(lost_calls=("treasury",), lost_events=True)
    went_back.stop(known, found, calls, fields=fields_to_send, by=WORKER)
    went_back.mark_away("The witness's server: OperationalError.", by=WORKER)
    it = Pause.objects.get()
    visitor = room.visitor(dark=dark, width=width)
    visitor.sign_in(cast.first_approver)
    look = f"{'dark' if dark else 'light'}-{width}"
    for name, path in {
        "desk": "/",
        "unknown-desk": list_of("payouts_resolution"),
        "pause": page_of(it),
        "release": act_on(it, "release"),
        "unknown": page_of(unknown),
        "approved": page_of(ready),
    }.items():
        visitor.go(path)
        visitor.check()
        visitor.photograph(f"out-of-step-{name}-{look}")
    for name in ("requester", "administrator", "auditor"):
        other = room.visitor(dark=dark, width=width)
        other.sign_in(getattr(cast, name))
        for page, path in {"desk": "/", "pause": page_of(it)}.items():
            other.go(path)
            other.check()
            other.photograph(f"out-of-step-{page}-{name}-{look}")
    visitor.go(act_on(it, "release"))
    assert visitor.page.get_by_text("Look for it at the provider").count() == 1
    assert visitor.page.get_by_text("Nothing is sent since").is_visible()
