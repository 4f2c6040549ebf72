"""Keccak-256 as Ethereum uses it: the submission of 2011, which differs from SHA-3 in one padding byte."""

_RATE = 136  # bytes absorbed between two permutations when 256 bits come out
_LANE_MASK = (1 << 64) - 1

# FIPS 202, 3.2.5 (iota), one for each of the 24 rounds
_ROUND_CONSTANTS = (
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000,
    0x000000000000808B, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008A, 0x0000000000000088, 0x0000000080008009, 0x000000008000000A,
    0x000000008000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
)  # fmt: skip

# FIPS 202, 3.2.2 (rho): how far each lane turns, lane (x, y) standing at x + 5 * y
_OFFSETS = (
    0, 1, 62, 28, 27,
    36, 44, 6, 55, 20,
    3, 10, 43, 25, 39,
    41, 45, 15, 21, 8,
    18, 2, 61, 56, 14,
)  # fmt: skip


def keccak256(message: bytes) -> bytes:
    """The 32-byte Keccak-256 digest. Not SHA3-256, which hashlib has."""
    return _sponge(message, padding=0x01)


def _sponge(message: bytes, *, padding: int) -> bytes:
    """Absorb the padded message block by block; 0x01 makes it Keccak, 0x06 makes it SHA-3."""
    padded = bytearray(message + bytes(_RATE - len(message) % _RATE))
    padded[len(message)] = padding
    padded[-1] |= 0x80
    lanes = [0] * 25
    for start in range(0, len(padded), _RATE):
        for lane in range(_RATE // 8):
            at = start + 8 * lane
            lanes[lane] ^= int.from_bytes(padded[at : at + 8], "little")
        lanes = _permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _permute(lanes: list[int]) -> list[int]:
    """The 24 rounds of Keccak-f[1600]: theta, rho with pi, chi, iota."""
    for constant in _ROUND_CONSTANTS:
        parity = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        mixed = [parity[(x - 1) % 5] ^ _turned(parity[(x + 1) % 5], 1) for x in range(5)]
        moved = [0] * 25
        for at, lane in enumerate(lanes):
            y, x = divmod(at, 5)
            moved[y + 5 * ((2 * x + 3 * y) % 5)] = _turned(lane ^ mixed[x], _OFFSETS[at])
        lanes = [
            lane ^ (~moved[at - at % 5 + (at + 1) % 5] & moved[at - at % 5 + (at + 2) % 5])
            for at, lane in enumerate(moved)
        ]
        lanes[0] ^= constant
    return lanes


def _turned(lane: int, bits: int) -> int:
    return (lane << bits | lane >> (64 - bits)) & _LANE_MASK
