"""The address book: whom an account may pay. What identifies an entry never changes."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from payouts.domain.recipients.book import AddressFacts, AddressStatus
from payouts.domain.recipients.kind import Kind
from payouts.domain.recipients.recipient import Recipient, grouped
from payouts.models.choices import choices
from payouts.models.decisions.proposal import Proposal
from payouts.models.sending.account import Account, Asset


class AddressQuerySet(models.QuerySet["Address"]):
    """Entries, as operators ask for them."""

    def locked(self, address_id: uuid.UUID) -> "Address":
        """The entry, held against revocation and activation until the transaction ends."""
        return self.select_for_update(of=("self", "proposal")).select_related("account", "proposal").get(pk=address_id)

    def active(self) -> Self:
        """Those that requests may name."""
        return self.filter(status=AddressStatus.ACTIVE)

    def found_by(self, text: str) -> Self:
        """Those whose address this is, in full and case aside, with or without spaces between its groups."""
        return self.filter(recipient_key__in={text, text.lower(), "".join(text.split()), "".join(text.split()).lower()})

    def named(self, text: str) -> Self:
        """Those whose label or owner begins with this, case aside."""
        return self.filter(Q(label__istartswith=text) | Q(owner__istartswith=text))

    def proposed(self) -> Self:
        """Those that wait for a second person."""
        return self.filter(status=AddressStatus.PROPOSED)

    def active_twin(self, account: Account, recipient: Recipient) -> "Address | None":
        """The entry by which the account may pay this recipient already, if there is one."""
        return self.active().filter(account=account, kind=recipient.kind, recipient_key=recipient.key).first()


class Address(models.Model):
    """An address-book entry of one account: a recipient, its owner, and the coins it may receive."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="addresses")
    kind = models.CharField(max_length=32, choices=choices(Kind))
    area_code = models.CharField(max_length=4, blank=True)
    address = models.CharField(max_length=254)
    recipient_key = models.CharField(max_length=254, help_text="The recipient in a comparable form.")
    coins = ArrayField(models.CharField(max_length=32))
    label = models.CharField(max_length=80)
    owner = models.CharField(max_length=120, help_text="Who is paid.")
    fingerprint = models.BooleanField(
        default=False, help_text="Whether the last two decimals of each amount are drawn, to tell equal ones apart."
    )
    status = models.CharField(max_length=16, choices=choices(AddressStatus), default=AddressStatus.PROPOSED.value)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="address")
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    closed_at = models.DateTimeField(null=True)
    closed_because = models.CharField(max_length=500, blank=True)

    objects = AddressQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at"]
        verbose_name_plural = "address book"
        indexes = [
            # the list: newest first, within one status
            models.Index(fields=["status", "-proposed_at"], name="address_by_status"),
            # the search by address, case aside
            models.Index(fields=["recipient_key"], name="address_by_recipient"),
            # the search by the beginning of a name
            models.Index(OpClass(Upper("label"), name="text_pattern_ops"), name="address_by_label"),
            models.Index(OpClass(Upper("owner"), name="text_pattern_ops"), name="address_by_owner"),
            # the list, newest first
            models.Index(fields=["-proposed_at", "-id"], name="address_newest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "recipient_key"],
                condition=Q(status="active"),
                name="one_active_entry_per_recipient",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[s.value for s in AddressStatus]), name="address_status_is_known"
            ),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in Kind]), name="address_kind_is_known"),
            models.CheckConstraint(condition=Q(coins__len__gt=0), name="address_receives_some_coin"),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.owner})"

    def facts(self) -> AddressFacts:
        """What the rules need to know."""
        return AddressFacts(
            status=AddressStatus(self.status),
            proposed_by=self.proposed_by_id,
            proposal=self.proposal.facts(self.content()),
        )

    def content(self) -> dict[str, object]:
        """What keepers see: a recipient of an account, whose it is, and what it may receive."""
        return {
            "account": self.account.name,
            "provider": self.account.provider,
            "recipient_kind": str(self.kind),
            "area_code": self.area_code,
            "address": self.address,
            "coins": sorted(self.coins),
            "label": self.label,
            "owner": self.owner,
            "fingerprint": self.fingerprint,
        }

    def recipient(self) -> Recipient:
        """The recipient that it was checked as."""
        return Recipient(Kind(self.kind), self.area_code, self.address, self.recipient_key)

    def groups(self) -> tuple[str, ...]:
        """The whole address in groups, for reading."""
        return grouped(Kind(self.kind), self.address)

    def asset(self, coin: str) -> Asset | None:
        """The asset behind one of its coins, where requests may name it."""
        if coin not in self.coins:
            return None
        return Asset.objects.filter(
            provider=self.account.provider, network=Kind(self.kind).network, coin=coin, enabled=True
        ).first()
