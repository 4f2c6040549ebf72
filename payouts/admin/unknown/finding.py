"""Proposing what became of withdrawals: the form for one or several of an account, and its page."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from payouts.admin.shell.fields import CheckedField
from payouts.admin.shell.listing import person_of, require, user_of
from payouts.domain.errors import InvalidValue, NotPermitted, Objection
from payouts.domain.evidence import check_evidence
from payouts.domain.people.roles import Act
from payouts.domain.unknown import attestation, resolving
from payouts.models import ProviderRecord, Withdrawal
from payouts.models.unknown.resolution import Verdict
from payouts.preview import title
from payouts.workflow.sending.promised import is_filed
from payouts.workflow.unknown import resolution
from payouts.workflow.unknown.finding import Attachment, Finding, FindingLine, check, undecided

MOST_CANDIDATES = 10
VERDICT_WORDS = {Verdict.PAID: "Paid: it arrived", Verdict.NOT_PAID: "Not paid: nothing left the provider"}
_WIDE = {"autocomplete": "off", "spellcheck": "false", "class": "mono"}


class FindingForm(forms.Form):
    """What was found, by what. Nothing is stripped or corrected: what is wrong is said at its field."""

    verdict = forms.ChoiceField(
        label="What became of it", widget=forms.RadioSelect, choices=[(v.value, VERDICT_WORDS[v]) for v in Verdict]
    )
    found_for_all = CheckedField(
        attestation.check_found_as,
        required=False,
        label="Place in a statement",
        help_text="For every line that has no transaction of its own.",
    )
    where_looked = CheckedField(
        attestation.check_where, label="Where you looked", help_text="So that somebody else can look there as well."
    )
    looked_at = forms.DateTimeField(
        label="When you looked",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    note = CheckedField(
        attestation.check_note,
        required=False,
        label="What you saw",
        help_text="In a sentence at least, unless you attach a file.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    evidence = forms.FileField(
        required=False,
        label="File",
        allow_empty_file=True,  # which the rule of evidence refuses, in its own words
        help_text="A PDF, a PNG or JPEG picture, a text or CSV file, up to 5 MB. It is kept for ever.",
    )

    def __init__(self, lines: list[tuple[Withdrawal, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.withdrawals = [withdrawal for withdrawal, _ in lines]
        for withdrawal, found_as in lines:
            self.fields[_field_of(withdrawal)] = CheckedField(
                attestation.check_found_as,
                required=False,
                initial=found_as,
                label="Provider’s id or transaction",
                help_text="Needed where it was paid." if len(lines) == 1 else "",
                widget=forms.TextInput(attrs=_WIDE | {"form": "finding"}),
            )
        if len(lines) == 1 or not all(is_filed(withdrawal.account) for withdrawal in self.withdrawals):
            del self.fields["found_for_all"]
        if len(lines) == 1:
            self.order_fields(["verdict", _field_of(lines[0][0])])
        self.fields["looked_at"].help_text = f"In {timezone.localtime().tzname()}, after it was sent."

    def clean(self) -> dict[str, Any]:
        """Ask the workflow's own check, so that page and workflow cannot differ."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            finding = self.finding()
            if finding.attachment is not None:
                check_evidence(finding.attachment.name, finding.attachment.content)
            check(finding, self.withdrawals)
        except InvalidValue as err:
            self.add_error(self._place_of(err.field), err.message)
        return cleaned

    def finding(self) -> Finding:
        """The finding as the form has it; fields without an answer get NOT_PAID, now, or ""."""
        said = self.cleaned_data
        file = said.get("evidence")
        if file is not None:
            file.seek(0)
        return Finding(
            verdict=Verdict(said.get("verdict") or Verdict.NOT_PAID),
            lines=tuple(FindingLine(each.pk, self._found(each)) for each in self.withdrawals),
            where_looked=said.get("where_looked", ""),
            looked_at=said.get("looked_at") or timezone.now(),
            note=said.get("note", ""),
            attachment=Attachment(file.name or "", file.read()) if file is not None else None,
        )

    def cards(self) -> list[tuple[Withdrawal, forms.BoundField | None]]:
        """Each withdrawal with its own field; with None where it is the only one."""
        return [(each, self[_field_of(each)] if len(self.withdrawals) > 1 else None) for each in self.withdrawals]

    def main_fields(self) -> list[forms.BoundField]:
        """The fields that do not stand beside a withdrawal."""
        beside = {_field_of(each) for each in self.withdrawals} if len(self.withdrawals) > 1 else set()
        return [field for field in self if field.name not in beside]

    def say_that_the_file_is_gone(self) -> None:
        """Ask for the file again: a browser keeps what was typed when a page comes back, but no file."""
        file = self.files.get("evidence")
        if file is not None and "evidence" not in self.errors:
            self.add_error("evidence", f"Choose “{file.name}” again: a page that comes back cannot keep it.")

    def _found(self, withdrawal: Withdrawal) -> str:
        own: str = self.cleaned_data.get(_field_of(withdrawal), "")
        return own or self.cleaned_data.get("found_for_all", "")

    def _place_of(self, field: str) -> str | None:
        if field == "found_as" and len(self.withdrawals) == 1:
            return _field_of(self.withdrawals[0])
        return field if field in self.fields else None


