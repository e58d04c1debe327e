"""The collector's pages through the browser's door: status, what they say, and what they leave behind."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.models import AccessRecord, User
from clients.models import Client
from collections_app.models import Case, ContactAttempt, EscalationRequest, Hold, Payment, Promise, Task
from collections_app.services.contacts import contact_record
from collections_app.services.holds import hold_place
from collections_app.services.ledger import payment_post
from collections_app.services.nightly import nightly_run
from common import clock
from common.clock import at_riyadh
from tests.doors import LANGUAGES, enter, in_language, queries, words
from tests.world import (
    ACTOR,
    a_case,
    an_escalation,
    debts_ticked,
    enrol,
    make_client,
    make_team,
    make_user,
    place,
    reasons,
)

pytestmark = pytest.mark.django_db
SUNDAY = dt.date(2026, 11, 1)
NUMBER = "+966551234567"


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
def case(client_: Client, collector: User) -> Case:
    return a_case(client_, owner=collector, amount="12000.00", national_id="1000000008")


def contact(case: Case, **given: str) -> tuple[str, dict[str, str]]:
    form = {"channel": "PHONE", "reached": "HOLDER", "outcome": "INFORMED", "note": "", **given}
    return reverse("case_contact", args=[case.pk]), form


@pytest.mark.requirement("DC-05", "CM-42")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_day_shows_own_cases_with_their_reason_and_leads_to_the_first(
    collector: User, client_: Client, case: Case, language: str
) -> None:
    a_case(client_, ref="HERS", owner=make_user("COLLECTOR", name="other"))
    page = enter(collector, language).get(reverse("day"))
    assert page.status_code == 200
    assert in_language(page, language)
    assert case.debtor.name in words(page)
    assert "عبدالله HERS" not in words(page)
    assert f'data-href="{reverse("case", args=[case.pk])}"' in words(page)
    assert ("ملف جديد" if language == "ar" else "New case") in words(page)
    assert page.context["first"].case == case


def test_the_day_filters_by_reason(collector: User, client_: Client, case: Case) -> None:
    due = a_case(client_, ref="DUE", owner=collector)
    Promise.objects.create(
        client_id=due.client_id, case=due, amount=10, currency="SAR", made_on=SUNDAY, due_on=SUNDAY
    )  # fmt: skip
    browser = enter(collector)
    page = browser.get(reverse("day"), {"why": "promise_today"})
    assert [item.case for item in page.context["page"]] == [due]
    assert {code: count for code, _label, count in page.context["tabs"]} == {
        "": 2, "promise_today": 1, "never_contacted": 1,
    }  # fmt: skip
    assert browser.get(reverse("day"), {"page": "x", "why": "nothing"}).status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_day_says_that_it_is_done(collector: User, language: str) -> None:
    page = enter(collector, language).get(reverse("day"))
    assert ("أُنجزت قائمة اليوم" if language == "ar" else "Today's list is done") in html.unescape(words(page))


def test_a_day_of_nothing_but_held_cases_opens(collector: User, case: Case) -> None:
    hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=SUNDAY, reason="المبلغ")
    page = enter(collector).get(reverse("day"))
    assert page.status_code == 200
    assert "اعتراض" in words(page)


@pytest.mark.requirement("DC-05")
def test_saving_leads_to_the_next_case_and_never_back_to_one_just_worked(
    collector: User, client_: Client, case: Case
) -> None:
    second = a_case(client_, ref="D-2", owner=collector)
    third = a_case(client_, ref="D-3", owner=collector)
    for found in (case, second, third):
        Promise.objects.create(
            client_id=client_.pk, case=found, amount=10, currency="SAR", made_on=SUNDAY, due_on=SUNDAY
        )  # fmt: skip
    browser = enter(collector)
    seen = []
    here = browser.get(reverse("next_case"), follow=True).context["case"]
    for _n in range(3):
        seen.append(here)
        url, form = contact(here, next="1")
        after = browser.post(url, form, follow=True)
        assert after.redirect_chain[0][0] == f"{reverse('next_case')}?after={here.pk}"
        here = after.context.get("case") if after.context else None
    assert seen == [case, second, third]
    assert after.redirect_chain[-1][0] == reverse("day")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("show", "says"),
    [
        ("", {"ar": "وُضع لدى الوكالة", "en": "Placed with the agency"}),
        ("ledger", {"ar": "D-1-1", "en": "D-1-1"}),
        ("holds", {"ar": "ظرف صحي", "en": "ظرف صحي"}),
    ],
)
def test_a_case_on_one_page_with_its_three_views(
    collector: User, case: Case, language: str, show: str, says: dict[str, str]
) -> None:
    hold_place(actor=ACTOR, case=case, kind="HARDSHIP", from_on=SUNDAY, reason="ظرف صحي")
    payment_post(actor=ACTOR, case=case, amount=Decimal("500.00"), currency="SAR", value_on=SUNDAY, reference="T1")
    page = enter(collector, language).get(reverse("case", args=[case.pk]), {"show": show} if show else {})
    assert page.status_code == 200
    assert in_language(page, language)
    assert case.debtor.name in words(page)
    assert "11,500" in words(page)
    if not show:
        assert [item.what for item in page.context["timeline"]][-1] in says.values() or page.context["timeline"]
    else:
        assert says[language] in words(page)


def test_a_case_in_several_currencies_shows_each_and_adds_none(collector: User, client_: Client, case: Case) -> None:
    due = SUNDAY - dt.timedelta(days=40)
    place(
        client_, [{"debtor_ref": "D-1", "receivable_ref": "usd", "due_on": due, "amount": "70.00", "currency": "USD"}]
    )
    page = enter(collector).get(reverse("case", args=[case.pk]))
    assert [(row["currency"], row["balance"]) for row in page.context["balances"]] == [
        ("SAR", Decimal("12000.00")), ("USD", Decimal("70.00")),
    ]  # fmt: skip
    assert "12,070" not in words(page)


@pytest.mark.requirement("PL-50")
@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("COLLECTOR", 404), ("TEAM_LEADER", 404), ("CREDIT_OFFICER", 404), ("ADMINISTRATOR", 404),
        ("LEGAL_OFFICER", 404), ("COLLECTIONS_MANAGER", 200), ("GENERAL_MANAGER", 200), ("AUDITOR", 200),
    ],
)  # fmt: skip
def test_whose_case_it_is_not_finds_no_case(case: Case, role: str, status: int) -> None:
    other = make_user(role, name="somebody")
    assert enter(other).get(reverse("case", args=[case.pk])).status_code == status


@pytest.mark.parametrize("name", ["case_contact", "case_refused", "case_reveal", "case_payment", "case_hold"])
@pytest.mark.parametrize("role", ["COLLECTOR", "GENERAL_MANAGER", "AUDITOR", "QUALITY_OFFICER"])
def test_who_does_not_work_the_case_changes_nothing(case: Case, name: str, role: str) -> None:
    other = make_user(role, name="somebody")
    assert enter(other).post(reverse(name, args=[case.pk]), {}).status_code == 404
    assert not ContactAttempt.objects.exists() and not Hold.objects.exists() and not Payment.objects.exists()


@pytest.mark.requirement("DC-05", "PL-13", "PL-17")
def test_a_promise_is_recorded_from_the_form(collector: User, case: Case) -> None:
    url, form = contact(
        case, outcome="PROMISE", promise_amount="4000", promise_on="2026-11-08", note="بعد نزول الراتب", stay="1"
    )  # fmt: skip
    done = enter(collector).post(url, form)
    assert (done.status_code, done["Location"]) == (302, reverse("case", args=[case.pk]))
    promise = Promise.objects.get()
    assert (promise.amount, promise.due_on, promise.made_by) == (Decimal("4000.00"), dt.date(2026, 11, 8), collector)
    attempt = ContactAttempt.objects.get()
    assert (attempt.by, attempt.note, attempt.verdict) == (collector, "بعد نزول الراتب", "ALLOWED")
    assert attempt.contact_point is not None, "the only number of the case is the one that was called"


def test_a_call_back_is_agreed_in_riyadh_time(collector: User, case: Case) -> None:
    url, form = contact(case, outcome="CALL_BACK", call_back_at="2026-11-02T10:30")
    assert enter(collector).post(url, form).status_code == 302
    assert Task.objects.get(kind="CALL_BACK").due_at == dt.datetime(2026, 11, 2, 7, 30, tzinfo=dt.UTC)


def test_the_hour_of_a_call_told_of_later_is_in_riyadh_time(collector: User, case: Case) -> None:
    url, form = contact(case, at="2026-11-01T09:00")
    assert enter(collector).post(url, form).status_code == 302
    assert ContactAttempt.objects.get().at == dt.datetime(2026, 11, 1, 6, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"outcome": "PROMISE", "promise_amount": "13000", "promise_on": "2026-11-08"}, "promise_amount"),
        ({"outcome": "PROMISE", "promise_amount": "100", "promise_on": "2026-10-01"}, "promise_on"),
        ({"outcome": "PROMISE", "promise_amount": "", "promise_on": ""}, "promise_amount"),
        ({"outcome": "PROMISE", "promise_amount": "ألف", "promise_on": "2026-11-08"}, "promise_amount"),
        ({"outcome": "CALL_BACK", "call_back_at": ""}, "call_back_at"),
        ({"outcome": ""}, "outcome"),
        ({"reached": "NO_ONE", "outcome": "OBJECTED"}, "reached"),
        ({"at": "2026-11-01T12:01"}, "at"),
    ],
)
def test_a_form_with_an_error_comes_back_with_all_that_was_typed(
    collector: User, case: Case, language: str, wrong: dict[str, str], field: str
) -> None:
    url, form = contact(case, note="قال إنه سيسدد", **wrong)
    page = enter(collector, language).post(url, form)
    assert page.status_code == 422
    assert in_language(page, language)
    errors = page.context["form"].errors
    assert list(errors) == [field]
    with translation.override(language):
        said = str(errors[field][0])
    assert any("\u0600" <= letter <= "\u06ff" for letter in said) is (language == "ar")
    assert said in html.unescape(words(page)) or field == "at"
    assert "قال إنه سيسدد" in words(page)
    if wrong.get("promise_amount"):
        assert f'value="{wrong["promise_amount"]}"' in words(page)
    assert not ContactAttempt.objects.exists()


@pytest.mark.requirement("PL-11", "PL-13")
def test_a_call_outside_the_hours_asks_why_and_is_kept_as_a_breach(collector: User, case: Case) -> None:
    browser = enter(collector)
    url, form = contact(case, note="اتصل وطلب الرد")
    with clock.at(at_riyadh(on=SUNDAY, time=dt.time(18, 0))):
        page = browser.post(url, form)
        assert page.status_code == 422
        assert page.context["ask_breach"] is True
        assert 'name="breach_reason"' in words(page)
        assert "اتصل وطلب الرد" in words(page)
        assert browser.post(url, {**form, "breach_reason": "طلب معاودة مساءً"}).status_code == 302
    attempt = ContactAttempt.objects.get()
    assert (attempt.verdict, attempt.breach_reason) == ("BREACH", "طلب معاودة مساءً")
    assert "خارج السياسة" in words(browser.get(reverse("case", args=[case.pk])))


def test_a_number_that_is_not_of_this_case_is_not_taken(collector: User, client_: Client, case: Case) -> None:
    other = a_case(client_, ref="D-2").debtor.contact_points.get()
    url, form = contact(case, contact_point=str(other.pk))
    assert enter(collector).post(url, form).status_code == 422
    assert not ContactAttempt.objects.exists()


def test_a_letter_does_not_bear_the_mobile_number(collector: User, case: Case) -> None:
    mobile = case.debtor.contact_points.get()
    url, form = contact(case, channel="LETTER", reached="NO_ONE", outcome="SENT", contact_point=str(mobile.pk))
    assert enter(collector).post(url, form).status_code == 302
    assert ContactAttempt.objects.get().contact_point is None


def test_a_word_that_would_run_as_script_is_only_a_word(collector: User, case: Case) -> None:
    url, form = contact(case, note="<script>alert(1)</script>")
    browser = enter(collector)
    browser.post(url, form)
    assert "<script>alert(1)</script>" not in words(browser.get(reverse("case", args=[case.pk])))


@pytest.mark.requirement("PL-13")
def test_pressing_a_closed_channel_is_written_down_and_counts_nothing(collector: User, case: Case) -> None:
    browser = enter(collector)
    with clock.at(at_riyadh(on=SUNDAY, time=dt.time(17, 0))):
        page = browser.post(reverse("case_refused", args=[case.pk]), {"channel": "PHONE"}, follow=True)
        assert page.status_code == 200
        assert page.context["guard"].phone.attempts_left == 10
    assert ContactAttempt.objects.get().verdict == "REFUSED"
    browser.post(reverse("case_refused", args=[case.pk]), {"channel": "PHONE"})
    assert ContactAttempt.objects.count() == 1, "at noon the channel is open"
    assert browser.post(reverse("case_refused", args=[case.pk]), {"channel": "PIGEON"}).status_code == 404
    assert browser.get(reverse("case_refused", args=[case.pk])).status_code == 405


@pytest.mark.requirement("PL-50", "PL-51")
def test_values_are_masked_until_they_are_revealed_and_the_look_is_written_down_first(
    collector: User, case: Case
) -> None:
    browser, url = enter(collector), reverse("case", args=[case.pk])
    masked = words(browser.get(url))
    assert NUMBER not in masked and "1000000008" not in masked
    assert "567" in masked and "1•••••••08" in masked
    assert not AccessRecord.objects.filter(what="case.reveal").exists()
    browser.post(reverse("case_reveal", args=[case.pk]))
    look = AccessRecord.objects.get(what="case.reveal")
    assert (look.user, look.subject_type, look.subject_id) == (collector, "collections_app.Case", case.pk)
    shown = words(browser.get(url))
    assert NUMBER in shown and "1000000008" in shown
    with clock.at(clock.now() + dt.timedelta(minutes=5, seconds=1)):
        assert NUMBER not in words(browser.get(url))
    assert NUMBER not in words(enter(make_user("COLLECTIONS_MANAGER")).get(url))


@pytest.mark.requirement("DC-05")
def test_a_payment_is_recorded_and_what_is_too_much_waits_in_suspense(collector: User, case: Case) -> None:
    browser, url = enter(collector, "en"), reverse("case_payment", args=[case.pk])
    form = {"amount": "12500.00", "currency": "SAR", "value_on": "2026-10-30", "method": "SADAD", "reference": "S-1"}
    asked = browser.post(url, form)
    assert (asked.status_code, Payment.objects.count()) == (422, 0)
    page = browser.post(url, {**form, "confirmed": asked.context["preview"].mark}, follow=True)
    said = str(next(iter(page.context["messages"])))
    assert said == "Payment of \u206812,500.00\u2069 SAR recorded; \u2068500.00\u2069 SAR of it stays in suspense."
    payment = Payment.objects.get()
    assert (payment.suspense, payment.value_on, payment.recorded_by) == (
        Decimal("500.00"), dt.date(2026, 10, 30), collector,
    )  # fmt: skip
    case.refresh_from_db()
    assert (case.status, case.balance) == ("PAID", Decimal("0.00"))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "1.005"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"value_on": "2026-11-02"}, "value_on"),
        ({"currency": "USD"}, "currency"),
        ({"reference": ""}, "reference"),
        ({"reference": " T1 "}, "reference"),
        ({"method": "FILE"}, "method"),
    ],
)
def test_a_wrong_payment_comes_back_with_its_error_and_leaves_nothing(
    collector: User, case: Case, wrong: dict[str, str], field: str
) -> None:
    payment_post(actor=ACTOR, case=case, amount=Decimal("1.00"), currency="SAR", value_on=SUNDAY, reference="T1")
    form = {"amount": "10", "currency": "SAR", "value_on": "2026-11-01", "method": "SADAD", "reference": "T2", **wrong}
    page = enter(collector).post(reverse("case_payment", args=[case.pk]), form)
    assert page.status_code == 422
    assert list(page.context["payment_form"].errors) == [field]
    assert page.context["open_panel"] == "payment"
    assert Payment.objects.count() == 1


@pytest.mark.requirement("CM-41")
def test_a_hold_and_its_end_from_the_page(collector: User, case: Case) -> None:
    browser = enter(collector)
    wrong = browser.post(reverse("case_hold", args=[case.pk]), {"kind": "OBJECTION", "from_on": "", "reason": "كمية"})
    assert wrong.status_code == 422
    assert (wrong.context["tab"], wrong.context["open_panel"]) == ("holds", "hold")
    assert "كمية" in words(wrong)
    form = {"kind": "CLIENT", "from_on": "2026-10-20", "reason": "بطلب الجهة"}
    assert browser.post(reverse("case_hold", args=[case.pk]), form).status_code == 302
    hold = Hold.objects.get()
    end = reverse("case_release", args=[case.pk, hold.pk])
    for bad in ({"until_on": "2026-10-19", "reason": "رُفض"}, {"until_on": "2026-11-01", "reason": ""}, {}):
        page = browser.post(end, bad)
        assert page.status_code == 422
        assert page.context["tab"] == "holds"
    hold.refresh_from_db()
    assert hold.until_on is None
    done = browser.post(end, {"until_on": "2026-11-01", "reason": "انتهى"})
    assert done["Location"] == f"{reverse('case', args=[case.pk])}?show=holds"
    assert browser.post(end, {"until_on": "2026-11-01", "reason": "again"}).status_code == 422
    other = a_case(case.client, ref="D-2", owner=collector)
    assert browser.post(reverse("case_release", args=[other.pk, hold.pk]), form).status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.requirement("DC-06", "PL-20")
def test_escalation_is_proposed_with_its_computed_conditions(collector: User, case: Case, language: str) -> None:
    browser, url = enter(collector, language), reverse("case_propose", args=[case.pk])
    page = browser.get(url)
    assert page.status_code == 200
    assert in_language(page, language)
    assert len(page.context["checks"]) == 10
    empty = browser.post(url, {"grounds": "", "cost_ceiling": "0", "valid_days": "90"})
    assert empty.status_code == 422
    form = {
        "steps": ["MEDIATION"], "cost_ceiling": "100", "valid_days": "90", "grounds": "لم تنفع المحاولات السابقة كلها",
        **debts_ticked(case), **reasons(case),
    }  # fmt: skip
    assert browser.post(url, {**form, "valid_days": "6"}).status_code == 422
    assert not EscalationRequest.objects.exists()
    assert browser.post(url, form).status_code == 302
    assert EscalationRequest.objects.get().prepared_by == collector
    assert browser.post(url, form).status_code == 422, "a second request while one is open"


@pytest.mark.requirement("DC-05")
def test_the_list_of_cases_by_words_status_and_client(collector: User, client_: Client, case: Case) -> None:
    bank = make_client("BNK", kind="BANK")
    held = a_case(bank, ref="7-77", owner=collector)
    nightly_run(date=SUNDAY)
    hold_place(actor=ACTOR, case=held, kind="HARDSHIP", from_on=SUNDAY, reason="ظرف")
    a_case(client_, ref="HERS", owner=make_user("COLLECTOR", name="other"))
    browser, url = enter(collector), reverse("cases")

    def found(**query: str) -> list[Case]:
        page = browser.get(url, query)
        assert page.status_code == 200
        return list(page.context["page"])

    assert found() == [case, held]
    assert found(status="ON_HOLD") == [held]
    assert found(status="all") == [case, held]
    assert found(q="7-7") == [held]
    assert found(q="عبدالله D") == [case]
    assert found(client=str(bank.pk)) == [held]
    assert found(q="nobody") == []
    for strange in ("²", "٣", "9" * 40, "-1", "x", "'; --"):
        found(client=strange, status=strange, q=strange, page=strange)


@pytest.mark.requirement("CM-36")
def test_a_leader_gives_cases_to_the_teams_own_collectors_only(client_: Client) -> None:
    team = make_team()
    leader, mine = make_user("TEAM_LEADER", team=team), make_user("COLLECTOR", team=team, name="mine")
    stranger = make_user("COLLECTOR", name="stranger")
    case = a_case(client_, owner=mine)
    other = a_case(client_, ref="D-2", owner=stranger)
    second = make_user("COLLECTOR", team=team, name="second")
    browser, url = enter(leader), reverse("cases_assign")
    assert list(browser.get(reverse("cases")).context["owners"]) == [mine, second]
    done = browser.post(
        url, {"case": [case.pk, other.pk, "²", "9" * 30], "owner": second.pk, "next": "/cases/?status=all"}
    )  # fmt: skip
    assert done["Location"] == "/cases/?status=all"
    case.refresh_from_db()
    other.refresh_from_db()
    assert (case.owner, case.assigned_on, other.owner) == (second, SUNDAY, stranger)
    for form in ({"case": [case.pk], "owner": stranger.pk}, {"case": [], "owner": mine.pk}, {"case": [case.pk]}):
        browser.post(url, form)
    case.refresh_from_db()
    assert case.owner == second
    assert browser.post(url, {"case": [case.pk], "owner": mine.pk, "next": "https://evil.example/"})["Location"] == (
        reverse("cases")
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_team_page_counts_loads_and_what_nobody_owns(client_: Client, language: str) -> None:
    team = make_team()
    mine = make_user("COLLECTOR", team=team, name="mine")
    leader, manager = make_user("TEAM_LEADER", team=team), make_user("COLLECTIONS_MANAGER")
    make_user("COLLECTOR", name="stranger")
    for n in range(2):
        found = a_case(client_, ref=f"D-{n}", owner=mine)
        Promise.objects.create(
            client_id=client_.pk, case=found, amount=1, currency="SAR", made_on=SUNDAY, due_on=SUNDAY
        )  # fmt: skip
    a_case(client_, ref="nobodys")
    page = enter(leader, language).get(reverse("my_team"))
    assert in_language(page, language)
    standings = page.context["team"].people
    assert [(s.person, s.open_cases, s.due_today, s.missed) for s in standings] == [(mine, 2, 2, 0)]
    assert page.context["unowned"] == 1, "a leader gives out what nobody has"
    page = enter(manager, language).get(reverse("my_team"))
    assert len(page.context["team"].people) == 2
    assert page.context["unowned"] == 1
    lonely = make_user("TEAM_LEADER", name="lonely")
    assert enter(lonely).get(reverse("my_team")).context["team"].people == []


@pytest.mark.requirement("PL-17")
def test_promises_by_state(collector: User, client_: Client, case: Case) -> None:
    other = a_case(client_, ref="HERS", owner=make_user("COLLECTOR", name="other"))
    for found, status in ((case, "OPEN"), (case, "MISSED"), (other, "OPEN")):
        Promise.objects.create(
            client_id=client_.pk, case=found, amount=1, currency="SAR", made_on=SUNDAY, due_on=SUNDAY, status=status
        )  # fmt: skip
    browser = enter(collector)
    assert [p.case for p in browser.get(reverse("promises")).context["page"]] == [case]
    assert [p.status for p in browser.get(reverse("promises"), {"status": "MISSED"}).context["page"]] == ["MISSED"]
    assert browser.get(reverse("promises"), {"status": "KEPT", "page": "99"}).status_code == 200


# What a page costs does not grow with what stands on it.


def many(client_: Client, user: User, first: int, count: int) -> None:
    rows = [
        {"debtor_ref": f"M-{n}", "debtor_name": f"سعد {n}", "mobile": "0551234567", "receivable_ref": f"M-{n}-{k}",
         "issued_on": SUNDAY - dt.timedelta(days=100 + k), "due_on": SUNDAY - dt.timedelta(days=40 + k),
         "amount": "100.00"}
        for n in range(first, first + count) for k in range(2)
    ]  # fmt: skip
    place(client_, rows)
    for n, case in enumerate(Case.objects.filter(client=client_, debtor__debtor_ref__startswith="M-", owner=None)):
        Case.objects.filter(pk=case.pk).update(owner=user, team=user.team, status="ACTIVE")
        Promise.objects.create(
            client_id=client_.pk, case=case, amount=10, currency="SAR", made_on=SUNDAY, due_on=SUNDAY, made_by=user
        )  # fmt: skip
        ContactAttempt.objects.create(
            client_id=client_.pk, case=case, at=clock.now() - dt.timedelta(days=3), by=user, channel="PHONE",
            reached="HOLDER", outcome="INFORMED", verdict="ALLOWED", recorded_at=clock.now(),
        )  # fmt: skip
        if n % 2:
            first = case.receivables.first()
            hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=SUNDAY, reason="س", receivable=first)


@pytest.mark.parametrize(
    # A day asks, besides, whether a stage stopped contact.
    ("name", "most"),
    [("day", 18), ("cases", 12), ("promises", 10), ("my_team", 10), ("next_case", 13)],
)
def test_a_page_costs_the_same_for_few_and_for_many(client_: Client, name: str, most: int) -> None:
    team = make_team()
    leader = make_user("TEAM_LEADER", team=team)
    browser = enter(leader)
    many(client_, leader, 0, 3)

    def cost() -> int:
        if name == "next_case":
            with CaptureQueriesContext(connection) as seen:
                browser.get(reverse(name))
            return len(seen)
        return queries(lambda: browser.get(reverse(name)))

    few = cost()
    many(client_, leader, 3, 12)
    assert cost() == few
    assert few <= most


@pytest.mark.parametrize(
    ("show", "most"), [("timeline", 40), ("payments", 36), ("notes", 32), ("ledger", 34), ("holds", 34)]
)
def test_a_case_costs_the_same_with_a_long_history(
    collector: User, client_: Client, case: Case, show: str, most: int
) -> None:
    def grow(times: int) -> None:
        for n in range(times):
            ContactAttempt.objects.create(
                client_id=client_.pk, case=case, at=clock.now() - dt.timedelta(days=40 + n), by=collector,
                channel="PHONE", reached="HOLDER", outcome="INFORMED", verdict="ALLOWED", recorded_at=clock.now(),
            )  # fmt: skip
            payment_post(actor=ACTOR, case=case, amount=Decimal("1.00"), currency="SAR", value_on=SUNDAY)
            hold_place(
                actor=ACTOR, case=case, kind="CLIENT", from_on=SUNDAY, until_on=SUNDAY, reason="س"
            )  # fmt: skip
            Promise.objects.create(
                client_id=client_.pk, case=case, amount=1, currency="SAR", made_on=SUNDAY, due_on=SUNDAY,
                status="MISSED", made_by=collector,
            )  # fmt: skip

    browser, url = enter(collector), reverse("case", args=[case.pk])
    grow(2)
    few = queries(lambda: browser.get(url, {"show": show}))
    grow(8)
    assert queries(lambda: browser.get(url, {"show": show})) == few
    assert few <= most


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_request_is_taken_back_from_the_case_with_its_reason(case: Case, collector: User, language: str) -> None:
    browser = enter(collector, language)
    address = reverse("case_withdraw", args=[case.pk])
    nothing = browser.post(address, {"reason": "وعد"}, follow=True)
    assert [m.level_tag for m in nothing.context["messages"]] == ["error"]
    request = an_escalation(case, by=collector)
    assert address in words(browser.get(reverse("case", args=[case.pk])))
    assert browser.post(address, {"reason": " "}).status_code == 422
    request.refresh_from_db()
    assert request.status == "PROPOSED"
    browser.post(address, {"reason": "وعد بالسداد"})
    request.refresh_from_db()
    assert (request.status, request.decision_reason) == ("WITHDRAWN", "وعد بالسداد")
    assert address not in words(browser.get(reverse("case", args=[case.pk])))


@pytest.mark.requirement("PL-21")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_say_that_a_request_has_nothing_left_to_ask_for(
    case: Case, client_: Client, collector: User, language: str
) -> None:
    said = "لم يبق ما يُطالب به: " if language == "ar" else "Nothing is left to claim: "
    manager, other = make_user("COLLECTIONS_MANAGER"), a_case(client_, ref="D-2", owner=collector, amount="500.00")
    waiting, approved = an_escalation(case, by=collector), an_escalation(other, by=collector, approved_by=manager)
    signatory = make_user("CLIENT_SIGNATORY", client=client_)
    enrol(signatory)
    pages = {
        (manager, reverse("escalation", args=[waiting.pk])): 'value="APPROVED"',
        (manager, reverse("escalation", args=[approved.pk])): "",
        (collector, reverse("case", args=[case.pk])): "",
        (signatory, reverse("portal_authorisation", args=[approved.pk])): reverse("portal_sign", args=[approved.pk]),
    }
    for paid in (False, True):
        if paid:
            for found in (case, other):
                payment_post(actor=ACTOR, case=found, amount=found.balance, currency="SAR", value_on=SUNDAY)
        for (person, address), act in pages.items():
            page = words(enter(person, language).get(address))
            assert (said in page) is paid, address
            assert not act or (act in page) is not paid, address
    taken = enter(collector).post(reverse("case_withdraw", args=[case.pk]), {"reason": "سُدد"})
    assert taken.status_code == 302
    waiting.refresh_from_db()
    assert waiting.status == "WITHDRAWN"


@pytest.mark.requirement("CM-41", "PL-50")
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_objection_is_ended_by_who_leads_and_a_collector_reads_why_not(
    case: Case, collector: User, language: str
) -> None:
    objection = hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=SUNDAY, reason="المبلغ")
    other = hold_place(actor=ACTOR, case=case, kind="CLIENT", from_on=SUNDAY, reason="بطلب الجهة")
    end, form = reverse("case_release", args=[case.pk, objection.pk]), {"until_on": "2026-11-01", "reason": "حُسم"}
    why = "قائد فريق أو مدير" if language == "ar" else "A team leader or a manager ends an objection"
    browser = enter(collector, language)
    page = browser.get(reverse("case", args=[case.pk]), {"show": "holds"})
    assert why in words(page)
    assert end not in words(page)
    assert reverse("case_release", args=[case.pk, other.pk]) in words(page)
    refused = browser.post(end, form)
    assert refused.status_code == 422
    assert why in words(refused)
    objection.refresh_from_db()
    assert objection.until_on is None
    assert browser.post(reverse("case_release", args=[case.pk, other.pk]), form).status_code == 302
    leader = enter(make_user("TEAM_LEADER", team=collector.team), language)
    assert why not in words(leader.get(reverse("case", args=[case.pk]), {"show": "holds"}))
    assert leader.post(end, form).status_code == 302
    objection.refresh_from_db()
    assert objection.until_on == SUNDAY


def test_a_leader_reads_the_teams_day_and_what_was_outside_the_policy(
    case: Case, collector: User, client_: Client
) -> None:
    leader = make_user("TEAM_LEADER", team=collector.team)
    stranger = make_user("COLLECTOR", name="stranger")
    elsewhere = a_case(client_, ref="D-9", owner=stranger)
    evening = at_riyadh(on=SUNDAY, time=dt.time(20))
    for who, whose in ((collector, case), (stranger, elsewhere)):
        with clock.at(evening):
            contact_record(
                actor=ACTOR, user=who, case=whose, channel="PHONE", reached="HOLDER", outcome="INFORMED",
                breach_reason=f"طلب الاتصال مساءً {who.email}",
            )  # fmt: skip
    with clock.at(evening):
        payment_post(actor=ACTOR, case=case, amount=Decimal("250.00"), currency="SAR", value_on=SUNDAY)
        page = enter(leader).get(reverse("my_team"))
    team = page.context["team"]
    assert [(s.person.pk, s.open_cases, s.contacts, s.right_party) for s in team.people] == [(collector.pk, 1, 1, 1)]
    assert team.collected == [("SAR", Decimal("250.00"))]
    assert [a.case_id for a in page.context["breaches"]] == [case.pk]
    assert "طلب الاتصال مساءً" in words(page)


def test_the_teams_day_costs_the_same_for_one_collector_and_for_many(collector: User, case: Case) -> None:
    leader = make_user("TEAM_LEADER", team=collector.team)
    browser = enter(leader)
    few = queries(lambda: browser.get(reverse("my_team")))
    for n in range(5):
        make_user("COLLECTOR", team=collector.team, name=f"more{n}")
    assert queries(lambda: browser.get(reverse("my_team"))) <= few


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_leader_takes_a_payment_back_with_its_reason_and_a_collector_does_not(
    case: Case, collector: User, language: str
) -> None:
    payment = payment_post(actor=ACTOR, case=case, amount=Decimal("9000.00"), currency="SAR", value_on=SUNDAY)
    address = reverse("payment_take_back", args=[case.pk, payment.pk])
    shown = f"{reverse('case', args=[case.pk])}?show=payments"
    assert address not in words(enter(collector, language).get(shown))
    assert enter(collector).post(address, {"reason": "خطأ"}).status_code == 404
    browser = enter(make_user("TEAM_LEADER", team=collector.team), language)
    assert address in words(browser.get(shown))
    refused = browser.post(address, {"amount": "250", "reason": ""})
    assert (refused.status_code, list(refused.context["take_back_form"].errors)) == (422, ["reason"])
    assert 'value="250"' in words(refused)
    page = browser.post(address, {"reason": "شيك مرتجع"}, follow=True)
    payment.refresh_from_db()
    case.refresh_from_db()
    assert (payment.reversed_on, case.balance) == (SUNDAY, Decimal("12000.00"))
    assert address not in words(page)
