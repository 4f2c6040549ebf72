"""Lists that anybody with the role may read and nobody may write, and that stay fast however long they get."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, cast

from django.contrib.admin import ModelAdmin, ShowFacets, SimpleListFilter
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from payouts.domain.people.roles import Act, Person
from payouts.models import person

MOST_ROWS_COUNTED = 1000
PAGE = 50


def user_of(request: HttpRequest) -> User:
    """The person who asks; every screen stands behind the site's doors, so there is one."""
    return cast(User, request.user)


def person_of(request: HttpRequest) -> Person:
    """The person who asks, as rules see them; read once per request."""
    if not hasattr(request, "countersign_person"):
        request.countersign_person = person(user_of(request))  # type: ignore[attr-defined]
    return cast(Person, request.countersign_person)  # type: ignore[attr-defined]


def require(request: HttpRequest, act: Act) -> None:
    """Raise PermissionDenied for people whose roles do not include the act."""
    if not person_of(request).may(act):
        raise PermissionDenied("Your roles do not include this screen.")


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable at run time
    """Pages through the first MOST_ROWS_COUNTED rows only, and never counts a whole table."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, up to MOST_ROWS_COUNTED."""
        return len(cast("QuerySet[Any]", self.object_list).order_by().values_list("pk")[:MOST_ROWS_COUNTED])


class OwnFiltersOnly(ChangeList):
    """A list that filters by `list_filter` alone.

    Django's own takes any column that a query names, and so tells how a password's hash begins.
    """

    def get_filters(self, request: HttpRequest) -> Any:
        """What our filters made of the query, without Django's lookups by other columns."""
        specs, has_filters, _, *rest = super().get_filters(request)
        return specs, has_filters, {}, *rest

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """The list's own order: sorting by another column would read the whole table."""
        self.params.pop(ORDER_VAR, None)
        return super().get_ordering(request, queryset)


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """A list and a page per object. Changes have URLs of their own; add, change, delete and history do not exist."""

    view_act: ClassVar[Act]
    actions = None
    sortable_by: ClassVar[tuple[str, ...]] = ()
    list_display_links = None
    list_per_page = PAGE
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    paginator = BoundedPaginator
    change_list_template = "payouts/shell/list.html"
    list_title: ClassVar[str] = ""
    empty_text: ClassVar[str] = "Nothing here yet."

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return person_of(request).may(self.view_act)

    def require_view(self, request: HttpRequest) -> None:
        """Raise PermissionDenied for people whose roles do not include this screen."""
        require(request, self.view_act)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return OwnFiltersOnly

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, with its title and what an empty one says."""
        facts = {"title": self.list_title, "empty_text": self.empty_text, "most_rows": MOST_ROWS_COUNTED}
        return super().changelist_view(request, facts | (extra_context or {}))


class PeriodFilter(SimpleListFilter):
    """Rows of a period that people speak of; a subclass names the column."""

    title = "period"
    parameter_name = "period"
    column: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("today", "Today"), ("week", "Last 7 days"), ("month", "This month"), ("last", "Last month")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        start, end = _period(str(self.value()), timezone.localtime())
        return queryset.filter(**{f"{self.column}__gte": start, f"{self.column}__lt": end})


def _period(name: str, now: datetime) -> tuple[datetime, datetime]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    month = midnight.replace(day=1)
    match name:
        case "today":
            return midnight, now
        case "week":
            return midnight - timedelta(days=6), now
        case "last":
            return (month - timedelta(days=1)).replace(day=1), month
        case _:
            return month, now
