"""What waits and what runs: approvals by age, deadlines, adherence to the credit policy, jobs (CM-43)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.approvals import approvals_waiting, kinds
from common.calendar import add_working_days
from common.clocks import days_off
from common.components.charts import columns, lengths
from common.models import Approval, Holiday
from complaints.choices import ClockKind
from complaints.models import Dispute, Matter
from complaints.policies import disputes_visible_to, matters_visible_to, sees_disputes, sees_matters
from credit.policies import orders_visible_to
from reporting.boards.base import Asked, Chart, Table, Value
from reporting.boards.shown import by_currency, share_of
from reporting.kpis.base import Row, Words

ZERO = Decimal(0)
_COUNT = (_("Number"), "fig")

AGE_WORDS: Mapping[str, Words] = {
    "day": _("Less than a day"),
    "days": _("1 to 3 days"),
    "week": _("4 to 7 days"),
    "more": _("Over 7 days"),
}


def _approval_words() -> dict[str, Words]:
    return {kind.code: str(kind.words) for kind in kinds()}


def _clock_words() -> dict[str, Words]:
    return dict(ClockKind.choices)


def _banded(chart: Chart, asked: Asked, cells: list[Row], *, band: str, words: Mapping[str, Words]) -> Table:
    """Every band with its kinds; a band of nothing is told too."""
    kind_words = chart.words["kind"]()
    lines = []
    for code, means in words.items():
        there = [row for row in cells if row[band] == code]
        for row in there or [{"kind": "", "count": 0}]:
            cell = {band: code, "kind": row["kind"]}
            lines.append(
                [
                    Value(value=means),
                    Value(value=kind_words.get(row["kind"], row["kind"] or "–")),
                    Value(value=row["count"], kind="count", url=chart.rows_url(asked, **cell) if row["count"] else ""),
                ]
            )
    return Table(head=((_("When"), ""), (_("Kind"), ""), _COUNT), lines=lines)


def _bands_drawn(
    chart: Chart, asked: Asked, cells: list[Row], rtl: bool, *, band: str, words: Mapping[str, Words]
) -> Mapping[str, Any]:
    sums = dict.fromkeys(words, 0)
    for row in cells:
        sums[row[band]] += row["count"]
    bars = lengths(values=list(sums.values()), rtl=rtl)
    return {
        "lines": [
            {
                "code": code,
                "words": words[code],
                "count": count,
                "bar": bar,
                "url": chart.rows_url(asked, **{band: code}) if count else "",
            }
            for (code, count), bar in zip(sums.items(), bars, strict=True)
        ],
        "total": sum(sums.values()),
    }


def _approvals_told(asked: Asked, cells: list[Row]) -> Table:
    return _banded(APPROVALS, asked, cells, band="age", words=AGE_WORDS)


def _approvals_drawn(asked: Asked, cells: list[Row], rtl: bool) -> Mapping[str, Any]:
    drawn = _bands_drawn(APPROVALS, asked, cells, rtl, band="age", words=AGE_WORDS)
    return {**drawn, "late": sum(row["late"] for row in cells)}


def _waiting(asked: Asked) -> QuerySet[Approval]:
    """What this person may decide, in their own role or in somebody's place: what their inbox counts."""
    found = approvals_waiting(user=asked.user, on=asked.today)
    return Approval.objects.filter(pk__in=[approval.pk for approval, _given in found])


