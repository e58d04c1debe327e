"""A month of a house as boards look at it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from accounts.choices import Role
from collections_app.models import Case
from collections_app.services.cases import cases_assign
from collections_app.services.contacts import contact_record
from collections_app.services.ledger import payment_post
from collections_app.services.nightly import nightly_run
from common import clock
from tests.world import ACTOR, make_client, make_team, make_user, place

TODAY = dt.date(2026, 6, 30)


class House:
    """Two clients, two teams, and a month: placements, contacts, promises, money, in two currencies."""

    def __init__(self) -> None:
        self.clients = [make_client("AAA"), make_client("BBB", kind="BANK")]
        self.teams = [make_team(), make_team()]
        self.collectors = [make_user(Role.COLLECTOR, team=self.teams[n // 5], name=f"collector{n}") for n in range(6)]
        self.leader = make_user(Role.TEAM_LEADER, team=self.teams[0])
        self.manager = make_user(Role.COLLECTIONS_MANAGER)
        self._placed(0, dt.date(2026, 5, 20), days=(10, 45, 80, -20, 130, 5))
        self._placed(1, dt.date(2026, 6, 8), days=(12, 35, 70, -15, 160, -3))
        nightly_run(date=dt.date(2026, 6, 8))
        self.cases = list(Case.objects.select_related("debtor", "client", "owner").order_by("pk"))
        for n, case in enumerate(self.cases):
            self._worked(n, case)
        with clock.at(clock.at_riyadh(on=TODAY, time=dt.time(0, 15))):
            nightly_run(date=TODAY)

    def _placed(self, which: int, on: dt.date, *, days: tuple[int, ...]) -> None:
        client = self.clients[which]
        with clock.at(clock.at_riyadh(on=on, time=dt.time(9))):
            place(
                client,
                [
                    {
                        "debtor_ref": f"{client.code}-{n}", "receivable_ref": f"R{n}-{k}",
                        "product": ("card", "loan")[k],
                        "debt_ref": f"{client.code}-{n}-{k}", "amount": f"{(900, 12_000)[k] + n}.25",
                        "issued_on": on - dt.timedelta(days=late + 60), "due_on": on - dt.timedelta(days=late),
                        "currency": "USD" if n == 5 else "SAR",
                    }
                    for n, late in enumerate(days) for k in range(2)
                ],
                placed_on=on,
            )  # fmt: skip
            for n in range(6):
                ids = Case.objects.filter(client=client, debtor__debtor_ref=f"{client.code}-{n}").values_list("pk")
                owner = self.collectors[n]
                cases_assign(actor=ACTOR, case_ids=[pk for (pk,) in ids], owner=owner, on=on)

    def _worked(self, n: int, case: Case) -> None:
        reached, outcome = (("HOLDER", "PROMISE"), ("NO_ONE", "NO_ANSWER"), ("HOLDER", "INFORMED"))[n % 3]
        day = dt.date(2026, 6, 9) + dt.timedelta(days=n % 3)
        promise: dict[str, Any] = {}
        if outcome == "PROMISE":
            promise = {"promise_amount": Decimal(100), "promise_on": day + dt.timedelta(days=4)}
        with clock.at(clock.at_riyadh(on=day, time=dt.time(10 + n % 4))):
            contact_record(
                actor=ACTOR, user=case.owner, case=case, channel="PHONE", reached=reached, outcome=outcome,
                breach_reason="", **promise,
            )  # fmt: skip
        if n % 2 == 0 or case.currency == "USD":
            with clock.at(clock.at_riyadh(on=day + dt.timedelta(days=3))):
                payment_post(
                    actor=ACTOR, case=case, amount=Decimal(150 + n), currency=case.currency,
                    value_on=day + dt.timedelta(days=3), reference=f"P{n}",
                )  # fmt: skip
