"""The database's catalogue against these tests: no rule is without one. Also the audit trail's own rules."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from payouts import audit
from payouts.audit import Event
from payouts.models import AuditEvent
from tests.props.cast import Cast
from tests.props.rows.sql import delete, execute, insert, refused_by, truncate, update

MADE_BY_DJANGO = re.compile(r".*(_pkey|_fk_.*|_check|_id_[0-9a-f]{8}_.*)")
DATING = {"audit_is_dated_by_the_database", "look_is_dated_by_the_database"}  # they object to nothing
COUNTING = {"person_deactivated", "role_taken_away"}  # nor do these: they make an authority number grow
NAMED_IN_SOURCE = re.compile(r"countersign_[a-z_]+")
RULE_IN_SOURCE = re.compile(r"countersign_object\(\s*'([a-z_]+)'")


def names(query: str) -> set[str]:
    """The first column of a query on the catalogue."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}


def constraints() -> set[str]:
    """Every check, unique and foreign key that somebody named, unique indexes with conditions included."""
    named = names(
        "SELECT conname FROM pg_constraint WHERE conrelid::regclass::text LIKE 'payouts\\_%' AND contype <> 'n'"
    )
    indexes = names(
        "SELECT indexrelid::regclass::text FROM pg_index "
        "WHERE indisunique AND indrelid::regclass::text LIKE 'payouts\\_%'"
    )
    return {name for name in named | indexes if not MADE_BY_DJANGO.fullmatch(name)}


def functions() -> dict[str, str]:
    """What each function of ours does, by its name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'countersign\\_%'")
        return dict(cursor.fetchall())


def rules_of_triggers() -> dict[str, set[str]]:
    """Each trigger of ours, and the rules that it can object with, those of the functions that it names included."""
    sources = functions()

    def rules(name: str) -> set[str]:
        called = {found for found in NAMED_IN_SOURCE.findall(sources[name]) if found in sources}
        return set(RULE_IN_SOURCE.findall(sources[name])).union(*map(rules, called))

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, proname, tgargs FROM pg_trigger "
            "JOIN pg_proc ON pg_proc.oid = tgfoid "
            "WHERE NOT tgisinternal AND proname LIKE 'countersign\\_%'"
        )
        return {
            name: {*rules(function), *bytes(arguments).decode().split("\0")} - {""}
            for name, function, arguments in cursor.fetchall()
        }


def rules_of_functions() -> set[str]:
    """The rules that any function of ours can object with: a kind's own are called by its name."""
    return {rule for source in functions().values() for rule in RULE_IN_SOURCE.findall(source)}


def seen_at_work() -> set[str]:
    """Every rule that a test of this folder sees at work: the literals given to `refused_by`."""
    calls = (
        node
        for file in Path(__file__).parent.rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "refused_by"
    )
    return {str(call.args[0].value) for call in calls if isinstance(call.args[0], ast.Constant)}


def test_no_constraint_is_without_a_test(db: None) -> None:
    assert constraints() - seen_at_work() == set()


def test_no_trigger_is_without_a_rule_and_no_rule_without_a_test(db: None) -> None:
    found = rules_of_triggers()
    assert len(found) >= 15
    assert {trigger for trigger, rules in found.items() if not rules} == DATING | COUNTING
    assert set().union(rules_of_functions(), *found.values()) - seen_at_work() == set()


def test_every_rule_that_is_tested_is_in_the_database(db: None) -> None:
    assert seen_at_work() - constraints() - set().union(rules_of_functions(), *rules_of_triggers().values()) == set()


def test_no_guard_looks_at_tables_of_the_session_that_it_guards_against(db: None) -> None:
    """The search path stands on each function; what a later migration replaces has to be given it again."""
    fixed = names("SELECT proname FROM pg_proc WHERE proconfig = ARRAY['search_path=public, pg_temp']")
    assert names("SELECT proname FROM pg_proc WHERE proname LIKE 'countersign\\_%'") - fixed == set()


@pytest.fixture
def event(cast: Cast) -> AuditEvent:
    """A row of the trail."""
    return audit.record(Event.SIGNED_IN, by=cast.keeper, about=cast.keeper)


@pytest.mark.parametrize(
    ("column", "value"), [("event", "signed_out"), ("actor_name", "somebody"), ("facts", "{}"), ("subject_id", "1")]
)
def test_rows_of_the_trail_are_never_changed(event: AuditEvent, column: str, value: str) -> None:
    with refused_by("audit_rows_are_only_added"):
        update(event, **{column: value})


def test_rows_of_the_trail_are_never_deleted(event: AuditEvent) -> None:
    with refused_by("audit_rows_are_only_added"):
        delete(event)
    with refused_by("audit_rows_are_only_added"):
        execute("DELETE FROM payouts_auditevent")


def test_the_trail_is_never_emptied(event: AuditEvent) -> None:
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by("audit_is_never_emptied"):
        truncate("auditevent")


def test_nobody_dates_an_event_but_the_database(cast: Cast) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    row = {"event": "signed_in", "actor_name": "forger", "subject_type": "", "subject_id": "", "facts": "{}"}
    insert("auditevent", at=yesterday, user_agent="", **row)
    assert AuditEvent.objects.get(actor_name="forger").at > yesterday + timedelta(hours=23)
