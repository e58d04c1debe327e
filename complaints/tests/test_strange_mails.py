"""Mails that are written wrongly, or to deceive: none stops the mailbox, none is lost, none speaks for another."""

from __future__ import annotations

import random

import pytest

from collections_app.models import Hold
from common import clock
from common.models import Message
from common.outbox import message_opened
from complaints.choices import Complainant, Stage
from complaints.models import Mail, Matter
from complaints.rules.mails import letter_of
from complaints.selectors.matters import person_of, words_of
from complaints.services.mail_box import mails_read
from complaints.services.mails import mail_take
from complaints.tests.handling_worlds import a_desk, an_objection
from complaints.tests.imap_world import a_mail, imap_server
from tests.world import a_case, make_client

HEAD, PLAIN = b"From: Sami <sami@example.com>\r\n", b"Content-Type: text/plain; charset="
MIXED = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
STRANGE = [
    HEAD + b"Message-ID: <>\r\n\r\nhello",
    HEAD + b"Message-ID: <\xff\xfe[]@>\r\n\r\nhello",
    HEAD + b"Subject: \xed\xa0\x80 \xff\r\n\r\nhello",
    HEAD + b"Subject: =?x-bad?b?!!!?=\r\n\r\nhello",
    HEAD + b"Subject: " + b"=?utf-8?q?a?= " * 5_000 + b"\r\n\r\nhello",
    HEAD + b"Date: Mon, 99 Foo 99999999999 99:99:99 +9999\r\n\r\nhello",
    HEAD + b"Date: Mon, 01 Jan 0001 00:00:00 +2300\r\n\r\nhello",
    HEAD + b"Date: Fri, 31 Dec 9999 23:59:59 -2300\r\n\r\nhello",
    HEAD + PLAIN + b"unicode_escape\r\n\r\n\\ud800 hello",
    HEAD + PLAIN + b"undefined\r\n\r\nhello",
    HEAD + PLAIN + b"base64\r\n\r\nhello!",
    HEAD + PLAIN + b"utf-8\r\n\r\n\xed\xa0\x80 hello",
    HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n\xff\xff",
    HEAD + MIXED + b"no part of it",
    HEAD + MIXED + b"--x\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--x--",
    HEAD + MIXED + b"--x\r\nContent-Type: application/pdf; name*0*=utf-9''%ff\r\n"
    b"Content-Disposition: attachment; filename*0*=bad''%E9\r\n\r\n%PDF\r\n--x--",
    HEAD + b"Content-Type: text/html\r\n\r\n<![CDATA[ <!x <!-- <a b='\"> &#xffffffff; &#0; <![if x]>hello",
    b"From: group: a@b.c;\r\n\r\nhello",
    b"From: \xff\xfe a@b.c\r\n\r\nhello",
    b"From: =?utf-8?q?=00=ED=A0=80?= <a@b.c>\r\n\r\nhello",
]  # fmt: skip


def test_whatever_a_mail_is_made_of_it_is_read() -> None:
    whole, chance = a_mail("hello", files=[("a.pdf", b"%PDF-1")], Message_ID="<1@x>"), random.Random(5)
    broken = [bytearray(whole) for _n in range(300)]
    for mail in broken:
        for _n in range(chance.randrange(1, 12)):
            mail[chance.randrange(len(mail))] = chance.randrange(256)
    for raw in [*STRANGE, *map(bytes, broken)]:
        letter = letter_of(raw=raw, ours=frozenset())
        for text in (letter.words, letter.name, letter.sender, *(file.name for file in letter.files)):
            assert "\x00" not in text
            text.encode()  # raises for what is no letter


@pytest.mark.django_db
@pytest.mark.requirement("CR-01")
def test_a_strange_mail_holds_up_none_behind_it() -> None:
    with imap_server() as server:
        server.deliver(*STRANGE, a_mail("والأخيرة شكوى"))
        counted = mails_read()
        assert "FAILED" not in counted
        assert (sum(counted.values()), server.held("INBOX")) == (len(STRANGE) + 1, 0)
    assert Mail.objects.count() == len(STRANGE) + 1
    newest = Matter.objects.latest("pk")
    assert "والأخيرة شكوى" in words_of(matter=newest)


@pytest.mark.django_db
def test_what_breaks_the_reading_itself_stays_for_a_person_and_the_others_are_read() -> None:
    with imap_server() as server, pytest.MonkeyPatch.context() as patch:
        server.deliver(a_mail("أولى"), a_mail("ثانية"))

        def breaks(**told: object) -> Mail:
            patch.setattr("complaints.services.mail_box.mail_take", mail_take)
            raise IndexError("a fault of the reader")

        patch.setattr("complaints.services.mail_box.mail_take", breaks)
        assert mails_read() == {"FAILED": 1, "TAKEN": 1}
        assert server.held("INBOX") == 1
        assert mails_read() == {"TAKEN": 1}


@pytest.mark.django_db
def test_two_mails_of_one_identity_are_two_and_one_that_came_two_ways_is_one() -> None:
    once = a_mail("أول ما أقول", Message_ID="<always@mailer>")
    for raw in (once, b"Received: by another way\r\n" + once, a_mail("وشيء آخر", Message_ID="<always@mailer>")):
        mail_take(raw=raw, at=clock.now())
    assert Matter.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.requirement("CX-15")
@pytest.mark.parametrize("named", ["", "Stranger"])
def test_whoever_names_a_closed_complaint_of_another_gets_nothing_of_its_account(named: str) -> None:
    """References are numbers in a row: whoever writes one down has no part in its account, and holds nothing of it."""
    case = a_case(make_client("BBB", kind="BANK"), ref="D-9", mobile="0501112223")
    closed = an_objection(desk=a_desk(), stage=Stage.CLOSED, case=case)
    holds, written = Hold.objects.filter(case=case, until_on=None).count(), Message.objects.count()
    sender = f"{named} <stranger@elsewhere.example>" if named else "stranger@elsewhere.example"
    mail = mail_take(raw=a_mail("ما زال المبلغ خطأ", subject=closed.reference, sender=sender), at=clock.now())
    matter = mail.matter
    assert matter is not None
    assert (matter.case, matter.client, matter.category, matter.complainant) == (None, None, None, Complainant.OTHER)
    assert (matter.repeats, matter.hold) == (None, None)
    assert Hold.objects.filter(case=case, until_on=None).count() == holds
    assert person_of(matter=matter).name == named
    # The officer sees which one is named.
    assert closed.reference in words_of(matter=matter)
    told = [message_opened(message=message) for message in Message.objects.order_by("pk")[written:]]
    assert [one["address"] for one in told] == ["stranger@elsewhere.example"]
