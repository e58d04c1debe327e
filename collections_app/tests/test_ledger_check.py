"""The ledger proves itself: sound after any order of acts, and each rule is seen to find what breaks it."""

from __future__ import annotations

import datetime as dt
import io
import json
import random
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from collections_app.choices import DECIDED_ENDS
from collections_app.models import Case, CaseEnd, Hold, Payment, Receivable
from collections_app.selectors.ledger_check import ledger_faults, rules_count
from collections_app.services.holds import hold_place, hold_release
from collections_app.services.ledger import payment_post, payment_reverse
from collections_app.services.life import case_reopen, cases_end, receivables_withdraw
from collections_app.services.nightly import nightly_run
from common import clock
from common.exceptions import Refused
from tests.world import ACTOR, make_client, place

ACTS = ["file", "pay", "pay", "pay", "reverse", "hold", "release", "night", "gap", "end", "reopen", "withdraw"]
FIRST = dt.date(2026, 1, 4)


def checked(*arguments: str) -> dict[str, object]:
    out = io.StringIO()
    try:
        call_command("check_ledger", "--json", *arguments, stdout=out)
    except SystemExit as ended:
        assert ended.code == 1
    return json.loads(out.getvalue())


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 129])
def test_any_order_of_acts_leaves_a_sound_ledger(seed: int) -> None:
    rng = random.Random(seed)
    client = make_client(kind=rng.choice(["TRADE", "BANK"]))
    day, number = FIRST, 0
    for _act in range(45):
        with clock.at(clock.at_riyadh(on=day)):
            act = rng.choice(ACTS)
            cases, debtor = list(Case.objects.order_by("pk")), rng.randrange(4)
            if act == "file":
                number += 1
                issued = day - dt.timedelta(days=rng.randrange(-5, 160))
                place(
                    client,
                    [
                        {
                            "debtor_ref": f"D-{debtor}", "receivable_ref": f"R-{number}", "issued_on": issued,
                            "due_on": issued + dt.timedelta(days=30),
                            "amount": Decimal(rng.randrange(100, 90000)) / 100,
                            "currency": rng.choice(["SAR", "SAR", "USD"]), "disputed": rng.choice(["", "", "yes"]),
                        }
                    ],
                )  # fmt: skip
            elif act == "pay" and cases:
                case = rng.choice(cases)
                try:
                    payment_post(
                        actor=ACTOR, case=case, amount=Decimal(rng.randrange(1, 60000)) / 100, currency="SAR",
                        value_on=day - dt.timedelta(days=rng.choice([0, 0, 3, 40])),
                    )  # fmt: skip
                except Refused as refusal:
                    assert refusal.code == "payment_currency"
            elif act == "reverse" and Payment.objects.filter(reversed_on=None).exists():
                payment = rng.choice(list(Payment.objects.filter(reversed_on=None).order_by("pk")))
                payment_reverse(actor=ACTOR, payment=payment, on=day, reason="شيك مرتجع")
            elif act == "hold" and cases:
                case = rng.choice(cases)
                hold_place(
                    actor=ACTOR, case=case, kind="OBJECTION", reason="يعترض",
                    from_on=day - dt.timedelta(days=rng.randrange(30)),
                    receivable=rng.choice([None, *case.receivables.all()]),
                )  # fmt: skip
            elif act == "release" and Hold.objects.filter(until_on=None).exists():
                hold = rng.choice(list(Hold.objects.filter(until_on=None).order_by("pk")))
                hold_release(actor=ACTOR, hold=hold, until_on=max(day, hold.from_on), reason="حُسم")
            elif act == "end" and cases:
                case = rng.choice(cases)
                end = rng.choice(sorted(DECIDED_ENDS))
                on = max(case.placed_on, day - dt.timedelta(days=rng.randrange(9)))
                cases_end(
                    actor=ACTOR, client_id=client.pk, case_ids=[case.pk, cases[0].pk], end=end,
                    on=max(on, cases[0].placed_on), reason="طلب الجهة",
                )  # fmt: skip
            elif act == "reopen" and CaseEnd.objects.filter(decided=True, reopened_at=None).exists():
                ended = rng.choice(list(CaseEnd.objects.filter(decided=True, reopened_at=None).order_by("pk")))
                case_reopen(actor=ACTOR, case=ended.case, reason="عدلت الجهة")
            elif act == "withdraw" and cases:
                receivable = rng.choice(list(rng.choice(cases).receivables.order_by("pk")))
                receivables_withdraw(
                    actor=ACTOR, client_id=client.pk, receivable_ids=[receivable.pk], reason="ملف خاطئ"
                )  # fmt: skip
            elif act in {"night", "gap"}:
                day += dt.timedelta(days=1 if act == "night" else rng.randrange(2, 40))
                nightly_run(date=day)
        faults = ledger_faults(client_id=client.pk)
        assert faults == [], (act, day)
    assert checked()["ok"] is True
    assert checked("--client", client.code)["rules"] == rules_count()


BREAKS = {
    "a receivable's balance is the sum": "UPDATE collections_app_receivable SET balance = balance + 1",
    "a receivable is open while something": "UPDATE collections_app_receivable SET status = 'PAID', closed_on = due_on",
    "a closed receivable says how": "UPDATE collections_app_receivable SET status = 'SETTLED', closed_on = due_on",
    "a closed receivable has its day": "UPDATE collections_app_receivable SET closed_on = due_on",
    "a payment is its allocations": "UPDATE collections_app_payment SET reversed_amount = 1",
    "an open receivable stands where": "UPDATE collections_app_receivable SET stage_position = 1 WHERE status = 'OPEN'",
    "an open receivable of an opened book": "UPDATE collections_app_receivable SET next_change_on = issued_on",
    "a case's balance is that": "UPDATE collections_app_case SET balance = balance + 1",
    "a case is closed when nothing": "UPDATE collections_app_case SET status = 'PAID'",
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rule", BREAKS)
def test_each_rule_finds_what_breaks_it(rule: str) -> None:
    client = make_client(kind="TRADE")
    issued = clock.today() - dt.timedelta(days=100)
    row = {"debtor_ref": "D", "receivable_ref": "R", "issued_on": issued, "due_on": issued, "amount": "100.00"}
    place(client, [row])
    nightly_run(date=clock.today())
    payment_post(actor=ACTOR, case=Case.objects.get(), amount=Decimal("30.00"), currency="SAR", value_on=clock.today())
    assert ledger_faults() == []
    with connections["owner"].cursor() as owner:
        owner.execute("ALTER TABLE collections_app_payment DISABLE TRIGGER payment_proven")
        owner.execute(BREAKS[rule])
        owner.execute("ALTER TABLE collections_app_payment ENABLE TRIGGER payment_proven")
    assert Receivable.objects.count() == 1
    found = checked()
    assert found["ok"] is False
    assert any(fault["rule"].startswith(rule) and fault["count"] == 1 for fault in found["faults"])  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_client_nobody_knows_is_said() -> None:
    with pytest.raises(CommandError, match="There is no client NOBODY"):
        call_command("check_ledger", "--client", "NOBODY")
