"""Assets: which coins may be asked for, and how many decimals an amount of each may have."""

from django.db import transaction

from payouts import audit
from payouts.audit import Actor, Event
from payouts.models import Asset


def set_asset(provider: str, network: str, coin: str, *, decimals: int, enabled: bool, by: Actor) -> Asset:
    """Add an asset or change it, for requests from now on; what was raised before stays as it is.

    Raises django.db.IntegrityError for more than 18 decimals (`asset_decimals_fit_the_column`).
    """
    facts = {"decimals": decimals, "enabled": enabled}
    with transaction.atomic(durable=True):
        asset, created = Asset.objects.select_for_update().get_or_create(
            provider=provider, network=network, coin=coin, defaults=facts
        )
        before = {name: getattr(asset, name) for name in facts}
        if created:
            audit.record(Event.ASSET_ADDED, by=by, about=asset, coin=coin, network=network, **facts)
        elif before != facts:
            Asset.objects.filter(pk=asset.pk).update(**facts)
            audit.record(Event.ASSET_CHANGED, by=by, about=asset, before=str(before), after=str(facts))
            asset.refresh_from_db()
    return asset