APPROVALS = Chart(
    code="approvals",
    name=_("Approvals waiting"),
    asks=_("What waits for your decision, and for how long?"),
    facts="""
SELECT a.id, a.kind, a.prepared_at, a.answer_by, a.amount, a.currency, a.answer_by < %(now)s AS overdue,
       CASE WHEN a.prepared_at > %(now)s - interval '1 day' THEN 'day'
            WHEN a.prepared_at > %(now)s - interval '4 days' THEN 'days'
            WHEN a.prepared_at > %(now)s - interval '8 days' THEN 'week' ELSE 'more' END AS age
FROM common_approval a
WHERE a.status = 'OPEN' AND a.id IN ({approvals}) AND (%(client)s::bigint IS NULL OR a.client_id = %(client)s)
""",
    by=("age", "kind"),
    sums={"count": "count(*)", "late": "count(*) FILTER (WHERE overdue)"},
    tell=_approvals_told,
    draw=_approvals_drawn,
    columns=("kind", "prepared_at", "answer_by", "currency", "amount", "overdue"),
    order="answer_by, id",
    words={"kind": _approval_words, "age": lambda: AGE_WORDS},
    keys=("id",),
    link=lambda row: f"{reverse('inbox')}?chosen={row['id']}",
    sees={"approvals": _waiting},
    narrowable=False,
    page="inbox",
)

DUE_WORDS: Mapping[str, Words] = {
    "late": _("Overdue"),
    "today": _("Today"),
    "soon": _("Within two working days"),
    "week": _("This week and the next"),
    "later": _("Later"),
    "paused": _("Paused"),
}


def _ahead(asked: Asked) -> Mapping[str, Any]:
    """The last day of what is due soon, and that of the week after this one."""
    holidays = days_off(calendar=Holiday.Calendar.PRIVATE, since=asked.today)
    sunday = asked.today - dt.timedelta(days=asked.today.isoweekday() % 7)
    return {
        "soon": add_working_days(start=asked.today, days=2, holidays=holidays),
        "weeks_end": sunday + dt.timedelta(days=13),
    }


def _deadlines_told(asked: Asked, cells: list[Row]) -> Table:
    return _banded(DEADLINES, asked, cells, band="due", words=DUE_WORDS)


def _deadlines_drawn(asked: Asked, cells: list[Row], rtl: bool) -> Mapping[str, Any]:
    return _bands_drawn(DEADLINES, asked, cells, rtl, band="due", words=DUE_WORDS)


def _deadline_link(row: Row) -> str:
    """The matter or dispute whose deadline it is."""
    name = "matter" if row["subject_type"] == Matter._meta.label else "dispute"
    return reverse(name, args=[row["subject_id"]])


DEADLINES = Chart(
    code="deadlines",
    name=_("Deadlines"),
    asks=_("Which deadlines of complaints, enquiries and disputes are past or near?"),
    facts=f"""
SELECT k.id, k.kind, k.subject_type, k.subject_id, coalesce(m.reference, t.reference) AS reference, k.started_at,
       k.due_at,
       CASE WHEN k.state = 'PAUSED' THEN 'paused' WHEN k.state = 'LATE' OR k.due_at < %(now)s THEN 'late'
            WHEN k.due_on <= %(today)s THEN 'today' WHEN k.due_on <= %(soon)s THEN 'soon'
            WHEN k.due_on <= %(weeks_end)s THEN 'week' ELSE 'later' END AS due
FROM common_clock k
LEFT JOIN complaints_matter m ON k.subject_type = '{Matter._meta.label}' AND m.id = k.subject_id
LEFT JOIN complaints_dispute t ON k.subject_type = '{Dispute._meta.label}' AND t.id = k.subject_id
WHERE k.state IN ('RUNNING', 'LATE', 'PAUSED')
  AND (k.subject_type = '{Matter._meta.label}' AND k.subject_id IN ({{matters}})
       OR k.subject_type = '{Dispute._meta.label}' AND k.subject_id IN ({{disputes}}))
  AND (%(client)s::bigint IS NULL OR k.client_id = %(client)s)
""",
    by=("due", "kind"),
    sums={"count": "count(*)"},
    tell=_deadlines_told,
    draw=_deadlines_drawn,
    columns=("reference", "kind", "started_at", "due_at", "due"),
    order="due_at NULLS LAST, id",
    words={"kind": _clock_words, "due": lambda: DUE_WORDS},
    keys=("subject_type", "subject_id"),
    link=_deadline_link,
    sees={
        "matters": lambda asked: matters_visible_to(asked.user),
        "disputes": lambda asked: (
            disputes_visible_to(asked.user) if sees_disputes(asked.user) else Dispute.objects.none()
        ),
    },
    more=_ahead,
    narrowable=False,
    page="matter_board",
    opens_page=sees_matters,
)

