"""Final notices: numbered, frozen, sent once under a live authorisation, served with proof."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
import socket
from collections.abc import Iterator, Sequence
from decimal import Decimal
from email.message import EmailMessage
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from accounts.choices import Role
from collections_app.choices import LegalStep
from collections_app.models import Authorisation, ContactPoint
from collections_app.services.holds import hold_place
from collections_app.services.ledger import note_post, payment_post
from common import clock
from common.exceptions import Conflict, NotAllowed, Refused
from common.models import AuditEvent
from legal.models import Instrument, LegalAct, Notice, Paper
from legal.selectors.papers import paper_content
from legal.services.authorisations import authorisation_revoke
from legal.services.notices import (
    notice_failed,
    notice_prepare,
    notice_send,
    notice_served,
    notice_settle,
    notice_void,
)
from legal.tests.evidence_world import ACTOR, World, pages, words_of
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import make_user, signed_in

pytestmark = pytest.mark.django_db
SMTP = "django.core.mail.backends.smtp.EmailBackend"
THREATS = ("منع من السفر", "المنع من السفر", "سجن", "حبس", "إيقاف الخدمات", "travel ban", "prison", "arrest")


class Inbox(Sink):
    """A mail server that keeps what it gets, or answers as it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[EmailMessage] = []
        self.answer = "250 OK"
        self.hangs_up = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            content = email.message_from_bytes(envelope.content, policy=email.policy.default)
            self.mails.append(cast(EmailMessage, content))
        if self.hangs_up:
            server.transport.close()
        return self.answer


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    kept = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port):
        yield kept
    controller.stop()


class Served(World):
    """The world, authorised; with a notice prepared."""

    authorisation: Authorisation

    def __init__(self, *, steps: Sequence[str] = ("FINAL_NOTICE", "CLAIM"), valid_days: int = 90, **case: Any) -> None:
        super().__init__(email="sami@example.com", **case)
        self.authorisation = self.authorised(steps=steps, valid_days=valid_days)

    def prepared(self, channel: str = "EMAIL", **given: Any) -> Notice:
        point = ContactPoint.objects.filter(debtor=self.case.debtor, kind="EMAIL").first()
        return notice_prepare(
            user=self.officer, authorisation=self.authorisation, channel=channel,
            pay_by=given.pop("pay_by", clock.today() + dt.timedelta(days=10)),
            contact_point=point if channel == "EMAIL" else None, **given,
        )  # fmt: skip

    def pays(self, amount: str) -> None:
        payment_post(actor=ACTOR, case=self.case, amount=Decimal(amount), currency="SAR", value_on=clock.today())


def state(notice: Notice) -> tuple[str, bool, int]:
    notice.refresh_from_db()
    return notice.state, notice.claimed_at is not None, LegalAct.objects.filter(kind="FINAL_NOTICE").count()


@pytest.mark.requirement("PL-22")
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_paper_says_what_the_ledger_says_and_threatens_with_nothing(language: str) -> None:
    world = Served(amount="7654.32")
    world.pays("654.32")
    notice = world.prepared(channel="REGISTERED_MAIL", language=language)
    assert notice.number == f"FN-{clock.today().year}-{world.case.pk:06d}-1"
    assert (notice.amount, notice.as_of) == (Decimal("7000.00"), clock.today())
    said = re.sub(r"\s+", " ", " ".join(words_of(notice.paper)))
    receivable = world.case.receivables.get()
    for part in (notice.number, "7,000.00", "7,654.32", "654.32", receivable.receivable_ref,
                 world.authorisation.number):  # fmt: skip
        assert part in said, part
    assert not [threat for threat in THREATS if threat in said]
    assert ("call us" in said) is (language == "en")
    assert notice.paper.language == language


@pytest.mark.requirement("LEGAL-THREAT", "PL-22")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("steps", [["FINAL_NOTICE"], ["FINAL_NOTICE", "MEDIATION"], ["FINAL_NOTICE", "CLAIM"]])
def test_a_notice_names_the_steps_that_were_authorised_and_no_other(steps: list[str], language: str) -> None:
    world = Served(steps=steps)
    notice = world.prepared(channel="REGISTERED_MAIL", language=language)
    said = re.sub(r"\s+", " ", " ".join(words_of(notice.paper)))
    with translation.override(language):
        for step in set(LegalStep) - {LegalStep.FINAL_NOTICE}:
            assert (str(step.label) in said) is (step in steps), step
        before = gettext("Final notice before legal steps")
    assert (before in said) is (len(steps) > 1)
    assert ("The creditor has authorised" in said) is (language == "en" and len(steps) > 1)
    assert not re.search("legal steps" if language == "en" else "إجراءات نظامية", said.replace(before, ""))


@pytest.mark.requirement("LEGAL-THREAT", "PL-22")
class TestThreats:
    """No letter holds out a step that could not be done."""

    def refused(self, world: Served, code: str, **given: Any) -> None:
        papers = Paper.objects.count()
        with pytest.raises(Refused) as refused:
            world.prepared(channel="REGISTERED_MAIL", **given)
        assert refused.value.code == code
        assert Paper.objects.count() == papers, "not even on paper"

    def test_not_under_an_authorisation_that_is_over(self) -> None:
        world = Served()
        authorisation_revoke(user=world.signatory, authorisation=world.authorisation, reason="سُوّي الأمر")
        world.authorisation.refresh_from_db()
        self.refused(world, "threat_authority")

    def test_not_with_a_day_after_its_end_at_both_sides_of_it(self) -> None:
        world = Served(valid_days=20)
        last = world.authorisation.valid_until
        self.refused(world, "threat_beyond", pay_by=last + dt.timedelta(days=1))
        assert world.prepared(channel="REGISTERED_MAIL", pay_by=last).pay_by == last

    def test_not_once_no_claim_can_be_made_neither_prepared_nor_sent(self) -> None:
        world = Served()
        prepared = world.prepared(channel="REGISTERED_MAIL")
        ago = clock.today() - dt.timedelta(days=365 * 12)
        Instrument.objects.create(
            client=world.client, debt=world.case.debts.get(), kind="PROMISSORY_NOTE", amount=10, currency="SAR",
            issued_on=ago, due_on=ago, recorded_by=world.officer, recorded_at=clock.now(),
        )  # fmt: skip
        with pytest.raises(Refused) as refused:
            notice_send(user=world.officer, notice=prepared, tracking="RR123456789SA")
        assert refused.value.code == "threat_barred"
        assert state(prepared) == ("PREPARED", False, 0)
        notice_void(user=world.officer, notice=prepared, reason="مضت المدة")
        self.refused(world, "threat_barred")

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_mail_that_bears_it_says_nothing_of_a_step(self, inbox: Inbox, language: str) -> None:
        world = Served()
        notice_send(user=world.officer, notice=world.prepared(language=language))
        mail = inbox.mails[0]
        body = mail.get_body(("plain",))
        assert body is not None
        said = f"{mail['Subject']} {body.get_content()}"
        with translation.override(language):
            named = [str(step.label) for step in LegalStep if str(step.label) in said]
        assert not named
        assert not re.search("legal|court|claim|نظام|محكمة|مطالبة|قضائ", said)


@pytest.mark.requirement("PL-22")
def test_from_preparation_to_proof_by_registered_mail_through_the_doors() -> None:
    world = Served()
    browser = signed_in(world.officer, proven=True)
    listed = browser.get(reverse("notices"), {"view": "to_prepare"})
    assert [a.pk for a in listed.context["page"]] == [world.authorisation.pk]
    door = reverse("notice_prepare", args=[world.case.pk])
    assert words(browser.get(door)).count("1,000") >= 1
    soon = (clock.today() + dt.timedelta(days=2)).isoformat()
    data = {"channel": "REGISTERED_MAIL", "pay_by": soon, "language": "ar"}
    assert browser.post(door, data).status_code == 422
    later = (clock.today() + dt.timedelta(days=10)).isoformat()
    assert browser.post(door, data | {"pay_by": later}).status_code == 302
    notice = Notice.objects.get()
    assert browser.post(reverse("notice_send", args=[notice.pk]), {"tracking": "x"}).status_code == 422
    assert browser.post(reverse("notice_send", args=[notice.pk]), {"tracking": "RR123456789SA"}).status_code == 302
    assert state(notice) == ("SENT", False, 1)
    act = LegalAct.objects.get()
    assert (act.paper_id, act.authorisation_id, act.reference) == (notice.paper_id, world.authorisation.pk,
                                                                   "RR123456789SA")  # fmt: skip
    served = reverse("notice_served", args=[notice.pk])
    early = (clock.today() - dt.timedelta(days=1)).isoformat()
    assert browser.post(served, {"on": early}).status_code == 422, "no proof"
    proof = SimpleUploadedFile("proof.pdf", pages("proof"))
    assert browser.post(served, {"on": early, "proof": proof}).status_code == 422, "before it was sent"
    proof = SimpleUploadedFile("proof.pdf", pages("proof"))
    assert browser.post(served, {"on": clock.today().isoformat(), "proof": proof}).status_code == 302
    notice.refresh_from_db()
    assert (notice.state, notice.served_on, notice.proof.kind) == ("SERVED", clock.today(), "SERVICE_PROOF")
    views = {view: len(browser.get(reverse("notices"), {"view": view}).context["page"].object_list)
             for view in ("to_prepare", "prepared", "sent", "served", "failed")}  # fmt: skip
    assert views == {"to_prepare": 0, "prepared": 0, "sent": 0, "served": 1, "failed": 0}
    actions = AuditEvent.objects.filter(action__startswith="notice.").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["notice.prepared", "notice.sent", "notice.served"]


