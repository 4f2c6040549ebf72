"""Swapspace: withdrawals from a merchant's balance to a TRON or Ethereum address.

POST /admin/api/open/saveWithdraw. Source: docs.swapspace.ai/apis/create-withdraw-order. There is no
reference of ours in the request, no id in the answer and no way to ask: nothing may ever be sent twice.
"""

import json
import re
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlencode

from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.answer import Outcome
from payouts.domain.sending.instruction import Fields
from payouts.domain.withdrawals.order import Order
from payouts.providers import signing, wire
from payouts.providers.base import TIMEOUT, AssetSpec, Option, Term, one_of
from payouts.providers.json_over_http import Interpretation, Json, JsonOverHttp, Meaning, SignedRequest

PATH = "/admin/api/open/saveWithdraw"
AMOUNT_LIMIT = 18

_NUMBER = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")

CODES: Mapping[int, Meaning] = {
    200: Meaning(Outcome.ACCEPTED, "Success"),
    40000: Meaning(Outcome.UNKNOWN, "System error"),
    40001: Meaning(Outcome.REFUSED, "Parameter error"),
    40002: Meaning(Outcome.REFUSED, "Token name error"),
    40003: Meaning(Outcome.REFUSED, "Merchant code not found"),
    40004: Meaning(Outcome.REFUSED, "Withdrawals are prohibited"),
    40005: Meaning(Outcome.REFUSED, "Signature error"),
    40006: Meaning(Outcome.REFUSED, "The address is not in the right form"),
    40007: Meaning(Outcome.REFUSED, "Withdrawals to an internal address are not supported"),
    40008: Meaning(Outcome.REFUSED, "The balance is not sufficient"),
    40009: Meaning(Outcome.REFUSED, "The amount must be greater than the fee"),
    40010: Meaning(Outcome.REFUSED, "The IP address is not on the white list"),
}

# These say something of the merchant, not of one order: the next would most likely be refused too.
STOP_CODES = frozenset({"40003", "40004", "40005", "40008", "40010"})


class Swapspace(JsonOverHttp):
    """A merchant's code and access key."""

    name: ClassVar[str] = "swapspace"
    title: ClassVar[str] = "Swapspace"
    kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.TRX_CHAIN, Kind.ETH_CHAIN})
    assets: ClassVar[tuple[AssetSpec, ...]] = (
        # Swapspace documents coins and chains, not decimals: these are the tokens' own.
        AssetSpec(Kind.TRX_CHAIN.network, "USDT", 6),
        AssetSpec(Kind.ETH_CHAIN.network, "USDT", 6),
        AssetSpec(Kind.ETH_CHAIN.network, "USDC", 6),
        AssetSpec(Kind.ETH_CHAIN.network, "ETH", 18),
    )
    decimals_of_others: ClassVar[Mapping[str, int]] = {}  # no other token is documented
    takes_remark: ClassVar[bool] = False
    resend_allowed: ClassVar[bool] = False  # no reference, so a second request is a second payment
    can_look_up: ClassVar[bool] = False  # no query is documented
    stop_codes: ClassVar[frozenset[str]] = STOP_CODES
    hosts: ClassVar[frozenset[str]] = frozenset({"api.swapspace.ai"})
    # An int of at most six digits in the documentation; no leading zero, which a JSON number cannot carry.
    key: ClassVar[Term] = Term("MERCHANT_CODE", r"[1-9][0-9]{0,5}", "a number of at most six digits")
    secret: ClassVar[Term] = Term("ACCESS_KEY", r"[!-~]{1,256}", "plain characters without spaces")
    options: ClassVar[Mapping[str, Option]] = {
        "timeout": TIMEOUT,
        "content": one_of("json", "form"),  # the documentation does not say which
    }

    @staticmethod
    def customer(key: str, options: Mapping[str, str]) -> str:  # noqa: ARG004
        """The merchant code, which is the key."""
        return key

    @staticmethod
    def fields(order: Order) -> dict[str, str | int]:
        """block_chain, token_name, to_address and withdraw_amount; the amount as the text that is sent."""
        kind = wire.kind_among(order.kind, Swapspace.kinds, Swapspace.title)
        amount = wire.amount(order.amount)
        if len(amount) > AMOUNT_LIMIT:
            message = f"{Swapspace.title} takes at most {AMOUNT_LIMIT} characters for an amount."
            raise InvalidValue("amount", "too_long", message)
        return {
            "block_chain": kind.value,
            "token_name": wire.unambiguous("coin", order.coin),
            "to_address": wire.unambiguous("address", order.address),
            "withdraw_amount": amount,
        }

    def request(self, fields: Fields) -> SignedRequest:
        """The four fields, code and time, and the signature of the six, as JSON or as a form."""
        params = {**fields, "code": int(self.credentials.key), "order_time": int(self.clock())}
        sign = signing.swapspace(params, self.credentials.secret)
        signed = params | {"sign": sign}
        if self.option("content") == "form":
            return SignedRequest(PATH, "application/x-www-form-urlencoded", urlencode(signed).encode(), sign)
        return SignedRequest(PATH, "application/json", json_body(signed).encode(), sign)

    def verdict(self, http_status: int, answer: Json | None) -> Interpretation:
        """The body's code, under HTTP 200 only: no other status is documented."""
        message = answer.get("msg") if answer else None
        if http_status != 200:
            return Interpretation(Outcome.UNKNOWN, f"HTTP {http_status}", "Not a documented answer.", message)
        code = answer.get("code") if answer else None
        if type(code) is not int:
            return Interpretation(Outcome.UNKNOWN, "unreadable", "No code could be read.", message)
        meaning = CODES.get(code, Meaning(Outcome.UNKNOWN, "Not a documented code."))
        return Interpretation(meaning.outcome, str(code), meaning.words, message)


def json_body(params: Mapping[str, str | int]) -> str:
    """The parameters as a JSON object in which the amount is a bare number with the digits that were signed.

    Written out by hand for that reason: any serializer would turn it into a float first, and 1000 into
    1000.0 or 1e3. Raises ValueError for an amount that is no plain JSON number.
    """
    members = (f"{json.dumps(name)}:{_json_value(name, value)}" for name, value in params.items())
    return "{" + ",".join(members) + "}"


def _json_value(name: str, value: str | int) -> str:
    if name != "withdraw_amount":
        return json.dumps(value, ensure_ascii=False)
    if not _NUMBER.fullmatch(str(value)):
        raise ValueError("withdraw_amount is not a plain number")
    return str(value)
