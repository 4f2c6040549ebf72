"""Adding a statement on screen, step by step, and what its page leads to."""

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from payouts.models import Account, Address, Evidence, ProviderRecord, Statement, Withdrawal
from tests.conftest import SignIn
from tests.props.cast import TRON_ADDRESS, Cast, active_address
from tests.props.days import at, days_ago, sent
from tests.props.findings import TRANSACTION
from tests.props.pages.pages import list_of, page_of, untouched, words

pytestmark = pytest.mark.django_db

DAY = days_ago(2)
OTHER_ADDRESS = "TZJozAg1ruapycCicgz31GxvYJ1FraLjZa"
HEADER = "Create Time,Token,To Address,Amount,Fee,Status,Tx Hash"
NEW = "/payouts/statement/new/"
TIME = {"zone": "0", "since": f"{DAY}T00:00:00", "until": f"{DAY}T23:59:59", "word_0": "completed"}


@pytest.fixture
def them(cast: Cast, sign_in: SignIn) -> Client:
    """The browser of somebody who may upload."""
    return sign_in(cast.second_requester)


def line(clock: str = "12:00:02", amount: str = "1250", tx_id: str = "0xa1") -> str:
    return f"{DAY} {clock},USDT,{TRON_ADDRESS},{amount},1,Success,{tx_id}"


def uploaded(client: Client, *lines: str, name: str = "export.csv", account: str = "merchant") -> Any:
    """Step 1."""
    file = SimpleUploadedFile(name, "\n".join(lines).encode(), content_type="text/csv")
    return client.post(NEW, {"account": account, "file": file})


def proposed(page: Any) -> dict[str, str]:
    """The form of step 2 as it is proposed."""
    form = page.context["form"]
    return {field.name: str(field.value() or "") for field in form}


def test_the_file_is_kept_and_its_columns_are_guessed(cast: Cast, them: Client) -> None:
    answer = uploaded(them, HEADER, line())
    assert answer.status_code == 302
    page = them.get(answer["Location"])
    form = proposed(page)
    assert {name: form[name] for name in ("time", "coin", "address", "amount", "fee", "status", "tx_id")} == {
        "time": "Create Time",
        "coin": "Token",
        "address": "To Address",
        "amount": "Amount",
        "fee": "Fee",
        "status": "Status",
        "tx_id": "Tx Hash",
    }
    assert {name: form[name] for name in TIME} == TIME
    assert "1,250 .00 USDT" in words(page)
    assert not Statement.objects.exists()


def test_adding_it_leads_to_what_it_came_to(cast: Cast, chain_payee: Address, them: Client) -> None:
    it = sent(cast, chain_payee, at(DAY), status="submitted")
    url = uploaded(them, HEADER, line(), line("13:00:00", "9000", "0xbad"))["Location"]
    answer = them.post(url, proposed(them.get(url)) | {"add": "1"})
    added = Statement.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page_of(added))
    page = them.get(page_of(added))
    text = words(page)
    assert "Record without withdrawal" in text
    assert [match.withdrawal for match in page.context["result"].to_attest] == [it]
    assert [row.tx_id for row in page.context["alone"]] == ["0xbad"]


def test_adding_it_once_more_adds_nothing_and_says_so(cast: Cast, chain_payee: Address, them: Client) -> None:
    url = uploaded(them, HEADER, line())["Location"]
    form = proposed(them.get(url)) | {"add": "1"}
    them.post(url, form)
    with untouched():
        answer = them.post(url, form)
    assert answer.status_code == 422
    assert "This file was added already." in words(answer)


def test_what_is_ticked_is_led_on_with_its_transactions(cast: Cast, chain_payee: Address, them: Client) -> None:
    first, second = (sent(cast, chain_payee, at(DAY), status="submitted", amount=Decimal(each)) for each in (1, 2))
    over = sent(cast, chain_payee, at(DAY), amount=Decimal(3))
    lines = [line(amount="1", tx_id="0xa1"), line(amount="2", tx_id="-"), line(amount="3", tx_id="0xa3")]
    url = uploaded(them, HEADER, *lines)["Location"]
    them.post(url, proposed(them.get(url)) | {"add": "1"})
    page = page_of(Statement.objects.get())
    answer = them.get(page, {"withdrawal": [str(it.pk) for it in (first, second, over)]})
    query = parse_qs(urlsplit(answer["Location"]).query, keep_blank_values=True)
    assert dict(zip(query["withdrawal"], query["found_as"], strict=True)) == {
        str(first.pk): "0xa1",
        str(second.pk): "",  # the file names none: a made id is nobody's
    }
    assert them.get(answer["Location"]).status_code == 200


