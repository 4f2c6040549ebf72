"""The table of a CSV file: every encoding and delimiter that programs write, all of the file or nothing."""

import csv

import pytest

from payouts.domain.days.statement_table import MOST_COLUMNS, MOST_ROWS, Row, read_table
from payouts.domain.errors import InvalidValue
from payouts.domain.evidence import LARGEST

HEADER = "Time,Coin,Address,Amount"


def refusal_of(content: bytes | str) -> InvalidValue:
    with pytest.raises(InvalidValue) as refusal:
        read_table(content if isinstance(content, bytes) else content.encode())
    assert refusal.value.field == "statement"
    return refusal.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_usual_form_gives_the_same_table(encoding: str, delimiter: str, end: str) -> None:
    text = end.join([HEADER, "a,b,ü,d", ""]).replace(",", delimiter)
    table = read_table(text.encode(encoding))
    assert (table.delimiter, table.headers) == (delimiter, ("Time", "Coin", "Address", "Amount"))
    assert table.rows == (Row(2, ("a", "b", "ü", "d"), delimiter.join("abüd")),)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n\t", "empty"),
        (b"a" * (LARGEST + 1), "too_large"),
        (HEADER.encode("utf-16-le"), "header"),  # without its mark it is taken for UTF-8 full of NULs
        ("Betrag für,b,c,d".encode("cp1252"), "encoding"),
        ("Time,Coin", "too_few_columns"),
        ("Statement of March\nTime,Coin,Address,Amount", "too_few_columns"),
        ("a,b;c,d;e,f;g", "delimiter"),
        ("2026-03-01 12:30:05,USDT,TL9,12.5", "no_header"),
        ("1772368205,USDT,TL9,12.5", "no_header"),
        ('"Ti\nme",Coin,Address,Amount', "header"),
        ("Ti\x00me,Coin,Address,Amount", "header"),
        (",".join("abcdefghij" * (MOST_COLUMNS // 10 + 1)), "too_many_columns"),
        ("a (column 2),a,a,b,c", "header"),
        (f'{HEADER}\n1,"2,3,4', "malformed"),
        (f'{HEADER}\n1,"2"x,3,4', "malformed"),
        (f"{HEADER}\n1,2,3," + "4" * (csv.field_size_limit() + 1), "malformed"),
        (f"{HEADER}\n" + "1,2,3,4\n" * (MOST_ROWS + 1), "too_many_rows"),
        ("\n" * (MOST_ROWS + 9), "empty"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_whole(content: bytes | str, code: str) -> None:
    assert refusal_of(content).code == code


def test_as_many_rows_as_are_allowed_are_read() -> None:
    assert len(read_table((f"{HEADER}\n" + "1,2,3,4\n" * MOST_ROWS).encode()).rows) == MOST_ROWS


def test_a_malformed_row_is_named() -> None:
    assert refusal_of(f'{HEADER}\n1,2,3,4\n1,"2"x,3,4').message.startswith("Row 3 cannot be read, so nothing")


def test_rows_are_numbered_as_a_spreadsheet_does() -> None:
    text = f'\n{HEADER}\na,b,"one\ntwo",d\n\n,,,\na,b,c,d\n'
    assert [(row.number, row.cells[2]) for row in read_table(text.encode()).rows] == [(3, "one\ntwo"), (6, "c")]


def test_the_raw_text_is_the_rows_own_line_breaks_included() -> None:
    text = f'{HEADER}\r\n a ,b,"one\r\n""two""",d\r\ne,f,g,h'
    assert [row.raw for row in read_table(text.encode()).rows] == [' a ,b,"one\r\n""two""",d', "e,f,g,h"]


def test_white_space_around_a_cell_is_left_out() -> None:
    [row] = read_table(f"{HEADER}\n a ,\u00a0b,c\t,d".encode()).rows
    assert row.cells == ("a", "b", "c", "d")


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(x)", "'1"])
def test_a_formula_is_text(formula: str) -> None:
    [row] = read_table(f"{HEADER}\n{formula},b,c,d".encode()).rows
    assert row.cells[0] == formula


def test_ragged_rows_are_kept_for_others_to_judge() -> None:
    assert [len(row.cells) for row in read_table(f"{HEADER}\n1\n1,2,3,4,5".encode()).rows] == [1, 5]


def test_columns_that_are_empty_or_repeated_get_names_that_tell_them_apart() -> None:
    headers = read_table(b"Time,Amount,,Amount,").headers
    assert headers == ("Time", "Amount (column 2)", "(column 3)", "Amount (column 4)", "(column 5)")


def test_a_delimiter_inside_quotes_cuts_nothing() -> None:
    assert read_table(b'Time;"Amount, net, of, fee, a";Coin;Address').delimiter == ";"
