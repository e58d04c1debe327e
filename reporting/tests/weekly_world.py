"""Two weeks of a client, what a paper says, and the same counted row by row."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
from collections import Counter
from decimal import Decimal
from typing import Any

from pypdf import PdfReader

from accounts.choices import Role
from clients.models import Client
from collections_app.models import Case, ContactAttempt, LedgerEntry, Payment, Promise, Receivable
from collections_app.rules.aging import bucket_for
from collections_app.services.cases import cases_assign
from collections_app.services.contacts import contact_record, contact_refused_record
from collections_app.services.ledger import payment_post, payment_reverse
from collections_app.services.nightly import nightly_run
from common import clock
from common.audit import Actor
from reporting.models import Report
from reporting.rules.periods import Calendar
from reporting.rules.weeks import Week
from reporting.services.reports import report_issue
from tests.world import ACTOR, make_client, make_user, place

D = dt.date
WEEK = Week(year=2026, number=40)  # Sunday 27 September to Saturday 3 October


def lived(code: str = "AAA", **names: str) -> Client:
    """Two weeks of one client: debtors of two currencies, contacts, promises kept and missed, money, a reversal."""
    with clock.at(clock.at_riyadh(on=D(2026, 9, 19), time=dt.time(9))):
        client = make_client(code, kind="BANK")
        Client.objects.filter(pk=client.pk).update(**names)
        client.refresh_from_db()
        place(
            client,
            [
                {
                    "debtor_ref": f"{code}-{n}", "receivable_ref": f"R{n}-{k}", "amount": f"{100 * (n + 1) + k}.25",
                    "issued_on": D(2026, 5, 1) + dt.timedelta(days=20 * n),
                    "due_on": D(2026, 5, 1) + dt.timedelta(days=20 * n + 31 * k),
                    "currency": "USD" if n == 5 else "SAR",
                }
                for n in range(7) for k in range(3)
            ],
            placed_on=D(2026, 9, 19),
        )  # fmt: skip
        collector = make_user(Role.COLLECTOR, name=f"{code.lower()}.c")
        cases = list(Case.objects.filter(client=client).order_by("pk"))
        cases_assign(actor=ACTOR, case_ids=[case.pk for case in cases], owner=collector, on=D(2026, 9, 19))
        nightly_run(date=D(2026, 9, 19))
    person = Actor.person(collector)
    for n in range(14):
        day = D(2026, 9, 20) + dt.timedelta(days=n)
        with clock.at(clock.at_riyadh(on=day, time=dt.time(0, 15))):
            nightly_run(date=day)
        case = Case.objects.get(pk=cases[n % 7].pk)
        if day.isoweekday() in {7, 1, 2, 3, 4}:
            with clock.at(clock.at_riyadh(on=day, time=dt.time(10 + n % 5))):
                reached, outcome = (("HOLDER", "PROMISE"), ("NO_ONE", "NO_ANSWER"), ("OTHER", "WRONG_PERSON"))[n % 3]
                more = (
                    {"promise_amount": Decimal(40 + n), "promise_on": day + dt.timedelta(days=2)}
                    if outcome == "PROMISE"
                    else {}
                )
                contact_record(
                    actor=person, user=collector, case=case, channel="PHONE" if n % 2 else "SMS", reached=reached,
                    outcome=outcome, breach_reason="", **more,
                )  # fmt: skip
        else:
            with clock.at(clock.at_riyadh(on=day, time=dt.time(23, 50))):
                contact_refused_record(actor=person, user=collector, case=case, channel="PHONE")
        with clock.at(clock.at_riyadh(on=day, time=dt.time(18))):
            paid = payment_post(
                actor=ACTOR, case=cases[(n - 1) % 7], amount=Decimal(f"{30 + 7 * n}.75"),
                currency=cases[(n - 1) % 7].currency, value_on=day - dt.timedelta(days=n % 2), reference=f"P{n}",
            )  # fmt: skip
            if n == 11:
                payment_reverse(actor=ACTOR, payment=paid, on=day, reason="شيك مرتجع")
    with clock.at(clock.at_riyadh(on=D(2026, 10, 4), time=dt.time(0, 15))):
        nightly_run(date=D(2026, 10, 4))
    return client


def issue(client: Client, language: str = "ar", week: Week = WEEK, **given: str) -> Report:
    return report_issue(actor=ACTOR, client=client, period=week, language=language, **given)


def paper(report: Report) -> str:
    """The text of the PDF, without the marks that only order it and without spaces."""
    pages = PdfReader(io.BytesIO(bytes(report.pdf))).pages
    text = "".join(page.extract_text() for page in pages)
    return "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in {"Cf", "Zs", "Cc"})


def counted(client: Client, week: Calendar) -> dict[str, Any]:
    """The same figures by plain Python over plain rows."""

    def within(day: D) -> bool:
        return week.starts_on <= day <= week.ends_on

    attempts = [
        a for a in ContactAttempt.objects.filter(client=client)
        if within(a.at.astimezone(clock.RIYADH).date()) and a.direction == "OUT"
    ]  # fmt: skip
    made = [a for a in attempts if a.verdict != "REFUSED"]
    promises = list(Promise.objects.filter(client=client))
    due = [p for p in promises if within(p.due_on) and p.status != "CANCELLED"]
    money: dict[str, list[Decimal]] = {}
    for payment in Payment.objects.filter(client=client, reversed_on=None):
        if within(payment.value_on):
            money.setdefault(payment.currency, []).append(payment.amount)
    return {
        "attempts": len(made),
        "reached": sum(a.reached != "NO_ONE" for a in made),
        "right_party": sum(a.reached == "HOLDER" for a in made),
        "breaches": sum(a.verdict == "BREACH" for a in made),
        "made": sum(within(p.made_on) for p in promises),
        "due": len(due),
        "kept": sum(p.status == "KEPT" for p in due),
        "payments": {currency: (len(amounts), str(sum(amounts))) for currency, amounts in money.items()},
        "channels": dict(Counter(a.channel for a in made)),
    }


def aged(client: Client, on: D) -> dict[tuple[str, str], tuple[int, Decimal]]:
    """The open balance by bucket, entry by entry."""
    found: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for receivable in Receivable.objects.filter(client=client):
        entries = LedgerEntry.objects.filter(receivable=receivable, effective_on__lte=on)
        balance = sum((entry.amount for entry in entries), Decimal(0))
        if balance > 0:
            key = (receivable.currency, bucket_for(basis="DUE", days=(on - receivable.due_on).days).code)
            count, amount = found.get(key, (0, Decimal(0)))
            found[key] = (count + 1, amount + balance)
    return found
