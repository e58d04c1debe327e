"""A case's money, held: its facts, the shares they lack, and everything that follows from a change (ADR 0019)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from clients.models import Client
from collections_app.choices import EntryKind
from collections_app.events import NotePosted
from collections_app.models import Case, LedgerEntry
from collections_app.rules.allocation import Claim, Spread, corrections
from collections_app.selectors.money import Facts
from collections_app.services import stage_actions, stages
from collections_app.services.cases import cases_refresh
from collections_app.services.default import defaults_judge
from collections_app.services.promises import promises_judge_again
from common import clock, money
from common.db import execute
from common.events import publish
from common.exceptions import Refused

# What is written of each entry, as arrays. One statement, so that at no moment less than nothing is owed; and one text
# for one entry and for a thousand, which as rows of parameters take longer to send and to read than to write.
_COLUMNS = ("receivables", "kinds", "components", "amounts", "days", "payments", "allocations")
_ENTRIES = """
INSERT INTO collections_app_ledgerentry
    (client_id, currency, recorded_at, event_id, receivable_id, kind, component, amount, effective_on, payment_id,
     allocation)
SELECT %(client_id)s, %(currency)s, %(now)s, %(event_id)s, e.*
FROM unnest(%(receivables)s::bigint[], %(kinds)s::text[], %(components)s::text[], %(amounts)s::numeric[],
            %(days)s::date[], %(payments)s::bigint[], %(allocations)s::text[]) AS e
"""
_SUSPENSE = """
UPDATE collections_app_payment p SET suspense = s.suspense
FROM unnest(%(ids)s::bigint[], %(amounts)s::numeric[]) AS s (id, suspense) WHERE p.id = s.id
"""


@dataclass(frozen=True, kw_only=True)
class CaseMoney:
    """One case and its client, both held until the transaction ends; the client first, as everywhere in the house."""

    client: Client
    case: Case

    @classmethod
    def held(cls, *, client_id: int, case_id: int) -> CaseMoney:
        client = Client.held(client_id=client_id)
        return cls(client=client, case=Case.objects.select_for_update(no_key=True).get(pk=case_id))

    def facts(self, *, currency: str) -> Facts:
        return Facts.of(client_id=self.client.pk, case_id=self.case.pk, currency=currency)

    @staticmethod
    def write(*, facts: Facts, spread: Spread, event_id: int, now: dt.datetime, reversing: int | None = None) -> bool:
        """Write what the ledger lacks of ``spread``; whether a receivable owes more by it.

        ``reversing`` is the payment that is being taken back: its corrections are reversals, all others reallocations.
        """
        differences = corrections(wanted=spread.shares, written=facts.written)
        away = corrections(wanted=spread.withdrawn, written=facts.withdrawn)

        def kind_of(payment_id: int, amount: Decimal) -> str:
            if amount > money.ZERO:
                return EntryKind.PAYMENT
            return EntryKind.REVERSAL if payment_id == reversing else EntryKind.REALLOCATION

        # Words as plain text: a word of ours and one that was read would not go into one array.
        entries: list[tuple[object, ...]] = [
            (
                key.receivable_id,
                str(kind_of(key.payment_id, amount)),
                str(key.component),
                -amount,
                key.on,
                key.payment_id,
                str(key.allocation),
            )
            for key, amount in sorted(
                differences.items(), key=lambda pair: (pair[0].on, pair[0].payment_id, pair[0].receivable_id)
            )
        ]
        entries += [
            (receivable_id, str(EntryKind.WITHDRAWAL), str(component), -amount, on, None, "")
            for (receivable_id, component, on), amount in sorted(away.items())
        ]
        if entries:
            told = {"client_id": facts.client_id, "currency": facts.currency, "now": now, "event_id": event_id}
            columns = (list(column) for column in zip(*entries, strict=True))
            execute(_ENTRIES, {**told, **dict(zip(_COLUMNS, columns, strict=True))}, kept=True)
        waiting = {pk: amount for pk, amount in spread.suspense.items() if facts.suspense[pk] != amount}
        if waiting:
            execute(_SUSPENSE, {"ids": list(waiting), "amounts": list(waiting.values())})
        return any(amount < money.ZERO for amount in (*differences.values(), *away.values()))

    @staticmethod
    def claimed(*, facts: Facts, claim: Claim) -> Facts:
        """The facts with one claim more, or less. Raises Refused where more would be credited than was ever claimed."""
        facts = facts.claimed(claim=claim)
        least = facts.least_claimed(receivable_id=claim.receivable_id, component=claim.component, since=claim.on)
        if least < money.ZERO:
            raise Refused("note_above_claim", _("More cannot be credited than was ever claimed."), field="amount")
        return facts

    def claim(self, *, facts: Facts, entry: LedgerEntry) -> LedgerEntry:
        """Write one claim with what it moves. Money leaves a receivable before its claim shrinks, and comes after it
        grew: at no moment is less than nothing owed.
        """
        spread = facts.replayed()
        if entry.amount > money.ZERO:
            entry.save(force_insert=True)
            self.write(facts=facts, spread=spread, event_id=entry.event_id, now=entry.recorded_at)
        else:
            self.write(facts=facts, spread=spread, event_id=entry.event_id, now=entry.recorded_at)
            entry.save(force_insert=True)
        self.settle(reopened=True)
        publish(
            NotePosted(
                entry_id=entry.pk,
                case_id=self.case.pk,
                client_id=self.client.pk,
                receivable_id=entry.receivable_id,
                amount=entry.amount,
                currency=entry.currency,
                value_on=entry.effective_on,
            )
        )
        return entry

    def settle(self, *, reopened: bool) -> None:
        """After the ledger moved: what is owed again takes the stage of its age now, sums and promises follow."""
        client, case_id = self.client, self.case.pk
        day = client.book_date or clock.today()
        # First: a case that opens again has its holds again, by which it is aged.
        cases_refresh(case_ids=[case_id])
        if reopened and client.book_date is not None:
            stages.case_age_again(client_id=client.pk, case_id=case_id, day=client.book_date)
        else:
            stage_actions.stage_requests_settle(client_id=client.pk, day=day, case_id=case_id)
        defaults_judge(client_id=client.pk, case_ids=[case_id], day=day)
        if reopened:
            stage_actions.stage_tasks_reopen(case_id=case_id)
        promises_judge_again(case_ids=[case_id])
