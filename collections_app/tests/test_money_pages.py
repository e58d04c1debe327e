"""Money on a case through its doors: payments followed, named, taken back; notes; the statement; what waits."""

from __future__ import annotations

import datetime as dt
import html
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from clients.models import Client
from collections_app.models import Case, LedgerEntry, Payment, PaymentReversal, Receivable
from collections_app.policies import LEADER_FORGIVES
from collections_app.rules.allocation import Share
from collections_app.services.ledger import note_post, payment_post, payment_reverse
from collections_app.services.nightly import nightly_run
from collections_app.services.notes import note_give
from common import clock
from common.clock import at_riyadh
from common.exceptions import Refused
from common.models import AuditEvent
from tests.doors import LANGUAGES, enter, in_language, queries, words
from tests.world import ACTOR, a_case, make_client, make_team, make_user, place

pytestmark = pytest.mark.django_db
SUNDAY = dt.date(2026, 11, 1)


def on(days: int) -> dt.date:
    """So many days from Sunday."""
    return SUNDAY + dt.timedelta(days=days)


@pytest.fixture(autouse=True)
def _a_sunday_noon() -> Iterator[None]:
    with clock.at(at_riyadh(on=SUNDAY)):
        yield


@pytest.fixture
def client_() -> Client:
    return make_client()


@pytest.fixture
def collector() -> User:
    return make_user("COLLECTOR", team=make_team())


@pytest.fixture
def leader(collector: User) -> User:
    return make_user("TEAM_LEADER", team=collector.team)


@pytest.fixture
def manager() -> User:
    return make_user("COLLECTIONS_MANAGER")


@pytest.fixture
def case(client_: Client, collector: User) -> Case:
    """Three invoices of 1,000, the first due forty days ago, the others ten days apart."""
    case = a_case(client_, owner=collector, days_late=40, amount="1000.00")
    place(
        client_,
        [
            {
                "debtor_ref": "D-1", "receivable_ref": f"D-1-{n}", "issued_on": on(-100), "due_on": on(-40 + 10 * n),
                "amount": "1000.00",
            }
            for n in (2, 3)
        ],
    )  # fmt: skip
    case.refresh_from_db()
    return case


def paid(case: Case, amount: str, *, day: int = 0, reference: str = "", **more: Any) -> Payment:
    more.setdefault("currency", "SAR")
    return payment_post(
        actor=ACTOR, case=case, amount=Decimal(amount), value_on=on(day), reference=reference, **more
    )  # fmt: skip


def receivable(case: Case, n: int) -> Receivable:
    return case.receivables.get(receivable_ref=f"D-1-{n}")


def form(**given: str) -> dict[str, str]:
    return {
        "amount": "100",
        "currency": "SAR",
        "value_on": "2026-11-01",
        "method": "SADAD",
        "reference": "T-1",
        **given,
    }


def said(page: Any) -> list[str]:
    return [str(message) for message in page.context["messages"]]


# Payments: where the money went.


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_payment_shows_where_each_part_went_what_waits_and_who_looks_after_it(
    case: Case, collector: User, language: str
) -> None:
    first = paid(case, "1200.00", day=-5, reference="T-1")
    paid(case, "300.00", day=-9, reference="T-0")
    paid(case, "400.00", reference="T-2", pins=[Share(receivable_id=receivable(case, 3).pk, amount=Decimal(150))])
    page = enter(collector, language).get(reverse("case", args=[case.pk]), {"show": "payments"})
    assert in_language(page, language)
    latest, second, oldest = page.context["followed"]
    assert [(g.receivable.receivable_ref, g.amount, g.pinned) for g in latest.given] == [
        ("D-1-3", Decimal("150.00"), True)
    ]
    assert (latest.payment.suspense, latest.payment.suspense_owner) == (Decimal("250.00"), collector)
    # The payment that was told later was older: it took the first invoice, and the first payment made room.
    assert [(g.receivable.receivable_ref, g.amount) for g in oldest.given] == [("D-1-1", Decimal("300.00"))]
    assert [(g.receivable.receivable_ref, g.amount) for g in second.given] == [
        ("D-1-1", Decimal("700.00")), ("D-1-2", Decimal("500.00")),
    ]  # fmt: skip
    assert [(m.receivable.receivable_ref, m.amount) for m in second.moved] == [("D-1-1", Decimal("300.00"))]
    assert second.payment == first
    assert reverse("payment_for", args=[case.pk, latest.payment.pk]) in words(page)
    assert reverse("payment_for", args=[case.pk, first.pk]) not in words(page)


