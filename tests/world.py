"""Small worlds for tests, made by the services."""

from __future__ import annotations

import base64
import csv
import datetime as dt
import hashlib
import hmac
import io
import json
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction
from django.test import Client as Browser
from PIL import Image
from pypdf import PdfWriter

from accounts.choices import Role
from accounts.models import Team, User
from accounts.services.approvals import delegation_give
from accounts.services.deadlines import clock_change_decide, holidays_propose
from accounts.services.users import team_save, user_create
from clients.choices import Scope
from clients.models import Client, ServiceAccount, ServiceToken, StageChange, StagePolicy
from clients.rules.stages import Place, Stage
from clients.selectors.stage_policies import ladder_of, stage_policy_on
from clients.services.clients import client_create, client_user_add
from clients.services.logos import logo_set
from clients.services.people import people_keeper_set, signatory_ask
from clients.services.stage_policies import (
    stage_change_decide,
    stage_change_propose,
    stage_policy_draft,
    stage_policy_edit,
)
from clients.services.systems import keeper_set, system_create, token_rotate
from collections_app.models import Authorisation, Case, EscalationRequest, StageRequest, StatementPeriod
from collections_app.services.cases import cases_assign
from collections_app.services.contacts import contact_record
from collections_app.services.imports import Imported, portfolio_import
from collections_app.services.ledger import payment_post
from collections_app.services.stages import book_open
from collections_app.services.statement_periods import period_close
from common import clock
from common.approvals import approval_decide, locked_approval
from common.audit import Actor
from common.models import ClockChange, Delegation
from credit.tests.worlds import a_credit_book
from legal.models import Claim, EscalationPolicy, LawFirm, Lawyer, LegalCost, LegalFile, Notice, Paper
from legal.selectors.criteria import criteria_of
from legal.selectors.debts import debts_open
from legal.services.claims import claim_file
from legal.services.costs import cost_record
from legal.services.escalations import escalation_decide, escalation_propose, escalation_sign
from legal.services.notices import notice_prepare, notice_send
from legal.services.papers import paper_add
from legal.services.policies import escalation_policy_replace
from legal.services.proposals import proposal_make
from reporting.models import Report
from reporting.rules.weeks import Week
from reporting.services.reports import report_issue
from reporting.services.rollups import day_recompute

ACTOR = Actor.system("tests")
PASSWORD = "a long enough password"
IBM = Path(__file__).parent / "data" / "ar_ibm"
IBM_LAYOUT: dict[str, Any] = {
    "encoding": "utf-8",
    "delimiter": ",",
    "date_format": "%m/%d/%Y",
    "currency": "SAR",
    "columns": {
        "debtor_ref": "customerID",
        "receivable_ref": "invoiceNumber",
        "issued_on": "InvoiceDate",
        "due_on": "DueDate",
        "amount": "InvoiceAmount",
        "paid_on": "SettledDate",
        "disputed": "Disputed",
    },
}
UNPAID_LAYOUT = {
    **IBM_LAYOUT,
    "columns": {k: v for k, v in IBM_LAYOUT["columns"].items() if k not in {"paid_on", "disputed"}},
}
HEADER = [
    "debtor_ref",
    "debtor_name",
    "national_id",
    "mobile",
    "email",
    "city",
    "product",
    "debt_ref",
    "receivable_ref",
    "issued_on",
    "due_on",
    "amount",
    "open_amount",
    "paid_on",
    "disputed",
    "currency",
]


def make_client(code: str = "AAA", kind: str = "TRADE", **fields: Any) -> Client:
    return client_create(actor=ACTOR, code=code, name_ar=f"جهة {code}", name_en=f"Client {code}", kind=kind, **fields)


def make_team() -> Team:
    return team_save(actor=ACTOR, team=None, name_ar="فريق", name_en="Team")


def make_user(role: str, *, client: Client | None = None, team: Team | None = None, name: str = "") -> User:
    word = name or Role(role).value.lower()
    user = user_create(
        actor=ACTOR,
        email=f"{word}@house.example",
        name_ar=f"سالم {word}",
        name_en=f"Salem {word}",
        role=role,
        team=team,
        password=PASSWORD,
        is_demo=True,
    )
    if client is not None:
        client_user_add(actor=ACTOR, client=client, user=user)
    return user


