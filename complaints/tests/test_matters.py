"""What somebody tells us: written down under a key of its own, tracked, acknowledged, moved, and seen by whom."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from accounts.choices import Role
from accounts.models import AccessRecord
from common import clock, crypto
from common.clock import RIYADH
from common.clocks import clocks_of
from common.exceptions import Conflict, Refused
from common.models import Message
from common.outbox import message_opened
from complaints.choices import MATTER_MOVES, STAGES, Complainant, MatterKind, NoteKind, Outcome, Stage
from complaints.models import Matter, MatterMove
from complaints.policies import matter_states_visible_to
from complaints.selectors.matters import (
    answer_due,
    matters_visible_to,
    note_words,
    paper_content,
    person_of,
    words_of,
)
from complaints.services.matters import acknowledge, matter_event, matter_move, note_add
from complaints.tests.worlds import WORDS, a_matter, a_matter_paper
from tests.doors import enter, words
from tests.world import ACTOR, a_case, a_pdf, make_client, make_team, make_user

pytestmark = pytest.mark.django_db
# A Sunday before noon.
AT = dt.datetime(2026, 3, 1, 10, 0, tzinfo=RIYADH)


class TestRegistering:
    def test_it_is_received_and_tracked_under_a_reference_that_is_given_once(self) -> None:
        first, second = a_matter(at=AT), a_matter(at=AT, kind=MatterKind.ENQUIRY)
        assert first.reference.startswith("C-2026-")
        assert second.reference == f"E-2026-{int(first.reference[-6:]) + 1:06d}"
        assert list(first.moves.values_list("from_stage", "to_stage")) == [("", "RECEIVED"), ("RECEIVED", "TRACKED")]
        assert first.stage == Stage.TRACKED

    def test_words_and_addresses_stand_sealed_and_open_under_its_key_alone(self) -> None:
        matter = Matter.objects.get(pk=a_matter().pk)
        assert words_of(matter=matter) == WORDS
        person = person_of(matter=matter)
        assert (person.name, person.phone, person.email) == (
            "سامي بن ناصر العتيبي", "+966551234567", "sami@example.com",
        )  # fmt: skip
        assert WORDS.encode() not in bytes(matter.words_sealed)
        matter.wrapped_key = None
        assert person_of(matter=matter).name == ""
        with pytest.raises(crypto.Unreadable):
            words_of(matter=matter)

    def test_a_case_brings_client_account_and_party(self) -> None:
        case = a_case(make_client("AAA"), ref="D-77")
        matter = a_matter(case=case)
        assert (matter.client, matter.account_ref, matter.party_id) == (case.client, "D-77", case.debtor.party_id)
        assert a_matter(case=case, complainant=Complainant.GUARANTOR).party_id is None

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"words": " .. "}, "words"),
            ({"words": "س" * 20_001}, "words"),
            ({"phone": "12"}, "phone"),
            ({"email": "sami"}, "email"),
            ({"kind": "RUMOUR"}, "kind"),
            ({"severity": "WORST"}, "severity"),
        ],
    )
    def test_what_cannot_be_written_down_is_refused_at_its_field(self, given: dict[str, str], field: str) -> None:
        with pytest.raises(Refused) as caught:
            a_matter(**given)
        assert list(caught.value.fields) == [field]
        assert not Matter.objects.exists()

    def test_its_clocks_begin_with_those_of_its_clients_kind(self) -> None:
        def codes(matter: Matter) -> set[str]:
            return set(clocks_of(subject=matter).values_list("code", flat=True))

        assert codes(a_matter()) == {"ROUTING"}
        assert codes(a_matter(client=make_client("BNK", kind="BANK"))) == {"ROUTING", "ANSWER_BANK"}
        assert codes(a_matter(kind=MatterKind.SUGGESTION)) == {"ANSWER"}

    def test_the_database_refuses_a_handler_who_is_complained_of(self) -> None:
        collector = make_user(Role.COLLECTOR, team=make_team())
        matter = a_matter(concerned=collector)
        with pytest.raises(IntegrityError), transaction.atomic():
            Matter.objects.filter(pk=matter.pk).update(handler=collector)


def walked(matter: Matter, *, to: str) -> Matter:
    """Moved stage by stage until there."""
    for stage in STAGES[STAGES.index(Stage(matter.stage)) + 1 : STAGES.index(Stage(to)) + 1]:
        if stage == Stage.CLOSED:
            Matter.objects.filter(pk=matter.pk).update(outcome=Outcome.ANSWERED)
        matter = matter_move(actor=ACTOR, matter=matter, to=stage, at=AT)
    return matter


class TestMoving:
    @pytest.mark.parametrize("stage", STAGES[1:])
    def test_only_along_the_table(self, stage: str) -> None:
        for to in Stage:
            matter = walked(a_matter(), to=stage)
            if to == Stage.CLOSED:
                Matter.objects.filter(pk=matter.pk).update(outcome=Outcome.ANSWERED)
            if to in MATTER_MOVES[stage]:
                assert matter_move(actor=ACTOR, matter=matter, to=to, at=AT, reason="سبب").stage == to
                last = matter.moves.last()
                assert last is not None
                assert (last.from_stage, last.to_stage, last.reason) == (stage, to, "سبب")
            else:
                with pytest.raises(Conflict):
                    matter_move(actor=ACTOR, matter=matter, to=to, at=AT)

    def test_reopening_takes_the_closing_back(self) -> None:
        matter = walked(a_matter(), to=Stage.CLOSED)
        assert matter.closed_at == AT
        again = matter_move(actor=ACTOR, matter=matter, to=Stage.ASSESSED, at=AT)
        assert (again.stage, again.closed_at) == (Stage.ASSESSED, None)

    def test_a_move_stands_or_falls_with_its_transaction(self) -> None:
        matter = a_matter()
        with pytest.raises(RuntimeError), transaction.atomic():
            matter_move(actor=ACTOR, matter=matter, to=Stage.ACKNOWLEDGED, at=AT)
            raise RuntimeError
        assert MatterMove.objects.filter(matter=matter).count() == 2


class TestAcknowledging:
    def test_reference_and_time_frame_go_out_on_each_channel_that_was_given(self) -> None:
        with clock.at(AT):
            matter = acknowledge(actor=ACTOR, matter=a_matter(at=AT), at=AT)
        said = {m.channel: message_opened(message=m) for m in Message.objects.all()}
        assert set(said) == {"SMS", "EMAIL"}
        # Eleven working days from Sunday 1 March.
        assert answer_due(matter=matter, at=AT).astimezone(RIYADH).date() == dt.date(2026, 3, 16)
        for opened in said.values():
            assert matter.reference in str(opened)
            assert "2026-03-16" in str(opened)
        assert matter.stage == Stage.ACKNOWLEDGED

    def test_a_banks_customer_is_told_of_the_shorter_time(self) -> None:
        with clock.at(AT):
            matter = a_matter(at=AT, client=make_client("BNK", kind="BANK"))
            assert answer_due(matter=matter, at=AT).astimezone(RIYADH).date() == dt.date(2026, 3, 8)

    def test_a_second_time_is_refused_and_nothing_is_queued_twice(self) -> None:
        matter = a_matter()
        acknowledge(actor=ACTOR, matter=matter, at=clock.now())
        with pytest.raises(Conflict):
            acknowledge(actor=ACTOR, matter=matter, at=clock.now())
        assert Message.objects.count() == 2


def test_an_event_meets_its_clock_and_starts_the_next() -> None:
    matter = a_matter(at=AT)
    matter_event(actor=ACTOR, matter=matter, event="ROUTED", at=AT)
    matter_event(actor=ACTOR, matter=matter, event="COMPLETE", at=AT)
    assert dict(clocks_of(subject=matter).values_list("code", "state")) == {"ROUTING": "MET", "CLOSING": "RUNNING"}


def test_notes_and_papers_are_sealed_under_the_matters_key() -> None:
    matter = a_matter()
    note = note_add(actor=ACTOR, matter=matter, kind=NoteKind.FINDING, words="اتصال بعد الوقت", at=AT)
    assert note_words(note=note) == "اتصال بعد الوقت"
    content = a_pdf()
    paper = a_matter_paper(matter, content=content)
    assert (paper_content(paper=paper), paper.content_type, paper.pages) == (content, "application/pdf", 1)
    with pytest.raises(Refused):
        a_matter_paper(matter, content=b"MZ not a paper")


class TestWhoSees:
    def test_nobody_sees_what_is_said_of_themselves(self) -> None:
        for role in (Role.COMPLAINTS_OFFICER, Role.QUALITY_OFFICER, Role.GENERAL_MANAGER, Role.COLLECTIONS_MANAGER):
            user, other = make_user(role), make_user(role, name=f"other {role}".lower().replace(" ", "."))
            matter = a_matter(concerned=user)
            assert not matters_visible_to(user).filter(pk=matter.pk).exists()
            assert matters_visible_to(other).filter(pk=matter.pk).exists()
            assert enter(user).get(f"/matters/{matter.pk}/").status_code == 404

    def test_a_head_reads_the_matters_of_their_departments_and_those_they_handle(self) -> None:
        head = make_user(Role.LEGAL_OFFICER)
        matter = a_matter()
        assert not matters_visible_to(head).exists()
        Matter.objects.filter(pk=matter.pk).update(department="LEGAL")
        assert matters_visible_to(head).get() == matter
        Matter.objects.filter(pk=matter.pk).update(department="FINANCE", handler=head)
        assert matters_visible_to(head).get() == matter

    def test_a_collector_sees_the_state_on_the_own_cases_and_nothing_else(self) -> None:
        collector = make_user(Role.COLLECTOR, team=make_team())
        case = a_case(make_client("AAA"), owner=collector)
        matter = a_matter(case=case)
        secret, own = a_matter(case=case, is_confidential=True), a_matter(case=case, concerned=collector)
        assert list(matter_states_visible_to(collector)) == [matter]
        browser = enter(collector)
        page = words(browser.get(f"/cases/{case.pk}/"))
        assert matter.reference in page
        assert secret.reference not in page
        assert own.reference not in page
        assert browser.get(f"/matters/{matter.pk}/").status_code == 404
        assert browser.get("/matters/").status_code == 404


@pytest.mark.requirement("CX-15")
def test_confidential_parts_open_to_who_handles_it_and_each_look_is_written_down() -> None:
    handler, other = make_user(Role.COMPLAINTS_OFFICER), make_user(Role.COMPLAINTS_OFFICER, name="other")
    quality = make_user(Role.QUALITY_OFFICER)
    case = a_case(make_client("AAA"), debtor_name="سامي العتيبي")
    matter = a_matter(is_confidential=True, words="أمر سري جدًا", case=case)
    note_add(actor=ACTOR, matter=matter, kind=NoteKind.NOTE, words="كلام سري", at=AT, is_confidential=True)
    paper = a_matter_paper(matter)
    Matter.objects.filter(pk=matter.pk).update(handler=handler)
    address = f"/matters/{matter.pk}/"
    for user in (other, quality):
        browser = enter(user)
        page = words(browser.get(address))
        assert "أمر سري جدًا" not in page
        assert "كلام سري" not in page
        assert "سامي" not in page
        assert browser.post(f"{address}reveal/").status_code == 404
        assert browser.get(f"/matters/papers/{paper.pk}/").status_code == 404
    assert not AccessRecord.objects.exists()
    browser = enter(handler)
    assert "أمر سري جدًا" not in words(browser.get(address))
    browser.post(f"{address}reveal/")
    page = words(browser.get(address))
    assert "أمر سري جدًا" in page
    assert "كلام سري" in page
    assert "+966551234567" in page
    assert browser.get(f"/matters/papers/{paper.pk}/").content.startswith(b"%PDF")
    looks = AccessRecord.objects.order_by("pk").values_list("user_id", "what", "subject_id")
    assert list(looks) == [(handler.pk, "matter.reveal", matter.pk), (handler.pk, "matter.paper", paper.pk)]
