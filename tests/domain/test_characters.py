"""Naming a character so that a person finds it, and a log line stays one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.domain.characters import first_outside, position, refuse_strays, refuse_unseen
from payouts.domain.errors import InvalidValue


@pytest.mark.parametrize(
    ("text", "at", "sentence"),
    [
        ("T0", 1, 'Character 2 is "0" (DIGIT ZERO)'),
        ("\u0422", 0, "Character 1 is CYRILLIC CAPITAL LETTER TE (U+0422)"),
        ("a b", 1, "Character 2 is SPACE (U+0020)"),
        ("a\nb", 1, "Character 2 is a line break (U+000A)"),
        ("a\x07", 1, "Character 2 is a control character (U+0007)"),
        ("\u202e", 0, "Character 1 is RIGHT-TO-LEFT OVERRIDE (U+202E)"),
        ("\ue000", 0, "Character 1 is a character without a name (U+E000)"),
    ],
)
def test_a_character_is_named_with_its_position(text: str, at: int, sentence: str) -> None:
    assert position(text, at) == sentence


@given(st.characters())
def test_the_name_of_any_character_is_printable_ascii(character: str) -> None:
    sentence = position(character, 0)
    assert sentence.isascii()
    assert sentence.isprintable()


def test_the_first_character_outside_is_found() -> None:
    assert first_outside("1a2b", "12") == 1
    assert first_outside("1212", "12") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" a", "white_space"),
        ("a ", "white_space"),
        ("a\tb", "white_space"),
        ("a\r\n", "white_space"),
        ("a\u00a0b", "white_space"),
        ("a\u3000b", "white_space"),
        ("a\u200bb", "not_ascii"),  # zero width space, which Unicode does not count as white space
        ("\u0430", "not_ascii"),
        ("a\u202eb", "not_ascii"),
        ("\uff11", "not_ascii"),
        ("\ufeffa", "not_ascii"),
        ("a\x00b", "control_character"),
        ("a\x7f", "control_character"),
    ],
)
def test_a_stray_character_is_refused_wherever_it_stands(text: str, code: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        refuse_strays("address", text)
    assert (refusal.value.field, refusal.value.code) == ("address", code)


@pytest.mark.parametrize("text", ["", "plain", "!~"])
def test_printable_ascii_is_no_stray(text: str) -> None:
    refuse_strays("address", text)


UNSEEN = ["\n", "\r", "\t", "\x00", "\x1b", "\x85", "\u00ad", "\u200b", "\u200e", "\u2028", "\u2029"]
BIDIRECTIONAL = ["\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"]


@pytest.mark.parametrize("character", [*UNSEEN, *BIDIRECTIONAL, "\ud800", "\ufeff"])
def test_an_unseen_character_is_refused_in_text_for_people(character: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        refuse_unseen("purpose", f"Rent{character}May")
    assert refusal.value.code == "unseen_character"
    assert refusal.value.message.startswith("Character 5 is ")


@pytest.mark.parametrize(
    "text", ["M\u00fcller & S\u00f6hne", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u5de5\u8cc7"]
)
def test_text_for_people_may_be_in_any_script(text: str) -> None:
    refuse_unseen("purpose", text)
