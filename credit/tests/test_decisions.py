"""Scoring, recommendation, decision: what stands on what, who may, what the database refuses (CM-02 to CM-16)."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pypdf import PdfReader

from accounts.choices import Role
from accounts.services.approvals import authority_add, authority_change, delegation_give
from common import clock
from common.approvals import approval_of, matrix_ship
from common.audit import AuditEvent
from common.choices import ApprovalStatus, Decision
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import Approval
from credit.choices import ApplicationState, CustomerKind, LimitGround, PaperKind, Purpose, Recommendation
from credit.models import Application, CreditPaper, Scoring
from credit.selectors.papers import credit_paper_content
from credit.selectors.scorings import scoring_latest
from credit.selectors.standing import limit_on
from credit.selectors.worksheet import analysis_of, worksheet_of
from credit.services.applications import application_withdraw
from credit.services.decisions import application_decide, application_recommend, recommendation_withdraw
from credit.services.letters import letter_make
from credit.services.papers import credit_paper_add
from credit.services.scorings import scoring_make
from credit.tests.approved import approval_given
from credit.tests.scores_world import (
    LOW,
    a_file,
    a_guarantee,
    a_policy,
    analysed,
    decide,
    decided,
    moved,
    proposed,
    recommended,
    the,
)
from credit.tests.worlds import an_account
from tests.world import a_pdf, make_client, make_user

pytestmark = pytest.mark.django_db
OFFICER, FINANCE, GENERAL = Role.CREDIT_OFFICER, Role.FINANCE_MANAGER, Role.GENERAL_MANAGER


def points(application: Application) -> Scoring:
    return scoring_make(user=the(OFFICER), application=application, on=clock.today())


def said(paper: CreditPaper) -> str:
    """The words of a paper, one blank between them."""
    pages = PdfReader(io.BytesIO(credit_paper_content(paper=paper))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


class TestScoring:
    def test_the_example_of_the_source_from_its_file(self) -> None:
        found = points(a_file(make_client("AAA")))
        parts = (found.capital_points, found.form_points, found.bank_points, found.sales_points)
        assert parts == (200, 30, 1000, 10000)
        assert (found.total, found.eligible, found.score_limit) == (11_230, True, Decimal(1_123_000))
        assert found.policy.version == 0
        assert [len(found.inputs["papers"][name]) for name in ("capital", "legal_form", "bank_balance", "sales")] == [
            1, 2, 2, 1,
        ]  # fmt: skip

    @pytest.mark.parametrize(("months", "points_"), [(11, 0), (12, 10)])
    def test_a_statement_needs_its_months(self, months: int, points_: int) -> None:
        found = points(a_file(make_client("AAA"), months=months, balance=50_000))
        assert found.bank_points == points_
        assert found.inputs["notes"]["bank_balance"] == ([] if points_ else ["short"])

    def test_a_statement_counts_with_its_certificate_and_up_to_the_application(self) -> None:
        client = make_client("AAA")
        stale = a_file(client)
        account = stale.bank_accounts.get()
        account.until_month = (account.until_month - dt.timedelta(days=1)).replace(day=1)
        account.save()
        assert points(stale).inputs["notes"]["bank_balance"] == ["stale"]
        bare = a_file(client, ref="C-2")
        bare.bank_accounts.update(certificate=None)
        assert points(bare).bank_points == 1000, "a certificate in the file is as good as one named"
        other = a_file(client, ref="C-3", annual_sales=None, resident=False)
        notes = points(other).inputs["notes"]
        assert (notes["sales"], notes["legal_form"]) == (["no_sales"], ["not_resident"])

    def test_one_bank_counts_unless_the_policy_sums_them(self) -> None:
        client = make_client("AAA")
        application = a_file(client, balance=60_000)
        account = application.bank_accounts.get()
        account.pk, account.bank, account.average_balance = None, "بنك آخر", Decimal(40_000)
        account.save(force_insert=True)
        assert points(application).bank_points == 10
        a_policy(client, sums_banks=True)
        assert points(application).bank_points == 20

    def test_figures_of_any_size_are_kept_or_refused(self) -> None:
        client = make_client("AAA")
        huge = points(a_file(client, capital=Decimal("9999999999999999.99")))
        assert huge.capital_points == 1_999_999_999_990
        a_policy(client, minimum_limit=Decimal(10**9), minimum_points=1)
        with pytest.raises(Refused, match="scoring_large"):
            points(a_file(client, ref="C-2", capital=Decimal("9999999999999999.99")))

    def test_only_the_officer_and_only_in_its_time(self) -> None:
        client = make_client("AAA")
        application = a_file(client)
        with pytest.raises(NotAllowed):
            scoring_make(user=the(FINANCE), application=application, on=clock.today())
        moved(application, ApplicationState.DRAFT)
        with pytest.raises(Conflict, match="scoring_state"):
            points(application)
        with pytest.raises(Refused, match="scoring_none"):
            points(a_file(client, ref="C-2", kind=CustomerKind.CASH))

    def test_the_worksheet_says_where_each_point_comes_from_and_what_would_change_it(self) -> None:
        application = a_file(make_client("AAA"), **LOW)
        scoring = points(application)
        sheet = worksheet_of(application=application, scoring=scoring, on=clock.today())
        assert [row.points for row in sheet.rows] == [10, 10, 0, 0]
        assert sheet.rows[0].papers[0].kind == PaperKind.COMMERCIAL_REGISTRATION
        assert {c.component.value: c.score.total for c in sheet.changes} == {
            "capital": 40, "bank_balance": 40, "sales": 40,
        }  # fmt: skip
        assert not sheet.old
        a_policy(application.client, minimum_points=50)
        assert worksheet_of(application=application, scoring=scoring, on=clock.today()).old
        found = analysis_of(application=application, today=clock.today())
        assert [str(v) for row in found.groups[0][1] for v in row.values] == ["2.00", "1.33"]
        assert found.banks[0][1].months == 12
        assert found.history is None


class TestRecommendation:
    def test_points_carry_at_most_their_limit(self) -> None:
        client = make_client("AAA")
        for limit, fault in ((Decimal(1_123_001), "limit"), (Decimal(0), "limit"), (None, "limit")):
            with pytest.raises(Refused) as refusal:
                recommended(client, ref=f"C-{limit}", limit=limit)
            assert set(refusal.value.fields) == {fault}
        assert recommended(client, limit=Decimal(1_123_000)).state == ApplicationState.RECOMMENDED
        with pytest.raises(Refused) as refusal:
            recommended(client, ref="C-9", limit=Decimal(5_001), asked_limit=Decimal(5_000))
        assert set(refusal.value.fields) == {"limit"}

    def test_a_guarantee_admits_below_the_minimum_up_to_its_amount(self) -> None:
        client = make_client("AAA")
        told: dict[str, Any] = {
            "recommendation": Recommendation.APPROVE,
            "reason": "كفالة بنكية كاملة الشروط",
            "on": clock.today(),
        }
        application = analysed(client, **LOW)
        with pytest.raises(Refused) as refusal:
            application_recommend(
                user=the(OFFICER), application=application, limit=Decimal(4000), ground="GUARANTEE", **told
            )
        assert set(refusal.value.fields) == {"ground"}
        for flaw in ("local_bank", "irrevocable", "auto_renewing", "unconditional"):
            a_guarantee(application, 90_000, **{flaw: False})
        with pytest.raises(Refused):
            application_recommend(
                user=the(OFFICER), application=application, limit=Decimal(4000), ground="GUARANTEE", **told
            )
        a_guarantee(application, 50_000)
        with pytest.raises(Refused) as refusal:
            application_recommend(
                user=the(OFFICER), application=application, limit=Decimal(50_001), ground="GUARANTEE", **told
            )
        assert set(refusal.value.fields) == {"limit"}
        done = application_recommend(
            user=the(OFFICER), application=application, limit=Decimal(50_000), ground="GUARANTEE", **told
        )
        assert decide(done, the(GENERAL)).state == ApplicationState.APPROVED
        with pytest.raises(Refused):
            recommended(client, ref="C-2", ground=LimitGround.GUARANTEE)

    def test_a_scoring_of_other_facts_or_another_policy_does_not_count(self) -> None:
        client = make_client("AAA")
        application = analysed(client)
        told: dict[str, Any] = {
            "user": the(OFFICER), "application": application, "recommendation": Recommendation.APPROVE,
            "reason": "سجل سداد جيد لدى الموردين", "on": clock.today(), "limit": Decimal(4000),
            "ground": LimitGround.POINTS,
        }  # fmt: skip
        a_policy(client, minimum_points=50)
        with pytest.raises(Refused, match="scoring_old"):
            application_recommend(**told)
        points(application)
        moved(application, ApplicationState.DRAFT)
        Application.objects.filter(pk=application.pk).update(capital=Decimal(5))
        moved(application, ApplicationState.SUBMITTED)
        moved(application, ApplicationState.ANALYSED)
        with pytest.raises(Refused, match="scoring_old"):
            application_recommend(**told)
        unscored = moved(a_file(client, ref="C-2"), ApplicationState.ANALYSED)
        with pytest.raises(Refused, match="scoring_missing"):
            application_recommend(**{**told, "application": unscored})

    def test_without_reason_role_or_state_nothing_is_recommended(self) -> None:
        client = make_client("AAA")
        application = analysed(client)
        told: dict[str, Any] = {
            "user": the(OFFICER), "application": application, "recommendation": Recommendation.REJECT,
            "reason": "سجل سداد ضعيف لدى الموردين", "on": clock.today(),
        }  # fmt: skip
        for changed, wanted in (
            ({"reason": "لا"}, Refused),
            ({"reason": "س" * 501}, Refused),
            ({"recommendation": "MAYBE"}, Refused),
            ({"user": the(GENERAL)}, NotAllowed),
            ({"user": make_user(Role.COLLECTOR)}, NotAllowed),
            ({"user": the(FINANCE), "recommendation": Recommendation.EXCEPTION}, NotAllowed),
        ):
            with pytest.raises(wanted):
                application_recommend(**{**told, **changed})
        application_recommend(**told)
        with pytest.raises(Conflict):
            application_recommend(**told)


class TestDecision:
    def test_the_general_manager_grants_and_it_is_written_down(self) -> None:
        application = decided(make_client("AAA"))
        assert (application.state, application.decided_by) == (ApplicationState.APPROVED, the(GENERAL))
        approval = Approval.objects.get(subject_type="credit.Application")
        assert (approval.status, approval.kind, approval.amount) == ("APPROVED", "CREDIT", Decimal(1_000_000))
        assert approval.applied_at is not None
        event = AuditEvent.objects.get(action="application.decided")
        assert event.body["digest"] == approval.digest
        assert not CreditPaper.objects.filter(kind=PaperKind.REJECTION).exists()

    def test_nobody_decides_what_they_prepared_scored_or_recommended(self) -> None:
        client = make_client("AAA")
        application = recommended(client, by=the(FINANCE))
        with pytest.raises(NotAllowed):
            decide(application, the(FINANCE))
        with pytest.raises(NotAllowed):
            decide(application, the(OFFICER))
        # Also when their role may decide by the matrix, or by a delegation.
        authority_add(user=the(GENERAL), kind="CREDIT", position=1, role=FINANCE, up_to=None, currency="")
        delegation_give(
            user=the(GENERAL), to=the(FINANCE), starts_on=clock.today(), ends_on=clock.today(), reason="سفر"
        )
        other = recommended(client, ref="C-2", by=the(FINANCE))
        with pytest.raises(NotAllowed):
            decide(other, the(FINANCE))
        assert decide(other, the(GENERAL)).state == ApplicationState.APPROVED

    def test_the_matrix_and_a_delegation_say_who_may_up_to_which_amount(self) -> None:
        client = make_client("AAA")
        authority_add(user=the(GENERAL), kind="CREDIT", position=1, role=FINANCE, up_to=Decimal(50_000), currency="SAR")
        assert decide(recommended(client, limit=Decimal(50_000)), the(FINANCE)).state == ApplicationState.APPROVED
        above = recommended(client, ref="C-2", limit=Decimal("50000.01"))
        with pytest.raises(NotAllowed):
            decide(above, the(FINANCE))
        deputy = make_user(Role.COLLECTIONS_MANAGER)
        with pytest.raises(NotAllowed):
            decide(above, deputy)
        delegation_give(
            user=the(GENERAL), to=deputy, starts_on=clock.today(), ends_on=clock.today(), reason="سفر",
            kinds_given=["CREDIT"], up_to=Decimal(60_000), currency="SAR",
        )  # fmt: skip
        assert decide(above, deputy).state == ApplicationState.APPROVED
        with clock.at(clock.now() + dt.timedelta(days=1)), pytest.raises(NotAllowed):
            decide(recommended(client, ref="C-3", limit=Decimal(55_000)), deputy)

    def test_beyond_everybody_it_is_not_even_asked(self) -> None:
        client = make_client("AAA")
        matrix = matrix_ship("CREDIT")
        authority_add(user=the(GENERAL), kind="CREDIT", position=1, role=GENERAL, up_to=Decimal(10_000), currency="SAR")
        authority_change(user=the(GENERAL), row=matrix[0], up_to=None, is_active=False)
        with pytest.raises(Refused, match="approval_beyond"):
            recommended(client)
        assert decided(client, ref="C-2", limit=Decimal(10_000)).state == ApplicationState.APPROVED

    def test_an_exception_needs_the_finance_managers_recommendation_and_then_the_general_manager(self) -> None:
        client = make_client("AAA")
        with pytest.raises(Refused) as refusal:
            recommended(client, ref="C-0", recommendation=Recommendation.EXCEPTION, **LOW)
        assert set(refusal.value.fields) == {"set_aside"}
        asked: dict[str, Any] = {
            "recommendation": Recommendation.EXCEPTION, "limit": Decimal(30_000), "ground": "",
            "set_aside": ("MINIMUM", "SALES"), **LOW,
        }  # fmt: skip
        application = recommended(client, **asked)
        assert application.moves.last().waits_for == FINANCE
        with pytest.raises(NotAllowed):
            decide(application, the(GENERAL))
        decide(application, the(FINANCE), reason="عميل قديم للمجموعة")
        assert application.state == ApplicationState.RECOMMENDED
        assert application.moves.last().waits_for == GENERAL
        with pytest.raises(NotAllowed):
            decide(application, the(FINANCE))
        done = decide(application, the(GENERAL), reason="أوافق على التوصية")
        assert (done.state, done.recommended_ground, done.set_aside) == ("APPROVED", "EXCEPTION", ["MINIMUM", "SALES"])
        steps = Approval.objects.get(kind="CREDIT_EXCEPTION").decisions.order_by("pk")
        assert [(d.role, d.reason) for d in steps] == [
            (FINANCE, "عميل قديم للمجموعة"), (GENERAL, "أوافق على التوصية"),
        ]  # fmt: skip
        assert list(
            AuditEvent.objects.filter(action__startswith="application.").order_by("pk").values_list("action", flat=True)
        )[-3:] == ["application.agreed", "application.decided", "application.moved"]

    def test_a_file_that_changed_is_decided_by_nobody_until_it_is_recommended_again(self) -> None:
        client = make_client("AAA")
        application = recommended(client)
        credit_paper_add(
            user=the(OFFICER), customer=application.customer, kind=PaperKind.OTHER, title="ورقة", name="p.pdf",
            content=a_pdf(), application=application,
        )  # fmt: skip
        with pytest.raises(Conflict, match="application_changed"):
            decide(application, the(GENERAL))
        recommendation_withdraw(user=the(OFFICER), application=application, reason="ورقة جديدة")
        assert Approval.objects.get().status == ApprovalStatus.VOID
        points(application)
        again = application_recommend(
            user=the(OFFICER), application=application, recommendation=Recommendation.APPROVE,
            reason="سجل سداد جيد لدى الموردين", on=clock.today(), limit=Decimal(4000), ground=LimitGround.POINTS,
        )  # fmt: skip
        assert decide(again, the(GENERAL)).state == ApplicationState.APPROVED
        with pytest.raises(Conflict):
            application_decide(
                user=the(GENERAL), application=again, decision=Decision.APPROVED, digest="", on=clock.today()
            )

    def test_what_is_withdrawn_waits_for_nobody(self) -> None:
        application = recommended(make_client("AAA"))
        application_withdraw(user=the(OFFICER), application=application, reason="عدل العميل عن الطلب")
        assert approval_of(subject=application) is None

    def test_returned_it_is_analysed_again(self) -> None:
        application = recommended(make_client("AAA"))
        with pytest.raises(Refused):
            decide(application, the(GENERAL), Decision.RETURNED)
        back = decide(application, the(GENERAL), Decision.RETURNED, "أين مرجع البنك الثاني؟")
        assert back.state == ApplicationState.ANALYSED

    def test_a_recommended_rejection_is_rejected_or_returned(self) -> None:
        application = recommended(make_client("AAA"), recommendation=Recommendation.REJECT, **LOW)
        with pytest.raises(Refused):
            decide(application, the(GENERAL))
        done = decide(application, the(GENERAL), Decision.REJECTED)
        assert (done.state, done.decision_reason) == (ApplicationState.REJECTED, "سجل سداد جيد لدى الموردين")

    def test_a_cash_account_is_not_a_credit_decision(self) -> None:
        application = moved(a_file(make_client("AAA"), kind=CustomerKind.CASH), ApplicationState.ANALYSED)
        with pytest.raises(Refused, match="credit_cash"):
            application_recommend(
                user=the(OFFICER), application=application, recommendation=Recommendation.APPROVE,
                reason="سجل سداد جيد لدى الموردين", on=clock.today(),
            )  # fmt: skip

    def test_an_increase_takes_effect_at_once_and_the_old_limit_stays_in_the_history(self) -> None:
        client, today = make_client("AAA"), clock.today()
        account = an_account(client, by=the(OFFICER), signed_on=today - dt.timedelta(days=300))
        asked = a_file(client, customer=account.customer, purpose=Purpose.INCREASE, asked_limit=Decimal(11_000))
        moved(asked, ApplicationState.ANALYSED)
        told: dict[str, Any] = {
            "user": the(OFFICER), "application": asked, "recommendation": Recommendation.APPROVE, "on": today,
            "reason": "توسع النشاط وانتظم السداد", "ground": LimitGround.INCREASE,
        }  # fmt: skip
        with pytest.raises(Refused):
            application_recommend(limit=Decimal("11000.01"), **told)
        done = decide(application_recommend(limit=Decimal(11_000), **told), the(GENERAL))
        assert done.state == ApplicationState.ACTIVE
        assert list(account.customer.limits.order_by("pk").values_list("amount", "ground")) == [
            (Decimal(10_000), "POINTS"), (Decimal(11_000), "INCREASE"),
        ]  # fmt: skip

    def test_a_renewal_begins_when_the_year_before_is_over(self) -> None:
        client, today = make_client("AAA"), clock.today()
        account = an_account(client, by=the(OFFICER), signed_on=today - dt.timedelta(days=340))
        again = a_file(client, customer=account.customer, purpose=Purpose.RENEWAL)
        points(again)
        moved(again, ApplicationState.ANALYSED)
        recommended_ = application_recommend(
            user=the(OFFICER), application=again, recommendation=Recommendation.APPROVE, on=today,
            reason="انتظم السداد طوال السنة", limit=Decimal(20_000), ground=LimitGround.RENEWAL,
        )  # fmt: skip
        decide(recommended_, the(GENERAL))
        limit = account.customer.limits.get(ground=LimitGround.RENEWAL)
        assert (limit.amount, limit.starts_on) == (Decimal(20_000), account.limit.ends_on + dt.timedelta(days=1))
        assert limit_on(customer=account.customer, on=today) == account.limit


class TestDatabase:
    def test_no_decision_without_its_approval(self) -> None:
        application = recommended(make_client("AAA"))
        for state in ("APPROVED", "REJECTED"):
            with pytest.raises(IntegrityError), transaction.atomic():
                Application.objects.filter(pk=application.pk).update(state=state)
        decide(application, the(GENERAL))
        with pytest.raises(IntegrityError), transaction.atomic():
            Application.objects.filter(pk=application.pk).update(recommended_limit=Decimal(9_000_000))

    @pytest.mark.parametrize("recommendation", [Recommendation.APPROVE, Recommendation.EXCEPTION])
    def test_rows_of_a_test_stand_on_an_approval_too(self, recommendation: str) -> None:
        application = a_file(make_client("AAA"))
        application.recommendation, application.recommended_limit = recommendation, Decimal(5_000)
        application.save()
        approval_given(application)
        application.state = ApplicationState.APPROVED
        application.save()
        assert Approval.objects.get().applied_at is not None

    def test_a_scoring_stands_as_it_was_made(self) -> None:
        scoring = points(a_file(make_client("AAA")))
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            Scoring.objects.filter(pk=scoring.pk).update(total=1)

    def test_no_policy_rules_without_its_approval(self) -> None:
        version = proposed(make_client("AAA"), minimum_points=50)
        with pytest.raises(IntegrityError), transaction.atomic():
            type(version).objects.filter(pk=version.pk).update(approved_at=clock.now())
        version.pk, version.version, version.approved_at = None, 9, clock.now()
        with pytest.raises(IntegrityError), transaction.atomic():
            version.save(force_insert=True)


class TestLetters:
    def test_a_rejection_has_its_letter_with_the_reasons(self) -> None:
        application = decided(
            make_client("AAA"), decision=Decision.REJECTED, reason="رصيد أقل من حجم المشتريات المتوقع", **LOW,
            recommendation=Recommendation.REJECT,
        )  # fmt: skip
        letter = CreditPaper.objects.get(kind=PaperKind.REJECTION)
        assert (letter.number, letter.language) == (f"{application.number}-REJ", "ar")
        english = letter_make(
            user=the(OFFICER), application=application, kind=PaperKind.REJECTION, on=clock.today(), language="en"
        )
        words = said(english)
        assert "The points by the credit policy are 20; at least 40 are needed." in words
        assert "cannot be granted at present" in words
        again = letter_make(
            user=the(OFFICER), application=application, kind=PaperKind.REJECTION, on=clock.today(), language="en"
        )
        assert again == english
        with pytest.raises(Refused, match="letter_kind"):
            letter_make(user=the(OFFICER), application=application, kind=PaperKind.ADVERSE_NOTICE, on=clock.today())

    def test_bureau_data_in_an_adverse_decision_comes_with_a_notice(self, settings: Any) -> None:
        client = make_client("AAA")
        settings.BUREAU = {**settings.BUREAU, "address_ar": "", "address_en": "", "phone": ""}
        with pytest.raises(Refused, match="bureau_unknown"):
            recommended(client, ref="C-0", bureau=True)
        settings.BUREAU = {
            "name_ar": "سمة", "name_en": "SIMAH", "address_ar": "الرياض", "address_en": "Riyadh, King Fahd Road",
            "phone": "8001234567",
        }  # fmt: skip
        application = decided(
            client, decision=Decision.REJECTED, reason="في السجل الائتماني تعثر قائم", bureau=True,
            recommendation=Recommendation.REJECT,
        )  # fmt: skip
        kinds = CreditPaper.objects.filter(origin="MADE").order_by("pk").values_list("kind", flat=True)
        assert list(kinds) == [PaperKind.REJECTION, PaperKind.ADVERSE_NOTICE]
        words = said(
            letter_make(
                user=the(OFFICER), application=application, kind=PaperKind.ADVERSE_NOTICE, on=clock.today(),
                language="en",
            )
        )  # fmt: skip
        for part in ("SIMAH", "Riyadh, King Fahd Road", "8001234567", "free of charge"):
            assert part in words, part

    def test_less_than_was_asked_is_adverse_too(self, settings: Any) -> None:
        settings.BUREAU = {**settings.BUREAU, "address_ar": "الرياض", "address_en": "Riyadh", "phone": "8001234567"}
        client = make_client("AAA")
        decided(client, bureau=True, asked_limit=Decimal(1_000_000))
        assert not CreditPaper.objects.filter(kind=PaperKind.ADVERSE_NOTICE).exists()
        decided(client, ref="C-2", bureau=True, asked_limit=Decimal("1000000.01"))
        assert CreditPaper.objects.filter(kind=PaperKind.ADVERSE_NOTICE).count() == 1

    def test_bureau_data_nobody_read_cannot_be_weighed(self) -> None:
        application = analysed(make_client("AAA"))
        with pytest.raises(Refused, match="bureau_unread"):
            application_recommend(
                user=the(OFFICER), application=application, recommendation=Recommendation.REJECT,
                reason="في السجل الائتماني تعثر قائم", on=clock.today(), bureau_weighed=True,
            )  # fmt: skip
        assert scoring_latest(application=application) is not None