@pytest.mark.requirement("DC-05")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_part_of_a_payment_is_taken_back_from_the_page_and_says_why(case: Case, leader: User, language: str) -> None:
    payment = paid(case, "1500.00", reference="T-1")
    address = reverse("payment_take_back", args=[case.pk, payment.pk])
    browser = enter(leader, language)
    too_much = browser.post(address, {"amount": "1500.01", "reason": "شيك"})
    assert (too_much.status_code, list(too_much.context["take_back_form"].errors)) == (422, ["amount"])
    assert 'value="1500.01"' in words(too_much)
    assert 'value="شيك"' in words(too_much)
    done = browser.post(address, {"amount": "١٬٢٠٠", "reason": "شيك مرتجع"}, follow=True)
    payment.refresh_from_db()
    assert (payment.reversed_amount, payment.reversed_on) == (Decimal("1200.00"), None)
    unit = "ر.س" if language == "ar" else "SAR"
    assert f"\u20681,200.00\u2069 {unit}" in said(done)[0]
    assert "شيك مرتجع" in words(done)
    assert browser.post(address, {"amount": "", "reason": "الباقي"}).status_code == 302
    payment.refresh_from_db()
    assert (payment.reversed_amount, payment.reversed_on) == (Decimal("1500.00"), SUNDAY)
    again = browser.post(address, {"reason": "مرة أخرى"})
    assert again.status_code == 422
    assert PaymentReversal.objects.count() == 2
    case.refresh_from_db()
    assert case.balance == Decimal("3000.00")


def test_a_tab_is_a_page_or_the_fragment_of_the_same_address(case: Case, collector: User) -> None:
    browser, address = enter(collector), reverse("case", args=[case.pk])
    for show in ("timeline", "payments", "notes", "ledger", "holds"):
        whole = browser.get(address, {"show": show})
        piece = browser.get(address, {"show": show}, headers={"HX-Request": "true"})
        again = browser.get(
            address, {"show": show}, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
        )
        assert "<html" in words(whole) and 'id="history"' in words(whole)
        assert "<html" not in words(piece) and 'id="history"' in words(piece)
        assert "<html" in words(again), "going back in the browser needs the whole page"
        assert "HX-Request" in piece["Vary"]


# The payment form asks.


@pytest.mark.requirement("DC-05")
@pytest.mark.parametrize("language", LANGUAGES)
def test_more_than_is_owed_is_asked_first_and_nothing_that_was_typed_is_lost(
    case: Case, collector: User, language: str
) -> None:
    browser, address = enter(collector, language), reverse("case_payment", args=[case.pk])
    typed = form(amount="٣٬٥٠٠", payer_name="أخو صاحب الملف")
    asked = browser.post(address, typed)
    assert asked.status_code == 422
    assert asked.context["preview"].questions == ["above"]
    assert not Payment.objects.exists()
    question = "هذا أكبر من المستحق" if language == "ar" else "This is more than is owed"
    assert question in words(asked)
    assert 'value="أخو صاحب الملف"' in words(asked) and 'value="٣٬٥٠٠"' in words(asked)
    mark = asked.context["preview"].mark
    assert f'name="confirmed" value="{html.escape(mark)}"' in words(asked)
    other = browser.post(address, {**typed, "amount": "3600", "confirmed": mark})
    assert (other.status_code, Payment.objects.count()) == (422, 0), "a yes is for the amount that was asked about"
    assert browser.post(address, {**typed, "confirmed": mark}).status_code == 302
    assert Payment.objects.get().suspense == Decimal("500.00")


def test_the_same_amount_and_value_date_again_is_asked_and_another_day_is_not(case: Case, collector: User) -> None:
    browser, address = enter(collector), reverse("case_payment", args=[case.pk])
    paid(case, "100.00", reference="FIRST")
    taken_back = paid(case, "70.00", reference="GONE")
    payment_reverse(actor=ACTOR, payment=taken_back, on=SUNDAY, reason="شيك مرتجع")
    asked = browser.post(address, form(reference="Z"))
    assert (asked.status_code, asked.context["preview"].questions) == (422, ["same"])
    assert "FIRST" in words(asked)
    assert browser.post(address, form(reference="Z", confirmed=asked.context["preview"].mark)).status_code == 302
    assert browser.post(address, form(reference="Y", amount="101")).status_code == 302
    assert browser.post(address, form(reference="X", amount="70")).status_code == 302, "that one is taken back"


