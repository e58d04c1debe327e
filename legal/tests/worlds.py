"""Small legal worlds for tests, made by the services."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from collections_app.models import Authorisation, Case
from common import clock
from legal.models import Claim, LawFirm, Lawyer, LegalFile
from legal.services.claims import claim_file
from legal.services.escalations import escalation_sign
from legal.services.files import file_open
from legal.services.lawyers import firm_save, lawyer_save
from tests.world import a_case, an_escalation, make_client, make_user


def a_firm(*, by: User, n: int = 1) -> LawFirm:
    return firm_save(user=by, firm=None, name_ar=f"مكتب {n}", name_en=f"Firm {n}", licence=f"F-{n}")


def a_lawyer(*, by: User, firm: LawFirm | None = None, n: int = 1) -> Lawyer:
    firm = firm or a_firm(by=by, n=n)
    return lawyer_save(user=by, firm=firm, name_ar=f"محامٍ {n}", name_en=f"Lawyer {n}", licence=f"L-{n}")


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


def a_court(code: str = "AAA", *, amount: str = "1000.00", days_late: int = 40, **row: Any) -> Court:
    """The shortest way to court: a case, its authorisation, a firm with a lawyer, and an open file."""
    low, client = code.lower(), make_client(code)
    officer, manager = (
        make_user(Role.LEGAL_OFFICER, name=f"{low}.l"),
        make_user(Role.COLLECTIONS_MANAGER, name=f"{low}.m"),
    )
    collector = make_user(Role.COLLECTOR, name=f"{low}.c")
    signatory = make_user(Role.CLIENT_SIGNATORY, client=client, name=f"{low}.s")
    case = a_case(client, ref=f"{code}-1", owner=collector, amount=amount, days_late=days_late, **row)
    request = an_escalation(case, by=collector, approved_by=manager)
    authorisation = escalation_sign(user=signatory, request=request, digest=request.digest)
    lawyer = a_lawyer(by=officer, firm=firm_save(user=officer, name_ar="مكتب", name_en="Firm", licence=f"F-{code}"))
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
