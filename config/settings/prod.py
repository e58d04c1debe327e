"""Production: refuses to start with anything unsafe."""

from __future__ import annotations

import base64

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *
from config.settings.base import ALLOWED_HOSTS, CSRF_TRUSTED_ORIGINS, DATABASES, IMAP, SECRET_KEY, SMS_HTTP, env

CLOCK_MAY_BE_SET = False
MITHAQ_DEMO = env.flag("MITHAQ_DEMO", default=False)
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

KEYS = ("MASTER_KEY", "AUDIT_SIGNING_KEY")
env.require_given("SECRET_KEY", *KEYS, "DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "MITHAQ_ALLOWED_HOSTS")
if env.flag("MITHAQ_DEBUG", default=False):
    raise ImproperlyConfigured("MITHAQ_DEBUG has no place in production.")
if MITHAQ_DEMO:
    raise ImproperlyConfigured("MITHAQ_DEMO has no place in production: demo accounts skip the second factor.")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith(("django-insecure", "change-me")):
    raise ImproperlyConfigured("SECRET_KEY must be long, random and your own.")
for name in KEYS:
    try:
        key = base64.b64decode(env.text(name), validate=True)
    except ValueError:
        key = b""
    if len(key) != 32 or len(set(key)) < 5:
        raise ImproperlyConfigured(f"{name} must be 32 random bytes in base64.")
if IMAP["host"] and not IMAP["tls"]:
    raise ImproperlyConfigured("MITHAQ_IMAP_TLS: the mailbox is read over TLS.")
if not ALLOWED_HOSTS or any("*" in host or host.startswith(".") for host in ALLOWED_HOSTS):
    raise ImproperlyConfigured("MITHAQ_ALLOWED_HOSTS must name each host.")
if not all(origin.startswith("https://") for origin in CSRF_TRUSTED_ORIGINS):
    raise ImproperlyConfigured("MITHAQ_TRUSTED_ORIGINS must be https addresses.")
if DATABASES["default"]["USER"] == DATABASES["owner"]["USER"]:
    raise ImproperlyConfigured("DATABASE_URL must not sign in as the owner: the application owns nothing.")
if not PUBLIC_URL.startswith("https://"):
    raise ImproperlyConfigured("MITHAQ_PUBLIC_URL must be the https address that people outside reach.")
if SMS_HTTP["url"] and not str(SMS_HTTP["url"]).startswith("https://"):
    raise ImproperlyConfigured("MITHAQ_SMS_URL must be an https address.")

env.refuse_unknown()