@pytest.mark.requirement("DC-05")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_past_value_date_says_which_recorded_money_moves(case: Case, collector: User, language: str) -> None:
    later = paid(case, "1000.00", day=-1, reference="LATER")
    browser, address = enter(collector, language), reverse("case_payment", args=[case.pk])
    typed = form(amount="600", value_on=on(-5).isoformat(), reference="EARLY")
    asked = browser.post(address, typed)
    (shift,) = asked.context["preview"].shifts
    assert (asked.status_code, shift.payment, shift.off, shift.onto) == (
        422, later, [("D-1-1", Decimal("600.00"))], [("D-1-2", Decimal("600.00"))],
    )  # fmt: skip
    assert "LATER" in words(asked)
    assert browser.post(address, {**typed, "confirmed": asked.context["preview"].mark}).status_code == 302
    now = {
        (e.payment.reference, e.receivable.receivable_ref): Decimal(0)
        for e in LedgerEntry.objects.exclude(payment=None)
    }
    for entry in LedgerEntry.objects.exclude(payment=None):
        now[(entry.payment.reference, entry.receivable.receivable_ref)] -= entry.amount
    assert now == {
        ("EARLY", "D-1-1"): Decimal(600), ("LATER", "D-1-1"): Decimal(400), ("LATER", "D-1-2"): Decimal(600),
    }, "what was shown is what happened"  # fmt: skip


def test_the_form_shows_what_a_payment_would_do_as_a_piece_and_as_a_page(case: Case, collector: User) -> None:
    browser, address = enter(collector, "en"), reverse("case_payment", args=[case.pk])
    piece = browser.post(
        address, {**form(amount="1200"), "check": "1"}, headers={"HX-Request": "true"}
    )  # fmt: skip
    assert piece.status_code == 200
    assert "<html" not in words(piece)
    assert piece.context["preview"].shares == [("D-1-1", Decimal("1000.00")), ("D-1-2", Decimal("200.00"))]
    half = browser.post(address, {"amount": "12x", "currency": "SAR", "check": "1"}, headers={"HX-Request": "true"})
    assert (half.status_code, half.context["preview"]) == (200, None)
    page = browser.post(address, {**form(amount="1200"), "check": "1"})
    assert (page.status_code, page.context["open_panel"]) == (200, "payment")
    assert "<html" in words(page) and 'value="1200"' in words(page)
    for amount in ("0", "-5", "NaN"):
        nothing = browser.post(address, {**form(amount=amount), "check": "1"}, headers={"HX-Request": "true"})
        assert (nothing.status_code, nothing.context["preview"]) == (200, None)
    assert not Payment.objects.exists()


def test_a_payment_for_one_receivable_is_named_on_the_form(case: Case, client_: Client, collector: User) -> None:
    browser, address = enter(collector), reverse("case_payment", args=[case.pk])
    third = receivable(case, 3)
    foreign = a_case(client_, ref="D-9", owner=collector).receivables.get()
    wrong = browser.post(address, form(receivable=str(foreign.pk)))
    assert (wrong.status_code, list(wrong.context["payment_form"].errors)) == (422, ["receivable"])
    assert browser.post(address, form(receivable=str(third.pk))).status_code == 302
    third.refresh_from_db()
    assert third.balance == Decimal("900.00")


# What is it for?


