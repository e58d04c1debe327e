"""The one timetable: which nightly steps run in which order, and when the workers are woken."""

from __future__ import annotations

import datetime as dt
from typing import Any

from celery.schedules import crontab
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Name, function and words of each step. A step is told client_id, day, since (the book's date before the run) and
# whether the day is the last of the run; it returns how many rows it wrote.
NIGHTLY_STEPS: tuple[tuple[str, str, str | Promise], ...] = (
    # Promises first: whether they were kept belongs to the figures of the day that is closed next.
    ("promises", "collections_app.services.nightly.step_promises", _("Judge promises")),
    ("late", "reporting.services.rollups.step_late", _("Days of which something was told late")),
    ("close", "reporting.services.rollups.step_close", _("Close the day before")),
    ("open", "collections_app.services.nightly.step_open", _("Apply what is due")),
    ("recalls", "collections_app.services.recalls.step_recalls", _("Recalls whose notice ends")),
    # A version whose first day has come rules before anything is aged on that day.
    ("policies", "collections_app.services.restaging.step_policies", _("Policies that begin")),
    ("age", "collections_app.services.nightly.step_age", _("Holds, ages and stages")),
    # What is past its terms or in default since today stops credit today.
    ("credit_stops", "credit.services.stops.step_stops", _("Stops of credit")),
    ("tasks", "collections_app.services.nightly.step_tasks", _("Stage actions")),
    ("claims", "legal.services.legal_tasks.step_claims", _("Claims beside the ledger")),
    ("limitations", "legal.services.limitations.step_limitations", _("Limitations that end")),
    ("authorisations", "legal.services.authorisations.step_authorisations", _("Authorisations that end")),
    # What was told to be invoiced stands by now, or its reservation runs out.
    ("credit_orders", "credit.services.orders.step_orders", _("Orders invoiced or run out")),
    ("rollup", "reporting.services.rollups.step_rollup", _("Figures of the day")),
)

# What a step stands on, within one day: a partial run (``nightly --steps``) brings it along.
NIGHTLY_NEEDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("close", ("promises",)),
    ("recalls", ("open",)),
    ("policies", ("open",)),
    ("age", ("open", "policies")),
    ("credit_stops", ("age",)),
    ("tasks", ("age",)),
    ("authorisations", ("open",)),
    ("credit_orders", ("open",)),
)

# 00:15 in Riyadh: the day before is over everywhere in the Kingdom.
NIGHT_AT = dt.time(0, 15)

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "nightly": {
        "task": "collections.nightly",
        "schedule": crontab(hour=str(NIGHT_AT.hour), minute=str(NIGHT_AT.minute)),
    },
    "nightly-sweep": {"task": "collections.nightly_sweep", "schedule": 60.0, "options": {"expires": 55}},
    "import-sweep": {"task": "collections.import_sweep", "schedule": 300.0, "options": {"expires": 290}},
    "incoming-sweep": {"task": "collections.incoming_sweep", "schedule": 300.0, "options": {"expires": 290}},
    "restage-sweep": {"task": "collections.restage_sweep", "schedule": 300.0, "options": {"expires": 290}},
    # Cheap while nothing is due: one look at a partial index.
    "clocks-tick": {"task": "clocks.tick", "schedule": 60.0, "options": {"expires": 55}},
    "audit-seal": {"task": "audit.seal", "schedule": 1.0, "options": {"expires": 1}},
    "audit-anchor": {"task": "audit.anchor", "schedule": crontab(hour="*", minute="5")},
    "audit-verify-sweep": {"task": "audit.verify_sweep", "schedule": 600.0, "options": {"expires": 590}},
    "outbox-sweep": {"task": "outbox.sweep", "schedule": 60.0, "options": {"expires": 55}},
    # Nothing at all where no mailbox is set up.
    "complaints-mail": {"task": "complaints.mail", "schedule": 60.0, "options": {"expires": 55}},
    # What was to be done by yesterday; and on the first of a month the reports of the one before.
    "complaints-learning": {"task": "complaints.learning", "schedule": crontab(hour="6", minute="30")},
    "forms-forget": {"task": "forms.forget", "schedule": crontab(hour="3", minute="40")},
    # Sunday 06:00: the week that ended on Saturday.
    "weekly-reports": {"task": "reporting.weekly", "schedule": crontab(hour="6", minute="0", day_of_week="0")},
    # The links of views that people keep: what one hour misses the next makes up for.
    "board-links": {"task": "reporting.boards", "schedule": crontab(hour="6-20", minute="45")},
    # Every morning: what is due of months, quarters and new portfolios; on most of them nothing.
    "due-reports": {"task": "reporting.due", "schedule": crontab(hour="6", minute="15")},
    "report-sweep": {"task": "reporting.sweep", "schedule": 60.0, "options": {"expires": 55}},
}
