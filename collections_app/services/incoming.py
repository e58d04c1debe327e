"""Money that came: payment files and bank statements are read, matched, posted where certain, kept where not.

With the desk and the decisions beside it the only writer of incoming files and incoming payments.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.choices import ClientStatus
from clients.models import Client
from collections_app.choices import (
    ImportStatus,
    IncomingKind,
    PaymentMethod,
    ReceivedBy,
)
from collections_app.models import Case, IncomingFile
from collections_app.rules import importing, payment_files
from collections_app.rules.matching import Incoming
from collections_app.rules.payment_files import PaymentRow
from collections_app.rules.statements import values
from collections_app.rules.statements.reading import statements_read
from collections_app.rules.statements.values import Entry, Statements
from collections_app.selectors import incoming as selectors
from collections_app.services.file_reading import Progress, Source, quiet
from collections_app.services.incoming_desk import Arrived, Desk, cases_lock, told_amount
from collections_app.services.payment_reading import payments_read
from common import clock, money
from common.audit import Actor, record
from common.db import rows
from common.exceptions import Refused

_LOCK = 0x494E_434D  # one file of money at a time: what two files tell of is then known once
MOST_LISTED = 1_000


@dataclass(frozen=True, kw_only=True)
class Received:
    """What a file came to. ``file`` is None for a dry run."""

    result: dict[str, Any]
    status: str
    file: IncomingFile | None


def payments_import(
    *,
    actor: Actor,
    client: Client,
    content: bytes,
    name: str,
    layout: Any,
    dry_run: bool = False,
    user: User | None = None,
    file: IncomingFile | None = None,
    progress: Progress = quiet,
) -> Received:
    """Read a client's payment file, post what is certain, leave the rest to a person.

    A line that cannot be read is refused alone. The same file twice posts nothing twice: a payment is known by its
    reference and account holder. With ``dry_run`` nothing is written. Raises Refused when the file or layout as a
    whole is wrong.
    """
    plan = payment_files.layout_read(definition=layout)
    reading = payments_read(content=content, name=name, layout=plan, today=clock.today(), progress=progress)
    with transaction.atomic():
        if not dry_run:
            _one_at_a_time()
            file = _file_begun(
                file=file,
                client=client,
                kind=IncomingKind.PAYMENTS,
                content=content,
                name=name,
                layout=layout,
                user=user,
            )
            if file.status != ImportStatus.RUNNING:
                return Received(result=file.result, status=file.status, file=file)
        cases = selectors.cases_by_debtor_ref(client_id=client.pk, refs={row.debtor_ref for row in reading.rows})
        if not dry_run:
            cases_lock(case_ids=[case.pk for case in cases.values()])
            cases = selectors.cases_by_debtor_ref(client_id=client.pk, refs=set(cases))
        desk = Desk(cases=list(cases.values()), received_by=ReceivedBy.CLIENT, method=PaymentMethod.FILE)
        arrived = [_of_row(client=client, row=row, case=cases.get(row.debtor_ref), desk=desk) for row in reading.rows]
        desk.decide(arrived=arrived)
        refusals = [*reading.refusals]
        for one in desk.otherwise:
            column = plan.columns["payment_ref"]
            refusals.append(
                importing.Refusal(line=one.line, column=column, value=one.reference[:120], code="payment_otherwise")
            )
        refusals.sort(key=lambda refusal: refusal.line)
        result = {"payments": reading.total, **desk.told(), "refused": [refusal.as_json() for refusal in refusals]}
        if file is None or dry_run:
            return Received(result={**result, "dry_run": True}, status=ImportStatus.CHECKED, file=None)
        form = "XLSX" if Source(content=content, name=name).is_workbook else "CSV"
        desk.write(actor=actor, user=user, file=file, progress=progress)
        _file_ended(actor=actor, file=file, form=form, result=result)
    return Received(result=result, status=ImportStatus.DONE, file=file)


def statement_import(
    *,
    actor: Actor,
    client: Client | None,
    content: bytes,
    name: str,
    dry_run: bool = False,
    user: User | None = None,
    file: IncomingFile | None = None,
    progress: Progress = quiet,
) -> Received:
    """Read a bank's statement, post the credits that say whose they are and fit, leave the rest to a person.

    Without a ``client`` the accounts of all active clients are looked through. An entry is known again by its account,
    day, amount and words, in whatever file it comes. Raises Refused with the line when the file is no statement.
    """
    try:
        told = statements_read(content=content)
    except values.Unreadable as error:
        words = format_lazy(_("Line {line}: {reason}"), line=error.line, reason=values.REASONS[error.code])
        raise Refused("statement", words, details={"line": error.line, "code": error.code}) from error
    clients = (
        Client.objects.filter(status=ClientStatus.ACTIVE) if client is None else Client.objects.filter(pk=client.pk)
    )
    client_ids = list(clients.order_by("pk").values_list("pk", flat=True))
    with transaction.atomic():
        if not dry_run:
            _one_at_a_time()
            file = _file_begun(
                file=file, client=client, kind=IncomingKind.STATEMENT, content=content, name=name, layout={}, user=user
            )
            if file.status != ImportStatus.RUNNING:
                return Received(result=file.result, status=file.status, file=file)
        arrived = _of_statements(statements=told, client_ids=client_ids)
        case_ids = {one.incoming.holder for one in arrived if one.incoming.holder is not None}
        if not dry_run:
            cases_lock(case_ids=case_ids)
        cases = list(Case.objects.filter(pk__in=case_ids).select_related("debtor"))
        desk = Desk(cases=cases, received_by=ReceivedBy.AGENCY, method=PaymentMethod.TRANSFER)
        desk.decide(arrived=[replace(one, incoming=desk.stopped(one.incoming)) for one in arrived])
        result = {"format": told.form, "statements": _statements_json(told), **desk.told(), "warnings": _warnings(told)}
        if file is None or dry_run:
            return Received(result={**result, "dry_run": True}, status=ImportStatus.CHECKED, file=None)
        desk.write(actor=actor, user=user, file=file, progress=progress)
        _file_ended(actor=actor, file=file, form=told.form, result=result)
    return Received(result=result, status=ImportStatus.DONE, file=file)


def _one_at_a_time() -> None:
    rows("SELECT pg_advisory_xact_lock(%(lock)s)", {"lock": _LOCK})


def _file_begun(
    *,
    file: IncomingFile | None,
    client: Client | None,
    kind: str,
    content: bytes,
    name: str,
    layout: Any,
    user: User | None,
) -> IncomingFile:
    """The file's row: a kept upload's, looked at again under lock, or a new one."""
    if file is not None:
        # Another worker may have done it while this one waited for its turn.
        return IncomingFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    return IncomingFile.objects.create(
        client=client,
        kind=kind,
        name=name[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        layout=layout,
        status=ImportStatus.RUNNING,
        uploaded_by=user,
        created_at=clock.now(),
    )


def _file_ended(*, actor: Actor, file: IncomingFile, form: str, result: dict[str, Any]) -> None:
    """What came of the file, on its row and in the trail."""
    lists = ("matched", "suggested", "unmatched", "known", "refused")
    counts = {name: len(result[name]) for name in lists if name in result}
    kept = {name: value[:MOST_LISTED] if name in lists else value for name, value in result.items()}
    file.form, file.status, file.finished_at = form, ImportStatus.DONE, clock.now()
    file.result = {**kept, "counts": counts, "posted": len({line["payment_ref"] for line in result["matched"]})}
    file.save(update_fields=["form", "status", "finished_at", "result"])
    record(
        actor=actor,
        action="incoming.read",
        subject=file,
        client_id=file.client_id,
        body={"sha256": file.sha256, "kind": file.kind, "form": form, **counts},
    )


def _of_row(*, client: Client, row: PaymentRow, case: Case | None, desk: Desk) -> Arrived:
    """A line of a client's file: the account holder is told, and perhaps the receivable."""
    named: tuple[tuple[int, ...], ...] = ()
    if case is not None and row.receivable_ref:
        ids = tuple(item.receivable_id for item in desk.items[case.pk] if item.ref == row.receivable_ref)
        named = (ids,) if ids else ()
    incoming = Incoming(
        key=row.line,
        reference=row.payment_ref,
        value_on=row.value_on,
        amount=row.amount,
        currency=row.currency,
        holder=case.pk if case is not None else None,
        named=named,
        astray=bool(row.receivable_ref) and not named,
    )
    return Arrived(
        identity=payment_files.identity("payments", client.pk, row.debtor_ref, row.payment_ref),
        line=row.line,
        reference=row.payment_ref,
        incoming=desk.stopped(incoming),
        debtor_ref=row.debtor_ref,
        receivable_ref=row.receivable_ref,
    )


