"""Money that came: payment files and bank statements matched and posted, and what waits decided by a person.

The only writers of incoming files and incoming payments. Everything posted here goes through ``_post``.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.choices import ClientStatus
from clients.models import Client
from collections_app.choices import (
    INCOMING_MOVES,
    INCOMING_WAITS,
    OPEN_CASE,
    CaseStatus,
    ImportStatus,
    IncomingKind,
    IncomingState,
    PaymentMethod,
    ReceivedBy,
)
from collections_app.models import Case, IncomingFile, IncomingPayment, Payment, Receivable
from collections_app.rules import importing, matching, payment_files
from collections_app.rules.allocation import Share
from collections_app.rules.matching import Decision, Incoming
from collections_app.rules.payment_files import PaymentRow
from collections_app.rules.statements import values
from collections_app.rules.statements.reading import statements_read
from collections_app.rules.statements.values import Entry, Statements
from collections_app.selectors import incoming as selectors
from collections_app.services.file_reading import Progress, is_workbook, quiet
from collections_app.services.ledger import payment_post
from collections_app.services.payment_reading import payments_read
from common import clock, money
from common.audit import Actor, record
from common.db import execute, rows
from common.exceptions import Refused

_LOCK = 0x494E_434D  # one file of money at a time: what two files tell of is then known once
MOST_LISTED = 1_000
_ENDED_WELL = OPEN_CASE | {CaseStatus.PAID, CaseStatus.SETTLED}
_Item = TypeVar("_Item")


@dataclass(frozen=True, kw_only=True)
class Received:
    """What a file came to. ``file`` is None for a dry run."""

    result: dict[str, Any]
    status: str
    file: IncomingFile | None


@dataclass(frozen=True, kw_only=True)
class _Arrived:
    """One payment as its file tells it, whatever kind of file."""

    identity: str
    line: int
    reference: str
    incoming: Incoming
    debtor_ref: str = ""
    receivable_ref: str = ""
    name: str = ""
    text: str = ""


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
            _lock(case_ids=[case.pk for case in cases.values()])
            cases = selectors.cases_by_debtor_ref(client_id=client.pk, refs=set(cases))
        desk = _Desk(cases=list(cases.values()), received_by=ReceivedBy.CLIENT, method=PaymentMethod.FILE)
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
        form = "XLSX" if is_workbook(content=content, name=name) else "CSV"
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
            _lock(case_ids=case_ids)
        cases = list(Case.objects.filter(pk__in=case_ids).select_related("debtor"))
        desk = _Desk(cases=cases, received_by=ReceivedBy.AGENCY, method=PaymentMethod.TRANSFER)
        desk.decide(arrived=[replace(one, incoming=desk.stopped(one.incoming)) for one in arrived])
        result = {"format": told.form, "statements": _statements_json(told), **desk.told(), "warnings": _warnings(told)}
        if file is None or dry_run:
            return Received(result={**result, "dry_run": True}, status=ImportStatus.CHECKED, file=None)
        desk.write(actor=actor, user=user, file=file, progress=progress)
        _file_ended(actor=actor, file=file, form=told.form, result=result)
    return Received(result=result, status=ImportStatus.DONE, file=file)


def _one_at_a_time() -> None:
    rows("SELECT pg_advisory_xact_lock(%(lock)s)", {"lock": _LOCK})


def _lock(*, case_ids: Collection[int]) -> None:
    """The order of locks is the house's: clients, their cases by id."""
    client_ids = sorted(set(Case.objects.filter(pk__in=case_ids).values_list("client_id", flat=True)))
    execute("SELECT 1 FROM clients_client WHERE id = ANY(%(ids)s) ORDER BY id FOR SHARE", {"ids": client_ids})
    execute(
        "SELECT 1 FROM collections_app_case WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE",
        {"ids": sorted(case_ids)},
    )


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


def _of_row(*, client: Client, row: PaymentRow, case: Case | None, desk: _Desk) -> _Arrived:
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
    return _Arrived(
        identity=payment_files.identity("payments", client.pk, row.debtor_ref, row.payment_ref),
        line=row.line,
        reference=row.payment_ref,
        incoming=desk.stopped(incoming),
        debtor_ref=row.debtor_ref,
        receivable_ref=row.receivable_ref,
    )


