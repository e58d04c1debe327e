"""The test suite: real PostgreSQL and Redis, cheap password hashes, a database name of its own."""

from __future__ import annotations

import os
import tempfile
import zlib
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

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
_process = os.environ.get("PYTEST_XDIST_WORKER", "main")
_worker = _process + _suffix


def _own_redis(url: str) -> str:
    """A database of Redis for each process of tests: to clear the cache is to empty one, whatever the prefix says."""
    # Fifteen of the sixteen that a Redis has unless told otherwise; a run beside another has others of them.
    place = int(_process.removeprefix("gw")) + 1 if _process.startswith("gw") else 0
    number = 1 + (zlib.crc32(_suffix.encode()) + place) % 15
    if url.startswith("unix:"):
        return f"{url.partition('?')[0]}?db={number}"
    return urlunsplit(urlsplit(url)._replace(path=f"/{number}"))


CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _own_redis(REDIS_URL),
        "KEY_PREFIX": f"test-{_worker}",
    }
}
CELERY_BROKER_TRANSPORT_OPTIONS = {**CELERY_BROKER_TRANSPORT_OPTIONS, "global_keyprefix": f"test-{_worker}-"}
CELERY_BEAT_SCHEDULE = {}
# Whatever a test uploads stays out of the checkout.
MEDIA_ROOT = Path(tempfile.gettempdir()) / f"mithaq-test-media-{os.getuid()}-{_worker}"

env.refuse_unknown()
