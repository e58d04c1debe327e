"""Two hundred weekly reports on two workers, killed half way (`make faults`)."""

from __future__ import annotations

import pytest

from common import clock
from tests.faults.conftest import Campaign
from tests.faults.house import House
from tests.faults.reports import build_clients, killed_half_way
from tests.measured import keep

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
# Beside the three of the house.
CLIENTS = 97
WANTED = 200


@pytest.mark.requirement("DC-08", "PL-53")
def test_two_hundred_reports_without_a_double_or_a_gap(campaign: Campaign, house: House) -> None:
    build_clients(count=CLIENTS, today=campaign.today)
    outcome = killed_half_way(house=house, wanted=WANTED)
    keep("reports.jsonl", what="killed half way", on=clock.today().isoformat(), reports=WANTED, **outcome)
    assert outcome["wrong"] == []
