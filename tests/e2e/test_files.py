"""A client's files: what is refused goes back, what looks known is asked, cases are recalled, a file is taken back."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from collections_app.models import ImportFile, ImportSuspect, Recall, Receivable
from collections_app.services.file_withdrawals import file_withdraw_run
from collections_app.services.suspects import suspects_book
from collections_app.services.uploads import upload_run
from common import clock
from tests.browsing import PHONE, Surfer, direction, overflow
from tests.doors import LANGUAGES
from tests.e2e.conftest import Agency
from tests.e2e.hands import follow
from tests.e2e.test_face import violations
from tests.world import place

SIZES = ({"width": 1440, "height": 900}, {"width": 1280, "height": 800}, PHONE)


@pytest.mark.requirement("PL-04")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_leader_corrects_decides_recalls_and_a_manager_takes_back(
    agency: Agency, surfer: Surfer, language: str, tmp_path: Path
) -> None:
    client, day = agency.nakheel, clock.today()
    row = {"due_on": day, "amount": "100.00"}
    place(client, [{"debtor_ref": "000123", "debtor_name": "سارة القحطاني", "receivable_ref": "R-1", **row}])
    content = (
        f"debtor_ref,receivable_ref,due_on,amount\n123,R-1,{day},100.00\n123,R-2,{day},50.00\n"
        f"D-0,N-1,{day},75.00\nD-1,N-2,{day},12.345\nE-1,N-3,,80.00\n"
    )
    file = tmp_path / "debts.csv"
    file.write_text(content, encoding="utf-8")
    page = surfer.window(agency.leader, language)
    faults: list[str] = []

    def looked_at(name: str) -> None:
        faults.extend(f"{name} {fault}" for fault in violations(page))
        for size in SIZES:
            page.set_viewport_size(size)  # type: ignore[arg-type]
            if overflow(page) > 0:
                faults.append(f"{name} is {overflow(page)} pixels too wide at {size['width']}")
            if folder := os.environ.get("PICTURES"):
                page.screenshot(path=f"{folder}/{name}-{language}-{size['width']}.png", full_page=True)
        page.set_viewport_size(SIZES[0])  # type: ignore[arg-type]

    page.goto("/imports/new/")
    assert direction(page)[0] == language
    looked_at("upload")
    page.select_option("[name=client]", str(client.pk))
    page.set_input_files("[name=file]", str(file))
    page.click("main button.primary")
    page.click("button[name=check]")
    expect(page.locator("text=000123").first).to_be_visible()
    looked_at("preview")
    address = page.url
    with page.expect_download() as download:
        page.click("a[href$='/refused/']")
    lines = list(csv.reader(download.value.path().open(encoding="utf-8-sig")))
    assert [line[0] for line in lines] == ["debtor_ref", "D-1", "E-1"]
    page.click("button[name=accept_good_rows]")
    upload = ImportFile.objects.latest("pk")
    assert upload_run(file_id=upload.pk) == "DONE"
    page.goto(address)
    looked_at("suspects")
    page.click("tbody form button[value=SAME] >> nth=0")
    page.click("form:has([name=all]) button[value=OTHER]")
    suspects_book(file_id=upload.pk)
    page.goto(address)
    assert dict(ImportSuspect.objects.values_list("line", "outcome")) == {2: "UNCHANGED", 3: "NEW"}
    looked_at("decided")

    page.goto("/imports/new/")
    page.check("[name=kind][value=RECALLS]")
    page.select_option("[name=client]", str(client.pk))
    page.click("details:has([name=refs]) summary")
    page.fill("[name=refs]", "D-0\nD-1")
    page.click("main button.primary")
    looked_at("recall-preview")
    page.click("form.actions button.primary")
    upload_run(file_id=ImportFile.objects.latest("pk").pk)
    page.goto(page.url)
    looked_at("recall-done")
    recall = Recall.objects.order_by("pk")[0]
    page.goto(f"/cases/{recall.case_id}/")
    page.click("details:has([name=reason]) summary >> nth=0")
    looked_at("case-under-notice")

    page = surfer.window(agency.manager, language)
    page.goto(f"/imports/{upload.pk}/")
    follow(page, "a[href$='/withdraw/']")
    looked_at("withdraw")
    page.fill("[name=reason]", "ملف جهة أخرى")
    page.fill("[name=typed]", client.code)
    page.click("main button.primary")
    assert file_withdraw_run(file_id=upload.pk)
    page.goto(f"/imports/{upload.pk}/")
    looked_at("withdrawn")
    assert set(Receivable.objects.filter(file=upload).values_list("status", flat=True)) == {"WITHDRAWN"}
    assert not faults, "\n".join(faults)
