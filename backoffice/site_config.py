"""Makes our admin site the one site; a file of its own because an app may have one default configuration only."""

from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    """Django's admin app with our site."""

    default_site = "backoffice.site.Site"
