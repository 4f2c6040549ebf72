"""Signatures against every vector that the providers' documentation gives, and those derived from them."""

from collections.abc import Callable, Mapping

import pytest

from payouts.providers import signing

ZOOMEX_SECRET = "t7T0YlFnYXk0Fx3JswQsDrViLg1Gh3DUU5Mr"  # of a public documentation sample
SWAPSPACE_KEY = "8b026795f25458920ec1ce2249efasd9"  # likewise

ZOOMEX_VECTORS = {
    "published sample": (
        "api_key=B2Rou0PLPpGqcU0Vu2&leverage=100&symbol=BTCUSD&timestamp=1542434791000",
        "670e3e4aa32b243f2dedf1dafcec2fd17a440e71b05681550416507de591d908",
    ),
    "internal withdrawal": (
        "address=12345678&addressType=3&amount=1&api_key=B2Rou0PLPpGqcU0Vu2&coin=USDT&recv_window=5000"
        "&remark=r1&requestId=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&timestamp=1542434791000",
        "bded2040cbe8594f908ab8334f6e95c36cb49cf24a4039bd3b118c631c12af1c",
    ),
    "records": (
        "api_key=B2Rou0PLPpGqcU0Vu2&coin=USDT&endTime=1542434791&pageSize=50&recv_window=5000"
        "&startTime=1542430000&timestamp=1542434791000&withdrawType=2",
        "49be07406efcd6e715c60eceb9dfd21f92f2c1bbc692dfa3be20e47db767f225",
    ),
}
SWAPSPACE_VECTORS = {
    "published deposit example, without the stray space": (
        "code=100119&currency_type=USDT&order_amount=1000&order_id=999123&order_time=1703232182&uid=123545",
        "CmjeVZ4srq8ZvLaajHYmHWtT1UV4QPTowEpQ05X55jY=",
    ),
    "withdrawal": (
        "block_chain=TRX_CHAIN&code=100119&order_time=1705895566"
        "&to_address=TL9qtZWi2PX2uZFRZ8RsrYxULVv9Zbax44&token_name=USDT&withdraw_amount=1000",
        "SGJjgtSyjDkHc22vzj0du+lQryrHpj/bjfKaADBxdkU=",
    ),
}
WITHDRAWAL = SWAPSPACE_VECTORS["withdrawal"][0]


def params_of(text: str) -> dict[str, str | int]:
    """The parameters behind a signed text, in an order that is not the sorted one."""
    return dict(reversed([(name, value) for name, _, value in (p.partition("=") for p in text.split("&"))]))


@pytest.mark.parametrize(("text", "expected"), ZOOMEX_VECTORS.values(), ids=ZOOMEX_VECTORS)
def test_zoomex_vectors_are_reproduced(text: str, expected: str) -> None:
    assert signing.signed_text(params_of(text)) == text
    assert signing.zoomex_v1(params_of(text), ZOOMEX_SECRET) == expected


@pytest.mark.parametrize(("text", "expected"), SWAPSPACE_VECTORS.values(), ids=SWAPSPACE_VECTORS)
def test_swapspace_vectors_are_reproduced(text: str, expected: str) -> None:
    assert signing.signed_text(params_of(text)) == text
    assert signing.swapspace(params_of(text), SWAPSPACE_KEY) == expected


@pytest.mark.parametrize("sign", [signing.zoomex_v1, signing.swapspace])
def test_a_signature_never_signs_itself_and_changes_nothing(
    sign: Callable[[Mapping[str, str | int], str], str],
) -> None:
    params = params_of(WITHDRAWAL) | {"sign": "the signature of an earlier attempt="}
    before = dict(params)
    assert sign(params, "secret") == sign(params_of(WITHDRAWAL), "secret")
    assert params == before


def test_numbers_and_their_texts_sign_alike() -> None:
    assert signing.signed_text({"b": 3, "a": "x"}) == "a=x&b=3"


@pytest.mark.parametrize("value", ["a&amount=9", "a=b", "&", "="])
def test_a_value_that_could_be_read_in_two_ways_is_not_signed(value: str) -> None:
    with pytest.raises(ValueError, match="ambiguous"):
        signing.zoomex_v1({"address": value}, "secret")


def test_only_a_cursor_may_have_an_equals_sign_and_nothing_an_ampersand() -> None:
    assert signing.signed_text({"cursor": "YWI=", "coin": "USDT"}) == "coin=USDT&cursor=YWI="
    with pytest.raises(ValueError, match="ambiguous"):
        signing.signed_text({"cursor": "YWI=&withdrawType=0"})


@pytest.mark.parametrize("value", [True, False, None, 1.0, b"1", ["1"]])
def test_only_texts_and_whole_numbers_are_signed(value: object) -> None:
    with pytest.raises(ValueError, match="neither text nor a whole number"):
        signing.swapspace({"amount": value}, "secret")  # type: ignore[dict-item]


def test_an_unsignable_value_is_not_repeated_in_the_complaint() -> None:
    with pytest.raises(ValueError, match="api_key") as complaint:
        signing.zoomex_v1({"api_key": "hush=hush"}, "secret")
    assert "hush" not in str(complaint.value)
