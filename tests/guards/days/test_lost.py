"""Raw SQL against orphans: a record of what a provider accepted from a lost call is none."""

import pytest

from payouts.models import Account, ProviderRecord
from tests.props.rows.lost import lost_order, order_of
from tests.props.rows.rows import orphan_row, record_row
from tests.props.rows.sql import insert, refused_by

pytestmark = pytest.mark.django_db


def test_what_a_lost_call_paid_is_no_orphan(treasury: Account) -> None:
    lost_order(treasury, order_of(treasury), outcome="accepted", provider_id_given="10195")
    insert("providerrecord", **record_row(treasury, record_id="10195"))
    record = ProviderRecord.objects.get()
    with refused_by("what_a_lost_call_paid_is_no_orphan"):
        insert("orphan", **orphan_row(treasury, kind="record_without_withdrawal", record_id=record.pk))
