"""The address book: one person proposes an entry, another activates it (`activation`), one keeper can stop it."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from payouts import audit
from payouts.audit import Event
from payouts.domain.errors import InvalidValue
from payouts.domain.people.roles import Act, role_objection
from payouts.domain.recipients import book
from payouts.domain.recipients.book import AddressStatus
from payouts.domain.recipients.kind import Kind
from payouts.domain.recipients.recipient import Recipient, cautions, check_recipient
from payouts.domain.texts import check_purpose, check_reason
from payouts.domain.withdrawals.fingerprint import ROOM
from payouts.models import Account, Address, Asset, person
from payouts.workflow.attempt import attempt
from payouts.workflow.decisions import proposing as decisions
from payouts.workflow.recipients.activation import ADDRESS, stop


@dataclass(frozen=True)
class Draft:
    """What a person writes down: a recipient of one account, its owner, and the coins it may receive."""

    account: Account
    kind: Kind
    area_code: str
    address: str
    coins: tuple[str, ...]
    label: str
    owner: str
    cautions_ticked: frozenset[str] = frozenset()
    fingerprint: bool = False  # whether each amount gets decimals of its own


def check(draft: Draft) -> Recipient:
    """The recipient, when everything about the draft is in order.

    Raises InvalidValue naming the field: a form's `clean` calls this as well, so form and workflow cannot differ.
    """
    if not draft.account.takes(draft.kind):
        raise InvalidValue("kind", "kind_not_taken", f"{draft.account} cannot pay to {draft.kind.label}.")
    recipient = check_recipient(draft.kind, area_code=draft.area_code, address=draft.address)
    for caution in cautions(recipient):
        if caution.code not in draft.cautions_ticked:
            raise InvalidValue("cautions_ticked", caution.code, caution.message)
    _check_coins(draft)
    _check_words("label", draft.label, 80)
    _check_words("owner", draft.owner, 120)
    twin = Address.objects.active_twin(draft.account, recipient)
    if twin is not None:
        raise InvalidValue("address", "already_active", f"This recipient is active already, as “{twin.label}”.")
    return recipient


def propose(draft: Draft, *, by: User) -> Address:
    """Write down an entry; nobody can be paid by it until another person activates it.

    Raises NotPermitted (audited) or InvalidValue.
    """
    with attempt(Event.ADDRESS_OBJECTED, by=by, act=Act.PROPOSE_ADDRESS) as trying:
        trying.unless(role_objection(person(by), Act.PROPOSE_ADDRESS))
        entry = _entry(draft, check(draft), by=by)
        entry.proposal = decisions.propose(ADDRESS, entry, by=by)
        entry.save(force_insert=True)
        audit.record(
            Event.ADDRESS_PROPOSED,
            by=by,
            about=entry,
            account=draft.account.name,
            kind=entry.kind,
            address=entry.area_code + entry.address,
            coins=entry.coins,
            cautions_ticked=draft.cautions_ticked,
            fingerprint="added to each amount" if entry.fingerprint else "",
        )
    return entry


def revoke(entry_id: UUID, *, reason: str, by: User) -> Address:
    """Stop every payment to an entry that has not left yet. One keeper is enough. Raises NotPermitted, InvalidValue."""
    check_reason(reason)
    with attempt(Event.ADDRESS_OBJECTED, by=by, act=Act.REVOKE_ADDRESS) as trying:
        entry = Address.objects.locked(entry_id)
        trying.on(entry)
        trying.unless(book.may_revoke(entry.facts(), person(by)))
        stop(entry, AddressStatus.REVOKED, reason=reason, by=by)
        audit.record(Event.ADDRESS_REVOKED, by=by, about=entry, why=reason)
    return entry


def _entry(draft: Draft, recipient: Recipient, *, by: User) -> Address:
    return Address(
        account=draft.account,
        kind=recipient.kind.value,
        area_code=recipient.area_code,
        address=recipient.address,
        recipient_key=recipient.key,
        coins=sorted(set(draft.coins)),
        label=draft.label,
        owner=draft.owner,
        fingerprint=draft.fingerprint,
        proposed_by=by,
        proposed_at=timezone.now(),
    )


def _check_coins(draft: Draft) -> None:
    assets = Asset.objects.filter(provider=draft.account.provider, network=draft.kind.network, enabled=True)
    offered = dict(assets.values_list("coin", "decimals"))
    if not draft.coins:
        raise InvalidValue("coins", "no_coin", "Choose at least one coin that it may receive.")
    for coin in draft.coins:
        if coin not in offered:
            raise InvalidValue("coins", "coin_not_taken", f"{draft.kind.label} cannot receive {coin} here.")
        if draft.fingerprint and offered[coin] < ROOM:
            message = f"{coin} takes {offered[coin]} decimals here, and a fingerprint needs {ROOM}."
            raise InvalidValue("fingerprint", "no_room", message)


def _check_words(field: str, text: str, longest: int) -> None:
    try:
        check_purpose(text)
    except InvalidValue as err:
        raise InvalidValue(field, err.code, err.message) from err
    if len(text) > longest:
        raise InvalidValue(field, "too_long", f"At most {longest} characters; this has {len(text)}.")
