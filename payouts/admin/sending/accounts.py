"""Accounts and assets: what there is to see of them, and pausing one. The database has no credentials to show."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache

from payouts.admin.shell.acts import ActPage, ReasonForm, urls_of
from payouts.admin.shell.cells import link, pill, when
from payouts.admin.shell.listing import ReadOnlyAdmin, person_of, user_of
from payouts.admin.shell.promises import can_look_up, resend_allowed
from payouts.admin.shell.story import trail_of
from payouts.admin.stopping.pauses import objection_to_everything
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act
from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.identity import differences, in_groups
from payouts.domain.stopping import pausing
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Asset, IdentityChange, Pause, Withdrawal
from payouts.preview import title
from payouts.workflow.sending.identity import strangers
from payouts.workflow.sending.promised import is_filed
from payouts.workflow.stopping import pause


def _queryset() -> QuerySet[Account]:
    return Account.objects.annotate(is_paused=Exists(Pause.objects.on(OuterRef("pk"))))


def _facts(account: Account) -> dict[str, Any]:
    held = Withdrawal.objects.filter(account=account, status=Status.APPROVED, stopped_because="")
    return {
        "account": account,
        "provider_title": title(account.provider),
        "held": held.count(),
        "can_look_up": can_look_up(account),
        "is_filed": is_filed(account),
        "resend_allowed": resend_allowed(account),
    }


def _pause_objection(request: HttpRequest, account: Account) -> Objection | None:
    is_paused = Pause.objects.by_a_person(account).exists()
    return pausing.may_pause(person_of(request), paused_already=is_paused)


ACTS: list[ActPage[Account]] = [
    ActPage(
        act=Act.PAUSE,
        name="pause",
        title="Pause this account?",
        button="Pause",
        done="Paused. Nothing more is sent through it.",
        template="payouts/stopping/pause_account.html",
        form=ReasonForm,
        objection=_pause_objection,
        perform=lambda http, account, form, _: pause.pause_account(
            account.pk, reason=form.get("reason", ""), by=user_of(http)
        ),
        facts=_facts,
        dangerous=True,
    ),
]


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    view_act = Act.VIEW_ACCOUNTS
    list_title = "Accounts"
    empty_text = "No account yet. Set PROVIDER_ACCOUNT_<NAME> in the environment and run manage.py migrate."
    change_list_template = "payouts/sending/accounts.html"
    list_display = ("name", "at", "pays_to", "remark", "state", "last_answer")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return _queryset()

    @admin.display(description="Name")
    def name(self, account: Account) -> SafeString:
        return link("payouts_account_change", account.pk, account.name)

    @admin.display(description="Provider")
    def at(self, account: Account) -> str:
        return title(account.provider)

    @admin.display(description="Pays to")
    def pays_to(self, account: Account) -> str:
        return ", ".join(kind.label for kind in Kind if account.takes(kind))

    @admin.display(description="Carries a remark")
    def remark(self, account: Account) -> str:
        return "Yes" if account.takes_remark else "No"

    @admin.display(description="State")
    def state(self, account: Account) -> SafeString:
        return _state(account)

    @admin.display(description="Last answer")
    def last_answer(self, account: Account) -> SafeString:
        return when(account.last_answer_at)

    def get_urls(self) -> list[URLPattern]:
        """The list, the page, and the act; nothing else."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="payouts_account_changelist"),
            path("<int:pk>/", view(never_cache(self.page)), name="payouts_account_change"),
            *urls_of(ACTS, _queryset, "int", view_act=self.view_act),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, leading to the pauses and the assets."""
        may_pause = objection_to_everything(request) is None
        return super().changelist_view(request, {"may_pause": may_pause, **(extra_context or {})})

    def page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How the account stands, and the button that applies now."""
        self.require_view(request)
        account = _queryset().filter(pk=pk).first()
        if account is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            **_facts(account),
            "title": account.name,
            "state": _state(account),
            "is_quiet": account.is_quiet(at=timezone.now()),
            "pays_to": self.pays_to(account),
            "fingerprint": in_groups(account.key_fingerprint),
            "changes_waiting": _waiting(account),
            "strangers": strangers(account),
            "open_pauses": Pause.objects.on(account).select_related("account", "begun_by"),
            "trail": trail_of(account),
            "acts": [(act, act.url(account)) for act in ACTS if act.offered(request, account)],
        }
        return render(request, "payouts/sending/account.html", context)


def _waiting(account: Account) -> list[dict[str, Any]]:
    """The changes that nobody has decided yet: their keys, and what would be another one."""
    waiting = IdentityChange.objects.waiting().filter(account=account)
    return [{"pk": each.pk, "differ": " and ".join(differences(each.before(), each.after()))} for each in waiting]


def _state(account: Account) -> SafeString:
    if account.is_paused:  # type: ignore[attr-defined]  # of _queryset
        return pill("paused", "Paused")
    if account.is_quiet(at=timezone.now()):
        return pill("quiet", f"Left alone: {account.quiet_because}")
    return pill("ready", "Ready")


@admin.register(Asset)
class AssetAdmin(ReadOnlyAdmin):
    view_act = Act.VIEW_ACCOUNTS
    list_title = "Assets"
    list_display = ("coin", "network", "at", "decimals", "state")
    list_filter = ("provider", "network")

    @admin.display(description="Provider")
    def at(self, asset: Asset) -> str:
        return title(asset.provider)

    @admin.display(description="State")
    def state(self, asset: Asset) -> SafeString:
        return pill("ready", "Offered") if asset.enabled else pill("quiet", "Not offered")

    def get_urls(self) -> list[URLPattern]:
        return [path("", self.admin_site.admin_view(self.changelist_view), name="payouts_asset_changelist")]