def test_two_people_whom_one_transaction_paid_are_led_on_with_it(
    cast: Cast, chain_payee: Address, merchant: Account, them: Client
) -> None:
    other = active_address(cast, merchant, address=OTHER_ADDRESS)
    both = [sent(cast, to, at(DAY), status="submitted") for to in (chain_payee, other)]
    lines = [line(tx_id=TRANSACTION), line(tx_id=TRANSACTION).replace(TRON_ADDRESS, OTHER_ADDRESS)]
    url = uploaded(them, HEADER, *lines)["Location"]
    them.post(url, proposed(them.get(url)) | {"add": "1"})
    assert ProviderRecord.objects.count() == 2
    answer = them.get(page_of(Statement.objects.get()), {"withdrawal": [str(it.pk) for it in both]})
    query = parse_qs(urlsplit(answer["Location"]).query)
    assert query["found_as"] == [TRANSACTION, TRANSACTION]


def test_bad_lines_are_named_and_nothing_is_added(cast: Cast, them: Client) -> None:
    url = uploaded(them, HEADER, line(), line(amount="1e3"), "a,b")["Location"]
    with untouched():
        answer = them.post(url, proposed(them.get(url)) | {"add": "1"})
    assert answer.status_code == 422
    text = words(answer)
    assert "Line 3 Amount: Write all the digits" in text
    assert "Line 4 The row has 2 cells, the header 7." in text


def test_looking_again_writes_nothing(cast: Cast, them: Client) -> None:
    url = uploaded(them, HEADER, line())["Location"]
    form = proposed(them.get(url))
    with untouched():
        assert them.post(url, form | {"look": "1"}).status_code == 200
        wrong = them.post(url, form | {"amount": "Token", "look": "1"})
    assert wrong.status_code == 422
    assert "already chosen as the coin" in words(wrong)


def test_words_that_the_page_did_not_show_are_not_guessed(cast: Cast, them: Client) -> None:
    url = uploaded(them, HEADER, line())["Location"]
    form = {name: value for name, value in proposed(them.get(url)).items() if name != "word_0"}
    assert them.post(url, form | {"look": "1"}).status_code == 200
    assert them.post(url, form | {"add": "1"}).status_code == 422
    assert not Statement.objects.exists()


def test_an_undocumented_word_is_not_final(cast: Cast, chain_payee: Address, them: Client) -> None:
    url = uploaded(them, HEADER, line().replace("Success", "Odd"))["Location"]
    form = proposed(them.get(url))
    assert form["word_0"] == "pending"
    them.post(url, form | {"add": "1"})
    assert ProviderRecord.objects.get().status == "pending"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("",), "The file is empty."),
        (("a,b",), "names no four columns"),
        ((line(), line()), "not a header"),
    ],
)
def test_what_is_no_table_is_not_kept(lines: tuple[str, ...], says: str, cast: Cast, them: Client) -> None:
    answer = uploaded(them, *lines)
    assert answer.status_code == 422
    assert says in words(answer)
    assert not Evidence.objects.exists()


def test_only_accounts_that_cannot_be_asked_are_offered(cast: Cast, them: Client) -> None:
    assert "treasury" not in words(them.get(NEW))
    assert uploaded(them, HEADER, line(), account="treasury").status_code == 422
    url = uploaded(them, HEADER, line())["Location"]
    for account in ("treasury", "nobody", ""):
        assert them.get(url.replace("merchant", account)).status_code == 404


def test_a_file_is_mapped_by_whoever_chose_it(cast: Cast, them: Client, sign_in: SignIn) -> None:
    url = uploaded(them, HEADER, line())["Location"]
    assert sign_in(cast.requester).get(url).status_code == 404
    assert sign_in(cast.auditor).get(url).status_code == 403


def test_a_cell_that_a_spreadsheet_would_run_is_text(cast: Cast, them: Client) -> None:
    url = uploaded(them, HEADER, line().replace(TRON_ADDRESS, "=cmd|' /C calc'!A0"))["Location"]
    page = them.get(url)
    assert "=cmd|" in words(page)


def test_the_list_names_the_uploads(cast: Cast, them: Client) -> None:
    url = uploaded(them, HEADER, line())["Location"]
    them.post(url, proposed(them.get(url)) | {"add": "1"})
    assert "export.csv" in words(them.get(list_of("payouts_statement")))
    assert not Withdrawal.objects.exists()
