"""The test suite: real PostgreSQL and Redis, cheap password hashes, a database name of its own."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from config.settings.base import *
from config.settings.base import CELERY_BROKER_TRANSPORT_OPTIONS, DATABASES, INSTALLED_APPS, REDIS_URL, STORAGES, env

# As in development (docs/adr/0051).
INSTALLED_APPS = ["fastmig", *INSTALLED_APPS]
DEBUG = False
STYLEGUIDE = True
MITHAQ_DEMO = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", "django.contrib.auth.hashers.Argon2PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

_suffix = os.environ.get("PYTEST_DB_SUFFIX", "")
DATABASES["owner"]["TEST"] = {
    "DEPENDENCIES": [],
    "NAME": f"test_{DATABASES['owner']['NAME']}{'_' + _suffix if _suffix else ''}",
}
DATABASES["default"]["CONN_MAX_AGE"] = 0
_worker = os.environ.get("PYTEST_XDIST_WORKER", "main") + _suffix
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"test-{_worker}",
    }
}
CELERY_BROKER_TRANSPORT_OPTIONS = {**CELERY_BROKER_TRANSPORT_OPTIONS, "global_keyprefix": f"test-{_worker}-"}
CELERY_BEAT_SCHEDULE = {}
# Whatever a test uploads stays out of the checkout.
MEDIA_ROOT = Path(tempfile.gettempdir()) / f"mithaq-test-media-{os.getuid()}-{_worker}"

env.refuse_unknown()
