"""People: the list, a person's own page, and the acts on a person. Nobody changes another's second factor here."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache

from payouts.admin.people.inviting import ROLES, inviting_view
from payouts.admin.shell.acts import ActPage, CodeForm, urls_of
from payouts.admin.shell.cells import link, pill, when
from payouts.admin.shell.listing import ReadOnlyAdmin, person_of, user_of
from payouts.admin.shell.story import trail_of
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act, Role, role_objection
from payouts.models import Authenticator, PersonSession, person
from payouts.workflow.people import people
from payouts.workflow.people.leaving import left_behind, short_without


class RolesForm(CodeForm):
    """Exactly these roles from now on."""

    field_order = ("roles", "code")
    roles = forms.MultipleChoiceField(choices=ROLES, required=False, widget=forms.CheckboxSelectMultiple)


def _objection(*, active: bool) -> Callable[[HttpRequest, User], Objection | None]:
    """An objection unless an administrator acts on somebody else, who is active or not as `active` says."""

    def objection(request: HttpRequest, user: User) -> Objection | None:
        role = _role_objection(request, user)
        if role is None and user.pk == user_of(request).pk:
            return Objection("own_roles", "Another administrator has to change your roles or your access.")
        if role is None and user.is_active is not active:
            state = "deactivated" if active else "active already"
            return Objection("already_so", f"This person is {state}.")
        return role

    return objection


def _role_objection(request: HttpRequest, user: User) -> Objection | None:
    return role_objection(person_of(request), Act.MANAGE_PEOPLE)


def _facts(user: User) -> dict[str, Any]:
    return {
        "who": user,
        "roles": sorted(role.value for role in person(user).roles),
        "factor": Authenticator.objects.filter(user=user, confirmed=True).first(),
        "sessions": PersonSession.open_ones(user.pk),
    }


def _leaving_facts(user: User) -> dict[str, Any]:
    """With what they leave behind, and what would be missing."""
    return _facts(user) | {"left_behind": left_behind(user), "short": short_without(user), "leaving": True}


ACTS: list[ActPage[User]] = [
    ActPage(
        act=Act.MANAGE_PEOPLE,
        name="roles",
        title="Change roles",
        button="Give these roles",
        done="Roles changed. The person has to sign in again.",
        template="payouts/people/person_act.html",
        form=RolesForm,
        objection=_objection(active=True),
        perform=lambda http, user, form, proof: people.change_roles(
            user, roles=[Role(name) for name in form.get("roles", [])], proof=proof, by=user_of(http)
        ),
        facts=_leaving_facts,
        initial=lambda user: {"roles": sorted(role.value for role in person(user).roles)},
    ),
    ActPage(
        act=Act.MANAGE_PEOPLE,
        name="unblock",
        title="Unblock sign-in",
        button="Unblock",
        done="Unblocked. The person can try again.",
        template="payouts/people/person_act.html",
        form=CodeForm,
        objection=_objection(active=True),
        perform=lambda http, user, form, proof: people.unblock(user, proof=proof, by=user_of(http)),
        facts=_facts,
    ),
    ActPage(
        act=Act.MANAGE_PEOPLE,
        name="end-sessions",
        title="Sign out everywhere",
        button="End all sessions",
        done="Sessions ended, but for the one that you are using.",
        template="payouts/people/person_act.html",
        form=forms.Form,
        objection=_role_objection,
        perform=lambda http, user, form, _: people.end_sessions(
            user, by=user_of(http), keep=http.session.session_key or ""
        ),
        facts=_facts,
        dangerous=True,
    ),
    ActPage(
        act=Act.MANAGE_PEOPLE,
        name="deactivate",
        title="Deactivate this person?",
        button="Deactivate",
        done="Deactivated. Every session has ended.",
        template="payouts/people/person_act.html",
        form=CodeForm,
        objection=_objection(active=True),
        perform=lambda http, user, form, proof: people.deactivate(user, proof=proof, by=user_of(http)),
        facts=_leaving_facts,
        dangerous=True,
    ),
    ActPage(
        act=Act.MANAGE_PEOPLE,
        name="reactivate",
        title="Reactivate this person?",
        button="Reactivate",
        done="Reactivated.",
        template="payouts/people/person_act.html",
        form=CodeForm,
        objection=_objection(active=False),
        perform=lambda http, user, form, proof: people.reactivate(user, proof=proof, by=user_of(http)),
        facts=_facts,
    ),
]


@admin.register(User)
class PersonAdmin(ReadOnlyAdmin):
    view_act = Act.VIEW_PEOPLE
    list_title = "People"
    ordering = ("username",)
    list_display = ("name", "full_name", "holds", "state", "last_seen")
    list_filter = ("is_active", "groups")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description="Name")
    def name(self, user: User) -> SafeString:
        return link("auth_user_change", user.pk, user.get_username())

    @admin.display(description="Full name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description="Roles")
    def holds(self, user: User) -> str:
        return ", ".join(sorted(group.name for group in user.groups.all())) or "–"

    @admin.display(description="State")
    def state(self, user: User) -> SafeString:
        return pill("ready", "Active") if user.is_active else pill("quiet", "Deactivated")

    @admin.display(description="Last sign-in")
    def last_seen(self, user: User) -> SafeString:
        return when(user.last_login)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, with a button for administrators."""
        may = person_of(request).may(Act.MANAGE_PEOPLE)
        button = ("admin:auth_user_invite", "Invite a person") if may else None
        return super().changelist_view(request, {"list_button": button, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        """The list, the page, inviting, and the acts; nothing else."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="auth_user_changelist"),
            path("invite/", view(never_cache(inviting_view)), name="auth_user_invite"),
            path("<int:pk>/", view(never_cache(self.page)), name="auth_user_change"),
            *urls_of(ACTS, User.objects.all, "int", view_act=self.view_act),
        ]

    def page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A person's roles, factor and sessions, and the buttons that apply now."""
        self.require_view(request)
        user = User.objects.filter(pk=pk).first()
        if user is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            **_facts(user),
            "left_behind": left_behind(user),
            "title": user.get_full_name() or user.get_username(),
            "trail": trail_of(user),
            "acts": [(act, act.url(user)) for act in ACTS if act.offered(request, user)],
        }
        return render(request, "payouts/people/person.html", context)
