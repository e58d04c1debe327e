"""Money on a case at a real browser: what a payment would do, what it is for, the statement on paper."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from collections_app.models import Case, Payment
from collections_app.rules.allocation import Share
from collections_app.services.holds import hold_place, objection_decide
from collections_app.services.ledger import note_post, note_reverse, payment_pin, payment_post, payment_reverse
from common import clock
from common.audit import Actor
from tests.browsing import DESK, PHONE, Surfer, overflow
from tests.doors import LANGUAGES
from tests.e2e.conftest import Agency
from tests.e2e.test_face import violations
from tests.world import place


def days_ago(count: int) -> dt.date:
    return clock.today() - dt.timedelta(days=count)


@pytest.fixture
def moved(agency: Agency) -> tuple[Agency, Case, Payment]:
    """A case with everything that can happen to money and time, and its payment that waits."""
    case, who = agency.cases[0], Actor.person(agency.leader)
    place(
        agency.nakheel,
        [
            {
                "debtor_ref": "D-0", "receivable_ref": f"INV-88{n}", "issued_on": days_ago(90 - 20 * n),
                "due_on": days_ago(30 - 20 * n), "amount": "1500.00",
            }
            for n in range(3)
        ]
        + [
            {
                "debtor_ref": "D-0", "receivable_ref": "USD-1", "issued_on": days_ago(50), "due_on": days_ago(10),
                "amount": "700.00", "currency": "USD",
            },
            {
                "debtor_ref": "D-0", "receivable_ref": "INV-NEXT", "issued_on": days_ago(-10),
                "due_on": days_ago(-40), "amount": "900.00",
            },
        ],
    )  # fmt: skip

    def paid(amount: str, day: int, reference: str, currency: str = "SAR", *pins: Share) -> Payment:
        return payment_post(
            actor=who, case=case, amount=Decimal(amount), currency=currency, value_on=days_ago(day),
            reference=reference, user=agency.collector, pins=pins,
        )  # fmt: skip

    paid("4000", 5, "TRX-1001")
    paid("7000", 8, "TRX-1000")
    payment_reverse(
        actor=who, payment=paid("800", 7, "CHQ-55"), on=clock.today(), reason="شيك مرتجع لعدم كفاية الرصيد"
    )  # fmt: skip
    payment_reverse(
        actor=who, payment=paid("600", 6, "CSH-9"), on=clock.today(), reason="حُسب مرتين", amount=Decimal(100)
    )  # fmt: skip
    invoice, last = (case.receivables.get(receivable_ref=ref) for ref in ("INV-881", "INV-882"))
    note_post(
        actor=who, receivable=invoice, kind="CREDIT_NOTE", amount=Decimal(250), value_on=days_ago(3),
        reason="بضاعة مرتجعة", reference="CN-17",
    )  # fmt: skip
    fee = note_post(
        actor=who, receivable=invoice, kind="FEE", amount=Decimal(45), value_on=days_ago(2), reason="رسوم تحصيل"
    )  # fmt: skip
    note_reverse(actor=who, entry=fee, reason="لا تنص عليها الاتفاقية")
    paid("900", 1, "USD-PAY", "USD")
    waiting = paid("3000", 0, "SPEC-1", "SAR", Share(receivable_id=invoice.pk, amount=Decimal(500)))
    payment_pin(
        actor=who, payment=waiting, pins=[Share(receivable_id=last.pk, amount=Decimal(300))], reason="كتب الدافع الرقم"
    )  # fmt: skip
    hold_place(actor=who, case=case, kind="CLIENT", from_on=days_ago(60), until_on=days_ago(30), reason="بطلب الجهة")
    hold_place(
        actor=who, case=case, kind="HARDSHIP", from_on=days_ago(40), until_on=days_ago(10), reason="ظرف صحي",
        receivable=invoice,
    )  # fmt: skip
    rejected = hold_place(actor=who, case=case, kind="OBJECTION", from_on=days_ago(50), reason="ناقصة", receivable=last)
    objection_decide(actor=who, hold=rejected, decision="REJECTED", reason="وُقّع محضر الاستلام")
    hold_place(actor=who, case=case, kind="OBJECTION", from_on=days_ago(15), reason="السعر", debt=invoice.debt)
    return agency, case, waiting


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_money_and_holds_keep_nobody_out_and_fit(
    moved: tuple[Agency, Case, Payment], surfer: Surfer, language: str
) -> None:
    agency, case, waiting = moved
    addresses = [f"/cases/{case.pk}/?show={tab}" for tab in ("payments", "notes", "ledger", "holds")]
    addresses += [
        f"/cases/{case.pk}/statement/", f"/cases/{case.pk}/statement/?as_of={days_ago(6)}", "/suspense/",
        "/suspense/?whose=nobody", f"/cases/{case.pk}/payments/{waiting.pk}/for/",
    ]  # fmt: skip
    faults: list[str] = []
    for size in (DESK, {"width": 1280, "height": 800}, PHONE):
        page = surfer.window(agency.leader, language, size=size)
        for address in addresses:
            page.goto(address)
            page.evaluate("document.querySelectorAll('main details').forEach(part => { part.open = true; })")
            if size != PHONE:
                faults += [f"{address} {fault}" for fault in violations(page)]
            if overflow(page) > 0:
                faults.append(f"{address} is {overflow(page)} pixels too wide at {size['width']}")
    assert not faults, "\n".join(faults)


def _payment(page: Page, amount: str, day: dt.date, reference: str) -> None:
    page.fill("#id_amount", amount)
    page.fill("#id_value_on", day.isoformat())
    page.fill("#id_reference", reference)


@pytest.mark.requirement("DC-05")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_payment_says_what_it_does_while_it_is_typed_and_is_recorded_after_its_question(
    moved: tuple[Agency, Case, Payment], surfer: Surfer, language: str
) -> None:
    agency, case, _waiting = moved
    page = surfer.window(agency.leader, language)
    page.goto(f"/cases/{case.pk}/")
    page.locator("#history .tabs a").nth(1).click()
    page.wait_for_url("**/?show=payments")
    expect(page.locator("#history article")).to_have_count(6)
    page.go_back()
    expect(page.locator("#history .tabs a[aria-current]")).to_have_attribute("href", f"/cases/{case.pk}/?show=timeline")
    expect(page.locator("main h1")).to_be_visible()
    page.locator("details:has(#payment-preview) > summary").click()
    _payment(page, "20000", days_ago(9), "N-1")
    expect(page.locator("#payment-preview")).to_contain_text("TRX-1000")
    expect(page.locator("#payment-preview")).to_contain_text("D-0-1")
    _payment(page, "٤٠٠٠", days_ago(5), "N-1")
    before = Payment.objects.count()
    page.locator("form:has(#payment-preview) .btn.primary").click()
    expect(page.locator("#payment-preview [role=alert]")).to_be_focused()
    assert violations(page) == []
    assert Payment.objects.count() == before
    page.locator("button[name=confirmed]").click()
    page.wait_for_url("**/?show=payments")
    expect(page.locator(".toast-line")).to_contain_text("4,000.00")
    assert Payment.objects.count() == before + 1


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_parts_of_waiting_money_are_added_up_live_and_without_scripts(
    moved: tuple[Agency, Case, Payment], surfer: Surfer, language: str, script: bool
) -> None:
    agency, case, waiting = moved
    page = surfer.window(agency.leader, language, java_script_enabled=script)
    page.goto(f"/cases/{case.pk}/?show=payments")
    page.locator(f"a[href='/cases/{case.pk}/payments/{waiting.pk}/for/']").click()
    page.locator(".field.part input").first.fill("١٬٢٠٠")
    if not script:
        page.locator("button[name=add]").click()
    expect(page.locator("#sum")).to_contain_text("1,000.00")
    page.fill("#id_reason", "كتب الدافع رقم الفاتورة")
    page.locator("main .btn.primary").click()
    page.wait_for_url("**/?show=payments")
    waiting.refresh_from_db()
    assert waiting.suspense < Decimal(2200)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_statement_on_paper_has_all_its_columns_and_nothing_of_the_screen(
    moved: tuple[Agency, Case, Payment], surfer: Surfer, language: str
) -> None:
    agency, case, _waiting = moved
    page = surfer.window(agency.leader, language, size={"width": 794, "height": 1123})
    page.emulate_media(media="print")
    page.goto(f"/cases/{case.pk}/statement/")
    assert overflow(page) <= 0
    for hidden in (".nav", ".skip", "[data-print]", "form.as-of"):
        expect(page.locator(hidden)).to_be_hidden()
    for heading in page.locator("table.statement").first.locator("th").all():
        box = heading.bounding_box()
        assert box is not None
        assert box["x"] >= 0 and box["x"] + box["width"] <= 794
