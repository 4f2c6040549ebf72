"""Statements: a provider's records as a file that a person uploaded, read whole or not at all, then compared."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from datetime import timezone as fixed_offset

from django.contrib.auth.models import User
from django.utils import timezone

from payouts import audit
from payouts.audit import Event
from payouts.domain.days.statement import BadLine, ParsedStatement, StatementLine, read_statement
from payouts.domain.days.statement_columns import ColumnMapping
from payouts.domain.errors import CountersignError, InvalidValue
from payouts.domain.people.roles import Act, role_objection
from payouts.domain.unknown.record import Record, RecordStatus
from payouts.models import Account, Evidence, ProviderRecord, Statement, person
from payouts.workflow.attempt import attempt
from payouts.workflow.days.day import day_of
from payouts.workflow.days.review import find_orphans
from payouts.workflow.sending.promised import is_filed
from payouts.workflow.unknown import evidence
from payouts.workflow.unknown.records import note

LONGEST = timedelta(days=100)
MOST_NAMED = 200  # bad lines; a file with more has one cause for all of them


class BadLines(CountersignError):
    """Nothing of the file was used: these lines could not be read, each for its reason."""

    def __init__(self, lines: tuple[BadLine, ...]) -> None:
        super().__init__(self.__doc__)
        self.lines = lines


@dataclass(frozen=True)
class Upload:
    """A file and how a person says it is to be read."""

    account: Account
    evidence: Evidence
    mapping: ColumnMapping
    words: Mapping[str, RecordStatus]  # the provider's words for a status
    zone: fixed_offset  # whose time the file tells where it does not say
    since: datetime  # the file is complete from here …
    until: datetime  # … to here


def keep(name: str, content: bytes, *, by: User) -> Evidence:
    """Keep an uploaded file before a person says how it is to be read. Commits.

    Raises NotPermitted (audited), InvalidValue.
    """
    with _permitted(by):
        return evidence.keep(name, content, by=by)


def read(
    file: Evidence, mapping: ColumnMapping, *, words: Mapping[str, RecordStatus], zone: fixed_offset
) -> ParsedStatement:
    """What the file says, read as it would be added; unreadable lines are in `bad_lines`.

    Raises InvalidValue naming the field when the whole file or the choice of columns is wrong.
    """
    return read_statement(bytes(file.content), mapping, words=words, zone=zone)


def check(upload: Upload) -> ParsedStatement:
    """As read, for a file that can be added as it stands. Raises InvalidValue naming the field, or BadLines.

    An account whose provider can be asked is refused: by a file one person could say what became of a payment.
    """
    if not is_filed(upload.account):
        message = f"The provider of {upload.account} is asked for its records: there is nothing to upload."
        raise InvalidValue("account", "can_be_asked", message)
    reading = read(upload.evidence, upload.mapping, words=upload.words, zone=upload.zone)
    if reading.bad_lines:
        raise BadLines(reading.bad_lines)
    _check_time(upload, reading)
    return reading


def add(upload: Upload, *, by: User) -> Statement:
    """Add every record of the file, or none, and compare the days that it covers, both ways; in one transaction.

    Raises NotPermitted (audited), InvalidValue or BadLines.
    """
    with _permitted(by):
        reading = check(upload)
        account = Account.objects.locked(upload.account.pk)
        _refuse_added_already(upload)
        statement = Statement.objects.create(
            account=account,
            evidence=upload.evidence,
            columns=asdict(upload.mapping) | {"words": {word: str(said) for word, said in upload.words.items()}},
            since=upload.since,
            until=upload.until,
            lines=len(reading.lines),
            added_by=by,
        )
        rows = note(account, _known_again(account, reading.lines), statement=statement, by=by)
        orphans = find_orphans(account, day_of(upload.since), day_of(upload.until), known_until=timezone.now(), by=by)
        audit.record(
            Event.STATEMENT_ADDED,
            by=by,
            about=statement,
            account=account.name,
            sha256=upload.evidence.sha256,
            lines=len(rows),
            orphans=len(orphans),
        )
    return statement


def _refuse_added_already(upload: Upload) -> None:
    """Raise InvalidValue when the file was added before, as by a form sent twice. Under the account's lock."""
    if Statement.objects.filter(account=upload.account, evidence=upload.evidence).exists():
        message = "This file was added already. Upload it once more to have it read otherwise."
        raise InvalidValue("evidence", "added_already", message)


@contextmanager
def _permitted(by: User) -> Iterator[None]:
    """An attempt by somebody who may add statements; a refusal is of no file yet."""
    with attempt(Event.REVIEW_OBJECTED, by=by, act=Act.ADD_STATEMENT) as trying:
        trying.unless(role_objection(person(by), Act.ADD_STATEMENT))
        yield


def _known_again(account: Account, lines: tuple[StatementLine, ...]) -> list[Record]:
    """The lines' records; one that was stored before the provider gave it an id keeps the id that was made for it."""
    made = ProviderRecord.objects.filter(account=account, record_id__in=[line.made_id for line in lines])
    known = set(made.values_list("record_id", flat=True))
    return [replace(line.record, provider_id=line.made_id) if line.made_id in known else line.record for line in lines]


def _check_time(upload: Upload, reading: ParsedStatement) -> None:
    if upload.since > upload.until:
        raise InvalidValue("until", "before_since", "The time that the file covers ends before it begins.")
    if upload.until > timezone.now():
        raise InvalidValue("until", "not_yet", "A file cannot be complete for time that is still to come.")
    if upload.until - upload.since > LONGEST:
        raise InvalidValue("since", "too_long", f"Upload at most {LONGEST.days} days at once.")
    for line in reading.lines:
        if not upload.since <= line.record.created_at <= upload.until:
            message = f"Line {line.number} is of {line.record.created_at:%Y-%m-%d %H:%M:%S} UTC, outside that time."
            raise InvalidValue("since", "line_outside", message)
