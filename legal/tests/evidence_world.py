"""A case that meets every condition of escalation, and what its tests need around it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from PIL import Image
from pypdf import PdfReader, PdfWriter

from accounts.choices import Role
from accounts.models import User
from collections_app.models import Authorisation, Case, EscalationRequest
from collections_app.services.contacts import contact_record
from collections_app.services.default import defaults_judge
from collections_app.services.stages import book_open
from common import clock
from common.audit import Actor
from legal.models import Paper
from legal.selectors.criteria import criteria_of
from legal.selectors.packs import papers_to_bind
from legal.selectors.papers import paper_content
from legal.services.escalations import escalation_decide, escalation_sign
from legal.services.papers import paper_add
from legal.services.proposals import proposal_make
from tests.world import ACTOR, a_case, an_escalation, make_client, make_user

GROUNDS = "محاولات تواصل ناجحة وعروض سداد لم تُقبل."
BECAUSE = "وافقت الجهة على ذلك في اجتماعها معنا."


def contact(case: Case, *, by: User, outcome: str = "OFFERED", reached: str = "HOLDER", **given: Any) -> None:
    """One contact that was made, whatever the hour."""
    contact_record(
        actor=Actor.person(by), user=by, case=case, channel="PHONE", reached=reached, outcome=outcome,
        breach_reason="كان خارج ساعات التواصل", **given,
    )  # fmt: skip


class World:
    """A client, its people, and one case late enough, offered something and reached; the book stands at today."""

    def __init__(self, **case: Any) -> None:
        self.client = make_client("AAA")
        self.collector = make_user(Role.COLLECTOR)
        self.manager = make_user(Role.COLLECTIONS_MANAGER)
        self.officer = make_user(Role.LEGAL_OFFICER)
        self.signatory = make_user(Role.CLIENT_SIGNATORY, client=self.client)
        self.case = a_case(self.client, owner=self.collector, **{"days_late": 120, **case})
        for _n in range(3):
            contact(self.case, by=self.collector)
        self.opened()

    def opened(self) -> None:
        """The book at today: stages and defaults as the night would tell them."""
        with transaction.atomic():
            book_open(client_id=self.client.pk, day=clock.today())
            ids = list(Case.objects.filter(client=self.client).values_list("pk", flat=True))
            defaults_judge(client_id=self.client.pk, case_ids=ids, day=clock.today())
        self.case = Case.objects.select_related("client__stage_policy", "debtor__party", "stage__policy").get(
            pk=self.case.pk
        )

    def paper(self, kind: str, content: bytes | None = None, title: str = "") -> Paper:
        return paper_add(
            user=self.collector, case=self.case, kind=kind, title=title or f"paper {kind}", name="p.pdf",
            content=content or pages("one page"),
        )  # fmt: skip

    def because(self) -> dict[str, str]:
        told = criteria_of(case=self.case, today=clock.today())
        return {line.criterion: BECAUSE for line in told if not line.ok}

    def proposed(
        self, *, steps: tuple[str, ...] = ("FINAL_NOTICE", "CLAIM"), language: str = "ar"
    ) -> EscalationRequest:
        return proposal_make(
            user=self.collector, case=self.case, grounds=GROUNDS, steps=steps, because=self.because(),
            papers=list(papers_to_bind(case=self.case)), language=language, cost_ceiling=Decimal("500.00"),
        )  # fmt: skip

    def authorised(self, *, steps: Sequence[str] = ("FINAL_NOTICE", "CLAIM"), valid_days: int = 90) -> Authorisation:
        request = an_escalation(
            self.case, by=self.collector, approved_by=self.manager, steps=steps, valid_days=valid_days
        )
        authorisation = escalation_sign(user=self.signatory, request=request, digest=request.digest)
        self.case.refresh_from_db()
        return authorisation

    def approve(self, request: EscalationRequest) -> EscalationRequest:
        return escalation_decide(user=self.manager, request=request, decision="APPROVED", digest=request.digest)


def pages(*sizes: Any) -> bytes:
    """A PDF with a page for each: (width, height, turned by)."""
    writer, out = PdfWriter(), io.BytesIO()
    for size in sizes:
        width, height, turn = size if isinstance(size, tuple) else (595, 842, 0)
        writer.add_blank_page(width=width, height=height).rotate(turn)
    writer.write(out)
    return out.getvalue()


def picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "navy").save(out, kind)
    return out.getvalue()


def words_of(paper: Paper) -> list[str]:
    """What each page of a paper says."""
    content = paper_content(paper=Paper.objects.select_related("case__debtor__party").get(pk=paper.pk))
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


__all__ = ["ACTOR", "BECAUSE", "GROUNDS", "World", "contact", "pages", "picture", "words_of"]
