"""What stands of recalls: on a case, and the answer that the client gets to its file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from collections_app.choices import RecallState
from collections_app.models import Case, ImportFile, Recall
from common.clock import RIYADH
from common.db import rows

# What is open at the end of the last day of notice, or of today while that lies ahead: what leaves collection with the
# recall itself is not taken off. A promise that the recall ended counts as pending on that day.
_ANSWERS = """
SELECT n.line, b.debtor_ref, n.state, n.ends_on, n.taken_back_reason, w.currency, w.owed, k.last_contact_at,
       (SELECT string_agg(p.amount || ' ' || p.currency || ' ' || p.due_on, '; ' ORDER BY p.due_on, p.id)
        FROM collections_app_promise p LEFT JOIN collections_app_caseend e ON e.id = p.end_id
        WHERE p.case_id = k.id AND (p.status = 'OPEN' OR p.status = 'CANCELLED' AND e.status = 'RECALLED')) AS promises,
       (SELECT sum(p.suspense) FROM collections_app_payment p
        WHERE p.case_id = k.id AND p.currency = w.currency AND p.suspense > 0) AS waiting
FROM collections_app_recall n
JOIN collections_app_case k ON k.id = n.case_id
JOIN collections_app_debtor b ON b.id = k.debtor_id
CROSS JOIN LATERAL (
    SELECT r.currency, coalesce(sum(e.amount), 0) AS owed
    FROM collections_app_receivable r
    LEFT JOIN collections_app_ledgerentry e
        ON e.receivable_id = r.id AND e.effective_on <= least(n.ends_on, %(today)s) AND e.kind <> 'WITHDRAWAL'
    WHERE r.case_id = k.id GROUP BY r.currency
) w
WHERE n.client_id = %(client_id)s AND (n.file_id = %(file_id)s OR n.id = ANY(%(again)s))
ORDER BY n.line, b.debtor_ref, w.currency
"""


def recall_standing(*, case: Case) -> Recall | None:
    """The recall of a case that is under notice."""
    return Recall.objects.filter(case=case, state=RecallState.NOTICE).first()


def recall_answers(*, file: ImportFile, today: Any) -> Iterator[list[Any]]:
    """The accepted rows of a recall file as its answer tells them, a row a currency, in the reader's language."""
    found = rows(
        _ANSWERS,
        {"client_id": file.client_id, "file_id": file.pk, "again": file.result.get("again", []), "today": today},
    )
    for row in found:
        back = row["state"] == RecallState.TAKEN_BACK
        lapsed = row["state"] == RecallState.LAPSED
        why = row["taken_back_reason"] if back else ""
        contact = row["last_contact_at"]
        yield [
            row["debtor_ref"],
            _("Taken back") if back else _("Closed before") if lapsed else _("Accepted"),
            why,
            row["ends_on"].isoformat(),
            row["owed"],
            row["currency"],
            row["promises"] or "",
            row["waiting"] or 0,
            contact.astimezone(RIYADH).strftime("%Y-%m-%d %H:%M") if contact else "",
        ]


def answer_heading() -> list[str]:
    """What stands over the columns of an answer, in the reader's language."""
    return [
        _("Account number"),
        _("Accepted or not"),
        _("Reason"),
        _("Takes effect on"),
        _("Open on that day"),
        _("Currency"),
        _("Promises pending"),
        _("Payments pending"),
        _("Last contact"),
    ]
