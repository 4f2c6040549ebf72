"""What providers that answer a POST with a JSON object have in common: one call, from stored fields to answer."""

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from payouts.domain.errors import InvalidValue
from payouts.domain.sending.answer import Accepted, Answer, Exchange, NotExecuted, Outcome, Refused, Unknown
from payouts.domain.sending.instruction import Fields, Instruction
from payouts.providers.base import Credentials, Option
from payouts.providers.http import Line, Lost, NotOpened, Reply
from payouts.providers.redaction import message_text, raw_text

RETRY_UNOPENED_AFTER = 5.0

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Meaning:
    """A line of a provider's table of codes."""

    outcome: Outcome
    words: str
    retry_after: float = 0.0  # for NOT_EXECUTED: seconds to leave the account alone


@dataclass(frozen=True)
class Interpretation:
    """What one answer says, before the evidence is put beside it."""

    outcome: Outcome
    code: str
    words: str  # ours; shown where the provider gives no message
    message: object = None  # the provider's own, as it came
    retry_after: float = 0.0
    provider_id: str | None = None


@dataclass(frozen=True)
class SignedRequest:
    """One signed request. Made afresh for every attempt."""

    path: str
    content_type: str
    body: bytes = field(repr=False)
    sign: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Calls(Protocol):
    """What `submit` needs of a Line: the one seam at which tests replace HTTP."""

    def call(
        self, method: str, path: str, *, body: bytes, headers: Mapping[str, str], began: float | None = None
    ) -> Reply: ...

    def hang_up(self) -> None: ...

    def close(self) -> None: ...


class JsonOverHttp(ABC):
    """A provider that says how to ask and how to read the answer; the asking is done here."""

    name: ClassVar[str]
    options: ClassVar[Mapping[str, Option]]

    def __init__(
        self, credentials: Credentials, *, line: Calls | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.credentials = credentials
        self.clock = clock
        self.line = line or self.open_line()

    @abstractmethod
    def request(self, fields: Fields) -> SignedRequest:
        """One signed request: these fields as they are, and with them the clock, the key, the signature."""

    @abstractmethod
    def verdict(self, http_status: int, answer: Json | None) -> Interpretation:
        """What the answer says; `answer` is None where the body was no JSON object. It must not raise."""

    def open_line(self) -> Line:
        """A line to the account's host; it connects at its first call."""
        return Line(self.credentials.base_url, seconds=float(self.option("timeout")))

    @staticmethod
    def customer(key: str, options: Mapping[str, str]) -> str:  # noqa: ARG004
        """What people say, where the provider has that option; see Provider.customer."""
        return options.get("customer", "")

    def option(self, name: str) -> str:
        """The account's value of an option, or the option's default."""
        return self.credentials.options.get(name, self.options[name].default)

    def submit(self, instruction: Instruction, *, began: float | None = None) -> Answer:
        """Send once; see Provider.submit."""
        if (instruction.provider, instruction.account) != (self.name, self.credentials.account):
            raise InvalidValue("account", "another_account", "The order belongs to another account.")
        try:
            request = self.request(instruction.fields)
        except ValueError as err:  # what signing refuses; nothing has left
            raise InvalidValue("order", "not_signable", "The order cannot be signed.") from err
        headers = {"Content-Type": request.content_type, **request.headers}
        try:
            reply = self.line.call("POST", request.path, body=request.body, headers=headers, began=began)
        except NotOpened as failure:
            unsent = Exchange(None, failure.duration_ms, "")
            return NotExecuted(failure.code, failure.message, RETRY_UNOPENED_AFTER, unsent)
        except Lost as failure:
            partial = raw_text(failure.partial, self.credentials, request.sign)
            evidence = Exchange(failure.http_status, failure.duration_ms, partial)
            return Unknown(failure.code, failure.message, evidence)
        return self._answer(reply, request)

    def close(self) -> None:
        self.line.close()

    def _answer(self, reply: Reply, request: SignedRequest) -> Answer:
        verdict = self.verdict(reply.http_status, read_object(reply.body))
        raw = raw_text(reply.body, self.credentials, request.sign)
        evidence = Exchange(reply.http_status, reply.duration_ms, raw)
        message = message_text(verdict.message, self.credentials, request.sign) or verdict.words
        match verdict.outcome:
            case Outcome.ACCEPTED:
                return Accepted(verdict.provider_id, evidence)
            case Outcome.REFUSED:
                return Refused(verdict.code, message, evidence)
            case Outcome.NOT_EXECUTED:
                return NotExecuted(verdict.code, message, verdict.retry_after, evidence)
            case Outcome.UNKNOWN:
                self.line.hang_up()  # what follows on a connection that made no sense cannot be trusted
                return Unknown(verdict.code, message, evidence)


def read_object(body: bytes) -> Json | None:
    """The body as a JSON object; None for anything else, and for one that says the same name twice."""
    try:
        answer = json.loads(body.decode("utf-8"), object_pairs_hook=_each_name_once)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found
