"""What error pages hide under DEBUG, besides what Django hides."""

import re

from django.views.debug import SafeExceptionReporterFilter


class HidingFilter(SafeExceptionReporterFilter):
    """Hides the variables that hold a secret within a URL: a development server copies its environment into META."""

    hidden_settings = re.compile(
        rf"{SafeExceptionReporterFilter.hidden_settings.pattern}|^PROVIDER_ACCOUNT_|^DATABASE_URL$|^EMAIL_URL$", re.I
    )
