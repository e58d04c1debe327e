"""What stages ask for, in a browser: drawn in the editor, seen in the preview, shown and answered on the case."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.choices import Role
from collections_app.models import StageRequest
from collections_app.tests.test_stage_actions import a_case_of, a_client, night
from tests.browsing import PHONE, Surfer, overflow
from tests.e2e.test_face import violations
from tests.world import a_stage_draft, make_team, make_user


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("CM-40")
@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_manager_draws_what_stages_ask_for_and_a_leader_answers_it(surfer: Surfer, language: str) -> None:
    client = a_client()
    case = a_case_of(-91, client=client)
    a_case_of(-50, client=client, debtor="E")
    night(case, 0)
    manager = make_user(Role.COLLECTIONS_MANAGER)
    draft = a_stage_draft(client, by=manager, code="NEXT", days={"MIDDLE": 46})
    page = surfer.window(manager, language)
    page.goto(reverse("stage_policy_edit", args=[draft.pk]))
    assert violations(page) == []
    page.locator("[name=s2-actions][value='STOP:CREDIT']").check()
    page.locator("[name=s2-message0]").select_option("FINAL_NOTICE")
    page.locator("[name=s2-channel0]").select_option("LETTER")
    page.locator("[name=s2-recipient0]").select_option("GUARANTOR")
    page.locator("main [name=do][value=preview]").first.click()
    page.wait_for_url("**/preview/**")
    assert violations(page) == []
    actions = draft.rows.get(code="MIDDLE").actions
    assert actions == ["STOP:CREDIT", "MESSAGE:FINAL_NOTICE:LETTER:GUARANTOR"]
    leader = make_user(Role.TEAM_LEADER, team=make_team())
    for size in (None, PHONE):
        page = surfer.window(leader, language, size=size)
        page.goto(reverse("case", args=[case.pk]))
        assert violations(page) == []
        assert overflow(page) <= 0
    proposal = StageRequest.objects.get(action="PROPOSE:RECALL")
    form = page.locator(f"form[action$='/asked/{proposal.pk}/']")
    form.locator("xpath=..").locator("summary").click()
    form.locator("[name=reason]").fill("أعيد إلى الجهة")
    form.locator("[value=TAKEN]").click()
    page.wait_for_url("**/cases/**")
    proposal.refresh_from_db()
    assert (proposal.status, proposal.decided_by) == ("TAKEN", leader)
    page = surfer.window(manager, language)
    page.goto(reverse("inbox"))
    assert violations(page) == []
