"""What the checklist is told of an application, and what it answers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db.models import Sum

from collections_app.choices import ReceivableStatus
from collections_app.models import DefaultEpisode, Receivable
from credit.choices import AgentScope
from credit.models import Application, Customer
from credit.rules.checklist import Asked, Bank, Facts, Gate, Line, PaperState, checklist
from credit.selectors.agents import agents_who_may
from credit.selectors.papers import papers_of_customer


def paper_states(*, customer: Customer, on: dt.date) -> dict[str, PaperState]:
    """Of each kind of paper in the file the best there is on a day: a valid one, else the newest one's state."""
    found: dict[str, PaperState] = {}
    for kind, begins, ends in papers_of_customer(customer=customer).values_list("kind", "valid_from", "valid_until"):
        state = PaperState.VALID
        if ends is not None and ends < on:
            state = PaperState.RUN_OUT
        elif begins is not None and begins > on:
            state = PaperState.NOT_YET
        if state == PaperState.VALID or kind not in found:
            found[kind] = state
    return found


def owed_to_client(*, customer: Customer) -> tuple[Decimal, int]:
    """What the customer owes this client on any of its accounts, and how many of its defaults stand (CM-18)."""
    same = {"case__debtor__party_id": customer.debtor.party_id, "client_id": customer.client_id}
    owed = Receivable.objects.filter(**same, status=ReceivableStatus.OPEN).aggregate(total=Sum("balance"))["total"]
    standing = DefaultEpisode.objects.filter(**same, ended_on__isnull=True, undone_on__isnull=True)
    return owed or Decimal(0), standing.count()


def checklist_facts(*, application: Application, on: dt.date) -> Facts:
    """All that the checklist looks at, as the file stands."""
    customer = application.customer
    owed, defaults = owed_to_client(customer=customer)
    accounts = application.bank_accounts.prefetch_related("month_rows").order_by("bank", "pk")
    return Facts(
        kind=customer.kind,
        purpose=application.purpose,
        applied_on=application.applied_on,
        papers=paper_states(customer=customer, on=on),
        grounds=application.grounds,
        asked_limit=application.asked_limit,
        capital=application.capital,
        legal_form=application.legal_form,
        annual_sales=application.annual_sales,
        sales_year=application.sales_year,
        banks=[
            Bank(
                name=account.bank,
                months=account.months,
                until_month=account.until_month,
                has_statement=account.statement_id is not None,
                has_certificate=account.certificate_id is not None,
                entered=frozenset(row.month for row in account.month_rows.all()),
            )
            for account in accounts
        ],
        statements=dict(application.statements.values_list("year", "sales")),
        references=[
            Asked(kind=kind, asked=asked is not None, answered=answered is not None)
            for kind, asked, answered in application.references.values_list("kind", "asked_on", "answered_on")
        ],
        signatories=sum(
            agent.specimen_paper_id is not None
            for agent in agents_who_may(customer=customer, scope=AgentScope.AGREEMENTS, on=on)
        ),
        judged=set(application.judgements.values_list("criterion", flat=True)),
        owed=owed,
        defaults=defaults,
    )


def checklist_of(*, application: Application, on: dt.date) -> list[Line]:
    """Every line of the application's checklist, as the file stands on a day."""
    return checklist(checklist_facts(application=application, on=on))


def lacking(*, application: Application, gate: Gate, on: dt.date) -> list[Line]:
    """The lines that stop an application at a gate; everything of the gate before stops it there too."""
    gates = {Gate.SUBMIT} if gate == Gate.SUBMIT else {Gate.SUBMIT, Gate.ANALYSE}
    return [line for line in checklist_of(application=application, on=on) if line.stops and line.gate in gates]
