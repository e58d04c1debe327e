"""Files of earlier complaints: which columns, what their cells may hold, and what each becomes. No database, no clock.

``NARRATIVES``: texts with a product, without a date. ``DATED``: complaints with the days on which they were received
and sent to the company, and how they ended, without the day of that (the columns of the CFPB's public extract).
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from complaints.choices import ImportSource, Intake, Remedy

MOST_WORDS = 20_000
SENT_BEFORE = "SENT_BEFORE"
FLAG_WORDS: Mapping[str, str | Promise] = {SENT_BEFORE: _("Passed on before it was received")}
# What is shown of a source's own words, in this order.
LABEL_WORDS: Mapping[str, str | Promise] = {
    "company": _("Company"),
    "issue": _("About"),
    "detail": _("Detail"),
    "via": _("Channel"),
    "sent_on": _("Passed on"),
    "response": _("Response"),
    "timely": _("In time"),
    "disputed": _("Disputed"),
}
COLUMNS: Mapping[str, tuple[str, ...]] = {
    ImportSource.NARRATIVES: ("row_id", "Product", "Consumer complaint narrative"),
    ImportSource.DATED: (
        "complaint_id", "date_received", "date_sent_to_company", "product", "sub_product", "issue", "sub_issue",
        "company", "submitted_via", "company_response_to_consumer", "timely_response", "consumer_disputed?",
    ),
}  # fmt: skip
# What we have a channel for; post, fax and referrals came through the source itself.
_VIA = {"Web": Intake.WEB, "Phone": Intake.PHONE, "Email": Intake.EMAIL, "Postal mail": Intake.SYSTEM,
        "Fax": Intake.SYSTEM, "Referral": Intake.SYSTEM}  # fmt: skip
# How it ended: what was done. Whether it was justified the source does not say. None: it did not end.
_ENDED: Mapping[str, str | None] = {
    "Closed": "",
    "Closed with explanation": Remedy.EXPLANATION,
    "Closed with non-monetary relief": Remedy.CORRECTION,
    "Closed with monetary relief": Remedy.COMPENSATION,
    "Untimely response": None,
}
# What its issue is in our tree; the rest is sorted by people.
_OF_DETAIL = {
    "Debt was paid": "AMOUNT_PAID",
    "Debt is not mine": "AMOUNT_NOT_MINE",
    "Attempted to collect wrong amount": "AMOUNT_WRONG",
    "Frequent or repeated calls": "CONTACT_OFTEN",
    "Threatened to take legal action": "CONDUCT_THREAT",
    "Used obscene/profane/abusive language": "CONDUCT_WORDS",
    "Called outside of 8am-9pm": "CONTACT_HOURS",
    "Talked to a third party about my debt": "CONTACT_OTHERS",
    "Contacted me after I asked not to": "CONTACT_OFTEN",
}
_OF_ISSUE = {
    "Cont'd attempts collect debt not owed": "AMOUNT_NOT_MINE",
    "Billing disputes": "AMOUNT_WRONG",
    "Communication tactics": "CONTACT",
    "Improper contact or sharing of info": "CONTACT_OTHERS",
    "Taking/threatening an illegal action": "CONDUCT_THREAT",
    "False statements or representation": "CONDUCT",
    "Disclosure verification of debt": "DOCUMENTS_STATEMENT",
    "Incorrect information on credit report": "BUREAU",
    "Credit reporting company's investigation": "BUREAU",
    "Improper use of my credit report": "BUREAU",
    "Unable to get credit report/credit score": "BUREAU",
    "Loan modification,collection,foreclosure": "PLAN",
    "Repaying your loan": "PLAN",
    "Loan servicing, payments, escrow account": "AMOUNT",
    "Late fee": "AMOUNT_FEES",
    "Other fee": "AMOUNT_FEES",
}
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A cell that cannot be taken: its line in the file, its column, and why."""

    line: int
    column: str
    reason: str | Promise


@dataclass(frozen=True, kw_only=True)
class Row:
    """One matter of earlier days. Days are those of its source; none where it names none."""

    line: int
    ref: str
    words: str
    product: str
    intake: str = Intake.SYSTEM
    category: str = ""
    received_on: dt.date | None = None
    routed_on: dt.date | None = None
    ended: bool = False
    remedy: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


