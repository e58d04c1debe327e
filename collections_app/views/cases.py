"""A case on one screen, and what is done there."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from accounts.services.users import access_record
from collections_app.choices import OPEN_CASE, OPEN_ESCALATION, Outcome, PromiseStatus, Reached, Track
from collections_app.forms import ContactForm, EscalationForm, HoldForm, PaymentForm, ReleaseForm
from collections_app.models import Case, EscalationRequest, Hold
from collections_app.policies import LEADS, can_end_hold, can_propose_escalation, can_work_case, cases_visible_to
from collections_app.rules.contact.answers import ANSWERS
from collections_app.selectors import cases as reads
from collections_app.selectors.contact import contact_guard
from collections_app.services.contacts import contact_record, contact_refused_record
from collections_app.services.escalations import escalation_propose, escalation_withdraw
from collections_app.services.holds import hold_place, hold_release
from collections_app.services.ledger import payment_post
from collections_app.views.day import SEES_CASES
from common import clock
from common.audit import Actor
from common.exceptions import Refused
from common.forms import blame
from common.once import new_key, once

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
    (Outcome.REFUSED, "ban"),
    (Outcome.WRONG_PERSON, "user-x"),
)
# An outcome that can only come with one answer chooses it.
IMPLIES = {outcome: next(iter(answers)) for outcome, answers in ANSWERS.items() if len(answers) == 1}

ANSWER_KEYS = {"HOLDER": "H", "GUARANTOR": "G", "OTHER": "O", "NO_ONE": "X"}

sees_cases = allow(lambda user: user.role in SEES_CASES)


def _case(request: HttpRequest, pk: int) -> Case:
    """A case this person may see, with what every page of it reads."""
    cases = cases_visible_to(user_of(request)).select_related(
        "client__stage_policy", "debtor__party", "stage", "owner", "authorisation"
    )
    return get_object_or_404(cases, pk=pk)


def _workable(request: HttpRequest, pk: int) -> Case:
    case = _case(request, pk)
    if not can_work_case(user_of(request), case):
        raise Http404
    return case


@require_GET
@sees_cases
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """Who, how much, how old, what happened, what is allowed now, and the next action."""
    return _page(request, _case(request, pk))


def _page(request: HttpRequest, found: Case, **given: Any) -> HttpResponse:
    user, today, at = user_of(request), clock.today(), clock.now()
    rows = reads.receivables_of(case=found, today=today)
    guard = contact_guard(case=found, at=at)
    works = can_work_case(user, found) and found.status in OPEN_CASE
    revealed = request.session.get(f"revealed-{found.pk}", 0) > at.timestamp()
    points = reads.contact_points_of(case=found, reveal=revealed)
    next_stage = reads.days_to_next_stage(case=found, today=today)
    promises = list(found.promises.order_by("-due_on")[:50])
    context = {
        "case": found,
        "today": today,
        "now": at.astimezone(clock.RIYADH),
        "days": reads.late_days(case=found, today=today),
        "next_stage": next_stage,
        "rows": rows,
        "age": reads.age_rows(rows=rows, basis=found.client.stage_policy.basis, currency=found.currency),
        "balances": reads.open_balance_by_currency(case=found),
        "tab": request.GET.get("show", "timeline"),
        "timeline": reads.timeline(case=found, today=today),
        "ledger": reads.ledger_of(case=found)[:200] if request.GET.get("show") == "ledger" else None,
        "holds": found.holds.order_by("-from_on"),
        "ends_objections": user.role in LEADS,
        "points": points,
        "identifiers": reads.identifiers_of(case=found, reveal=revealed),
        "revealed": revealed,
        "promises": promises[:6],
        "due_today": any(p.status == PromiseStatus.OPEN and p.due_on == today for p in promises),
        "guard": guard,
        "channels": [(name, CHANNEL_ICONS[name]) for name in CHANNEL_ICONS if name != "VISIT"],
        "icons": CHANNEL_ICONS,
        "works": works,
        "may_propose": can_propose_escalation(user, found) and found.track == Track.AMICABLE,
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
        "form_key": new_key(),
        "form": ContactForm(case=found, initial={"channel": "PHONE"}),
        "payment_form": PaymentForm(case=found, initial={"value_on": today, "currency": found.currency}),
        "hold_form": HoldForm(initial={"from_on": today}),
        "suggested": _suggested_dates(found, today),
        "takes_back": can_work_case(user, found),
        "open_request": found.escalations.filter(status__in=OPEN_ESCALATION).first(),
    }
    status = 422 if given else 200
    return render(request, "collections_app/case.html", {**context, **given}, status=status)


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


@require_POST
@sees_cases
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what came of a contact, with the promise or call back it brought."""
    found = _workable(request, pk)
    user = user_of(request)
    form = ContactForm(request.POST, case=found)
    if form.is_valid():

        def act() -> HttpResponseRedirectBase:
            contact_record(actor=Actor.person(user), user=user, case=found, **form.cleaned_data)
            messages.success(request, _("Recorded"))
            if "next" in request.POST:
                return redirect(f"{reverse('next_case')}?after={found.pk}")
            return redirect("case", found.pk)

        try:
            return once(request, act)
        except Refused as refusal:
            for name, target in (("amount", "promise_amount"), ("due_on", "promise_on")):
                if name in refusal.fields:
                    refusal.fields[target] = refusal.fields.pop(name)
            blame(form, refusal)
            return _page(request, found, form=form, ask_breach=refusal.code == "breach_reason")
    return _page(request, found, form=form)


