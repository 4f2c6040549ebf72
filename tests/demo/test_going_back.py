"""The demo's own incident: its database goes back in time, when somebody presses the button of the simulator's card."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from werkzeug.test import Client

from demo.cast import PEOPLE
from demo.embedded import DidNotStart, EmbeddedPostgres
from demo.going_back import IT_WENT_BACK, GoingBack
from demo.simulator.customers import parse
from demo.simulator.pages import going_back
from demo.simulator.pages.going_back import KEEP, PUT_BACK
from demo.simulator.site import Simulator
from payouts.domain.people.roles import Role

HERE = {"Sec-Fetch-Site": "same-origin"}
CARD = "The database goes back in time"
BUTTONS = {KEEP: 'value="keep"', PUT_BACK: 'value="put back"'}


@pytest.fixture(scope="module")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A server that is running, and a table in it."""
    postgres = EmbeddedPostgres("goes-back", throwaway=True)
    with postgres as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE payment (reference text)")
        yield postgres


@pytest.fixture
def demo(postgres: EmbeddedPostgres, tmp_path: Path) -> GoingBack:
    return GoingBack(postgres, tmp_path, "http://127.0.0.1:8000")


@pytest.fixture
def press(tmp_path: Path) -> Callable[[str], int]:
    """`press(act)` is a button of the card; the answer's status."""
    client = _simulator(tmp_path)
    return lambda act: client.post("/rehearse/going-back", data={"act": act}, headers=HERE).status_code


def _simulator(place: Path | None) -> Client:
    told = going_back.GoingBack(place) if place else None
    return Client(Simulator(parse('{"zoomex": [], "swapspace": []}'), going_back=told))


def offered(place: Path) -> set[str]:
    page = _simulator(place).get("/rehearse").text
    return {act for act, button in BUTTONS.items() if button in page}


def references(postgres: EmbeddedPostgres, *more: str) -> list[str]:
    """What stands in the table, these added."""
    with psycopg.connect(url_of(postgres)) as connection:
        for reference in more:
            connection.execute("INSERT INTO payment VALUES (%s)", [reference])
        return [row[0] for row in connection.execute("SELECT reference FROM payment ORDER BY 1").fetchall()]


def url_of(postgres: EmbeddedPostgres) -> str:
    home = postgres._home
    assert home is not None
    password = (home.path / "password").read_text()
    return f"postgres://countersign:{password}@/countersign?host={home.socket_directory()}"


def test_what_was_written_after_the_backup_is_gone_once_it_was_put_back(
    postgres: EmbeddedPostgres,
    demo: GoingBack,
    press: Callable[[str], int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    references(postgres, "before")
    assert offered(tmp_path) == {KEEP}
    assert press(KEEP) == 303
    assert offered(tmp_path) == set()
    demo.do_what_was_asked()
    assert offered(tmp_path) == {KEEP, PUT_BACK}
    for lost in ("one", "another"):  # as often as one likes
        assert references(postgres, lost) == sorted(["before", lost])
        assert press(PUT_BACK) == 303
        demo.do_what_was_asked()
        demo.do_what_was_asked()
        assert references(postgres) == ["before"]
    assert "the database went back to" in _simulator(tmp_path).get("/rehearse").text
    said = capsys.readouterr().out
    assert "two different people release the pause" in said
    assert "http://127.0.0.1:8000" in said


def test_nothing_is_put_back_that_was_not_kept(
    postgres: EmbeddedPostgres, demo: GoingBack, press: Callable[[str], int], tmp_path: Path
) -> None:
    assert [press(act) for act in (PUT_BACK, "fire", "")] == [400, 400, 400]
    assert not (tmp_path / going_back.ASKED).exists()


def test_a_server_whose_copy_is_missing_goes_on() -> None:
    postgres = EmbeddedPostgres("goes-back", throwaway=True)
    with postgres as url:
        with pytest.raises(DidNotStart, match="could not be copied"):
            postgres.put_back()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_what_was_asked_of_an_earlier_demo_is_forgotten(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    (tmp_path / going_back.ASKED).write_text(PUT_BACK)
    GoingBack(postgres, tmp_path, "").do_what_was_asked()
    assert not (tmp_path / going_back.ASKED).exists()


def test_a_database_that_is_not_the_demos_own_is_not_offered() -> None:
    client = _simulator(None)
    assert CARD not in client.get("/rehearse").text
    assert client.post("/rehearse/going-back", data={"act": KEEP}, headers=HERE).status_code == 400


def test_only_its_own_page_can_ask(tmp_path: Path) -> None:
    answer = _simulator(tmp_path).post("/rehearse/going-back", data={"act": KEEP}, headers={"Origin": "http://else"})
    assert answer.status_code == 403
    assert not (tmp_path / going_back.ASKED).exists()


def test_who_is_named_may_release_it() -> None:
    roles = {name: set(held) for name, _, held in PEOPLE}
    for name in ("carla", "theo"):
        assert name in IT_WENT_BACK
        assert name in _simulator_card()
        assert roles[name] & {Role.APPROVER, Role.ADMINISTRATOR}


def _simulator_card() -> str:
    return going_back.GoingBack(Path("nowhere")).card("")
