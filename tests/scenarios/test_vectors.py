"""What other products expect of the same events, and ours beside it.

The vectors are facts about other products and stand outside the repository (``../shared``); without them these tests
skip. Where our rules say something else, the difference is named here with its reason, and in
docs/measurements/vectors.md. A difference that nobody named fails.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from collections_app.selectors.standing import standing_as_of
from tests.twin import Twin

SHARED = Path(os.environ.get("SHARED", Path(settings.BASE_DIR).parent / "shared")) / "data"
DELINQUENCY, DUNNING = SHARED / "vectors-delinquency", SHARED / "vectors-dunning"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DELINQUENCY.is_dir() or not DUNNING.is_dir(), reason="no shared vectors on this machine"),
]
# First day late of each of their ranges, and its name, as positions of a ladder by due date (position 0: none).
RANGES = ((1, "RANGE_1"), (4, "RANGE_3"), (31, "RANGE_30"), (61, "RANGE_60"), (91, "RANGE_90"), (121, "RANGE_120"))


def day_of(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


# ---- delinquency: a loan of four instalments, paused and resumed

GRACE = (
    "They show no instalment before the loan itself is past its three days of grace. Ours has no grace: an instalment "
    "is late on the day after it was due."
)
DUE_IN_PAUSE = (
    "An instalment that fell due inside the pause: on the first day after it they count no day yet, ours counts one, "
    "as for any other receivable on the first day that counts."
)
PAUSE_BEFORE_DUE = (
    "They take the days of a pause off an instalment that fell due after it had ended (13 days late shown as 3). Ours "
    "takes off frozen days after the due date alone (spec B)."
)
FULL, AGAIN = "Verify Loan delinquency pause E2E - full PAUSE period", "RESUME and second PAUSE"
DIFFERENCES = {
    (FULL, "2023-10-02"): GRACE,
    (FULL, "2023-10-04"): GRACE,
    (FULL, "2023-10-31"): DUE_IN_PAUSE,
    (AGAIN, "2023-11-13"): PAUSE_BEFORE_DUE,
    (AGAIN, "2023-11-14"): PAUSE_BEFORE_DUE,
    (AGAIN, "2023-11-30"): PAUSE_BEFORE_DUE,
    (AGAIN, "2023-12-01"): DUE_IN_PAUSE,
}


class Loan:
    """The disbursed loan as receivables of one debt: a quarter at once, the rest in equal parts."""

    def __init__(self, *, first: dt.date, every: int) -> None:
        self.twin = Twin(start=first, kind="BANK", code="LOAN")
        self.twin.policy(starts_on=first, basis="DUE", firsts=[n for n, _name in RANGES], after=90)
        self.twin.night()
        self.first, self.every = first, every
        self.pauses: list[str] = []

    def disburse(self, amount: Decimal) -> None:
        part = (amount / 4).quantize(Decimal("0.01"))
        self.twin.place([
            {
                "ref": f"I{n}", "case": "D", "debt": "D/1", "issued_on": self.first,
                "due_on": self.first + dt.timedelta(days=self.every * n), "amount": part, "currency": "EUR",
            }
            for n in range(4)
        ])  # fmt: skip

    def to(self, day: dt.date) -> None:
        if day > self.twin.today:
            self.twin.wait((day - self.twin.today).days)
            self.twin.night()

    def pay(self, amount: Decimal, day: dt.date) -> None:
        self.twin.pay("D", f"P-{day}", amount, day, currency="EUR")

    def charge(self, amount: Decimal, due: dt.date) -> None:
        """A fee on the instalment in whose period it falls due."""
        ref = next(f"I{n}" for n in range(4) if self.first + dt.timedelta(days=self.every * n) >= due)
        self.twin.note(ref, "FEE", amount, self.twin.today, "FEE")

    def pause(self, start: dt.date, end: dt.date) -> None:
        name = f"H{len(self.pauses)}"
        self.twin.hold(name, "D", start, end, frozen=True)
        self.pauses.append(name)

    def instalments(self) -> dict[str, Decimal]:
        """What is late, by their ranges."""
        found: dict[str, Decimal] = {}
        for one in standing_as_of(client_id=self.twin.client.pk, as_of=self.twin.today):
            if one.position > 0:
                name = RANGES[one.position - 1][1]
                found[name] = found.get(name, Decimal(0)) + one.balance
        return found


def expected(rows: list[dict[str, str]]) -> dict[str, Decimal]:
    return {row["range"]: Decimal(row["amount"]) for row in rows}


def played(scenario: dict[str, Any]) -> list[tuple[str, dict[str, Decimal], dict[str, Decimal]]]:
    """Day, theirs, ours: for every answer they give about instalments. A resume rewrites the pause before it."""
    events = scenario["events"]
    resumes = [day_of(e["resume"]["start"]) for e in events if "resume" in e]
    words = next(e["loan"] for e in events if "loan" in e)
    found, loan = [], None
    today = day_of(events[0]["set_business_date"])
    for event in events:
        if "set_business_date" in event:
            today = day_of(event["set_business_date"])
            if loan:
                loan.to(today)
        elif "disburse" in event:
            loan = Loan(first=day_of(event["disburse"]["date"]), every=int(words["every"].split()[0]))
            loan.disburse(Decimal(event["disburse"]["amount"]))
        elif "repayment" in event and loan:
            loan.pay(Decimal(event["repayment"]["amount"]), day_of(event["repayment"]["date"]))
        elif "charge" in event and loan:
            loan.charge(Decimal(event["charge"]["amount"]), day_of(event["charge"]["due"]))
        elif "pause" in event and loan:
            start, end = day_of(event["pause"]["start"]), day_of(event["pause"]["end"])
            inside = [r for r in resumes if start <= r <= end]
            # Ours is told its last day when it is known; theirs is cut short by a second action.
            loan.pause(start, inside[0] if inside else end)
        elif "expect_installment_level" in event and loan:
            loan.twin.compare()
            found.append((today.isoformat(), expected(event["expect_installment_level"]), loan.instalments()))
    return found


def named(title: str, day: str) -> str | None:
    return next((why for (end, on), why in DIFFERENCES.items() if title.endswith(end) and on == day), None)


def scenarios() -> list[Any]:
    if not DELINQUENCY.is_dir():
        return []
    found = read(DELINQUENCY / "fineract_delinquency_share.json")["scenarios"]
    return [
        pytest.param(s, id=s["title"][7:70]) for s in found if any("expect_installment_level" in e for e in s["events"])
    ]


@pytest.mark.requirement("CM-40", "CM-41")
@pytest.mark.parametrize("scenario", scenarios())
def test_a_loan_that_is_paused_and_resumed(scenario: dict[str, Any]) -> None:
    answers = played(scenario)
    assert answers
    for day, theirs, ours in answers:
        why = named(scenario["title"], day)
        assert (theirs != ours) is (why is not None), (day, theirs, ours, why)


def test_the_days_of_the_pause_itself() -> None:
    """Their list of pauses after a resume is our list of holds with their last days."""
    for case in read(DELINQUENCY / "fineract_pause_effective_periods.json")["cases"]:
        resumes = [day_of(start) for kind, start, _end in case["actions"] if kind == "RESUME"]
        pauses = [(day_of(s), day_of(e)) for kind, s, e in case["actions"] if kind == "PAUSE"]
        ours = [(s, min([e, *(r for r in resumes if s <= r <= e)])) for s, e in pauses]
        assert ours == [(day_of(s), day_of(e)) for s, e in case["effective"]]


def aged(twin: Twin) -> dict[str, tuple[int, int]]:
    """Position and days late of what is open today."""
    return {
        s.receivable_ref: (s.position, (twin.today - s.due_on).days)
        for s in standing_as_of(client_id=twin.client.pk, as_of=twin.today)
    }


def test_days_late_of_single_points() -> None:
    with (DELINQUENCY / "fineract_unit_points.csv").open(encoding="utf-8") as lines:
        points = [row for row in csv.DictReader(lines) if not row["chargeback_offset_days"]]
    assert len(points) == 3
    for n, point in enumerate(points):
        twin = Twin(start=dt.date(2026, 3, 1), kind="BANK", code=f"U{n}")
        due = twin.day(int(point["due_offset_days_from_today"]))
        twin.place(
            [{"ref": "R", "case": "D", "debt": "D/1", "issued_on": twin.day(-40), "due_on": due, "amount": "1000"}]
        )
        twin.night()
        position, late = aged(twin)["R"]
        assert max(0, late) == int(point["expected_delinquent_days"])
        assert (position > 0) is (late > 0)


# ---- dunning: levels of 5, 20 and 40 days late


def test_the_levels_of_a_dunning() -> None:
    vector = read(DUNNING / "tryton_dunning_timeline.json")
    firsts = [level["overdue_days"] for level in vector["procedure_levels"]]
    assert firsts == [5, 20, 40]
    twin = Twin(start=dt.date(2026, 1, 4), kind="BANK", code="DUN")
    twin.policy(starts_on=twin.today, basis="DUE", firsts=firsts, after=90)
    due = twin.today
    twin.place([
        {"ref": ref, "case": "D", "debt": "D/1", "issued_on": due, "due_on": due, "amount": "100.00"}
        for ref in ("L1", "L2")
    ])  # fmt: skip
    twin.night()
    twin.pay("D", "P-1", Decimal("100.00"), due, {"L1": Decimal("100.00")})

    def to(day: int) -> dict[str, int]:
        twin.wait(day - (twin.today - due).days)
        twin.night()
        twin.compare()
        return {ref: position for ref, (position, _late) in aged(twin).items()}

    assert to(4) == {"L2": 0}  # theirs: nothing
    assert to(5) == {"L2": 1}  # theirs: level 1
    assert to(19) == {"L2": 1}
    # Theirs stays at level 1 on day 30, until its draft is processed, and then rises one level at a time. A stage of
    # ours is the age alone: day 30 is past 20. What was done about it stands in the tasks.
    assert to(30) == {"L2": 2}
    twin.hold("blocked", "D", twin.today)
    assert to(45) == {"L2": 2}  # theirs: blocked, no escalation
    twin.release("blocked", twin.day(-1))
    assert to(46) == {"L2": 3}
    twin.pay("D", "P-2", Decimal("100.00"), twin.today, {"L2": Decimal("100.00")})
    assert to(50) == {}  # theirs: nothing, the line is paid


def test_net_days_begin_on_their_day() -> None:
    """``net_days``: due + delay <= run date. Ours: a stage whose first day is the delay."""
    with (DUNNING / "oca_boundaries.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["mode"] == "net_days"]
    assert len(rows) == 6
    for n, row in enumerate(rows):
        due, first = day_of(row["due_or_previous_date"]), day_of(row["first_run_date_that_triggers"])
        twin = Twin(start=due, kind="BANK", code=f"N{n}")
        twin.policy(starts_on=due, basis="DUE", firsts=[int(row["delay_days"])], after=90)
        twin.place([{"ref": "R", "case": "D", "debt": "D/1", "issued_on": due, "due_on": due, "amount": "500.00"}])
        twin.night()
        twin.wait((first - due).days - 1)
        twin.night()
        assert aged(twin)["R"][0] == 0
        twin.wait(1)
        twin.night()
        assert aged(twin)["R"][0] == 1


def test_money_and_notes_on_terms() -> None:
    """An invoice in three terms: the payment fills the oldest, and so does the credit note that follows the money."""
    case = next(c for c in read(DUNNING / "erpnext_ar_report.json")["cases"] if c["case"].startswith("terms 30/50/20"))
    twin = Twin(start=dt.date(2026, 3, 1), kind="BANK", code="TERMS")
    twin.night()
    twin.place([
        {
            "ref": f"T{n}", "case": "D", "debt": "D/1", "issued_on": twin.today,
            "due_on": twin.day(30 * (n + 1)), "amount": Decimal(amount),
        }
        for n, (_total, amount) in enumerate(case["expect_rows"])
    ])  # fmt: skip
    twin.pay("D", "P", Decimal(case["then_payment"]), twin.today)
    twin.compare()
    left = [twin.book.balance(f"T{n}", twin.today) for n in range(3)]
    assert [owed for owed in left if owed] == [row[3] for row in case["expect_after_payment"]]


def test_the_last_halala_is_still_owed() -> None:
    case = next(
        c for c in read(DUNNING / "erpnext_ar_report.json")["cases"] if c["case"].startswith("minor outstanding")
    )
    _total, amount, paid, left = case["expect"]
    twin = Twin(start=dt.date(2026, 3, 1), kind="BANK", code="MINOR")
    twin.night()
    twin.place([{"ref": "R", "case": "D", "debt": "D/1", "issued_on": twin.today, "due_on": twin.today,
                 "amount": Decimal(amount)}])  # fmt: skip
    twin.pay("D", "P", Decimal(str(paid)), twin.today)
    twin.compare()
    assert [s.balance for s in standing_as_of(client_id=twin.client.pk, as_of=twin.today)] == [Decimal(str(left))]
