"""An account is opened before anything is owed, and what is placed later hangs on it."""

from __future__ import annotations

import pytest

from accounts.choices import Role
from collections_app.models import Case, Debtor
from common.exceptions import Refused
from credit.tests.worlds import a_customer
from tests.world import a_case, make_client, make_user

pytestmark = pytest.mark.django_db


def test_invoices_placed_later_hang_on_the_account_and_make_its_case() -> None:
    client, officer = make_client("AAA"), make_user(Role.CREDIT_OFFICER)
    customer = a_customer(client, by=officer, ref="C-77")
    assert not Case.objects.exists()
    case = a_case(client, ref="C-77")
    assert case.debtor_id == customer.debtor_id
    a_case(client, ref="C-78")
    assert (Debtor.objects.count(), Case.objects.count()) == (2, 2)
    assert case.receivables.count() == 1


def test_one_account_has_one_file_with_a_client() -> None:
    client, officer = make_client("AAA"), make_user(Role.CREDIT_OFFICER)
    a_customer(client, by=officer)
    with pytest.raises(Refused, match="customer_known"):
        a_customer(client, by=officer)
    a_customer(make_client("BBB"), by=officer)
