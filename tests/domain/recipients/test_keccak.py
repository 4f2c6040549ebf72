"""Keccak-256 against published digests, and its permutation against the SHA-3 of the standard library."""

import hashlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from payouts.domain.recipients.keccak import _sponge, keccak256


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_published_digests(message: bytes, digest: str) -> None:
    assert keccak256(message).hex() == digest


@given(st.binary(max_size=400))
@example(bytes(135))  # one byte short of a block: both padding bits share a byte
@example(bytes(136))
@example(bytes(272))
def test_with_the_other_padding_it_is_sha3(message: bytes) -> None:
    assert _sponge(message, padding=0x06) == hashlib.sha3_256(message).digest()


@given(st.binary(max_size=400))
def test_it_is_not_sha3(message: bytes) -> None:
    assert keccak256(message) != hashlib.sha3_256(message).digest()
