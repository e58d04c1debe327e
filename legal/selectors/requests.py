"""Reads of requests to go legal: what waits, and the conditions of each with their evidence."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from collections_app.choices import Verdict
from collections_app.models import EscalationRequest
from collections_app.selectors.cases import late_days, policy_of
from common.components.format import day_text, money_text


def escalation_checks(*, request: EscalationRequest, today: dt.date) -> list[dict[str, Any]]:
    """The conditions of escalation, computed from the rows, each with its evidence (PL-20, first form)."""
    case, language = request.case, get_language() or "ar"
    attempts = case.attempts.exclude(verdict=Verdict.REFUSED)
    reached = attempts.filter(reached="HOLDER").count()
    missed = case.promises.filter(status__in=["MISSED", "PARTLY"]).count()
    open_promise = case.promises.filter(status="OPEN").order_by("due_on").first()
    held = case.holds.filter(from_on__lte=today).exclude(until_on__lt=today).exists()
    policy = policy_of(case=case)
    days = late_days(case=case, today=today)
    total = attempts.count()
    money = money_text(amount=case.balance, currency=case.currency, language=language)
    return [
        {
            "ok": days > policy.default_after_days,
            "what": _("The oldest item is past the day of default"),
            "evidence": _("Day %(days)d; default begins after day %(limit)d")
            % {"days": days, "limit": policy.default_after_days},
        },
        {"ok": case.balance > 0, "what": _("There is a balance to claim"), "evidence": money},
        {
            "ok": total >= 3 and reached >= 1,
            "what": _("Fruitful contact is exhausted"),
            "evidence": _("%(total)d attempts, of them %(reached)d with the account holder")
            % {"total": total, "reached": reached},
        },
        {
            "ok": open_promise is None,
            "what": _("No promise is open"),
            "evidence": _("Promise of %(amount)s for %(day)s")
            % {
                "amount": money_text(amount=open_promise.amount, currency=open_promise.currency, language=language),
                "day": day_text(on=open_promise.due_on, language=language, today=today),
            }
            if open_promise
            else _("%(missed)d promises were missed") % {"missed": missed},
        },
        {
            "ok": not held,
            "what": _("No objection, hardship or other hold"),
            "evidence": _("Checked just now"),
        },
    ]
