"""Changes of an account's host, customer or key: what it would become beside what it is, and deciding on it."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache

from payouts.admin.decisions.deciding import approving, decision, rejecting
from payouts.admin.shell.acts import ActPage, urls_of
from payouts.admin.shell.cells import link, pill, when
from payouts.admin.shell.listing import ReadOnlyAdmin
from payouts.admin.shell.story import trail_of
from payouts.domain.decisions.proposal import State
from payouts.domain.people.roles import Act
from payouts.domain.sending.identity import Identity, differences, ends_requests, in_groups
from payouts.models import IdentityChange
from payouts.preview import title
from payouts.workflow.sending.identity import IDENTITY

_PILLS = {State.OPEN: "awaiting_approval", State.CARRIED: "ready"}


def _queryset() -> QuerySet[IdentityChange]:
    return IdentityChange.objects.select_related("account", "proposal")


def _facts(change: IdentityChange) -> dict[str, Any]:
    before, after = change.before(), change.after()
    return {
        "change": change,
        "account": change.account,
        "provider_title": title(change.account.provider),
        "rows": list(zip(_WORDS, _said(before), _said(after), strict=True)),
        "differ": differences(before, after),
        "ends_requests": ends_requests(before, after, is_same_customer=change.same_customer),
        "who_is_needed": "One more administrator has to accept it",
        **decision(IDENTITY, change),
    }


_WORDS = "Host", "Customer", "Fingerprint of the key"


def _said(who: Identity) -> tuple[str, str, str]:
    return who.host, who.customer or "not said", in_groups(who.key_fingerprint)


ACTS: list[ActPage[IdentityChange]] = [
    approving(
        IDENTITY,
        name="accept",
        title="Accept this for the account?",
        button="Accept",
        done="Accepted.",
        template="payouts/sending/accept_identity.html",
        facts=_facts,
    ),
    rejecting(
        IDENTITY,
        act=Act.DECLINE_IDENTITY,
        name="decline",
        title="Decline this for the account?",
        button="Decline",
        done="Declined. The account stays as it is.",
        template="payouts/sending/decline_identity.html",
        facts=_facts,
    ),
]


@admin.register(IdentityChange)
class IdentityChangeAdmin(ReadOnlyAdmin):
    """The changes, newest first."""

    view_act = Act.VIEW_ACCOUNTS
    list_title = "Changes of accounts"
    empty_text = "No change yet. A new key, customer or host is proposed with manage.py accounts propose NAME."
    list_display = ("when", "account_name", "what", "state", "seen_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return _queryset()

    @admin.display(description="Proposed")
    def when(self, change: IdentityChange) -> SafeString:
        """When, linked to its page."""
        return link("payouts_identitychange_change", change.pk, when(change.proposed_at))

    @admin.display(description="Account")
    def account_name(self, change: IdentityChange) -> str:
        return change.account.name

    @admin.display(description="What changes")
    def what(self, change: IdentityChange) -> str:
        return ", ".join(differences(change.before(), change.after())).capitalize()

    @admin.display(description="State")
    def state(self, change: IdentityChange) -> SafeString:
        return _state(change)

    def get_urls(self) -> list[URLPattern]:
        """The list, the page, and the acts; nothing else."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="payouts_identitychange_changelist"),
            path("<uuid:pk>/", view(never_cache(self.page)), name="payouts_identitychange_change"),
            *urls_of(ACTS, _queryset, "uuid", view_act=self.view_act),
        ]

    def page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Old beside new, who has decided, and the buttons that apply now."""
        self.require_view(request)
        change = _queryset().filter(pk=pk).first()
        if change is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            **_facts(change),
            "title": f"Change of {change.account.name}",
            "state": _state(change),
            "is_open": change.proposal.state == State.OPEN,
            "trail": trail_of(change.account),
            "acts": [(act, act.url(change)) for act in ACTS if act.offered(request, change)],
        }
        return render(request, "payouts/sending/identity.html", context)


def _state(change: IdentityChange) -> SafeString:
    state = State(change.proposal.state)
    words = {State.OPEN: "Waits for two", State.CARRIED: "Accepted", State.REJECTED: "Declined"}
    return pill(_PILLS.get(state, "quiet"), words.get(state, state.label))
