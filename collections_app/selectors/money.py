"""A case's money in one currency: the facts, what the ledger says of them, and what follows from them (ADR 0019)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from collections_app.choices import Allocation
from collections_app.rules.allocation import Away, Claim, Item, Key, Money, Place, Share, Spread, corrections, replay
from common.db import rows
from common.money import ZERO

_ITEMS = """
SELECT id, receivable_ref, due_on, issued_on FROM collections_app_receivable
WHERE case_id = %(case_id)s AND currency = %(currency)s
"""

_ENTRIES = """
SELECT e.payment_id, e.receivable_id, e.component, e.effective_on, e.allocation, e.kind = 'WITHDRAWAL' AS away,
       sum(e.amount) AS amount
FROM collections_app_receivable r JOIN collections_app_ledgerentry e ON e.receivable_id = r.id
WHERE r.case_id = %(case_id)s AND r.currency = %(currency)s
GROUP BY 1, 2, 3, 4, 5, 6
"""

_PAYMENTS = """
SELECT p.id, p.reference, p.value_on, p.amount - p.reversed_amount AS left_of_it, p.allocation_method, p.suspense,
       n.receivable_ids, n.amounts
FROM collections_app_payment p
LEFT JOIN LATERAL (
    SELECT array_agg(receivable_id ORDER BY receivable_id) AS receivable_ids,
           array_agg(amount ORDER BY receivable_id) AS amounts
    FROM (
        SELECT receivable_id, sum(amount) AS amount FROM collections_app_paymentpin
        WHERE payment_id = p.id GROUP BY 1 HAVING sum(amount) > 0
    ) one
) n ON true
WHERE p.case_id = %(case_id)s AND p.currency = %(currency)s
"""

_AWAYS = """
SELECT w.receivable_id, CASE WHEN NOT w.whole THEN w."on" END AS "on", w.until_on
FROM collections_app_receivable r JOIN collections_app_withdrawal w ON w.receivable_id = r.id
WHERE r.case_id = %(case_id)s AND r.currency = %(currency)s
"""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of one case's money in one currency, and what the ledger says of it.

    Whoever means to write holds the case before reading them.
    """

    client_id: int
    currency: str
    items: tuple[Item, ...]
    claims: tuple[Claim, ...]
    payments: tuple[Money, ...]
    written: dict[Key, Decimal]
    suspense: dict[int, Decimal]
    aways: tuple[Away, ...] = ()
    withdrawn: dict[Place, Decimal] = field(default_factory=dict)

    @classmethod
    def of(cls, *, client_id: int, case_id: int, currency: str) -> Facts:
        asked = {"case_id": case_id, "currency": currency}
        claims, written, withdrawn = [], {}, {}
        for row in rows(_ENTRIES, asked, kept=True):
            if row["away"]:
                withdrawn[(row["receivable_id"], row["component"], row["effective_on"])] = -row["amount"]
            elif row["payment_id"] is None:
                claims.append(
                    Claim(
                        receivable_id=row["receivable_id"],
                        component=row["component"],
                        on=row["effective_on"],
                        amount=row["amount"],
                    )
                )
            else:
                key = Key(
                    payment_id=row["payment_id"],
                    receivable_id=row["receivable_id"],
                    component=row["component"],
                    on=row["effective_on"],
                    allocation=row["allocation"],
                )
                written[key] = -row["amount"]
        payments, suspense = [], {}
        for row in rows(_PAYMENTS, asked, kept=True):
            suspense[row["id"]] = row["suspense"]
            payments.append(
                Money(
                    payment_id=row["id"],
                    reference=row["reference"],
                    value_on=row["value_on"],
                    amount=row["left_of_it"],
                    method=row["allocation_method"],
                    pins=tuple(
                        Share(receivable_id=receivable_id, amount=amount)
                        for receivable_id, amount in zip(row["receivable_ids"] or (), row["amounts"] or (), strict=True)
                    ),
                )
            )
        return cls(
            client_id=client_id,
            currency=currency,
            items=tuple(
                Item(receivable_id=r["id"], ref=r["receivable_ref"], due_on=r["due_on"], issued_on=r["issued_on"])
                for r in rows(_ITEMS, asked, kept=True)
            ),
            claims=tuple(claims),
            payments=tuple(payments),
            written=written,
            suspense=suspense,
            aways=tuple(
                Away(receivable_id=r["receivable_id"], on=r["on"], until=r["until_on"])
                for r in rows(_AWAYS, asked, kept=True)
            ),
            withdrawn=withdrawn,
        )

    def pinned(self, *, payment_id: int, pins: Sequence[Share]) -> Facts:
        """The same with these pins on one payment, before they are written."""
        return replace(
            self,
            payments=tuple(
                replace(money, pins=together(money.pins, pins)) if money.payment_id == payment_id else money
                for money in self.payments
            ),
        )

    def joined(self, *, money: Money) -> tuple[Facts, Spread]:
        """The same with one more payment, and its replay: what of it waits is written with it."""
        more = replace(self, payments=(*self.payments, money))
        spread = more.replayed()
        waiting = {**self.suspense, money.payment_id: spread.suspense[money.payment_id]}
        return replace(more, suspense=waiting), spread

    def no_longer_wanted(self, *, payment_id: int, waiting: Decimal, pins: Sequence[Share]) -> list[Share]:
        """What earlier pins still wanted of the waiting money that these now take, as negative pins.

        Waiting money that no pin speaks of goes first.
        """
        unmet = self.unmet(payment_id=payment_id, spread=self.replayed())
        unspoken = waiting - sum((pin.amount for pin in unmet), ZERO)
        needed = sum((pin.amount for pin in pins), ZERO) - max(unspoken, ZERO)
        found = []
        for pin in reversed(unmet):
            part = min(needed, pin.amount)
            if part > ZERO:
                found.append(Share(receivable_id=pin.receivable_id, amount=-part))
                needed -= part
        return found

    def unmet(self, *, payment_id: int, spread: Spread) -> list[Share]:
        """What a payment's pins still want of their receivables, in the order in which these are paid."""
        money = next(money for money in self.payments if money.payment_id == payment_id)
        order = {item.receivable_id: item.order for item in self.items}
        found = []
        for pin in sorted(money.pins, key=lambda pin: order[pin.receivable_id]):
            met = sum(
                (
                    amount
                    for key, amount in spread.shares.items()
                    if (key.payment_id, key.receivable_id, key.allocation)
                    == (payment_id, pin.receivable_id, Allocation.PINNED)
                ),
                ZERO,
            )
            if pin.amount > met:
                found.append(Share(receivable_id=pin.receivable_id, amount=pin.amount - met))
        return found

    def claimed(self, *, claim: Claim) -> Facts:
        """The same with one more claim, before it is written."""
        return replace(self, claims=(*self.claims, claim))

    def least_claimed(self, *, receivable_id: int, component: str, since: dt.date) -> Decimal:
        """The least that the claims of one receivable and component come to at the end of any day from ``since`` on."""
        of_it = [c for c in self.claims if (c.receivable_id, c.component) == (receivable_id, component)]
        days = {since, *(claim.on for claim in of_it if claim.on > since)}
        return min(sum((claim.amount for claim in of_it if claim.on <= day), ZERO) for day in days)

    def open_of(self, *, receivable_id: int, component: str, on: dt.date = dt.date.max) -> Decimal:
        """What the ledger says is open of one receivable and component at the end of ``on``, else over all its entries,
        later-valued ones too."""
        place = (receivable_id, component)
        claims = (c for c in self.claims if (c.receivable_id, c.component) == place)
        given = ((k.on, amount) for k, amount in self.written.items() if (k.receivable_id, k.component) == place)
        out = ((day, amount) for (*of, day), amount in self.withdrawn.items() if tuple(of) == place)
        return (
            sum((c.amount for c in claims if c.on <= on), ZERO)
            - sum((amount for day, amount in given if day <= on), ZERO)
            - sum((amount for day, amount in out if day <= on), ZERO)
        )

    def replayed(self) -> Spread:
        return replay(items=self.items, claims=self.claims, payments=self.payments, aways=self.aways)

    def says(self, *, spread: Spread) -> bool:
        """Whether the ledger says already what the facts say."""
        return (
            not corrections(wanted=spread.shares, written=self.written)
            and not corrections(wanted=spread.withdrawn, written=self.withdrawn)
            and all(self.suspense[pk] == amount for pk, amount in spread.suspense.items())
        )


def together(*many: Sequence[Share]) -> tuple[Share, ...]:
    """Pins summed by receivable; what comes to nothing is left out."""
    found: dict[int, Decimal] = {}
    for pins in many:
        for pin in pins:
            found[pin.receivable_id] = found.get(pin.receivable_id, ZERO) + pin.amount
    return tuple(Share(receivable_id=pk, amount=amount) for pk, amount in found.items() if amount > ZERO)
