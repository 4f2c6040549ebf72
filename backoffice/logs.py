"""JSON log lines with ids and codes: only fields named here are written, so that nothing else can slip in."""

import json
import logging
from datetime import UTC, datetime

FIELDS = (
    "reference", "account", "status", "code", "http_status", "duration_ms", "count", "job", "check", "kind", "about",
    "ahead_ms",
)  # fmt: skip


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, the known fields, and a traceback's place.

    A traceback's text is left out where it could hold values: the exception's type and its frames are kept.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            line["frames"] = _frames(record)
        return json.dumps(line, default=str)


def _frames(record: logging.LogRecord) -> list[str]:
    trace = record.exc_info[2] if record.exc_info else None
    frames = []
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    return frames[-12:]