class _Cells:
    """The cells of one row, read one by one; what is wrong is kept."""

    def __init__(self, *, line: int, cells: Mapping[str, str]) -> None:
        self.line, self.cells, self.faults = line, cells, list[Fault]()

    def wrong(self, column: str, reason: str | Promise) -> None:
        self.faults.append(Fault(line=self.line, column=column, reason=reason))

    def text(self, column: str, *, most: int = 200, empty: bool = False) -> str:
        found = self.cells[column].strip()
        if not found and not empty:
            self.wrong(column, _("This cell is empty."))
        elif "\x00" in found:
            self.wrong(column, _("This cell holds a character that is no text."))
        elif len(found) > most:
            self.wrong(column, _("This cell is longer than may be kept."))
        return found

    def day(self, column: str, *, last: dt.date) -> dt.date | None:
        found = _DAY.fullmatch(self.text(column))
        if found is None:
            if self.cells[column].strip():
                self.wrong(column, _("This is no date written month/day/year."))
            return None
        month, day, year = (int(part) for part in found.groups())
        try:
            on = dt.date(year, month, day)
        except ValueError:
            self.wrong(column, _("There is no such day."))
            return None
        if not dt.date(1990, 1, 1) <= on <= last:
            self.wrong(column, _("This day is before 1990 or still to come."))
        return on

    def one_of(self, column: str, known: Mapping[str, str | None] | tuple[str, ...]) -> str:
        found = self.text(column)
        if found and found not in known:
            self.wrong(column, _("This is none of the words known here."))
        return found


def _narrative(cells: _Cells) -> Row:
    return Row(
        line=cells.line,
        ref=cells.text("row_id", most=60),
        words=cells.text("Consumer complaint narrative", most=MOST_WORDS),
        product=cells.text("Product", most=80),
    )


def _dated(cells: _Cells, *, today: dt.date) -> Row:
    received = cells.day("date_received", last=today)
    sent = cells.day("date_sent_to_company", last=today)
    via = cells.one_of("submitted_via", {name: name for name in _VIA})
    response = cells.one_of("company_response_to_consumer", _ENDED)
    issue, detail = cells.text("issue"), cells.text("sub_issue", empty=True)
    product, variety = cells.text("product", most=80), cells.text("sub_product", empty=True)
    flags = (SENT_BEFORE,) if received and sent and sent < received else ()
    done = _ENDED.get(response)
    return Row(
        line=cells.line,
        ref=cells.text("complaint_id", most=60),
        # It has no narrative: what it is about stands for what was told.
        words=" · ".join(part for part in (issue, detail, product, variety) if part),
        product=product,
        intake=_VIA.get(via, Intake.SYSTEM),
        category=_OF_DETAIL.get(detail) or _OF_ISSUE.get(issue, ""),
        received_on=received,
        # Nothing is passed on before it came.
        routed_on=max(received, sent) if received and sent else None,
        ended=done is not None,
        remedy=done or "",
        labels={
            "company": cells.text("company"),
            "via": via,
            "issue": issue,
            "detail": detail,
            "response": response,
            "timely": cells.one_of("timely_response", ("Yes", "No")),
            "disputed": cells.one_of("consumer_disputed?", ("Yes", "No")),
            "sent_on": sent.isoformat() if sent else "",
        },
        flags=flags,
    )


def rows_of(*, kind: str, lines: Iterator[str], today: dt.date) -> tuple[list[Row], list[Fault]]:
    """The rows of a file and everything that is wrong with it; a row with a fault is no row.

    A cell may run over several lines: the line of a row is its first.
    """
    reader = csv.reader(lines, strict=True)
    try:
        heading = [name.strip() for name in next(reader, [])]
        if missing := [name for name in COLUMNS[kind] if name not in heading]:
            return [], [Fault(line=1, column=name, reason=_("This column is missing.")) for name in missing]
        return _read(kind=kind, reader=reader, heading=heading, today=today)
    except csv.Error:
        return [], [Fault(line=reader.line_num, column="", reason=_("This line is no CSV."))]


def _read(*, kind: str, reader: csv._reader, heading: list[str], today: dt.date) -> tuple[list[Row], list[Fault]]:  # type: ignore[name-defined]
    rows, faults, seen, last = list[Row](), list[Fault](), dict[str, int](), reader.line_num
    for cells in reader:
        line, last = last + 1, reader.line_num
        if not cells:
            continue
        if len(cells) != len(heading):
            faults.append(Fault(line=line, column="", reason=_("This line has more or fewer cells than the heading.")))
            continue
        found = _Cells(line=line, cells=dict(zip(heading, cells, strict=True)))
        row = _narrative(found) if kind == ImportSource.NARRATIVES else _dated(found, today=today)
        if row.ref in seen:
            found.wrong(COLUMNS[kind][0], _("This reference stands in the file twice."))
        seen[row.ref] = line
        faults += found.faults
        if not found.faults:
            rows.append(row)
    return rows, faults
