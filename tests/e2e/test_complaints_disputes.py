"""Disputes of the credit record at real browsers: the bureau's officer, the member in its portal, the days between."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import pytest
from django.core.cache import cache
from django.utils import translation
from playwright.sync_api import Page, expect

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from collections_app.models import Case, Hold
from common import clock
from common.choices import MessageState
from common.clocks import clocks_of, clocks_tick
from common.models import Message
from common.sending import outbox_run
from common.tests.holidays_sa import holidays_write, nth_after
from common.tests.outbox_world import mail_server
from complaints.choices import DisputeStep, PaperKind
from complaints.models import Dispute, DisputePack
from tests.browsing import PHONE, Surfer
from tests.doors import LANGUAGES
from tests.e2e.hands import follow, paper_read, says, send, the_day
from tests.e2e.test_complaints_register import clean
from tests.world import a_case, make_client, make_user

# A Sunday of a plain month.
DAY = dt.date(2026, 11, 1)
TOLD = {
    "ar": {
        "item": "رصيد قائم 4,120.00 ريالًا على العقد D-57",
        "words": "سُدد الرصيد كاملًا في 12 سبتمبر، ومرفق إيصال السداد.",
        "reply": "راجعنا الحساب: سُدد منه جزء ولم يُحتسب.",
        "stands": "العقد وكشف الحساب يثبتان الرصيد.",
        "reason": "الإيصال يثبت سداد جزء من الرصيد.",
        "statement": "أرى أن الرصيد سُدد كاملًا، ولديّ ما يثبته.",
    },
    "en": {
        "item": "Open balance of SAR 4,120.00 on contract D-57",
        "words": "The balance was paid in full on 12 September; the receipt is attached.",
        "reply": "We went through the account: a part was paid and not counted.",
        "stands": "The contract and the statement prove the balance.",
        "reason": "The receipt proves that a part of the balance was paid.",
        "statement": "As I see it the balance was paid in full, and I can prove it.",
    },
}


@dataclass(kw_only=True)
class Bureau:
    """A bank that supplied a record, its account holder, and who works on the dispute."""

    client: Client
    case: Case
    surfer: Surfer
    language: str
    then: pytest.MonkeyPatch

    def on(self, day: dt.date) -> None:
        the_day(self.then, day)

    def words(self, name: str) -> str:
        return TOLD[self.language][name]

    @cached_property
    def people(self) -> dict[str, User]:
        return {
            Role.BUREAU_OFFICER: make_user(Role.BUREAU_OFFICER),
            Role.COLLECTIONS_MANAGER: make_user(Role.COLLECTIONS_MANAGER),
            Role.CLIENT_USER: make_user(Role.CLIENT_USER, client=self.client),
        }

    def at(self, role: str) -> Page:
        return self.surfer.window(self.people[role], self.language)


@pytest.fixture
def bureau(
    transactional_db: None, house: str, surfer: Surfer, language: str, monkeypatch: pytest.MonkeyPatch
) -> Bureau:
    cache.clear()
    the_day(monkeypatch, DAY)
    holidays_write()
    client = make_client("DSP", kind="BANK")
    case = a_case(client, ref="D-57", email="latifa@example.com")
    return Bureau(client=client, case=case, surfer=surfer, language=language, then=monkeypatch)


def filed(bureau: Bureau, officer: Page, *, with_document: bool = True) -> Dispute:
    """From the officer's first page to the case, and the objection as it came."""
    officer.goto("/")
    clean(officer)
    officer.goto(f"/cases/{bureau.case.pk}/")
    follow(officer, f"main a[href='/disputes/new/{bureau.case.pk}/']")
    clean(officer)
    paper = {"documents": "paper"} if with_document else {}
    send(
        officer, f"/disputes/new/{bureau.case.pk}/", ground="FALSE", about="case", item=bureau.words("item"),
        words=bureau.words("words"), language=bureau.language, **paper,
    )  # fmt: skip
    clean(officer)
    return Dispute.objects.get()


def done(officer: Page, dispute: Dispute, act: str, *, status: int = 302, **values: str) -> None:
    """One act on the page of a dispute."""
    send(officer, f"/disputes/{dispute.pk}/{act}/", status=status, **values)


def named(officer: Page, dispute: Dispute) -> None:
    done(officer, dispute, "recipient", name="بنك الواحة", address="الرياض", email="w@example.com",
         received_on=str(DAY - dt.timedelta(days=30)))  # fmt: skip


