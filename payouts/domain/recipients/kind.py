"""The kinds of recipient that the registered providers can pay, and the network each belongs to."""

from enum import StrEnum


class Kind(StrEnum):
    """The kinds of recipient that an address-book entry may hold."""

    EMAIL = "email"
    PHONE = "phone"
    UID = "uid"
    TRX_CHAIN = "TRX_CHAIN"
    ETH_CHAIN = "ETH_CHAIN"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def network(self) -> str:
        """The network whose assets the recipient can receive; INTERNAL is a transfer between a provider's customers."""
        return self.value if self in (Kind.TRX_CHAIN, Kind.ETH_CHAIN) else INTERNAL


INTERNAL = "INTERNAL"

_LABELS = {
    Kind.EMAIL: "E-mail",
    Kind.PHONE: "Phone",
    Kind.UID: "UID",
    Kind.TRX_CHAIN: "TRON (TRC20)",
    Kind.ETH_CHAIN: "Ethereum (ERC20)",
}
