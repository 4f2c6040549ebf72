"""Characters that people cannot see, or take for others: finding them, naming them, refusing them."""

import unicodedata

from payouts.domain.errors import InvalidValue

# Zero-width joiners shape Persian and Indic words and join emoji; they cannot reorder what is read.
_JOINERS = "\u200c\u200d"
# Control, format (with the bidirectional overrides), half a surrogate pair, line and paragraph breaks.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def position(text: str, at: int) -> str:
    """The start of a sentence about one character, counted from 1: `Character 3 is "0" (DIGIT ZERO)`."""
    return f"Character {at + 1} is {_named(text[at])}"


def first_outside(text: str, allowed: str) -> int | None:
    """Where the first character stands that is not an allowed one; None when all are."""
    return next((at for at, character in enumerate(text) if character not in allowed), None)


def refuse_strays(field: str, text: str) -> None:
    """Refuse white space, letters beyond ASCII and control characters, wherever they stand.

    Nothing is stripped for the person: what was pasted around an address may be the missing part of it.
    Raises InvalidValue with the code white_space, not_ascii or control_character.
    """
    for at, character in enumerate(text):
        if character.isspace():
            message = f"{position(text, at)}. Remove the white space and check that nothing is missing."
            raise InvalidValue(field, "white_space", message)
        if not character.isascii():
            message = f"{position(text, at)}, which is not ASCII. It may only look right: write it anew."
            raise InvalidValue(field, "not_ascii", message)
        if not character.isprintable():
            raise InvalidValue(field, "control_character", f"{position(text, at)}. Remove it.")


def refuse_unseen(field: str, text: str) -> None:
    """Refuse characters that are invisible or change the reading order; text of any script may pass.

    Raises InvalidValue with the code unseen_character; line breaks count as unseen.
    """
    for at, character in enumerate(text):
        if unicodedata.category(character) in _UNSEEN and character not in _JOINERS:
            message = f"{position(text, at)}. Write one line without control characters."
            raise InvalidValue(field, "unseen_character", message)


def _named(character: str) -> str:
    name = unicodedata.name(character, "a character without a name")
    if character.isascii() and character.isprintable() and character != " ":
        return f'"{character}" ({name})'
    if unicodedata.category(character) == "Cc":
        name = "a line break" if character in "\r\n" else "a control character"
    return f"{name} (U+{ord(character):04X})"
