"""The trail: a closed list, one row an event, nothing in a row that could make it read as something else."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from payouts import audit
from payouts.audit import Event, Origin, Worker
from payouts.models import Account, Address, AuditEvent
from tests.props.cast import Cast, raised

ROOT = Path(__file__).resolve().parents[2]
MARK = "\N{REPLACEMENT CHARACTER}"


@contextmanager
def coming_from(where: Origin) -> Iterator[None]:
    """As the middleware does it for one request."""
    token = audit.origin.set(where)
    try:
        yield
    finally:
        audit.origin.reset(token)


@pytest.mark.parametrize("event", Event)
def test_each_event_makes_exactly_one_row(cast: Cast, event: Event) -> None:
    before = AuditEvent.objects.count()
    audit.record(event, by=cast.keeper, about=cast.requester, why="because")
    assert AuditEvent.objects.count() == before + 1
    row = AuditEvent.objects.latest("id")
    assert (row.event, row.actor, row.actor_name) == (event, cast.keeper, "keeper")
    assert (row.subject_type, row.subject_id, row.facts) == (
        "user",
        str(cast.requester.pk),
        {"why": "because"},
    )
    assert timedelta(0) <= timezone.now() - row.at < timedelta(minutes=1)


@pytest.mark.parametrize("event", Event)
def test_every_event_on_the_list_happens_somewhere(event: Event) -> None:
    sources = [*ROOT.glob("payouts/**/*.py"), *ROOT.glob("backoffice/**/*.py")]
    assert any(f"Event.{event.name}" in _code(source) for source in sources if source.name != "audit.py")


def _code(source: Path) -> str:
    """The names that a file uses, comments and texts aside."""
    names = (node for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.Attribute))
    return " ".join(ast.unparse(name) + " " for name in names)


@pytest.mark.parametrize("event", Event)
def test_every_event_has_words_and_fits_its_column(event: Event) -> None:
    assert "_" not in event.label
    assert event.value == event.name.lower()
    assert len(event.value) <= 48


# -- who, what and where --


def test_a_worker_and_nobody_have_names(cast: Cast) -> None:
    assert audit.record(Event.SUBMISSION_STOPPED, by=Worker("worker a:1")).actor_name == "worker a:1"
    assert audit.record(Event.SIGN_IN_FAILED, by=None).actor_name == "nobody"


def test_what_an_event_is_about_is_named_by_table_and_id(cast: Cast, payee: Address, treasury: Account) -> None:
    asked = raised(cast, payee)
    subjects: list[tuple[Any, str]] = [(asked, "withdrawal"), (payee, "address"), (treasury, "account")]
    for subject, table in subjects:
        row = audit.record(Event.STATUS_MOVED, by=cast.keeper, about=subject)
        assert (row.subject_type, row.subject_id) == (table, str(subject.pk))


def test_where_a_request_came_from_is_kept_for_as_long_as_it_lasts(cast: Cast) -> None:
    with coming_from(Origin("203.0.113.7", "Firefox")):
        inside = audit.record(Event.SIGNED_IN, by=cast.keeper)
    outside = audit.record(Event.SIGNED_IN, by=cast.keeper)
    assert (inside.ip, inside.user_agent) == ("203.0.113.7", "Firefox")
    assert (outside.ip, outside.user_agent) == (None, "")


# -- facts --


@pytest.mark.parametrize(
    "character",
    ["\r", "\n", "\x00", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u2066", "\u200e", "\ufeff", "\ud800"],
    ids=lambda character: f"U+{ord(character):04X}",
)
def test_characters_that_would_falsify_a_row_are_marked(cast: Cast, character: str) -> None:
    text = f"a{character}b"
    with coming_from(Origin(None, text)):
        audit.record(
            Event.SIGN_IN_FAILED, by=None, why=text, several=[text], pairs={"name": text, text: 1}, some=(text,)
        )
    row = AuditEvent.objects.latest("id")
    clean = f"a{MARK}b"
    assert row.facts == {
        "why": clean,
        "several": [clean],
        "pairs": {"name": clean, clean: 1},
        "some": [clean],
    }
    assert row.user_agent == clean


def test_words_of_every_script_stay_as_they_are(cast: Cast) -> None:
    text = "Überweisung 支払い платёж עברית 🙂"
    audit.record(Event.SIGN_IN_FAILED, by=None, why=text)
    assert AuditEvent.objects.latest("id").facts["why"] == text


def test_a_long_user_agent_is_cut(cast: Cast) -> None:
    with coming_from(Origin(None, "x" * 5000)):
        audit.record(Event.SIGN_IN_FAILED, by=None)
    assert len(AuditEvent.objects.latest("id").user_agent) == 200


def test_numbers_and_times_are_kept_as_json_can(cast: Cast) -> None:
    now = timezone.now()
    audit.record(Event.ACCOUNT_QUIET, by=None, seconds=1.5, amount=Decimal("0.10"), until=now, none=None)
    facts = AuditEvent.objects.latest("id").facts
    assert (facts["seconds"], facts["amount"], facts["none"]) == (1.5, "0.10", None)
    assert facts["until"].startswith(f"{now:%Y-%m-%dT%H:%M:%S}")