_REFERENCE = re.compile(r"[^A-Za-z0-9._/-]+")


def _of_statements(*, statements: Statements, client_ids: Sequence[int]) -> list[Arrived]:
    """The credits of a statement, each with whose it is by the references in its words."""
    credits = [
        (statement.account, entry)
        for statement in statements.statements
        for whole in statement.entries
        if whole.amount > money.ZERO and whole.booked
        for entry in _parts(whole)
    ]
    tokens = [payment_files.tokens_of(entry.reference, entry.text) for _account, entry in credits]
    every = sorted(set().union(*tokens)) if tokens else []
    debtors = selectors.debtors_named(client_ids=client_ids, tokens=every)
    receivables = selectors.receivables_named(client_ids=client_ids, tokens=every)
    days = [entry.value_on for _account, entry in credits]
    noted = (
        selectors.payments_noted(client_ids=client_ids, tokens=every, since=min(days), until=max(days)) if days else []
    )
    seen: Counter[str] = Counter()
    arrived = []
    for place, ((account, entry), words) in enumerate(zip(credits, tokens, strict=True)):
        same = payment_files.identity(
            "statement", account, entry.value_on, entry.amount, entry.currency, entry.reference, entry.text
        )
        identity = payment_files.identity(same, seen[same])
        seen[same] += 1
        says = payment_files.text_says(
            debtors=[one for one in debtors if one.token in words],
            receivables=[one for one in receivables if one.token in words],
        )
        twin = next((p for p in noted if p.reference in words and p.amount == entry.amount), None)
        if twin is not None and says.case_id in {None, twin.case_id}:
            says = replace(says, case_id=twin.case_id, stop="by_hand_twice")
        own = _REFERENCE.sub("-", entry.reference)[:60].strip("-") or f"{entry.value_on:%Y%m%d}"
        arrived.append(
            Arrived(
                identity=identity,
                line=entry.line,
                reference=f"BANK-{own}-{identity[:8]}",
                incoming=Incoming(
                    key=place,
                    reference=entry.reference,
                    value_on=entry.value_on,
                    amount=entry.amount,
                    currency=entry.currency,
                    holder=says.case_id,
                    named=says.named,
                    firm=False,
                    weak=says.weak,
                    stop="reversal" if entry.reversal else says.stop,
                ),
                name=entry.name,
                text=entry.text,
            )
        )
    return arrived


def _parts(entry: Entry) -> list[Entry]:
    """The payments a bank put together in one entry, each as an entry of its own."""
    if not entry.parts:
        return [entry]
    return [
        replace(entry, amount=part.amount, reference=part.reference, name=part.name, text=part.text, parts=())
        for part in entry.parts
        if part.amount > money.ZERO
    ]


def _statements_json(told: Statements) -> list[dict[str, Any]]:
    return [
        {
            "account": one.account,
            "currency": one.currency,
            "opening": told_amount(one.opening),
            "closing": told_amount(one.closing),
            "entries": len(one.entries),
            "sum": told_amount(one.sum),
            "balanced": one.balanced,
        }
        for one in told.statements
    ]


def _warnings(told: Statements) -> list[dict[str, Any]]:
    """What a person should know of the statements, once for each kind, with how often and the first line."""
    all_of_them = [*told.warnings, *(warned for one in told.statements for warned in one.warnings)]
    lines: dict[str, list[int]] = {}
    for warned in all_of_them:
        lines.setdefault(warned.code, []).append(warned.line)
    return [
        {"code": code, "lines": len(found), "first": min(found), **importing.in_both(values.WARNINGS[code])}
        for code, found in lines.items()
    ]