ANSWER_WORDS: Mapping[str, Words] = {
    "within": _("Accepted within the policy"),
    "refused": _("Refused by the policy"),
    "override": _("Accepted against it, by an exception"),
}


def _credit_lines(there: list[Row]) -> list[tuple[str, int, Decimal]]:
    found = {row["answer"]: row for row in there}
    return [
        (code, found[code]["count"] if code in found else 0, found[code]["amount"] if code in found else ZERO)
        for code in ANSWER_WORDS
    ]


def _credit_told(asked: Asked, cells: list[Row]) -> Table:
    lines = []
    for currency, there in by_currency(cells).items():
        total = sum(row["count"] for row in there)
        for code, count, amount in _credit_lines(there):
            url = CREDIT.rows_url(asked, currency=currency, answer=code) if count else ""
            lines.append(
                [
                    Value(value=currency, kind="unit"),
                    Value(value=ANSWER_WORDS[code]),
                    Value(value=count, kind="count", url=url),
                    Value(value=amount, kind="money"),
                    Value(value=share_of(count, total), kind="share"),
                ]
            )
    head = ((_("Currency"), ""), (_("Answer"), ""), (_("Orders"), "fig"), (_("Amount"), "fig"), (_("Share"), "fig"))
    return Table(head=head, lines=lines)


def _credit_drawn(asked: Asked, cells: list[Row], rtl: bool) -> Mapping[str, Any]:
    drawn = []
    for currency, there in by_currency(cells).items():
        told = _credit_lines(there)
        total = sum(count for _code, count, _amount in told)
        bars = lengths(values=[count for _code, count, _amount in told], rtl=rtl)
        drawn.append(
            {
                "currency": currency,
                "total": total,
                "held": share_of(total - told[-1][1], total),
                "lines": [
                    {
                        "code": code,
                        "words": ANSWER_WORDS[code],
                        "count": count,
                        "amount": amount,
                        "bar": bar,
                        "url": CREDIT.rows_url(asked, currency=currency, answer=code) if count else "",
                    }
                    for (code, count, amount), bar in zip(told, bars, strict=True)
                ],
            }
        )
    return {"sheets": drawn}


CREDIT = Chart(
    code="credit",
    name=_("Adherence to the credit policy"),
    asks=_("How many orders were answered as the policy says, and how many against it?"),
    facts="""
SELECT o.id, o.order_ref AS reference, d.debtor_ref AS account, o.currency, o.amount, o.ordered_on, o.answered_at,
       CASE WHEN cardinality(o.overridden) > 0 THEN 'override' WHEN o.state = 'REFUSED' THEN 'refused' ELSE 'within' END
       AS answer
FROM credit_order o
LEFT JOIN credit_customer u ON u.id = o.customer_id
LEFT JOIN collections_app_debtor d ON d.id = u.debtor_id
WHERE o.answered_at >= %(starts)s AND o.answered_at < %(ends)s AND o.id IN ({orders})
  AND (%(client)s::bigint IS NULL OR o.client_id = %(client)s)
""",
    by=("currency", "answer"),
    sums={"count": "count(*)", "amount": "sum(amount)"},
    tell=_credit_told,
    draw=_credit_drawn,
    columns=("reference", "account", "currency", "amount", "ordered_on", "answered_at", "answer"),
    order="answered_at, id",
    words={"answer": lambda: ANSWER_WORDS},
    keys=("id",),
    link=lambda row: reverse("credit_order", args=[row["id"]]),
    sees={"orders": lambda asked: orders_visible_to(asked.user)},
    narrowable=False,
    page="credit_orders",
)

