"""How a person ends a case or takes receivables out of collection, and opens them again (ADR 0029).

What is open on the day leaves by entries of its own, so that every balance of any past day stays what it was; what
that comes to is replayed, as payments are: money told of late, or taken back, moves it. What closing ends and
reopening restores is ``services.endings``'s.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from collections_app.choices import DECIDED_ENDS, OPEN_CASE
from collections_app.events import CasesEnded, CasesReopened
from collections_app.models import Case, CaseEnd, ImportFile, Receivable, Withdrawal
from collections_app.selectors.money import Facts
from collections_app.services import endings, stage_actions, stages
from collections_app.services.case_money import CaseMoney
from collections_app.services.cases import cases_refresh
from collections_app.services.default import defaults_judge
from collections_app.services.promises import promises_judge_again
from common import clock
from common.audit import Actor, record
from common.db import execute, rows
from common.events import publish
from common.exceptions import Refused

# Where no payment ever came, what leaves is the claims themselves, each on its day or the day of leaving.
_OUT_UNPAID = """
INSERT INTO collections_app_ledgerentry
    (client_id, receivable_id, kind, component, amount, currency, effective_on, recorded_at, event_id, allocation)
SELECT e.client_id, e.receivable_id, 'WITHDRAWAL', e.component, -sum(e.amount), e.currency,
       CASE WHEN w.whole THEN e.effective_on ELSE greatest(e.effective_on, w."on") END AS left_on,
       %(now)s, %(event_id)s, ''
FROM collections_app_withdrawal w
JOIN collections_app_receivable r ON r.id = w.receivable_id
JOIN collections_app_ledgerentry e ON e.receivable_id = w.receivable_id
WHERE w.client_id = %(client_id)s AND w.event_id = %(event_id)s
  AND NOT EXISTS (SELECT 1 FROM collections_app_payment p WHERE p.case_id = r.case_id)
GROUP BY e.client_id, e.receivable_id, e.component, e.currency, left_on HAVING sum(e.amount) <> 0
"""
_PAID_CASES = """
SELECT DISTINCT r.case_id, r.currency FROM collections_app_receivable r
WHERE r.case_id = ANY(%(case_ids)s) AND EXISTS (SELECT 1 FROM collections_app_payment p WHERE p.case_id = r.case_id)
ORDER BY r.case_id, r.currency
"""
_OUT = """
INSERT INTO collections_app_withdrawal (client_id, receivable_id, "on", whole, end_id, file_id, event_id)
SELECT r.client_id, r.id, %(on)s, %(whole)s, e.id, %(file_id)s, %(event_id)s
FROM collections_app_receivable r
LEFT JOIN collections_app_caseend e ON e.case_id = r.case_id AND e.event_id = %(event_id)s
WHERE r.{of} = ANY(%(ids)s)
  AND NOT EXISTS (SELECT 1 FROM collections_app_withdrawal w WHERE w.receivable_id = r.id AND w.until_on IS NULL)
