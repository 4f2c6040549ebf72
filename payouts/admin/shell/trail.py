"""The audit trail, for auditors: everything, newest first, with filters; looking at it is an event as well."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from payouts import audit
from payouts.admin.shell.cells import facts, when
from payouts.admin.shell.listing import PeriodFilter, ReadOnlyAdmin, user_of
from payouts.audit import Event
from payouts.domain.people.roles import Act
from payouts.models import AuditEvent


class AtFilter(PeriodFilter):
    title = "when"
    column = "at"


class EventFilter(SimpleListFilter):
    """By what happened. The events are a closed list, so nothing is counted or looked up."""

    title = "what happened"
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(event.value, event.label) for event in Event]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(event=self.value()) if self.value() else queryset


class ActorFilter(SimpleListFilter):
    title = "by"
    parameter_name = "by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("people", "People"), ("machines", "Workers and commands")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(actor__isnull=self.value() == "machines")


@admin.register(AuditEvent)
class AuditAdmin(ReadOnlyAdmin):
    view_act = Act.VIEW_AUDIT
    list_title = "Audit trail"
    empty_text = "No event matches. Clear the filters."
    list_display = ("at_", "what", "who", "about", "facts_", "where_from")
    list_filter = (EventFilter, AtFilter, ActorFilter)
    search_fields = ("subject_id",)  # makes the box appear; get_search_results does it
    search_help_text = "A reference or id of the object, or a person’s name"

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: QuerySet[Any],
        search_term: str,
    ) -> tuple[QuerySet[Any], bool]:
        """Finds whole ids and names only, through their indexes."""
        found = AuditEvent.objects.found_by(search_term)
        return (queryset & found if search_term.strip() else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list. Looking at it is audited (OWASP ASVS 5.0, V16.3)."""
        self.require_view(request)
        audit.record(Event.AUDIT_VIEWED, by=user_of(request), query=request.GET.urlencode()[:200])
        return super().changelist_view(request, extra_context)

    @admin.display(description="When")
    def at_(self, event: AuditEvent) -> SafeString:
        """With the event's number, which only ever grows."""
        return format_html('{} <span class="quiet">#{}</span>', when(event.at, clock="%H:%M:%S"), event.pk)

    @admin.display(description="What happened")
    def what(self, event: AuditEvent) -> str:
        return Event(event.event).label

    @admin.display(description="Who")
    def who(self, event: AuditEvent) -> str:
        return event.actor_name

    @admin.display(description="About")
    def about(self, event: AuditEvent) -> SafeString:
        """The object, linked where it has a page."""
        noun = "person" if event.subject_type == "user" else event.subject_type
        text = f"{noun} {event.subject_id[:8]}".strip()
        try:
            app = "auth" if event.subject_type == "user" else "payouts"
            url = reverse(f"admin:{app}_{event.subject_type}_change", args=[event.subject_id])
        except NoReverseMatch:
            return format_html("{}", text or "–")
        return format_html('<a href="{}">{}</a>', url, text)

    @admin.display(description="Facts")
    def facts_(self, event: AuditEvent) -> SafeString:
        return facts(event.facts)

    @admin.display(description="From")
    def where_from(self, event: AuditEvent) -> str:
        return event.ip or "–"

    def get_urls(self) -> list[URLPattern]:
        return [path("", self.admin_site.admin_view(self.changelist_view), name="payouts_auditevent_changelist")]
