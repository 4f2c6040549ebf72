"""Lost calls: which wait for people, what was sent by each, and saying, trying and confirming what became of it."""

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

from payouts.admin.decisions.deciding import approving, decision, rejecting
from payouts.admin.shell.acts import ActPage, objection_by, urls_of
from payouts.admin.shell.cells import link, pill, when
from payouts.admin.shell.listing import ReadOnlyAdmin, user_of
from payouts.admin.shell.story import trail_of
from payouts.admin.unknown.lost_forms import SayForm, TryForm, said
from payouts.domain.people.roles import Act
from payouts.domain.unknown import lost_call as rules
from payouts.models import LostCall, LostFinding
from payouts.preview import title
from payouts.workflow.unknown import lost_call, proving
from payouts.workflow.unknown.lost_call import LOST_CALL

_VERDICT_PILLS = {"paid": "completed", "not_paid": "failed"}


def _queryset() -> QuerySet[LostCall]:
    people = LostCall.objects.with_facts().select_related("account", "withdrawal__address", "decided__decided_by")
    return people.order_by("-called_at")


def _findings() -> QuerySet[LostFinding]:
    calls = ("call__account", "call__withdrawal__address", "call__pause", "call__decided")
    return LostFinding.objects.select_related(*calls, "proposed_by", "proposal__decided_by")


def _facts(call: LostCall) -> dict[str, Any]:
    return {
        "call": call,
        "provider_title": title(call.account.provider),
        "proofs": call.proofs.select_related("record", "shown_by").order_by("id"),
        "state": state_of(call),
        "waits": rules.waits(call.facts()) is None,
    }


def _found_facts(found: LostFinding) -> dict[str, Any]:
    return {**_facts(found.call), "finding": found, **decision(LOST_CALL, found)}


def state_of(call: LostCall) -> SafeString:
    """Whose turn it is, or how it was decided."""
    facts = call.facts()
    objection = rules.waits(facts)
    if objection is None:
        return pill("proposed", "Proposed") if facts.proposed else pill("unknown", "Nobody knows yet")
    if call.verdict:
        return pill(_VERDICT_PILLS[call.verdict], call.get_verdict_display())
    return pill("quiet", "Never left" if objection.code == "never_left" else "Its withdrawal tells")


CALL_ACTS: list[ActPage[LostCall]] = [
    ActPage(
        act=Act.PROPOSE_LOST_CALL,
        name="say",
        title="What became of this call?",
        button="Say what became of it",
        done="Proposed. Nothing is decided until another person has confirmed it.",
        template="payouts/unknown/lost_say.html",
        form=SayForm,
        objection=objection_by(rules.may_propose),
        perform=lambda http, call, cleaned, _: lost_call.propose(call.pk, said(cleaned), by=user_of(http)),
        facts=_facts,
    ),
    ActPage(
        act=Act.PROPOSE_LOST_CALL,
        name="try",
        title="Was it this that was sent?",
        button="Try what was sent",
        done="Exactly this was sent under this reference. It is kept as a proof.",
        template="payouts/unknown/lost_try.html",
        form=TryForm,
        objection=objection_by(rules.may_try),
        perform=lambda http, call, cleaned, _: proving.try_by_hand(call.pk, cleaned.get("candidate"), by=user_of(http)),
        facts=_facts,
    ),
]

FOUND_ACTS: list[ActPage[LostFinding]] = [
    approving(
        LOST_CALL,
        name="confirm",
        title="Confirm what was found?",
        button="Confirm",
        done="Confirmed. It is decided.",
        template="payouts/unknown/lost_confirm.html",
        facts=_found_facts,
    ),
    rejecting(
        LOST_CALL,
        act=Act.CONFIRM_LOST_CALL,
        name="decline",
        title="Decline what was found?",
        button="Decline",
        done="Declined. Nothing was decided.",
        template="payouts/unknown/lost_decline.html",
        facts=_found_facts,
    ),
]


class WaitingFilter(SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waits", "Waits for people"), ("decided", "Decided")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows in that state."""
        match self.value():
            case "waits":
                return queryset.filter(pk__in=LostCall.objects.to_find_out().values("pk"))
            case "decided":
                return queryset.exclude(verdict="")
            case _:
                return queryset


@admin.register(LostCall)
class LostCallAdmin(ReadOnlyAdmin):
    """Every call that the database had lost, the newest first."""

    view_act = Act.VIEW_WITHDRAWALS
    list_title = "Lost calls"
    empty_text = "No lost call matches. Either the database never went back in time, or clear the filters."
    list_display = ("made", "account_name", "payment", "answer", "state")
    list_filter = (WaitingFilter, "account")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return _queryset()

    @admin.display(description="Made")
    def made(self, call: LostCall) -> SafeString:
        """When, linked to its page."""
        return link("payouts_lostcall_change", call.pk, when(call.called_at))

    @admin.display(description="Account")
    def account_name(self, call: LostCall) -> SafeString:
        return format_html('{} <span class="quiet">call {}</span>', call.account.name, call.serial)

    @admin.display(description="Payment")
    def payment(self, call: LostCall) -> SafeString:
        """Its withdrawal, where that is there."""
        if call.withdrawal is None:
            return format_html('<span class="mono">{}</span> <span class="quiet">gone</span>', call.reference[:8])
        return link("payouts_withdrawal_change", call.withdrawal.pk, call.reference[:8])

    @admin.display(description="Answer")
    def answer(self, call: LostCall) -> str:
        return call.get_outcome_display() if call.outcome else "nobody heard it"

    @admin.display(description="What became of it")
    def state(self, call: LostCall) -> SafeString:
        return state_of(call)

    def get_urls(self) -> list[URLPattern]:
        """The list, the page, and the acts; nothing else."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="payouts_lostcall_changelist"),
            path("<uuid:pk>/", view(never_cache(self.page)), name="payouts_lostcall_change"),
            *urls_of(CALL_ACTS, _queryset, "uuid", view_act=self.view_act),
        ]

    def page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What is known of the call, what people found, and the buttons that apply now."""
        self.require_view(request)
        call = _queryset().filter(pk=pk).first()
        if call is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            **_facts(call),
            "title": f"Lost call {call.serial} of {call.account.name}",
            "findings": _findings().filter(call=call).order_by("proposed_at"),
            "trail": trail_of(call),
            "acts": [(act, act.url(call)) for act in CALL_ACTS if act.offered(request, call)],
        }
        return render(request, "payouts/unknown/lost_call.html", context)


@admin.register(LostFinding)
class LostFindingAdmin(ReadOnlyAdmin):
    """What somebody found about a lost call."""

    view_act = Act.VIEW_WITHDRAWALS

    def get_urls(self) -> list[URLPattern]:
        """A finding's page and the acts on it; the list is that of the calls."""
        view = self.admin_site.admin_view
        return [
            path("<uuid:pk>/", view(never_cache(self.page)), name="payouts_lostfinding_change"),
            *urls_of(FOUND_ACTS, _findings, "uuid", view_act=self.view_act),
        ]

    def page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What somebody found, who has decided, and the buttons that apply now."""
        self.require_view(request)
        found = _findings().filter(pk=pk).first()
        if found is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            **_found_facts(found),
            "title": "What was found",
            "trail": trail_of(found.call),
            "acts": [(act, act.url(found)) for act in FOUND_ACTS if act.offered(request, found)],
        }
        return render(request, "payouts/unknown/lost_finding.html", context)