"""


def _reason_checked(reason: str) -> str:
    if not reason.strip():
        raise Refused("end_reason", _("Say why."), field="reason")
    return reason.strip()[:300]


def _held(*, client_id: int, case_ids: Iterable[int]) -> tuple[Client, list[Case]]:
    """The client, then its cases by id, until the transaction ends."""
    client = Client.held(client_id=client_id)
    found = Case.objects.select_for_update(no_key=True).filter(client_id=client_id, pk__in=list(case_ids))
    return client, list(found.order_by("pk"))


def cases_end(
    *,
    actor: Actor,
    client_id: int,
    case_ids: Sequence[int],
    end: str,
    on: dt.date,
    reason: str,
    user: User | None = None,
) -> list[int]:
    """End cases of one client: recalled by it, uncollectible, deceased or withdrawn. Those that were open and ended.

    What is still open of them leaves collection on ``on``; their promises, holds and tasks end. Cases that are closed
    already are left alone. Raises Refused without a reason, for an end that follows from the ledger alone, and for a
    day ahead or before a case was placed.
    """
    reason = _reason_checked(reason)
    if end not in DECIDED_ENDS:
        raise Refused("end_kind", _("A case is not ended so by hand: this follows from what is paid."), field="end")
    if on > clock.today():
        raise Refused("end_future", _("The day lies ahead."), field="on")
    with transaction.atomic():
        client, found = _held(client_id=client_id, case_ids=case_ids)
        cases = [case for case in found if case.status in OPEN_CASE]
        if any(on < case.placed_on for case in cases):
            raise Refused("end_before_placed", _("A case does not end before it was placed."), field="on")
        ids = [case.pk for case in cases]
        if not ids:
            return []
        event = record(
            actor=actor,
            action="cases.ended",
            subject_type="clients.Client",
            subject_id=client_id,
            client_id=client_id,
            body={"cases": ids, "end": end, "on": on, "reason": reason},
        )
        now = clock.now()
        CaseEnd.objects.bulk_create(
            CaseEnd(
                client_id=client_id,
                case=case,
                status=end,
                on=on,
                decided=True,
                reason=reason,
                recorded_at=now,
                recorded_by=user,
                event_id=event.pk,
            )
            for case in cases
        )
        told = {"on": on, "whole": False, "file_id": None, "event_id": event.pk, "ids": ids}
        execute(_OUT.format(of="case_id"), told)
        _written(client=client, case_ids=ids, event_id=event.pk, now=now)
        publish(CasesEnded(client_id=client_id, case_ids=tuple(ids), end=end, on=on))
    return ids


def case_end(*, actor: Actor, case: Case, end: str, on: dt.date, reason: str, user: User | None = None) -> CaseEnd:
    """End one case (``cases_end``). Raises Refused also when it is closed already."""
    with transaction.atomic():
        told = {"end": end, "on": on, "reason": reason, "user": user}
        if not cases_end(actor=actor, client_id=case.client_id, case_ids=[case.pk], **told):  # type: ignore[arg-type]
            raise Refused("case_closed", _("This case is closed."))
        return CaseEnd.objects.get(case=case, reopened_at=None)


def case_reopen(*, actor: Actor, case: Case, reason: str) -> Case:
    """Take a decided end back from today: what had left comes back, and with it promises, holds and tasks.

    Raises Refused without a reason, and for a case that no person ended: the ledger alone opens such a one.
    """
    reason = _reason_checked(reason)
    with transaction.atomic():
        held = CaseMoney.held(client_id=case.client_id, case_id=case.pk)
        end = CaseEnd.objects.select_for_update().filter(case=case, reopened_at=None, decided=True).first()
        if end is None:
            raise Refused("end_not_decided", _("No person ended this case; it opens again when something is owed."))
        event = record(
            actor=actor, action="case.reopened", subject=case, body={"end": end.status, "on": end.on, "reason": reason}
        )
        now = clock.now()
        endings.cases_reopened(case_ids=[case.pk])
        CaseEnd.objects.filter(pk=end.pk).update(reopened_event_id=event.pk)
        back_on = max(end.on, held.client.book_date or clock.today())
        Withdrawal.objects.filter(end=end, until_on=None).update(until_on=back_on, until_event_id=event.pk)
        for currency in sorted(set(Receivable.objects.filter(case=case).values_list("currency", flat=True))):
            facts = held.facts(currency=currency)
            CaseMoney.write(facts=facts, spread=facts.replayed(), event_id=event.pk, now=now)
        held.settle(reopened=True)
        publish(CasesReopened(client_id=case.client_id, case_ids=(case.pk,)))
    case.refresh_from_db()
    return case


def receivables_withdraw(
    *, actor: Actor, client_id: int, receivable_ids: Sequence[int], reason: str, file: ImportFile | None = None
) -> list[int]:
    """Take receivables out that should never have come: nothing was ever owed on them. The cases they are of.

    What was paid on them pays what else is open of the case, or waits for a person. Nothing is deleted. With the
    ``file`` that brought them wrongly their references are free for the right one. A case of which nothing else is left
    has ended as withdrawn. Raises Refused without a reason.
    """
    reason = _reason_checked(reason)
    with transaction.atomic():
        cases_of = Receivable.objects.filter(client_id=client_id, pk__in=receivable_ids).values_list(
            "case_id", flat=True
        )
        client, cases = _held(client_id=client_id, case_ids=set(cases_of))
        event = record(
            actor=actor,
            action="receivables.withdrawn",
            subject_type="collections_app.ImportFile" if file is not None else "clients.Client",
            subject_id=file.pk if file is not None else client_id,
            client_id=client_id,
            body={"receivables": len(receivable_ids), "cases": len(cases), "reason": reason},
        )
        told = {"on": client.book_date or clock.today(), "whole": True, "event_id": event.pk}
        execute(
            _OUT.format(of="id"),
            {**told, "file_id": file.pk if file is not None else None, "ids": list(receivable_ids)},
        )
        if file is not None:
            Receivable.objects.filter(client_id=client_id, pk__in=receivable_ids).update(struck=True)
        ids = [case.pk for case in cases]
        _written(client=client, case_ids=ids, event_id=event.pk, now=clock.now())
    return ids


def _written(*, client: Client, case_ids: Sequence[int], event_id: int, now: dt.datetime) -> None:
    """Write what the withdrawals of one event come to, and all that follows from it."""
    execute(_OUT_UNPAID, {"client_id": client.pk, "event_id": event_id, "now": now})
    for row in rows(_PAID_CASES, {"case_ids": list(case_ids)}):
        facts = Facts.of(client_id=client.pk, case_id=row["case_id"], currency=row["currency"])
        CaseMoney.write(facts=facts, spread=facts.replayed(), event_id=event_id, now=now)
    cases_refresh(case_ids=case_ids)
    day = client.book_date or clock.today()
    if client.book_date is not None:
        stages.receivables_age(client_id=client.pk, day=day, case_ids=case_ids)
    defaults_judge(client_id=client.pk, case_ids=case_ids, day=day)
    stage_actions.stage_requests_settle(client_id=client.pk, day=day)
    promises_judge_again(case_ids=case_ids)
