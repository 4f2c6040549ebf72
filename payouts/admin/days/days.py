"""Reconciliation: the last days of every account, one day as a statement, and signing it off."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, register_converter, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from payouts.admin.days.recent import DAYS, recent
from payouts.admin.shell.acts import ActPage, ShownForm, paths_of
from payouts.admin.shell.fields import CheckedField
from payouts.admin.shell.listing import person_of, require, user_of
from payouts.domain.days.day import DayStatement
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act
from payouts.domain.texts import check_reason
from payouts.models import Account, SignOff
from payouts.preview import title
from payouts.workflow.days.compared import was_compared
from payouts.workflow.days.sign_off import SIGN_OFF, day_now, sign_off
from payouts.workflow.sending.promised import is_filed


class DayConverter:
    """An account's day in an address: treasury/2026-03-01."""

    regex = "[a-z0-9][a-z0-9_-]{0,31}/[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> str:
        """As it stands, when there is such a day. Raises ValueError."""
        date.fromisoformat(value.partition("/")[2])
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(DayConverter, "day")


class Day:
    """An account's day: no row, but rows read together."""

    url_name = "payouts_day"

    def __init__(self, account: Account, day: date) -> None:
        self.account = account
        self.day = day
        self.refresh_from_db()

    def refresh_from_db(self) -> None:
        self.now = day_now(self.account, self.day)
        signed = SignOff.objects.filter(account=self.account, day=self.day).select_related("proposal__decided_by")
        self.signed: SignOff | None = signed.first()

    @property
    def pk(self) -> str:
        """Its key, as addresses have it."""
        return key_of(self.account.name, self.day)

    @property
    def statement(self) -> DayStatement:
        return self.now.statement

    @property
    def digest(self) -> str:
        """Of what would be signed, as it stands."""
        return self.now.digest

    @property
    def has_changed(self) -> bool:
        """Whether it is not what was signed any more."""
        return self.signed is not None and self.signed.proposal.digest != self.digest


class SignForm(ShownForm):
    """A remark, and proof of presence for exactly what the page showed."""

    field_order = ("note", "code")
    note = CheckedField(
        check_reason,
        required=False,
        help_text="It stands on the statement.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def key_of(account: str, day: date) -> str:
    """The day's place below /reconciliation/."""
    return f"{account}/{day.isoformat()}"


def _find(key: str) -> Day | None:
    name, _, day = key.partition("/")
    account = Account.objects.filter(name=name).first()
    return Day(account, date.fromisoformat(day)) if account else None


def _objection(request: HttpRequest, day: Day) -> Objection | None:
    shown = request.POST.get("digest", "") if request.method == "POST" else day.digest
    return SIGN_OFF.objection(day.now, person_of(request), shown_digest=shown)


def _facts(day: Day) -> dict[str, Any]:
    lines = day.statement.payments
    return {
        "day": day,
        "statement": day.statement,
        "shown_digest": day.digest,
        "provider_title": title(day.account.provider),
        "now": timezone.now(),
        "requested_by": sorted({line.requested_by for line in lines}),
        "approved_by": sorted({name for line in lines for name in line.approved_by}),
        "resolved_by": sorted(
            {name for line in lines for name in line.resolved_by}
            | {name for line in day.statement.lost for name in line.found_by}
        ),
    }


SIGNING: ActPage[Day] = ActPage(
    act=Act.SIGN_OFF,
    name="sign-off",
    title="Sign this day off?",
    button="Sign off",
    done="Signed off.",
    template="payouts/days/sign_off.html",
    form=SignForm,
    objection=_objection,
    perform=lambda http, day, form, proof: sign_off(
        day.account,
        day.day,
        shown_digest=form.get("digest", ""),
        note=form.get("note", ""),
        proof=proof,
        by=user_of(http),
    ),
    facts=_facts,
    digest=lambda day, form: str(form.get("digest", "")),
)


def days_view(request: HttpRequest) -> HttpResponse:
    """The last days, of one account or of all."""
    require(request, Act.VIEW_RECONCILIATION)
    accounts = list(Account.objects.order_by("name"))
    chosen = next((account for account in accounts if account.name == request.GET.get("account")), None)
    choices = [{"display": "All", "query_string": "?", "selected": chosen is None}]
    choices += [
        {"display": account.name, "query_string": f"?account={account.name}", "selected": account == chosen}
        for account in accounts
    ]
    context = {
        **admin.site.each_context(request),
        "title": "Reconciliation",
        "rows": recent([chosen] if chosen else accounts, quiet_too=chosen is not None),
        "days": DAYS,
        "chosen": chosen,
        "filter": {
            "title": "account",
            "choices": choices,
            "chosen": chosen.name if chosen else "",
            "is_set": chosen is not None,
            "without": "?",
        },
        "may_add": person_of(request).may(Act.ADD_STATEMENT) and any(map(is_filed, accounts)),
    }
    return render(request, "payouts/days/days.html", context)


def day_view(request: HttpRequest, pk: str) -> HttpResponse:
    """One day as a statement to be read, printed and filed."""
    require(request, Act.VIEW_RECONCILIATION)
    day = _find(pk)
    if day is None:
        raise Http404
    objection = SIGN_OFF.objection(day.now, person_of(request), shown_digest=day.digest)
    context = {
        **admin.site.each_context(request),
        **_facts(day),
        "was_compared": was_compared(day.account, day.day),
        "title": f"{day.account.name}, {day.day:%-d %B %Y}",
        "objection": None if objection and objection.code in ("no_role", "signed_already") else objection,
        "sign_url": "" if objection else SIGNING.url(day),
        "unsigned_because": objection.message if objection else "",
    }
    return render(request, "payouts/days/day.html", context)


def urls() -> list[URLPattern]:
    """The list, a day, and signing it; nothing else."""
    view = admin.site.admin_view
    return [
        path("", view(never_cache(days_view)), name="payouts_reconciliation"),
        path("<day:pk>/", view(never_cache(day_view)), name="payouts_day_change"),
        *paths_of([SIGNING], _find, Day.url_name, "day", view_act=Act.VIEW_RECONCILIATION),
    ]


def url_of(account: str, day: date) -> str:
    return reverse("admin:payouts_day_change", args=[key_of(account, day)])
