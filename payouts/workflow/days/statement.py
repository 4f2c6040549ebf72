"""Statements: a provider's records as a file that a person uploaded, read whole or not at all, then compared."""

from collections.abc import Mapping as Words
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from datetime import timezone as fixed_offset

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from payouts import audit
from payouts.audit import Event
from payouts.domain.days.statement import BadLine, Line, Reading, read_statement
from payouts.domain.days.statement_columns import Mapping
from payouts.domain.errors import CountersignError, InvalidValue, NotPermitted
from payouts.domain.people.roles import Act
from payouts.domain.unknown.record import Record, RecordStatus
from payouts.domain.withdrawals.policy import role_objection
from payouts.models import Account, Evidence, ProviderRecord, Statement, person
from payouts.workflow.days.day import day_of
from payouts.workflow.days.review import find_orphans
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
    mapping: Mapping
    words: Words[str, RecordStatus]  # the provider's words for a status
    zone: fixed_offset  # whose time the file tells where it does not say
    since: datetime  # the file is complete from here …
    until: datetime  # … to here


def keep(name: str, content: bytes, *, by: User) -> Evidence:
    """Keep an uploaded file while a person says how it is to be read. Raises NotPermitted, InvalidValue."""
    _permit(by)
    with transaction.atomic(durable=True):
        return evidence.keep(name, content, by=by)


def read(file: Evidence, mapping: Mapping, *, words: Words[str, RecordStatus], zone: fixed_offset) -> Reading:
    """What the file says, read as it would be added. Raises InvalidValue naming the field, never for single lines."""
    return read_statement(bytes(file.content), mapping, words=words, zone=zone)


def check(upload: Upload) -> Reading:
    """As read, for a file that can be added as it stands. Raises InvalidValue naming the field, or BadLines.

    A provider that can be asked is asked: a file would let one person say what became of a payment.
    """
    if upload.account.can_look_up:
        message = f"The provider of {upload.account} is asked for its records: there is nothing to upload."
        raise InvalidValue("account", "can_be_asked", message)
    reading = read(upload.evidence, upload.mapping, words=upload.words, zone=upload.zone)
    if reading.bad_lines:
        raise BadLines(reading.bad_lines)
    _check_time(upload, reading)
    return reading


def add(upload: Upload, *, by: User) -> Statement:
    """Add every record of the file, or none; then compare the days that it covers, both ways.

    Raises NotPermitted (audited), InvalidValue or BadLines.
    """
    _permit(by)
    reading = check(upload)
    with transaction.atomic(durable=True):
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
    """A form that is sent twice adds once; asked under the account's lock."""
    if Statement.objects.filter(account=upload.account, evidence=upload.evidence).exists():
        message = "This file was added already. Upload it once more to have it read otherwise."
        raise InvalidValue("evidence", "added_already", message)


def _permit(by: User) -> None:
    objection = role_objection(person(by), Act.ADD_STATEMENT)
    if objection is not None:
        audit.record(Event.REVIEW_OBJECTED, by=by, act=Act.ADD_STATEMENT, why=objection.code)
        raise NotPermitted(objection)


def _known_again(account: Account, lines: tuple[Line, ...]) -> list[Record]:
    """The records under the ids by which they are known: one may have got its own since it was uploaded first."""
    made = ProviderRecord.objects.filter(account=account, record_id__in=[line.made_id for line in lines])
    known = set(made.values_list("record_id", flat=True))
    return [replace(line.record, provider_id=line.made_id) if line.made_id in known else line.record for line in lines]


def _check_time(upload: Upload, reading: Reading) -> None:
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
