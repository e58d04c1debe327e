"""What was signed and granted stands, whoever writes: by rights of the application, an agreement by trigger too."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.choices import Role
from accounts.models import User
from common import clock
from credit.models import CreditLimit, FacilityAgreement, Instalment
from credit.tests.worlds import Account, an_account
from tests.world import make_client, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("CM-17", "CM-26", "CM-28")]
DAY = dt.timedelta(days=1)


@pytest.fixture
def officer(db: None) -> User:
    return make_user(Role.CREDIT_OFFICER)


@pytest.fixture
def account(officer: User) -> Account:
    return an_account(make_client("AAA"), by=officer)


def refused(match: str, sql: str, *values: Any) -> None:
    with pytest.raises(Exception, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize(
    ("column", "value"),
    [("terms_days", 90), ("signed_on", dt.date(2020, 1, 1)), ("is_earlier", True), ("period_start", "DELIVERY")],
)
def test_no_term_of_an_agreement_is_edited(account: Account, column: str, value: Any) -> None:
    refused("permission denied", f"UPDATE credit_facilityagreement SET {column} = %s", value)


def test_a_limit_and_a_plan_are_neither_edited_nor_taken_away(account: Account) -> None:
    Instalment.objects.create(
        client=account.customer.client, agreement=account.agreement, due_on=clock.today(), amount=Decimal(10)
    )
    for table, column in (("creditlimit", "amount"), ("instalment", "amount")):
        refused("permission denied", f"UPDATE credit_{table} SET {column} = 1000000")
        refused("permission denied", f"DELETE FROM credit_{table}")
    assert CreditLimit.objects.get().amount == account.limit.amount


def test_an_end_comes_earlier_and_is_never_put_off_or_taken_back(account: Account) -> None:
    refused("agreement_stands", "DELETE FROM credit_facilityagreement")
    one, today = FacilityAgreement.objects.filter(pk=account.agreement.pk), clock.today()
    assert one.update(ends_on=today + 9 * DAY, ended_for="بطلب العميل") == 1
    assert one.update(ends_on=today) == 1
    refused("agreement_ended", "UPDATE credit_facilityagreement SET ends_on = %s", today + DAY)
    refused("agreement_ended", "UPDATE credit_facilityagreement SET ends_on = NULL")


def test_a_limit_hangs_on_an_agreement_of_its_own_customer(account: Account, officer: User) -> None:
    other = an_account(account.customer.client, by=officer, ref="C-2")
    with pytest.raises(IntegrityError, match="_of_customer_fk"), transaction.atomic():
        CreditLimit.objects.create(
            client=account.customer.client, customer=account.customer, agreement=other.agreement, amount=Decimal(5),
            ground="POINTS", starts_on=clock.today(), ends_on=clock.today(), granted_by=officer,
            recorded_at=clock.now(),
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
