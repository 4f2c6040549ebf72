"""Pauses: the list, a pause's own page, releasing it, and pausing everything at once."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache

from payouts.admin.decisions.deciding import approving, decision
from payouts.admin.shell.acts import ActPage, ReasonForm, ShownForm, urls_of
from payouts.admin.shell.cells import link, pill, when
from payouts.admin.shell.listing import ReadOnlyAdmin, person_of, user_of
from payouts.admin.shell.story import trail_of
from payouts.domain.errors import NotPermitted, Objection
from payouts.domain.people.roles import Act
from payouts.domain.stopping import pausing
from payouts.domain.stopping.pausing import Cause
from payouts.models import LostCall, Pause, Withdrawal
from payouts.workflow.sending.went_back import MOVED
from payouts.workflow.stopping import pause as pauses
from payouts.workflow.stopping.release import RELEASE

LOST_CALLS_SHOWN = 200
EVERYTHING = {"button": "Pause everything", "title": "Pause everything?", "dangerous": True}


class ReleaseForm(ReasonForm, ShownForm):
    """Why it may go on, and proof of presence."""

    field_order = ("reason", "code")


@dataclass(frozen=True)
class CoinSum:
    """So many withdrawals of a coin, and their sum."""

    coin: str
    number: int
    amount: Decimal


def totals(withdrawals: QuerySet[Withdrawal]) -> list[CoinSum]:
    """How much these come to, coin by coin."""
    sums = withdrawals.order_by("coin").values("coin").annotate(number=Count("pk"), total=Sum("amount"))
    return [CoinSum(each["coin"], each["number"], each["total"]) for each in sums]


def _queryset() -> QuerySet[Pause]:
    related = Pause.objects.select_related("account", "begun_by", "proposal")
    return related.prefetch_related("proposal__approvals__approver")


def _facts(pause: Pause) -> dict[str, Any]:
    needs = "An administrator has" if pause.cause == Cause.STOP_CODE else "One more person has"
    calls = LostCall.objects.filter(pause=pause).with_facts().select_related("withdrawal__address")
    lost = list(calls.order_by("called_at")[: LOST_CALLS_SHOWN + 1])
    return {
        "pause": pause,
        "is_move": pause.reason.startswith(MOVED),
        "who_is_needed": f"{needs} to release it",
        "lost_calls": lost[:LOST_CALLS_SHOWN],
        "more_lost_calls": len(lost) > LOST_CALLS_SHOWN,
        **decision(RELEASE, pause),
    }


def _what_goes_on(pause: Pause) -> dict[str, Any]:
    return _facts(pause) | {"totals": totals(Withdrawal.objects.held_by(pause))}


ACTS: list[ActPage[Pause]] = [
    approving(
        RELEASE,
        form=ReleaseForm,
        name="release",
        title="Release this pause?",
        button="Release",
        done="Released.",
        template="payouts/stopping/release.html",
        facts=_what_goes_on,
    ),
]


def objection_to_everything(request: HttpRequest) -> Objection | None:
    """Why this person may not pause everything now; None when they may."""
    is_paused = Pause.objects.by_a_person(None).exists()
    return pausing.may_pause(person_of(request), paused_already=is_paused)


def everything_view(request: HttpRequest) -> HttpResponse:
    """One page with a reason, no code: stopping is instant."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    objection = objection_to_everything(request)
    if request.method == "POST" and form.is_valid():
        return _pause_everything(request, form)
    if objection is not None and objection.code == "no_role":
        raise PermissionDenied(objection.message)
    return _show_everything(request, form, objection, status=422 if form.is_bound else 200)


def _pause_everything(request: HttpRequest, form: ReasonForm) -> HttpResponse:
    try:
        pause = pauses.pause_everything(reason=form.cleaned_data["reason"], by=user_of(request))
    except NotPermitted as err:
        if err.objection.code == "no_role":
            raise PermissionDenied(err.objection.message) from err
        return _show_everything(request, form, err.objection, status=409)
    messages.success(request, "Paused. Nothing more is sent through any account.")
    return redirect("admin:payouts_pause_change", pause.pk)


def _show_everything(
    request: HttpRequest, form: ReasonForm, objection: Objection | None, *, status: int
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": EVERYTHING["title"],
        "page": EVERYTHING,
        "form": form,
        "objection": objection,
        "back": reverse("admin:index"),
    }
    return render(request, "payouts/stopping/pause_everything.html", context, status=status)


class PauseStateFilter(SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Paused"), ("ended", "Ended")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows in that state."""
        if self.value() not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(released_at__isnull=self.value() == "open")


@admin.register(Pause)
class PauseAdmin(ReadOnlyAdmin):
    """Every pause there was, ended ones included, newest first."""

    view_act = Act.VIEW_ACCOUNTS
    list_title = "Pauses"
    empty_text = "No pause matches. Nothing has been stopped, or clear the filters."
    list_display = ("when", "what", "state", "why", "who", "released")
    list_filter = (PauseStateFilter, "cause", "account")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With the people that the list shows."""
        return _queryset()

    @admin.display(description="Begun")
    def when(self, pause: Pause) -> SafeString:
        """When, linked to its page."""
        return link("payouts_pause_change", pause.pk, when(pause.begun_at))

    @admin.display(description="What")
    def what(self, pause: Pause) -> str:
        """The account, or all of them."""
        return pause.account.name if pause.account else "Every account"

    @admin.display(description="State")
    def state(self, pause: Pause) -> SafeString:
        return pill("paused", "Paused") if pause.released_at is None else pill("quiet", "Ended")

    @admin.display(description="Why")
    def why(self, pause: Pause) -> str:
        return pause.reason

    @admin.display(description="By")
    def who(self, pause: Pause) -> str:
        """Who began it; a worker, where nobody did."""
        return pause.begun_by.get_full_name() or pause.begun_by.get_username() if pause.begun_by else "a worker"

    @admin.display(description="Released by")
    def released(self, pause: Pause) -> str:
        """The people so far, and how many it needs."""
        people = [each.approver for each in pause.proposal.approvals.all()]
        names = [person.get_full_name() or person.get_username() for person in people]
        return f"{len(names)} of {pause.proposal.needed}" + (f": {', '.join(names)}" if names else "")

    def get_urls(self) -> list[URLPattern]:
        """The list, pausing everything, the page, and the act; nothing else."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="payouts_pause_changelist"),
            path("everything/", view(never_cache(everything_view)), name="payouts_pause_everything"),
            path("<uuid:pk>/", view(never_cache(self.page)), name="payouts_pause_change"),
            *urls_of(ACTS, _queryset, "uuid", view_act=self.view_act),
        ]

    def page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Why it was begun, who has released it, and the button that applies now."""
        self.require_view(request)
        pause = _queryset().filter(pk=pk).first()
        if pause is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            **_facts(pause),
            "title": pause.account.name if pause.account else "Every account",
            "trail": trail_of(pause),
            "acts": [(act, act.url(pause)) for act in ACTS if act.offered(request, pause)],
        }
        return render(request, "payouts/stopping/pause.html", context)
