"""Evidence: handed out as a download, never shown by the browser as a page of this site."""

from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache

from payouts.admin.shell.listing import ReadOnlyAdmin, user_of
from payouts.domain.errors import NotPermitted
from payouts.domain.people.roles import Act
from payouts.models import Evidence
from payouts.workflow.unknown import evidence


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    """No list: a file is found where it is evidence of something."""

    view_act = Act.VIEW_WITHDRAWALS

    def get_urls(self) -> list[URLPattern]:
        """The download alone: evidence has neither a list nor a page."""
        view = self.admin_site.admin_view(never_cache(download))
        return [path("<uuid:pk>/", view, name="payouts_evidence_download")]


def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The file as it was added. Whatever is in it, the browser is told to run none of it."""
    try:
        file = evidence.take(pk, by=user_of(request))
    except NotPermitted as err:
        raise PermissionDenied(err.objection.message) from err
    except Evidence.DoesNotExist as err:
        raise Http404 from err
    return HttpResponse(
        bytes(file.content),
        content_type=file.media_type,
        headers={
            "Content-Disposition": content_disposition_header(True, file.name) or "attachment",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )
