"""A request names its debts and the debtor's share of each; what is signed covers exactly these (rule JOINT-LIABILITY,
regulations A24)."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from collections_app.models import Authorisation, Case, Debt, EscalationRequest
from collections_app.services.ledger import payment_post
from common import clock
from common.exceptions import Refused
from common.models import AuditEvent
from legal.models import AuthorisedDebt, Paper
from legal.selectors.authorisations import ceiling_left
from legal.services.asked import request_digest
from legal.services.authorisations import authorisation_begin
from legal.services.claims import claim_file
from legal.services.escalations import escalation_amend, escalation_decide, escalation_propose, escalation_sign
from legal.tests.authority_world import sql
from legal.tests.evidence_world import GROUNDS, World, words_of
from tests.doors import LANGUAGES, enter, words
from tests.world import ACTOR, a_case, an_open_file, debts_ticked, make_client, place, reasons, signed_for, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("JOINT-LIABILITY", "PL-21")]
ASKED: dict[str, Any] = {"steps": ["MEDIATION"], "cost_ceiling": "0", "valid_days": "90", "grounds": GROUNDS}


class Joint(World):
    """The case of ``World`` with three debts: of 1,000, of 600 owed by two together, and of 90 in another currency."""

    def __init__(self) -> None:
        super().__init__(debt_ref="OWN")
        late = clock.today() - dt.timedelta(days=120)
        rows = (("JOINT", "J-1", "600.00", "SAR"), ("ABROAD", "A-1", "90.00", "USD"))
        place(self.client, [
            {"debtor_ref": "D-1", "debt_ref": debt, "receivable_ref": ref, "issued_on": late, "due_on": late,
             "amount": amount, "currency": currency}
            for debt, ref, amount, currency in rows
        ])  # fmt: skip
        self.opened()
        self.debts = {debt.debt_ref: debt for debt in Debt.objects.filter(case=self.case)}
        self.joint = self.debts["JOINT"]
        self.own = self.debts["OWN"]

    def asked(self, shares: dict[Debt, str] | None, **terms: Any) -> EscalationRequest:
        told = None if shares is None else {debt.pk: Decimal(share) for debt, share in shares.items()}
        return escalation_propose(
            user=self.collector, case=self.case, debts=told,
            **{"grounds": GROUNDS, "steps": ["CLAIM"], "cost_ceiling": Decimal(100), **terms},
        )  # fmt: skip

    def signed(self, shares: dict[Debt, str] | None) -> Authorisation:
        request = self.approve(self.asked(shares))
        return escalation_sign(user=self.signatory, request=request, digest=request.digest)


def named(request: EscalationRequest) -> dict[int, str]:
    return {told["debt"]: told["share"] for told in request.debts}


class TestAsking:
    def test_unless_said_otherwise_it_names_all_that_is_open_in_its_currency_whole(self) -> None:
        world = Joint()
        request = world.asked(None)
        assert named(request) == {world.own.pk: "100.00", world.joint.pk: "100.00"}
        assert request.ceiling == Decimal("1600.00")

    @pytest.mark.parametrize(("share", "ceiling"), [("50", "1300.00"), ("33.33", "1199.98"), ("0.01", "1000.06")])
    def test_its_ceiling_is_what_the_shares_come_to(self, share: str, ceiling: str) -> None:
        world = Joint()
        request = world.asked({world.own: "100", world.joint: share})
        assert request.ceiling == Decimal(ceiling)
        told = AuditEvent.objects.get(action="escalation.proposed").body
        assert told["debts"] == request.debts

    @pytest.mark.parametrize("share", ["0", "-1", "100.01", "33.333", "NaN", "Infinity"])
    def test_a_share_is_a_part(self, share: str) -> None:
        world = Joint()
        with pytest.raises(Refused) as refused:
            world.asked({world.joint: share})
        assert list(refused.value.fields) == [f"share_{world.joint.pk}"]
        assert not EscalationRequest.objects.exists()

    def test_only_open_debts_of_this_case_and_currency_and_at_least_one(self) -> None:
        world = Joint()
        strange = Debt.objects.get(case=a_case(world.client, ref="D-2", owner=world.collector))
        foreign = Debt.objects.get(case=a_case(make_client("BBB"), ref="D-3"))
        payment_post(
            actor=ACTOR, case=world.case, amount=Decimal(600), currency="SAR", value_on=clock.today(),
            receivable=world.joint.receivables.get(),
        )  # fmt: skip
        for debts in ([], [strange], [foreign], [world.own, strange], [world.debts["ABROAD"]], [world.joint]):
            with pytest.raises(Refused) as refused:
                world.asked(dict.fromkeys(debts, "100"))
            assert refused.value.code == "escalation_debts"
        assert named(world.asked({world.own: "100"})) == {world.own.pk: "100.00"}

    def test_another_debt_or_share_is_another_request(self) -> None:
        world = Joint()
        request = world.asked({world.joint: "50"}, steps=["MEDIATION"])
        before = request.digest
        changed = escalation_amend(
            user=world.collector, request=request, digest=before, grounds=GROUNDS, steps=["MEDIATION"],
            cost_ceiling=Decimal(100), valid_days=90, debts={world.joint.pk: Decimal("50.01")},
        )  # fmt: skip
        assert changed.digest != before
        assert named(changed) == {world.joint.pk: "50.01"}
        # By hand behind the digest: what is read is not what stands.
        EscalationRequest.objects.update(debts=[{"debt": world.joint.pk, "share": "100.00"}])
        stands = EscalationRequest.objects.get()
        assert request_digest(stands) != stands.digest
        with pytest.raises(Refused) as refused:
            escalation_decide(user=world.manager, request=stands, decision="APPROVED", digest=stands.digest)
        assert refused.value.code == "escalation_changed"

    def test_what_was_asked_before_debts_were_named_keeps_its_digest_and_covers_all_that_is_open(self) -> None:
        world = Joint()
        request = world.asked(None)
        EscalationRequest.objects.update(debts=[])
        request.refresh_from_db()
        old = request_digest(request)
        assert old != request.digest, "the debts are part of it now"
        EscalationRequest.objects.update(digest=old)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE common_approval SET digest = %s", [old])
        request.refresh_from_db()
        request = world.approve(request)
        authorisation = escalation_sign(user=world.signatory, request=request, digest=old)
        assert set(authorisation.debts.values_list("debt_id", "share_percent")) == {
            (world.own.pk, Decimal(100)), (world.joint.pk, Decimal(100)),
        }  # fmt: skip


class TestSigned:
    def test_it_covers_exactly_what_was_named_and_no_more_is_claimed(self) -> None:
        world = Joint()
        authorisation = world.signed({world.joint: "50"})
        assert list(authorisation.debts.values_list("debt_id", "share_percent")) == [(world.joint.pk, Decimal(50))]
        assert authorisation.ceiling == ceiling_left(authorisation=authorisation) == Decimal("300.00")
        file = an_open_file(authorisation, by=world.officer)
        told = {"user": world.officer, "file": file, "kind": "FILING", "filed_on": clock.today()}
        with pytest.raises(Refused):
            claim_file(amount=Decimal("300.01"), **told)
        assert claim_file(amount=Decimal("300.00"), **told).amount == Decimal(300)

    def test_the_database_covers_neither_more_nor_less_nor_another_share(self) -> None:
        world = Joint()
        request = world.approve(world.asked({world.own: "100", world.joint: "50"}))
        signed_for(request, world.signatory)
        covers = (
            [], [(world.own, "100")], [(world.joint, "50")], [(world.own, "100"), (world.joint, "100")],
            [(world.own, "50"), (world.joint, "50")],
        )  # fmt: skip
        for debts in covers:
            with pytest.raises(IntegrityError, match="authorised_debts_as_asked"), transaction.atomic():
                signed = self._authorisation(world, request)
                AuthorisedDebt.objects.bulk_create(
                    AuthorisedDebt(client=world.client, authorisation=signed, debt=debt, share_percent=Decimal(share))
                    for debt, share in debts
                )
                sql("SELECT 1")
        with transaction.atomic():
            authorisation_begin(authorisation=self._authorisation(world, request))
            sql("SELECT 1")

    def _authorisation(self, world: Joint, request: EscalationRequest) -> Authorisation:
        return Authorisation.objects.create(
            client=world.client, case=world.case, request=request, number="A-1", steps=request.steps,
            ceiling=request.ceiling, cost_ceiling=0, currency="SAR", signatory=world.signatory, signed_at=clock.now(),
            valid_until=clock.today(), document_hash=request.digest,
        )  # fmt: skip

    def test_what_was_asked_does_not_change_once_it_is_approved_by_sql_either(self) -> None:
        world = Joint()
        world.approve(world.asked({world.joint: "50"}))
        with pytest.raises(IntegrityError, match="does not change once it is answered"):
            sql("UPDATE collections_app_escalationrequest SET debts = '[]'")

    def test_nothing_is_approved_or_signed_once_its_debts_are_paid(self) -> None:
        world = Joint()
        request = world.asked({world.joint: "50"})
        payment_post(
            actor=ACTOR, case=world.case, amount=Decimal(600), currency="SAR", value_on=clock.today(),
            receivable=world.joint.receivables.get(),
        )  # fmt: skip
        with pytest.raises(Refused) as refused:
            world.approve(request)
        assert refused.value.code == "debts_paid"


class TestPages:
    def proposed(self, world: Joint, language: str = "ar", **form: Any) -> EscalationRequest:
        told = {**ASKED, **debts_ticked(world.case, JOINT="33.5"), **reasons(world.case), **form}
        answer = enter(world.collector, language).post(reverse("case_propose", args=[world.case.pk]), told)
        assert answer.status_code == 302
        return EscalationRequest.objects.get()

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_page_offers_every_open_debt_ticked_and_whole(self, language: str) -> None:
        world = Joint()
        page = enter(world.collector, language).get(reverse("case_propose", args=[world.case.pk]))
        rows = page.context["form"].debt_rows()
        assert [(one.debt, tick.value(), share.value()) for one, tick, share in rows] == [
            (world.own, True, "100"), (world.joint, True, "100"),
        ]  # fmt: skip
        assert "ABROAD" not in words(page)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_who_decides_and_who_signs_read_debts_and_shares(self, language: str) -> None:
        world = Joint()
        request = self.proposed(world, language)
        assert named(request) == {world.own.pk: "100.00", world.joint.pk: "33.50"}
        assert request.ceiling == Decimal("1201.00")
        manager = enter(world.manager, language)
        inbox = manager.get(reverse("inbox"), {"open": request.pk})
        pages = [inbox, manager.get(reverse("escalation", args=[request.pk]))]
        world.approve(request)
        pages.append(enter(world.signatory, language).get(reverse("portal_authorisation", args=[request.pk])))
        for page in pages:
            said = re.sub(r"<[^>]+>", "", words(page))
            assert world.own.debt_ref in said
            assert "JOINT" in said
            assert "33.50%" in said
            assert "201.00" in said

    def test_none_ticked_and_shares_that_are_none_come_back_with_their_words(self) -> None:
        world = Joint()
        browser, url = signed_in(world.collector), reverse("case_propose", args=[world.case.pk])
        told = {**ASKED, **reasons(world.case)}
        none = browser.post(url, told)
        assert (none.status_code, list(none.context["form"].errors)) == (422, ["__all__"])
        for share in ("", "0", "101", "x", "1.234"):
            page = browser.post(url, {**told, **debts_ticked(world.case, JOINT=share)})
            assert page.status_code == 422
            errors = page.context["form"].errors
            assert list(errors) == [f"share_{world.joint.pk}"]
            assert str(errors[f"share_{world.joint.pk}"][0]) in words(page)
        # Another case's debt is no field of this form: it is not asked for, whatever is posted.
        other = Debt.objects.get(case=a_case(world.client, ref="D-9", owner=world.collector))
        assert browser.post(url, {**told, f"debt_{other.pk}": "on", f"share_{other.pk}": "100"}).status_code == 422

    def test_a_change_names_them_anew_and_binds_the_next_pack(self) -> None:
        world = Joint()
        request = self.proposed(world)
        browser, url = signed_in(world.collector), reverse("escalation_amend", args=[request.pk])
        rows = browser.get(url).context["form"].debt_rows()
        assert [share.value() for _one, _tick, share in rows] == ["100", "33.50"]
        told = {**ASKED, "digest": request.digest, f"debt_{world.joint.pk}": "on", f"share_{world.joint.pk}": "25"}
        assert browser.post(url, told).status_code == 302
        request.refresh_from_db()
        assert (named(request), request.ceiling) == ({world.joint.pk: "25.00"}, Decimal("150.00"))
        packs = Paper.objects.filter(request=request, kind="PACK").order_by("pk")
        assert [pack.number[-2:] for pack in packs] == ["-1", "-2"]
        assert "25%" in words_of(packs[1])[0]
        assert world.own.debt_ref not in words_of(packs[1])[0]
        assert request_digest(request) == request.digest

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_authorisation_and_the_pack_say_them(self, language: str) -> None:
        world = Joint()
        request = self.proposed(world, language=language)
        cover = words_of(request.papers.get(kind="PACK"))[0]
        world.approve(request)
        request.refresh_from_db()
        authorisation = escalation_sign(user=world.signatory, request=request, digest=request.digest)
        paper = words_of(Paper.objects.get(authorisation=authorisation, kind="AUTHORISATION"))[0]
        for said in (cover, paper):
            assert re.search(r"33\.50\s*%", said)
            assert "201.00" in said
            assert world.own.debt_ref in said


class TestRenewal:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_renewal_is_asked_with_a_pack_of_that_day(self, language: str) -> None:
        world = Joint()
        first = self._ends_soon(world, {world.own: "100", world.joint: "50"})
        payment_post(actor=ACTOR, case=world.case, amount=Decimal(250), currency="SAR", value_on=clock.today(),
                     receivable=world.own.receivables.get(), reference="TRF-9")  # fmt: skip
        browser, url = enter(world.officer, language), reverse("authorisation_renew", args=[first.pk])
        page = browser.get(url)
        assert [share.value() for _one, _tick, share in page.context["form"].debt_rows()] == ["100", "50"]
        told = {**ASKED, **debts_ticked(world.case, JOINT="50"), "language": language}
        answer = browser.post(url, told, follow=True)
        request = EscalationRequest.objects.latest("pk")
        pack = request.papers.get(kind="PACK")
        assert (pack.language, request.ceiling) == (language, Decimal("1050.00"))
        assert pack.number in words(answer), "it is named where one comes back"
        said = "".join(words_of(pack))
        assert "1,350.00" in said, "as of today: the payment is in it"
        assert "TRF-9" in said
        assert request_digest(request) == request.digest
        # Who decides finds it in the inbox, beside the request.
        inbox = enter(world.manager, language).get(reverse("inbox"), {"open": request.pk})
        assert inbox.context["packs"] == [pack]
        assert reverse("paper", args=[pack.pk]) in words(inbox)
        assert pack.number in words(inbox)

    def _ends_soon(self, world: Joint, shares: dict[Debt, str]) -> Authorisation:
        request = world.approve(world.asked(shares, valid_days=20))
        return escalation_sign(user=world.signatory, request=request, digest=request.digest)


def test_the_inbox_lists_every_issue_of_a_pack_the_newest_first() -> None:
    world = World()
    world.paper("CONTRACT")
    world.paper("NOTE")
    request = world.proposed()
    address = reverse("case_pack", args=[world.case.pk])
    assert signed_in(world.collector).post(address, {"language": "en"}).status_code == 302
    page = signed_in(world.manager).get(reverse("inbox"))
    numbers = [pack.number for pack in page.context["packs"]]
    assert [number[-2:] for number in numbers] == ["-2", "-1"]
    said = words(page)
    for pack in Paper.objects.filter(request=request, kind="PACK"):
        assert said.count(reverse("paper", args=[pack.pk])) == 1, "each once"
        assert pack.number in said
    assert Case.objects.get(pk=world.case.pk).track == "AMICABLE"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_client_reads_the_shares_of_what_was_signed(language: str) -> None:
    world = Joint()
    authorisation = world.signed({world.own: "100", world.joint: "50"})
    page = enter(world.signatory, language).get(reverse("portal_authorisation", args=[authorisation.request_id]))
    said = re.sub(r"<[^>]+>", "", words(page))
    assert re.search(r"JOINT\s*·\s*\w+\s+50%", said)
    assert not re.search(r"\s%", said), "no share without its figure"
