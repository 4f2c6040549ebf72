"""`manage.py asset PROVIDER NETWORK COIN --decimals N [--off]`: a coin that requests may name."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from payouts.audit import Worker
from payouts.domain.recipients.kind import Kind
from payouts.models import Asset
from payouts.providers.base import promises_of
from payouts.providers.registry import PROVIDERS
from payouts.workflow.sending.assets import set_asset


class Command(BaseCommand):
    """Add an asset or change it; the audit trail names this command."""

    help = "Adds or changes a coin: manage.py asset zoomex INTERNAL SOL --decimals 8"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("provider", choices=sorted(PROVIDERS))
        parser.add_argument("network", choices=sorted({kind.network for kind in Kind}))
        parser.add_argument("coin", help="as the provider spells it, for example SOL")
        parser.add_argument("--decimals", type=int, required=True, help="the most that an amount may have (0 to 18)")
        parser.add_argument("--off", action="store_true", help="do not offer it any more")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Write the asset, then print every asset of its provider."""
        if not 0 <= options["decimals"] <= 18:
            raise CommandError("--decimals is a whole number from 0 to 18.")
        place = options["provider"], options["network"], options["coin"]
        off = options["off"]
        most = promises_of(PROVIDERS[options["provider"]]).most_decimals(*place[1:])
        if not off and (most is None or options["decimals"] > most):
            said = "does not send it there" if most is None else f"sends at most {most} decimals of it"
            raise CommandError(f"The provider's code {said}: a row only takes away from what the code says.")
        set_asset(*place, decimals=options["decimals"], enabled=not off, by=Worker("command line"))
        for asset in Asset.objects.filter(provider=options["provider"]):
            self.stdout.write(f"{asset}: {asset.decimals} decimals{'' if asset.enabled else ', off'}")
