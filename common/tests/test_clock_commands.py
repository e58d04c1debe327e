"""``manage.py workdays`` and ``manage.py clock``: what they print, and how they refuse."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from common.tests.holidays_sa import holidays_write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _holidays() -> None:
    holidays_write()


def said(*args: str) -> str:
    out = io.StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


@pytest.mark.requirement("CB-43")
def test_workdays_prints_the_due_date_alone() -> None:
    def ask(calendar: str, start: str, n: str) -> str:
        return said("workdays", "--calendar", calendar, "--from", start, "--add", n)

    assert ask("BANK", "2026-03-10", "22") == "2026-04-15\n"
    # The two calendars differ around Eid al-Fitr: here the 19th is worked in the private sector alone.
    assert ask("PRIVATE", "2026-03-18", "1") == "2026-03-19\n"
    assert ask("BANK", "2026-03-18", "1") == "2026-03-25\n"
    assert ask("private", "2026-09-22", "1") == "2026-09-24\n"
    assert ask("PRIVATE", "2026-09-22", "0") == "2026-09-22\n"


@pytest.mark.requirement("CB-31", "CB-32", "CB-33", "CB-43")
def test_clock_tells_every_due_date_of_a_dispute_as_json() -> None:
    told = json.loads(said("clock", "--kind", "DISPUTE", "--from", "2026-03-10", "--json"))
    assert {step["code"]: (step["from"], step["due_on"], step["unit"]) for step in told["steps"]} == {
        "NOTIFY_MEMBER": ("2026-03-10", "2026-03-17", "WD"),
        "MEMBER_REPLY": ("2026-03-17", "2026-04-06", "WD"),
        "DECISION": ("2026-04-06", "2026-04-15", "WD"),
        "CORRECTION": ("2026-04-15", "2026-04-19", "WD"),
        "PROGRESS_NOTICE": ("2026-03-10", "2026-03-30", "WD"),
        "RESULT": ("2026-04-15", "2026-04-22", "WD"),
        "OVERALL": ("2026-03-10", "2026-04-09", "D"),
    }
    assert told["ends"]["DECIDED"] == told["overall"] == {"code": "OVERALL", "due_on": "2026-04-09"}
    assert told["earliest"] == {"code": "NOTIFY_MEMBER", "due_on": "2026-03-17"}
    assert [step["code"] for step in told["steps"] if not step["wins"]] == ["DECISION"]
    assert (told["kind"], told["from"], told["calendar"]) == ("DISPUTE", "2026-03-10", None)


def test_clock_takes_another_calendar_and_says_hours_and_what_is_unverified() -> None:
    told = json.loads(said("clock", "--kind", "complaint", "--from", "2026-03-18", "--calendar", "bank", "--json"))
    steps: dict[str, Any] = {step["code"]: step for step in told["steps"]}
    assert told["calendar"] == "BANK" and {step["calendar"] for step in steps.values()} == {"BANK"}
    assert steps["ANSWER_FINANCE"]["verified"] is False and steps["CLOSING"]["verified"] is True
    hours = json.loads(said("clock", "--kind", "ENQUIRY", "--from", "2026-09-22", "--json"))["steps"][0]
    assert (hours["due_on"], hours["due_at"]) == ("2026-09-24", "2026-09-24T12:00+03:00")
    text = said("clock", "--kind", "COMPLAINT", "--from", "2026-03-10")
    assert "ANSWER_FINANCE: 10 WD PRIVATE from 2026-03-10 (unverified)" in text


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("workdays", "--calendar", "X", "--from", "2026-01-01", "--add", "1"), "There is no calendar 'X'"),
        (("workdays", "--calendar", "BANK", "--from", "2026-1-1", "--add", "1"), "is not a date"),
        (("workdays", "--calendar", "BANK", "--from", "2026-02-30", "--add", "1"), "is not a date"),
        (("workdays", "--calendar", "BANK", "--from", "2026-01-01", "--add=-1"), "not a number of working days"),
        (("workdays", "--calendar", "BANK", "--from", "2026-01-01", "--add", "1.5"), "not a number of working days"),
        (("workdays", "--calendar", "BANK", "--from", "9999-12-30", "--add", "9"), "beyond the end"),
        (("clock", "--kind", "NONE", "--from", "2026-01-01"), "There is no kind 'NONE'"),
        (("clock", "--kind", "DISPUTE", "--from", "soon"), "is not a date"),
        (("clock", "--kind", "DISPUTE", "--from", "2026-01-01", "--calendar", "LUNAR"), "There is no calendar"),
        (("clock", "--kind", "DISPUTE", "--from", "9999-12-30"), "beyond the end"),
    ],
)
def test_what_is_wrong_is_a_sentence(args: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        said(*args)
