"""A checkout on somebody's own machine: demo data, demo sign-ins, the style guide."""

from __future__ import annotations

from config.settings.base import *
from config.settings.base import INSTALLED_APPS, env

# A new database is migrated in a tenth of the time; production keeps to Django's own way (docs/adr/0051).
INSTALLED_APPS = ["fastmig", *INSTALLED_APPS]
# Off: whoever tries the product sees its own pages for errors. MITHAQ_DEBUG=yes shows Django's.
DEBUG = env.flag("MITHAQ_DEBUG", default=False)
STYLEGUIDE = True
# Without a mail server of its own a checkout prints its mails, invitations too, among what the web says.
if not env.given("MITHAQ_SMTP_HOST"):
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
# And its SMS.
if not env.given("MITHAQ_SMS_URL"):
    SMS_PROVIDER = "common.sms.ShownSms"

env.refuse_unknown()
