"""An act: its own URL, a confirmation page that shows everything, a form, and one workflow function behind it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache

from payouts.admin.shell.fields import CheckedField, CodeField
from payouts.admin.shell.listing import person_of, require, user_of
from payouts.domain.decisions.proposal import key_digest
from payouts.domain.errors import InvalidValue, MovedMeanwhile, NotPermitted, Objection
from payouts.domain.people.roles import Act
from payouts.domain.texts import check_reason
from payouts.models import PresenceProof
from payouts.workflow.decisions import presence
from payouts.workflow.people.throttle import Throttled


class Thing(Protocol):
    """What an act is on: a row, or what stands for several of them and names its pages by `url_name`."""

    @property
    def pk(self) -> Any: ...

    def refresh_from_db(self) -> None: ...


M = TypeVar("M", bound=Thing)
R = TypeVar("R", bound=Model)


class CodeForm(forms.Form):
    """Asks for nothing but a one-time code, as proof of presence."""

    code = CodeField()


class ShownForm(CodeForm):
    """Proof of presence for exactly what the page showed."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)


class ReasonForm(forms.Form):
    """Why, in words that the trail keeps."""

    reason = CheckedField(
        check_reason,
        help_text="Everybody involved can read it, and it stays in the audit trail.",
        error_messages={"required": "Say why."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@dataclass(frozen=True)
class ActPage(Generic[M]):
    """What one act needs to be a page."""

    act: Act
    name: str  # the last part of the URL and of its name
    title: str
    button: str
    done: str  # said afterwards
    template: str
    form: type[forms.Form]
    objection: Callable[[HttpRequest, M], Objection | None]
    perform: Callable[[HttpRequest, M, dict[str, Any], PresenceProof | None], object]
    facts: Callable[[M], dict[str, Any]]
    # What the proof of presence is for, where the form takes a code.
    digest: Callable[[M, dict[str, Any]], str] = field(default=lambda thing, _: key_digest("person", str(thing.pk)))
    initial: Callable[[M], dict[str, Any]] = field(default=lambda _: {})  # what the form starts with
    dangerous: bool = False

    def offered(self, request: HttpRequest, thing: M) -> bool:
        """Whether the page has a button for this person now."""
        return self.objection(request, thing) is None

    def url(self, thing: M) -> str:
        return _page_of(thing, self.name)


def urls_of(
    pages: list[ActPage[R]], queryset: Callable[[], QuerySet[R]], converter: str, *, view_act: Act
) -> list[URLPattern]:
    """One URL per act on a row, behind the site's doors, and for people who may see what the act is on."""
    model = queryset().model._meta
    name = f"{model.app_label}_{model.model_name}"
    return paths_of(pages, lambda pk: queryset().filter(pk=pk).first(), name, converter, view_act=view_act)


def paths_of(
    pages: list[ActPage[M]], find: Callable[[Any], M | None], url_name: str, converter: str, *, view_act: Act
) -> list[URLPattern]:
    """As urls_of, on whatever `find` finds by its key."""
    return [
        path(
            f"<{converter}:pk>/{page.name}/",
            admin.site.admin_view(never_cache(_view(page, find, view_act))),
            name=f"{url_name}_{page.name}",
        )
        for page in pages
    ]


def _view(page: ActPage[M], find: Callable[[Any], M | None], view_act: Act) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, pk: Any) -> HttpResponse:
        require(request, view_act)
        thing = find(pk)
        if thing is None:
            raise Http404
        form = page.form(request.POST if request.method == "POST" else None, initial=page.initial(thing))
        objection = page.objection(request, thing)
        # An attempt that policy objects to goes to the workflow, and so to the trail, whatever its form lacks.
        if request.method == "POST" and (form.is_valid() or objection is not None):
            return _submitted(page, request, thing, form, objection)
        if objection is not None and objection.code == "no_role":
            raise PermissionDenied(objection.message)
        return _show(page, request, thing, form, objection, status=422 if form.is_bound else 200)

    return view


def _submitted(
    page: ActPage[M], request: HttpRequest, thing: M, form: forms.Form, known: Objection | None
) -> HttpResponse:
    """Prove presence first (committed by itself), then act; whatever is said against it stands on the page.

    `known` is what policy objects to already, if anything.
    """
    try:
        # What policy objects to needs no code: the workflow says so again, and writes it down.
        proof = None if known else _proof(page, request, thing, form.cleaned_data)
        page.perform(request, thing, form.cleaned_data, proof)
    except (presence.WrongCode, Throttled) as err:
        form.add_error("code", str(err))
    except InvalidValue as err:
        form.add_error(err.field if err.field in form.fields else None, err.message)
    except NotPermitted as err:
        if err.objection.code == "no_role":
            raise PermissionDenied(err.objection.message) from err
        return _show(page, request, thing, form, known or err.objection, status=409)
    except MovedMeanwhile:
        moved = Objection("moved_meanwhile", "Somebody else was faster: this has just changed. Look again.")
        return _show(page, request, thing, form, moved, status=409)
    else:
        messages.success(request, page.done)
        return redirect(_page_of(thing, "change"))
    return _show(page, request, thing, form, None, status=422)


def _proof(page: ActPage[M], request: HttpRequest, thing: M, cleaned: dict[str, Any]) -> PresenceProof | None:
    if "code" not in page.form.base_fields:
        return None
    shown = [page.digest(thing, cleaned)]
    proof = presence.prove(cleaned["code"], act=page.act, digests=shown, by=user_of(request))
    request.session.renew()  # type: ignore[attr-defined]  # of payouts.models.people.session
    return proof


def _page_of(thing: Any, name: str) -> str:
    url_name = getattr(thing, "url_name", "") or f"{thing._meta.app_label}_{thing._meta.model_name}"
    return reverse(f"admin:{url_name}_{name}", args=[thing.pk])


def _show(
    page: ActPage[M],
    request: HttpRequest,
    thing: M,
    form: forms.Form,
    objection: Objection | None,
    status: int = 200,
) -> HttpResponse:
    thing.refresh_from_db()
    context = {
        **admin.site.each_context(request),
        **page.facts(thing),
        "title": page.title,
        "page": page,
        "thing": thing,
        "form": form,
        "objection": objection,
        "back": _page_of(thing, "change"),
    }
    return render(request, page.template, context, status=status)


def ending(
    *,
    rule: Callable[[Any, Any], Objection | None],
    end: Callable[..., object],
    facts: Callable[[M], dict[str, Any]],
    **page: Any,
) -> ActPage[M]:
    """An act that stops something for good: a rule, a reason, and a workflow function that takes both."""
    return ActPage(
        form=ReasonForm,
        objection=objection_by(rule),
        perform=lambda http, thing, form, _: end(thing.pk, reason=form.get("reason", ""), by=user_of(http)),
        facts=facts,
        dangerous=True,
        **page,
    )


def objection_by(rule: Callable[[Any, Any], Objection | None]) -> Callable[[HttpRequest, Any], Objection | None]:
    """What a rule says of the thing's facts, as they stand now, and of the person who asks."""

    def objection(request: HttpRequest, thing: Any) -> Objection | None:
        return rule(thing.facts(), person_of(request))

    return objection
