"""One file's payments on the desk: decided against what their account holders owe, told, and written.

Everything that is posted from files of money goes through ``incoming_post``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from accounts.models import User
from collections_app.choices import INCOMING_WAITS, OPEN_CASE, CaseStatus, IncomingState
from collections_app.models import Case, IncomingFile, IncomingPayment, Payment
from collections_app.rules import importing, matching
from collections_app.rules.allocation import Share
from collections_app.rules.matching import Decision, Incoming
from collections_app.selectors import incoming as selectors
from collections_app.services.file_reading import Progress
from collections_app.services.ledger import payment_post
from common import clock, money
from common.audit import Actor
from common.db import execute

_ENDED_WELL = OPEN_CASE | {CaseStatus.PAID, CaseStatus.SETTLED}


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """One payment as its file tells it, whatever kind of file."""

    identity: str
    line: int
    reference: str
    incoming: Incoming
    debtor_ref: str = ""
    receivable_ref: str = ""
    name: str = ""
    text: str = ""


def cases_lock(*, case_ids: Collection[int]) -> None:
    """The order of locks is the house's: clients, their cases by id."""
    client_ids = sorted(set(Case.objects.filter(pk__in=case_ids).values_list("client_id", flat=True)))
    execute("SELECT 1 FROM clients_client WHERE id = ANY(%(ids)s) ORDER BY id FOR SHARE", {"ids": client_ids})
    execute(
        "SELECT 1 FROM collections_app_case WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE",
        {"ids": sorted(case_ids)},
    )


def told_amount(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


class Desk:
    """One file's payments: decided against what its account holders owe, told, and written."""

    def __init__(self, *, cases: Sequence[Case], received_by: str, method: str) -> None:
        self.cases = {case.pk: case for case in cases}
        self.items = selectors.items_of(case_ids=list(self.cases))
        self.refs = {item.receivable_id: item.ref for items in self.items.values() for item in items}
        self.received_by, self.method = received_by, method
        self.arrived: dict[int, Arrived] = {}
        self.decisions: list[Decision] = []
        # Recognised: on the case or with a person already, decided before.
        self.known: list[Arrived] = []
        # The reference is known with another amount, date or currency.
        self.otherwise: list[Arrived] = []
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

    def decide(self, *, arrived: Sequence[Arrived]) -> None:
        """Match what is new, or still waiting from before; what is known is only told."""
        before = {
            row.identity: row for row in IncomingPayment.objects.filter(identity__in=[one.identity for one in arrived])
        }
        posted = selectors.payments_on(case_ids=list(self.cases), references=[one.reference for one in arrived])
        fresh: list[Arrived] = []
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
                     "amount": told_amount(share.amount)}
                    for share in decision.shares
                ]  # fmt: skip
                continue
            head = {
                "payment_ref": one.reference,
                "line": one.line,
                "value_date": one.incoming.value_on.isoformat(),
                "amount": told_amount(one.incoming.amount),
                "currency": one.incoming.currency,
                "code": decision.reason,
                "reason": importing.in_both(matching.WAITS[decision.reason]),
            }
            if decision.outcome == "SUGGESTED":
                head["suggestions"] = [
                    {
                        "reason": importing.in_both(matching.SUGGESTIONS[found.reason]),
                        "receivables": [
                            {"receivable_ref": self.refs[share.receivable_id], "amount": told_amount(share.amount)}
                            for share in found.shares
                        ],
                    }
                    for found in decision.suggestions
                ]
            answer["suggested" if decision.outcome == "SUGGESTED" else "unmatched"].append(head)
        answer["known"] = [
            {"payment_ref": one.reference, "line": one.line, "amount": told_amount(one.incoming.amount)}
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
                row.payment = incoming_post(
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


def incoming_post(
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
