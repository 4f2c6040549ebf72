"""A CSV file as a table of texts: encoding, delimiter, header and rows. What the texts mean is read elsewhere.

Nothing in a cell is ever evaluated: `=1+1` is four characters.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from payouts.domain.encoding import decoded
from payouts.domain.errors import InvalidValue
from payouts.domain.evidence import LARGEST

MOST_ROWS = 20_000
MOST_COLUMNS = 100
FEWEST_COLUMNS = 4  # time, coin, address and amount

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
# A cell that no column is called: a number or a time.
_VALUE = re.compile(r"[+-]?[0-9][0-9.,:/+TZ -]*")


@dataclass(frozen=True)
class Row:
    """One row of the file."""

    number: int  # as a spreadsheet counts, the header and blank rows included
    cells: tuple[str, ...]  # without the white space around them
    raw: str  # as it stands in the file, without its line end


@dataclass(frozen=True)
class Table:
    """A whole file. Rows may be ragged; blank ones are left out."""

    delimiter: str
    headers: tuple[str, ...]  # each once: what is empty or repeated carries its column's number
    rows: tuple[Row, ...]


def read_table(content: bytes) -> Table:
    """The file as a table, all of it or nothing. Raises InvalidValue("statement", ...)."""
    text = _text(content)
    delimiter = _delimiter(text)
    rows = [row for row in _rows(text, delimiter) if any(row.cells)]
    header, *rest = rows
    return Table(delimiter, _headers(header.cells), tuple(rest))


def _text(content: bytes) -> str:
    if len(content) > LARGEST:
        raise _invalid("too_large", f"A statement has at most {LARGEST // 1024**2} MB. Export a shorter time.")
    text = decoded(content)
    if text is None:
        raise _invalid("encoding", "The file is neither UTF-8 nor UTF-16. Export it as CSV in UTF-8.")
    if not text.strip():
        raise _invalid("empty", "The file is empty.")
    return text


def _delimiter(text: str) -> str:
    """The delimiter that cuts the header into the most columns. Raises InvalidValue when it is not clear which."""
    widths = {delimiter: _width(text, delimiter) for delimiter in _DELIMITERS}
    widest = [delimiter for delimiter, width in widths.items() if width == max(widths.values())]
    if max(widths.values()) < FEWEST_COLUMNS:
        message = "The first row names no four columns between commas, semicolons, tabs or vertical bars."
        raise _invalid("too_few_columns", message)
    if len(widest) > 1:
        names = " and ".join(_DELIMITERS[each] for each in widest)
        raise _invalid("delimiter", f"The first row can be cut at each {names}: it is not clear which is meant.")
    return widest[0]


def _width(text: str, delimiter: str) -> int:
    """How many columns the first row has; 0 where this delimiter cuts through quotation marks, or cannot be read."""
    try:
        header = next((row.cells for row in _rows(text, delimiter) if any(row.cells)), ())
    except InvalidValue:
        return 0
    return 0 if any('"' in cell for cell in header) else len(header)


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    """Every row, blank ones too; one that spans lines is one row, as in a spreadsheet."""
    taken: list[str] = []
    reader = csv.reader(_remembered(io.StringIO(text, newline=""), taken), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if number > MOST_ROWS + 1:
                raise _invalid("too_many_rows", f"A statement has at most {MOST_ROWS:,} rows. Export a shorter time.")
            yield Row(number, tuple(cell.strip() for cell in cells), "".join(taken).rstrip("\r\n"))
            taken.clear()
    except csv.Error as err:
        # Where the next row begins is a guess from here on, and a guess could hide a payment.
        message = f"Row {number + 1} cannot be read, so nothing of the file is: {err}. Check its quotation marks."
        raise _invalid("malformed", message) from err


def _remembered(lines: io.StringIO, taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line


def _headers(cells: tuple[str, ...]) -> tuple[str, ...]:
    if len(cells) > MOST_COLUMNS:
        raise _invalid("too_many_columns", f"A statement has at most {MOST_COLUMNS} columns.")
    if any(_VALUE.fullmatch(cell) for cell in cells):
        raise _invalid("no_header", "The first row is not a header: it holds a number or a time.")
    if not all(cell.isprintable() for cell in cells):
        raise _invalid("header", "The header has line breaks or control characters. Export the file as CSV in UTF-8.")
    times = Counter(cells)
    named = tuple(
        cell if cell and times[cell] == 1 else f"{cell} (column {at})".strip() for at, cell in enumerate(cells, 1)
    )
    if len(set(named)) < len(named):
        raise _invalid("header", "The header names two columns alike.")
    return named


def _invalid(code: str, message: str) -> InvalidValue:
    return InvalidValue("statement", code, message)
