"""The faults that the soak asks of the simulated providers, as `demo.simulator.faults.asked.read_fault` takes them."""

from collections.abc import Mapping

Fault = Mapping[str, object]

BROKEN: list[Fault] = [
    *[{"fault": kind} for kind in ("drop_before_booking", "book_then_drop")],
    *[{"fault": kind} for kind in ("server_error_before", "server_error_after")],
    *[{"fault": kind} for kind in ("html", "truncated", "empty", "wrong_type")],
    {"fault": "hang", "seconds": 3.0},
    {"fault": "hang", "seconds": 3.0, "books": False},
    {"fault": "slow_bytes", "seconds": 0.1},
]
RECORDS: list[Fault] = [
    *[{"fault": kind, "on": "records"} for kind in ("drop", "server_error", "html", "truncated", "empty")],
    {"fault": "wrong_type", "on": "records"},
    {"fault": "too_many", "on": "records"},
    {"fault": "hang", "seconds": 3.0, "on": "records"},
    {"fault": "code", "code": 10006, "on": "records"},
]
ZOOMEX: list[Fault] = [
    *BROKEN,
    *[{"fault": "code", "code": code} for code in (10001, 10006, 10016, 90052, 131082, 10003, 5)],
    {"fault": "code", "code": 0, "http_status": 403},
    {"fault": "duplicate"},
    {"fault": "too_many"},
    *[{"fault": "normal", "ends": end} for end in ("Rejected", "Cancelled", "Fail", "Under Review")],
    *[{"fault": "book_then_drop", "record": "late", "record_after": seconds} for seconds in (2, 10)],
    {"fault": "book_then_drop", "record": "never"},
    {"fault": "normal", "record": "never"},
    *RECORDS,
    *RECORDS,
]
SWAPSPACE: list[Fault] = [
    *BROKEN,
    *[{"fault": "code", "code": code} for code in (40000, 40001, 40008, 40010, 7)],
]
AT: dict[str, list[Fault]] = {"zoomex": ZOOMEX, "swapspace": SWAPSPACE}
