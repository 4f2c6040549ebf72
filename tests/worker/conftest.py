"""A withdrawal that was lost on its way, and the provider that can be asked for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Withdrawal
from payouts.witness.file import FileWitness
from payouts.worker import witnessing
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import UNKNOWN, LookUpProvider
from tests.props.worker import WORKER, Plug, drain

OF_THIS_DATABASE = witnessing._of_this_database  # before any test replaces it


@pytest.fixture
def provider(plug: Plug) -> LookUpProvider:
    return plug(LookUpProvider(UNKNOWN))  # type: ignore[return-value]


@pytest.fixture
def lost(cast: Cast, payee: Address, provider: LookUpProvider) -> Withdrawal:
    """Sent, and nobody knows what became of it."""
    withdrawal = approved(cast, payee)
    drain()
    withdrawal.refresh_from_db()
    assert withdrawal.status == Status.UNKNOWN
    return withdrawal


@pytest.fixture
def witness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileWitness]:
    """A real one, that this database belongs to and that knows its trail."""
    path = tmp_path / "witness"
    monkeypatch.setattr(witnessing, "witness", lambda: FileWitness(path))
    monkeypatch.setattr(witnessing, "_of_this_database", OF_THIS_DATABASE)
    monkeypatch.setattr(witnessing, "_said", set())
    with override_settings(WITNESS_URL=f"file:{path}"):
        assert witnessing.compare(by=WORKER)
        witnessing.tell_trail(by=WORKER)
        yield FileWitness(path)
