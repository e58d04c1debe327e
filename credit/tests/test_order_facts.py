"""What an order's answer stands on, where the model of random lives found the product to say otherwise."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.choices import Role
from accounts.models import User
from clients.models import Client
from common import clock
from credit.services.agreements import agreement_end
from credit.tests.order_worlds import a_buyer, codes, ordered
from credit.tests.worlds import Account
from tests.world import make_client, make_user

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def officer(db: None) -> User:
    return make_user(Role.CREDIT_OFFICER)


@pytest.fixture
def client_aaa(db: None) -> Client:
    return make_client("AAA")


@pytest.fixture
def buyer(client_aaa: Client, officer: User) -> Account:
    return a_buyer(client_aaa, by=officer)


@pytest.mark.requirement("CM-17", "CM-23")
def test_an_agreement_that_ended_is_told_as_one_and_not_as_none(buyer: Account) -> None:
    general = make_user(Role.GENERAL_MANAGER)
    agreement_end(user=general, agreement=buyer.agreement, ends_on=clock.today(), reason="بطلب العميل")
    assert codes(ordered(buyer, ref="O-1")) == []
    with clock.at(clock.now() + DAY):
        order = ordered(buyer, ref="O-2")
        assert codes(order) == ["AGREEMENT_ENDED"]
        assert order.reasons[0]["values"] == {"on": (clock.today() - DAY).isoformat()}
