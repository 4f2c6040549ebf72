"""`manage.py witness`: what it knows, whether the rows agree, and another place for it."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from payouts.audit import Event
from payouts.domain.sending.witness import Known
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, AuditEvent, Pause, WitnessLink
from payouts.witness.file import FileWitness
from payouts.worker import witnessing
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import ACCEPTED, ScriptedProvider, accepted_as
from tests.props.witness import back_in_time
from tests.props.worker import WORKER, Plug, drain, wake
from tests.worker.conftest import OF_THIS_DATABASE

pytestmark = pytest.mark.django_db
WHY = "The old disk is failing"


def said(*words: str, **options: Any) -> str:
    out = StringIO()
    call_command("witness", *words, stdout=out, **options)
    return out.getvalue()


@pytest.fixture(autouse=True)
def witness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    """A real one; where the settings say."""
    monkeypatch.setattr(witnessing, "witness", lambda: FileWitness(Path(settings.WITNESS_URL.removeprefix("file:"))))
    monkeypatch.setattr(witnessing, "_of_this_database", OF_THIS_DATABASE)
    monkeypatch.setattr(witnessing, "_said", set())
    settings.WITNESS_URL = f"file:{tmp_path / 'witness'}"
    assert witnessing.compare(by=WORKER)
    witnessing.tell_trail(by=WORKER)
    return tmp_path / "witness"


def sent(cast: Cast, payee: Address, plug: Plug) -> None:
    approved(cast, payee)
    plug(ScriptedProvider(ACCEPTED))
    assert drain() == 1
    wake(payee.account)


def test_it_shows_what_it_knows(cast: Cast, payee: Address, plug: Plug) -> None:
    sent(cast, payee, plug)
    text = said("show")
    assert f"witness {WitnessLink.objects.get().witness}" in text
    assert "treasury: 1 calls, the last at" in text
    assert "Newest event of the trail: " in text


def test_it_says_that_both_agree(cast: Cast, payee: Address, plug: Plug) -> None:
    sent(cast, payee, plug)
    assert "In step. 0 calls are still to be told" in said("check")


def test_it_says_what_is_missing_and_changes_nothing(cast: Cast, payee: Address, plug: Plug) -> None:
    with back_in_time.lost():
        sent(cast, payee, plug)
    with pytest.raises(CommandError, match="The database lacks calls of treasury"):
        said("check")
    assert not Pause.objects.exists()


def test_one_that_is_gone_or_another_one_is_said_to_be(witness: Path, settings: Any, tmp_path: Path) -> None:
    FileWitness.found(tmp_path / "other", Known(WitnessLink.objects.get().witness.__class__(int=5)))
    settings.WITNESS_URL = f"file:{tmp_path / 'other'}"
    with pytest.raises(CommandError, match="knows another witness"):
        said("check")
    settings.WITNESS_URL = f"file:{tmp_path / 'nowhere'}"
    for what in ("show", "check"):
        with pytest.raises(CommandError, match="No such file"):
            said(what)


@pytest.mark.parametrize("is_lost", [True, False])
def test_another_one_is_used_once_two_people_have_said_so(
    cast: Cast, payee: Address, plug: Plug, witness: Path, settings: Any, tmp_path: Path, is_lost: bool
) -> None:
    sent(cast, payee, plug)
    other = approved(cast, payee)
    old = f"file:{witness}"
    if is_lost:
        witness.unlink()
    settings.WITNESS_URL = f"file:{tmp_path / 'elsewhere'}"
    assert "until two people have released it" in said(
        "move", reason=WHY, **({"lost": True} if is_lost else {"old": old})
    )
    it = Pause.objects.get()
    assert (it.cause, it.account, it.proposal.needed) == ("out_of_step", None, 2)
    assert (str(tmp_path / "elsewhere") in it.reason, WHY in it.reason) == (True, True)
    provider = plug(ScriptedProvider(accepted_as("2")))
    assert drain() == 0
    back_in_time.released(cast, it)
    assert witnessing.compare(by=WORKER)
    assert drain() == 1
    other.refresh_from_db()
    assert (other.status, len(provider.orders)) == (Status.SUBMITTED, 1)
    known = witnessing.witness().known()
    assert (known.serial("treasury"), known.released) == (2, (it.proposal_id,))
    assert WitnessLink.objects.get().witness == known.witness
    assert AuditEvent.objects.filter(event=Event.WITNESS_MOVED).count() == 1


def test_a_worker_that_still_has_the_old_one_sends_nothing(
    cast: Cast, payee: Address, plug: Plug, witness: Path, tmp_path: Path
) -> None:
    approved(cast, payee)
    with override_settings(WITNESS_URL=f"file:{tmp_path / 'elsewhere'}"):
        said("move", reason=WHY, old=f"file:{witness}")
    back_in_time.released(cast, Pause.objects.get())
    provider = plug(ScriptedProvider(ACCEPTED))
    assert drain() == 0
    assert provider.orders == []


def test_what_differs_is_not_moved(cast: Cast, payee: Address, plug: Plug, witness: Path, settings: Any) -> None:
    with back_in_time.lost():
        sent(cast, payee, plug)
    old, settings.WITNESS_URL = settings.WITNESS_URL, f"file:{witness}-2"
    with pytest.raises(CommandError, match="The database lacks calls of treasury"):
        said("move", reason=WHY, old=old)
    assert not Pause.objects.exists()


def test_it_says_what_it_needs(settings: Any, witness: Path) -> None:
    for options in ({}, {"lost": True, "old": "file:/x"}):
        with pytest.raises(CommandError, match="--from with the WITNESS_URL"):
            said("move", reason=WHY, **options)
    with pytest.raises(CommandError, match="Write it in words"):
        said("move", lost=True)
    with pytest.raises(CommandError, match="cannot be made"):
        said("move", lost=True, reason=WHY)  # there is one at this place
    assert not Pause.objects.exists()


def test_while_the_two_differ_nothing_is_moved(
    cast: Cast, payee: Address, plug: Plug, settings: Any, witness: Path
) -> None:
    with back_in_time.lost():
        sent(cast, payee, plug)
    assert not witnessing.compare(by=WORKER)
    settings.WITNESS_URL = f"file:{witness}-2"
    with pytest.raises(CommandError, match="Release first"):
        said("move", lost=True, reason=WHY)
    assert not Path(f"{witness}-2").exists()
