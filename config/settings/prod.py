"""Production: refuses to start with anything unsafe."""

from __future__ import annotations

import base64

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *
from config.settings.base import ALLOWED_HOSTS, MASTER_KEY, SECRET_KEY, env

CLOCK_MAY_BE_SET = False
MITHAQ_DEMO = env.flag("MITHAQ_DEMO", default=False)
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

if env.flag("MITHAQ_DEBUG", default=False):
    raise ImproperlyConfigured("MITHAQ_DEBUG has no place in production.")
if MITHAQ_DEMO:
    raise ImproperlyConfigured("MITHAQ_DEMO has no place in production: demo accounts skip the second factor.")
if len(SECRET_KEY) < 50 or SECRET_KEY.startswith(("django-insecure", "change-me")):
    raise ImproperlyConfigured("SECRET_KEY must be long, random and your own.")
if len(base64.b64decode(MASTER_KEY)) != 32:
    raise ImproperlyConfigured("MASTER_KEY must be 32 random bytes in base64.")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("MITHAQ_ALLOWED_HOSTS must name the hosts.")

env.refuse_unknown()
