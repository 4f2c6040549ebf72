"""A row of Zoomex's records as its documentation shows one, the page that it stands on, and what we read of it."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from payouts.domain.unknown.record import Record, RecordStatus

KEY, SECRET = "B2Rou0PLPpGqcU0Vu2", "t7T0YlFnYXk0Fx3JswQsDrViLg1Gh3DUU5Mr"
SINCE = datetime(2024, 1, 22, 3, 0, 0, 700_000, tzinfo=UTC)
UNTIL = datetime(2024, 1, 22, 4, 0, 0, 100_000, tzinfo=UTC)
DAY = timedelta(days=1)
ROW: dict[str, Any] = {  # the fields of the documentation's table, for an internal transfer
    "withdraw_id": "10195",
    "tx_id": "",
    "withdraw_type": 1,
    "coin": "USDT",
    "chain": "",
    "amount": "12.5",
    "withdraw_fee": "0",
    "status": "Pending Review",
    "to_address": "12345678",
    "user_id": "1000001",
    "tag": "",
    "create_time": "1705895566",
    "update_time": "1705895566250",
}
RECORD = Record(
    provider_id="10195",
    tx_id="",
    coin="USDT",
    amount=Decimal("12.5"),
    fee=Decimal("0"),
    address="12345678",
    status=RecordStatus.PENDING,
    status_text="Pending Review",
    known=True,
    created_at=datetime(2024, 1, 22, 3, 52, 46, tzinfo=UTC),
    raw=json.dumps(ROW),
)


def page(*rows: object, cursor: object = "", **more: object) -> dict[str, object]:
    result = {"rows": list(rows), "cursor": cursor}
    return {"ret_code": 0, "ret_msg": "OK", "ext_code": "", "result": result, "ext_info": None, "time_now": 1} | more


def without(name: str) -> dict[str, Any]:
    return {field: value for field, value in ROW.items() if field != name}
