"""The settings of the campaign's workers and webs: a checkout's own, with uploads in the campaign's folder."""

from __future__ import annotations

import os

from config.settings.dev import *
from config.settings.dev import CELERY_BROKER_TRANSPORT_OPTIONS

MEDIA_ROOT = os.environ["FAULTS_MEDIA"]
# How long Redis keeps a message that a worker took and never acknowledged.
if "FAULTS_VISIBILITY" in os.environ:
    CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] = int(os.environ["FAULTS_VISIBILITY"])
