"""What a provider promises, as its own code says it. A row of the database may take from it, and adds nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from payouts.domain.errors import InvalidValue
from payouts.domain.money import check_amount
from payouts.domain.withdrawals.order import Order


@dataclass(frozen=True)
class Promises:
    """What the code of one provider says; handed to the workflow by whoever knows the provider."""

    resend_allowed: bool  # one reference pays once, however often it is sent
    can_look_up: bool  # it can be asked what became of withdrawals
    stop_codes: frozenset[str]  # after one of these nothing more may be sent for the account
    decimals: Mapping[tuple[str, str], int]  # the most that an amount may have, by network and coin
    decimals_of_others: Mapping[str, int]  # the same for coins that are not among them, by network

    def may_be_asked(self, *, row_allows: bool) -> bool:
        """Whether its records are asked for: by the code, and by the account's row, which only ever forbids."""
        return self.can_look_up and row_allows

    def most_decimals(self, network: str, coin: str) -> int | None:
        """The most decimals that an amount of the coin may have; None where the coin is not sent on the network."""
        return self.decimals.get((network, coin), self.decimals_of_others.get(network))

    def check_amount(self, order: Order) -> None:
        """Raise InvalidValue unless the coin is sent on its network, with no more decimals than it may have."""
        most = self.most_decimals(order.kind.network, order.coin)
        if most is None:
            raise InvalidValue("coin", "coin_not_sent", f"{order.provider} does not send {order.coin} there.")
        check_amount(order.amount, coin=order.coin, decimals=most)


# Of a provider that no code speaks for.
NOTHING_PROMISED = Promises(
    resend_allowed=False, can_look_up=False, stop_codes=frozenset(), decimals={}, decimals_of_others={}
)
