"""The form that says how an uploaded file is to be read: columns, words, whose time, and which time it covers."""

from datetime import UTC, datetime, time, timedelta
from datetime import timezone as fixed_offset
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from payouts.domain.days.statement import ParsedStatement
from payouts.domain.days.statement_columns import REQUIRED, ColumnMapping, guess_mapping
from payouts.domain.days.statement_table import Table
from payouts.domain.errors import InvalidValue
from payouts.domain.unknown.record import RecordStatus
from payouts.models import Account, Evidence
from payouts.workflow.days import statement
from payouts.workflow.days.statement import BadLines, Upload

LABELS = {
    "time": "Time",
    "coin": "Coin",
    "address": "Recipient’s address",
    "amount": "Amount",
    "record_id": "Provider’s id",
    "tx_id": "Transaction",
    "status": "Status",
    "fee": "Fee",
    "chain": "Chain",
}
MOST_WORDS = 20  # of one column; more are no words for a status
_MEANS = {
    RecordStatus.COMPLETED: "success successful succeeded completed complete done paid finished",
    RecordStatus.FAILED: "fail failed rejected refused cancelled canceled expired",
}
_STATUSES = [
    (RecordStatus.COMPLETED.value, "Paid"),
    (RecordStatus.FAILED.value, "Not paid"),
    (RecordStatus.PENDING.value, "Not final yet"),
]


def _offsets() -> list[tuple[str, str]]:
    """(minutes from UTC, label) of every offset that clocks show: the whole hours, and some that are not whole."""
    minutes = sorted({*range(-12 * 60, 14 * 60 + 1, 60), -570, -210, 210, 270, 330, 345, 390, 570})
    return [(str(each), f"UTC{'+' if each > 0 else '-'}{abs(each) // 60:02d}:{abs(each) % 60:02d}") for each in minutes]


class MomentField(forms.Field):
    """A date and time without a zone; the form's field `zone` says whose time it is."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}), **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        try:
            return datetime.fromisoformat(str(value)).replace(tzinfo=None)
        except ValueError as err:
            raise ValidationError("Write it as 2026-03-01 00:00:00.", code="not_a_time") from err


class MappingForm(forms.Form):
    """How a file is to be read: guessed from usual names, then chosen by a person. Errors name the column or line."""

    def __init__(self, account: Account, evidence: Evidence, table: Table, posted: Any = None) -> None:
        self.account, self.evidence, self.table = account, evidence, table
        self.bad_lines: BadLines | None = None
        super().__init__(self._completed(posted) if posted is not None else None)
        chosen = {ours: self[ours].value() or "" for ours in self._add_columns(guess_mapping(table.headers))}
        self.fields["zone"] = forms.ChoiceField(
            choices=_offsets(),
            initial="0",
            label="Whose time the file tells",
            help_text="For times that do not say it themselves.",
        )
        self.words = self._words_of(chosen["status"])
        for at, word in enumerate(self.words):
            self.fields[f"word_{at}"] = forms.ChoiceField(
                choices=_STATUSES, label=f"“{word}” means", initial=_meaning(word)
            )
        self._add_time(chosen)

    def columns(self) -> list[forms.BoundField]:
        return [self[name] for name in LABELS]

    def others(self) -> list[forms.BoundField]:
        """The fields for words, zone and time."""
        return [field for field in self if field.name not in LABELS]

    def mapping(self) -> ColumnMapping:
        """The columns as posted; as guessed while nothing is posted."""
        return ColumnMapping(**{ours: str(self[ours].value() or "") for ours in LABELS})

    def read(self) -> ParsedStatement | None:
        """The file as it would be read now; None while the choice of columns does not make sense."""
        try:
            return statement.read(self.evidence, self.mapping(), words=self._said(), zone=self._zone())
        except (InvalidValue, ValueError):
            return None

    def clean(self) -> dict[str, Any]:
        """Ask the workflow's own check, so that page and workflow cannot differ."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        zone = self._zone()
        since, until = (cleaned[name].replace(tzinfo=zone) for name in ("since", "until"))
        cleaned["upload"] = Upload(self.account, self.evidence, self.mapping(), self._said(), zone, since, until)
        try:
            statement.check(cleaned["upload"])
        except InvalidValue as err:
            self.add_error(err.field if err.field in self.fields else None, err.message)
        except BadLines as err:
            self.bad_lines = err
            self.add_error(None, "Nothing of the file is used until every line can be read.")
        return cleaned

    def _add_columns(self, guess: ColumnMapping) -> list[str]:
        headers = [(header, header) for header in self.table.headers]
        for ours, label in LABELS.items():
            required = ours in REQUIRED
            self.fields[ours] = forms.ChoiceField(
                choices=[("", "Choose …" if required else "The file has none"), *headers],
                required=required,
                label=label,
                initial=getattr(guess, ours),
            )
        return list(LABELS)

    def _add_time(self, chosen: dict[str, str]) -> None:
        reading = self.read() if not self.is_bound else None
        first, last = _days_of(reading, self._zone()) if reading and reading.lines else (None, None)
        self.fields["since"] = MomentField(label="Complete from", initial=first, help_text="In the file’s own time.")
        self.fields["until"] = MomentField(
            label="Complete to", initial=last, help_text="What falls between and is not in the file counts as missing."
        )

    def _words_of(self, column: str) -> list[str]:
        if column not in self.table.headers:
            return []
        at = self.table.headers.index(column)
        words = sorted({row.cells[at] for row in self.table.rows if at < len(row.cells) and row.cells[at]})
        return words if len(words) <= MOST_WORDS else []

    def _completed(self, posted: Any) -> Any:
        """What was posted, with a guess for each status word for which the page had no field yet."""
        posted = posted.copy()
        if "add" not in posted:
            for at, word in enumerate(self._words_of(posted.get("status", ""))):
                posted.setdefault(f"word_{at}", _meaning(word))
        return posted

    def _zone(self) -> fixed_offset:
        try:
            return fixed_offset(timedelta(minutes=int(self["zone"].value() or 0)))
        except ValueError:
            return UTC

    def _said(self) -> dict[str, RecordStatus]:
        return {word: RecordStatus(self[f"word_{at}"].value()) for at, word in enumerate(self.words)}


def _meaning(word: str) -> str:
    known = (status for status, words in _MEANS.items() if word.casefold() in words.split())
    return next(known, RecordStatus.PENDING).value


def _days_of(reading: ParsedStatement, zone: fixed_offset) -> tuple[str, str]:
    """The start of the first and the end of the last day of the lines, never later than now; as ISO texts."""
    moments = [line.record.created_at.astimezone(zone) for line in reading.lines]
    first = datetime.combine(min(moments).date(), time())
    last = datetime.combine(max(moments).date(), time(23, 59, 59))
    now = timezone.now().astimezone(zone).replace(tzinfo=None)
    return first.isoformat(), min(last, now).isoformat(timespec="seconds")
