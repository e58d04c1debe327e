"""What the pages of the credit desk lead to."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from accounts.choices import Role
from credit.choices import NEEDED_PAPERS, CustomerKind
from credit.tests.worlds import a_customer, an_application
from tests.doors import enter, words
from tests.world import make_client, make_user

pytestmark = pytest.mark.django_db


def test_a_refused_submission_leads_to_each_missing_paper() -> None:
    officer = make_user(Role.CREDIT_OFFICER)
    customer = a_customer(make_client(), by=officer, kind=CustomerKind.CASH)
    browser, application = enter(officer), an_application(customer, by=officer)
    response = browser.post(reverse("credit_submit", args=[application.pk]))
    assert response.status_code == 422
    links = re.findall(r'href="([^"#]*\?paper=[A-Z_]+)#paper"', words(response))
    assert len(links) == len(NEEDED_PAPERS[CustomerKind.CASH])
    for link in links:
        # As a browser reads it: from the address that refused, which itself only takes what is sent.
        assert browser.get(link, follow=False).status_code == 200
