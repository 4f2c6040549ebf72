"""The address book: one person proposes an entry, another activates it, either kind of keeper can stop it."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from payouts import audit
from payouts.audit import Event
from payouts.domain.errors import InvalidValue, NotPermitted, Objection
from payouts.domain.people.roles import Act
from payouts.domain.recipients.kind import Kind
from payouts.domain.recipients.recipient import Recipient, cautions, check_recipient
from payouts.domain.texts import check_purpose, check_reason
from payouts.domain.withdrawals import policy
from payouts.domain.withdrawals.fingerprint import ROOM
from payouts.domain.withdrawals.status import ADDRESS_MOVES, AddressStatus
from payouts.models import Account, Address, Asset, PresenceProof, person
from payouts.workflow.decisions import presence
from payouts.workflow.withdrawals.transition import MovedMeanwhile


@dataclass(frozen=True)
class Proposal:
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


def check(proposal: Proposal) -> Recipient:
    """The recipient, when everything about the proposal is in order.

    Raises InvalidValue naming the field: a form's `clean` calls this as well, so form and workflow cannot differ.
    """
    if not proposal.account.takes(proposal.kind):
        raise InvalidValue("kind", "kind_not_taken", f"{proposal.account} cannot pay to {proposal.kind.label}.")
    recipient = check_recipient(proposal.kind, area_code=proposal.area_code, address=proposal.address)
    for caution in cautions(recipient):
        if caution.code not in proposal.cautions_ticked:
            raise InvalidValue("cautions_ticked", caution.code, caution.message)
    _check_coins(proposal)
    _check_words("label", proposal.label, 80)
    _check_words("owner", proposal.owner, 120)
    twin = Address.objects.active_twin(proposal.account, recipient)
    if twin is not None:
        raise InvalidValue("address", "already_active", f"This recipient is active already, as “{twin.label}”.")
    return recipient


def propose(proposal: Proposal, *, by: User) -> Address:
    """Write down an entry; nobody can be paid by it until another person activates it.

    Raises NotPermitted (audited) or InvalidValue.
    """
    objection = policy.role_objection(person(by), Act.PROPOSE_ADDRESS)
    if objection is not None:
        _object(objection, by=by, about=None, act=Act.PROPOSE_ADDRESS)
    recipient = check(proposal)
    with transaction.atomic(durable=True):
        entry = Address.objects.create(
            account=proposal.account,
            kind=recipient.kind,
            area_code=recipient.area_code,
            address=recipient.address,
            recipient_key=recipient.key,
            coins=sorted(set(proposal.coins)),
            label=proposal.label,
            owner=proposal.owner,
            fingerprint=proposal.fingerprint,
            proposed_by=by,
            proposed_at=timezone.now(),
        )
        audit.record(
            Event.ADDRESS_PROPOSED,
            by=by,
            about=entry,
            account=proposal.account.name,
            kind=recipient.kind,
            address=recipient.area_code + recipient.address,
            coins=entry.coins,
            cautions_ticked=proposal.cautions_ticked,
            fingerprint="added to each amount" if entry.fingerprint else "",
        )
    return entry


def activate(entry_id: UUID, *, proof: PresenceProof | None, by: User) -> Address:
    """Let requests name the entry from now on. Another person than the proposer, with a fresh code.

    Raises NotPermitted once the objection is in the trail.
    """
    with transaction.atomic(durable=True):
        entry = Address.objects.locked(entry_id)
        objection = policy.may_activate(entry.facts(), person(by)) or _active_twin(entry)
        objection = objection or presence.use(proof, act=Act.ACTIVATE_ADDRESS, subject=str(entry.pk), by=by)
        if proof is not None and objection is None:
            objection = _activate(entry, proof=proof, by=by)
        if objection is not None:
            audit.record(Event.ADDRESS_OBJECTED, by=by, about=entry, act=Act.ACTIVATE_ADDRESS, why=objection.code)
    if objection is not None:
        raise NotPermitted(objection)
    return entry


def decline(entry_id: UUID, *, reason: str, by: User) -> Address:
    """Say no to a proposal; its proposer may take it back the same way. Raises NotPermitted, InvalidValue."""
    return _close(entry_id, AddressStatus.DECLINED, Act.DECLINE_ADDRESS, Event.ADDRESS_DECLINED, reason, by)


def revoke(entry_id: UUID, *, reason: str, by: User) -> Address:
    """Stop every payment to an entry that has not left yet. One keeper is enough. Raises NotPermitted, InvalidValue."""
    return _close(entry_id, AddressStatus.REVOKED, Act.REVOKE_ADDRESS, Event.ADDRESS_REVOKED, reason, by)


def _close(entry_id: UUID, to: AddressStatus, act: Act, event: Event, reason: str, by: User) -> Address:
    check_reason(reason)
    rule = policy.may_revoke if to is AddressStatus.REVOKED else policy.may_decline
    with transaction.atomic(durable=True):
        entry = Address.objects.locked(entry_id)
        objection = rule(entry.facts(), person(by))
        if objection is None:
            _move(entry, to, closed_by=by, closed_at=timezone.now(), closed_because=reason)
            audit.record(event, by=by, about=entry, why=reason)
        else:
            audit.record(Event.ADDRESS_OBJECTED, by=by, about=entry, act=act, why=objection.code)
    if objection is not None:
        raise NotPermitted(objection)
    return entry


def _activate(entry: Address, *, proof: PresenceProof, by: User) -> Objection | None:
    try:
        with transaction.atomic():
            _move(
                entry,
                AddressStatus.ACTIVE,
                activated_by=by,
                activated_at=timezone.now(),
                activation_proof=proof,
            )
    except IntegrityError:  # a twin was activated between the look and the write
        return _active_twin(entry) or Objection("already_active", "This recipient is active already.")
    audit.record(Event.ADDRESS_ACTIVATED, by=by, about=entry, proof=str(proof.pk))
    return None


def _move(entry: Address, to: AddressStatus, **columns: object) -> None:
    """Compare-and-set, as for withdrawals."""
    old = AddressStatus(entry.status)
    if to not in ADDRESS_MOVES[old] or not Address.objects.filter(pk=entry.pk, status=old).update(
        status=to.value, **columns
    ):
        raise MovedMeanwhile(f"Address {entry.pk} was no longer {old}.")
    entry.refresh_from_db()


def _active_twin(entry: Address) -> Objection | None:
    twin = Address.objects.active_twin(entry.account, entry.recipient())
    if twin is None or twin.pk == entry.pk:
        return None
    return Objection("already_active", f"This recipient is active already, as “{twin.label}”.")


def _object(objection: Objection, *, by: User, about: Address | None, act: Act) -> None:
    audit.record(Event.ADDRESS_OBJECTED, by=by, about=about, act=act, why=objection.code)
    raise NotPermitted(objection)


def _check_coins(proposal: Proposal) -> None:
    assets = Asset.objects.filter(provider=proposal.account.provider, network=proposal.kind.network, enabled=True)
    offered = dict(assets.values_list("coin", "decimals"))
    if not proposal.coins:
        raise InvalidValue("coins", "no_coin", "Choose at least one coin that it may receive.")
    for coin in proposal.coins:
        if coin not in offered:
            raise InvalidValue("coins", "coin_not_taken", f"{proposal.kind.label} cannot receive {coin} here.")
        if proposal.fingerprint and offered[coin] < ROOM:
            message = f"{coin} takes {offered[coin]} decimals here, and a fingerprint needs {ROOM}."
            raise InvalidValue("fingerprint", "no_room", message)


def _check_words(field: str, text: str, longest: int) -> None:
    try:
        check_purpose(text)
    except InvalidValue as err:
        raise InvalidValue(field, err.code, err.message) from err
    if len(text) > longest:
        raise InvalidValue(field, "too_long", f"At most {longest} characters; this has {len(text)}.")