@require_POST
@sees_cases
def refused(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody pressed a closed channel: the refusal is kept, nothing is counted."""
    found = _workable(request, pk)
    channel = request.POST.get("channel", "")
    if channel not in CHANNEL_ICONS:
        raise Http404
    user = user_of(request)

    def act() -> HttpResponseRedirectBase:
        attempt = contact_refused_record(actor=Actor.person(user), user=user, case=found, channel=channel)
        if attempt is None:
            messages.success(request, _("This channel is open now."))
        else:
            messages.success(request, _("Not allowed now; written down, no attempt was counted."))
        return redirect("case", found.pk)

    return once(request, act)


@require_POST
@sees_cases
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the masked values for five minutes; the look is written down first."""
    found = _workable(request, pk)
    access_record(user=user_of(request), what="case.reveal", subject=found)
    request.session[f"revealed-{found.pk}"] = clock.now().timestamp() + REVEALED_FOR
    return redirect("case", found.pk)


@require_POST
@sees_cases
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    """Record money that came."""
    found = _workable(request, pk)
    user = user_of(request)
    form = PaymentForm(request.POST, case=found)
    if form.is_valid():

        def act() -> HttpResponseRedirectBase:
            posted = payment_post(actor=Actor.person(user), case=found, user=user, **form.cleaned_data)
            if posted.suspense:
                messages.success(request, _("Recorded; %(amount)s stays in suspense.") % {"amount": posted.suspense})
            else:
                messages.success(request, _("Payment recorded"))
            return redirect("case", found.pk)

        try:
            return once(request, act)
        except Refused as refusal:
            blame(form, refusal)
    return _page(request, found, payment_form=form, open_panel="payment")


@require_POST
@sees_cases
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause the case with its reason."""
    found = _workable(request, pk)
    form = HoldForm(request.POST)
    if form.is_valid():

        def act() -> HttpResponseRedirectBase:
            hold_place(actor=Actor.person(user_of(request)), case=found, **form.cleaned_data)
            messages.success(request, _("On hold"))
            return redirect("case", found.pk)

        try:
            return once(request, act)
        except Refused as refusal:
            blame(form, refusal)
    return _page(request, found, hold_form=form, open_panel="hold", tab="holds")


@require_POST
@sees_cases
def release(request: HttpRequest, pk: int, hold_pk: int) -> HttpResponse:
    """End a hold."""
    found = _workable(request, pk)
    standing = get_object_or_404(Hold.objects.select_related("case"), pk=hold_pk, case=found)
    if not can_end_hold(user_of(request), standing):
        return _page(request, found, tab="holds")
    form = ReleaseForm(request.POST)
    if form.is_valid():
        try:
            hold_release(actor=Actor.person(user_of(request)), hold=standing, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The hold has ended"))
            return redirect(f"{reverse('case', args=[found.pk])}?show=holds")
    return _page(request, found, release_form=form, releasing=standing.pk, tab="holds")


@require_POST
@sees_cases
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the case's unanswered request back, with a reason."""
    found = _workable(request, pk)
    waiting = found.escalations.filter(status__in=OPEN_ESCALATION).first()
    if waiting is None:
        messages.error(request, _("No request of this case waits for an answer."))
        return redirect("case", found.pk)
    try:
        escalation_withdraw(user=user_of(request), request=waiting, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        return _page(request, found, withdraw_error=str(refusal.message))
    messages.success(request, _("The request is withdrawn"))
    return redirect("case", found.pk)


@require_http_methods(["GET", "POST"])
@sees_cases
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose legal escalation for one case, with its computed conditions beside the form."""
    found = _workable(request, pk)
    user = user_of(request)
    form = EscalationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            escalation_propose(user=user, case=found, **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The request is with the manager"))
            return redirect("case", found.pk)
    checks = reads.escalation_checks(request=EscalationRequest(case=found), today=clock.today())
    return render(
        request,
        "collections_app/propose.html",
        {"case": found, "form": form, "checks": checks},
        status=422 if form.errors else 200,
    )
