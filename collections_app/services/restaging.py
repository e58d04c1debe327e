"""Re-staging a book when a policy begins: the only writer of how far each place of an approved change has come.

The night does it: its step ``policies`` marks, before the aging, every receivable that the new version rules, so that a
gap of days stays in order and no worker's death makes a night wrong. What a worker does beforehand, in chunks and with
progress, is to mark them for that day, so that the night finds the work prepared. Where a book stands at the first day
already and the night has not seen to it, the worker ages chunk by chunk as well.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from clients.choices import ChangeStatus, RestageState
from clients.models import Client, StageChangePlace
from clients.services.stage_policies import stage_policy_take_effect
from collections_app.models import Case
from collections_app.services import stage_actions, stages
from common import clock
from common.audit import Actor, record
from common.db import rows

CHUNK = 2_000
ACTOR = Actor.system("restage")

_NEXT_CASES = """
SELECT id FROM collections_app_case WHERE client_id = %(client_id)s AND id > %(after)s
ORDER BY id LIMIT %(chunk)s FOR NO KEY UPDATE
"""


def restage_run(*, place_id: int) -> str:
    """Prepare, or where its day has come re-stage, the book of one place; the state it is left in.

    Chunks of cases, each a transaction that also writes how far it came: a killed worker's successor goes on there,
    two at once take turns, and a place that is done stays as it is.
    """
    while True:
        with transaction.atomic():
            state, more = _chunk(place_id=place_id)
        if not more:
            return state


def _chunk(*, place_id: int) -> tuple[str, bool]:
    client_id = StageChangePlace.objects.values_list("client_id", flat=True).get(pk=place_id)
    # One order of locks everywhere: the client, its cases by id, their receivables. The book stands still meanwhile.
    client = Client.objects.select_for_update(no_key=True).get(pk=client_id)
    place = StageChangePlace.objects.select_for_update(of=("self",)).select_related("change").get(pk=place_id)
    starts_on = place.change.starts_on
    # The book's date once it has come to the policy's first day; None while that lies ahead.
    today = client.book_date if client.book_date is not None and client.book_date >= starts_on else None
    if (
        place.change.status != ChangeStatus.APPROVED
        or place.state == RestageState.DONE
        or (place.state == RestageState.READY and today is None)
    ):
        return place.state, False
    if place.state in {RestageState.WAITING, RestageState.READY}:
        place.cases_total, place.cases_done, place.last_case_id = Case.objects.filter(client=client).count(), 0, 0
        place.state = RestageState.RUNNING
    if today is not None:
        stage_policy_take_effect(client_id=client_id, day=today)
    found = rows(_NEXT_CASES, {"client_id": client_id, "after": place.last_case_id, "chunk": CHUNK})
    ids = [row["id"] for row in found]
    if ids:
        place.looked_at += stages.receivables_look_again_of_client(
            client_id=client_id, day=today or starts_on, product=place.product, case_ids=ids
        )
        if today is not None:
            stages.receivables_age(client_id=client_id, day=today, case_ids=ids)
        place.cases_done, place.last_case_id = place.cases_done + len(ids), ids[-1]
    if len(ids) < CHUNK:
        _finish(place=place, today=today)
    place.save()
    return place.state, len(ids) == CHUNK


def _finish(*, place: StageChangePlace, today: dt.date | None) -> None:
    place.cases_done = place.cases_total
    place.state = RestageState.READY
    if today is not None:
        place.state, place.finished_at = RestageState.DONE, clock.now()
        # A stage that stands since today asks for its action, whether the night or a worker brought it.
        stage_actions.stage_actions_fire(client_id=place.client_id, since=today - dt.timedelta(days=1), day=today)
    record(
        actor=ACTOR,
        action="client.restage_prepared" if today is None else "client.restaged",
        subject=place,
        client_id=place.client_id,
        body={"change": place.change_id, "product": place.product, "looked_at": place.looked_at},
    )


def step_policies(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    """A step of the night, after the book moved and before it is aged: versions whose first day has come rule.

    How many receivables the aging of this day must look at because of it. Also what no worker has prepared: a
    receivable placed since, or one whose mark a later event took away.
    """
    stage_policy_take_effect(client_id=client_id, day=day)
    begun = (
        StageChangePlace.objects.select_for_update(of=("self",))
        .filter(client_id=client_id, change__status=ChangeStatus.APPROVED, change__starts_on__lte=day)
        .exclude(state=RestageState.DONE)
        .order_by("change__starts_on", "pk")
    )
    marked = 0
    for place in begun:
        count = stages.receivables_look_again_of_client(client_id=client_id, day=day, product=place.product)
        place.looked_at += count
        place.cases_done, place.state, place.finished_at = place.cases_total, RestageState.DONE, clock.now()
        place.save(update_fields=["looked_at", "cases_done", "state", "finished_at"])
        marked += count
    return marked


def places_unfinished() -> list[int]:
    """Places a worker should go on with: nobody began, a worker died, or a book passed the first day without them."""
    approved = StageChangePlace.objects.filter(change__status=ChangeStatus.APPROVED).select_related("change", "client")
    return [
        place.pk
        for place in approved.exclude(state=RestageState.DONE).order_by("pk")
        if place.state != RestageState.READY
        or (place.client.book_date is not None and place.client.book_date >= place.change.starts_on)
    ]
