"""Uploaded text: the encodings that are read, and everything else."""

import pytest

from payouts.domain.encoding import decoded

TEXT = "Zeit;Betrag\r\nœ€;1"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        b"\xff\xfe" + TEXT.encode("utf-16-le"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
    ],
)
def test_each_encoding_gives_the_same_text_without_its_mark(content: bytes) -> None:
    assert decoded(content) == TEXT


@pytest.mark.parametrize(
    "content", [TEXT.encode("cp1252"), b"\xff\xfea", b"\xff\xfe\x00\xd8", b"\xed\xa0\x80", b"\xc0\x80"]
)
def test_what_is_neither_is_no_text(content: bytes) -> None:
    assert decoded(content) is None


def test_nothing_is_an_empty_text() -> None:
    assert decoded(b"") == ""