@pytest.mark.requirement("DC-05")
@pytest.mark.parametrize("language", LANGUAGES)
def test_waiting_money_is_given_to_several_receivables(case: Case, collector: User, language: str) -> None:
    one, three = receivable(case, 1), receivable(case, 3)
    payment = paid(case, "900.00", reference="T-1", pins=[Share(receivable_id=one.pk, amount=Decimal("100.00"))])
    assert payment.suspense == Decimal("800.00")
    browser, address = enter(collector, language), reverse("payment_for", args=[case.pk, payment.pk])
    page = browser.get(address)
    assert (page.status_code, in_language(page, language)) == (200, True)
    parts = {f"part_{one.pk}": "500", f"part_{three.pk}": "200.50"}
    piece = browser.post(address, {**parts, "add": "1"}, headers={"HX-Request": "true"})
    assert "<html" not in words(piece)
    assert (piece.context["form"].given, piece.context["form"].left) == (Decimal("700.50"), Decimal("99.50"))
    added = browser.post(address, {**parts, "add": "1"})
    assert added.status_code == 200
    assert 'value="200.50"' in words(added)
    for bad, where in (
        ({**parts, "reason": ""}, "reason"),
        ({"reason": "قال"}, "__all__"),
        ({**parts, f"part_{one.pk}": "700", "reason": "قال"}, "__all__"),
        ({**parts, f"part_{one.pk}": "-5", "reason": "قال"}, f"part_{one.pk}"),
        ({**parts, f"part_{one.pk}": "x", "reason": "قال"}, f"part_{one.pk}"),
    ):
        refused = browser.post(address, bad)
        assert (refused.status_code, list(refused.context["form"].errors)) == (422, [where]), bad
        assert "200.50" in words(refused) or where == "__all__"
    done = browser.post(address, {**parts, "reason": "كتب الدافع رقم الفاتورة"}, follow=True)
    assert "700.50" in said(done)[0]
    assert "كتب الدافع رقم الفاتورة" in words(done)
    payment.refresh_from_db()
    one.refresh_from_db()
    three.refresh_from_db()
    assert (payment.suspense, one.balance, three.balance) == (
        Decimal("99.50"), Decimal("400.00"), Decimal("799.50"),
    )  # fmt: skip
    assert browser.post(address, {**parts, "reason": "ثانية"}).status_code == 422, "more than waits by now"


# Notes.


def note(case: Case, **given: str) -> dict[str, str]:
    return {
        "kind": "CREDIT_NOTE", "receivable": str(receivable(case, 2).pk), "amount": "100", "component": "",
        "value_on": "2026-10-30", "reference": "CN-1", "reason": "بضاعة مرتجعة", **given,
    }  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_note_is_written_shown_and_taken_back_with_reasons(case: Case, leader: User, language: str) -> None:
    browser, address = enter(leader, language), reverse("case_note", args=[case.pk])
    done = browser.post(address, note(case), follow=True)
    assert "100.00" in said(done)[0]
    assert "CN-1" in words(done) and "بضاعة مرتجعة" in words(done)
    entry = LedgerEntry.objects.get(kind="CREDIT_NOTE")
    assert (entry.amount, entry.effective_on) == (Decimal("-100.00"), on(-2))
    case.refresh_from_db()
    assert case.balance == Decimal("2900.00")
    back = reverse("note_back", args=[case.pk, entry.pk])
    empty = browser.post(back, {"reason": ""})
    assert (empty.status_code, list(empty.context["note_back_form"].errors)) == (422, ["reason"])
    page = browser.post(back, {"reason": "كانت لفاتورة أخرى"}, follow=True)
    assert "كانت لفاتورة أخرى" in words(page)
    assert back not in words(page)
    assert browser.post(back, {"reason": "ثانية"}).status_code == 422
    case.refresh_from_db()
    assert case.balance == Decimal("3000.00")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reference": ""}, "reference"),
        ({"reason": ""}, "reason"),
        ({"amount": "0"}, "amount"),
        ({"amount": "1000.01"}, "amount"),
        ({"value_on": "2026-11-02"}, "value_on"),
        ({"value_on": "2026-01-01"}, "value_on"),
        ({"kind": "CHARGE"}, "kind"),
        ({"kind": "SETTLEMENT_DISCOUNT", "component": "FEE"}, "amount"),
        ({"receivable": ""}, "receivable"),
    ],
)
def test_a_wrong_note_comes_back_with_its_error_and_all_that_was_typed(
    case: Case, leader: User, language: str, wrong: dict[str, str], field: str
) -> None:
    page = enter(leader, language).post(reverse("case_note", args=[case.pk]), note(case, **wrong))
    assert page.status_code == 422
    errors = page.context["note_form"].errors
    assert list(errors) == [field]
    with translation.override(language):
        told = str(errors[field][0])
    assert any("\u0600" <= letter <= "\u06ff" for letter in told) is (language == "ar")
    assert told in html.unescape(words(page))
    assert field == "reason" or "بضاعة مرتجعة" in words(page)
    assert not LedgerEntry.objects.exclude(kind="CHARGE").exists()