def letters_opened(page: Page, dispute: Dispute) -> None:
    """Every paper of the page opens; what was made here bears the dispute's reference."""
    for paper in dispute.papers.defer("content_sealed"):
        text = paper_read(page, paper)
        if paper.number:
            assert dispute.reference in text, paper.kind


@pytest.mark.requirement("CB-30", "CB-31", "CB-33", "CB-34", "CB-36", "CB-37", "CB-40")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_dispute_is_answered_with_a_reviewed_pack_decided_corrected_and_told(bureau: Bureau, language: str) -> None:
    officer = bureau.at(Role.BUREAU_OFFICER)
    dispute = filed(bureau, officer)
    named(officer, dispute)
    done(officer, dispute, "notify", email="member@example.com", language=language)
    done(officer, dispute, "progress")
    clean(officer)

    # The pack: what is missing is named; another person reviews it; it leaves with its proof.
    done(officer, dispute, "paper", kind="CONTRACT", file="paper", title="D-57")
    done(officer, dispute, "pack", stand="PARTLY_WRONG", words=bureau.words("reply"), language=language)
    pack = DisputePack.objects.get()
    expect(officer.locator(f"form[action$='/packs/{pack.pk}/review/']")).to_have_count(0)
    clean(officer)
    manager = bureau.at(Role.COLLECTIONS_MANAGER)
    manager.goto(f"/disputes/{dispute.pk}/")
    clean(manager)
    assert dispute.reference in paper_read(manager, pack.paper)
    send(manager, f"/packs/{pack.pk}/review/")
    officer.reload()
    send(officer, f"/packs/{pack.pk}/send/", email="bureau@example.com")
    pack.refresh_from_db()
    assert pack.message is not None
    says(officer, MessageState(pack.message.state).label, language)
    clean(officer)

    # Decided on what lies there: what it does not carry is not offered.
    choices = officer.locator("form[action$='/decide/'] [name=outcome]")
    assert {one.get_attribute("value") for one in choices.all()} == {"UPHELD", "PARTLY"}
    done(officer, dispute, "decide", outcome="PARTLY", reason=bureau.words("reason"))
    done(officer, dispute, "result", status=422)  # before the correction there is no record to enclose
    clean(officer)
    done(officer, dispute, "order", email="member@example.com", language=language)
    done(officer, dispute, "correct", correction="AMENDED", reason=bureau.words("reason"), record="paper")
    done(officer, dispute, "result")
    done(officer, dispute, "close", status=422)
    row = dispute.recipients.get()
    send(officer, f"/disputes/recipients/{row.pk}/", language=language)
    done(officer, dispute, "close")
    clean(officer)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.outcome, dispute.correction) == ("CLOSED", "PARTLY", "AMENDED")
    letters_opened(officer, dispute)
    made = set(dispute.papers.exclude(number="").values_list("kind", flat=True))
    assert made == {
        PaperKind.MEMBER_NOTICE, PaperKind.PROGRESS, PaperKind.ANSWER_PACK, PaperKind.CORRECTION_ORDER,
        PaperKind.RESULT, PaperKind.RECIPIENT_NOTICE,
    }  # fmt: skip
    assert Message.objects.filter(subject_type="complaints.Dispute", subject_id=dispute.pk).count() == 6
    # Its case tells of it, with every step.
    officer.goto(f"/cases/{bureau.case.pk}/")
    for step in (DisputeStep.FILED, DisputeStep.PACK_SENT, DisputeStep.CORRECTED, DisputeStep.CLOSED):
        with translation.override(language):
            expect(officer.locator("#history .timeline")).to_contain_text(str(step.label))
    clean(officer)


