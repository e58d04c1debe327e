"""Scores, decisions, letters and policies at their users' doors."""

from __future__ import annotations

import datetime as dt
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader

from accounts.choices import Role
from clients.choices import DefaultRule
from clients.models import Client
from collections_app.models import DefaultEpisode
from common import clock
from common.approvals import approval_of
from common.models import Approval
from credit.choices import ApplicationState, PaperKind, Recommendation
from credit.models import Application, CreditPaper, CreditPolicy, Scoring
from credit.selectors.policies import TERMS, credit_policy_on
from credit.tests.scores_world import LOW, a_file, a_guarantee, analysed, decided, moved, recommended, the
from tests.world import a_case, make_client, signed_in

pytestmark = pytest.mark.django_db
OFFICER, FINANCE, GENERAL, AUDITOR = Role.CREDIT_OFFICER, Role.FINANCE_MANAGER, Role.GENERAL_MANAGER, Role.AUDITOR


@pytest.fixture
def client() -> Client:
    return make_client("AAA")


def browser(role: str, *, english: bool = True) -> Any:
    found = signed_in(the(role), proven=True)
    if english:
        found.post(reverse("language"), {"language": "en"})
    return found


def page(answer: Any) -> str:
    """The words of an answer, without its marks."""

    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def answer_in_inbox(role: str, subject: Any, decision: str = "APPROVED", reason: str = "") -> Any:
    approval = approval_of(subject=subject)
    assert approval is not None
    told = {"decision": decision, "digest": approval.digest, "reason": reason}
    return browser(role).post(reverse("approval_decide", args=[approval.pk]), told)


def state(application: Application) -> str:
    return Application.objects.get(pk=application.pk).state


def pdf_of(answer: Any) -> str:
    assert answer["Content-Type"] == "application/pdf"
    return " ".join(" ".join(p.extract_text() for p in PdfReader(io.BytesIO(answer.content)).pages).split())


@pytest.mark.requirement("CM-01", "CM-02", "CM-03", "CM-04", "CM-05", "CM-07", "CM-08")
def test_the_officer_scores_and_reads_where_each_point_comes_from(client: Client) -> None:
    application = a_file(client)
    officer = browser(OFFICER)
    trial = page(officer.get(reverse("credit_application", args=[application.pk])))
    assert "Not scored yet" in trial and "11,230" in trial
    assert officer.post(reverse("credit_application_score", args=[application.pk])).status_code == 302
    assert Scoring.objects.get().total == 11_230
    sheet = page(officer.get(reverse("credit_worksheet", args=[application.pk])))
    for words in ("1,000,000", "5,000,000", "50,000,000", "11,230 ÷ 40 × 4,000", "1,123,000", "Policy as shipped"):
        assert words in sheet, words
    for words in ("Current ratio 2.00", "Gross margin 20.0%", "12 months covered", "Nothing has fallen due"):
        assert words in sheet, words
    assert "Capital higher by 50,000 .00 SAR : 11,240 points" in sheet.replace("50,000.00", "50,000 .00")
    assert officer.post(reverse("credit_worksheet_pdf", args=[application.pk]), {"language": "en"}).status_code == 302
    paper = CreditPaper.objects.get(kind=PaperKind.WORKSHEET)
    words = pdf_of(officer.get(reverse("credit_paper", args=[paper.pk])))
    assert "11,230" in words and "1,123,000" in words
    arabic = browser(AUDITOR, english=False).get(reverse("credit_worksheet", args=[application.pk]))
    assert "ورقة تقييم الائتمان" in page(arabic)


def test_what_would_admit_is_told_below_the_minimum(client: Client) -> None:
    application = a_file(client, **{**LOW, "capital": Decimal(140_000), "legal_form": "SOLE_PROPRIETOR"})
    words = page(browser(OFFICER).get(reverse("credit_worksheet", args=[application.pk])))
    assert "What would admit the customer" in words
    assert "Capital higher by 10,000 .00 SAR : 40 points" in words


@pytest.mark.requirement("CM-16")
def test_the_officer_recommends_and_the_general_manager_decides(client: Client) -> None:
    application = analysed(client, asked_limit=Decimal(800_000))
    officer = browser(OFFICER)
    door = reverse("credit_recommend", args=[application.pk])
    asked = {"recommendation": "APPROVE", "limit": "800,000", "ground": "POINTS", "reason": "سجل سداد جيد لدى الموردين"}
    for fault in ({"limit": "800000.01"}, {"limit": ""}, {"reason": "لا"}, {"ground": ""}, {"recommendation": "X"}):
        assert officer.post(door, {**asked, **fault}).status_code == 422
    assert officer.post(door, asked).status_code == 302
    waits = page(browser(GENERAL).get(reverse("inbox")))
    assert "Credit application" in waits and "800,000" in waits and "11,230" in waits
    assert answer_in_inbox(FINANCE, application).status_code == 404
    assert answer_in_inbox(GENERAL, application).status_code == 302
    assert state(application) == ApplicationState.APPROVED
    shown = page(officer.get(reverse("credit_application", args=[application.pk])))
    assert "Granted" in shown and "Who decided what" in shown


