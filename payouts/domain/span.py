"""Lengths of time, as people read them."""

from datetime import timedelta

_MINUTE = timedelta(minutes=1)
_HOURS_ALONE_FROM = 3  # from here on nobody plans by the minute


def in_words(span: timedelta) -> str:
    """The length to the nearest minute, for sentences: `24 hours`, `90 minutes`."""
    minutes = round(span / _MINUTE)
    if minutes and minutes % 60 == 0:
        return _counted(minutes // 60, "hour")
    return _counted(minutes, "minute")


def briefly(span: timedelta) -> str:
    """The time left, rounded down: `3 h`, `1 h 20 min`, `12 min`, `less than a minute`."""
    hours, minutes = divmod(span // _MINUTE, 60)
    if hours >= _HOURS_ALONE_FROM:
        return f"{hours} h"
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join(part for part in parts if part) or "less than a minute"


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
