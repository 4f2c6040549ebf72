"""What a provider's code promises of amounts and coins."""

from dataclasses import replace
from decimal import Decimal

import pytest

from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.promises import NOTHING_PROMISED
from tests.props.facts.payments import ORDER

NETWORK = ORDER.kind.network
PROMISED = replace(NOTHING_PROMISED, decimals={(NETWORK, "USDT"): 4}, decimals_of_others={NETWORK: 2})


@pytest.mark.parametrize(("coin", "amount"), [("USDT", "1.2345"), ("USDT", "1.234500"), ("SOL", "1.23")])
def test_an_amount_that_fits_is_sent(coin: str, amount: str) -> None:
    PROMISED.check_amount(replace(ORDER, coin=coin, amount=Decimal(amount)))


@pytest.mark.parametrize(("coin", "amount"), [("USDT", "1.23456"), ("SOL", "1.234")])
def test_one_decimal_more_is_not(coin: str, amount: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        PROMISED.check_amount(replace(ORDER, coin=coin, amount=Decimal(amount)))
    assert raised.value.code == "too_many_decimals"


def test_a_coin_that_the_code_does_not_know_on_the_network_is_not_sent() -> None:
    with pytest.raises(InvalidValue) as raised:
        PROMISED.check_amount(replace(ORDER, kind=Kind.TRX_CHAIN))
    assert raised.value.code == "coin_not_sent"


def test_nothing_is_promised_where_no_code_speaks_for_the_provider() -> None:
    with pytest.raises(InvalidValue):
        NOTHING_PROMISED.check_amount(ORDER)
    assert not NOTHING_PROMISED.resend_allowed
    assert not NOTHING_PROMISED.can_look_up


@pytest.mark.parametrize("in_code", [True, False])
@pytest.mark.parametrize("in_row", [True, False])
def test_records_are_asked_for_where_code_and_row_say_yes(in_code: bool, in_row: bool) -> None:
    assert replace(NOTHING_PROMISED, can_look_up=in_code).may_be_asked(row_allows=in_row) == (in_code and in_row)
