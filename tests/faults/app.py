"""The product's Celery application as the campaign runs it: chunks so small that a small book has several."""

from __future__ import annotations

import os
from typing import Any

from celery.signals import worker_process_init

from config.celery import app as app

app.set_current()
app.loader.import_default_modules()

from collections_app.services import stages  # noqa: E402 - the application must stand first

stages.CASES_A_CHUNK = int(os.environ.get("FAULTS_CHUNK", "20"))


@worker_process_init.connect
def name_connections(**_given: Any) -> None:
    """Each child says who it is to PostgreSQL, so that the campaign finds the process behind a waiting statement."""
    os.environ["PGAPPNAME"] = f"child-{os.getpid()}"