class TestByMail:
    @pytest.mark.requirement("PL-22")
    def test_the_mail_bears_the_frozen_paper_and_goes_once(self, inbox: Inbox) -> None:
        world = Served()
        notice = world.prepared()
        notice_send(user=world.officer, notice=notice)
        assert state(notice) == ("SENT", True, 1)
        [mail] = inbox.mails
        assert mail["To"] == "sami@example.com"
        assert mail["Message-ID"] == notice.message_id
        assert notice.number in mail["Subject"]
        [attached] = mail.iter_attachments()
        assert attached.get_content() == paper_content(paper=notice.paper)
        with pytest.raises(Conflict):
            notice_send(user=world.officer, notice=notice)
        assert len(inbox.mails) == 1

    @pytest.mark.requirement("PL-22")
    @pytest.mark.parametrize("what", ["revoked", "paid", "paid a part", "raised", "held"])
    def test_what_changed_since_stops_it(self, inbox: Inbox, what: str) -> None:
        world = Served()
        notice = world.prepared()
        if what == "revoked":
            authorisation_revoke(user=world.manager, authorisation=world.authorisation, reason="بطلب الجهة كتابة")
        elif what == "held":
            hold_place(actor=ACTOR, case=world.case, kind="HARDSHIP", from_on=clock.today(), reason="ظرف")
        elif what == "raised":
            note_post(actor=ACTOR, receivable=world.case.receivables.get(), kind="DEBIT_NOTE", amount=Decimal(5),
                      value_on=clock.today(), reason="فرق")  # fmt: skip
        else:
            world.pays("1000.00" if what == "paid" else "0.01")
        with pytest.raises(Refused):
            notice_send(user=world.officer, notice=notice)
        assert inbox.mails == []
        assert state(notice) == ("PREPARED", False, 0)

    @pytest.mark.requirement("PL-22")
    def test_a_server_that_refuses_leaves_nothing_and_it_may_be_sent_again(self, inbox: Inbox) -> None:
        world = Served()
        notice = world.prepared()
        inbox.answer = "550 no"
        with pytest.raises(Refused) as refused:
            notice_send(user=world.officer, notice=notice)
        assert refused.value.code == "notice_mail"
        assert state(notice) == ("PREPARED", False, 0)
        inbox.answer = "250 OK"
        notice_send(user=world.officer, notice=notice)
        assert len(inbox.mails) == 1

    def test_a_server_that_is_not_there_leaves_nothing(self) -> None:
        world = Served()
        notice = world.prepared()
        with override_settings(EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=1), pytest.raises(Refused):
            notice_send(user=world.officer, notice=notice)
        assert state(notice) == ("PREPARED", False, 0)

    @pytest.mark.requirement("PL-22")
    @pytest.mark.parametrize("went_out", [True, False])
    def test_a_lost_answer_is_settled_by_a_person_and_never_sent_again_before(
        self, inbox: Inbox, went_out: bool
    ) -> None:
        world = Served()
        notice = world.prepared()
        inbox.hangs_up = True
        browser = signed_in(world.officer, proven=True)
        assert browser.post(reverse("notice_send", args=[notice.pk])).status_code == 422
        assert state(notice) == ("PREPARED", True, 0), "in doubt: the server has it, and we do not know"
        assert len(inbox.mails) == 1
        inbox.hangs_up = False
        assert browser.post(reverse("notice_send", args=[notice.pk])).status_code == 422
        with pytest.raises(Conflict):
            notice_void(user=world.officer, notice=notice, reason="x")
        assert len(inbox.mails) == 1
        settle = reverse("notice_settle", args=[notice.pk])
        assert notice.message_id in words(browser.get(reverse("notice", args=[notice.pk]))).replace(
            "&lt;", "<"
        ).replace("&gt;", ">")
        data = {"went_out": "yes" if went_out else "no", "reason": "سجل خادم البريد"}
        assert browser.post(settle, data | {"reason": ""}).status_code == 422
        assert browser.post(settle, data).status_code == 302
        assert state(notice) == (("SENT", True, 1) if went_out else ("PREPARED", False, 0))
        assert browser.post(settle, data).status_code == 422
        if not went_out:
            notice_send(user=world.officer, notice=notice)
            assert [mail["Message-ID"] for mail in inbox.mails] == [notice.message_id] * 2, "the same letter"


