"""Small legal worlds for tests, made by the services."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from collections_app.models import Authorisation, Case, EscalationRequest
from collections_app.services.contacts import contact_record
from common import clock
from common.audit import Actor
from legal.models import (
    Claim,
    CourtDate,
    Instrument,
    LawFirm,
    Lawyer,
    LawyerConflict,
    LegalCost,
    LegalFile,
    LegalTask,
    Paper,
)
from legal.services.claims import claim_file
from legal.services.costs import cost_record
from legal.services.court_dates import court_date_add
from legal.services.escalations import escalation_decide, escalation_propose, escalation_sign
from legal.services.files import file_open
from legal.services.instruments import instrument_save
from legal.services.lawyers import conflict_record, firm_save, lawyer_save
from legal.services.packs import pack_make
from legal.services.papers import paper_add
from tests.world import a_case, a_pdf, make_client, make_user


def a_firm(*, by: User, n: int | str = 1) -> LawFirm:
    return firm_save(user=by, firm=None, name_ar=f"مكتب {n}", name_en=f"Firm {n}", licence=f"F-{n}")


def a_lawyer(*, by: User, firm: LawFirm | None = None, n: int | str = 1) -> Lawyer:
    firm = firm or a_firm(by=by, n=n)
    return lawyer_save(user=by, firm=firm, name_ar=f"محامٍ {n}", name_en=f"Lawyer {n}", licence=f"L-{n}")


def a_pack(request: EscalationRequest, *, by: User) -> Paper:
    """The evidence pack of a request with all that a file needs: contract, note, a contact that was tried."""
    case = request.case
    contact_record(
        actor=Actor.person(by), user=by, case=case, channel="PHONE", reached="NO_ONE", outcome="NO_ANSWER",
        breach_reason="خارج الساعات",
    )  # fmt: skip
    for kind in ("CONTRACT", "NOTE"):
        paper_add(user=by, case=case, kind=kind, title=kind, name="c.pdf", content=a_pdf())
    return pack_make(user=by, request=request)


@dataclass(kw_only=True)
class Court:
    """One client's case under a signed authorisation, in a lawyer's hands."""

    client: Client
    officer: User
    manager: User
    collector: User
    signatory: User
    case: Case
    authorisation: Authorisation
    lawyer: Lawyer
    file: LegalFile


def a_court(
    code: str = "AAA",
    *,
    amount: str = "1000.00",
    days_late: int = 40,
    lawyer_user: User | None = None,
    pack: bool = False,
    **row: Any,
) -> Court:
    """The shortest way to court: a case, its authorisation, a firm with a lawyer, and an open file."""
    low, client = code.lower(), make_client(code)
    officer, manager = (
        make_user(Role.LEGAL_OFFICER, name=f"{low}.l"),
        make_user(Role.COLLECTIONS_MANAGER, name=f"{low}.m"),
    )
    collector = make_user(Role.COLLECTOR, name=f"{low}.c")
    signatory = make_user(Role.CLIENT_SIGNATORY, client=client, name=f"{low}.s")
    case = a_case(client, ref=f"{code}-1", owner=collector, amount=amount, days_late=days_late, **row)
    request = escalation_propose(
        user=collector,
        case=case,
        grounds="وعود لم تُوفَ ولا رد منذ شهر.",
        steps=["FINAL_NOTICE", "CLAIM"],
        cost_ceiling=Decimal("500.00"),
    )
    if pack:
        a_pack(request, by=collector)
    request = escalation_decide(user=manager, request=request, decision="APPROVED", digest=request.digest)
    authorisation = escalation_sign(user=signatory, request=request, digest=request.digest)
    lawyer = a_lawyer(by=officer, n=code)
    if lawyer_user is not None:
        Lawyer.objects.filter(pk=lawyer.pk).update(user=lawyer_user)
    file = file_open(user=officer, authorisation=authorisation, lawyer=lawyer, on=clock.today())
    case.refresh_from_db()
    return Court(
        client=client, officer=officer, manager=manager, collector=collector, signatory=signatory, case=case,
        authorisation=authorisation, lawyer=lawyer, file=file,
    )  # fmt: skip


def a_claim(court: Court, *, amount: str = "1000.00", filed_on: dt.date | None = None, **fields: Any) -> Claim:
    """A claim before the court."""
    return claim_file(
        user=court.officer, file=court.file, kind="FILING", amount=Decimal(amount), filed_on=filed_on or clock.today(),
        reference="4470001234", **fields,
    )  # fmt: skip


def a_court_date(court: Court, *, days: int = 5, title: str = "جلسة أولى") -> CourtDate:
    """A hearing in so many days."""
    return court_date_add(
        user=court.officer, file=court.file, kind="HEARING", title=title, on=clock.today() + dt.timedelta(days=days),
        at=dt.time(9, 30), place="قاعة 4",
    )  # fmt: skip


def a_cost(court: Court, *, amount: str = "40.00") -> LegalCost:
    return cost_record(
        user=court.officer, authorisation=court.authorisation, kind="COURT_FEE", on=clock.today(),
        amount=Decimal(amount), file=court.file, payee="المحكمة التجارية",
    )  # fmt: skip


def a_conflict(court: Court, *, client: Client) -> LawyerConflict:
    """The court's firm may not act for this client."""
    return conflict_record(user=court.officer, firm=court.lawyer.firm, client=client, reason="وكيل سابق للجهة")


def an_instrument(court: Court, *, kind: str = "PROMISSORY_NOTE", **fields: Any) -> Instrument:
    told = {"amount": Decimal("1000.00"), "issued_on": clock.today() - dt.timedelta(days=100), **fields}
    return instrument_save(user=court.officer, debt=court.case.debts.get(), kind=kind, number="N-1", **told)


def a_task(court: Court) -> LegalTask:
    """A limitation that ends, to be answered."""
    return LegalTask.objects.create(
        client_id=court.client.pk, case=court.case, kind="LIMITATION", due_on=clock.today(), raised_at=clock.now(),
        evidence=[{"what": "LIMITATION", "ends": clock.today().isoformat()}],
    )  # fmt: skip


def a_file_paper(court: Court) -> Paper:
    return paper_add(
        user=court.officer, case=court.case, kind="FILING", title="لائحة الدعوى", name="claim.pdf", content=a_pdf(),
        file=court.file,
    )  # fmt: skip
