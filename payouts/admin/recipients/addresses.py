"""The address book: the list, an entry's own page, proposing, and the acts on an entry."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache

from payouts.admin.decisions.deciding import approving, rejecting
from payouts.admin.recipients.proposing import proposing_view
from payouts.admin.shell.acts import ActPage, ending, urls_of
from payouts.admin.shell.cells import pill, recipient, when
from payouts.admin.shell.listing import ReadOnlyAdmin, person_of
from payouts.admin.shell.story import trail_of
from payouts.domain.people.roles import Act
from payouts.domain.recipients import book
from payouts.domain.recipients.book import AddressStatus
from payouts.domain.withdrawals import policy
from payouts.models import Address
from payouts.preview import title
from payouts.workflow.recipients import address_book
from payouts.workflow.recipients.activation import ADDRESS


def _queryset() -> QuerySet[Address]:
    return Address.objects.select_related("account", "proposed_by", "closed_by", "proposal__decided_by")


def _facts(entry: Address) -> dict[str, Any]:
    return {
        "address": entry,
        "provider_title": title(entry.account.provider),
        "who_is_needed": "An address keeper has to say yes",
    }


ACTS: list[ActPage[Address]] = [
    approving(
        ADDRESS,
        name="activate",
        title="Activate this address?",
        button="Activate",
        done="Active. Requests may name it from now on.",
        template="payouts/recipients/activate.html",
        facts=_facts,
    ),
    rejecting(
        ADDRESS,
        act=Act.DECLINE_ADDRESS,
        name="decline",
        title="Decline this proposal?",
        button="Decline",
        done="Declined. Nobody can be paid by it.",
        template="payouts/recipients/close_address.html",
        facts=_facts,
    ),
    ending(
        act=Act.REVOKE_ADDRESS,
        name="revoke",
        title="Revoke this address?",
        button="Revoke",
        done="Revoked. Nothing more is sent to it.",
        template="payouts/recipients/close_address.html",
        rule=book.may_revoke,
        end=address_book.revoke,
        facts=_facts,
    ),
]


@admin.register(Address)
class AddressAdmin(ReadOnlyAdmin):
    """The address book, newest first."""

    view_act = Act.VIEW_ADDRESSES
    list_title = "Address book"
    empty_text = "No entry matches. Clear the filters, or propose an address."
    list_display = ("payee", "owner", "may_receive", "state", "proposed", "which")
    list_filter = ("status", "account", "kind")
    list_select_related = ("account", "proposed_by")
    search_fields = ("address",)  # makes the box appear; get_search_results does it
    search_help_text = "A whole address, or the beginning of a payee’s label or owner"

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        """Whole addresses, and beginnings of names: each through its index."""
        text = search_term.strip()
        found = Address.objects.found_by(text) | Address.objects.named(text)
        return (queryset & found if text else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, with a button for those who may propose."""
        may = person_of(request).may(Act.PROPOSE_ADDRESS)
        button = ("admin:payouts_address_propose", "Propose an address") if may else None
        return super().changelist_view(request, {"list_button": button, **(extra_context or {})})

    @admin.display(description="Payee")
    def payee(self, entry: Address) -> SafeString:
        """Label and whole address, linked to its page."""
        return recipient(entry, url=reverse("admin:payouts_address_change", args=[entry.pk]))

    @admin.display(description="May receive")
    def may_receive(self, entry: Address) -> str:
        return ", ".join(entry.coins)

    @admin.display(description="Status")
    def state(self, entry: Address) -> SafeString:
        return pill(entry.status, AddressStatus(entry.status).label)

    @admin.display(description="Proposed")
    def proposed(self, entry: Address) -> SafeString:
        return when(entry.proposed_at)

    @admin.display(description="Account")
    def which(self, entry: Address) -> str:
        """Through which account it is paid."""
        return entry.account.name

    def get_urls(self) -> list[URLPattern]:
        """The list, the page, proposing, and the acts; nothing else."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="payouts_address_changelist"),
            path("propose/", view(never_cache(proposing_view)), name="payouts_address_propose"),
            path("<uuid:pk>/", view(never_cache(self.page)), name="payouts_address_change"),
            *urls_of(ACTS, _queryset, "uuid", view_act=self.view_act),
        ]

    def page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """An entry's story, and the buttons that apply now."""
        self.require_view(request)
        entry = _queryset().filter(pk=pk).first()
        if entry is None:
            raise Http404
        may_raise = policy.may_raise(person_of(request), AddressStatus(entry.status)) is None
        context = {
            **self.admin_site.each_context(request),
            **_facts(entry),
            "title": entry.label,
            "trail": trail_of(entry),
            "may_raise": may_raise,
            "recent": entry.withdrawals.order_by("-requested_at", "-id").select_related("requested_by")[:5],
            "acts": [(act, act.url(entry)) for act in ACTS if act.offered(request, entry)],
        }
        return render(request, "payouts/recipients/address.html", context)
