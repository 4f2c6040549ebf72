"""The guards that are in force are those of the files; one that was changed by hand, switched off or added is found."""

import pytest

from payouts import guards
from tests.props.rows.sql import execute

TAMPERED = [
    "CREATE OR REPLACE FUNCTION countersign_never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "DROP TRIGGER approval_change ON payouts_approval",
    "ALTER TABLE payouts_approval DISABLE TRIGGER approval_change",
    "CREATE TRIGGER aaa BEFORE INSERT ON payouts_approval FOR EACH ROW EXECUTE FUNCTION countersign_never('x')",
    "CREATE FUNCTION countersign_open_sesame() RETURNS void LANGUAGE plpgsql AS 'BEGIN END'",
    "ALTER FUNCTION countersign_never() SET search_path = pg_temp, public",
]


def test_what_is_in_force_is_what_the_files_say(db: None) -> None:
    found = guards.installed()
    guards.put_in_force()
    assert found == guards.installed()
    assert len(found) > 50


@pytest.mark.parametrize("statement", TAMPERED)
def test_what_was_tampered_with_is_found_and_put_right(db: None, statement: str) -> None:
    sound = guards.installed()
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute(statement)
    assert guards.installed() != sound
    guards.put_in_force()
    assert guards.installed() == sound


def test_every_file_is_put_in_force() -> None:
    folder = guards.files()[0].parent
    assert {path.name for path in guards.files()} == {path.name for path in folder.rglob("*.sql")}
    assert guards.files()[0].name == "shared.sql"