def a_system(
    client: Client, *, keeper: User, scopes: list[str] | None = None, name: str = "ERP"
) -> tuple[ServiceAccount, ServiceToken, str]:
    """A client's system with a fresh token and its text, made by the client's administrator."""
    account = system_create(actor=ACTOR, client=client, name=name, scopes=scopes or list(Scope.values))
    token, text = token_rotate(user=keeper, account=account, lifetime_days=90, overlap_hours=24)
    return account, token, text


def a_keeper(client: Client, *, name: str = "keeper") -> User:
    """One of the client's people who is its administrator."""
    user = make_user(Role.CLIENT_USER, client=client, name=name)
    keeper_set(actor=ACTOR, membership=user.client_membership, keeps_systems=True)
    return User.objects.get(pk=user.pk)


def a_people_keeper(client: Client, *, name: str = "keeper") -> User:
    """One of the client's people who keeps its users."""
    user = make_user(Role.CLIENT_USER, client=client, name=name)
    people_keeper_set(actor=ACTOR, membership=user.client_membership, keeps_people=True)
    return User.objects.get(pk=user.pk)


def a_picture(*, size: tuple[int, int] = (120, 60), kind: str = "PNG", **options: Any) -> bytes:
    """A picture file of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, "#2B5D3A").save(out, format=kind, **options)
    return out.getvalue()


def rows_csv(rows: list[dict[str, Any]]) -> tuple[bytes, dict[str, Any]]:
    """A file of these rows, and the layout that reads it."""
    names = [name for name in HEADER if any(name in row for row in rows)]
    lines = [",".join(names)] + [",".join(str(row.get(name, "")) for name in names) for row in rows]
    layout = {"columns": {name: name for name in names}, "date_format": "%Y-%m-%d"}
    return "\n".join(lines).encode(), layout


def place(client: Client, rows: list[dict[str, Any]], **options: Any) -> Imported:
    """Import these rows for a client."""
    content, layout = rows_csv(rows)
    return portfolio_import(
        actor=ACTOR,
        client=client,
        content=content,
        name="rows.csv",
        layout={**layout, **options.pop("layout", {})},
        placed_on=options.pop("placed_on", clock.today()),
        **options,
    )


def a_case(
    client: Client,
    *,
    ref: str = "D-1",
    amount: str = "1000.00",
    days_late: int = 40,
    owner: User | None = None,
    **row: Any,
) -> Case:
    """One debtor with one receivable, that many days late, given to somebody."""
    today = clock.today()
    due = today - dt.timedelta(days=days_late)
    place(
        client,
        [
            {
                "debtor_ref": ref,
                "debtor_name": f"عبدالله {ref}",
                "mobile": "0551234567",
                "receivable_ref": f"{ref}-1",
                "issued_on": due - dt.timedelta(days=60),
                "due_on": due,
                "amount": amount,
                **row,
            }
        ],
    )
    case = Case.objects.select_related("client", "debtor").get(client=client, debtor__debtor_ref=ref)
    if owner is not None:
        cases_assign(actor=ACTOR, case_ids=[case.pk], owner=owner, on=today)
        case.refresh_from_db()
    return case


def ibm_truth(*, view: str, measure: str) -> dict[str, dict[str, tuple[int, Decimal]]]:
    """The truth by date and bucket."""
    found: dict[str, dict[str, tuple[int, Decimal]]] = {}
    with (IBM / "aging.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["view"] == view and row["measure"] == measure and row["bucket"] != "TOTAL":
                found.setdefault(row["as_of"], {})[row["bucket"]] = (int(row["count"]), Decimal(row["amount"]))
    return found


def written(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def signed_in(user: User | None = None, *, proven: bool = False, **options: Any) -> Browser:
    """A browser in which this person is signed in; ``proven`` also gave the proof that binding acts ask for."""
    browser = Browser(**options)
    if user is not None:
        browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    if proven:
        prove(browser)
    return browser


def code(secret: str, at: float | None = None) -> str:
    """What the authenticator app shows, by RFC 6238, independently of the library."""
    counter = int((time.time() if at is None else at) // 30)
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def enrol(user: User) -> str:
    """Set up the person's second factor; its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def prove(browser: Browser, *, method: str = "", seconds_ago: float = 0) -> None:
    """As if the person had just proved who they are: by the second factor where there is one."""
    session = browser.session
    method = method or ("mfa" if User.objects.get(pk=session["_auth_user_id"]).has_second_factor else "password")
    session["account_authentication_methods"] = [
        {"method": method, "at": time.time() - seconds_ago, "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()


def an_escalation(
    case: Case,
    *,
    by: User,
    approved_by: User | None = None,
    valid_days: int = 90,
    steps: Sequence[str] = ("FINAL_NOTICE", "CLAIM"),
) -> EscalationRequest:
    """A request to go legal, approved when somebody is named for it."""
    request = escalation_propose(
        user=by, case=case, grounds="وعود لم تُوفَ ولا رد منذ شهر.", steps=steps,
        cost_ceiling=Decimal("500.00"), valid_days=valid_days,
    )  # fmt: skip
    if approved_by is not None:
        request = escalation_decide(user=approved_by, request=request, decision="APPROVED", digest=request.digest)
    return request


def signed_for(request: EscalationRequest, by: User) -> None:
    """The signatory's decision alone: what a signature writes before the authorisation."""
    with transaction.atomic():
        approval_decide(user=by, approval=locked_approval(subject=request), decision="APPROVED", digest=request.digest)
        EscalationRequest.objects.filter(pk=request.pk).update(status="SIGNED")


def a_proposal_made(case: Case, *, by: User, steps: tuple[str, ...] = ("MEDIATION",)) -> EscalationRequest:
    """The same through the door of the case: its conditions, the reasons for what is not met, and its pack."""
    told = criteria_of(case=case, today=clock.today())
    return proposal_make(
        user=by, case=case, grounds="وعود لم تُوفَ ولا رد منذ شهر.", steps=steps, papers=[],
        because={line.criterion: "وافقت الجهة على ذلك كتابة." for line in told if not line.ok},
    )  # fmt: skip


def debts_ticked(case: Case, **shares: str) -> dict[str, str]:
    """What a form says of every open debt of a case: asked for, whole or by the share given for its reference."""
    found = {one.debt.pk: shares.get(one.debt.debt_ref, "100") for one in debts_open(case=case)}
    return {f"debt_{pk}": "on" for pk in found} | {f"share_{pk}": share for pk, share in found.items()}


def reasons(case: Case) -> dict[str, str]:
    """What a form says of every condition that a case does not meet."""
    told = criteria_of(case=case, today=clock.today())
    return {f"because_{line.criterion}": "وافقت الجهة على ذلك كتابة." for line in told if not line.ok}


def an_escalation_policy(client: Client, *, by: User, **changes: Any) -> EscalationPolicy:
    """The next version of a client's conditions, in force today."""
    terms: dict[str, Any] = {
        "least_days": 100, "least_balance": Decimal("0.00"), "least_attempts": 1, "least_reached": 0,
        "least_missed_promises": 0, "notice_needed": False, "offer_by_day": 90, "longest_validity": 90,
    }  # fmt: skip
    return escalation_policy_replace(user=by, client=client, **{"starts_on": clock.today(), **terms, **changes})


def a_notice(authorisation: Authorisation, *, by: User, sent: bool = False, doubt: bool = False) -> Notice:
    """A final notice by registered mail, handed in when asked; in doubt, as a lost answer leaves it."""
    notice = notice_prepare(
        user=by, authorisation=authorisation, channel="REGISTERED_MAIL", pay_by=clock.today() + dt.timedelta(days=10)
    )
    if sent:
        notice = notice_send(user=by, notice=notice, tracking="RR123456789SA")
    if doubt:
        Notice.objects.filter(pk=notice.pk).update(claimed_at=clock.now(), message_id="<fn@house.example>")
        notice.refresh_from_db()
    return notice


def a_pdf() -> bytes:
    """A PDF of one empty page."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=595, height=842)
    writer.write(out)
    return out.getvalue()


def a_paper(case: Case, *, by: User, kind: str = "CONTRACT", request: EscalationRequest | None = None) -> Paper:
    """An uploaded paper of a case, or of its request."""
    return paper_add(user=by, case=case, kind=kind, title="عقد", name="contract.pdf", content=a_pdf(), request=request)


def a_delegation(by: User, to: User, *, ahead: int = 0, days: int = 7, **limits: Any) -> Delegation:
    """Somebody lets another act in their place, from ``ahead`` days from now on."""
    first = clock.today() + dt.timedelta(days=ahead)
    return delegation_give(
        user=by, to=to, starts_on=first, ends_on=first + dt.timedelta(days=days), reason="إجازة", **limits
    )


def a_clock_change(
    *, by: User, confirmed_by: User | None = None, first: dt.date | None = None, days: int = 1, **more: Any
) -> ClockChange:
    """Days off that were asked for in both calendars, and confirmed when told by whom."""
    start = first or clock.today() + dt.timedelta(days=5)
    told = {"do": "SET", "calendars": ["BANK", "PRIVATE"], "name_ar": "عطلة", "name_en": "Day off", **more}
    change = holidays_propose(
        user=by, first=start, last=start + dt.timedelta(days=days - 1), reason="أُعلن اليوم", **told
    )
    if confirmed_by is not None:
        clock_change_decide(user=confirmed_by, change=change, decision="APPROVED", digest=change.digest)
    return change


def an_open_file(authorisation: Authorisation, *, by: User) -> LegalFile:
    """A lawyer's open file under an authorisation; the same one when asked again."""
    if found := LegalFile.objects.filter(authorisation=authorisation).first():
        return found
    firm, _new = LawFirm.objects.get_or_create(licence="F-1", defaults={"name_ar": "مكتب العدل", "name_en": "Adl"})
    told = {"firm": firm, "name_ar": "محامي المكتب", "name_en": "Counsel"}
    lawyer, _new = Lawyer.objects.get_or_create(licence="L-1", defaults=told)
    return LegalFile.objects.create(
        client_id=authorisation.client_id, case_id=authorisation.case_id, authorisation=authorisation,
        number=f"LF-{authorisation.number}", lawyer=lawyer, opened_on=clock.today(), opened_by=by,
    )  # fmt: skip


def an_authorisation(
    case: Case, *, by: User, approved_by: User, signed_by: User, valid_days: int = 90
) -> Authorisation:
    """A case that is legal: proposed, approved by another, signed by the client."""
    request = an_escalation(case, by=by, approved_by=approved_by, valid_days=valid_days)
    return escalation_sign(user=signed_by, request=request, digest=request.digest)


def a_cost(authorisation: Authorisation, *, by: User, amount: str = "50.00") -> LegalCost:
    """A court fee of today."""
    return cost_record(user=by, authorisation=authorisation, kind="COURT_FEE", on=clock.today(), amount=Decimal(amount))


def a_claim(authorisation: Authorisation, *, by: User, amount: str = "600.00") -> Claim:
    """A claim filed today under an authorisation."""
    file = an_open_file(authorisation, by=by)
    return claim_file(user=by, file=file, kind="FILING", amount=Decimal(amount), filed_on=clock.today())


def a_proposal(case: Case, *, what: str = "LEGAL") -> StageRequest:
    """What a stage would have proposed for a case."""
    return StageRequest.objects.create(
        client_id=case.client_id, case=case, receivable=case.receivables.first(),
        stage=case.client.stage_policy.rows.last(), action=f"PROPOSE:{what}", kind="PROPOSE", what=what,
        asked_on=clock.today(), recorded_at=clock.now(),
    )  # fmt: skip


def a_stage_draft(client: Client, *, by: User, product: str = "", **changes: Any) -> StagePolicy:
    """The next version of what rules a client's product: as it is, but for ``changes``.

    ``days`` moves stages: {code: first day}; a stage whose day is None goes, one whose code is new comes. ``actions``
    says what they ask for: {code: words}.
    """
    policy = stage_policy_on(client_id=client.pk, product=product, on=dt.date.max)
    draft = stage_policy_draft(user=by, policy=policy, code=changes.pop("code", ""))
    days = changes.pop("days", {})
    stages = [
        replace(stage, from_day=days.get(stage.code, stage.from_day))
        for stage in ladder_of(draft)
        if days.get(stage.code, stage.from_day) is not None or stage.from_day is None
    ]
    stages += [
        Stage(code=code, from_day=day, depth=3, name_ar=f"من {day}", name_en=f"From {day}")
        for code, day in days.items()
        if code not in {stage.code for stage in ladder_of(draft)}
    ]
    actions = changes.pop("actions", {})
    stages = [replace(stage, actions=tuple(actions.get(stage.code, stage.actions))) for stage in stages]
    terms = {
        name: changes.get(name, getattr(draft, name))
        for name in ("name_ar", "name_en", "basis", "default_after_days", "default_rules")
    }
    stages.sort(key=lambda stage: (stage.from_day is not None, stage.from_day or 0))
    return stage_policy_edit(user=by, policy=draft, stages=stages, **terms)


def a_stage_change(
    policy: StagePolicy,
    *,
    client: Client,
    by: User,
    product: str = "",
    starts_on: dt.date | None = None,
    approved_by: User | None = None,
) -> StageChange:
    """A request that a version rules a client's product from tomorrow on, approved when somebody is named for it."""
    today = clock.today()
    change = stage_change_propose(
        user=by,
        policy=policy,
        places=[Place(client_id=client.pk, product=product)],
        starts_on=starts_on or today + dt.timedelta(days=1),
        reason="بطلب الجهة في اجتماع الربع.",
        today=today,
    )
    if approved_by is not None:
        change = stage_change_decide(
            user=approved_by, change=change, decision="APPROVED", digest=change.digest, today=today
        )
    return change


def a_period(client: Client) -> StatementPeriod:
    """The account closed up to yesterday; the book comes to today first."""
    with transaction.atomic():
        book_open(client_id=client.pk, day=clock.today())
    return period_close(actor=ACTOR, client=client, to_on=clock.today() - dt.timedelta(days=1))


@dataclass(kw_only=True)
class Book:
    """One client with something in every table that its portal reads, and the people around it."""

    client: Client
    collector: User
    manager: User
    reader: User
    signatory: User
    keeper: User
    case: Case
    signed_case: Case
    waiting: EscalationRequest
    authorisation: Authorisation
    reports: list[Report]


def a_book(code: str) -> Book:
    """Contact, promise, payment, a request that waits and one that is signed, a night's figures, weekly reports."""
    low, today = code.lower(), clock.today()
    client = make_client(code)
    collector = make_user(Role.COLLECTOR, name=f"{low}.collector")
    manager = make_user(Role.COLLECTIONS_MANAGER, name=f"{low}.manager")
    reader = make_user(Role.CLIENT_USER, client=client, name=f"{low}.reader")
    signatory = make_user(Role.CLIENT_SIGNATORY, client=client, name=f"{low}.signatory")
    enrol(signatory)
    keeper = a_keeper(client, name=f"{low}.keeper")
    a_system(client, keeper=keeper)
    people_keeper_set(actor=ACTOR, membership=keeper.client_membership, keeps_people=True)
    signatory_ask(user=keeper, membership=reader.client_membership, power=f"وكالة {code}")
    logo_set(user=keeper, client=client, content=a_picture())
    case = a_case(client, ref=f"{code}-1", owner=collector)
    signed_case = a_case(client, ref=f"{code}-2", owner=collector)
    contact_record(
        actor=Actor.person(collector),
        user=collector,
        case=case,
        channel="PHONE",
        reached="HOLDER",
        outcome="PROMISE",
        note=f"note of {code}",
        breach_reason="كان خارج ساعات التواصل",
        promise_amount=Decimal("50.00"),
        promise_on=today + dt.timedelta(days=3),
    )
    payment_post(
        actor=ACTOR, case=case, amount=Decimal("100.00"), currency="SAR", value_on=today, reference=f"PAY-{code}"
    )
    waiting = a_proposal_made(case, by=collector, steps=("FINAL_NOTICE", "MEDIATION"))
    waiting = escalation_decide(user=manager, request=waiting, decision="APPROVED", digest=waiting.digest)
    signed = an_escalation(signed_case, by=collector, approved_by=manager)
    authorisation = escalation_sign(user=signatory, request=signed, digest=signed.digest)
    a_claim(authorisation, by=manager)
    a_cost(authorisation, by=manager)
    a_period(client)
    a_credit_book(client, by=make_user(Role.CREDIT_OFFICER, name=f"{low}.credit"), ref=f"{code}-C")
    day_recompute(client_id=client.pk, day=today)
    week = Week.of(on=today).before()
    reports = [report_issue(actor=ACTOR, client=client, period=week, language=language) for language in ("ar", "en")]
    return Book(
        client=client, collector=collector, manager=manager, reader=reader, signatory=signatory,
        keeper=User.objects.get(pk=keeper.pk), case=case,
        signed_case=signed_case, waiting=waiting, authorisation=authorisation, reports=reports,
    )  # fmt: skip