JOB_WORDS: Mapping[str, Words] = {"nightly": _("The night"), "weekly": _("Weekly reports")}
STATUS_WORDS: Mapping[str, Words] = {"DONE": _("Done"), "RUNNING": _("Under way"), "FAILED": _("Stopped")}


def _jobs_told(asked: Asked, cells: list[Row]) -> Table:
    lines = [
        [
            Value(value=row["day"], kind="day"),
            Value(value=JOB_WORDS.get(row["job"], row["job"])),
            Value(value=STATUS_WORDS[row["status"]]),
            Value(
                value=row["count"],
                kind="count",
                url=JOBS.rows_url(asked, day=row["day"], job=row["job"], status=row["status"]),
            ),
            Value(value=_seconds(row["seconds"]), kind="money"),
        ]
        for row in sorted(cells, key=lambda row: (row["day"], row["job"], row["status"]), reverse=True)
    ]
    head = ((_("Day"), ""), (_("Job"), ""), (_("State"), ""), (_("Runs"), "fig"), (_("Seconds"), "fig"))
    return Table(head=head, lines=lines)


def _seconds(taken: float | None) -> Decimal:
    return Decimal(str(round(taken or 0, 2)))


def _jobs_drawn(asked: Asked, cells: list[Row], rtl: bool) -> Mapping[str, Any]:
    until = min(asked.last, asked.today)
    days = [asked.first + dt.timedelta(days=n) for n in range(max((until - asked.first).days + 1, 1))][-62:]
    nights = [row for row in cells if row["job"] == "nightly"]
    # In milliseconds: a bar's scale begins at one, and many nights take less than a second.
    taken = dict.fromkeys(days, ZERO)
    for row in nights:
        if row["day"] in taken:
            taken[row["day"]] += _seconds(row["seconds"]) * 1000
    return {
        "columns": columns(values=list(taken.items()), rtl=rtl),
        "missed": [on for on in days if not any(row["day"] == on for row in nights)] if nights else [],
        "states": [
            {
                "code": code,
                "words": words,
                "count": sum(row["count"] for row in cells if row["status"] == code),
                "url": JOBS.rows_url(asked, status=code),
            }
            for code, words in STATUS_WORDS.items()
        ],
        "longest": max(taken.values(), default=ZERO) / 1000,
    }


JOBS = Chart(
    code="jobs",
    name=_("Jobs"),
    asks=_("Did the nights and the reports run, how long did they take, and what stopped?"),
    facts="""
SELECT 'nightly ' || j.id AS id, j.id AS run, j.job, j.business_date AS day, j.status, j.started_at, j.finished_at,
       j.seconds, j.row_count AS written, j.error
FROM common_jobrun j
WHERE j.step = 'run' AND j.business_date BETWEEN %(first)s AND %(last)s
UNION ALL
SELECT 'weekly ' || p.id, NULL, 'weekly', (w.begun_at AT TIME ZONE 'Asia/Riyadh')::date,
       CASE p.state WHEN 'ISSUED' THEN 'DONE' WHEN 'FAILED' THEN 'FAILED' ELSE 'RUNNING' END, w.begun_at, p.ended_at,
       p.seconds, 1, p.error
FROM reporting_reportjob p JOIN reporting_reportrun w ON w.id = p.run_id
WHERE w.begun_at >= %(starts)s AND w.begun_at < %(ends)s
""",
    by=("job", "day", "status"),
    sums={"count": "count(*)", "seconds": "sum(seconds)"},
    tell=_jobs_told,
    draw=_jobs_drawn,
    columns=("job", "day", "status", "started_at", "finished_at", "seconds", "written", "error"),
    order="day DESC, id",
    words={"job": lambda: JOB_WORDS, "status": lambda: STATUS_WORDS},
    keys=("run",),
    link=lambda row: reverse("jobs_one", args=[row["run"]]) if row["run"] else "",
    narrowable=False,
    page="jobs",
)

CHARTS = (APPROVALS, DEADLINES, CREDIT, JOBS)
