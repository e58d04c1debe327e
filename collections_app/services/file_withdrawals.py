"""A wrongly imported file is taken back as one act: whole, once, and nothing is deleted.

The person says so and why; the worker does it in one transaction, so that whatever kills it leaves the book as it was
and the next one begins again.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from collections_app.models import Case, FileWithdrawal, ImportFile, Payment, Receivable
from collections_app.policies import can_withdraw_file
from collections_app.selectors.file_withdrawals import can_be_withdrawn
from collections_app.services.file_rows import LOCK
from collections_app.services.ledger import payment_reverse
from collections_app.services.life import receivables_withdraw
from common import clock
from common.audit import Actor, record
from common.db import execute
from common.exceptions import NotAllowed, Refused

# What the file itself reported as paid never was: taken back with the receivables, whose replay moves what was shared.
_REPORTED = """
WITH gone AS (
    SELECT p.id, p.client_id, p.amount - p.reversed_amount AS left_of_it FROM collections_app_payment p
    WHERE p.client_id = %(client_id)s AND p.file_id = %(file_id)s AND p.reversed_on IS NULL
      AND p.case_id IN (
          SELECT case_id FROM collections_app_receivable WHERE client_id = %(client_id)s AND file_id = %(file_id)s
      )
), told AS (
    INSERT INTO collections_app_paymentreversal (client_id, payment_id, amount, "on", reason, recorded_at, event_id)
    SELECT client_id, id, left_of_it, %(day)s, %(reason)s, %(now)s, %(event_id)s FROM gone
)
UPDATE collections_app_payment p SET reversed_amount = p.amount, reversed_on = %(day)s, suspense = 0
FROM gone WHERE gone.id = p.id
"""
# Whoever works the case finds out what its waiting money is for, else who took the file back.
_OWNERS = """
UPDATE collections_app_payment p SET suspense_owner_id = coalesce(k.owner_id, %(user_id)s)
FROM collections_app_case k
WHERE k.id = p.case_id AND p.case_id = ANY(%(case_ids)s) AND p.suspense > 0 AND p.suspense_owner_id IS NULL
"""


def file_withdraw(*, user: User, file: ImportFile, reason: str, typed: str) -> FileWithdrawal:
    """Say that a file was imported wrongly, and why; ``typed`` is the client's code, by hand.

    Said twice it stands once. The worker does it. Raises NotAllowed for anybody but a collections manager, and Refused
    without a reason, without the code, and for a file that is not one of new debts in the book.
    """
    if not can_withdraw_file(user):
        raise NotAllowed("withdraw_right", _("A collections manager takes files back."))
    if not reason.strip():
        raise Refused("withdraw_reason", _("Say why."), field="reason")
    if typed.strip().upper() != file.client.code:
        raise Refused("withdraw_typed", _("Type the client's code, to be sure."), field="typed")
    with transaction.atomic():
        locked = ImportFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
        known = FileWithdrawal.objects.filter(file=locked).first()
        if known is not None:
            return known
        if not can_be_withdrawn(file=locked):
            raise Refused("withdraw_file", _("This file has brought nothing into the book that could be taken back."))
        asked = FileWithdrawal.objects.create(
            client_id=locked.client_id, file=locked, reason=reason.strip()[:300], asked_by=user, asked_at=clock.now()
        )
        record(
            actor=Actor.person(user),
            action="import.withdrawal_asked",
            subject=locked,
            client_id=locked.client_id,
            body={"reason": asked.reason},
        )
    return asked


def file_withdraw_run(*, file_id: int) -> bool:
    """Take a file back of which a person said so; False when that is done, or nobody said so. Safe to run twice."""
    with transaction.atomic():
        asked = FileWithdrawal.objects.select_related("asked_by", "file").filter(file_id=file_id).first()
        if asked is None:
            return False
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, asked.client_id])
        client = Client.held(client_id=asked.client_id)
        ids = list(Receivable.objects.filter(client_id=client.pk, file_id=file_id).values_list("pk", flat=True))
        payments = Payment.objects.filter(client_id=client.pk, file_id=file_id, reversed_on=None)
        of_cases = Receivable.objects.filter(client_id=client.pk, file_id=file_id).values("case_id")
        touched = Case.objects.filter(pk__in=of_cases) | Case.objects.filter(pk__in=payments.values("case_id"))
        held = list(touched.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
        asked = (
            FileWithdrawal.objects.select_for_update(of=("self",)).select_related("asked_by", "file").get(pk=asked.pk)
        )
        if asked.done_at is not None:
            return False
        actor, now, day = Actor.person(asked.asked_by), clock.now(), clock.today()
        reported = payments.count()
        event = record(
            actor=actor,
            action="import.withdrawn",
            subject=asked.file,
            client_id=client.pk,
            body={"reason": asked.reason, "receivables": len(ids), "cases": len(held), "payments": reported},
        )
        told = {"client_id": client.pk, "file_id": file_id, "day": day, "now": now}
        execute(_REPORTED, {**told, "event_id": event.pk, "reason": asked.reason})
        receivables_withdraw(actor=actor, client_id=client.pk, receivable_ids=ids, reason=asked.reason, file=asked.file)
        # What it told of receivables that other files brought.
        for payment in payments.exclude(case_id__in=of_cases).order_by("case_id", "pk"):
            payment_reverse(actor=actor, payment=payment, on=day, reason=asked.reason)
        execute(_OWNERS, {"case_ids": held, "user_id": asked.asked_by_id})
        waits = Payment.objects.filter(case_id__in=held, suspense__gt=0).count()
        ended = Case.objects.filter(pk__in=held, status="WITHDRAWN").count()
        asked.done_at = now
        asked.result = {
            "receivables": len(ids),
            "cases": len(held),
            "ended": ended,
            "reported": reported,
            "waits": waits,
        }
        asked.save(update_fields=["done_at", "result"])
    return True


def withdrawals_undone() -> list[int]:
    """Files that shall be taken back and are not yet: their worker died, or the queue lost them."""
    return list(FileWithdrawal.objects.filter(done_at=None).values_list("file_id", flat=True))
