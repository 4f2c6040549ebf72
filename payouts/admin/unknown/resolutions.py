"""Resolutions: the unknown desk, what was accepted without a way to ask, and the acts on what somebody found."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache

from payouts.admin.decisions.deciding import approving, rejecting
from payouts.admin.shell.acts import ActPage, urls_of
from payouts.admin.shell.listing import ReadOnlyAdmin, person_of, user_of
from payouts.admin.shell.story import trail_of
from payouts.admin.unknown.accepted import sheaves
from payouts.admin.unknown.finding import finding_view
from payouts.admin.unknown.unknown import DESK_ROWS, exposure, unknown_rows
from payouts.domain.decisions.proposal import State
from payouts.domain.people.roles import Act
from payouts.domain.unknown import resolving
from payouts.models import Resolution, ResolutionLine
from payouts.preview import title
from payouts.workflow.unknown.confirmation import RESOLUTION

LATELY = 10


def _queryset() -> QuerySet[Resolution]:
    lines = ResolutionLine.objects.select_related(
        "withdrawal__address__account", "withdrawal__account", "withdrawal__requested_by"
    ).prefetch_related("withdrawal__submissions")
    people = Resolution.objects.select_related("proposed_by", "proposal__decided_by", "evidence")
    return people.defer("evidence__content").prefetch_related(Prefetch("lines", lines))


def _shown(found: Resolution) -> dict[str, Any]:
    lines = list(found.lines.all())
    return {"resolution": found, "lines": lines, "provider_title": title(lines[0].withdrawal.account.provider)}


ACTS: list[ActPage[Resolution]] = [
    approving(
        RESOLUTION,
        name="confirm",
        title="Confirm what was found?",
        button="Confirm",
        done="Confirmed. It is over.",
        template="payouts/unknown/confirm.html",
        facts=_shown,
    ),
    rejecting(
        RESOLUTION,
        act=Act.CONFIRM_RESOLUTION,
        name="decline",
        title="Decline what was found?",
        button="Decline",
        done="Declined. Nothing was decided.",
        template="payouts/unknown/decline_finding.html",
        facts=_shown,
    ),
]


@admin.register(Resolution)
class ResolutionAdmin(ReadOnlyAdmin):
    """The unknown desk and its neighbours."""

    view_act = Act.VIEW_WITHDRAWALS

    def get_urls(self) -> list[URLPattern]:
        """The desk, what was accepted, proposing, a finding's page, and the acts; nothing else."""
        view = self.admin_site.admin_view
        return [
            path("", view(never_cache(self.desk)), name="payouts_resolution_changelist"),
            path("accepted/", view(never_cache(self.accepted)), name="payouts_resolution_accepted"),
            path("propose/", view(never_cache(finding_view)), name="payouts_resolution_propose"),
            path("<uuid:pk>/", view(never_cache(self.page)), name="payouts_resolution_change"),
            *urls_of(ACTS, _queryset, "uuid", view_act=self.view_act),
        ]

    def desk(self, request: HttpRequest) -> HttpResponse:
        """Everything that may have been paid, the oldest first, and what was found out lately."""
        self.require_view(request)
        rows = unknown_rows(person_of(request), user_of(request))
        findings = Resolution.objects.select_related("proposed_by", "proposal__decided_by")
        decided = findings.exclude(proposal__state=State.OPEN)
        context = {
            **self.admin_site.each_context(request),
            "title": "Outcome unknown",
            "rows": rows[:DESK_ROWS],
            "most": DESK_ROWS if len(rows) > DESK_ROWS else 0,
            "exposure": exposure(),
            "waiting": findings.proposed().order_by("proposed_at")[:DESK_ROWS],
            "lately": decided.order_by("-proposal__decided_at")[:LATELY],
        }
        return render(request, "payouts/unknown/unknown.html", context)

    def accepted(self, request: HttpRequest) -> HttpResponse:
        """What providers accepted that cannot be asked about it, with boxes to tick."""
        self.require_view(request)
        found, more = sheaves()
        context = {
            **self.admin_site.each_context(request),
            "title": "Accepted, not confirmed",
            "sheaves": found,
            "most": resolving.MOST_AT_ONCE if more else 0,
            "may_propose": person_of(request).may(Act.PROPOSE_RESOLUTION),
        }
        return render(request, "payouts/unknown/accepted.html", context)

    def page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What somebody found, and the buttons that apply now."""
        self.require_view(request)
        found = _queryset().filter(pk=pk).first()
        if found is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            **_shown(found),
            "title": "What was found",
            "trail": trail_of(found),
            "acts": [(act, act.url(found)) for act in ACTS if act.offered(request, found)],
        }
        return render(request, "payouts/unknown/resolution.html", context)
