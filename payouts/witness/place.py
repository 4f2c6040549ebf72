"""Where the witness is, by WITNESS_URL: `file:/var/lib/countersign/witness` or `postgres://…`."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from payouts.domain.errors import InvalidValue
from payouts.domain.sending.witness import Known
from payouts.witness.base import Witness
from payouts.witness.file import FileWitness
from payouts.witness.postgres import PostgresWitness


def open_witness(url: str) -> Witness:
    """The witness of this place, founded or not. Raises InvalidValue."""
    return FileWitness(path_of(url)) if is_file(url) else PostgresWitness(url)


def found_witness(url: str, known: Known) -> Witness:
    """Make a witness where none is, which knows this from the start. Raises InvalidValue, and WitnessAway."""
    return FileWitness.found(path_of(url), known) if is_file(url) else PostgresWitness.found(url, known)


def is_file(url: str) -> bool:
    """Whether it lies in a file. Raises InvalidValue for what is neither a file nor PostgreSQL."""
    scheme = url.split(":", 1)[0]
    if scheme in ("postgres", "postgresql"):
        return False
    if scheme != "file":
        raise InvalidValue("WITNESS_URL", "scheme", "It is file:/a/path or postgres://user:password@host/name.")
    return True


def path_of(url: str) -> Path:
    """The file of a file:-URL. Raises InvalidValue unless it is absolute and on this machine."""
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
        raise InvalidValue("WITNESS_URL", "path", "It names a whole path, such as file:/var/lib/countersign/witness.")
    return Path(unquote(parts.path))


def shown(url: str) -> str:
    """The place without a password: for pages, logs and the witness's row."""
    if is_file(url):
        return str(path_of(url))
    parts = urlsplit(url)
    return f"postgres://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"
