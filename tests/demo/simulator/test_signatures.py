"""The simulator's own signatures against the vectors of the providers' documents."""

import pytest

from demo.simulator.signatures import Unsignable, same, signed_text, swapspace, zoomex_v1

SECRET = "t7T0YlFnYXk0Fx3JswQsDrViLg1Gh3DUU5Mr"
ACCESS_KEY = "8b026795f25458920ec1ce2249efasd9"


def test_zoomex_v1_gives_the_published_signature() -> None:
    fields = {
        "api_key": "B2Rou0PLPpGqcU0Vu2",
        "leverage": "100",
        "symbol": "BTCUSD",
        "timestamp": "1542434791000",
    }
    assert zoomex_v1(SECRET, fields) == "670e3e4aa32b243f2dedf1dafcec2fd17a440e71b05681550416507de591d908"


def test_zoomex_v1_gives_the_derived_signature_of_an_internal_withdrawal() -> None:
    fields = {
        "requestId": "a" * 32,
        "coin": "USDT",
        "addressType": "3",
        "address": "12345678",
        "amount": "1",
        "remark": "r1",
        "api_key": "B2Rou0PLPpGqcU0Vu2",
        "recv_window": "5000",
        "timestamp": "1542434791000",
    }
    assert zoomex_v1(SECRET, fields) == "bded2040cbe8594f908ab8334f6e95c36cb49cf24a4039bd3b118c631c12af1c"


def test_zoomex_v1_gives_the_derived_signature_of_a_query() -> None:
    fields = {
        "api_key": "B2Rou0PLPpGqcU0Vu2",
        "coin": "USDT",
        "endTime": "1542434791",
        "pageSize": "50",
        "recv_window": "5000",
        "startTime": "1542430000",
        "timestamp": "1542434791000",
        "withdrawType": "2",
    }
    assert zoomex_v1(SECRET, fields) == "49be07406efcd6e715c60eceb9dfd21f92f2c1bbc692dfa3be20e47db767f225"


def test_swapspace_gives_the_published_signature() -> None:
    fields = {
        "code": "100119",
        "currency_type": "USDT",
        "order_amount": "1000",
        "order_id": "999123",
        "order_time": "1703232182",
        "uid": "123545",
    }
    assert swapspace(ACCESS_KEY, fields) == "CmjeVZ4srq8ZvLaajHYmHWtT1UV4QPTowEpQ05X55jY="


def test_swapspace_gives_the_derived_signature_of_a_withdrawal() -> None:
    fields = {
        "block_chain": "TRX_CHAIN",
        "code": "100119",
        "order_time": "1705895566",
        "to_address": "TL9qtZWi2PX2uZFRZ8RsrYxULVv9Zbax44",
        "token_name": "USDT",
        "withdraw_amount": "1000",
    }
    assert swapspace(ACCESS_KEY, fields) == "SGJjgtSyjDkHc22vzj0du+lQryrHpj/bjfKaADBxdkU="


def test_the_signature_does_not_sign_itself() -> None:
    assert signed_text({"b": "2", "sign": "x", "a": "1"}) == "a=1&b=2"


def test_booleans_are_signed_in_lower_case() -> None:
    assert signed_text({"no": False, "yes": True}) == "no=false&yes=true"


@pytest.mark.parametrize("value", [None, [], {}])
def test_what_has_no_documented_text_cannot_be_signed(value: object) -> None:
    with pytest.raises(Unsignable):
        signed_text({"a": value})


def test_a_signature_of_any_characters_can_be_compared() -> None:
    assert same("abc", "abc")
    assert not same("abc", "abd")
    assert not same("abc", "äbc\ud800")
