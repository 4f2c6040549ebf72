"""Every setting, read from the environment; `.env.example` documents each variable."""

import socket
from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF

from backoffice.process_name import process_name
from backoffice.secrets_in_files import account_secrets

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
ENV_FILE = Path(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))
if ENV_FILE.is_file():
    env.read_env(ENV_FILE)

# -- what must be set; start-up checks say so with an id and a hint --
SECRET_KEY = env.str("SECRET_KEY", default="")
SECOND_FACTOR_KEY = env.str("SECOND_FACTOR_KEY", default="")
DATABASES = {"default": env.db("DATABASE_URL")} if env.str("DATABASE_URL", default="") else {}
PROVIDER_ACCOUNT_SECRETS, PROVIDER_ACCOUNT_FAULTS = account_secrets(env.ENVIRON)

# -- where it runs --
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
# (a variable called HTTPS would be taken for the request's scheme by CGI and wsgiref)
HTTPS_ONLY = env.bool("HTTPS_ONLY", default=True)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
SITE_URL = env.str("SITE_URL", default="").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
# Outside the database: what was sent is told to this place before the first byte.
WITNESS_URL = env.str("WITNESS_URL", default=f"file:{BASE_DIR / 'var' / 'witness'}")
SIMULATOR_URL = env.str("SIMULATOR_URL", default="")


def _whole_number(text: str) -> int:
    """The number; 0 for anything but one to six digits, which a start-up check refuses in a sentence."""
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= 6 else 0


# -- the rules --
APPROVALS_REQUIRED = _whole_number(env.str("APPROVALS_REQUIRED", default="2"))
# From the request to its last approval, and from there to the worker's claim.
APPROVE_WITHIN = timedelta(hours=_whole_number(env.str("APPROVE_WITHIN_HOURS", default="24")))
SEND_WITHIN = timedelta(minutes=_whole_number(env.str("SEND_WITHIN_MINUTES", default="120")))
# Between two looks that find nothing, before the one resend that a provider's promise permits.
LOOK_AGAIN_AFTER = timedelta(seconds=_whole_number(env.str("LOOK_AGAIN_AFTER_SECONDS", default="300")))
# From the last call until nothing found may mean that nothing was paid.
NOT_PAID_AFTER = timedelta(minutes=_whole_number(env.str("NOT_PAID_AFTER_MINUTES", default="15")))
FREEZE_ON_ORPHAN = env.bool("FREEZE_ON_ORPHAN", default=True)
ALERTS_TO = env.list("ALERTS_TO", default=[])

ROOT_URLCONF = "backoffice.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"
INSTALLED_APPS = [
    "payouts",
    "backoffice",
    "backoffice.site_config.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",  # makes indexes with operator classes possible
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",  # its widgets' templates, for FORM_RENDERER
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "procrastinate.contrib.django",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",  # after those that add headers: files carry them too
    "backoffice.doors.middleware.NulMiddleware",
    "backoffice.doors.middleware.OriginMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "backoffice.doors.middleware.SessionAgeMiddleware",
    "backoffice.doors.middleware.RefusalMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "backoffice.context.site_facts",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

PROCESS_NAME = process_name(socket.gethostname())
if DATABASES:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    # By its sessions others see that a worker is there, or that it has ended.
    DATABASES["default"].setdefault("OPTIONS", {})["application_name"] = PROCESS_NAME
    # What was committed has to outlive a crash, whatever the server's own setting is.
    DATABASES["default"]["OPTIONS"].setdefault("options", "-c synchronous_commit=on")
DEFAULT_EXCEPTION_REPORTER_FILTER = "backoffice.faults.HidingFilter"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- people: OWASP ASVS 5.0 V7.3 names the session figures --
SESSION_ENGINE = "payouts.models.people.session"
SESSION_COOKIE_AGE = 15 * 60  # idle
SESSION_AGE_LIMIT = 12 * 60 * 60  # since signing in
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
OTP_TOTP_ISSUER = env.str("SITE_NAME", default="Countersign")
OTP_TOTP_SYNC = False  # the server's clock decides; drift is not learnt
OTP_TOTP_THROTTLE_FACTOR = 0  # workflow.throttle does it, without locking the right person out
OTP_STATIC_THROTTLE_FACTOR = 0
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
PASSWORD_RESET_TIMEOUT = 60 * 60
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# -- cookies and headers --
_COOKIE_PREFIX = "__Host-" if HTTPS_ONLY else ""
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}session"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrf"
KNOWN_DEVICE_COOKIE_NAME = f"{_COOKIE_PREFIX}known"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS_ONLY
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS_ONLY
SECURE_REFERRER_POLICY = "same-origin"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of its own
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Files that people attach: no more of them is kept, in memory, than one may have.
FILE_UPLOAD_HANDLERS = ["payouts.admin.unknown.uploads.BoundedUploadHandler"]

# -- e-mail: password resets, invitations and alerts --
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10  # seconds for each word of the mail server: one that hangs holds up neither a worker nor a page
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="countersign@localhost")

# -- words and times --
LANGUAGE_CODE = "en-gb"
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "backoffice.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # its job lines repeat what dispatch says better
        "procrastinate": {"level": "WARNING"},
        # urllib3's debug lines would name hosts and paths; never below warnings
        "urllib3": {"level": "WARNING"},
    },
}