def _field_of(withdrawal: Withdrawal) -> str:
    return f"found_as_{withdrawal.reference}"


def finding_view(request: HttpRequest) -> HttpResponse:
    """The form for a finding about the withdrawals of the query: `withdrawal` and `found_as`, repeated.

    POST with `propose` proposes it.
    """
    require(request, Act.VIEW_WITHDRAWALS)
    sent = request.method == "POST" and "propose" in request.POST
    lines = _chosen(request.POST if request.method == "POST" else request.GET)
    objection = resolving.may_propose(undecided([withdrawal for withdrawal, _ in lines]), person_of(request))
    if objection is not None and objection.code == "no_role" and not sent:
        raise PermissionDenied(objection.message)
    form = FindingForm(lines, *((request.POST, request.FILES) if sent else ()))
    if sent and (form.is_valid() or objection is not None):
        return _propose(request, form)
    if sent:
        form.say_that_the_file_is_gone()
    return _show(request, form, objection, status=422 if sent else 200)


def _propose(request: HttpRequest, form: FindingForm) -> HttpResponse:
    try:
        made = resolution.propose(form.finding(), by=user_of(request))
    except NotPermitted as err:
        if err.objection.code == "no_role":
            raise PermissionDenied(err.objection.message) from err
        return _show(request, form, err.objection, status=409)
    except InvalidValue as err:  # what was in order when the form was checked, and is not any more
        form.add_error(None, err.message)
        form.say_that_the_file_is_gone()
        return _show(request, form, None, status=422)
    messages.success(request, "Proposed. Nothing happens until another person has confirmed it.")
    return redirect("admin:payouts_resolution_change", made.pk)


def _chosen(query: QueryDict) -> list[tuple[Withdrawal, str]]:
    """The withdrawals in the order given, each with what it was found as; each once."""
    names = query.getlist("withdrawal")[: resolving.MOST_AT_ONCE + 1]
    try:
        found = dict(zip(map(UUID, names), [*query.getlist("found_as"), *[""] * len(names)], strict=False))
    except ValueError as err:
        raise Http404 from err
    rows = Withdrawal.objects.select_related("address", "account", "requested_by").prefetch_related("submissions")
    known = rows.in_bulk(list(found))
    if len(known) < len(found):
        raise Http404
    return [(known[pk], found_as[:200]) for pk, found_as in found.items()]


def _candidates(withdrawals: list[Withdrawal]) -> list[ProviderRecord]:
    """Unclaimed records of the only withdrawal's coin and amount, of which a person may know one; [] for several."""
    if len(withdrawals) != 1:
        return []
    [it] = withdrawals
    alike = ProviderRecord.objects.unclaimed().filter(account=it.account, coin=it.coin, amount=it.amount)
    return list(alike.filter(created_at__gte=it.requested_at)[:MOST_CANDIDATES])


def _show(request: HttpRequest, form: FindingForm, objection: Objection | None, *, status: int) -> HttpResponse:
    several = len(form.withdrawals) > 1
    context = {
        **admin.site.each_context(request),
        "title": "What became of them?" if several else "What became of it?",
        "form": form,
        "objection": objection,
        "candidates": _candidates(form.withdrawals),
        "provider_title": title(form.withdrawals[0].account.provider) if form.withdrawals else "",
    }
    return render(request, "payouts/unknown/finding.html", context, status=status)
