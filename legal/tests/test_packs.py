"""Evidence packs and written authorisations: what the PDFs say is what the rows say."""

from __future__ import annotations

import hashlib
import io
import re
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.utils import ProgrammingError
from django.urls import reverse
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, FloatObject, NameObject

from accounts.models import AccessRecord
from collections_app.selectors.statement import statement_of
from collections_app.services.contacts import contact_record
from collections_app.services.ledger import note_post, payment_post
from common import clock
from common.exceptions import Conflict, Refused
from legal.models import Paper
from legal.selectors.packs import pack_complete, pack_needs, papers_to_bind
from legal.services.binding import pdf_bound
from legal.services.escalations import escalation_sign
from legal.services.packs import pack_make
from legal.tests.evidence_world import ACTOR, BECAUSE, World, pages, picture, words_of
from tests.world import a_case, make_client, make_user, signed_in

pytestmark = pytest.mark.django_db


def figure(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.requirement("PL-20")
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_pack_says_what_the_ledger_and_the_trail_say(language: str) -> None:
    world = World(amount="12345.67")
    payment_post(actor=ACTOR, case=world.case, amount=Decimal("345.67"), currency="SAR", value_on=clock.today(),
                 reference="TRF-77")  # fmt: skip
    note_post(actor=ACTOR, receivable=world.case.receivables.get(), kind="CREDIT_NOTE", amount=Decimal("1000.10"),
              value_on=clock.today(), reason="مرتجع", reference="CN-9")  # fmt: skip
    world.opened()
    contract = world.paper("CONTRACT", pages("a", (842, 595, 0), (595, 842, 90)), title="Contract 7")
    note = world.paper("NOTE", picture(), title="Note 8")
    request = world.proposed(language=language)
    pack = request.papers.get(kind="PACK")
    assert (pack.number, pack.language) == (f"PACK-{request.number.removeprefix('ESC-')}-1", language)
    said = words_of(pack)
    assert pack.pages == len(said)
    # Every page bears its place, the pack's number and the fingerprint of the contents.
    contents = re.search(r"[0-9a-f]{64}", said[0])
    assert contents is not None
    for n, text in enumerate(said, start=1):
        assert f"{n} / {len(said)}" in text
        assert pack.number in text
        assert contents.group() in text
    everything = flat(" ".join(said))
    [account] = statement_of(case=world.case, as_of=clock.today(), today=clock.today())
    assert account.closing == Decimal("10999.90")
    statement = next(text for text in said if "TRF-77" in text)
    for amount in (account.closing, *(abs(line.amount) for line in account.lines)):
        assert figure(amount) in statement
    assert {"TRF-77", "CN-9", world.case.debtor.debtor_ref} <= set(re.findall(r"[A-Z]+-\d+", statement))
    assert figure(request.ceiling) in said[0]
    # The index tells where each paper begins, and that page is its own.
    first = len(said) - 3
    assert re.search(rf"{first}.{first + 2}", flat(said[0]) + flat(said[1]))
    assert contract.sha256[:16] in everything
    assert note.sha256[:16] in everything
    assert everything.count("Salem collector" if language == "en" else "سالم") >= 3, "one line a contact"


def test_turned_and_large_pages_are_framed_and_a_visible_signature_stays() -> None:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=2000, height=1000)
    writer.add_annotation(0, FreeText(text="SIGNED BY HAND", rect=(100, 100, 600, 200)))
    annotation = writer.pages[0]["/Annots"][0].get_object()
    # An appearance as signing programs leave it: a form of its own.
    look = DecodedStreamObject()
    look.set_data(b"q 1 0 0 RG 0 0 m 500 100 l S Q")
    look.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Form"),
                 NameObject("/BBox"): ArrayObject(FloatObject(n) for n in (0, 0, 500, 100))})  # fmt: skip
    annotation[NameObject("/AP")] = DictionaryObject({NameObject("/N"): writer._add_object(look)})
    writer.write(out)
    bound = PdfReader(io.BytesIO(pdf_bound(made=[], framed=[out.getvalue()], stamps=pages("stamp"))))
    [page] = bound.pages
    assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx((595.28, 841.89), abs=0.1)
    assert "/Annots" not in page
    form = page["/Resources"]["/XObject"]["/P"]
    assert b"/Look0 Do" in form.get_data()
    assert "/Look0" in form["/Resources"]["/XObject"]


def test_a_picture_that_is_cut_off_is_refused_and_nothing_is_proposed() -> None:
    world = World()
    world.paper("CONTRACT", picture()[:60])
    with pytest.raises(Refused) as refused:
        world.proposed(steps=("MEDIATION",))
    assert refused.value.code == "paper_broken"
    assert not world.case.escalations.exists()


