"""Orphans: what has no partner or differs from it, why it matters, and explaining it."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache

from payouts.admin.days.days import key_of
from payouts.admin.shell.acts import ActPage, ReasonForm, objection_by, urls_of
from payouts.admin.shell.cells import link, pill, when
from payouts.admin.shell.listing import ReadOnlyAdmin, user_of
from payouts.admin.shell.story import trail_of
from payouts.domain.days import reviewing
from payouts.domain.days.pairing import OrphanKind
from payouts.domain.people.roles import Act
from payouts.models import Orphan
from payouts.preview import title
from payouts.workflow.days import review

WHAT_TO_DO = {
    OrphanKind.RECORD_WITHOUT_WITHDRAWAL: (
        "The provider recorded a payment that nobody asked for here. Find out at the provider who made it: another "
        "person by hand, another system, or somebody with a stolen key. Until you know, have nothing released."
    ),
    OrphanKind.WITHDRAWAL_WITHOUT_RECORD: (
        "It counts as paid here, and the provider does not list it. Look it up at the provider by its id, its "
        "transaction and its time, and ask the payee whether it arrived."
    ),
    OrphanKind.DIFFERS: (
        "The provider recorded something else than what was approved here. Compare the two below, then ask the "
        "provider which of them happened."
    ),
}


def _queryset() -> QuerySet[Orphan]:
    return Orphan.objects.select_related(
        "account",
        "closed_by",
        "record",
        "withdrawal__address__account",
        "withdrawal__requested_by",
        "withdrawal__account",
    )


def _facts(orphan: Orphan) -> dict[str, Any]:
    return {
        "orphan": orphan,
        "withdrawal": orphan.withdrawal,
        "address": orphan.withdrawal.address if orphan.withdrawal else None,
        "record": orphan.record,
        "provider_title": title(orphan.account.provider),
        "what_to_do": WHAT_TO_DO[OrphanKind(orphan.kind)],
        "day_key": key_of(orphan.account.name, orphan.day),
    }


ACTS: list[ActPage[Orphan]] = [
    ActPage(
        act=Act.CLOSE_ORPHAN,
        name="close",
        title="Explain it?",
        button="Explain it",
        done="Explained. It stays on the day’s statement with your words.",
        template="payouts/days/close_orphan.html",
        form=ReasonForm,
        objection=objection_by(reviewing.may_close_orphan),
        perform=lambda http, orphan, form, _: review.close_orphan(
            orphan.pk, reason=form.get("reason", ""), by=user_of(http)
        ),
        facts=_facts,
    ),
]


class OrphanStateFilter(SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("closed", "Closed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "open")


@admin.register(Orphan)
class OrphanAdmin(ReadOnlyAdmin):
    """Everything that had or has no partner, newest first."""

    view_act = Act.VIEW_RECONCILIATION
    list_title = "Without partner"
    empty_text = "Nothing is without its partner. Clear the filters to see what was."
    list_display = ("when", "day_", "which", "kind_", "what_", "state", "because")
    list_filter = (OrphanStateFilter, "account", "kind")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("account", "closed_by").order_by("-found_at", "-id")

    @admin.display(description="Found")
    def when(self, orphan: Orphan) -> SafeString:
        return link("payouts_orphan_change", orphan.pk, when(orphan.found_at))

    @admin.display(description="Day, UTC")
    def day_(self, orphan: Orphan) -> str:
        return f"{orphan.day:%-d %b %Y}"

    @admin.display(description="Account")
    def which(self, orphan: Orphan) -> str:
        return orphan.account.name

    @admin.display(description="What lacks what")
    def kind_(self, orphan: Orphan) -> str:
        return OrphanKind(orphan.kind).label

    @admin.display(description="In words")
    def what_(self, orphan: Orphan) -> str:
        return orphan.what

    @admin.display(description="State")
    def state(self, orphan: Orphan) -> SafeString:
        return pill("orphan", "Open") if orphan.closed_at is None else pill("quiet", "Closed")

    @admin.display(description="Explained")
    def because(self, orphan: Orphan) -> str:
        who = f"{orphan.closed_by.get_full_name() or orphan.closed_by.get_username()}: " if orphan.closed_by else ""
        return f"{who}{orphan.closed_because}" or "–"

    def get_urls(self) -> list[URLPattern]:
        """The list, the page, and the act; nothing else."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="payouts_orphan_changelist"),
            path("<int:pk>/", view(never_cache(self.page)), name="payouts_orphan_change"),
            *urls_of(ACTS, _queryset, "int", view_act=self.view_act),
        ]

    def page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One orphan: what is known, what to do, and the button that applies now."""
        self.require_view(request)
        orphan = _queryset().filter(pk=pk).first()
        if orphan is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            **_facts(orphan),
            "title": f"{OrphanKind(orphan.kind).label}, {orphan.account.name}",
            "trail": trail_of(orphan),
            "acts": [(act, act.url(orphan)) for act in ACTS if act.offered(request, orphan)],
        }
        return render(request, "payouts/days/orphan.html", context)
