"""A checkout on somebody's own machine: demo data, demo sign-ins, the style guide."""

from __future__ import annotations

from config.settings.base import *
from config.settings.base import env

# Off: whoever tries the product sees its own pages for errors. MITHAQ_DEBUG=yes shows Django's.
DEBUG = env.flag("MITHAQ_DEBUG", default=False)
STYLEGUIDE = True
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

env.refuse_unknown()
