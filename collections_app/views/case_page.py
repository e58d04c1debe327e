"""The one screen of a case: loaded as its doors load it, drawn as its page and as the tab of what happened."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import allow, user_of
from clients.choices import ActionKind
from collections_app.choices import (
    OPEN_CASE,
    OPEN_ESCALATION,
    Outcome,
    PromiseStatus,
    Reached,
    RequestStatus,
    Track,
)
from collections_app.forms import ContactForm
from collections_app.forms.endings import EndForm, ReopenForm
from collections_app.forms.holds import HoldForm, ObjectionForm
from collections_app.forms.money import NoteForm, PaymentForm, StatementForm
from collections_app.models import Case
from collections_app.policies import (
    can_answer_proposal,
    can_decide_objections,
    can_end_cases,
    can_post_notes,
    can_reverse_payments,
    can_take_recall_back,
    can_work_case,
    cases_visible_to,
)
from collections_app.rules.contact.answers import ANSWERS
from collections_app.selectors import cases as reads
from collections_app.selectors.contact import contact_guard
from collections_app.selectors.default import case_defaults_as_of, defaults_standing
from collections_app.selectors.escalations import escalation_moot
from collections_app.selectors.holds import holds_of
from collections_app.selectors.notes import notes_of
from collections_app.selectors.payments import payments_followed, payments_of
from collections_app.selectors.recalls import recall_standing
from collections_app.selectors.statement import statement_of
from collections_app.selectors.timeline import timeline
from collections_app.views.day import SEES_CASES
from common import clock, slots
from common.components.charts import spans
from common.once import new_key

REVEALED_FOR = 300
CHANNEL_ICONS = {
    "PHONE": "phone",
    "SMS": "message-square",
    "EMAIL": "mail",
    "LETTER": "mailbox",
    "VISIT": "map-pin-off",
}
OUTCOMES = (
    (Outcome.PROMISE, "handshake"),
    (Outcome.PLAN_ASKED, "calendar-range"),
    (Outcome.OBJECTED, "message-square-warning"),
    (Outcome.HARDSHIP, "heart-handshake"),
    (Outcome.CALL_BACK, "phone-call"),
    (Outcome.PAID_ALREADY, "banknote"),
    (Outcome.INFORMED, "info"),
    (Outcome.NO_ANSWER, "phone-missed"),
    (Outcome.SENT, "send"),
    (Outcome.OFFERED, "list-checks"),
    (Outcome.REFUSED, "ban"),
    (Outcome.WRONG_PERSON, "user-x"),
)
# An outcome that can only come with one answer chooses it.
IMPLIES = {outcome: next(iter(answers)) for outcome, answers in ANSWERS.items() if len(answers) == 1}

ANSWER_KEYS = {"HOLDER": "H", "GUARANTOR": "G", "OTHER": "O", "NO_ONE": "X"}
# How many lines a tab shows at once.
PAYMENTS_A_PAGE, LINES_IN_TAB = 15, 100

sees_cases = allow(lambda user: user.role in SEES_CASES)


def case_of(request: HttpRequest, pk: int) -> Case:
    """A case this person may see, with what every page of it reads. Raises Http404 for any other."""
    cases = cases_visible_to(user_of(request)).select_related(
        "client__stage_policy", "debtor__party", "stage__policy", "owner", "authorisation"
    )
    return get_object_or_404(cases, pk=pk)


def workable_case(request: HttpRequest, pk: int) -> Case:
    """A case this person works. Raises Http404 for any other."""
    case = case_of(request, pk)
    if not can_work_case(user_of(request), case):
        raise Http404
    return case


def _timeline(request: HttpRequest, found: Case, today: dt.date) -> dict[str, Any]:
    return {"timeline": timeline(case=found, today=today, user=user_of(request))}


def _payments(request: HttpRequest, found: Case, today: dt.date) -> dict[str, Any]:
    page = Paginator(payments_of(case=found), PAYMENTS_A_PAGE).get_page(request.GET.get("page"))
    return {
        "page": page,
        "followed": payments_followed(payments=list(page)),
        "may_take_back": can_reverse_payments(user_of(request)),
        "may_say_what_for": can_work_case(user_of(request), found),
    }


def _notes(request: HttpRequest, found: Case, today: dt.date) -> dict[str, Any]:
    may_note = can_post_notes(user_of(request))
    context: dict[str, Any] = {"notes": notes_of(case=found), "may_note": may_note}
    if may_note:
        context["note_form"] = NoteForm(case=found, initial={"value_on": today})
    return context


def statement_context(request: HttpRequest, found: Case, today: dt.date) -> dict[str, Any]:
    """The statement as of the day that is asked for; a day that cannot be read is said, and today's is shown."""
    form = StatementForm(request.GET if "as_of" in request.GET else None)
    asked = form.cleaned_data["as_of"] if form.is_valid() else None
    as_of = asked or today
    return {
        "statement_form": form,
        "as_of": as_of,
        "as_of_typed": request.GET["as_of"] if form.errors else as_of.isoformat(),
        "is_past": as_of < today,
        "accounts": statement_of(case=found, as_of=as_of, today=today),
        "defaults_then": case_defaults_as_of(client_id=found.client_id, case_id=found.pk, as_of=as_of),
    }


def _ledger(request: HttpRequest, found: Case, today: dt.date) -> dict[str, Any]:
    return {**statement_context(request, found, today), "newest": f"-{LINES_IN_TAB}:", "most": LINES_IN_TAB}


