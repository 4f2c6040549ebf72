"""What can go wrong with a call, as the simulator takes it: every kind of fault, and the fates that a booking can have.

A provider may be slow, silent or confused here, but it does not lie: what it refuses in its own words is not booked.
"""

from typing import Any

Trouble = dict[str, Any]

DONE, REJECTED = "Transferred successfully", "Rejected"

_BROKEN: list[Trouble] = [
    {"fault": "drop_before_booking"},
    {"fault": "book_then_drop"},
    {"fault": "hang"},
    {"fault": "hang", "books": False},
    {"fault": "server_error_before"},
    {"fault": "server_error_after"},
    {"fault": "html"},
    {"fault": "html", "books": False},
    {"fault": "truncated"},
    {"fault": "empty"},
    {"fault": "wrong_type"},
    {"fault": "slow_bytes", "seconds": 1.0},  # past the deadline
    {"fault": "slow_bytes", "seconds": 0.01},  # in time
]
LOST: list[Trouble] = [
    {"fault": "drop_before_booking"},
    {"fault": "hang", "books": False},
    {"fault": "server_error_before"},
    {"fault": "book_then_drop"},
    {"fault": "hang"},
]
SAYS_NO: list[Trouble] = [
    {"fault": "duplicate"},
    {"fault": "too_many"},
    {"fault": "code", "code": 10001},
    {"fault": "code", "code": 10003},
]
_FATES: list[Trouble] = [
    *({"ends": word} for word in (REJECTED, "Cancelled", "Fail")),
    {"statuses": ["Pending Transfer", "Pending Review", DONE], "status_every": 30},
    {"statuses": [DONE, "Pending Review", DONE], "status_every": 30},
    {"statuses": ["Pending Review", "Packed", DONE], "status_every": 60},  # a word that nobody documented
    {"statuses": ["Packed", "Unpacked", REJECTED], "status_every": 60},
    {"record": "late", "record_after": 40},
    {"record": "late", "record_after": 400},
    {"record": "late", "record_after": 4000, "ends": REJECTED},
    {"record": "never"},
]
ON_CREATE: dict[str, list[Trouble]] = {
    "zoomex": [
        *_BROKEN,
        {"fault": "duplicate"},
        {"fault": "too_many"},
        {"fault": "code", "code": 10001},  # refused
        {"fault": "code", "code": 10003},  # stop
        {"fault": "code", "code": 10018},  # not executed
        {"fault": "code", "code": 10016, "books": True},
        {"fault": "code", "code": 131082},
        {"fault": "code", "code": 90052, "books": True},
        {"fault": "code", "code": 7777, "books": True},  # not documented
        {"fault": "code", "code": 0, "http_status": 403},  # contradicts itself
        *({"fault": "normal", **fate} for fate in _FATES),
        *({"fault": "book_then_drop", **fate} for fate in _FATES),
    ],
    "swapspace": [
        *_BROKEN,
        {"fault": "code", "code": 40000, "books": True},
        {"fault": "code", "code": 40001},  # refused
        {"fault": "code", "code": 40008},  # stop
        {"fault": "code", "code": 7, "books": True},
        {"fault": "normal", "ends": REJECTED},
        {"fault": "book_then_drop", "ends": "Fail"},
    ],
}
ON_RECORDS: list[Trouble] = [
    *(
        {"on": "records", "fault": kind}
        for kind in ("hang", "html", "truncated", "empty", "wrong_type", "drop", "server_error", "too_many")
    ),
    {"on": "records", "fault": "slow_bytes", "seconds": 1.0},
    {"on": "records", "fault": "code", "code": 10016},
    {"on": "records", "fault": "code", "code": 10003},  # stop
    {"on": "records", "fault": "code", "code": 10018},  # leave us alone for ten minutes
    {"on": "records", "fault": "code", "code": 0, "http_status": 403},
]
ON_TIME: list[Trouble] = [{"on": "time", "fault": "clock", "seconds": seconds} for seconds in (-2.0, 3.0, 8.0)]


def name_of(trouble: Trouble) -> str:
    """The trouble in a few words, for the name of a test."""
    told = {**trouble}
    words = [str(told.pop("on", "create")), str(told.pop("fault"))]
    return " ".join([*words, *(f"{key}={value}" for key, value in told.items())])
