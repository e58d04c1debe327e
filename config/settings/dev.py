"""A checkout on somebody's own machine: demo data, demo sign-ins, the style guide."""

from __future__ import annotations

from config.settings.base import *
from config.settings.base import env

DEBUG = env.flag("MITHAQ_DEBUG", default=True)
STYLEGUIDE = True
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

env.refuse_unknown()
