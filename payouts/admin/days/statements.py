"""Statements that people uploaded: the list, and what each came to."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache

from payouts.admin.days.days import key_of
from payouts.admin.days.uploading import mapping_view, upload_view
from payouts.admin.shell.cells import link, when
from payouts.admin.shell.listing import PeriodFilter, ReadOnlyAdmin, person_of
from payouts.admin.shell.promises import filed_accounts
from payouts.admin.shell.story import trail_of
from payouts.domain.days.lost import Lost
from payouts.domain.days.partners import Payment
from payouts.domain.people.roles import Act
from payouts.domain.unknown.resolving import MOST_AT_ONCE
from payouts.domain.withdrawals.status import Status
from payouts.models import Orphan, ProviderRecord, Statement, Withdrawal
from payouts.preview import title
from payouts.workflow.days.day import day_of, partners_of, rows_of

MOST_SHOWN = 500


@dataclass(frozen=True)
class Match:
    """A record and the withdrawal that it is of, or may be of."""

    record: ProviderRecord
    withdrawal: Withdrawal
    is_sure: bool  # False where a person has to decide
    may_attest: bool  # whether two people still have to say what became of it


@dataclass(frozen=True)
class Elsewhere:
    """A record of what another account of the customer sent, or may have sent."""

    record: ProviderRecord
    payment: Payment
    is_sure: bool


@dataclass(frozen=True)
class OfLost:
    """A record of what a lost call paid."""

    record: ProviderRecord
    call: Lost


@dataclass(frozen=True)
class Result:
    """The records of a statement's time: with withdrawals, alone, of other accounts, of lost calls, and how many."""

    matches: list[Match]
    alone: list[ProviderRecord]
    elsewhere: list[Elsewhere]
    lost: list[OfLost]
    number: int  # of records

    @property
    def to_attest(self) -> list[Match]:
        """The matches of which people have to say what became of the withdrawal."""
        return [match for match in self.matches if match.may_attest]


def result_of(statement: Statement) -> Result:
    """The records of the statement's time and their withdrawals, as they stand now."""
    rows = rows_of(statement.account, statement.since, statement.until)
    told = rows.pairing()
    sure = partners_of(told)
    pairs = [(entry, payment, True) for entry, payment in sure]
    pairs += [(pair.entry, pair.payment, False) for pair in told.suggestions]
    taken = {entry.record.provider_id for entry, _, _ in pairs}
    of_lost = {pair.entry.record.provider_id: pair.call for pair in told.lost}
    taken |= {entry.record.provider_id for entry in told.elsewhere} | of_lost.keys()
    others = [*((pair, True) for pair in told.others), *((pair, False) for pair in told.maybe_others)]
    whose = {pair.entry.record.provider_id: (pair.payment, is_sure) for pair, is_sure in others}
    matches = [
        Match(
            record=rows.records[entry.record.provider_id],
            withdrawal=rows.calls[payment.id].withdrawal,
            is_sure=is_sure,
            may_attest=payment.status in (Status.SUBMITTED, Status.UNKNOWN),
        )
        for entry, payment, is_sure in pairs
    ]
    covered = [row for row in rows.records.values() if statement.since <= row.created_at <= statement.until]
    inside = {row.pk for row in covered}
    matches = sorted((each for each in matches if each.record.pk in inside), key=lambda each: each.record.created_at)
    in_time = sorted(covered, key=lambda row: row.created_at)
    alone = [row for row in in_time if row.record_id not in taken and row.record_id not in whose]
    elsewhere = [Elsewhere(row, *whose[row.record_id]) for row in in_time if row.record_id in whose]
    lost = [OfLost(row, of_lost[row.record_id]) for row in in_time if row.record_id in of_lost]
    return Result(matches, alone, elsewhere, lost, len(covered))


class AddedFilter(PeriodFilter):
    title = "added"
    column = "added_at"


