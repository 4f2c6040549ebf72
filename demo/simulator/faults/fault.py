"""One scripted fault: where it strikes, what the caller gets to see, and what becomes of the order it meets."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from demo.simulator.faults.fate import Fate


class On(StrEnum):
    """Which endpoint a fault strikes."""

    CREATE = "create"
    RECORDS = "records"  # Zoomex only: Swapspace can be asked nothing
    TIME = "time"  # Zoomex only


class FaultKind(StrEnum):
    """What the caller gets to see."""

    NORMAL = "normal"  # the true answer: for an order whose fate alone is scripted, or to let one call pass
    HANG = "hang"  # no byte of an answer, until the caller leaves
    DROP_BEFORE_BOOKING = "drop_before_booking"  # connection closed, nothing booked
    BOOK_THEN_DROP = "book_then_drop"  # connection closed, but it was booked
    DROP = "drop"  # connection closed, where nothing could be booked anyway
    SERVER_ERROR_BEFORE = "server_error_before"  # HTTP 500, nothing booked
    SERVER_ERROR_AFTER = "server_error_after"  # HTTP 500, but it was booked
    SERVER_ERROR = "server_error"  # HTTP 500, where nothing could be booked anyway
    HTML = "html"  # HTTP 200 and a gateway's page
    TRUNCATED = "truncated"  # half of the answer, then the connection closes
    EMPTY = "empty"  # HTTP 200 and no body
    WRONG_TYPE = "wrong_type"  # the answer's JSON with every value turned into a text
    SLOW_BYTES = "slow_bytes"  # the true answer, one byte every `seconds`
    CODE = "code"  # the provider's envelope with `code`, under `http_status`
    DUPLICATE = "duplicate"  # the envelope with 10014, and nothing booked
    TOO_MANY = "too_many"  # the envelope with 10006 and the headers of a limit that is used up
    CLOCK = "clock"  # the provider's clock is off by `seconds`, until the faults are cleared


_ANYWHERE = {
    FaultKind.HANG,
    FaultKind.HTML,
    FaultKind.TRUNCATED,
    FaultKind.EMPTY,
    FaultKind.WRONG_TYPE,
    FaultKind.SLOW_BYTES,
    FaultKind.CODE,
}
_CREATE = _ANYWHERE | {
    FaultKind.NORMAL,
    FaultKind.DROP_BEFORE_BOOKING,
    FaultKind.BOOK_THEN_DROP,
    FaultKind.SERVER_ERROR_BEFORE,
    FaultKind.SERVER_ERROR_AFTER,
}
# Which kinds there are, by provider and endpoint.
KINDS: Mapping[str, Mapping[On, frozenset[FaultKind]]] = {
    "zoomex": {
        On.CREATE: frozenset(_CREATE | {FaultKind.DUPLICATE, FaultKind.TOO_MANY}),
        On.RECORDS: frozenset(_ANYWHERE | {FaultKind.DROP, FaultKind.SERVER_ERROR, FaultKind.TOO_MANY}),
        On.TIME: frozenset({FaultKind.CLOCK}),
    },
    "swapspace": {On.CREATE: frozenset(_CREATE)},
}


@dataclass(frozen=True)
class Fault:
    """One kind of trouble for the next `times` calls to one endpoint of a provider.

    `books`: whether a create call is decided (and booked, when it is right) before the trouble starts.
    """

    provider: str
    on: On
    kind: FaultKind
    books: bool
    times: int = 1
    seconds: float = 1.0  # between bytes for SLOW_BYTES; the longest wait for HANG; how far off for CLOCK
    code: int | None = None
    message: str = ""
    http_status: int = 200
    fate: Fate | None = None  # of the order it books; None: nothing special
