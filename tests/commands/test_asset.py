"""`manage.py asset`: coins come and go by a command, and every change is in the trail."""

import pytest
from django.core.management import CommandError, call_command

from payouts.models import Asset, AuditEvent

pytestmark = pytest.mark.django_db


def test_a_new_coin_is_offered_and_written_down() -> None:
    call_command("asset", "zoomex", "INTERNAL", "SOL", "--decimals", "8")
    assert Asset.objects.get(coin="SOL").decimals == 8
    event = AuditEvent.objects.filter(event="asset_added").latest("id")
    assert (event.actor_name, event.facts["coin"]) == ("command line", "SOL")


def test_a_coin_is_switched_off_and_the_trail_says_what_it_was() -> None:
    call_command("asset", "swapspace", "ETH_CHAIN", "USDC", "--decimals", "6", "--off")
    assert not Asset.objects.get(provider="swapspace", network="ETH_CHAIN", coin="USDC").enabled
    event = AuditEvent.objects.get(event="asset_changed")
    assert event.facts == {
        "before": "{'decimals': 6, 'enabled': True}",
        "after": "{'decimals': 6, 'enabled': False}",
    }


def test_the_same_again_changes_nothing_and_says_nothing() -> None:
    before = AuditEvent.objects.count()
    call_command("asset", "swapspace", "ETH_CHAIN", "USDC", "--decimals", "6")
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("decimals", ["-1", "19"])
def test_decimals_that_the_column_cannot_hold_are_refused(decimals: str) -> None:
    with pytest.raises(CommandError, match="from 0 to 18"):
        call_command("asset", "zoomex", "INTERNAL", "SOL", f"--decimals={decimals}")
    assert not Asset.objects.filter(coin="SOL").exists()


@pytest.mark.parametrize(
    ("place", "decimals", "why"),
    [
        (("zoomex", "INTERNAL", "USDT"), 5, "at most 4 decimals"),
        (("zoomex", "INTERNAL", "SOL"), 9, "at most 8 decimals"),
        (("swapspace", "TRX_CHAIN", "SOL"), 6, "does not send it there"),
    ],
)
def test_a_row_says_no_more_than_the_providers_code(place: tuple[str, str, str], decimals: int, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        call_command("asset", *place, f"--decimals={decimals}")
    assert not AuditEvent.objects.filter(actor_name="command line").exists()
