"""Adding a statement in two steps: a file is kept, then a person says how it is to be read and sees it read."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from payouts.admin.days.mapping import MappingForm
from payouts.admin.shell.listing import require, user_of
from payouts.admin.shell.promises import filed_accounts
from payouts.domain.days.statement_table import Table, read_table
from payouts.domain.errors import InvalidValue, NotPermitted
from payouts.domain.people.roles import Act
from payouts.models import Account, Evidence
from payouts.preview import title
from payouts.workflow.days import statement
from payouts.workflow.days.statement import MOST_NAMED, BadLines

SAMPLE_LINES = 5


class FileForm(forms.Form):
    """Which account's statement, and the file."""

    account = forms.ChoiceField(widget=forms.RadioSelect)
    file = forms.FileField(
        label="CSV file",
        allow_empty_file=True,  # which the rule refuses, in its own words
        help_text="As the provider exports it, up to 5 MB, with a header. It is kept as it is.",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def __init__(self, accounts: list[Account], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(account.name, f"{account.name} at {title(account.provider)}") for account in accounts]
        self.fields["account"] = forms.ChoiceField(
            widget=forms.RadioSelect, choices=names, initial=names[0][0] if len(names) == 1 else None
        )

    def clean(self) -> dict[str, Any]:
        """The file has to be a table before it is kept."""
        cleaned: dict[str, Any] = super().clean() or {}
        if "file" in cleaned:
            cleaned["content"] = cleaned["file"].read()
            try:
                read_table(cleaned["content"])
            except InvalidValue as err:
                self.add_error("file", err.message)
        return cleaned


def upload_view(request: HttpRequest) -> HttpResponse:
    """Step 1: POST keeps the file and leads to step 2."""
    require(request, Act.ADD_STATEMENT)
    accounts = filed_accounts()
    sent = request.method == "POST"
    form = FileForm(accounts, *((request.POST, request.FILES) if sent else ()))
    if sent and form.is_valid():
        said = form.cleaned_data
        try:
            kept = statement.keep(said["file"].name or "", said["content"], by=user_of(request))
        except InvalidValue as err:
            form.add_error("file", err.message)
        else:
            url = reverse("admin:payouts_statement_map", args=[kept.pk])
            return redirect(f"{url}?account={said['account']}")
    context = {**admin.site.each_context(request), "title": "Add a statement", "form": form, "accounts": accounts}
    return render(request, "payouts/days/statement_file.html", context, status=422 if form.is_bound else 200)


def mapping_view(request: HttpRequest, evidence_id: UUID) -> HttpResponse:
    """Step 2: POST shows what the choice makes of the file; POST with `add` adds it."""
    require(request, Act.ADD_STATEMENT)
    account, kept, table = _chosen(request, evidence_id)
    form = MappingForm(account, kept, table, request.POST if request.method == "POST" else None)
    is_right = form.is_bound and form.is_valid()
    if is_right and "add" in request.POST:
        return _add(request, form)
    return _show(request, form, status=422 if form.is_bound and not is_right else 200)


def _chosen(request: HttpRequest, evidence_id: UUID) -> tuple[Account, Evidence, Table]:
    """The account, the person's own file, and that file as a table. Raises Http404."""
    account = next((each for each in filed_accounts() if each.name == request.GET.get("account")), None)
    kept = Evidence.objects.filter(pk=evidence_id, added_by=user_of(request)).first()
    if account is None or kept is None:
        raise Http404
    try:
        return account, kept, read_table(bytes(kept.content))
    except InvalidValue as err:
        raise Http404 from err


def _add(request: HttpRequest, form: MappingForm) -> HttpResponse:
    try:
        added = statement.add(form.cleaned_data["upload"], by=user_of(request))
    except NotPermitted as err:
        raise PermissionDenied(err.objection.message) from err
    except InvalidValue as err:
        form.add_error(err.field if err.field in form.fields else None, err.message)
    except BadLines as err:
        form.bad_lines = err
    else:
        messages.success(request, "Added, and compared with what was sent.")
        return redirect("admin:payouts_statement_change", added.pk)
    return _show(request, form, status=422)


def _show(request: HttpRequest, form: MappingForm, *, status: int) -> HttpResponse:
    reading = form.read()
    bad = form.bad_lines.lines if form.bad_lines else reading.bad_lines if reading else ()
    context = {
        **admin.site.each_context(request),
        "title": "How is it to be read?",
        "form": form,
        "account": form.account,
        "provider_title": title(form.account.provider),
        "evidence": form.evidence,
        "lines": reading.lines[:SAMPLE_LINES] if reading else (),
        "number": len(reading.lines) if reading else 0,
        "bad_lines": bad[:MOST_NAMED],
        "bad_number": len(bad),
        "more_bad": max(0, len(bad) - MOST_NAMED),
        "rows_number": len(form.table.rows),
    }
    return render(request, "payouts/days/statement_mapping.html", context, status=status)
