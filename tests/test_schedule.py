"""The timetable names only what there is."""

from __future__ import annotations

import pytest
from django.utils.module_loading import import_string

from common import anchors
from common.tasks import audit_anchor_task
from config.celery import app
from config.schedule import BEAT_SCHEDULE, NIGHTLY_STEPS
from tests.world import make_client


@pytest.mark.requirement("DC-04")
def test_every_entry_of_the_timetable_is_a_task() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in BEAT_SCHEDULE.values()} <= set(app.tasks)
    assert {"nightly", "weekly-reports", "audit-seal", "audit-anchor"} <= set(BEAT_SCHEDULE)


def test_every_step_of_the_night_is_a_function() -> None:
    found = [import_string(path) for _name, path, *_more in NIGHTLY_STEPS]
    assert all(callable(getattr(step, "parts", getattr(step, "work", step))) for step in found)


@pytest.mark.django_db
def test_the_head_of_the_chain_is_signed_on_schedule() -> None:
    assert audit_anchor_task() == ""
    make_client()
    assert not anchors.anchor_fault(anchor=anchors.Anchor.parse(audit_anchor_task()))
