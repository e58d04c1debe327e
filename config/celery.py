"""The Celery application. What runs when stands in ``config/schedule.py``; PostgreSQL holds the truth."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("mithaq")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
