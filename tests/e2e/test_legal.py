"""The way to court at a real browser: from a collector's proposal to the task that a payment raises."""

from __future__ import annotations

import io
import re

import pytest
from django.utils import translation
from playwright.sync_api import expect
from pypdf import PdfReader

from accounts.choices import Role
from collections_app.models import Authorisation
from collections_app.services.contacts import contact_record
from legal.choices import LegalTaskKind
from legal.models import Claim, LegalFile, LegalTask, Notice, Paper
from legal.selectors.papers import paper_content
from legal.tests.worlds import a_lawyer
from tests.browsing import Surfer, overflow
from tests.doors import LANGUAGES
from tests.e2e.conftest import Agency
from tests.e2e.hands import follow, send
from tests.e2e.test_journeys import path, prove, totp
from tests.world import ACTOR, a_pdf, enrol, make_user


def _signed(agency: Agency, surfer: Surfer, language: str) -> Authorisation:
    """The collector proposes, the manager approves, the client's signatory signs in the portal."""
    case = agency.cases[0]
    contact_record(
        actor=ACTOR, user=agency.collector, case=case, channel="PHONE", reached="HOLDER", outcome="OFFERED",
        breach_reason="خارج ساعات التواصل",
    )  # fmt: skip
    collector = surfer.window(agency.collector, language)
    collector.goto(f"/cases/{case.pk}/")
    follow(collector, f"a[href='/cases/{case.pk}/escalate/']")
    paper = {"name": "paper.pdf", "mimeType": "application/pdf", "buffer": a_pdf()}
    collector.set_input_files("[name=contracts]", [{**paper, "name": "contract.pdf"}])
    collector.set_input_files("[name=instruments]", [{**paper, "name": "note.pdf"}])
    for reason in collector.locator("textarea[name^=because_]").all():
        reason.fill("وافقت الجهة على ذلك كتابة.")
    collector.check("[name=steps][value=FINAL_NOTICE]")
    collector.check("[name=steps][value=CLAIM]")
    collector.fill("[name=cost_ceiling]", "600")
    collector.fill("[name=grounds]", "محاولات تواصل كثيرة ووعود لم تُوفَ")
    collector.click("main form button.primary")
    collector.wait_for_url(f"**/cases/{case.pk}/")

    manager = surfer.window(agency.manager, language)
    manager.goto("/")
    assert path(manager) == "/approvals/"
    request = case.escalations.get()
    manager.goto(f"/approvals/{request.pk}/")
    manager.click("button[name=decision][value=APPROVED]")
    prove(manager, "not the password")
    expect(manager.locator("[role=alert]")).to_be_visible()
    request.refresh_from_db()
    assert request.status == "PROPOSED", "without the proof nothing is decided"
    prove(manager)
    manager.wait_for_url(lambda url: "/confirm/" not in url)
    request.refresh_from_db()
    assert (request.status, request.decided_by) == ("APPROVED", agency.manager)

    reader = surfer.window(agency.reader, language)
    reader.goto(f"/portal/authorisations/{request.pk}/")
    assert reader.locator("form[action$='/sign/']").count() == 0, "a reader signs nothing"

    signatory = surfer.window(agency.signatory, language)
    signatory.goto("/")
    follow(signatory, f"a[href='/portal/authorisations/{request.pk}/']")
    assert signatory.locator("form[action$='/sign/']").count() == 0, "not without a second factor"
    expect(signatory.locator("main a[href='/account/factor/app/']")).to_be_visible()
    secret = enrol(agency.signatory)
    signatory.reload()
    signatory.fill("form[action$='/sign/'] [name=power]", "المفوّض بالتوقيع بموجب عقد التأسيس")
    signatory.click("form[action$='/sign/'] button")
    signatory.wait_for_url("**/account/factor/confirm/**")
    signatory.fill("[name=code]", totp(secret))
    signatory.press("[name=code]", "Enter")
    signatory.wait_for_url(lambda url: "/confirm/" not in url)
    authorisation = Authorisation.objects.get()
    assert (authorisation.signatory, authorisation.case_id) == (agency.signatory, case.pk)
    case.refresh_from_db()
    assert case.track == "LEGAL"
    collector.goto(f"/cases/{case.pk}/")
    expect(collector.get_by_text(authorisation.number).first).to_be_visible()
    assert collector.locator("a[href$='/escalate/']").count() == 0
    return authorisation


def _text(paper: Paper) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(paper_content(paper=paper))).pages)


@pytest.mark.requirement("DC-06", "PL-20", "PL-21", "PL-22", "PL-23")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_case_goes_to_court_and_a_payment_asks_for_a_lower_claim(
    agency: Agency, surfer: Surfer, language: str
) -> None:
    authorisation = _signed(agency, surfer, language)
    case = authorisation.case
    officer_ = make_user(Role.LEGAL_OFFICER, name="legal")
    lawyer = a_lawyer(by=officer_)
    officer = surfer.window(officer_, language)
    officer.goto("/")
    assert path(officer) == "/legal/"
    expect(officer.get_by_text(authorisation.number).first).to_be_visible()

    # The final notice: numbered, handed to the post under the live authorisation, served with proof.
    officer.goto(f"/cases/{case.pk}/notices/new/")
    officer.click("main form button.primary")
    officer.wait_for_url(re.compile(r"/notices/\d+/$"))
    notice = Notice.objects.get()
    told = _text(notice.paper)
    assert notice.number in told and "8,900.00" not in told
    assert f"{notice.amount:,.2f}" in told and notice.amount == case.balance
    officer.fill("[name=tracking]", "RR123456789SA")
    officer.click("form[action$='/send/'] button.primary")
    prove(officer)
    officer.wait_for_url(lambda url: "/confirm/" not in url)
    notice.refresh_from_db()
    assert notice.state == "SENT" and notice.act is not None and notice.act.authorisation_id == authorisation.pk
    officer.set_input_files(
        "form[action$='/served/'] [name=proof]", {"name": "p.pdf", "mimeType": "application/pdf", "buffer": a_pdf()}
    )
    officer.click("form[action$='/served/'] button.primary")
    expect(officer.locator("form[action$='/served/']")).to_have_count(0)
    notice.refresh_from_db()
    assert notice.state == "SERVED"

    # The file goes to a lawyer, and the claim to the court for what is owed.
    officer.goto(f"/legal/authorisations/{authorisation.pk}/file/")
    officer.select_option("[name=lawyer]", str(lawyer.pk))
    officer.click("main form button.primary")
    officer.wait_for_url(re.compile(r"/legal/files/\d+/$"))
    file = LegalFile.objects.get()
    assert file.lawyer == lawyer
    officer.locator("details:has(form[action$='/claims/']) > summary").click()
    officer.fill("form[action$='/claims/'] [name=amount]", str(case.balance))
    officer.fill("form[action$='/claims/'] [name=reference]", "4470012345")
    officer.click("form[action$='/claims/'] button")
    expect(officer.get_by_text("4470012345").first).to_be_visible()
    claim = Claim.objects.get()
    assert (claim.amount, claim.file_id) == (case.balance, file.pk)
    assert overflow(officer) <= 0

    # Money comes: the claim asks for more than is owed, and the desk is told in the same moment.
    leader = surfer.window(agency.leader, language)
    leader.goto(f"/cases/{case.pk}/")
    send(leader, "/payment/", amount="500", reference="TRF-1")
    task = LegalTask.objects.get(kind=LegalTaskKind.AMEND_CLAIM)
    assert (task.state, task.claim_id, task.case_id) == ("OPEN", claim.pk, case.pk)
    with translation.override(language):
        words = str(LegalTaskKind.AMEND_CLAIM.label)
    officer.goto("/legal/")
    expect(officer.get_by_text(words).first).to_be_visible()
    officer.goto(f"/legal/files/{file.pk}/")
    expect(officer.get_by_text(words).first).to_be_visible()
