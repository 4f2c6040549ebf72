"""Objections and exceptions; all of ours have one root, so that a caller can catch what it can answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Objection:
    """Why something may not be done: a stable code for tests and logs, a sentence for people."""

    code: str
    message: str


class CountersignError(Exception):
    """Anything this product raises on purpose."""


class NotPermitted(CountersignError):
    """Policy objects; the objection says why, and is already in the audit trail."""

    def __init__(self, objection: Objection) -> None:
        super().__init__(objection.message)
        self.objection = objection


class MovedMeanwhile(CountersignError):
    """Somebody else was faster: it was no longer in the state that this move starts from. Nothing was written."""


class InvalidValue(CountersignError):
    """A value that a person has to correct: which field, a stable code, what to do about it."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.code = code
        self.message = message
