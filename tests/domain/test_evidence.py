"""Evidence: the content says what a file is, and the name has to agree and to be safe."""

import pytest

from payouts.domain.errors import InvalidValue
from payouts.domain.evidence import LARGEST, EvidenceType, check_evidence, safe_name, sha256

PDF = b"%PDF-1.7\n1 0 obj"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
TEXT = "Paid on 1 March, seen by Zoë.\n".encode()


def code_of(name: str, content: bytes) -> str:
    with pytest.raises(InvalidValue) as refusal:
        check_evidence(name, content)
    assert refusal.value.field == "evidence"
    return refusal.value.code


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("A.PDF", PDF, "application/pdf"),
        ("a.png", PNG, "image/png"),
        ("a.jpg", JPEG, "image/jpeg"),
        ("a.jpeg", JPEG, "image/jpeg"),
        ("a.txt", TEXT, "text/plain"),
        ("a.csv", b"Time,Coin\n\t=1+1,b\r\n", "text/csv"),
        ("a.csv", b"\xff\xfe" + "Time,Coin".encode("utf-16-le"), "text/csv"),
        ("a.txt", b"x", "text/plain"),
    ],
)
def test_a_file_that_is_what_it_says_is_taken(name: str, content: bytes, media_type: str) -> None:
    assert check_evidence(name, content) == EvidenceType(media_type, name)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b"a" * (LARGEST + 1), "too_large"),
        ("a.png", PDF, "name_differs"),
        ("a.txt", PDF, "name_differs"),
        ("a.csv", JPEG, "name_differs"),
        ("a.pdf", TEXT, "name_differs"),
        ("a.pdf", b"\n" + PDF, "name_differs"),
        ("a.html", b"<script>alert(1)</script>", "wrong_type"),
        ("a.svg", b"<svg/>", "wrong_type"),
        ("a.pdf.exe", PDF, "wrong_type"),
        ("a", PDF, "wrong_type"),
        ("pdf", PDF, "wrong_type"),
        ("", PDF, "wrong_type"),
        ("a.pdf", b"PK\x03\x04\x00\x00", "wrong_type"),
        ("a.txt", b"MZ\x90\x00", "wrong_type"),
        ("a.txt", b"nul \x00", "wrong_type"),
        ("a.txt", b"escape \x1b[2J", "wrong_type"),
        ("a.txt", "next line \x85".encode(), "wrong_type"),
        ("a.txt", "Zoë".encode("latin-1"), "wrong_type"),
        ("a.fdp\u202e.exe", PDF, "wrong_type"),
    ],
)
def test_every_other_file_is_refused(name: str, content: bytes, code: str) -> None:
    assert code_of(name, content) == code


def test_the_largest_is_taken() -> None:
    assert check_evidence("a.txt", b"a" * LARGEST).media_type == "text/plain"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("receipt.pdf", "receipt.pdf"),
        ("Beleg für März.pdf", "Beleg für März.pdf"),
        ("../../etc/receipt.pdf", "receipt.pdf"),
        (r"C:\Users\ada\receipt.pdf", "receipt.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie x.pdf"),
        ("a\u202efdp.txt", "afdp.txt"),
        ("a\u2028b\u200b.pdf", "a b.pdf"),
        ("a\x00\x7f.pdf", "a.pdf"),
        ('a"; filename="b.pdf', "a; filename=b.pdf"),
        ("  a  .pdf. . ", "a.pdf"),
        (".pdf", "evidence.pdf"),
        ("..pdf", "evidence.pdf"),
        ("\ud800.pdf", "evidence.pdf"),
        ("..", ""),
    ],
)
def test_a_name_is_reduced_to_what_is_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("name", ["a" * 300 + ".pdf", "a." + "b" * 300, "b" * 300])
def test_a_name_has_at_most_a_hundred_characters(name: str) -> None:
    assert len(safe_name(name)) == 100


def test_a_long_name_keeps_its_ending() -> None:
    assert check_evidence("a" * 300 + ".pdf", PDF).name == "a" * 96 + ".pdf"


def test_a_name_made_safe_is_safe_already() -> None:
    for name in ("../a\u202e .pdf", "x" * 300 + ".csv", ' ". .txt'):
        assert safe_name(safe_name(name)) == safe_name(name)


def test_the_hash_is_sha_256_in_hex() -> None:
    assert sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
