"""Saying what became of withdrawals: the form, its file, one or several at once, and who is shown it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from payouts.audit import Event
from payouts.domain.unknown.resolving import MOST_AT_ONCE
from payouts.models import Address, Evidence, Resolution, Withdrawal
from tests.conftest import SignIn
from tests.props.cast import Cast
from tests.props.findings import NOTE, PICTURE, TRANSACTION, lost, proposed, record_of
from tests.props.pages.pages import objected_to, page_of, strict, untouched, words
from tests.props.rows.guards import forge
from tests.props.trail import told

pytestmark = pytest.mark.django_db

PROPOSE = "/payouts/resolution/propose/"


def about(*withdrawals: Withdrawal) -> dict[str, list[str]]:
    """The query that chooses the withdrawals."""
    return {"withdrawal": [str(each.pk) for each in withdrawals]}


@pytest.fixture
def finder(cast: Cast, sign_in: SignIn) -> Client:
    """The browser of somebody who may find out."""
    return sign_in(cast.second_requester)


@pytest.fixture
def it(cast: Cast, payee: Address) -> Withdrawal:
    """A withdrawal of the requester's whose outcome nobody knows."""
    return lost(cast, payee)


def filled(*withdrawals: Withdrawal, **changes: Any) -> dict[str, Any]:
    """The form, filled rightly: paid, each by a transaction of its own."""
    form = {
        "withdrawal": [str(each.pk) for each in withdrawals],
        "verdict": "paid",
        "where_looked": "The provider's panel, page 3",
        "looked_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        "note": NOTE,
        "propose": "1",
    }
    found = {f"found_as_{each.reference}": f"{TRANSACTION[:-1]}{place}" for place, each in enumerate(withdrawals)}
    return form | found | changes


def picture(content: bytes = PICTURE.content, name: str = "panel.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def errors(page: Any) -> set[str]:
    assert page.status_code == 422
    assert not Resolution.objects.exists()
    return set(page.context["form"].errors)


# -- one --


def test_what_was_found_is_proposed(cast: Cast, finder: Client, it: Withdrawal) -> None:
    page = finder.get(PROPOSE, {**about(it), "found_as": ["10195"]})
    assert page.status_code == 200
    assert f'name="found_as_{it.reference}" value="10195"' in page.content.decode()
    assert it.address.address in words(page).replace(" ", "")
    answer = finder.post(PROPOSE, filled(it, evidence=picture()))
    found = Resolution.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page_of(found))
    assert (found.verdict, found.note, found.proposed_by) == ("paid", NOTE, cast.second_requester)
    assert found.lines.get().found_as == f"{TRANSACTION[:-1]}0"
    assert found.evidence is not None
    assert bytes(found.evidence.content) == PICTURE.content
    shown = words(finder.get(page_of(found)))
    for part in ("Nothing happens until another person", "panel.png", found.evidence.sha256, NOTE, it.reference):
        assert part in shown


def test_not_paid_needs_no_id(finder: Client, it: Withdrawal) -> None:
    finder.post(PROPOSE, filled(it, verdict="not_paid", **{f"found_as_{it.reference}": ""}))
    assert Resolution.objects.get().verdict == "not_paid"


def test_what_is_wrong_is_said_at_its_field(finder: Client, it: Withdrawal) -> None:
    own = f"found_as_{it.reference}"
    for wrong, field in (
        ({"verdict": ""}, "verdict"),
        ({"verdict": "perhaps"}, "verdict"),
        ({own: ""}, own),
        ({own: " 10195"}, own),
        ({own: "yes"}, own),
        ({"where_looked": ""}, "where_looked"),
        ({"looked_at": ""}, "looked_at"),
        ({"looked_at": "yesterday"}, "looked_at"),
        ({"looked_at": "2099-01-01T00:00"}, "looked_at"),
        ({"note": ""}, "note"),
        ({"note": "x" * 2001}, "note"),
        ({"evidence": picture(b"")}, "evidence"),
        ({"evidence": picture(b"<script>", "panel.html")}, "evidence"),
        ({"evidence": picture(b"<script>", "panel.png")}, "evidence"),
    ):
        page = finder.post(PROPOSE, filled(it) | wrong)
        assert errors(page) == {field}, wrong
        assert str(page.context["form"].errors[field][0]) in words(page)


