"""How a fault is asked for and shown: as a JSON object."""

from collections.abc import Mapping

from demo.simulator.faults.fate import REVIEW, Fate
from demo.simulator.faults.fault import KINDS, Fault, FaultKind, On
from demo.simulator.faults.told import BadFault, number, one_of, positive, text, whole

_BOOKS_NOTHING = {
    FaultKind.DROP_BEFORE_BOOKING,
    FaultKind.SERVER_ERROR_BEFORE,
    FaultKind.CODE,
    FaultKind.DUPLICATE,
    FaultKind.TOO_MANY,
}
_ANSWERS = {FaultKind.DUPLICATE: (10014, "Invalid duplicate request."), FaultKind.TOO_MANY: (10006, "Too many visits!")}
_OF_FATE = {"record", "record_after", "ends", "statuses", "status_every"}
_OF_CODE = {"code", "message", "http_status"}
_KNOWN = {"provider", "on", "fault", "times", "seconds", "books"} | _OF_FATE | _OF_CODE


def read_fault(told: Mapping[str, object]) -> Fault:
    """A fault from a JSON object; raises BadFault.

        provider, fault         needed
        on                      create (unless told), records or time
        times                   how many calls meet it: 1
        seconds                 see Fault
        books                   for create; by default false for what is refused or breaks before booking, else true
        code, http_status, message      for the fault code: the envelope's code (needed), and what comes with it

    and, for a create call that books, what becomes of the order:

        record                  "now" (unless told), "late" with record_after (seconds), or "never"
        ends                    the status it comes to after the customer's time to settle, documented or not
        statuses, status_every  instead of `ends`: these in turn, each for so many seconds (1)
    """
    if unknown := told.keys() - _KNOWN:
        raise BadFault(f"{', '.join(sorted(unknown))}: not known")
    provider = one_of(told, "provider", KINDS)
    on = On(one_of(told, "on", KINDS[provider], On.CREATE))
    kind = FaultKind(one_of(told, "fault", KINDS[provider][on]))
    books = _books(told, on, kind)
    code, message = _answer(told, kind)
    return Fault(
        provider,
        on,
        kind,
        books,
        times=whole(told, "times", 1),
        seconds=_seconds(told, kind),
        code=code,
        message=message,
        http_status=whole(told, "http_status", 200),
        fate=_fate(told, books=books),
    )


def tell_fault(fault: Fault) -> dict[str, object]:
    """The fault as `read_fault` takes it."""
    told: dict[str, object] = {"provider": fault.provider, "on": fault.on, "fault": fault.kind, "times": fault.times}
    told["seconds"] = fault.seconds
    if fault.on is On.CREATE:
        told["books"] = fault.books
    if fault.kind is FaultKind.CODE:
        told |= {"code": fault.code, "message": fault.message, "http_status": fault.http_status}
    return told | (_tell_fate(fault.fate) if fault.fate else {})


def _books(told: Mapping[str, object], on: On, kind: FaultKind) -> bool:
    if on is not On.CREATE and "books" in told:
        raise BadFault("books: for create only")
    books = told.get("books", on is On.CREATE and kind not in _BOOKS_NOTHING)
    if not isinstance(books, bool):
        raise BadFault("books: true or false")
    return books


def _answer(told: Mapping[str, object], kind: FaultKind) -> tuple[int | None, str]:
    if kind is not FaultKind.CODE:
        if stray := told.keys() & _OF_CODE:
            raise BadFault(f"{min(stray)}: for the fault code only")
        return _ANSWERS.get(kind, (None, ""))
    code = told.get("code")
    if not isinstance(code, int) or isinstance(code, bool):
        raise BadFault("code: a whole number")
    return code, text("message", told.get("message", f"scripted fault {code}"))


def _seconds(told: Mapping[str, object], kind: FaultKind) -> float:
    if kind is FaultKind.CLOCK:
        return number(told, "seconds", None)
    return positive(told, "seconds", 60.0 if kind is FaultKind.HANG else 1.0)


def _fate(told: Mapping[str, object], *, books: bool) -> Fate | None:
    stray = told.keys() & _OF_FATE
    if stray and not books:
        raise BadFault(f"{min(stray)}: for a fault that books only")
    return _read_fate(told) if stray else None


def _read_fate(told: Mapping[str, object]) -> Fate:
    record = one_of(told, "record", ("now", "late", "never"), "now")
    if (record == "late") != ("record_after" in told):
        raise BadFault("record_after: with record late, and with nothing else")
    appears = {"now": 0.0, "late": positive(told, "record_after", 1.0), "never": None}[record]
    if "statuses" not in told:
        if "status_every" in told:
            raise BadFault("status_every: together with statuses")
        return Fate(appears, (REVIEW, text("ends", told["ends"]))) if "ends" in told else Fate(appears)
    statuses = told["statuses"]
    if "ends" in told or not isinstance(statuses, list) or not statuses:
        raise BadFault("statuses: a list of texts, and no ends beside it")
    return Fate(appears, tuple(text("statuses", status) for status in statuses), positive(told, "status_every", 1.0))


def _tell_fate(fate: Fate) -> dict[str, object]:
    told: dict[str, object] = {"record": "never" if fate.appears_after is None else "now"}
    if fate.appears_after:
        told = {"record": "late", "record_after": fate.appears_after}
    if fate.each is None:
        return told | {"ends": fate.statuses[-1]}
    return told | {"statuses": list(fate.statuses), "status_every": fate.each}
