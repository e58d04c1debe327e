"""What holds everywhere. Values that differ by place come from the environment (config/env.py)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import SELF
from django.utils.translation import gettext_lazy as _

from config import env as _env
from config.schedule import BEAT_SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = _env.load(root=BASE_DIR)

SECRET_KEY = env.text("SECRET_KEY")
# Seals the keys of personal values (32 bytes, base64).
MASTER_KEY = env.text("MASTER_KEY")
# Signs the anchors of the audit chain (the 32 bytes of an Ed25519 private key, base64).
AUDIT_SIGNING_KEY = env.text("AUDIT_SIGNING_KEY")
DEBUG = False
ALLOWED_HOSTS = env.words("MITHAQ_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("MITHAQ_TRUSTED_ORIGINS")

# Only demo, tests and simulations may set the clock; accounts of the demo may sign in without a second factor.
CLOCK_MAY_BE_SET = True
MITHAQ_DEMO = env.flag("MITHAQ_DEMO", default=True)
STYLEGUIDE = False
AGENCY = {
    "name_ar": env.text("MITHAQ_AGENCY_NAME_AR", "ميثاق لتحصيل الديون"),
    "name_en": env.text("MITHAQ_AGENCY_NAME_EN", "Mithaq Collections"),
    "short_ar": env.text("MITHAQ_AGENCY_SHORT_AR", "ميثاق"),
    "short_en": env.text("MITHAQ_AGENCY_SHORT_EN", "Mithaq"),
    "phone": env.text("MITHAQ_AGENCY_PHONE", "1840"),
    # Its licence to collect, as it stands on legal papers; empty leaves the word out.
    "licence": env.text("MITHAQ_AGENCY_LICENCE", ""),
}
# The credit bureau, as a notice of an adverse decision names it (CB-16). Without address and telephone no decision may
# stand on its records: the notice that the law asks for could not be written.
BUREAU = {
    "name_ar": env.text("MITHAQ_BUREAU_NAME_AR", "الشركة السعودية للمعلومات الائتمانية (سمة)"),
    "name_en": env.text("MITHAQ_BUREAU_NAME_EN", "Saudi Credit Bureau (SIMAH)"),
    "address_ar": env.text("MITHAQ_BUREAU_ADDRESS_AR", ""),
    "address_en": env.text("MITHAQ_BUREAU_ADDRESS_EN", ""),
    "phone": env.text("MITHAQ_BUREAU_PHONE", ""),
}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "simple_history",
    "common",
    "accounts",
    "parties",
    "clients",
    "collections_app",
    "legal",
    "credit",
    "complaints",
    "reporting",
    "config.apps.WiringConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "common.middleware.PlainTextMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "accounts.middleware.HouseMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["collections_app.templatetags.trade"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "common.components.context.face",
            ],
        },
    }
]


def database(url: str) -> dict[str, object]:
    """A Django database from its URL: postgresql://user:password@host:port/name?host=/socket/folder."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or query.pop("port", "")),
        # What is asked to keep its plan (``common.db``) is planned when a connection first asks it, and not again.
        "OPTIONS": {**query, "prepare_threshold": 0, "options": "-c plan_cache_mode=force_generic_plan"},
        "CONN_HEALTH_CHECKS": True,
    }


# The application owns nothing; migrations and the making of test databases run as the owner. In tests the owner's
# database is the one that is made, and the application's connection is its mirror: same data, its own rights.
DATABASES = {
    "default": {**database(env.text("DATABASE_URL")), "CONN_MAX_AGE": 600, "TEST": {"MIRROR": "owner"}},
    "owner": {**database(env.text("DATABASE_OWNER_URL")), "TEST": {"DEPENDENCIES": []}},
}
DATABASE_ROLES = {"owner": "mithaq_owner", "app": "mithaq_app", "portal": "mithaq_portal", "backup": "mithaq_backup"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
# The mailbox of complaints and enquiries; without a host none is read.
IMAP = {
    "host": env.text("MITHAQ_IMAP_HOST", ""),
    "port": env.number("MITHAQ_IMAP_PORT", 993),
    "user": env.text("MITHAQ_IMAP_USER", ""),
    "password": env.text("MITHAQ_IMAP_PASSWORD", ""),
    "tls": env.flag("MITHAQ_IMAP_TLS", default=True),
}
# Proxies of our own before the web: whose word for a visitor's address is taken (common/limits.py).
PROXIES = env.number("MITHAQ_PROXIES", 0)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.ClosedAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Wrong passwords are counted by axes; these stop the guessing of codes and the flooding of mailboxes.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "10/5m/key"}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
MFA_ADAPTER = "accounts.adapter.SealedMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Mithaq"
# Addresses are given by an administrator and proven by the invitation's link; there is no other step that verifies one.
MFA_ALLOW_UNVERIFIED_EMAIL = True
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = dt.timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_VERBOSE = False

SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "common.views.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": [SELF],
    }
}

LANGUAGE_CODE = "ar"
LANGUAGES = [("ar", _("Arabic")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Riyadh"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False
FORMAT_MODULE_PATH = ["config.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / ".local" / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("npm/bootstrap", BASE_DIR / "node_modules" / "bootstrap" / "dist" / "css"),
    ("npm/plex", BASE_DIR / "node_modules" / "@fontsource" / "ibm-plex-sans-arabic" / "files"),
]
LUCIDE_ICONS_DIR = BASE_DIR / "node_modules" / "lucide-static" / "icons"
MEDIA_ROOT = BASE_DIR / ".local" / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
IMPORT_MAX_BYTES = env.number("MITHAQ_IMPORT_MAX_BYTES", 200 * 1024 * 1024)

# Where people outside find the pages that messages point to: following what they told us, rating it.
PUBLIC_URL = env.text("MITHAQ_PUBLIC_URL", "http://localhost:8000").rstrip("/")

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("MITHAQ_SMTP_HOST", "localhost")
EMAIL_PORT = env.number("MITHAQ_SMTP_PORT", 25)
EMAIL_HOST_USER = env.text("MITHAQ_SMTP_USER", "")
EMAIL_HOST_PASSWORD = env.text("MITHAQ_SMTP_PASSWORD", "")
EMAIL_USE_TLS = env.flag("MITHAQ_SMTP_TLS", default=False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("MITHAQ_MAIL_FROM", "no-reply@localhost")

# A provider of SMS that takes JSON over HTTP (common/sms.py); without an address SMS wait in the outbox.
SMS_HTTP: dict[str, object] = {
    "url": env.text("MITHAQ_SMS_URL", ""),
    # Headers as JSON: the provider's key stands there. Of the body, {to}, {text} and {key} are filled in.
    "headers": env.mapping("MITHAQ_SMS_HEADERS", "{}"),
    "body": env.mapping("MITHAQ_SMS_BODY", '{"to": "{to}", "text": "{text}"}'),
    "key_header": env.text("MITHAQ_SMS_KEY_HEADER", "Idempotency-Key"),
    # Where its answer names the message: a dotted path.
    "reference": env.text("MITHAQ_SMS_REFERENCE", "id"),
    # It sends once however often it is asked under one key.
    "repeats": env.flag("MITHAQ_SMS_REPEATS", default=False),
    "timeout": 10,
}
SMS_PROVIDER = "common.sms.HttpSms" if SMS_HTTP["url"] else ""


def broker(url: str) -> str:
    """The Redis address as the queue's library writes it: a socket has another scheme, its database another word."""
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")


CELERY_BROKER_URL = broker(REDIS_URL)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# No child is replaced after so many tasks or so much memory: what was handed to one that is leaving is never done, and
# with one child the worker then takes nothing more (seen here with 5.7; celery/celery#4809).
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_ENABLE_UTC = True
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
    "visibility_timeout": 6 * 60 * 60,
    # In seconds. Whoever hands a task to a Redis that stands still, or went without a word, is refused in the end;
    # without a limit a web, beat or worker would wait for ever.
    "socket_timeout": 5,
}

LOG_LEVEL = env.text("MITHAQ_LOG_LEVEL", "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "axes": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["clients.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["clients.api.authentication.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["clients.api.authentication.AccountThrottle"],
    "DEFAULT_THROTTLE_RATES": {"account": f"{env.number('MITHAQ_API_RATE', 300)}/min"},
    "DEFAULT_RENDERER_CLASSES": ["common.api.renderers.ExactJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.api.parsers.ExactJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "common.api.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Mithaq",
    "DESCRIPTION": "For the systems of the agency's clients. docs/api.md says how to call it.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v[0-9]+",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # Several things have a kind; each list of kinds has its own name.
    "ENUM_NAME_OVERRIDES": {
        "NoteKind": "collections_app.api.serializers.SENT_NOTES",
        "SentChannel": "credit.api.serializers.SENT_CHANNELS",
        "OrderKind": "credit.choices.CustomerKind",
        "StopKind": "credit.choices.StopKind",
        "OrderChannel": "credit.choices.OrderChannel",
        "OrderState": "credit.choices.OrderState",
        "MatterKind": "complaints.choices.MatterKind",
        "DisputeKind": "complaints.choices.DisputeKind",
        "MatterOutcome": "complaints.choices.Outcome",
        "DisputeOutcome": "complaints.api.serializers_disputes.OUTCOMES",
        "DisputeState": "complaints.choices.DisputeState",
        "AwaitedDisputeState": "complaints.api.serializers_disputes.TOLD_STATES",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "common.api.schema.closed_bodies",
    ],
}
SIMPLE_HISTORY_HISTORY_ID_USE_UUID = False
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
