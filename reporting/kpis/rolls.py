"""Accounts that fell deeper, stayed, came back or became regular (PL-32, PL-34, I-24).

An account is all that a debtor owes a client. It lies as deep as its worst open receivable; in each of its currencies
on its own, since amounts of two are never added.
"""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from reporting.kpis.aging import in_order_of_age
from reporting.kpis.base import Family, Kpi, Side, Unit, Words
from reporting.kpis.books import BUCKET_CODES, LEFT, NEW, PAID, RECEIVABLES, depth

_CODES = "ARRAY[" + ", ".join(f"'{code}'" for code in BUCKET_CODES) + "]"

_FACTS = f"""
SELECT s.*,
       CASE WHEN s.from_bucket = '{NEW}' THEN 'new'
            WHEN s.gone_late OR s.to_bucket = '{LEFT}' THEN 'left'
            WHEN s.d0 > 0 AND coalesce(s.d1, 0) = 0 THEN 'cure'
            WHEN s.d1 IS NULL THEN 'paid'
            WHEN s.d1 > s.d0 THEN 'forward' WHEN s.d1 = s.d0 THEN 'stable' ELSE 'back' END AS moved,
       row_number() OVER (PARTITION BY s.case_id ORDER BY s.currency) = 1 AS one,
       coalesce(bool_or(s.d0 > 0) OVER (PARTITION BY s.case_id), false) AS late_before,
       coalesce(bool_or(s.d1 > 0) OVER (PARTITION BY s.case_id), false) AS late_after,
       bool_or(s.gone_late) OVER (PARTITION BY s.case_id) AS late_left
FROM (
    SELECT w.case_id, w.account, w.currency, w.d0, w.d1, w.b0, w.b1, w.gone_late,
           coalesce(({_CODES})[w.d0 + 1], '{NEW}') AS from_bucket,
           coalesce(({_CODES})[w.d1 + 1], CASE WHEN w.any_left THEN '{LEFT}' ELSE '{PAID}' END) AS to_bucket
    FROM (
        SELECT r.case_id, r.account, r.currency, sum(r.b0) AS b0, sum(r.b1) AS b1,
               max({depth("r.from_bucket")}) FILTER (WHERE r.b0 > 0) AS d0,
               max({depth("r.to_bucket")}) FILTER (WHERE r.b1 > 0) AS d1,
               bool_or(r.to_bucket = '{LEFT}') AS any_left,
               bool_or(r.b0 > 0 AND {depth("r.from_bucket")} > 0 AND r.to_bucket = '{LEFT}') AS gone_late
        FROM ({RECEIVABLES}) r WHERE r.b0 > 0 OR r.b1 > 0
        GROUP BY r.case_id, r.account, r.currency
    ) w
) s
"""
_BEFORE = "b0 > 0"
_LATE = "one AND late_before"


def _share(code: str, moved: str, name: Words, formula: Words) -> tuple[Kpi, Kpi]:
    """The share of accounts that moved one way, and of their balance on the first day."""
    where = f"moved = '{moved}'"
    return (
        Kpi(
            code=code,
            name=name,
            formula=formula,
            unit=Unit.RATIO,
            over=Side(where=where),
            under=Side(where=_BEFORE),
        ),
        Kpi(
            code=f"{code}_AMOUNT",
            name=format_lazy(_("{name}, by amount"), name=name),
            formula=_("The same by amount: their balance on the first day ÷ that of all accounts open then"),
            unit=Unit.RATIO,
            over=Side(where=where, sum="b0"),
            under=Side(where=_BEFORE, sum="b0"),
            by_currency=True,
        ),
    )


FAMILY = Family(
    code="rolls",
    name=_("Movement of accounts"),
    facts=_FACTS,
    columns=("account", "currency", "b0", "b1", "from_bucket", "to_bucket", "moved", "late_before", "late_after"),
    order='account COLLATE "C", currency',
    kpis=(
        Kpi(
            code="CURE_RATE",
            name=_("Cure rate"),
            formula=_("Accounts late on the first day with nothing late on the last ÷ accounts late on the first day"),
            unit=Unit.RATIO,
            over=Side(where=f"{_LATE} AND NOT late_after AND NOT late_left"),
            under=Side(where=_LATE),
        ),
        Kpi(
            code="ROLL_ACCOUNTS",
            name=_("Roll rates of accounts"),
            formula=_(
                "By the deepest bucket of each account at the end of the first day and of the last. The share is of "
                "accounts open on the first day that lie deeper on the last"
            ),
            unit=Unit.RATIO,
            over=Side(where="moved = 'forward'"),
            under=Side(where=_BEFORE),
            groups=("currency", "from_bucket", "to_bucket"),
            matrix=Side(sum="CASE WHEN b0 > 0 THEN b0 ELSE b1 END"),
            arrange=in_order_of_age,
        ),
        *_share(
            "ROLL_FORWARD",
            "forward",
            _("Accounts that fell deeper"),
            _("Accounts in a deeper bucket on the last day ÷ accounts open on the first day"),
        ),
        *_share(
            "ROLL_STABLE",
            "stable",
            _("Accounts that stayed"),
            _("Accounts in the same bucket on both days ÷ accounts open on the first day"),
        ),
        *_share(
            "ROLL_BACK",
            "back",
            _("Accounts that came back a bucket or more"),
            _("Accounts late on both days, in a less deep bucket on the last ÷ accounts open on the first day"),
        ),
        *_share(
            "ROLL_CURE",
            "cure",
            _("Accounts that became regular"),
            _("Accounts late on the first day with nothing late on the last ÷ all accounts open on the first day"),
        ),
    ),
)