@pytest.mark.requirement("PL-50")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_leader_forgives_small_sums_a_manager_any_and_a_collector_none(
    case: Case, collector: User, leader: User, manager: User, language: str
) -> None:
    address = reverse("case_note", args=[case.pk])
    limit = LEADER_FORGIVES["SAR"]
    cut = note(case, kind="SETTLEMENT_DISCOUNT", amount=str(limit), reference="", reason="تسوية")
    shown = {"show": "notes"}
    assert address not in words(enter(collector, language).get(reverse("case", args=[case.pk]), shown))
    assert enter(collector).post(address, cut).status_code == 404
    his = enter(leader, language)
    assert address in words(his.get(reverse("case", args=[case.pk]), shown))
    above = his.post(address, {**cut, "amount": str(limit + Decimal("0.01"))})
    assert (above.status_code, list(above.context["note_form"].errors)) == (422, ["amount"])
    assert ("لمدير التحصيل" if language == "ar" else "A collections manager may write it") in words(above)
    assert his.post(address, cut).status_code == 302
    more = his.post(address, {**cut, "kind": "WRITE_OFF", "amount": "0.01"})
    assert more.status_code == 422, "many small ones are no way around the limit"
    assert LedgerEntry.objects.filter(kind__in=["SETTLEMENT_DISCOUNT", "WRITE_OFF"]).count() == 1
    assert not AuditEvent.objects.filter(action="note.posted", body__kind="WRITE_OFF").exists()
    entry = LedgerEntry.objects.get(kind="SETTLEMENT_DISCOUNT")
    assert his.post(reverse("note_back", args=[case.pk, entry.pk]), {"reason": "لم يوقع"}).status_code == 302
    assert his.post(address, {**cut, "reference": "S-2"}).status_code == 302, "what was taken back counts no more"
    hers = enter(manager, language)
    assert hers.post(address, {**cut, "kind": "WRITE_OFF", "amount": "500.00", "reference": "W-1"}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_forgivings_at_once_do_not_pass_the_limit_together(case: Case, leader: User) -> None:
    invoice, meet = receivable(case, 2), threading.Barrier(2)
    outcomes: list[str] = []

    def forgive() -> None:
        try:
            meet.wait(10)
            note_give(
                user=leader, receivable=invoice, kind="WRITE_OFF", amount=Decimal("300.00"), value_on=SUNDAY,
                reason="كسور",
            )  # fmt: skip
            outcomes.append("written")
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=forgive) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["forgives_above", "written"]
    assert LedgerEntry.objects.filter(kind="WRITE_OFF").count() == 1


def test_the_timeline_tells_of_notes_and_of_parts_taken_back(case: Case, collector: User) -> None:
    payment = paid(case, "600.00", reference="T-1")
    payment_reverse(actor=ACTOR, payment=payment, on=SUNDAY, reason="حُسب مرتين", amount=Decimal("100.00"))
    note_post(
        actor=ACTOR, receivable=receivable(case, 2), kind="FEE", amount=Decimal("45.00"), value_on=SUNDAY, reason="رسوم"
    )  # fmt: skip
    items = enter(collector, "en").get(reverse("case", args=[case.pk])).context["timeline"]
    told = {(item.what, item.detail) for item in items}
    assert ("Payment \u2068600.00\u2069 SAR", "Bank transfer · \u2068100.00\u2069 SAR of it taken back") in told
    assert ("Fee \u206845.00\u2069 SAR", "\u2068D-1-2\u2069") in told


def test_in_another_currency_a_leader_forgives_nothing(
    case: Case, client_: Client, leader: User, manager: User
) -> None:
    place(
        client_,
        [{"debtor_ref": "D-1", "receivable_ref": "usd", "due_on": on(-5), "amount": "70.00", "currency": "USD"}],
    )
    dollars = case.receivables.get(currency="USD")
    cut = note(case, kind="WRITE_OFF", amount="1", reference="", receivable=str(dollars.pk))
    address = reverse("case_note", args=[case.pk])
    assert enter(leader).post(address, cut).status_code == 422
    assert enter(manager).post(address, cut).status_code == 302


