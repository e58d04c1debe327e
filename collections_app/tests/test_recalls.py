"""Recalls: told by a file, under notice, taken back or done by the night, and answered row by row."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import User
from clients.models import Client
from clients.services.clients import client_update
from collections_app.models import Case, ImportFile, Promise, Recall
from collections_app.selectors.ledger_check import ledger_faults
from collections_app.services.ledger import payment_post
from collections_app.services.maintenance import maintenance_import
from collections_app.services.nightly import nightly_run
from collections_app.services.promises import promise_record
from collections_app.services.recalls import recall_take_back
from collections_app.services.uploads import upload_run
from common import clock
from common.exceptions import Refused
from common.models import AuditEvent
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import ACTOR, a_case, make_client, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _uploads(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def leader() -> User:
    return make_user("TEAM_LEADER", team=make_team())


@pytest.fixture
def client_() -> Client:
    client = make_client()
    for ref in ("D-1", "D-2", "D-3"):
        a_case(client, ref=ref)
    nightly_run(date=clock.today())
    client.refresh_from_db()
    return client


def tell(client: Client, refs: list[str], **options: Any) -> Any:
    content = "\n".join(["ref,why", *(f"{ref},بيع المحفظة" for ref in refs)]).encode()
    return maintenance_import(
        actor=ACTOR, client=client, kind="RECALLS", content=content, name="recalls.csv",
        layout={"columns": {"debtor_ref": "ref", "reason": "why"}}, placed_on=clock.today(), **options,
    )  # fmt: skip


def case_of(ref: str) -> Case:
    return Case.objects.get(debtor__debtor_ref=ref)


def night(days: int) -> dt.date:
    day = clock.today() + dt.timedelta(days=days)
    with clock.at(clock.at_riyadh(on=day, time=dt.time(0, 15))):
        nightly_run(date=day)
    return day


def test_the_night_of_the_last_day_recalls_and_not_before(client_: Client, leader: User) -> None:
    client_update(
        actor=ACTOR, client=client_, name_ar="أ", name_en="A", terms_days=60, status="ACTIVE", recall_notice_days=3
    )
    client_.refresh_from_db()
    done = tell(client_, ["D-1", "D-2"])
    assert (done.status, done.result["recalls"]) == ("DONE", 2)
    again = tell(client_, ["D-1", "D-2"])
    assert (again.result["unchanged"], again.result["recalls"], Recall.objects.count()) == (2, 0, 2)
    night(2)
    assert case_of("D-1").status in {"PLACED", "ACTIVE"}, "work goes on under notice"
    recall_take_back(user=leader, recall=Recall.objects.get(case=case_of("D-2")), reason="بقيت لدينا")
    with pytest.raises(Refused):
        recall_take_back(user=leader, recall=Recall.objects.get(case=case_of("D-2")), reason="مرة أخرى")
    day = night(5)
    first, second = case_of("D-1"), case_of("D-2")
    assert (first.status, first.ends.get().on) == ("RECALLED", clock.today() + dt.timedelta(days=3))
    assert day > first.ends.get().on, "missed nights recall on the true day"
    assert second.status in {"PLACED", "ACTIVE"}
    assert set(Recall.objects.values_list("state", flat=True)) == {"DONE", "TAKEN_BACK"}
    assert AuditEvent.objects.filter(action="recall.taken_back").count() == 1
    assert not ledger_faults()
    closed = tell(client_, ["D-1"])
    assert [r["code"] for r in closed.result["refusals"]] == ["case_closed"]


def test_a_case_that_is_paid_meanwhile_is_not_recalled(client_: Client) -> None:
    tell(client_, ["D-1"])
    payment_post(actor=ACTOR, case=case_of("D-1"), amount=Decimal(1000), currency="SAR", value_on=clock.today())
    night(30)
    assert (case_of("D-1").status, Recall.objects.get().state) == ("PAID", "LAPSED")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_client_gets_an_answer_row_by_row(client_: Client, leader: User, language: str) -> None:
    case = case_of("D-1")
    payment_post(actor=ACTOR, case=case, amount=Decimal("250.00"), currency="SAR", value_on=clock.today())
    promise_record(
        actor=ACTOR, case=case, amount=Decimal(100), currency="SAR",
        due_on=clock.today() + dt.timedelta(days=40), made_on=clock.today(),
    )  # fmt: skip
    done = tell(client_, ["D-1", "=X", "D-2"], accept_good_rows=True)
    browser = enter(leader, language)
    answer = reverse("import_answer", args=[done.file.pk])
    ends = (clock.today() + dt.timedelta(days=30)).isoformat()
    taken = "قُبل" if language == "ar" else "Accepted"
    refused = "رُفض" if language == "ar" else "Refused"

    def lines() -> list[list[str]]:
        content = b"".join(browser.get(answer, {"form": "csv"}).streaming_content)
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1:]

    first, second, third = lines()
    assert first[:6] == ["D-1", taken, "", ends, "750.00", "SAR"]
    assert first[6].startswith("100.00 SAR")
    assert second[:4] == ["D-2", taken, "", ends]
    assert third[:2] == ["'=X", refused]
    assert third[2], "a refusal says why"
    sheet = load_workbook(io.BytesIO(b"".join(browser.get(answer).streaming_content))).active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]][:2] == ["D-1", taken]
    night(30)
    assert Promise.objects.get().status == "CANCELLED"
    with clock.at(clock.at_riyadh(on=clock.today() + dt.timedelta(days=30), time=dt.time(9))):
        assert lines()[0] == first, "the answer is the same once the cases have left"


@pytest.mark.parametrize("language", LANGUAGES)
def test_cases_are_recalled_and_taken_back_in_the_browser(client_: Client, leader: User, language: str) -> None:
    browser = enter(leader, language)
    form = {
        "kind": "RECALLS",
        "client": client_.pk,
        "placed_on": str(clock.today()),
        "layout": "",
        "refs": "D-1\nD-2\n",
    }
    page = browser.post(reverse("import_new"), form, follow=True)
    assert in_language(page, language)
    file = ImportFile.objects.latest("pk")
    assert (file.status, file.result["would"]) == ("CHECKED", 2)
    browser.post(reverse("import_start", args=[file.pk]))
    assert upload_run(file_id=file.pk) == "DONE"
    case = case_of("D-1")
    page = browser.get(reverse("case", args=[case.pk]))
    assert ("تسترجع الجهة هذا الملف" if language == "ar" else "The client recalls this case") in words(page)
    address = reverse("recall_back", args=[case.pk, Recall.objects.get(case=case).pk])
    browser.post(address, {"reason": " "})
    assert Recall.objects.filter(state="NOTICE").count() == 2
    browser.post(address, {"reason": "بقيت"})
    assert Recall.objects.get(case=case).state == "TAKEN_BACK"
    page = browser.get(reverse("case", args=[case.pk]))
    assert address not in words(page)
    empty = browser.post(reverse("import_new"), {**form, "refs": " "})
    assert (empty.status_code, bool(empty.context["form"].errors["file"])) == (422, True)
