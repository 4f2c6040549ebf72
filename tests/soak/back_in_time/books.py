"""What must be true after a rehearsal: the provider's book and the witness, held against the rows that remain."""

from collections import Counter
from collections.abc import Iterator

from payouts.models import LostCall, Pause, Submission
from tests.soak import truth
from tests.soak.back_in_time.house import House


def complaints(house: House) -> Iterator[str]:
    """Everything that must not be, of all rehearsals so far."""
    yield from truth.paid_twice(house.book())
    for reference, times in Counter(house.called()).items():
        if times > 1:
            yield f"called {times} times: {reference}"
    yield from _forgotten(house)
    yield from sent_while_stopped()
    for each in house.out_of_step():
        agreed = each.proposal.approvals.values("approver").distinct().count()
        if each.released_at is not None and agreed < 2:
            yield f"a loss was released by {agreed}: {each.pk}"


def _forgotten(house: House) -> Iterator[str]:
    rows = {*Submission.objects.values_list("reference", flat=True)}
    rows |= {*LostCall.objects.values_list("reference", flat=True)}
    for reference in sorted(set(house.called()) - rows):
        yield f"called, and in no row: {reference}"
    for name, calls in house.told_calls().items():
        known = {*Submission.objects.filter(account__name=name).values_list("pk", flat=True)}
        known |= {*LostCall.objects.filter(account__name=name).values_list("pk", flat=True)}
        for entry in calls:
            if entry.call not in known:
                yield f"the witness knows call {entry.serial} of {name}, and no row does"


def sent_while_stopped() -> Iterator[str]:
    """Nothing is claimed while everything is paused for a loss; rows of lost calls tell when those were made."""
    for each in Pause.objects.filter(cause="out_of_step"):
        claims = Submission.objects.filter(claimed_at__gt=each.begun_at).exclude(worker="lost")
        if each.released_at is not None:
            claims = claims.filter(claimed_at__lt=each.released_at)
        for claim in claims:
            yield f"claimed while everything was paused for a loss: {claim.reference}"
