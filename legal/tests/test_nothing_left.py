"""A request and an authorisation have nothing left to claim once the debts they name are paid, whatever else is open of
the case; what hangs on them follows with the payment, and with the money that goes back (PL-21, PL-23)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from collections_app.models import Authorisation, Debt, EscalationRequest, Payment
from collections_app.selectors.escalations import escalation_moot, escalations_moot
from collections_app.services.nightly import nightly_run
from common import clock
from common.exceptions import Refused
from common.models import AuditEvent
from legal.models import LegalTask
from legal.services.authorisations import step_authorisations
from legal.services.escalations import escalation_decide, escalation_propose, escalation_sign
from legal.tests.evidence_world import GROUNDS, World
from tests.doors import LANGUAGES, enter, words
from tests.world import an_escalation, enrol, place

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("PL-21", "JOINT-LIABILITY")]
SAID = {"ar": "لم يبق ما يُطالب به: ", "en": "Nothing is left to claim: "}
CHIP = {"ar": "لم يبق ما يُطالب به", "en": "Nothing left to claim"}


class Two(World):
    """The case of ``World`` with two debts of the same currency: NAMED of 600, OTHER of 1,000."""

    def __init__(self, *, old: dt.date | None = None) -> None:
        super().__init__(debt_ref="OTHER")
        due = old or clock.today() - dt.timedelta(days=120)
        place(self.client, [{
            "debtor_ref": "D-1", "debt_ref": "NAMED", "receivable_ref": "N-1", "issued_on": due, "due_on": due,
            "amount": "600.00",
        }])  # fmt: skip
        self.opened()
        self.debt = Debt.objects.get(case=self.case, debt_ref="NAMED")

    def asked(self, share: str = "100", **terms: Any) -> EscalationRequest:
        return escalation_propose(
            user=self.collector, case=self.case, debts={self.debt.pk: Decimal(share)},
            **{"grounds": GROUNDS, "steps": ["FINAL_NOTICE", "CLAIM"], "cost_ceiling": Decimal(100), **terms},
        )  # fmt: skip

    def signed(self, **terms: Any) -> Authorisation:
        request = self.approve(self.asked(**terms))
        authorisation = escalation_sign(user=self.signatory, request=request, digest=request.digest)
        self.case.refresh_from_db()
        return authorisation

    def pays(self, amount: str = "600.00") -> Payment:
        """By the page of the case, for the debt that was named."""
        sent = enter(self.collector, self.collector.language).post(reverse("case_payment", args=[self.case.pk]), {
            "amount": amount, "currency": "SAR", "value_on": clock.today().isoformat(), "method": "SADAD",
            "reference": f"T-{Payment.objects.count()}", "receivable": str(self.debt.receivables.get().pk),
        })  # fmt: skip
        assert sent.status_code == 302
        return Payment.objects.latest("pk")

    def back(self, payment: Payment) -> None:
        sent = enter(self.manager, self.manager.language).post(
            reverse("payment_take_back", args=[self.case.pk, payment.pk]), {"reason": "شيك مرتجع"}
        )
        assert sent.status_code == 302

    def tasks(self, kind: str) -> list[str]:
        return list(LegalTask.objects.filter(case=self.case, kind=kind).order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_request_on_a_paid_debt_is_not_answered_with_yes_until_the_money_goes_back(language: str) -> None:
    world = Two()
    request = world.asked()
    inbox = reverse("inbox")
    manager, collector = enter(world.manager, language), enter(world.collector, language)
    pages = [(manager, reverse("escalation", args=[request.pk])), (collector, reverse("case", args=[world.case.pk]))]

    def told() -> list[bool]:
        approvable = 'value="APPROVED"' in words(manager.get(pages[0][1]))
        listed = CHIP[language] in words(manager.get(inbox))
        return [approvable, listed, *(SAID[language] in words(browser.get(url)) for browser, url in pages)]

    assert told() == [True, False, False, False]
    part = world.pays("599.99")
    assert told() == [True, False, False, False], "a halala is left"
    whole = world.pays("0.01")
    assert told() == [False, True, True, True]
    with pytest.raises(Refused) as refused:
        world.approve(request)
    assert refused.value.code == "debts_paid"
    world.back(whole)
    assert told() == [True, False, False, False]
    world.approve(request)
    assert part.reversed_on is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_client_is_not_asked_to_sign_for_a_paid_debt_until_the_money_goes_back(language: str) -> None:
    world = Two()
    request = world.approve(world.asked())
    enrol(world.signatory)
    portal = enter(world.signatory, language)
    one, sign = reverse("portal_authorisation", args=[request.pk]), reverse("portal_sign", args=[request.pk])

    def told(browser: Browser) -> list[bool]:
        return [
            one in words(browser.get(reverse("portal"))),
            CHIP[language] in words(browser.get(reverse("portal_authorisations"))),
            SAID[language] in words(browser.get(one)),
            sign in words(browser.get(one)),
        ]

    assert told(portal) == [True, False, False, True]
    payment = world.pays()
    assert told(portal) == [False, True, True, False]
    world.back(payment)
    assert told(portal) == [True, False, False, True]


@pytest.mark.parametrize(
    ("share", "left", "moot"), [("100", "0.01", False), ("0.01", "49.99", True), ("0.01", "50", False)]
)
def test_both_sides_of_what_a_share_comes_to(share: str, left: str, moot: bool) -> None:
    """What pages say of a request is what its service answers."""
    world = Two()
    request = world.asked(share)
    assert not escalation_moot(request=request)
    world.pays(str(Decimal(600) - Decimal(left)))
    assert escalation_moot(request=request) is moot
    if not moot:
        world.approve(request)
        return
    with pytest.raises(Refused):
        world.approve(request)


def test_many_requests_are_looked_at_in_one_statement(django_assert_num_queries: Any) -> None:
    world = Two()
    request = world.asked()
    world.pays()
    with django_assert_num_queries(1):
        assert escalations_moot(requests=[request]) == {request.pk}
    with django_assert_num_queries(0):
        assert escalations_moot(requests=[]) == frozenset()


def test_a_request_of_the_time_before_debts_were_named_is_about_all_that_is_open() -> None:
    world = Two()
    request = an_escalation(world.case, by=world.collector)
    EscalationRequest.objects.update(debts=[])
    world.pays()
    request.refresh_from_db()
    assert not escalation_moot(request=request), "the other debt is open"


@pytest.mark.requirement("PL-23")
def test_the_warning_of_an_end_goes_with_the_payment_and_comes_back_with_the_money() -> None:
    world = Two()
    authorisation = world.signed(valid_days=20)
    step_authorisations(client_id=world.client.pk, day=clock.today(), since=clock.today(), last=True)
    assert world.tasks("RENEW_AUTHORISATION") == ["OPEN"]
    world.pays("599.99")
    assert world.tasks("RENEW_AUTHORISATION") == ["OPEN"], "a halala is left"
    desk = enter(world.officer)
    number = authorisation.number
    assert number in words(desk.get(reverse("legal_desk")))
    payment = world.pays("0.01")
    assert world.tasks("RENEW_AUTHORISATION") == ["MOOT"]
    assert number not in words(desk.get(reverse("legal_desk")))
    assert number not in words(desk.get(reverse("notices"), {"view": "to_prepare"}))
    told = AuditEvent.objects.filter(action="legal_task.moot").latest("pk")
    assert told.body["id"] == payment.pk
    # A night in between warns of nothing.
    step_authorisations(client_id=world.client.pk, day=clock.today(), since=clock.today(), last=True)
    assert world.tasks("RENEW_AUTHORISATION") == ["MOOT"]
    world.back(payment)
    assert world.tasks("RENEW_AUTHORISATION") == ["MOOT", "OPEN"]
    assert number in words(desk.get(reverse("legal_desk")))
    assert number in words(desk.get(reverse("notices"), {"view": "to_prepare"}))
    assert AuditEvent.objects.filter(action="legal_task.raised").latest("pk").body["kind"] == "RENEW_AUTHORISATION"
    step_authorisations(client_id=world.client.pk, day=clock.today(), since=clock.today(), last=True)
    assert world.tasks("RENEW_AUTHORISATION") == ["MOOT", "OPEN"], "twice is once"


@pytest.mark.requirement("PL-23", "LIMITATION")
def test_the_warning_of_a_limitation_goes_with_the_payment_and_comes_back_with_the_money() -> None:
    today = clock.today()
    world = Two(old=(today + dt.timedelta(days=90)).replace(year=today.year - 5))
    nightly_run(date=today)
    assert world.tasks("LIMITATION") == ["OPEN"]
    desk, listed = enter(world.officer), reverse("limitations")
    assert "NAMED" in words(desk.get(listed))
    payment = world.pays()
    assert world.tasks("LIMITATION") == ["MOOT"]
    assert "NAMED" not in words(desk.get(listed))
    world.back(payment)
    assert world.tasks("LIMITATION") == ["MOOT", "OPEN"]
    assert "NAMED" in words(desk.get(listed))
    nightly_run(date=today + dt.timedelta(days=1))
    assert world.tasks("LIMITATION") == ["MOOT", "OPEN"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_nothing_left_on_its_debts_the_next_one_is_asked_for_on_the_others(language: str) -> None:
    world = Two()
    authorisation = world.signed()
    renew = reverse("authorisation_renew", args=[authorisation.pk])
    collector, card = world.officer, reverse("authorisation", args=[authorisation.pk])
    desk = enter(collector, language)
    assert renew not in words(desk.get(card))
    payment = world.pays()
    assert renew in words(desk.get(card))
    world.back(payment)
    assert renew not in words(desk.get(card))
    world.pays()
    page = desk.get(renew)
    (row,) = page.context["form"].debt_rows()
    other = Debt.objects.get(case=world.case, debt_ref="OTHER")
    assert (row[0].debt, row[1].value()) == (other, False)
    sent = desk.post(renew, {
        "steps": ["MEDIATION"], "cost_ceiling": "0", "valid_days": "90", "grounds": GROUNDS, f"debt_{other.pk}": "on",
        f"share_{other.pk}": "100",
    })  # fmt: skip
    assert sent.status_code == 302
    request = EscalationRequest.objects.latest("pk")
    escalation_decide(user=world.manager, request=request, decision="APPROVED", digest=request.digest)
    request.refresh_from_db()
    signed = escalation_sign(user=world.signatory, request=request, digest=request.digest)
    authorisation.refresh_from_db()
    assert authorisation.replaced_by == signed
    assert [one.debt for one in signed.debts.all()] == [other]
