"""An act and a revocation at once, in both orders, on two connections: by the services, and by SQL alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from collections_app.models import Authorisation
from common import clock
from common.exceptions import Refused
from legal.models import Claim, LegalAct, LegalCost
from legal.services.authorisations import authorisation_revoke
from legal.tests.authority_world import ACT_BY_SQL, CLAIM_BY_SQL, COST_BY_SQL, Desk, by_sql

pytestmark = pytest.mark.django_db(transaction=True)


def while_held(first: Callable[[], Any], second: Callable[[], Any]) -> BaseException | None:
    """Do the first and hold its transaction open until the second waits for it; what the second came to."""
    came: list[BaseException | None] = []
    pids: list[int] = []
    begun = threading.Event()

    def other() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            begun.set()
            second()
            came.append(None)
        except BaseException as error:
            came.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=other)
    with transaction.atomic():
        first()
        thread.start()
        assert begun.wait(30)
        for _turn in range(2000):
            with connection.cursor() as cursor:
                cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0, pg_sleep(0.01)", [pids[0]])
                if cursor.fetchone()[0]:
                    break
        else:
            raise AssertionError("the second did not wait for the first")
    thread.join(60)
    return came[0]


class Race:
    def __init__(self) -> None:
        self.desk = Desk()
        self.authorisation = self.desk.signed()
        self.desk.file(self.authorisation)

    def revoke(self) -> None:
        authorisation_revoke(user=self.desk.manager, authorisation=self.authorisation, reason="س")

    def revoke_by_sql(self) -> None:
        ends = {"revoked_at": clock.now(), "revoked_by": self.desk.manager, "revoked_reason": "س"}
        with transaction.atomic():
            assert Authorisation.objects.filter(pk=self.authorisation.pk).update(**ends) == 1

    def act(self) -> None:
        self.desk.act(self.authorisation)

    def act_by_sql(self) -> None:
        by_sql(ACT_BY_SQL, authorisation=self.authorisation.pk)

    def claim(self) -> None:
        self.desk.claim(self.authorisation, "600.00")

    def claim_by_sql(self) -> None:
        told = {"authorisation": self.authorisation.pk, "kind": "FILING", "amount": 600}
        with transaction.atomic():
            found = by_sql(CLAIM_BY_SQL, file=self.desk.file(self.authorisation).pk, **told)
            by_sql(ACT_BY_SQL, claim=found, **told)

    def cost(self) -> None:
        self.desk.cost(self.authorisation, "60.00")

    def cost_by_sql(self) -> None:
        by_sql(COST_BY_SQL, authorisation=self.authorisation.pk, kind="OTHER", amount=60)

    def written(self) -> int:
        return LegalAct.objects.count() + Claim.objects.count() + LegalCost.objects.count()


DOINGS = ["act", "act_by_sql", "claim", "claim_by_sql", "cost", "cost_by_sql"]


@pytest.mark.requirement("PL-21")
@pytest.mark.parametrize("revoke", ["revoke", "revoke_by_sql"])
@pytest.mark.parametrize("doing", DOINGS)
def test_revoked_first_nothing_is_done(doing: str, revoke: str) -> None:
    race = Race()
    came = while_held(getattr(race, revoke), getattr(race, doing))
    assert isinstance(came, IntegrityError if doing.endswith("sql") else Refused)
    said = came.code if isinstance(came, Refused) else came.__cause__.diag.constraint_name  # type: ignore[union-attr]
    assert said == "authorisation_revoked"
    assert race.written() == 0


@pytest.mark.requirement("PL-21")
@pytest.mark.parametrize("revoke", ["revoke", "revoke_by_sql"])
@pytest.mark.parametrize("doing", DOINGS)
def test_done_first_the_revocation_comes_after(doing: str, revoke: str) -> None:
    race = Race()
    assert while_held(getattr(race, doing), getattr(race, revoke)) is None
    race.authorisation.refresh_from_db()
    assert race.authorisation.revoked_at is not None
    assert race.written() >= 1
    assert all(act.recorded_at < race.authorisation.revoked_at for act in LegalAct.objects.all())


@pytest.mark.requirement("PL-21")
@pytest.mark.parametrize("doing", ["claim", "claim_by_sql", "cost", "cost_by_sql"])
def test_of_two_amounts_at_once_that_do_not_fit_together_one_is_refused(doing: str) -> None:
    race = Race()
    came = while_held(getattr(race, doing), getattr(race, doing))
    assert isinstance(came, Refused | IntegrityError)
    kept = Claim.objects.count() + LegalCost.objects.count()
    assert kept == 1
