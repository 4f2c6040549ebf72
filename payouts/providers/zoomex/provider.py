"""Zoomex: internal transfers to a customer's e-mail, phone or UID.

POST /private/v1/asset/withdraw/inner-create. Source: docs/v3/account/withdraw-internal of Zoomex's public
documentation. How it signs and what its codes mean stands in zoomex_v1, looking up in zoomex_records.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.kind import INTERNAL, Kind
from payouts.domain.sending.answer import Outcome
from payouts.domain.sending.instruction import Fields
from payouts.domain.unknown.record import Records
from payouts.domain.withdrawals.order import Order
from payouts.providers import wire
from payouts.providers.base import CUSTOMER, TIMEOUT, AssetSpec, Credentials, Option, Term, whole
from payouts.providers.json_over_http import Calls, Interpretation, Json, JsonOverHttp, SignedRequest
from payouts.providers.zoomex import records, v1
from payouts.providers.zoomex.clock import skew

PATH = "/private/v1/asset/withdraw/inner-create"
ADDRESS_TYPES = {Kind.EMAIL: 1, Kind.PHONE: 2, Kind.UID: 3}
REMARK_LIMIT = 50

_REQUEST_ID = re.compile(r"[A-Za-z0-9]{1,64}")
_AREA_CODE = re.compile(r"[1-9][0-9]{0,5}")
_WITHDRAWAL_ID = re.compile(r"[!-~]{1,64}")


class Zoomex(JsonOverHttp):
    """A master account's API key with the right to withdraw."""

    name: ClassVar[str] = "zoomex"
    title: ClassVar[str] = "Zoomex"
    kinds: ClassVar[frozenset[Kind]] = frozenset(ADDRESS_TYPES)
    assets: ClassVar[tuple[AssetSpec, ...]] = (
        AssetSpec(INTERNAL, "USDT", 4),  # the accuracy in the sample of docs/v3/account/coin-info
        AssetSpec(INTERNAL, "USDC", 4),  # these three are not in the sample: no finer than is customary
        AssetSpec(INTERNAL, "BTC", 8),
        AssetSpec(INTERNAL, "ETH", 8),
    )
    decimals_of_others: ClassVar[Mapping[str, int]] = {INTERNAL: 8}  # more are refused, by the older docs' code 90002
    takes_remark: ClassVar[bool] = True
    # requestId is documented as idempotent. What a repeated one is answered is not, nor for how long it is kept: a
    # code that means "duplicate" is therefore Unknown, and a resend has to come soon.
    resend_allowed: ClassVar[bool] = True
    can_look_up: ClassVar[bool] = True
    look_ups_a_minute: ClassVar[int] = records.REQUESTS_A_MINUTE
    stop_codes: ClassVar[frozenset[str]] = v1.STOP_CODES
    hosts: ClassVar[frozenset[str]] = frozenset({"openapi.zoomex.com", "openapi-testnet.zoomex.com"})
    key: ClassVar[Term] = Term("API_KEY", r"[!-%'-<>-~]{1,128}", "plain characters without spaces, & and =")
    secret: ClassVar[Term] = Term("API_SECRET", r"[!-~]{1,256}", "plain characters without spaces")
    options: ClassVar[Mapping[str, Option]] = {
        "timeout": TIMEOUT,
        # milliseconds; as short as the documented default: a longer one lengthens the time for a replay
        "recv_window": whole(5000, least=1000, most=60_000),
        "customer": CUSTOMER,  # the master account's UID, which no interface tells
    }

    def __init__(
        self, credentials: Credentials, *, line: Calls | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(credentials, line=line, clock=clock)
        # A line of its own: waiting for a long answer to a look-up would make a signed withdrawal too old.
        reading = line or self.open_line()
        window = int(self.option("recv_window"))
        self.statement = records.RecordsReader(credentials, reading, window=window, clock=clock)
        self.tolerates_behind = timedelta(milliseconds=window)

    @staticmethod
    def fields(order: Order) -> dict[str, str | int]:
        """requestId, coin, addressType, areaCode (phones), address, amount and remark (unless empty)."""
        if not _REQUEST_ID.fullmatch(order.reference):
            raise InvalidValue("reference", "form", "A requestId is 1 to 64 letters and digits.")
        kind = wire.kind_among(order.kind, Zoomex.kinds, Zoomex.title)
        fields: dict[str, str | int] = {
            "requestId": order.reference,
            "coin": wire.unambiguous("coin", order.coin),
            "addressType": ADDRESS_TYPES[kind],
        }
        if kind is Kind.PHONE:
            fields["areaCode"] = _area_code(order.area_code)
        fields["address"] = wire.unambiguous("address", order.address)
        fields["amount"] = wire.amount(order.amount)
        if order.remark:
            fields["remark"] = _remark(order.remark)
        return fields

    def request(self, fields: Fields) -> SignedRequest:
        """The fields with key, clock and signature in the JSON body, and the last four in headers as well."""
        window = int(self.option("recv_window"))
        signed = v1.signed(fields, self.credentials, at=self.clock(), window=window)
        body = json.dumps(signed.params, ensure_ascii=False).encode()
        return SignedRequest(PATH, "application/json", body, signed.sign, signed.headers)

    def verdict(self, http_status: int, answer: Json | None) -> Interpretation:
        """What the code says; a yes only with a usable withdraw_id, a no only without any."""
        verdict = v1.verdict(http_status, answer)
        result = answer.get("result") if answer else None
        provider_id = result.get("withdraw_id") if isinstance(result, dict) else None
        match verdict.outcome:
            case Outcome.UNKNOWN:
                return verdict
            case Outcome.REFUSED | Outcome.NOT_EXECUTED:
                return v1.contradictory(answer) if provider_id else verdict
            case Outcome.ACCEPTED:
                if isinstance(provider_id, str) and _WITHDRAWAL_ID.fullmatch(provider_id):
                    return replace(verdict, provider_id=provider_id)
                return Interpretation(Outcome.UNKNOWN, "no_withdrawal_id", "Code 0, but no usable withdraw_id.")

    def records(self, *, since: datetime, until: datetime) -> Records:
        """Every withdrawal of the account; see LookUp.records."""
        return self.statement.records(since, until)

    def clock_skew(self) -> timedelta | None:
        """Zoomex's time minus ours; see LookUp.clock_skew."""
        return skew(self.statement.line, self.clock)

    def close(self) -> None:
        super().close()
        self.statement.line.close()


def _area_code(digits: str) -> int:
    """An integer in the documentation, so it must not begin with a zero, which would be lost on the way."""
    if not _AREA_CODE.fullmatch(digits):
        raise InvalidValue("area_code", "form", "An area code is 1 to 6 digits without a leading zero.")
    return int(digits)


def _remark(remark: str) -> str:
    if len(remark) > REMARK_LIMIT:
        raise InvalidValue("remark", "too_long", f"A remark has at most {REMARK_LIMIT} characters.")
    return wire.unambiguous("remark", remark)