def test_a_note_of_another_case_and_an_entry_that_is_no_note_are_not_taken_back(
    case: Case, client_: Client, collector: User, leader: User
) -> None:
    other = a_case(client_, ref="D-2", owner=collector)
    theirs = note_post(
        actor=ACTOR, receivable=other.receivables.get(), kind="FEE", amount=Decimal(5), value_on=SUNDAY, reason="رسوم"
    )  # fmt: skip
    browser = enter(leader)
    assert browser.post(reverse("note_back", args=[case.pk, theirs.pk]), {"reason": "x"}).status_code == 404
    charge = LedgerEntry.objects.filter(receivable__case=case, kind="CHARGE").first()
    assert charge is not None
    assert browser.post(reverse("note_back", args=[case.pk, charge.pk]), {"reason": "x"}).status_code == 422


# The statement.


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_statement_reads_by_value_date_with_a_running_balance_a_currency(
    case: Case, client_: Client, collector: User, language: str
) -> None:
    place(
        client_,
        [
            {
                "debtor_ref": "D-1", "receivable_ref": "usd", "issued_on": on(-20), "due_on": on(-5), "amount": "70.00",
                "currency": "USD",
            },
            {
                "debtor_ref": "D-1", "receivable_ref": "next", "issued_on": on(5), "due_on": on(65),
                "amount": "200.00",
            },
        ],
    )  # fmt: skip
    nightly_run(date=SUNDAY)
    bounced = paid(case, "1500.00", day=-3, reference="CHQ-1")
    payment_reverse(actor=ACTOR, payment=bounced, on=SUNDAY, reason="مرتجع")
    paid(case, "2500.00", day=-2, reference="T-2")
    page = enter(collector, language).get(reverse("case_statement", args=[case.pk]))
    assert (page.status_code, in_language(page, language)) == (200, True)
    sar, usd = page.context["accounts"]
    assert [(line.on, line.amount, line.balance) for line in sar.lines] == [
        (on(-100), Decimal("1000.00"), Decimal("1000.00")),
        (on(-100), Decimal("1000.00"), Decimal("2000.00")),
        (on(-100), Decimal("1000.00"), Decimal("3000.00")),
        (on(-3), Decimal("-1500.00"), Decimal("1500.00")),
        (on(-3), Decimal("1500.00"), Decimal("3000.00")),
        (on(-2), Decimal("-2500.00"), Decimal("500.00")),
    ]
    assert sar.closing == sum(r.balance for r in case.receivables.filter(currency="SAR"))
    assert [(line.receivables, line.amount, line.balance) for line in sar.later] == [
        (("next",), Decimal("200.00"), None)
    ]
    assert (usd.currency, usd.closing) == ("USD", Decimal("70.00"))
    waits = "ينتظر يومه" if language == "ar" else "Waits for its day"
    assert waits in words(page)
    assert "CHQ-1" in words(page)


def test_the_statement_of_a_past_day_leaves_out_what_came_after(case: Case, collector: User) -> None:
    paid(case, "400.00", day=-3, reference="T-1")
    paid(case, "300.00", day=-1, reference="T-2")
    browser = enter(collector, "en")
    address = reverse("case_statement", args=[case.pk])
    for day, closing, left_out in ((-4, "3000.00", 2), (-3, "2600.00", 1), (-2, "2600.00", 1), (-1, "2300.00", 0)):
        (account,) = browser.get(address, {"as_of": on(day).isoformat()}).context["accounts"]
        assert (account.closing, account.left_out, account.later) == (Decimal(closing), left_out, []), day
    wrong = browser.get(address, {"as_of": "2026-11-02"})
    assert wrong.status_code == 422
    assert "The date cannot be in the future." in words(wrong)
    assert 'value="2026-11-02"' in words(wrong)
    tab = browser.get(reverse("case", args=[case.pk]), {"show": "ledger", "as_of": on(-2).isoformat()})
    assert tab.context["accounts"][0].closing == Decimal("2600.00")


def test_money_that_waited_and_found_its_receivable_later_is_a_line_of_that_day(
    case: Case, client_: Client, collector: User
) -> None:
    paid(case, "3100.00", day=-3, reference="T-1")
    note_post(
        actor=ACTOR, receivable=receivable(case, 1), kind="FEE", amount=Decimal(60), value_on=on(-1), reason="رسوم"
    )  # fmt: skip
    page = enter(collector, "en").get(reverse("case_statement", args=[case.pk]))
    (account,) = page.context["accounts"]
    assert [(line.what, line.amount, line.balance) for line in account.lines[3:]] == [
        ("Payment", Decimal("-3000.00"), Decimal("0.00")),
        ("Fee", Decimal("60.00"), Decimal("60.00")),
        ("From waiting money", Decimal("-60.00"), Decimal("0.00")),
    ]
    assert account.suspense == Decimal("40.00")