def test_a_page_that_comes_back_says_that_the_file_is_gone(finder: Client, it: Withdrawal) -> None:
    page = finder.post(PROPOSE, filled(it, where_looked="", evidence=picture()))
    assert errors(page) == {"where_looked", "evidence"}
    assert "Choose “panel.png” again" in words(page)
    kept = page.context["form"]
    assert (kept["note"].value(), kept["verdict"].value()) == (NOTE, "paid")
    assert not Evidence.objects.exists()
    assert errors(finder.post(PROPOSE, filled(it, where_looked=""))) == {"where_looked"}


def test_a_file_that_is_too_large_is_refused_and_not_kept_in_memory(finder: Client, it: Withdrawal) -> None:
    large = picture(PICTURE.content + b"x" * 8 * 1024 * 1024)
    page = finder.post(PROPOSE, filled(it, evidence=large))
    assert errors(page) == {"evidence"}
    assert "at most 5 MB" in words(page)
    assert page.context["form"].files["evidence"].size == 5 * 1024 * 1024 + 1


def test_the_same_form_sent_twice_is_one_finding(cast: Cast, finder: Client, it: Withdrawal) -> None:
    finder.post(PROPOSE, filled(it, evidence=picture()))
    with told() as events:
        answer = finder.post(PROPOSE, filled(it, evidence=picture()))
    assert answer.status_code == 409
    assert "is in another proposal" in objected_to(answer)
    assert [(event.event, event.facts["why"]) for event in events] == [(Event.RESOLUTION_OBJECTED, "already_proposed")]
    assert (Resolution.objects.count(), Evidence.objects.count()) == (1, 1)


def test_what_is_known_meanwhile_is_said_whatever_the_form_lacks(cast: Cast, finder: Client, it: Withdrawal) -> None:
    forge(it, status="completed")
    assert "there is nothing to find out" in objected_to(finder.get(PROPOSE, about(it)))
    with told() as events:
        answer = finder.post(PROPOSE, {"withdrawal": str(it.pk), "propose": "1"})
    assert answer.status_code == 409
    assert [(event.event, event.facts["why"]) for event in events] == [(Event.RESOLUTION_OBJECTED, "not_undecided")]


def test_the_own_request_is_others_to_find_out(cast: Cast, sign_in: SignIn, it: Withdrawal) -> None:
    mine = sign_in(cast.requester)
    assert "two other people" in objected_to(mine.get(PROPOSE, about(it)))
    assert mine.post(PROPOSE, filled(it)).status_code == 409
    assert "Say what became of it" not in words(mine.get(page_of(it)))


def test_records_that_could_be_it_are_shown(cast: Cast, finder: Client, it: Withdrawal) -> None:
    near, other = record_of(it, "10195"), record_of(it, "10196", amount=it.amount + 1)
    early = record_of(it, "10197", created_at=it.requested_at - timedelta(hours=1))
    claimed = record_of(it, "10198", withdrawal=lost(cast, it.address, status="submitted"))
    shown = words(finder.get(PROPOSE, about(it)))
    assert near.record_id in shown
    for record in (other, early, claimed):
        assert record.record_id not in shown


# -- several --


def test_several_are_attested_at_once_each_by_its_own_or_by_a_place_in_a_statement(
    cast: Cast, finder: Client, chain_payee: Address
) -> None:
    three = [lost(cast, chain_payee, status="submitted") for _ in range(3)]
    page = finder.post(PROPOSE, about(*three))
    assert page.status_code == 200
    assert [each for each, _ in page.context["form"].cards()] == three
    own = {f"found_as_{each.reference}": "" for each in three[1:]}
    finder.post(PROPOSE, filled(*three) | own | {"found_for_all": "Statement of March, page 3"})
    found = {line.withdrawal: line.found_as for line in Resolution.objects.get().lines.all()}
    assert found == {
        three[0]: f"{TRANSACTION[:-1]}0", three[1]: "Statement of March, page 3", three[2]: "Statement of March, page 3"
    }  # fmt: skip