@pytest.mark.requirement("CM-15")
def test_an_exception_goes_by_the_finance_manager_to_the_general_manager(client: Client) -> None:
    application = analysed(client, **LOW)
    door = reverse("credit_recommend", args=[application.pk])
    asked = {"recommendation": "EXCEPTION", "limit": "30000", "set_aside": ["MINIMUM"], "reason": "عميل قديم للمجموعة"}
    assert browser(FINANCE).post(door, asked).status_code == 422
    assert browser(OFFICER).post(door, {**asked, "set_aside": []}).status_code == 422
    assert browser(OFFICER).post(door, asked).status_code == 302
    assert "The minimum of points" in page(browser(FINANCE).get(reverse("inbox")))
    assert answer_in_inbox(FINANCE, application, reason="سداده منتظم منذ سنوات").status_code == 302
    assert state(application) == ApplicationState.RECOMMENDED
    assert "سداده منتظم منذ سنوات" in page(browser(GENERAL).get(reverse("inbox")))
    assert answer_in_inbox(GENERAL, application, reason="أوافق").status_code == 302
    assert state(application) == ApplicationState.APPROVED


@pytest.mark.requirement("CM-06")
def test_a_guarantee_carries_what_the_points_do_not(client: Client) -> None:
    application = analysed(client, **LOW)
    officer, door = browser(OFFICER), reverse("credit_recommend", args=[application.pk])
    asked = {"recommendation": "APPROVE", "limit": "50000", "ground": "GUARANTEE", "reason": "كفالة كاملة الشروط"}
    assert officer.post(door, asked).status_code == 422
    a_guarantee(application, 50_000)
    assert officer.post(door, {**asked, "limit": "50000.01"}).status_code == 422
    assert officer.post(door, asked).status_code == 302
    answer_in_inbox(GENERAL, application)
    assert state(application) == ApplicationState.APPROVED


@pytest.mark.requirement("CB-16")
def test_an_adverse_decision_by_bureau_data_is_told_in_writing(client: Client, settings: Any) -> None:
    settings.BUREAU = {
        "name_ar": "سمة", "name_en": "SIMAH", "address_ar": "الرياض", "address_en": "Riyadh, King Fahd Road",
        "phone": "8001234567",
    }  # fmt: skip
    application = analysed(client, bureau_used=True, **LOW)
    officer = browser(OFFICER)
    told = {"recommendation": "REJECT", "reason": "في السجل الائتماني تعثر", "bureau_weighed": "on"}
    assert officer.post(reverse("credit_recommend", args=[application.pk]), told).status_code == 302
    assert "A rejection is recommended" in page(browser(GENERAL).get(reverse("inbox")))
    assert answer_in_inbox(GENERAL, application, "APPROVED").status_code == 422
    assert state(application) == ApplicationState.RECOMMENDED
    assert answer_in_inbox(GENERAL, application, "REJECTED").status_code == 302
    assert state(application) == ApplicationState.REJECTED
    door = reverse("credit_letter_make", args=[application.pk])
    assert officer.post(door, {"kind": "ADVERSE_NOTICE", "language": "en"}).status_code == 302
    assert officer.post(door, {"kind": "WORKSHEET", "language": "en"}).status_code == 422
    letters = {(p.kind, p.language): p.pk for p in CreditPaper.objects.filter(origin="MADE")}
    assert set(letters) == {("REJECTION", "ar"), ("ADVERSE_NOTICE", "ar"), ("ADVERSE_NOTICE", "en")}
    words = pdf_of(officer.get(reverse("credit_paper", args=[letters["ADVERSE_NOTICE", "en"]])))
    for part in ("SIMAH", "Riyadh, King Fahd Road", "8001234567", "a copy of your credit record", "free of charge",
                 "The points by the credit policy are 20; at least 40 are needed."):  # fmt: skip
        assert part in words, part


def test_a_recommendation_is_taken_back_with_a_reason(client: Client) -> None:
    application = recommended(client)
    officer, door = browser(OFFICER), reverse("credit_recommend_withdraw", args=[application.pk])
    assert officer.post(door, {"reason": " "}).status_code == 422
    assert officer.post(door, {"reason": "المرجع الثاني لم يرد"}).status_code == 302
    assert (state(application), Approval.objects.get().status) == ("ANALYSED", "VOID")
    assert officer.post(door, {"reason": "مرة أخرى"}).status_code == 422


def test_only_the_officer_scores_and_drafts_are_not_scored(client: Client) -> None:
    application = a_file(client)
    door = reverse("credit_application_score", args=[application.pk])
    for role in (FINANCE, GENERAL, AUDITOR):
        assert browser(role).post(door).status_code == 404
    moved(application, ApplicationState.DRAFT)
    browser(OFFICER).post(door)
    assert not Scoring.objects.exists()


