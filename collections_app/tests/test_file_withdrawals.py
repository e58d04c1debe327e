"""A wrongly imported file is taken back: whole, once, nothing deleted, and what was reached is listed."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import IntegrityError
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import User
from clients.models import Client
from collections_app.models import (
    Case,
    ContactPoint,
    Debtor,
    FileWithdrawal,
    ImportFile,
    LedgerEntry,
    Payment,
    Receivable,
)
from collections_app.selectors.file_withdrawals import withdrawal_preview
from collections_app.selectors.ledger_check import ledger_faults
from collections_app.services import file_withdrawals as act
from collections_app.services.cases import cases_assign
from collections_app.services.contacts import contact_record
from collections_app.services.ledger import payment_post
from collections_app.services.nightly import nightly_run
from collections_app.services.promises import promise_record
from collections_app.services.suspects import suspects_book, suspects_decide, suspects_undone
from common import clock
from common.audit import Actor
from common.exceptions import NotAllowed, Refused
from common.models import AuditEvent
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import ACTOR, make_client, make_team, make_user, place

pytestmark = pytest.mark.django_db


def row(**given: object) -> dict[str, object]:
    due = clock.today() - dt.timedelta(days=40)
    return {
        "debtor_ref": "D-1", "debtor_name": "سارة", "mobile": "0551234567", "receivable_ref": "R-1",
        "issued_on": due - dt.timedelta(days=60), "due_on": due, "amount": "100.00", "paid_on": "", **given,
    }  # fmt: skip


@pytest.fixture
def client_() -> Client:
    client = make_client()
    place(client, [row(), row(debtor_ref="D-2")])
    nightly_run(date=clock.today())
    client.refresh_from_db()
    return client


@pytest.fixture
def manager() -> User:
    return make_user("COLLECTIONS_MANAGER")


@pytest.fixture
def wrong(client_: Client) -> ImportFile:
    """Another receivable of a known case, two cases of its own, one of them paid, and a payment of a known one."""
    paid = clock.today() - dt.timedelta(days=5)
    file = place(
        client_,
        [
            row(receivable_ref="R-2"),
            row(debtor_ref="D-3"),
            row(debtor_ref="D-4", paid_on=paid),
            row(debtor_ref="D-2", paid_on=paid),
        ],
    ).file
    assert file is not None
    return file


def case_of(ref: str) -> Case:
    return Case.objects.get(debtor__debtor_ref=ref)


def counts() -> tuple[int, ...]:
    return tuple(m.objects.count() for m in (Debtor, Case, Receivable, ContactPoint, Payment))


@pytest.mark.requirement("PL-04")
def test_a_file_is_taken_back_as_one_act(client_: Client, manager: User, wrong: ImportFile) -> None:
    collector = make_user("COLLECTOR", team=make_team())
    cases_assign(actor=ACTOR, case_ids=[case_of("D-3").pk], owner=collector, on=clock.today())
    payment_post(
        actor=ACTOR, case=case_of("D-3"), amount=Decimal("30.00"), currency="SAR", value_on=clock.today(), reference="P"
    )
    promise_record(
        actor=ACTOR, case=case_of("D-3"), amount=Decimal(50), currency="SAR",
        due_on=clock.today() + dt.timedelta(days=3), made_on=clock.today(),
    )  # fmt: skip
    payment_post(
        actor=ACTOR, case=case_of("D-1"), amount=Decimal("150.00"), currency="SAR", value_on=clock.today(),
        reference="Q",
    )  # fmt: skip
    before, entries = counts(), LedgerEntry.objects.count()
    preview = withdrawal_preview(file=wrong)
    assert (preview.receivables, preview.cases, preview.ended, preview.reported, preview.came) == (3, 3, 2, 2, 2)
    assert [s["debtor_ref"] for s in preview.standing] == ["D-3"]
    act.file_withdraw(user=manager, file=wrong, reason="ملف جهة أخرى", typed="aaa ")
    assert act.withdrawals_undone() == [wrong.pk]
    assert act.file_withdraw_run(file_id=wrong.pk)
    assert act.withdrawals_undone() == []
    assert counts() == before, "nothing is deleted"
    assert LedgerEntry.objects.count() > entries
    statuses = {case.debtor.debtor_ref: case.status for case in Case.objects.select_related("debtor")}
    assert statuses == {"D-1": "PAID", "D-2": "PLACED", "D-3": "WITHDRAWN", "D-4": "WITHDRAWN"}
    assert set(Receivable.objects.filter(file=wrong).values_list("status", "balance")) == {("WITHDRAWN", Decimal(0))}
    assert Receivable.objects.get(case=case_of("D-2")).balance == Decimal(100), "what it told of others is taken back"
    waits = {p.reference: (p.suspense, p.suspense_owner_id) for p in Payment.objects.filter(suspense__gt=0)}
    assert waits == {"P": (Decimal(30), collector.pk), "Q": (Decimal(50), manager.pk)}
    assert not Payment.objects.filter(file=wrong, reversed_on=None).exists()
    assert set(case_of("D-3").promises.values_list("status", flat=True)) == {"CANCELLED"}
    assert not ledger_faults()
    told = FileWithdrawal.objects.get()
    assert told.result == {"receivables": 3, "cases": 4, "ended": 2, "reported": 2, "waits": 2}
    # Done twice it does nothing.
    entries, events = LedgerEntry.objects.count(), AuditEvent.objects.count()
    assert act.file_withdraw_run(file_id=wrong.pk) is False
    assert act.file_withdraw(user=manager, file=wrong, reason="مرة أخرى", typed="AAA") == told
    assert (LedgerEntry.objects.count(), AuditEvent.objects.count()) == (entries, events)
    nightly_run(date=clock.today())
    assert not ledger_faults()


@pytest.mark.requirement("PL-04")
def test_the_right_file_brings_the_same_references_anew(client_: Client, manager: User, wrong: ImportFile) -> None:
    """The wrong one is taken back; the right one names the same receivables with other figures."""
    payment_post(
        actor=ACTOR, case=case_of("D-3"), amount=Decimal("30.00"), currency="SAR", value_on=clock.today(), reference="P"
    )
    act.file_withdraw(user=manager, file=wrong, reason="أرقام خاطئة", typed="AAA")
    assert act.file_withdraw_run(file_id=wrong.pk)
    right = place(client_, [row(receivable_ref="R-2", amount="70.00"), row(debtor_ref="D-3", amount="80.00"), row()])
    assert (right.result["suspect_rows"], right.result["accepted"]) == ([], 2)
    assert right.result["unchanged"] == 1
    of_d3 = Receivable.objects.filter(case=case_of("D-3")).order_by("pk")
    assert [(r.struck, r.amount, r.status) for r in of_d3] == [
        (True, Decimal(100), "WITHDRAWN"),
        (False, Decimal(80), "OPEN"),
    ]
    assert case_of("D-3").status == "PLACED", "the case is open again"
    assert case_of("D-3").balance == Decimal(50), "what was paid then pays what is owed now"
    assert not ledger_faults()
    nightly_run(date=clock.today())
    assert not ledger_faults()
    # And it is known from now on, as itself.
    again = place(client_, [row(debtor_ref="D-3", amount="80.00"), row(debtor_ref="D-3", amount="100.00")]).result
    assert again["accepted"] == 0
    corrected = place(client_, [row(debtor_ref="D-3", amount="100.00")]).result
    assert [(r["line"], r["code"]) for r in corrected["suspect_rows"]] == [(2, "values")]
    # The bare database takes a reference twice only while the one is struck.
    with pytest.raises(IntegrityError), transaction.atomic():
        of_d3.filter(struck=True).update(struck=False)


def test_it_is_done_whole_or_not_at_all(
    client_: Client, manager: User, wrong: ImportFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    act.file_withdraw(user=manager, file=wrong, reason="خطأ", typed="AAA")
    entries = LedgerEntry.objects.count()

    def dies(**_told: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(act, "payment_reverse", dies)
        with pytest.raises(KeyboardInterrupt):
            act.file_withdraw_run(file_id=wrong.pk)
    assert LedgerEntry.objects.count() == entries
    assert not Receivable.objects.filter(status="WITHDRAWN").exists()
    assert act.withdrawals_undone() == [wrong.pk], "the sweep begins again"
    assert act.file_withdraw_run(file_id=wrong.pk)
    assert Receivable.objects.filter(file=wrong, status="WITHDRAWN").count() == 3


def test_who_may_and_what_is_asked(client_: Client, manager: User, wrong: ImportFile) -> None:
    leader = make_user("TEAM_LEADER")
    with pytest.raises(NotAllowed):
        act.file_withdraw(user=leader, file=wrong, reason="خطأ", typed="AAA")
    for reason, typed in ((" ", "AAA"), ("خطأ", "BBB"), ("خطأ", "")):
        with pytest.raises(Refused):
            act.file_withdraw(user=manager, file=wrong, reason=reason, typed=typed)
    nothing = place(client_, [row()]).file
    assert nothing is not None
    with pytest.raises(Refused):
        act.file_withdraw(user=manager, file=nothing, reason="خطأ", typed="AAA")
    assert not FileWithdrawal.objects.exists()


@pytest.mark.requirement("PL-13")
@pytest.mark.parametrize("language", LANGUAGES)
def test_in_the_browser_with_whom_we_reached(
    client_: Client, manager: User, wrong: ImportFile, language: str, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    contact_record(
        actor=Actor.person(manager), user=manager, case=case_of("D-3"), channel="PHONE", reached="NO_ONE",
        outcome="NO_ANSWER", breach_reason="كان خارج الساعات",
    )  # fmt: skip
    browser = enter(manager, language)
    page = browser.get(reverse("import", args=[wrong.pk]))
    address = reverse("import_withdraw", args=[wrong.pk])
    assert address in words(page)
    page = browser.get(address)
    assert in_language(page, language)
    assert "D-3" in words(page)
    assert browser.post(address, {"reason": "خطأ", "typed": "no"}).status_code == 422
    page = browser.post(address, {"reason": "خطأ", "typed": "AAA"}, follow=True)
    assert f'hx-get="{reverse("import", args=[wrong.pk])}"' in words(page)
    act.file_withdraw_run(file_id=wrong.pk)
    page = browser.get(reverse("import", args=[wrong.pk]))
    assert ("سُحب هذا الملف" if language == "ar" else "This file was taken back") in words(page)
    assert address not in words(page)
    listed = b"".join(browser.get(reverse("import_contacted", args=[wrong.pk])).streaming_content)
    sheet = load_workbook(io.BytesIO(listed)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]][:2] == ["D-3", "سارة"]


def test_rows_that_waited_are_not_taken_up_by_a_file_that_was_taken_back(client_: Client, manager: User) -> None:
    told = [row(debtor_ref="0077"), row(debtor_ref="0088")]
    place(client_, told)
    file = place(client_, [row(debtor_ref="77"), row(debtor_ref="88"), row(debtor_ref="D-9")]).file
    assert file is not None
    suspects_decide(user=manager, file=file, decision="OTHER", lines=[2])
    act.file_withdraw(user=manager, file=file, reason="خطأ", typed="AAA")
    assert suspects_book(file_id=file.pk) == 0
    with pytest.raises(Refused):
        suspects_decide(user=manager, file=file, decision="OTHER")
    assert act.file_withdraw_run(file_id=file.pk)
    assert not Debtor.objects.filter(debtor_ref__in=["77", "88"]).exists()
    assert suspects_undone() == []
