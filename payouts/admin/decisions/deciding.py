"""Deciding on a page: what will happen in full, who has decided, this person's part, a code, and refusals in words.

Each kind brings its words and what it shows; templates/payouts/decisions/decide.html is the skeleton.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest

from payouts.admin.shell.acts import ActPage, M, ReasonForm, ShownForm
from payouts.admin.shell.listing import person_of, user_of
from payouts.domain.decisions.proposal import STATE_MOVES, State
from payouts.domain.errors import Objection
from payouts.workflow.decisions import deciding
from payouts.workflow.decisions.kind import Kind, Rejectable


def approving(
    kind: Kind[Any], *, facts: Callable[[M], dict[str, Any]], form: type[forms.Form] = ShownForm, **page: Any
) -> ActPage[M]:
    """The act of saying yes to the thing's proposal, as the page showed it. `reason` in the form becomes its note."""

    def objection(request: HttpRequest, thing: Any) -> Objection | None:
        shown = request.POST.get("digest", "") if request.method == "POST" else thing.proposal.digest
        return kind.objection(thing, person_of(request), shown_digest=shown)

    return ActPage(
        act=kind.act,
        form=form,
        objection=objection,
        perform=lambda http, thing, form, proof: deciding.approve(
            {thing.proposal.pk: form.get("digest", "")}, proof=proof, note=form.get("reason", ""), by=user_of(http)
        ),
        facts=lambda thing: facts(thing) | decision(kind, thing),
        digest=lambda thing, form: str(form.get("digest", "")),
        **page,
    )


def rejecting(kind: Rejectable[Any], *, facts: Callable[[M], dict[str, Any]], **page: Any) -> ActPage[M]:
    """The act of saying no, with a reason."""
    return ActPage(
        form=ReasonForm,
        objection=lambda http, thing: kind.may_reject(thing, person_of(http)),
        perform=lambda http, thing, form, _: deciding.reject(
            thing.proposal.pk, reason=form.get("reason", ""), by=user_of(http)
        ),
        facts=lambda thing: facts(thing) | decision(kind, thing),
        dangerous=True,
        **page,
    )


def decision(kind: Kind[Any], thing: Any) -> dict[str, Any]:
    """Who has said yes, and how many more are needed; none of a proposal that a no or time has ended, as it says."""
    proposal = thing.proposal
    given = list(proposal.approvals.with_standing().select_related("approver"))
    for approval in given:
        approval.stands = approval.stands or proposal.state != State.OPEN  # what was decided stays decided
    counting = len({approval.approver_id for approval in given if approval.stands})
    ended = not STATE_MOVES[State(proposal.state)]
    missing = 0 if ended else max(0, kind.still_needed(thing) - counting)
    return {
        "shown_digest": proposal.digest,
        "given": given,
        "counting": counting,
        "needed": kind.still_needed(thing),
        "missing": range(missing),
        "is_last": missing == 1,
        "ended": proposal if ended else None,
    }
