"""The pages of authorisations: who sees what, and each refusal in words beside its field."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.urls import reverse

from accounts.choices import Role
from collections_app.models import EscalationRequest
from common import clock
from legal.models import LegalAct, LegalCost
from legal.services.authorisations import authorisation_revoke
from legal.tests.authority_world import Desk
from tests.doors import LANGUAGES, enter, queries
from tests.doors import words as html_of
from tests.world import debts_ticked, make_user, signed_in

pytestmark = pytest.mark.django_db
TODAY = clock.today


def words(response: Any) -> str:
    """What a person reads of a page: a figure in one piece, whatever it is drawn with."""
    return html.unescape(re.sub(r"<[^>]+>", "", html_of(response)))


@pytest.mark.requirement("PL-21")
class TestTheList:
    def test_live_ending_and_over_each_in_its_list_with_their_counts(self) -> None:
        live, ending, over = Desk("AAA"), Desk("BBB"), Desk("CCC")
        a, b, c = live.signed(), ending.signed(days=20), over.signed()
        authorisation_revoke(user=over.manager, authorisation=c, reason="س")
        browser = signed_in(live.officer)
        for view, rows in (("live", [b, a]), ("ending", [b]), ("ended", [c])):
            page = browser.get(reverse("authorisations"), {"view": view})
            assert [card.authorisation for card in page.context["cards"]] == rows
            assert page.context["counts"] == {"live": 2, "ending": 1, "ended": 1}
        found = browser.get(reverse("authorisations"), {"client": live.client.pk})
        assert [card.authorisation for card in found.context["cards"]] == [a]
        assert not browser.get(reverse("authorisations"), {"q": "لا أحد"}).context["cards"]

    def test_more_rows_ask_no_more(self) -> None:
        first = Desk("AAA")
        first.signed()
        browser = signed_in(first.officer)
        few = queries(lambda: browser.get(reverse("authorisations")))
        for code in ("BBB", "CCC", "DDD"):
            Desk(code).signed()
        assert queries(lambda: browser.get(reverse("authorisations"))) == few

    def test_what_is_not_seen_is_not_there(self) -> None:
        desk = Desk()
        authorisation = desk.signed()
        for role in (Role.COLLECTOR, Role.TEAM_LEADER, Role.FINANCE_MANAGER, Role.COMPLAINTS_OFFICER):
            browser = signed_in(make_user(role, name=f"x{role.lower()}"))
            assert browser.get(reverse("authorisation", args=[authorisation.pk])).status_code == 404
        reader = signed_in(make_user(Role.GENERAL_MANAGER))
        assert reader.get(reverse("authorisation", args=[authorisation.pk])).status_code == 200
        told = {"kind": "MEDIATION", "on": TODAY()}
        assert reader.post(reverse("authorisation_act", args=[authorisation.pk]), told).status_code == 404


@pytest.mark.requirement("PL-21", "PL-23")
class TestTheCard:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_card_says_what_is_permitted_and_what_is_left(self, language: str) -> None:
        desk = Desk()
        authorisation = desk.signed()
        desk.claim(authorisation, "600.00")
        desk.cost(authorisation, "40.00")
        page = enter(desk.officer, language).get(reverse("authorisation", args=[authorisation.pk]))
        said = words(page)
        for part in (authorisation.number, "400.00", "600.00", "60.00", "40.00", "AAA-1"):
            assert part in said

    def test_acts_are_recorded_from_it_and_costs_until_a_lawyer_has_the_case(self) -> None:
        desk = Desk()
        authorisation = desk.signed()
        browser, home = signed_in(desk.officer), reverse("authorisation", args=[authorisation.pk])
        day = TODAY().isoformat()
        cost = {"kind": "SERVICE", "on": day, "amount": "40.00"}
        for name, told in (("authorisation_act", {"kind": "MEDIATION", "on": day}), ("authorisation_cost", cost)):
            answer = browser.post(reverse(name, args=[authorisation.pk]), told)
            assert (answer.status_code, answer.headers.get("Location")) == (302, home)
        assert reverse("legal_file_new", args=[authorisation.pk]) in html_of(browser.get(home))
        back = reverse("cost_reverse", args=[LegalCost.objects.get().pk])
        assert back in html_of(browser.get(home))
        assert browser.post(back, {"reason": "مكررة"}).status_code == 302
        assert [act.kind for act in LegalAct.objects.all()] == ["MEDIATION"]
        assert sum(LegalCost.objects.values_list("amount", flat=True)) == 0
        # Then the file is where they are recorded, and the card leads there.
        file = desk.file(authorisation)
        page = html_of(browser.get(home))
        assert reverse("legal_file", args=[file.pk]) in page
        assert reverse("authorisation_cost", args=[authorisation.pk]) not in page
        led = browser.post(reverse("authorisation_cost", args=[authorisation.pk]), cost)
        assert led.headers["Location"] == reverse("legal_file", args=[file.pk])
        assert LegalCost.objects.count() == 2, "the cost and what took it back"
        of_file = desk.cost(authorisation, file=file)
        assert browser.post(reverse("cost_reverse", args=[of_file.pk]), {"reason": "س"}).status_code == 404
        claim = desk.claim(authorisation, "600.00")
        assert f'href="{reverse("legal_file", args=[claim.file_id])}"' in html_of(browser.get(home))

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_each_refusal_stands_beside_its_field(self, language: str) -> None:
        desk = Desk()
        authorisation = desk.signed(steps=("CLAIM",))
        browser, today = enter(desk.officer, language), TODAY()
        for name, told, form, field in (
            ("authorisation_act", {"kind": "MEDIATION", "on": today}, "act_form", "kind"),
            ("authorisation_act", {"kind": "ENFORCEMENT", "on": today - dt.timedelta(days=1)}, "act_form", "on"),
            ("authorisation_act", {"kind": "HEARING", "on": today}, "act_form", "claim"),
            ("authorisation_cost", {"kind": "OTHER", "on": today, "amount": "100.01"}, "cost_form", "amount"),
        ):  # fmt: skip
            page = browser.post(reverse(name, args=[authorisation.pk]), told)
            assert page.status_code == 422
            errors = page.context[form].errors[field]
            assert errors and errors[0] in words(page)
        assert not LegalAct.objects.exists()
        assert not LegalCost.objects.exists()

    def test_the_manager_revokes_after_a_proof_and_asks_for_renewal(self) -> None:
        desk = Desk()
        authorisation = desk.signed(days=20)
        address = reverse("authorisation_revoke", args=[authorisation.pk])
        renew = reverse("authorisation_renew", args=[authorisation.pk])
        page = signed_in(desk.officer).get(renew)
        assert page.context["form"].initial["steps"] == authorisation.steps
        told = {"steps": ["CLAIM"], "cost_ceiling": "10", "valid_days": 60, "grounds": "تجديد لاستكمال المطالبة.",
                **debts_ticked(desk.case)}  # fmt: skip
        assert signed_in(desk.officer).post(renew, told).status_code == 302
        assert EscalationRequest.objects.filter(status="PROPOSED", prepared_by=desk.officer).count() == 1
        assert signed_in(desk.officer, proven=True).post(address, {"reason": "س"}).status_code == 404
        assert "/confirm/" in signed_in(desk.manager).post(address, {"reason": "س"}).headers["Location"]
        assert signed_in(desk.manager, proven=True).post(address, {"reason": "بطلب الجهة"}).status_code == 302
        authorisation.refresh_from_db()
        assert authorisation.revoked_by == desk.manager


@pytest.mark.requirement("PL-21")
class TestElsewhere:
    def test_the_signatory_reads_the_card_and_revokes_in_the_portal(self) -> None:
        desk, other = Desk("AAA"), Desk("BBB")
        authorisation = desk.signed()
        desk.claim(authorisation, "600.00")
        desk.cost(authorisation)
        page = reverse("portal_authorisation", args=[authorisation.request_id])
        assert "400.00" in words(signed_in(desk.signatory).get(page))
        address = reverse("portal_revoke", args=[authorisation.request_id])
        assert signed_in(other.signatory, proven=True).post(address, {"reason": "س"}).status_code == 404
        assert "/confirm/" in signed_in(desk.signatory).post(address, {"reason": "س"}).headers["Location"]
        browser = signed_in(desk.signatory, proven=True)
        assert browser.post(address, {"reason": " "}).status_code == 422
        assert browser.post(address, {"reason": "تسوية مباشرة"}).status_code == 302
        authorisation.refresh_from_db()
        assert (authorisation.revoked_by, authorisation.revoked_reason) == (desk.signatory, "تسوية مباشرة")
        said = words(browser.get(page))
        assert "تسوية مباشرة" in said
        assert "400.00" not in said  # nothing more is claimed under it

    def test_the_case_shows_its_authorisation_and_its_acts(self) -> None:
        desk = Desk()
        authorisation = desk.signed()
        act = desk.act(authorisation, note="أُرسل بالبريد المسجل")
        page = signed_in(desk.collector).get(reverse("case", args=[desk.case.pk]))
        said = words(page)
        assert authorisation.number in said
        assert act.note in said
        assert [panel["authorisation"] for panel in page.context["panels"] if "authorisation" in panel] == [
            authorisation
        ]