def _holds(request: HttpRequest, found: Case, today: dt.date) -> dict[str, Any]:
    rows = holds_of(case=found)
    context: dict[str, Any] = {
        "holds": rows,
        "ends_objections": can_decide_objections(user_of(request)),
        "objection_form": ObjectionForm(),
    }
    if rows:
        drawn = spans(
            stretches=[(row.hold.from_on, row.hold.until_on) for row in rows],
            today=today,
            rtl=get_language() == "ar",
        )
        context["drawn"] = drawn
        context["held_rows"] = list(zip(rows, drawn.bars, strict=True))
    if can_work_case(user_of(request), found):
        context["hold_form"] = HoldForm(case=found, initial={"from_on": today})
    return context


TABS = {"timeline": _timeline, "payments": _payments, "notes": _notes, "ledger": _ledger, "holds": _holds}


def _history(request: HttpRequest, found: Case, tab: str) -> dict[str, Any]:
    """What the tabs of a case need, and what the one that is open shows."""
    today = clock.today()
    tab = tab if tab in TABS else "timeline"
    return {
        "case": found,
        "today": today,
        "tab": tab,
        "tabs": [
            ("timeline", _("Timeline")),
            ("payments", _("Payments")),
            ("notes", _("Notes")),
            ("ledger", _("Statement")),
            ("holds", _("Holds")),
        ],
        "works": can_work_case(user_of(request), found) and found.status in OPEN_CASE,
        "form_key": new_key(),
        **TABS[tab](request, found, today),
    }


def case_history(request: HttpRequest, found: Case) -> HttpResponse:
    """The tab that is asked for, alone."""
    context = _history(request, found, request.GET.get("show", ""))
    response = render(request, "collections_app/case/history.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def case_page(request: HttpRequest, found: Case, *, status: int = 422, **given: Any) -> HttpResponse:
    """The whole screen. ``given`` is what a door hands back: a form with its errors, and where it stands."""
    user, today, at = user_of(request), clock.today(), clock.now()
    rows = reads.receivables_of(case=found, today=today)
    guard = contact_guard(case=found, at=at)
    revealed = request.session.get(f"revealed-{found.pk}", 0) > at.timestamp()
    promises = list(found.promises.order_by("-due_on")[:50])
    waiting = found.escalations.filter(status__in=OPEN_ESCALATION).first()
    context = {
        **_history(request, found, str(given.get("tab", request.GET.get("show", "")))),
        "now": at.astimezone(clock.RIYADH),
        "days": reads.late_days(case=found, today=today),
        "next_stage": reads.days_to_next_stage(case=found, today=today),
        "rows": rows,
        "defaults": defaults_standing(case_id=found.pk),
        "policies": reads.policies_of(case=found, rows=rows),
        "age": reads.age_rows(rows=rows, basis=reads.policy_of(case=found).basis, currency=found.currency, today=today),
        "balances": reads.open_balance_by_currency(case=found),
        "points": reads.contact_points_of(case=found, reveal=revealed),
        "identifiers": reads.identifiers_of(case=found, reveal=revealed),
        "revealed": revealed,
        "promises": promises[:6],
        "due_today": any(p.status == PromiseStatus.OPEN and p.due_on == today for p in promises),
        "guard": guard,
        "recall": recall_standing(case=found),
        "takes_recall_back": can_take_recall_back(user),
        "channels": [(name, CHANNEL_ICONS[name]) for name in CHANNEL_ICONS if name != "VISIT"],
        "icons": CHANNEL_ICONS,
        "may_propose": can_work_case(user, found) and found.track == Track.AMICABLE,
        "last_payment": found.payments.filter(reversed_on__isnull=True).order_by("-value_on").first(),
        "outcomes": [
            {
                "value": value,
                "label": value.label,
                "icon": icon,
                "key": n if n < 10 else "",
                "implies": IMPLIES.get(value),
            }
            for n, (value, icon) in enumerate(OUTCOMES, start=1)
        ],
        "answer_keys": ANSWER_KEYS,
        "reached": [(value, label) for value, label in Reached.choices],
        "form": ContactForm(case=found, initial={"channel": "PHONE"}),
        "payment_form": PaymentForm(case=found, initial={"value_on": today, "currency": found.currency}),
        "suggested": _suggested_dates(found, today),
        "takes_back": can_work_case(user, found),
        "ends_cases": can_end_cases(user),
        "ends": list(found.ends.filter(decided=True).select_related("recorded_by").order_by("-recorded_at")[:3]),
        "end_form": EndForm(initial={"on": today}),
        "reopen_form": ReopenForm(),
        "asked": reads.asked_of(case=found),
        "messages_wait": found.requests.filter(kind=ActionKind.MESSAGE, status=RequestStatus.PENDING).exists(),
        "answers": can_answer_proposal(user, found),
        "panels": [panel for make in slots.filled("case_panels") if (panel := make(request, found))],
        "open_request": waiting,
        "request_moot": waiting is not None and escalation_moot(request=waiting),
        **{name: value for name, value in given.items() if name != "tab"},
    }
    response = render(request, "collections_app/case.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _suggested_dates(found: Case, today: dt.date) -> list[tuple[str, dt.date]]:
    """The salary day when it is known, tomorrow, and the next Sunday."""
    dates: list[tuple[str, dt.date]] = []
    salary = found.debtor.salary_day
    if salary:
        month = today.replace(day=1)
        for _ahead in range(2):
            last = (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
            day = month.replace(day=min(salary, last.day))
            if day > today:
                dates.append((_("Salary day"), day))
                break
            month = last + dt.timedelta(days=1)
    dates.append((_("Tomorrow"), today + dt.timedelta(days=1)))
    dates.append((_("Sunday"), today + dt.timedelta(days=(6 - today.weekday()) % 7 or 7)))
    return dates
