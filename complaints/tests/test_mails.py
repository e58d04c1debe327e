"""The mailbox over a real IMAP server: what comes is registered once, noted, or set aside, and nothing is lost."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from common import clock
from common.exceptions import Refused
from common.models import Message
from common.outbox import message_opened
from complaints.choices import Stage
from complaints.models import Mail, Matter
from complaints.rules.mails import letter_of
from complaints.selectors.matters import note_words, person_of, words_of
from complaints.services.mail_box import MailBoxFailed, mails_read
from complaints.services.mails import mail_take
from complaints.tests.handling_worlds import a_desk, a_matter_at
from complaints.tests.imap_world import USER, a_mail, imap_server
from complaints.tests.worlds import a_matter
from tests.world import a_case, a_pdf, make_client

OURS = frozenset({USER, "no-reply@localhost"})


class TestReading:
    """Pure: what a mail is read as."""

    def test_words_sender_kind_language_and_files(self) -> None:
        letter = letter_of(raw=a_mail(subject="استفسار عن كشف", files=[("a.pdf", b"%PDF-1")], Message_ID="<1@x>"),
                           ours=OURS)  # fmt: skip
        assert (letter.sender, letter.name, letter.kind, letter.language) == (
            "sami@example.com", "سامي", "ENQUIRY", "ar",
        )  # fmt: skip
        assert letter.words == "استفسار عن كشف\n\nاتصل بي المحصّل ليلًا"
        assert [(file.name, file.content) for file in letter.files] == [("a.pdf", b"%PDF-1")]
        assert letter.sent_at is not None
        assert letter.aside == ""

    def test_html_is_read_without_what_nobody_sees(self) -> None:
        html = "<head><style>p{}</style></head><p>Late &amp; loud</p><script>x()</script><div>twice</div>"
        assert letter_of(raw=a_mail(html=html, subject="Calls"), ours=OURS).words == "Calls\n\nLate & loud\ntwice"

    @pytest.mark.parametrize(
        ("raw", "why"),
        [
            (a_mail(Auto_Submitted="auto-replied"), "AUTOMATIC"),
            (a_mail(Auto_Submitted="no"), ""),
            (a_mail(Precedence="bulk"), "LIST"),
            (a_mail(List_Id="<news.example>"), "LIST"),
            (a_mail(sender=f"House <{USER}>"), "OURS"),
            (a_mail(sender="nobody"), "NO_SENDER"),
            (a_mail("", subject=""), "EMPTY"),
            (b"", "NO_SENDER"),
            (b"\xff\xfe\x00 no mail at all", "NO_SENDER"),
        ],
    )
    def test_what_no_person_tells_us(self, raw: bytes, why: str) -> None:
        assert letter_of(raw=raw, ours=OURS).aside == why

    def test_letters_of_an_unknown_alphabet_do_not_stop_it(self) -> None:
        raw = a_mail("hello").replace(b'charset="utf-8"', b'charset="x-unheard-of"')
        assert "hello" in letter_of(raw=raw, ours=OURS).words

    def test_references_are_whole_ones(self) -> None:
        said = "Re: C-2026-000042 and E-2026-000007, not XC-2026-000001 or C-2026-0000421"
        assert letter_of(raw=a_mail(subject=said), ours=OURS).references == ("C-2026-000042", "E-2026-000007")


@pytest.mark.django_db
class TestTheMailbox:
    @pytest.mark.requirement("CR-01")
    def test_a_mail_is_registered_with_its_papers_acknowledged_and_moved(self) -> None:
        case = a_case(make_client("AAA"), ref="D-1", email="sami@example.com")
        with imap_server() as server:
            # Somebody looked at it in the mailbox before: it is read all the same.
            server.deliver(a_mail(files=[("statement.pdf", a_pdf()), ("tool.exe", b"MZ")]), seen=True)
            assert mails_read() == {"TAKEN": 1}
            assert (server.held("INBOX"), server.held("Registered"), server.held("Set aside")) == (0, 1, 0)
            assert mails_read() == {}
        matter = Matter.objects.get()
        assert (matter.intake, matter.case, matter.complainant) == ("EMAIL", case, "DEBTOR")
        assert (matter.stage, matter.kind) == (Stage.ACKNOWLEDGED, "COMPLAINT")
        assert "tool.exe" in words_of(matter=matter)
        assert [paper.name for paper in matter.papers.all()] == ["statement.pdf"]
        (told,) = [message_opened(message=m) for m in Message.objects.filter(channel="EMAIL")]
        assert told["address"] == "sami@example.com"
        assert matter.reference in told["subject"]

    def test_an_answer_becomes_a_note_and_one_from_elsewhere_says_so(self) -> None:
        matter = a_matter()
        with imap_server() as server:
            server.deliver(
                a_mail("هذا كشفي", subject=f"رد: {matter.reference}", files=[("k.pdf", a_pdf())]),
                a_mail("أنا أخوه", subject=matter.reference, sender="x@elsewhere.example"),
            )
            assert mails_read() == {"NOTED": 2}
        first, second = matter.notes.all()
        assert (first.kind, second.kind) == ("FROM_COMPLAINANT", "NOTE")
        assert "هذا كشفي" in note_words(note=first)
        assert "x@elsewhere.example" in note_words(note=second)
        assert matter.papers.count() == 1
        assert Matter.objects.count() == 1

    def test_an_answer_to_a_closed_one_is_a_matter_again(self) -> None:
        matter = a_matter_at(Stage.CLOSED, desk=a_desk())
        mail = mail_take(raw=a_mail("ما زال قائمًا", subject=matter.reference), at=clock.now())
        assert mail.matter is not None
        assert mail.matter != matter
        assert mail.matter.repeats == matter

    def test_what_no_person_tells_us_is_set_aside_and_answered_to_nobody(self) -> None:
        with imap_server() as server:
            server.deliver(a_mail(Auto_Submitted="auto-replied"), b"not a mail\r\n", a_mail(List_Id="<n.example>"))
            assert mails_read() == {"ASIDE": 3}
            assert (server.held("INBOX"), server.held("Set aside")) == (0, 3)
        assert not Matter.objects.exists()
        assert not Message.objects.exists()
        assert sorted(Mail.objects.values_list("reason", flat=True)) == ["AUTOMATIC", "LIST", "NO_SENDER"]

    def test_a_mail_that_is_read_again_after_a_death_is_the_same(self) -> None:
        raw = a_mail(Message_ID="<once@example.com>")
        mail_take(raw=raw, at=clock.now())  # committed, and the reader died before it moved the mail
        with imap_server() as server:
            server.deliver(raw)
            assert mails_read() == {"TAKEN": 1}
            assert server.held("INBOX") == 0
        assert Matter.objects.count() == 1

    def test_one_that_cannot_be_taken_stays_and_holds_up_nobody(self) -> None:
        with imap_server() as server:
            server.deliver(a_mail("أولى"), a_mail("ثانية"), a_mail("ثالثة"))
            taken = []

            def refuses(**told: object) -> Mail:
                taken.append(told)
                if len(taken) == 2:
                    raise Refused("matter_words", "no")
                return mail_take(**told)  # type: ignore[arg-type]

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("complaints.services.mail_box.mail_take", refuses)
                assert mails_read() == {"TAKEN": 2, "FAILED": 1}
            assert server.held("INBOX") == 1
            assert mails_read() == {"TAKEN": 1}
        assert Matter.objects.count() == 3

    def test_a_stranger_is_nobodys_account_holder_and_two_cases_are_no_answer(self) -> None:
        client = make_client("AAA")
        for ref in ("D-1", "D-2"):
            a_case(client, ref=ref, email="sami@example.com")
        matter = mail_take(raw=a_mail(), at=clock.now()).matter
        assert matter is not None
        assert (matter.case, matter.complainant) == (None, "OTHER")
        assert person_of(matter=matter).name == "سامي"

    def test_the_command_says_what_became_of_them(self) -> None:
        said = StringIO()
        with imap_server() as server:
            server.deliver(a_mail())
            call_command("complaints_mail", stdout=said)
            assert json.loads(said.getvalue()) == {"TAKEN": 1}
            server.deliver(a_mail("أخرى"))
        with override_settings(IMAP={"host": "127.0.0.1", "port": 1, "user": "", "password": "", "tls": False}):
            with pytest.raises(MailBoxFailed, match="ConnectionRefusedError"):
                mails_read()
            with pytest.raises(CommandError, match="could not be read"):
                call_command("complaints_mail")

    def test_a_wrong_password_is_told_without_it(self) -> None:
        with imap_server() as server:
            told = {"host": "127.0.0.1", "port": server.port, "user": USER, "password": "wrong", "tls": False}
            with override_settings(IMAP=told), pytest.raises(MailBoxFailed) as failed:
                mails_read()
            assert "wrong" not in str(failed.value)

    def test_without_a_mailbox_nothing_is_asked(self) -> None:
        with override_settings(IMAP={"host": ""}):
            assert mails_read() == {}
