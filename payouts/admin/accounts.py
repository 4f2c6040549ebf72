"""Accounts and assets: what there is to see of them. Credentials are not here because the database has none."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString

from payouts.admin.cells import pill, when
from payouts.admin.listing import ReadOnlyAdmin
from payouts.domain.kind import Kind
from payouts.domain.roles import Act
from payouts.models import Account, Asset
from payouts.preview import title


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """The accounts, by name."""

    view_act = Act.VIEW_ACCOUNTS
    list_title = "Accounts"
    empty_text = "No account yet. Set PROVIDER_ACCOUNT_<NAME> in the environment and run manage.py migrate."
    list_display = ("name", "at", "pays_to", "remark", "state", "last_answer")

    @admin.display(description="Provider")
    def at(self, account: Account) -> str:
        """The provider's name."""
        return title(account.provider)

    @admin.display(description="Pays to")
    def pays_to(self, account: Account) -> str:
        """Its kinds of recipient."""
        return ", ".join(kind.label for kind in Kind if account.takes(kind))

    @admin.display(description="Carries a remark")
    def remark(self, account: Account) -> str:
        """Whether it does."""
        return "Yes" if account.takes_remark else "No"

    @admin.display(description="State")
    def state(self, account: Account) -> SafeString:
        """Whether it is being left alone, and why."""
        if account.is_quiet(at=timezone.now()):
            return pill("quiet", f"Left alone: {account.quiet_because}")
        return pill("ready", "Ready")

    @admin.display(description="Last answer")
    def last_answer(self, account: Account) -> SafeString:
        """When its provider answered last."""
        return when(account.last_answer_at)

    def get_urls(self) -> list[URLPattern]:
        """The list alone."""
        return [path("", self.admin_site.admin_view(self.changelist_view), name="payouts_account_changelist")]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list, leading to the assets."""
        button = ("admin:payouts_asset_changelist", "See assets")
        return super().changelist_view(request, {"list_button": button, **(extra_context or {})})


@admin.register(Asset)
class AssetAdmin(ReadOnlyAdmin):
    """The coins that can be sent, and their decimals."""

    view_act = Act.VIEW_ACCOUNTS
    list_title = "Assets"
    list_display = ("coin", "network", "at", "decimals", "state")
    list_filter = ("provider", "network")

    @admin.display(description="Provider")
    def at(self, asset: Asset) -> str:
        """The provider's name."""
        return title(asset.provider)

    @admin.display(description="State")
    def state(self, asset: Asset) -> SafeString:
        """Whether new requests may name it."""
        return pill("ready", "Offered") if asset.enabled else pill("quiet", "Not offered")

    def get_urls(self) -> list[URLPattern]:
        """The list alone."""
        return [path("", self.admin_site.admin_view(self.changelist_view), name="payouts_asset_changelist")]