class TestPolicies:
    def told(self, client: Client, **changed: Any) -> dict[str, Any]:
        now = credit_policy_on(client=client, on=clock.today())
        terms = {name: getattr(now, name) for name in TERMS if name not in {"sums_banks", "not_due_most"}}
        return {**terms, "starts_on": clock.today(), "reason": "سوق هذا القطاع أضيق من العام الماضي", **changed}

    @pytest.mark.requirement("CM-24")
    def test_it_is_tried_on_last_years_customers_then_proposed_and_approved(self, client: Client) -> None:
        low = {"capital": Decimal(50_000), "balance": 0, "annual_sales": Decimal(0), "limit": Decimal(4_000)}
        for n in (1, 2, 3):
            decided(client, ref=f"D-{n}", **low)
        case = a_case(client, ref="D-1", days_late=20)
        DefaultEpisode.objects.create(
            client=client, case=case, rule=DefaultRule.TRADE_90, began_on=clock.today(), recorded_at=clock.now()
        )
        officer, door = browser(OFFICER), reverse("credit_policy_new", args=[client.pk])
        tried = page(officer.post(door, self.told(client, minimum_points=50, **{"try": "1"})))
        assert "would have refused 3 customers who were granted credit by points. Of them 1 defaulted later." in tried
        assert not CreditPolicy.objects.filter(version__gt=0).exists()
        assert officer.post(door, self.told(client, minimum_points=50, propose="1")).status_code == 302
        version = CreditPolicy.objects.get(version=1)
        shown = page(browser(GENERAL).get(reverse("credit_policy_version", args=[version.pk])))
        assert "40 became 50" in shown and "D-1" in shown
        assert "Who they are" in page(browser(GENERAL).get(reverse("inbox")))
        assert answer_in_inbox(FINANCE, version).status_code == 404
        assert answer_in_inbox(GENERAL, version).status_code == 302
        assert credit_policy_on(client=client, on=clock.today()) == CreditPolicy.objects.get(version=1)
        listed = page(officer.get(reverse("credit_policies")))
        assert "50" in listed
        assert "Approved" in page(officer.get(reverse("credit_policy", args=[client.pk])))

    def test_what_cannot_be_is_said_at_its_field(self, client: Client) -> None:
        officer, door = browser(OFFICER), reverse("credit_policy_new", args=[client.pk])
        for changed in (
            {"minimum_points": 0},
            {"rounds_to": ""},
            {"step_amount": "-5"},
            {"minimum_points": 50, "reason": "x"},
            {"benchmarks": "أغذية 45"},
            {"benchmarks": "أغذية: 45\nأغذية: 50"},
            {"benchmarks": "أغذية: 0"},
            {},
        ):
            answer = officer.post(door, self.told(client, propose="1", **changed))
            assert answer.status_code == 422, changed
        yesterday = clock.today() - dt.timedelta(days=1)
        assert (
            officer.post(door, self.told(client, propose="1", minimum_points=50, starts_on=yesterday)).status_code
            == 422
        )
        assert officer.post(door, self.told(client, minimum_points=0, **{"try": "1"})).status_code == 422

    def test_days_of_an_industry_are_told_a_line_each(self, client: Client) -> None:
        officer, door = browser(OFFICER), reverse("credit_policy_new", args=[client.pk])
        lines = "مقاولات: 90\n\nأغذية: 45"
        assert officer.post(door, self.told(client, benchmarks=lines, propose="1")).status_code == 302
        version = CreditPolicy.objects.get(version=1)
        assert version.benchmarks == {"مقاولات": 90, "أغذية": 45}
        assert "أغذية: 45 · مقاولات: 90" in page(officer.get(reverse("credit_policy_version", args=[version.pk])))
        assert answer_in_inbox(GENERAL, version).status_code == 302
        again = officer.get(door)
        assert again.context["form"]["benchmarks"].value() == "أغذية: 45\nمقاولات: 90"

    def test_the_own_version_is_taken_back(self, client: Client) -> None:
        officer = browser(OFFICER)
        officer.post(reverse("credit_policy_new", args=[client.pk]), self.told(client, minimum_points=50, propose="1"))
        version = CreditPolicy.objects.get(version=1)
        door = reverse("credit_policy_withdraw", args=[version.pk])
        browser(FINANCE).post(door)
        assert approval_of(subject=version) is not None
        officer.post(door)
        assert approval_of(subject=version) is None
        assert "Not approved" in page(officer.get(reverse("credit_policy", args=[client.pk])))


def test_a_rejection_letter_of_a_file_without_bureau_names_no_bureau(client: Client) -> None:
    application = decided(
        client, recommendation=Recommendation.REJECT, decision="REJECTED", reason="الرصيد أقل من المشتريات", **LOW
    )
    kinds = set(CreditPaper.objects.filter(application=application, origin="MADE").values_list("kind", flat=True))
    assert kinds == {PaperKind.REJECTION}
