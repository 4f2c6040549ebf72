"""Withdrawals: the list, a withdrawal's own page, and the acts on it."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache

from payouts.admin.decisions.deciding import approving, rejecting
from payouts.admin.shell.acts import ActPage, ending, urls_of
from payouts.admin.shell.cells import amount, expiry, link, pill, recipient, standing, status, when
from payouts.admin.shell.listing import PeriodFilter, ReadOnlyAdmin, person_of, user_of
from payouts.admin.shell.story import story, terms
from payouts.admin.withdrawals.raising import raising_view
from payouts.domain.people.roles import Act
from payouts.domain.recipients.book import AddressStatus
from payouts.domain.unknown import resolving
from payouts.domain.withdrawals import policy
from payouts.domain.withdrawals.status import Status
from payouts.models import Asset, Withdrawal
from payouts.workflow.unknown.finding import undecided
from payouts.workflow.withdrawals import request as requests
from payouts.workflow.withdrawals.approval import WITHDRAWAL


def _queryset() -> QuerySet[Withdrawal]:
    related = ("address", "account", "requested_by", "proposal__decided_by")
    return Withdrawal.objects.with_pauses().select_related(*related)


def _may_ask_again(http: HttpRequest, withdrawal: Withdrawal) -> bool:
    """Whether it is over unpaid by all its calls, asked for again by nobody, and this person may, to that address."""
    objection = policy.may_raise(person_of(http), AddressStatus(withdrawal.address.status))
    if objection is not None or withdrawal.status not in policy.NOT_PAID:
        return False
    return requests.asked_again_as(withdrawal) is None and requests.lost_call_of(withdrawal) is policy.Lost.NOTHING


def _may_resolve(http: HttpRequest, withdrawal: Withdrawal) -> bool:
    """Whether this person may say now what became of it."""
    if withdrawal.status not in resolving.UNDECIDED:
        return False
    return resolving.may_propose(undecided([withdrawal]), person_of(http)) is None


ACTS: list[ActPage[Withdrawal]] = [
    approving(
        WITHDRAWAL,
        name="approve",
        title="Approve this withdrawal?",
        button="Approve",
        done="Approved.",
        template="payouts/withdrawals/approve.html",
        facts=terms,
    ),
    rejecting(
        WITHDRAWAL,
        act=Act.REJECT,
        name="reject",
        title="Reject this withdrawal?",
        button="Reject",
        done="Rejected. Nothing will be sent.",
        template="payouts/withdrawals/stop.html",
        facts=terms,
    ),
    ending(
        act=Act.CANCEL,
        name="cancel",
        title="Cancel your request?",
        button="Cancel the request",
        done="Cancelled. Nothing will be sent.",
        template="payouts/withdrawals/stop.html",
        rule=policy.may_cancel,
        end=requests.cancel,
        facts=terms,
    ),
]


class MineFilter(SimpleListFilter):
    title = "my part"
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", "Waits for me"), ("raised", "I raised it"), ("approved", "I approved it")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows in which I have that part."""
        me = user_of(request)
        match self.value():
            case "waiting":
                return queryset & Withdrawal.objects.approvable_by(me)
            case "raised":
                return queryset.filter(requested_by=me)
            case "approved":
                return queryset.filter(proposal__approvals__approver=me)
            case _:
                return queryset


class CoinFilter(SimpleListFilter):
    """By coin; the choices are the assets', so that no table of withdrawals is searched for them."""

    title = "coin"
    parameter_name = "coin"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every coin that some provider can send."""
        return [(coin, coin) for coin in Asset.objects.order_by("coin").values_list("coin", flat=True).distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of one coin."""
        return queryset.filter(coin=self.value()) if self.value() else queryset


class RequestedFilter(PeriodFilter):
    """By when it was asked for."""

    title = "requested"
    column = "requested_at"


@admin.register(Withdrawal)
class WithdrawalAdmin(ReadOnlyAdmin):
    """The list of withdrawals, newest first."""

    view_act = Act.VIEW_WITHDRAWALS
    list_title = "Withdrawals"
    empty_text = "No withdrawal matches. Clear the filters, or raise a request from the address book."
    list_display = ("when", "payee", "money", "state", "people", "provider_says", "which")
    list_filter = ("status", MineFilter, RequestedFilter, "account", CoinFilter)
    list_select_related = ("address", "account", "requested_by", "proposal")
    search_fields = ("id",)  # makes the box appear; get_search_results does it
    search_help_text = "Reference, provider's withdrawal id, address, or invoice reference"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the approvals that the list counts, and whether each is held by a pause."""
        return Withdrawal.objects.with_pauses().with_approvals()

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        """Whole references, ids, addresses and invoice references: each has an index."""
        found = Withdrawal.objects.found_by(search_term)
        return (queryset & found if search_term.strip() else queryset), False

    @admin.display(description="Requested")
    def when(self, withdrawal: Withdrawal) -> SafeString:
        """When, linked to its page."""
        return link("payouts_withdrawal_change", withdrawal.pk, when(withdrawal.requested_at))

    @admin.display(description="Payee")
    def payee(self, withdrawal: Withdrawal) -> SafeString:
        """Who is paid, and the whole address."""
        return recipient(withdrawal.address)

    @admin.display(description="Amount")
    def money(self, withdrawal: Withdrawal) -> SafeString:
        """The amount, aligned at its point."""
        return amount(withdrawal.amount, withdrawal.coin)

    @admin.display(description="Status")
    def state(self, withdrawal: Withdrawal) -> SafeString:
        """A pill, how many approvals there are while it waits, and until when it may."""
        shown = status(withdrawal, approvals=standing(withdrawal))
        if withdrawal.status == Status.APPROVED and withdrawal.address.status != AddressStatus.ACTIVE:
            return format_html("{} {}", shown, pill("stopped", "Address revoked"))
        return format_html("{} {}", shown, expiry(withdrawal))

    @admin.display(description="Requested by")
    def people(self, withdrawal: Withdrawal) -> str:
        return withdrawal.requested_by.get_full_name() or withdrawal.requested_by.get_username()

    @admin.display(description="Provider’s id or code")
    def provider_says(self, withdrawal: Withdrawal) -> str:
        """The provider's id, else its error code."""
        return withdrawal.provider_id or withdrawal.error_code or "–"

    @admin.display(description="Account")
    def which(self, withdrawal: Withdrawal) -> str:
        return withdrawal.account.name

    def get_urls(self) -> list[URLPattern]:
        """The list, the page, raising, and the acts; nothing else."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="payouts_withdrawal_changelist"),
            path("new/<uuid:address_id>/", view(never_cache(raising_view)), name="payouts_withdrawal_new"),
            path("<uuid:pk>/", view(never_cache(self.page)), name="payouts_withdrawal_change"),
            *urls_of(ACTS, _queryset, "uuid", view_act=self.view_act),
        ]

    def page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """A withdrawal's story, and the buttons that apply now."""
        self.require_view(request)
        withdrawal = _queryset().filter(pk=pk).first()
        if withdrawal is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            **story(withdrawal),
            "title": f"Withdrawal {withdrawal.reference[:8]}",
            "may_ask_again": _may_ask_again(request, withdrawal),
            "may_resolve": _may_resolve(request, withdrawal),
            "acts": [(act, act.url(withdrawal)) for act in ACTS if act.offered(request, withdrawal)],
        }
        return render(request, "payouts/withdrawals/withdrawal.html", context)