class TestRefusals:
    def test_who_may_and_what_may_be_prepared(self) -> None:
        world = Served()
        with pytest.raises(NotAllowed):
            notice_prepare(user=world.collector, authorisation=world.authorisation, channel="REGISTERED_MAIL",
                           pay_by=clock.today() + dt.timedelta(days=10))  # fmt: skip
        for change, field in (
            ({"pay_by": clock.today() + dt.timedelta(days=4)}, "pay_by"),
            ({"pay_by": clock.today() + dt.timedelta(days=61)}, "pay_by"),
            ({"channel": "PIGEON"}, "channel"),
        ):
            with pytest.raises(Refused) as refused:
                world.prepared(**{"channel": "REGISTERED_MAIL", **change})
            assert list(refused.value.fields) == [field]
        world.prepared(channel="REGISTERED_MAIL", pay_by=clock.today() + dt.timedelta(days=5))
        with pytest.raises(Refused) as refused:
            world.prepared(channel="REGISTERED_MAIL")
        assert refused.value.code == "notice_open"

    def test_money_that_waits_is_cleared_first(self) -> None:
        world = Served()
        note_post(actor=ACTOR, receivable=world.case.receivables.get(), kind="CREDIT_NOTE", amount=Decimal(1),
                  value_on=clock.today(), reason="فرق")  # fmt: skip
        notice = world.prepared(channel="REGISTERED_MAIL")
        assert notice.amount == Decimal("999.00")
        assert notice_void(user=world.officer, notice=notice, reason="تغير الرصيد").state == "VOID"
        assert world.prepared(channel="REGISTERED_MAIL").number.endswith("-2")

    def test_what_did_not_arrive_is_said_with_its_reason(self) -> None:
        world = Served()
        notice = world.prepared(channel="REGISTERED_MAIL")
        with pytest.raises(Conflict):
            notice_served(user=world.officer, notice=notice, on=clock.today(), name="p.pdf", content=pages("x"))
        notice_send(user=world.officer, notice=notice, tracking="RR123456789SA")
        with pytest.raises(Refused):
            notice_failed(user=world.officer, notice=notice, reason=" ")
        assert notice_failed(user=world.officer, notice=notice, reason="انتقل من العنوان").outcome == "انتقل من العنوان"
        with pytest.raises(Conflict):
            notice_settle(user=world.officer, notice=notice, went_out=False, reason="x")

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_pages_in_both_languages_and_for_whom(self, language: str) -> None:
        world = Served()
        notice = world.prepared()
        doors = [
            reverse("notices"),
            reverse("notices") + "?view=to_prepare",
            reverse("notice", args=[notice.pk]),
            reverse("case_notices", args=[world.case.pk]),
            reverse("notice_prepare", args=[world.case.pk]),
        ]
        browser = enter(world.officer, language)
        for door in doors:
            page = browser.get(door)
            assert page.status_code == 200
            assert in_language(page, language)
        outsider = signed_in(make_user(Role.COLLECTOR, name="outsider"))
        assert {outsider.get(door).status_code for door in doors} == {404}
