"""When rows and witness differ: everything stops, what was lost becomes rows again, and two people let it go on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from payouts import audit
from payouts.audit import Event, Worker
from payouts.domain.alert import Alert
from payouts.domain.errors import InvalidValue
from payouts.domain.sending.instruction import Fields
from payouts.domain.sending.witness import Differences, Entry, Known, Server, token
from payouts.domain.stopping.pausing import Cause
from payouts.domain.withdrawals.order import Order
from payouts.models import Account, Pause, WitnessLink
from payouts.workflow.alert import raise_alert
from payouts.workflow.sending import lost
from payouts.workflow.stopping import pause

MOVED = "The witness is moved to"  # how the reason of such a pause begins


def stop(
    known: Known, found: Differences, calls: Sequence[Entry], *, fields: Callable[[Order], Fields], by: Worker
) -> Pause | None:
    """Pause everything, and make rows of the calls that the witness knows and the rows do not. Commits.

    While it is paused for this already, only calls that are new are added. The pause bears the token of what differs
    once the lost calls are rows: those who release it release that and nothing else. None where people have released
    just this since it was found: it stops nothing a second time.
    """
    with transaction.atomic(durable=True):
        Account.objects.lock_all()
        held = pause.held_for_all(Cause.OUT_OF_STEP)
        if held is None and not calls and released_since(known, found) is not None:
            return None
        begun = pause.begin_for_all(
            Cause.OUT_OF_STEP, reason=found.sentence(), code=token(known, replace(found, lost_calls=())), by=by
        )
        lost.write(calls, pause=begun, fields=fields, by=by)
    return begun


def released_since(known: Known, left: Differences) -> UUID | None:
    """The proposal by which people let just these differences go on, where the witness does not know it yet.

    Where nothing differs, also the one by which they accepted this witness instead of an earlier one.
    """
    over = Pause.objects.filter(cause=Cause.OUT_OF_STEP, released_at__isnull=False).order_by("-released_at").first()
    if over is None or over.proposal_id in known.released:
        return None
    link = WitnessLink.objects.first()
    if left.server is None and link is not None and link.server_release_id == over.proposal_id:
        left = replace(left, server=link.server())  # released with the rest, and remembered since
    accepts_this_witness = not left and over.code == known.witness.hex
    return over.proposal_id if accepts_this_witness or over.code == token(known, left) else None


def remember(witness: UUID, place: str, *, by: Worker) -> None:
    """Write down the witness that was just founded. Raises IntegrityError where the rows know one already."""
    with transaction.atomic(durable=True):
        link = WitnessLink.objects.create(witness=witness, place=place, founded_at=Now())
        audit.record(Event.WITNESS_FOUNDED, by=by, about=link, place=place)


def remember_server(server: Server, *, release: UUID | None, by: Worker) -> None:
    """Write down the server that people let go on by this proposal; by none, the first one that could be asked."""
    with transaction.atomic(durable=True):
        link = WitnessLink.objects.select_for_update().get()
        if link.server() == server or (release is None and link.server() is not None):
            return  # another worker was faster
        names = {"system_identifier": server.system_identifier, "timeline": server.timeline}
        WitnessLink.objects.filter(pk=link.pk).update(**names, server_release=release)
        audit.record(Event.SERVER_REMEMBERED, by=by, about=link, **names, proposal=release)


def require_no_difference() -> None:
    """Raise InvalidValue while everything is paused because rows and witness differ."""
    if Pause.objects.open().filter(account=None, cause=Cause.OUT_OF_STEP).exists():
        raise InvalidValue("witness", "paused_already", "Release first what is paused because the two differ.")


def pause_for_move(witness: UUID, place: str, *, reason: str, by: Worker) -> Pause:
    """Pause everything until two people have accepted another witness. Commits. Raises InvalidValue.

    From here on no call begins: what the rows say now is what the new witness has to know.
    """
    with transaction.atomic(durable=True):
        Account.objects.lock_all()
        require_no_difference()
        said = f"{MOVED} {place}. {reason}"
        return pause.begin_for_all(Cause.OUT_OF_STEP, reason=said, code=witness.hex, by=by)


def remember_another(witness: UUID, place: str, *, by: Worker) -> None:
    """The rows belong to another witness from here on; while everything is paused for just that. Commits."""
    with transaction.atomic(durable=True):
        WitnessLink.objects.update(witness=witness, place=place, founded_at=Now(), away_since=None, away_because="")
        audit.record(Event.WITNESS_MOVED, by=by, about=WitnessLink.objects.get(), place=place, witness=str(witness))


def mark_away(because: str, *, by: Worker) -> None:
    """Write down that a worker cannot use the witness, with one alert; nothing where that is known already."""
    with transaction.atomic():
        link = WitnessLink.objects.select_for_update().filter(away_since=None).first()
        if link is not None:
            WitnessLink.objects.filter(pk=link.pk).update(away_since=Now(), away_because=because[:300])
            audit.record(Event.WITNESS_AWAY, by=by, about=link, why=because)
            raise_alert(Alert.WITNESS_AWAY, about=link, sentence=because, by=by)


def mark_stranger(because: str, *, by: Worker) -> None:
    """An alert that one worker sees no witness of this database: it sends nothing, and others go on."""
    with transaction.atomic():
        link = WitnessLink.objects.first()
        about = link or Account.objects.order_by("pk").first()
        if about is not None:
            raise_alert(Alert.WITNESS_AWAY, about=about, sentence=f"{by.name}: {because}", by=by)


def mark_back(*, by: Worker) -> None:
    """Write down that the witness can be used again."""
    with transaction.atomic():
        link = WitnessLink.objects.select_for_update().exclude(away_since=None).first()
        if link is not None:
            WitnessLink.objects.filter(pk=link.pk).update(away_since=None, away_because="")
            audit.record(Event.WITNESS_BACK, by=by, about=link)
