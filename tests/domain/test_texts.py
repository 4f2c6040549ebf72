"""Remark, purpose, invoice reference and reason: what each takes, and what it never lets through."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.domain.errors import InvalidValue
from payouts.domain.texts import check_invoice_reference, check_purpose, check_reason, check_remark

Check = Callable[[str], str]
FOR_PEOPLE: list[tuple[str, Check, int]] = [
    ("purpose", check_purpose, 200),
    ("invoice_reference", check_invoice_reference, 64),
    ("reason", check_reason, 500),
]


def refusal_of(check: Check, text: str) -> InvalidValue:
    with pytest.raises(InvalidValue) as refusal:
        check(text)
    return refusal.value


@pytest.mark.parametrize("text", ["", "r1", "Invoice 2026/10_7, part-2 #4.", "a" * 50])
def test_a_remark_is_taken_unchanged(text: str) -> None:
    assert check_remark(text) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a" * 51, "too_long"),
        ("a&amount", "ambiguous_when_signed"),
        ("a=1", "ambiguous_when_signed"),
        ("a+b", "wrong_character"),
        ("50%", "wrong_character"),
        ('"a"', "wrong_character"),
        ("a:b", "wrong_character"),
        ("a\nb", "wrong_character"),
        ("a\tb", "wrong_character"),
        ("a\u00a0b", "wrong_character"),
        ("caf\u00e9", "wrong_character"),
        ("\u0430", "wrong_character"),
        ("\u0661", "wrong_character"),
        ("\u202ea", "wrong_character"),
        (" a", "outer_space"),
        ("a ", "outer_space"),
        (" ", "outer_space"),
    ],
)
def test_every_bad_remark_has_its_own_code(text: str, code: str) -> None:
    refusal = refusal_of(check_remark, text)
    assert (refusal.field, refusal.code) == ("remark", code)


def test_the_first_wrong_character_of_a_remark_is_named() -> None:
    assert refusal_of(check_remark, "caf\u00e9 & co").message.startswith(
        "Character 4 is LATIN SMALL LETTER E WITH ACUTE (U+00E9)"
    )


@pytest.mark.parametrize("character", "&=")
def test_a_remark_says_why_it_cannot_have_the_signs_that_divide_the_signed_text(character: str) -> None:
    message = refusal_of(check_remark, f"a{character}b").message
    assert message.startswith(f'Character 2 is "{character}"')
    assert "signed" in message
    assert "ambiguous" in message


@given(st.text())
def test_no_remark_can_add_a_parameter_to_the_signed_text(text: str) -> None:
    try:
        remark = check_remark(text)
    except InvalidValue:
        return
    assert remark == text
    assert len(remark) <= 50
    assert remark.isascii()
    assert not set("&=\r\n") & set(remark)


@pytest.mark.parametrize(("field", "check", "longest"), FOR_PEOPLE)
def test_text_for_people_is_taken_unchanged(field: str, check: Check, longest: int) -> None:
    for text in ("Rent & heating, M\u00fcller = 5 %", "\u5de5\u8cc7 10", "a" * longest):
        assert check(text) == text, field


@pytest.mark.parametrize(("field", "check", "longest"), FOR_PEOPLE)
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("   ", "blank"),
        ("\u200d\u200d\u200d", "blank"),
        ("---", "blank"),
        ("one\ntwo", "unseen_character"),
        ("one\r\ntwo", "unseen_character"),
        ("one\x1b[2Jtwo", "unseen_character"),
        ("paid to \u202emoc.elpmaxe", "unseen_character"),
        ("paid to \u2067moc.elpmaxe", "unseen_character"),
        ("half \ud83d", "unseen_character"),
    ],
)
def test_every_bad_text_for_people_has_its_own_code(
    field: str, check: Check, longest: int, text: str, code: str
) -> None:
    refusal = refusal_of(check, text)
    assert len(text) <= longest
    assert (refusal.field, refusal.code) == (field, code)


@pytest.mark.parametrize(("field", "check", "longest"), FOR_PEOPLE)
def test_one_character_too_many_is_refused(field: str, check: Check, longest: int) -> None:
    refusal = refusal_of(check, "a" * (longest + 1))
    assert (refusal.field, refusal.code) == (field, "too_long")


def test_only_the_invoice_reference_may_be_empty() -> None:
    assert check_invoice_reference("") == ""
    assert refusal_of(check_purpose, "").code == "blank"
    assert refusal_of(check_reason, "").code == "blank"


def test_a_reason_has_three_characters_without_the_spaces_around_it() -> None:
    assert check_reason("why") == "why"
    assert refusal_of(check_reason, "no").code == "too_short"
    assert refusal_of(check_reason, " no ").code == "too_short"
