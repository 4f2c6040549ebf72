"""What may be attached as evidence: a few types of file, told by their content, under a name that is safe to show."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from payouts.domain.encoding import decoded
from payouts.domain.errors import InvalidValue

LARGEST = 5 * 1024 * 1024  # bytes
LONGEST_NAME = 100

_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)
_TEXT, _CSV = "text/plain", "text/csv"
# Nothing in a CSV file tells it from other text: there the name decides.
_BY_ENDING = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".txt": _TEXT,
    ".csv": _CSV,
}
_RESERVED = '<>:"|?*'  # by file systems, or by the header that a download's name stands in
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # all but tab and line ends


@dataclass(frozen=True)
class EvidenceType:
    """The media type of a checked file, and the name under which it is kept."""

    media_type: str
    name: str  # without a path, at most 100 characters, ending as its type does


def check_evidence(name: str, content: bytes) -> EvidenceType:
    """The type that the content has and the name that agrees with it. Raises InvalidValue("evidence", ...)."""
    if not content:
        raise _invalid("empty", "The file is empty.")
    if len(content) > LARGEST:
        raise _invalid("too_large", f"A file has at most {LARGEST // 1024**2} MB.")
    named = safe_name(name)
    claimed = _BY_ENDING.get("".join(named.rpartition(".")[1:]).lower())
    found = _media_type(content)
    if claimed is None or found is None:
        raise _invalid("wrong_type", "Attach a PDF, a PNG or JPEG picture, or a text or CSV file.")
    if found != (_TEXT if claimed == _CSV else claimed):
        raise _invalid("name_differs", "The file is not what its name says. Export it again, do not rename it.")
    return EvidenceType(claimed, named)


def safe_name(name: str) -> str:
    """The last part of a path, LONGEST_NAME at most, without invisible and direction characters; its ending is kept."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    seen = "".join(character for character in " ".join(base.split()) if _can_be_seen(character))
    stem, dot, ending = seen.rstrip(" .").rpartition(".")
    if not dot:
        return ending[:LONGEST_NAME]
    return (stem.strip(" .") or "evidence")[: max(0, LONGEST_NAME - len(dot + ending))] + (dot + ending)[:LONGEST_NAME]


def sha256(content: bytes) -> str:
    """The hash by which evidence is recognised, in hex."""
    return hashlib.sha256(content).hexdigest()


def _media_type(content: bytes) -> str | None:
    """What the content is by its first bytes, or by being text all through; None for anything else."""
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return media_type
    text = decoded(content)
    return _TEXT if text is not None and not _CONTROL.search(text) else None


def _can_be_seen(character: str) -> bool:
    return unicodedata.category(character)[0] != "C" and character not in _RESERVED


def _invalid(code: str, message: str) -> InvalidValue:
    return InvalidValue("evidence", code, message)