def test_a_place_in_a_statement_is_not_asked_for_where_the_provider_can_be_asked(
    cast: Cast, finder: Client, payee: Address
) -> None:
    two = [lost(cast, payee, status="submitted") for _ in range(2)]
    assert "Place in a statement" not in words(finder.get(PROPOSE, about(*two)))
    page = finder.post(PROPOSE, filled(*two) | {f"found_as_{two[1].reference}": "", "found_for_all": "page 3"})
    assert errors(page) == {"__all__"}
    assert "words name no payment" in words(page)


def test_a_link_brings_several_with_what_they_were_found_as(cast: Cast, finder: Client, chain_payee: Address) -> None:
    two = [lost(cast, chain_payee, status="submitted") for _ in range(2)]
    query = {**about(*two), "found_as": [TRANSACTION, "0x" + "cd" * 32]}
    for page in (finder.get(PROPOSE, query), finder.post(PROPOSE, query)):
        fields = [field for _, field in page.context["form"].cards()]
        assert [field.value() for field in fields] == query["found_as"]
    assert not Resolution.objects.exists()


def test_a_paid_line_without_anything_is_said_above_the_form(cast: Cast, finder: Client, chain_payee: Address) -> None:
    two = [lost(cast, chain_payee, status="submitted") for _ in range(2)]
    page = finder.post(PROPOSE, filled(*two) | {f"found_as_{two[1].reference}": ""})
    assert errors(page) == {"__all__"}
    assert "Paid needs the provider's id" in words(page)


def test_a_selection_has_bounds(cast: Cast, finder: Client, payee: Address, chain_payee: Address) -> None:
    one, other = lost(cast, payee), lost(cast, chain_payee)
    assert "one account" in objected_to(finder.get(PROPOSE, about(one, other)))
    assert "at least one" in objected_to(finder.get(PROPOSE))
    assert len(finder.get(PROPOSE, about(one, one, one)).context["form"].withdrawals) == 1
    for missing in ("x", "00000000-0000-0000-0000-000000000007"):
        assert finder.get(PROPOSE, {"withdrawal": missing}).status_code == 404
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr("payouts.domain.unknown.resolving.MOST_AT_ONCE", 1)
        two = about(one, lost(cast, payee))
        assert "at most 1 withdrawals" in objected_to(finder.get(PROPOSE, two))
    assert MOST_AT_ONCE == 100


# -- who --


@pytest.mark.parametrize("name", ["keeper", "auditor", "administrator", "outsider", "superuser"])
def test_others_are_not_shown_the_form(cast: Cast, sign_in: SignIn, it: Withdrawal, name: str) -> None:
    client = sign_in(getattr(cast, name))
    assert client.get(PROPOSE, about(it)).status_code == 403
    assert client.post(PROPOSE, filled(it)).status_code == 403
    assert not Resolution.objects.exists()


def test_it_needs_the_pages_own_token(finder: Client, it: Withdrawal) -> None:
    assert strict(finder).post(PROPOSE, filled(it)).status_code == 403
    assert not Resolution.objects.exists()


# -- the page of what was found, and of the withdrawal --


def test_the_confirmer_sees_everything(cast: Cast, sign_in: SignIn, it: Withdrawal) -> None:
    found = proposed(cast, it, attachment=PICTURE)
    page = sign_in(cast.first_approver).get(f"{page_of(found)}confirm/")
    shown = words(page)
    for part in ("Second Requester says: paid", "panel, page 3", NOTE, "panel.png", it.reference):
        assert part in shown
    assert f"{it.amount:.2f}USDT" in shown.replace(" ", "")
    assert it.address.address in shown.replace(" ", "")
    assert found.lines.get().found_as in shown


def test_the_withdrawals_page_tells_what_was_found(cast: Cast, sign_in: SignIn, it: Withdrawal) -> None:
    client = sign_in(cast.first_approver)
    assert f'href="{PROPOSE}?withdrawal={it.pk}"' in client.get(page_of(it)).content.decode()
    proposed(cast, it)
    shown = words(client.get(page_of(it)))
    assert "Second Requester says: paid" in shown
    assert "Resolution proposed" in shown
    assert "Say what became of it" not in shown


def test_a_finding_that_is_not_there_is_not_found(finder: Client) -> None:
    with untouched():
        assert finder.get("/payouts/resolution/00000000-0000-0000-0000-000000000007/").status_code == 404