_REFERENCE = re.compile(r"[^A-Za-z0-9._/-]+")


def _of_statements(*, statements: Statements, client_ids: Sequence[int]) -> list[_Arrived]:
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
            _Arrived(
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


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _statements_json(told: Statements) -> list[dict[str, Any]]:
    return [
        {
            "account": one.account,
            "currency": one.currency,
            "opening": _money(one.opening),
            "closing": _money(one.closing),
            "entries": len(one.entries),
            "sum": _money(one.sum),
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


class _Desk:
    """One file's payments: decided against what its account holders owe, told, and written."""

    def __init__(self, *, cases: Sequence[Case], received_by: str, method: str) -> None:
        self.cases = {case.pk: case for case in cases}
        self.items = selectors.items_of(case_ids=list(self.cases))
        self.refs = {item.receivable_id: item.ref for items in self.items.values() for item in items}
        self.received_by, self.method = received_by, method
        self.arrived: dict[int, _Arrived] = {}
        self.decisions: list[Decision] = []
        # Recognised: on the case or with a person already, decided before.
        self.known: list[_Arrived] = []
        # The reference is known with another amount, date or currency.
        self.otherwise: list[_Arrived] = []
        self.waiting: dict[str, IncomingPayment] = {}

    def stopped(self, incoming: Incoming) -> Incoming:
        """With the reason why it is not for us to decide, when there is one."""
        if incoming.stop:
            return incoming
        stop = ""
        if incoming.currency not in money.IN_USE - money.NOT_TWO_DECIMALS:
            stop = "currency_unknown"
        elif incoming.value_on > clock.today():
            stop = "future"
        elif incoming.holder in self.cases and self.cases[incoming.holder].status not in _ENDED_WELL:
            stop = "case_ended"
        return replace(incoming, stop=stop)

    def decide(self, *, arrived: Sequence[_Arrived]) -> None:
        """Match what is new, or still waiting from before; what is known is only told."""
        before = {
            row.identity: row for row in IncomingPayment.objects.filter(identity__in=[one.identity for one in arrived])
        }
        posted = selectors.payments_on(case_ids=list(self.cases), references=[one.reference for one in arrived])
        fresh: list[_Arrived] = []
        for one in arrived:
            row = before.get(one.identity)
            payment = posted.get((one.incoming.holder or 0, one.reference))
            fact: IncomingPayment | Payment | None = row or payment
            if fact is not None and _values_of(fact) != _values_of(one.incoming):
                self.otherwise.append(one)
            elif payment is not None or (row is not None and row.state not in INCOMING_WAITS):
                self.known.append(one)
            else:
                fresh.append(one)
                if row is not None:
                    self.waiting[one.identity] = row
        self.arrived = {one.incoming.key: one for one in fresh}
        waiting = selectors.waiting_of(case_ids=list(self.cases), but=[one.identity for one in fresh])
        self.decisions = matching.take(payments=[*(one.incoming for one in fresh), *waiting], items=self.items)

    def told(self) -> dict[str, Any]:
        """The answer in lists: what is (to be) posted where, what a person may choose, what nothing was found for."""
        answer: dict[str, list[dict[str, Any]]] = {"matched": [], "suggested": [], "unmatched": [], "known": []}
        for decision in self.decisions:
            one = self.arrived[decision.payment.key]
            if decision.outcome == "MATCHED":
                answer["matched"] += [
                    {"payment_ref": one.reference, "receivable_ref": self.refs[share.receivable_id],
                     "amount": _money(share.amount)}
                    for share in decision.shares
                ]  # fmt: skip
                continue
            head = {
                "payment_ref": one.reference,
                "line": one.line,
                "value_date": one.incoming.value_on.isoformat(),
                "amount": _money(one.incoming.amount),
                "currency": one.incoming.currency,
                "code": decision.reason,
                "reason": importing.in_both(matching.WAITS[decision.reason]),
            }
            if decision.outcome == "SUGGESTED":
                head["suggestions"] = [
                    {
                        "reason": importing.in_both(matching.SUGGESTIONS[found.reason]),
                        "receivables": [
                            {"receivable_ref": self.refs[share.receivable_id], "amount": _money(share.amount)}
                            for share in found.shares
                        ],
                    }
                    for found in decision.suggestions
                ]
            answer["suggested" if decision.outcome == "SUGGESTED" else "unmatched"].append(head)
        answer["known"] = [
            {"payment_ref": one.reference, "line": one.line, "amount": _money(one.incoming.amount)}
            for one in self.known
        ]
        return answer

    def write(self, *, actor: Actor, user: User | None, file: IncomingFile, progress: Progress) -> None:
        """Post what is matched; keep each payment with what became of it."""
        now = clock.now()
        for done, decision in enumerate(self.decisions):
            if done % 50 == 0:
                progress("write", done, len(self.decisions))
            one = self.arrived[decision.payment.key]
            case = self.cases.get(decision.payment.holder or 0)
            row = self.waiting.get(one.identity) or IncomingPayment(
                client_id=file.client_id,
                file=file,
                line=one.line,
                identity=one.identity,
                reference=one.reference,
                debtor_ref=one.debtor_ref,
                receivable_ref=one.receivable_ref,
                value_on=one.incoming.value_on,
                amount=one.incoming.amount,
                currency=one.incoming.currency,
                recorded_at=now,
            )
            row.state, row.reason, row.case = IncomingState(decision.outcome), decision.reason, case
            row.client_id = case.client_id if case is not None else file.client_id
            row.suggestions = [
                {
                    "reason": found.reason,
                    "shares": [[share.receivable_id, str(share.amount)] for share in found.shares],
                }
                for found in decision.suggestions
            ]
            if decision.outcome == "MATCHED" and case is not None:
                row.payment = _post(
                    actor=actor,
                    user=user,
                    case=case,
                    row=row,
                    shares=decision.shares,
                    method=self.method,
                    received_by=self.received_by,
                    payer_name=one.name,
                )
                row.payer_name = row.text = ""
            else:
                row.payer_name, row.text = one.name, one.text
            row.save()


def _values_of(fact: IncomingPayment | Payment | Incoming) -> tuple[object, ...]:
    return fact.value_on, fact.amount, fact.currency


def _post(
    *,
    actor: Actor,
    user: User | None,
    case: Case,
    row: IncomingPayment,
    shares: Sequence[Share],
    method: str,
    received_by: str,
    payer_name: str,
) -> Payment:
    """The one place where money that came is posted: to exactly these receivables of one case.

    What the shares do not take is suspense on the payment. Raises Refused as ``payment_post`` does.
    """
    return payment_post(
        actor=actor,
        case=case,
        amount=row.amount,
        currency=row.currency,
        value_on=row.value_on,
        method=method,
        received_by=received_by,
        reference=row.reference,
        payer_name=payer_name,
        pins=tuple(shares),
        user=user,
    )


def incoming_accept(*, user: User, row: IncomingPayment, choice: str) -> IncomingPayment:
    """Post a payment as one of its suggestions says; ``choice`` names the shares as they were shown.

    Raises Refused when it is decided already, the suggestion is gone, or its receivables owe less by now.
    """
    found = next((one for one in selectors.suggestions_of(row) if selectors.shares_key(one.shares) == choice), None)
    if found is None:
        raise Refused("incoming_choice", _("This suggestion is gone. Look at it again."))
    return incoming_match(user=user, row=row, shares=found.shares, how="accepted")


def incoming_match(
    *, user: User, row: IncomingPayment, shares: Sequence[Share], how: str = "matched"
) -> IncomingPayment:
    """Post a payment on receivables that a person chose, all of one case; what they do not take stays unallocated.

    Raises Refused when it is decided already, when nothing or more than the payment is shared out, when a receivable
    is another client's, another currency's, owes less, or was issued after the value date.
    """
    with transaction.atomic():
        receivables = {r.pk: r for r in Receivable.objects.filter(pk__in=[share.receivable_id for share in shares])}
        case_ids = {r.case_id for r in receivables.values()}
        if not shares or len(receivables) != len(shares):
            raise Refused("incoming_nothing", _("Choose at least one receivable."))
        if len(case_ids) != 1:
            raise Refused("incoming_cases", _("The receivables of one payment are all of one account holder."))
        _lock(case_ids=case_ids)
        case = Case.objects.select_related("client").get(pk__in=case_ids)
        locked = _held(row=row, to=IncomingState.MATCHED)
        if locked.client_id is not None and locked.client_id != case.client_id:
            raise Refused("incoming_client", _("This receivable is of another client than the payment."))
        _shares_checked(row=locked, case=case, shares=shares)
        kind = locked.file.kind
        locked.client_id, locked.case = case.client_id, case
        locked.payment = _post(
            actor=Actor.person(user),
            user=user,
            case=case,
            row=locked,
            shares=shares,
            method=PaymentMethod.FILE if kind == IncomingKind.PAYMENTS else PaymentMethod.TRANSFER,
            received_by=ReceivedBy.CLIENT if kind == IncomingKind.PAYMENTS else ReceivedBy.AGENCY,
            payer_name=locked.payer_name,
        )
        body = {"payment": locked.payment.pk, "reason": locked.reason,
                "shares": [[share.receivable_id, share.amount] for share in shares]}  # fmt: skip
        _decided(user=user, row=locked, state=IncomingState.MATCHED)
        record(actor=Actor.person(user), action=f"incoming.{how}", subject=locked, body=body)
    return locked


def _shares_checked(*, row: IncomingPayment, case: Case, shares: Sequence[Share]) -> None:
    """Raise Refused for shares that the payment or the receivables cannot bear."""
    items = {item.receivable_id: item for item in selectors.items_of(case_ids=[case.pk])[case.pk]}
    for share in shares:
        item = items[share.receivable_id]
        if item.currency != row.currency:
            raise Refused("incoming_currency", _("A receivable takes money of its own currency only."))
        if item.issued_on > row.value_on:
            raise Refused("incoming_early", _("The receivable was issued after the payment's value date."))
        left = sum((amount for _day, amount in item.movements), money.ZERO)
        if not money.ZERO < share.amount <= left:
            raise Refused("incoming_left", _("What is open there has changed, or is less. Look at it again."))
    if sum((share.amount for share in shares), money.ZERO) > row.amount:
        raise Refused("incoming_more", _("This is more than the payment."))


def incoming_set_aside(*, user: User, row: IncomingPayment, reason: str) -> IncomingPayment:
    """Take a payment off the list without posting it: not ours, told twice, sent back.

    Raises Refused without a reason, or when it is decided already.
    """
    if not reason.strip():
        raise Refused("incoming_reason", _("Setting money aside needs its reason."), field="reason")
    with transaction.atomic():
        locked = _held(row=row, to=IncomingState.SET_ASIDE)
        locked.note = reason.strip()[:300]
        _decided(user=user, row=locked, state=IncomingState.SET_ASIDE)
        record(
            actor=Actor.person(user),
            action="incoming.set_aside",
            subject=locked,
            body={"reason": locked.note, "amount": locked.amount, "currency": locked.currency},
        )
    return locked


def _held(*, row: IncomingPayment, to: str) -> IncomingPayment:
    """The payment under lock. Raises Refused when it does not move there any more."""
    locked = IncomingPayment.objects.select_for_update(of=("self",)).select_related("file").get(pk=row.pk)
    if to not in INCOMING_MOVES[locked.state]:
        raise Refused("incoming_decided", _("This payment is decided already."))
    return locked


def _decided(*, user: User, row: IncomingPayment, state: str) -> None:
    """Keep the decision. What the bank wrote of the payer is needed no longer, and goes."""
    row.state, row.decided_by, row.decided_at = state, user, clock.now()
    row.payer_name = row.text = ""
    row.suggestions = []
    row.save()