@pytest.mark.requirement("CB-32", "CB-35", "CB-38", "CB-39", "CB-41", "CB-48")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_member_stands_by_its_item_in_the_portal_and_the_committee_rules(bureau: Bureau, language: str) -> None:
    officer, member = bureau.at(Role.BUREAU_OFFICER), bureau.at(Role.CLIENT_USER)
    dispute = filed(bureau, officer, with_document=False)
    named(officer, dispute)
    done(officer, dispute, "ask-documents")
    member.goto("/portal/disputes/")
    expect(member.locator("main")).not_to_contain_text(dispute.reference)  # filed alone is not told yet
    done(officer, dispute, "notify", email="member@example.com", language=language)

    member.goto("/portal/disputes/")
    clean(member)
    follow(member, f"main a[href='/portal/disputes/{dispute.pk}/']")
    clean(member)
    notice = dispute.papers.get(kind=PaperKind.MEMBER_NOTICE)
    assert dispute.reference in paper_read(member, notice)
    send(member, f"/portal/disputes/{dispute.pk}/reply/", stand="CORRECT", words=bureau.words("stands"),
         documents="paper")  # fmt: skip
    clean(member)
    says(member, bureau.words("stands"), language)

    # What the member proves stays, and nothing else can be decided without a document against it.
    officer.goto(f"/disputes/{dispute.pk}/")
    done(officer, dispute, "decide", outcome="REJECTED", reason=bureau.words("stands"))
    done(officer, dispute, "statement", words=bureau.words("statement"))
    dispute.refresh_from_db()
    assert dispute.is_flagged
    assert Hold.objects.get(pk=dispute.hold_id).until_on == DAY
    row = dispute.recipients.get()
    send(officer, f"/disputes/recipients/{row.pk}/", language=language)
    done(officer, dispute, "result")
    clean(officer)
    done(officer, dispute, "committee", reason=bureau.words("statement"))
    clean(officer)
    done(officer, dispute, "close", status=422)
    done(officer, dispute, "ruling", ruled="OBJECTOR", reason=f"12/1448 {bureau.words('reason')}")
    done(officer, dispute, "correct", correction="DELETED", reason=bureau.words("reason"), record="paper")
    send(officer, f"/disputes/recipients/{row.pk}/", language=language)
    done(officer, dispute, "close")
    clean(officer)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.committee, dispute.correction) == ("CLOSED", "FOR_OBJECTOR", "DELETED")
    assert not dispute.is_flagged
    letters_opened(officer, dispute)
    member.reload()
    clean(member)


@pytest.mark.requirement("CB-32", "CB-43")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_silent_member_has_lost_by_itself_when_its_ten_days_are_over(bureau: Bureau, language: str) -> None:
    officer = bureau.at(Role.BUREAU_OFFICER)
    dispute = filed(bureau, officer)
    done(officer, dispute, "notify", email="member@example.com", language=language)
    with mail_server():
        outbox_run()
    last = nth_after("BANK", DAY, 10)
    bureau.on(last)
    clocks_tick(at=clock.now())
    officer = bureau.at(Role.BUREAU_OFFICER)
    officer.goto("/disputes/")
    expect(officer.locator(".board-list .due.attn")).to_be_visible()
    clean(officer)
    member = bureau.surfer.window(bureau.people[Role.CLIENT_USER], language, size=PHONE)
    member.goto(f"/portal/disputes/{dispute.pk}/")
    clean(member)

    bureau.on(last + dt.timedelta(days=1))
    clocks_tick(at=clock.now())
    member.reload()
    clean(member)
    expect(member.locator("form[action$='/reply/']")).to_have_count(0)
    officer = bureau.at(Role.BUREAU_OFFICER)
    officer.goto(f"/disputes/{dispute.pk}/")
    says(officer, DisputeStep.SILENT.label, language)
    dispute.refresh_from_db()
    assert (dispute.silent, dispute.outcome, dispute.state) == (True, "UPHELD", "DECIDED")
    clean(officer)
    done(officer, dispute, "correct", correction="DELETED", reason=bureau.words("reason"), record="paper")
    done(officer, dispute, "result")
    done(officer, dispute, "close")
    letters_opened(officer, dispute)
    assert {one.state for one in clocks_of(subject=dispute)} == {"MET", "CANCELLED"}


@pytest.mark.requirement("CB-32", "CB-35")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reply_found_in_the_post_after_the_silence_has_it_decided_anew(bureau: Bureau, language: str) -> None:
    officer = bureau.at(Role.BUREAU_OFFICER)
    dispute = filed(bureau, officer, with_document=False)
    done(officer, dispute, "notify", email="member@example.com", language=language)
    with mail_server():
        outbox_run()
    last = nth_after("BANK", DAY, 10)
    bureau.on(last + dt.timedelta(days=1))
    clocks_tick(at=clock.now())
    officer = bureau.at(Role.BUREAU_OFFICER)
    officer.goto(f"/disputes/{dispute.pk}/")
    told = {"stand": "CORRECT", "words": bureau.words("stands"), "documents": "paper"}
    done(officer, dispute, "late-reply", status=422, at=f"{last + dt.timedelta(days=1)}T00:30", **told)
    done(officer, dispute, "late-reply", at=f"{last}T13:00", **told)
    says(officer, DisputeStep.TAKEN_BACK.label, language)
    clean(officer)
    done(officer, dispute, "decide", outcome="REJECTED", reason=bureau.words("stands"))
    done(officer, dispute, "result")
    done(officer, dispute, "close")
    clean(officer)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.outcome, dispute.silent) == ("CLOSED", "REJECTED", False)
    letters_opened(officer, dispute)