@admin.register(Statement)
class StatementAdmin(ReadOnlyAdmin):
    """The statements that people uploaded, newest first, without their files' content."""

    view_act = Act.VIEW_RECONCILIATION
    list_title = "Statements"
    empty_text = "No statement was uploaded. Providers that can be asked for their records need none."
    list_display = ("when", "which", "covers", "lines", "file", "who")
    list_filter = (AddedFilter, "account")
    list_select_related = ("account", "added_by")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the names of files, and without their content."""
        return super().get_queryset(request).select_related("evidence").defer("evidence__content")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, with a button for those who may add one."""
        may = person_of(request).may(Act.ADD_STATEMENT) and bool(filed_accounts())
        button = ("admin:payouts_statement_new", "Add a statement") if may else None
        return super().changelist_view(request, {"list_button": button, **(extra_context or {})})

    @admin.display(description="Added")
    def when(self, statement: Statement) -> SafeString:
        return link("payouts_statement_change", statement.pk, when(statement.added_at))

    @admin.display(description="Account")
    def which(self, statement: Statement) -> str:
        return statement.account.name

    @admin.display(description="Complete for, UTC")
    def covers(self, statement: Statement) -> str:
        return f"{statement.since:%-d %b %Y %H:%M} to {statement.until:%-d %b %Y %H:%M}"

    @admin.display(description="Lines")
    def lines(self, statement: Statement) -> str:
        return str(statement.lines)

    @admin.display(description="File")
    def file(self, statement: Statement) -> str:
        return statement.evidence.name

    @admin.display(description="By")
    def who(self, statement: Statement) -> str:
        return statement.added_by.get_full_name() or statement.added_by.get_username()

    def get_urls(self) -> list[URLPattern]:
        """The list, adding one in two steps, and its page; nothing else."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="payouts_statement_changelist"),
            path("new/", view(never_cache(upload_view)), name="payouts_statement_new"),
            path("new/<uuid:evidence_id>/", view(never_cache(mapping_view)), name="payouts_statement_map"),
            path("<uuid:pk>/", view(never_cache(self.page)), name="payouts_statement_change"),
        ]

    def page(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What the statement came to.

        With `withdrawal` in the query, repeated: a redirect to the page that says what became of those withdrawals.
        """
        self.require_view(request)
        statement = Statement.objects.select_related("account", "added_by", "evidence").filter(pk=pk).first()
        if statement is None:
            raise Http404
        result = result_of(statement)
        chosen = set(request.GET.getlist("withdrawal"))
        picked = [match for match in result.to_attest if str(match.withdrawal.pk) in chosen]
        if picked:
            return redirect(_attesting(picked[:MOST_AT_ONCE]))
        first, last = day_of(statement.since), day_of(statement.until)
        orphans = Orphan.objects.filter(account=statement.account, day__range=(first, last)).select_related("record")
        context = {
            **self.admin_site.each_context(request),
            "title": f"Statement of {statement.account.name}",
            "statement": statement,
            "result": result,
            "matches": result.matches[:MOST_SHOWN],
            "alone": result.alone[:MOST_SHOWN],
            "elsewhere": result.elsewhere[:MOST_SHOWN],
            "lost": result.lost[:MOST_SHOWN],
            "most_shown": MOST_SHOWN,
            "orphans": orphans.order_by("closed_at", "day", "id")[:MOST_SHOWN],
            "provider_title": title(statement.account.provider),
            "may_attest": person_of(request).may(Act.PROPOSE_RESOLUTION) and bool(result.to_attest),
            "first_day": key_of(statement.account.name, first),
            "last_day": key_of(statement.account.name, last) if last != first else "",
            "trail": trail_of(statement),
        }
        return render(request, "payouts/days/statement.html", context)


def _attesting(matches: list[Match]) -> str:
    """The URL of the page that says what became of the withdrawals, each with what the statement calls its payment."""
    query = [("withdrawal", str(match.withdrawal.pk)) for match in matches]
    query += [("found_as", match.record.tx_id or _own_id(match.record)) for match in matches]
    return f"{reverse('admin:payouts_resolution_propose')}?{urlencode(query)}"


def _own_id(record: ProviderRecord) -> str:
    """The provider's id; empty where the file had none and one was made of the line."""
    return "" if record.record_id.startswith("line-") else record.record_id