# What waits.


@pytest.mark.requirement("PL-50")
@pytest.mark.parametrize("language", LANGUAGES)
def test_waiting_money_of_the_cases_one_sees_with_what_it_may_be_for(
    case: Case, client_: Client, collector: User, leader: User, language: str
) -> None:
    payment = paid(
        case, "1100.00", day=-9, reference="T-1", payer_name="شركة النخيل",
        pins=[Share(receivable_id=receivable(case, 1).pk, amount=Decimal("100.00"))],
    )  # fmt: skip
    stranger = make_user("COLLECTOR", name="stranger")
    theirs = paid(a_case(client_, ref="D-9", owner=stranger), "5000.00", reference="S-1")
    page = enter(collector, language).get(reverse("suspense"))
    assert (page.status_code, in_language(page, language)) == (200, True)
    (row,) = page.context["rows"]
    assert row.payment == payment
    assert [(r.receivable_ref, exact) for r, exact in row.may_be] == [
        ("D-1-2", True), ("D-1-3", True), ("D-1-1", False),
    ]  # fmt: skip
    assert page.context["sums"] == [("SAR", Decimal("1000.00"))]
    assert "شركة النخيل" in words(page)
    assert theirs.reference not in words(page)
    assert reverse("payment_for", args=[case.pk, payment.pk]) in words(page)
    assert reverse("suspense_assign") not in words(page)
    assert reverse("suspense_assign") in words(enter(leader, language).get(reverse("suspense")))
    everything = enter(make_user("GENERAL_MANAGER"), language).get(reverse("suspense"))
    assert len(everything.context["rows"]) == 2
    assert reverse("payment_for", args=[case.pk, payment.pk]) not in words(everything), "who only reads decides nothing"


def test_a_leader_gives_waiting_money_to_who_works_the_case_and_the_change_is_recorded(
    case: Case, client_: Client, collector: User, leader: User
) -> None:
    payment = paid(case, "5000.00", reference="T-1")
    stranger = make_user("COLLECTOR", name="stranger")
    theirs = paid(a_case(client_, ref="D-9", owner=stranger), "5000.00", reference="S-1")
    colleague = make_user("COLLECTOR", team=collector.team, name="colleague")
    browser, address = enter(leader, "en"), reverse("suspense_assign")

    def given(owner: User | str, *payments: Payment) -> Any:
        data = {
            "payment": [p.pk for p in payments],
            "owner": getattr(owner, "pk", owner),
            "next": "/suspense/?whose=mine",
        }
        return browser.post(address, data, follow=True)

    for owner, chosen in ((leader, ()), ("", (payment,)), (stranger, (payment,)), (leader, (theirs,))):
        page = given(owner, *chosen)
        assert said(page) == ["Choose payments and a person."]
    assert said(given(colleague, payment)) == ["Waiting money is given to who works its case."]
    assert not AuditEvent.objects.filter(action="suspense.assigned").exists()
    page = given(leader, payment)
    assert said(page) == ["1 payment has its owner."]
    assert [row.payment for row in page.context["rows"]] == [payment]
    payment.refresh_from_db()
    theirs.refresh_from_db()
    assert (payment.suspense_owner, theirs.suspense_owner) == (leader, stranger)
    event = AuditEvent.objects.get(action="suspense.assigned")
    assert (event.subject_id, event.body["owner"], event.body["before"]) == (payment.pk, leader.pk, collector.pk)
    given(leader, payment)
    assert AuditEvent.objects.filter(action="suspense.assigned").count() == 1, "the second time changes nothing"
    assert browser.post(address, {"payment": [payment.pk], "owner": leader.pk, "next": "https://x.example/"})[
        "Location"
    ] == reverse("suspense")


def test_the_page_of_waiting_money_costs_the_same_for_few_and_for_many(
    client_: Client, collector: User, leader: User
) -> None:
    def more(first: int, count: int) -> None:
        for n in range(first, first + count):
            paid(a_case(client_, ref=f"M-{n}", owner=collector), "5000.00", reference=f"P-{n}")

    browser = enter(leader)
    more(0, 2)
    few = queries(lambda: browser.get(reverse("suspense")))
    more(2, 5)
    assert queries(lambda: browser.get(reverse("suspense"))) == few
    assert few <= 13