@pytest.mark.requirement("PL-20")
def test_an_issue_stands_and_another_comes_beside_it_until_the_request_is_decided() -> None:
    world = World()
    request = world.proposed(steps=("MEDIATION",))
    first = request.papers.get()
    browser = signed_in(world.collector)
    assert browser.post(reverse("case_pack", args=[world.case.pk]), {"language": "en"}).status_code == 302
    second = request.papers.latest("pk")
    assert (second.number, second.language) == (first.number[:-1] + "2", "en")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Paper.objects.filter(pk=first.pk).update(title="other")
    request.refresh_from_db()
    world.approve(request)
    with pytest.raises(Conflict):
        pack_make(user=world.collector, request=request)
    browser.post(reverse("case_pack", args=[world.case.pk]))
    assert request.papers.count() == 2


@pytest.mark.requirement("PL-20")
def test_completeness_is_told_for_the_steps_and_for_filing() -> None:
    world = World()

    def missing(*steps: str) -> list[str]:
        return [line.kind for line in pack_needs(case=world.case, steps=steps).missing]

    assert missing("CLAIM") == ["CONTRACT", "NOTE"]
    world.paper("CONTRACT")
    assert missing("NOTE_ENFORCEMENT") == ["NOTE"]
    world.paper("NOTE")
    assert missing("NOTE_ENFORCEMENT") == []
    assert pack_complete(case=world.case).complete is False, "nothing is bound yet"
    request = world.approve(world.proposed())
    escalation_sign(user=world.signatory, request=request, digest=request.digest)
    world.case.refresh_from_db()
    assert pack_complete(case=world.case).complete is True
    assert a_case(world.client, ref="D-9").attempts.count() == 0
    untried = a_case(world.client, ref="D-8")
    assert "CONTACT_PROOF" in [line.kind for line in pack_needs(case=untried, steps=["CLAIM"]).missing]


@pytest.mark.requirement("PL-20", "PL-21")
def test_the_client_reads_the_papers_of_its_requests_and_no_others() -> None:
    world = World()
    brought = world.paper("CONTRACT")
    request = world.proposed(steps=("MEDIATION",))
    pack = request.papers.get(kind="PACK")
    browser = signed_in(world.signatory)
    door = reverse("portal_paper", args=[pack.pk])
    assert browser.get(door).status_code == 404, "the house still talks about it"
    world.approve(request)
    page = browser.get(reverse("portal_authorisation", args=[request.pk]))
    assert door in page.content.decode()
    assert len(page.context["checks"]) == 10
    got = browser.get(door)
    assert got.status_code == 200
    assert hashlib.sha256(got.content).hexdigest() == pack.sha256
    assert AccessRecord.objects.filter(user=world.signatory, what="paper.read", subject_id=pack.pk).count() == 1
    assert browser.get(reverse("portal_paper", args=[brought.pk])).status_code == 404
    other = make_client("BBB")
    stranger = signed_in(make_user("CLIENT_SIGNATORY", client=other, name="stranger"))
    assert stranger.get(door).status_code == 404


@pytest.mark.requirement("PL-21")
def test_the_written_authorisation_is_made_in_the_act_of_signing() -> None:
    world = World(amount="4321.00")
    authorisation = world.authorised()
    paper = Paper.objects.get(authorisation=authorisation, kind="AUTHORISATION")
    assert (paper.number, paper.language, paper.added_by) == (authorisation.number, "ar", world.signatory)
    said = flat(" ".join(words_of(paper)))
    assert authorisation.number in said
    assert authorisation.document_hash in said.replace(" ", "")
    assert figure(authorisation.ceiling) in said
    assert str(authorisation.valid_until.year) in said
    assert world.case.debts.get().debt_ref in said
    shown = signed_in(world.signatory).get(reverse("portal_authorisation", args=[authorisation.request_id]))
    assert reverse("portal_paper", args=[paper.pk]) in shown.content.decode()


def test_reasons_stand_on_the_cover() -> None:
    world = World(days_late=5)
    request = world.proposed(steps=("MEDIATION",))
    assert request.checks.filter(ok=False).exists()
    cover = flat(" ".join(words_of(request.papers.get())[:2]))
    assert BECAUSE.split()[0] in cover
    assert not papers_to_bind(case=world.case).exists()


def test_the_trail_shows_the_end_of_a_number_and_of_an_address_no_more_than_elsewhere() -> None:
    world = World(mobile="0551234748", email="saleh@shop.example")
    for kind, channel in (("MOBILE", "PHONE"), ("EMAIL", "EMAIL")):
        contact_record(
            actor=ACTOR, user=world.collector, case=world.case, channel=channel, reached="NO_ONE",
            outcome="NO_ANSWER" if kind == "MOBILE" else "SENT", breach_reason="خارج الساعات",
            contact_point=world.case.debtor.contact_points.get(kind=kind),
        )  # fmt: skip
    world.paper("CONTRACT")
    world.paper("NOTE")
    trail = flat(" ".join(words_of(world.proposed(language="en").papers.get(kind="PACK"))))
    assert "…748" in trail
    assert re.search(r"(?<!…)s•••@shop\.example", trail)
    assert "0551234748" not in trail and "saleh@" not in trail
