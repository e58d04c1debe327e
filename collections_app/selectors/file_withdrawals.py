"""What taking a file back would touch, and whom we reached about it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clients.choices import Channel
from collections_app.choices import FileKind, ImportStatus, Outcome, Verdict
from collections_app.models import Case, ContactAttempt, FileWithdrawal, ImportFile
from common.clock import RIYADH
from common.db import rows

SHOWN = 50
_CASES = """
SELECT DISTINCT r.case_id AS id FROM collections_app_receivable r
WHERE r.client_id = %(client_id)s AND r.file_id = %(file_id)s
"""
_PREVIEW = f"""
WITH of_file AS ({_CASES})
SELECT (SELECT count(*) FROM collections_app_receivable WHERE client_id = %(client_id)s AND file_id = %(file_id)s)
           AS receivables,
       (SELECT count(*) FROM of_file) AS cases,
       (SELECT count(*) FROM of_file f WHERE NOT EXISTS (
           SELECT 1 FROM collections_app_receivable r
           WHERE r.case_id = f.id AND r.file_id IS DISTINCT FROM %(file_id)s
       )) AS ended,
       (SELECT count(*) FROM collections_app_payment p
        WHERE p.client_id = %(client_id)s AND p.file_id = %(file_id)s AND p.reversed_on IS NULL) AS reported,
       (SELECT count(DISTINCT e.payment_id) FROM collections_app_ledgerentry e
        JOIN collections_app_receivable r ON r.id = e.receivable_id
        JOIN collections_app_payment p ON p.id = e.payment_id
        WHERE r.client_id = %(client_id)s AND r.file_id = %(file_id)s AND p.file_id IS DISTINCT FROM %(file_id)s
          AND p.reversed_on IS NULL) AS came,
       (SELECT count(*) FROM of_file f WHERE EXISTS (
           SELECT 1 FROM collections_app_contactattempt a WHERE a.case_id = f.id AND a.verdict <> 'REFUSED'
             AND a.at >= %(since)s
       )) AS contacted
"""
# What other acts built on these cases: it ends or stands on with the case, and is named before.
_STANDING = f"""
SELECT b.debtor_ref, b.name, f.id AS case_id,
       (SELECT count(*) FROM collections_app_promise p WHERE p.case_id = f.id AND p.status = 'OPEN') AS promises,
       (SELECT count(*) FROM collections_app_escalationrequest q WHERE q.case_id = f.id
        AND q.status IN ('PROPOSED', 'APPROVED')) AS requests,
       k.track = 'LEGAL' AS legal,
       (SELECT count(*) FROM collections_app_hold h WHERE h.case_id = f.id AND h.until_on IS NULL
        AND h.file_id IS DISTINCT FROM %(file_id)s) AS holds,
       (SELECT count(*) FROM collections_app_recall n WHERE n.case_id = f.id AND n.state = 'NOTICE') AS recalls,
       (SELECT count(*) FROM collections_app_ledgerentry e JOIN collections_app_receivable r ON r.id = e.receivable_id
        WHERE r.case_id = f.id AND r.file_id = %(file_id)s AND e.kind NOT IN
            ('CHARGE', 'PRIOR_PAYMENT', 'PAYMENT', 'REALLOCATION', 'WITHDRAWAL')) AS notes
FROM ({_CASES}) f
JOIN collections_app_case k ON k.id = f.id JOIN collections_app_debtor b ON b.id = k.debtor_id
ORDER BY f.id
"""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What taking a file back comes to: figures, and the cases on which something else stands."""

    receivables: int
    cases: int
    ended: int
    reported: int
    came: int
    contacted: int
    standing: list[dict[str, Any]]
    more: int


def _params(file: ImportFile) -> dict[str, Any]:
    return {"client_id": file.client_id, "file_id": file.pk, "since": file.created_at}


def can_be_withdrawn(*, file: ImportFile) -> bool:
    """True of new debts that are in the book and were not taken back yet."""
    return (
        file.kind == FileKind.PLACEMENT
        and file.status == ImportStatus.DONE
        and bool(file.result.get("written"))
        and withdrawal_of(file=file) is None
    )


def withdrawal_of(*, file: ImportFile) -> FileWithdrawal | None:
    return FileWithdrawal.objects.select_related("asked_by").filter(file=file).first()


def withdrawal_preview(*, file: ImportFile) -> Preview:
    """What would happen, before it does."""
    found = [row for row in rows(_STANDING, _params(file)) if any(row[n] for n in _ACTS)]
    return Preview(**rows(_PREVIEW, _params(file))[0], standing=found[:SHOWN], more=max(len(found) - SHOWN, 0))


_ACTS = ("promises", "requests", "legal", "holds", "recalls", "notes")


def contacted_of(*, file: ImportFile) -> QuerySet[ContactAttempt]:
    """The contacts that were made about cases of a file since it came, the latest first."""
    cases = Case.objects.filter(receivables__file=file, client_id=file.client_id).values("pk")
    return (
        ContactAttempt.objects.filter(client_id=file.client_id, case__in=cases, at__gte=file.created_at)
        .exclude(verdict=Verdict.REFUSED)
        .select_related("case__debtor", "by")
        .order_by("-at", "-pk")
    )


def contacted_rows(*, file: ImportFile) -> Iterator[list[Any]]:
    """The same as a table, its heading first, in the reader's language."""
    yield [_("Account number"), _("Account holder"), _("When"), _("Channel"), _("What happened?"), _("By")]
    for attempt in contacted_of(file=file).iterator(chunk_size=2_000):
        yield [
            attempt.case.debtor.debtor_ref,
            attempt.case.debtor.name,
            attempt.at.astimezone(RIYADH).strftime("%Y-%m-%d %H:%M"),
            str(Channel(attempt.channel).label),
            str(Outcome(attempt.outcome).label) if attempt.outcome else "",
            attempt.by.name if attempt.by else "",
        ]
