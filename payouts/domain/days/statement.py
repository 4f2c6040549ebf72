"""An uploaded statement as records. For providers that cannot be asked: a person exports the file there."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, timezone

from payouts.domain.days.statement_columns import ColumnMapping, check_mapping
from payouts.domain.days.statement_table import Row, Table, read_table
from payouts.domain.days.statement_values import (
    read_address,
    read_amount,
    read_fee,
    read_moment,
    read_optional,
    read_text,
)
from payouts.domain.errors import InvalidValue
from payouts.domain.money import plain
from payouts.domain.unknown.record import Record, RecordStatus

LONGEST_LINE = 10_000
# As long as the columns that keep them.
_LONGEST_CELL = {"coin": 32, "address": 254, "chain": 64, "record_id": 80, "status": 64, "tx_id": 200}


@dataclass(frozen=True)
class StatementLine:
    """A row that was understood."""

    number: int  # as a spreadsheet shows it
    record: Record
    chain: str  # the file's word for it; empty where it has none
    made_id: str  # of what was paid to whom when: a record that has got its own id since is found again by this one


@dataclass(frozen=True)
class BadLine:
    """A row that cannot be read, or that contradicts another row with the same id; nothing of it is used."""

    number: int
    reason: str


@dataclass(frozen=True)
class ParsedStatement:
    """What a statement says. Rows that are not blank are in `lines` or `bad_lines`; exact repetitions stand once."""

    lines: tuple[StatementLine, ...]
    bad_lines: tuple[BadLine, ...]

    @property
    def records(self) -> tuple[Record, ...]:
        """The records, each id once."""
        return tuple(line.record for line in self.lines)


def read_statement(
    content: bytes, mapping: ColumnMapping, *, words: Mapping[str, RecordStatus], zone: timezone = UTC
) -> ParsedStatement:
    """The records of a CSV file. The same file, and one that overlaps it, gives the same payment the same id.

    `words` are the provider's words for a status, in any case of letters: a word that is not among them gives PENDING
    and `known=False`. `zone` is used for times that name none. Raises InvalidValue("statement", ...) when the file as a
    whole cannot be trusted, and InvalidValue for one of our columns when the mapping is wrong.
    """
    table = read_table(content)
    check_mapping(mapping, table.headers)
    reader = _Reader(table, mapping, {word.casefold(): status for word, status in words.items()}, zone)
    lines: list[StatementLine] = []
    bad: list[BadLine] = []
    for row in table.rows:
        try:
            lines.append(reader.line(row))
        except InvalidValue as err:
            bad.append(BadLine(row.number, reader.reason(err)))
    lines, contradictory = _each_id_once(lines)
    return ParsedStatement(tuple(lines), tuple(sorted(bad + contradictory, key=lambda line: line.number)))


class _Reader:
    """Reads the rows of one table, top down: equal payments are told apart by their order."""

    def __init__(self, table: Table, mapping: ColumnMapping, words: Mapping[str, RecordStatus], zone: timezone) -> None:
        self.headers = table.headers
        self.theirs = asdict(mapping)
        self.at = {ours: table.headers.index(theirs) for ours, theirs in self.theirs.items() if theirs}
        self.words = words
        self.zone = zone
        self.seen = Counter[str]()

    def line(self, row: Row) -> StatementLine:
        """The row as a line. Raises InvalidValue; its field is the unreadable column, or "" for the whole row."""
        self._check_whole(row)
        cell = {ours: row.cells[self.at[ours]] if ours in self.at else "" for ours in self.theirs}
        chain = read_optional("chain", cell["chain"], longest=_LONGEST_CELL["chain"])
        given = read_optional("record_id", cell["record_id"], longest=_LONGEST_CELL["record_id"])
        record = self._record(cell, raw=row.raw)
        made_id = self._made_id(record)
        # Never the transaction: one may pay many people, and it is often not known yet.
        return StatementLine(row.number, replace(record, provider_id=given or made_id), chain, made_id)

    def reason(self, err: InvalidValue) -> str:
        """Why a row is bad, beginning with the file's name of the column."""
        return f"{self.theirs[err.field]}: {err.message}" if err.field in self.theirs else err.message

    def _check_whole(self, row: Row) -> None:
        if len(row.cells) != len(self.headers):
            message = f"The row has {len(row.cells)} cells, the header {len(self.headers)}."
            raise InvalidValue("", "ragged", message)
        if len(row.raw) > LONGEST_LINE:
            raise InvalidValue("", "too_long", f"The row has more than {LONGEST_LINE:,} characters.")
        if "\0" in row.raw:
            raise InvalidValue("", "nul", "The row holds a NUL character.")

    def _record(self, cell: dict[str, str], *, raw: str) -> Record:
        """The record, its provider_id still empty."""
        coin = read_text("coin", cell["coin"], longest=_LONGEST_CELL["coin"]).upper()
        status = read_optional("status", cell["status"], longest=_LONGEST_CELL["status"])
        return Record(
            provider_id="",
            tx_id=read_optional("tx_id", cell["tx_id"], longest=_LONGEST_CELL["tx_id"]),
            coin=coin,
            amount=read_amount(cell["amount"], coin=coin),
            fee=read_fee(cell["fee"], coin=coin),
            address=read_address(cell["address"], longest=_LONGEST_CELL["address"]),
            status=self.words.get(status.casefold(), RecordStatus.PENDING),
            status_text=status,
            known=status.casefold() in self.words,
            created_at=read_moment(cell["time"], zone=self.zone),
            raw=raw,
        )

    def _made_id(self, record: Record) -> str:
        """An id made of time, coin, amount and address; status, fee and transaction may still change."""
        text = json.dumps([record.created_at.isoformat(), record.coin, plain(record.amount), record.address])
        self.seen[text] += 1
        return "line-" + hashlib.sha256(f"{text}{self.seen[text]}".encode()).hexdigest()


def _each_id_once(lines: list[StatementLine]) -> tuple[list[StatementLine], list[BadLine]]:
    """(lines, bad lines): exact repetitions stand once; lines of one id that differ are all bad."""
    by_id: dict[str, list[StatementLine]] = defaultdict(list)
    for line in lines:
        by_id[line.record.provider_id].append(line)
    once: list[StatementLine] = []
    bad: list[BadLine] = []
    for same in by_id.values():
        if len({(replace(line.record, raw=""), line.chain) for line in same}) == 1:
            once.append(same[0])
        else:
            numbers = ", ".join(str(line.number) for line in same[:5]) + (", …" if len(same) > 5 else "")
            reason = f"Rows {numbers} have the same id and differ: none of them is used."
            bad.extend(BadLine(line.number, reason) for line in same)
    return once, bad
