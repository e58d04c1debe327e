"""A stage policy begins: what the preview says moves, moves; by the night alone, by a worker, or by both."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.urls import reverse

from accounts.choices import Role
from clients.models import Client, StageChange, StageChangePlace, StagePolicy
from clients.services.stage_policies import stage_change_decide
from collections_app.models import Case, Receivable, StageTransition
from collections_app.selectors.ledger_check import ledger_faults
from collections_app.selectors.restaging import places_possible, restaging_preview
from collections_app.selectors.standing import standing_as_of
from collections_app.services import restaging, stages
from collections_app.services.holds import hold_place
from collections_app.services.nightly import nightly_run
from collections_app.services.restaging import places_unfinished, restage_run
from collections_app.tasks import restage_sweep_task
from common import clock
from common.exceptions import Refused
from tests.doors import LANGUAGES, enter, in_language, queries, words
from tests.world import ACTOR, a_stage_change, a_stage_draft, make_client, make_user, place, prove

pytestmark = pytest.mark.django_db
TODAY = clock.today
DAY = dt.timedelta(days=1)
# A day on which no rule of default looks at these receivables for reasons of its own, as it does at ends of months.
WEDNESDAY = dt.date(2026, 11, 25)


@pytest.fixture(autouse=True)
def _a_wednesday_noon() -> Iterator[None]:
    with clock.at(clock.at_riyadh(on=WEDNESDAY)):
        yield


# Days past due of the world's receivables: on the shipped ladder 1–30, 31–60 (three times), 61–90.
AGES = {"A": 10, "B": 40, "C": 45, "D": 50, "E": 70}


def a_bank(code: str = "BNK", **rows: Any) -> Client:
    """A bank with a receivable for each age, its book open today."""
    client = make_client(code, kind="BANK")
    today = TODAY()
    place(
        client,
        [
            {
                "debtor_ref": ref, "receivable_ref": f"{ref}-1", "amount": "100.00",
                "issued_on": today - dt.timedelta(days=late + 60), "due_on": today - dt.timedelta(days=late),
                "product": "Cards" if ref in {"B", "C"} else "", **rows.get(ref, {}),
            }
            for ref, late in AGES.items()
        ],
    )  # fmt: skip
    nightly_run(date=today, client_ids=[client.pk])
    client.refresh_from_db()
    return client


def positions(client: Client) -> dict[str, int | None]:
    found = Receivable.objects.filter(client=client).values_list("case__debtor__debtor_ref", "stage_position")
    return dict(sorted(found))


def agreed(client: Client, *, starts_on: dt.date | None = None, product: str = "", **changes: Any) -> StageChange:
    """A version that opens 31–60 at day 46 only, agreed by two people."""
    manager = make_user(Role.COLLECTIONS_MANAGER, name=f"{client.code}.manager")
    general = make_user(Role.GENERAL_MANAGER, name=f"{client.code}.general")
    draft = a_stage_draft(client, by=manager, **(changes or {"days": {"D31_60": 46}}))
    return a_stage_change(draft, client=client, by=manager, product=product, starts_on=starts_on, approved_by=general)


class TestPreview:
    def test_it_counts_what_would_move_stage_by_stage(self) -> None:
        client = a_bank()
        draft = a_stage_draft(client, by=make_user(Role.COLLECTIONS_MANAGER), days={"D31_60": 46})
        preview = restaging_preview(policy=draft, client=client)
        assert preview is not None
        # B (40) and C (45) would stand in 1–30; D (50) stays in 31–60.
        assert (preview.total, preview.moving, preview.held) == (5, 2, 0)
        assert preview.amounts == (("SAR", Decimal("200.00")),)
        cells = {(was, now): (c.count, c.moves) for was, line in preview.cells.items() for now, c in line.items()}
        assert cells == {(1, 1): (1, False), (2, 1): (2, True), (2, 2): (1, False), (3, 3): (1, False)}
        assert [column["count"] for column in preview.columns] == [0, 3, 1, 1, 0, 0, 0]
        assert [line["total"] for line in preview.table] == [1, 3, 1]
        assert positions(client) == {"A": 1, "B": 2, "C": 2, "D": 2, "E": 3}, "nothing is written"

    def test_a_stage_is_the_same_while_its_code_is_whatever_its_place(self) -> None:
        client = a_bank()
        draft = a_stage_draft(client, by=make_user(Role.COLLECTIONS_MANAGER), days={"EARLY": 5})
        preview = restaging_preview(policy=draft, client=client)
        # Every later stage stands one higher; only A (10) comes into the new one.
        assert preview is not None and preview.moving == 1

    def test_what_is_held_is_counted_apart_and_currencies_are_never_added(self) -> None:
        client = a_bank(C={"currency": "USD"})
        case = Case.objects.get(client=client, debtor__debtor_ref="B")
        hold_place(actor=ACTOR, case=case, kind="CLIENT", from_on=TODAY(), reason="بطلب الجهة")
        draft = a_stage_draft(client, by=make_user(Role.COLLECTIONS_MANAGER), days={"D31_60": 60})
        preview = restaging_preview(policy=draft, client=client)
        assert preview is not None
        assert (preview.moving, preview.held) == (2, 1)
        assert preview.amounts == (("SAR", Decimal("100.00")), ("USD", Decimal("100.00")))
        assert preview.currency == ""

    def test_a_basis_and_a_day_of_default_count_on_the_new_ladder(self) -> None:
        client = a_bank()
        manager = make_user(Role.COLLECTIONS_MANAGER)
        draft = a_stage_draft(client, by=manager, basis="INVOICE", default_after_days=109)
        preview = restaging_preview(policy=draft, client=client)
        # Sixty days older each: 70, 100, 105, 110, 130.
        assert preview is not None
        assert (preview.moving, preview.in_default, preview.past_default) == (5, 0, 2)

    def test_a_product_alone_and_the_rest_without_it(self) -> None:
        client = a_bank()
        draft = a_stage_draft(client, by=make_user(Role.COLLECTIONS_MANAGER), days={"D31_60": 60})
        cards = restaging_preview(policy=draft, client=client, product="Cards")
        assert cards is not None and (cards.total, cards.moving) == (2, 2)
        agreed(client, product="Cards", days={"D31_60": 46})
        Client.objects.filter(pk=client.pk).update(book_date=TODAY() + DAY)
        client.refresh_from_db()
        others = restaging_preview(policy=draft, client=client)
        assert others is not None and others.total == 3
        assert [p.product for p in places_possible(clients=[client])] == ["", "Cards"]

    def test_a_book_that_is_not_open_has_no_preview(self) -> None:
        client = make_client()
        assert restaging_preview(policy=client.stage_policy, client=client) is None


class TestTheFirstDay:
    def test_before_it_nothing_moves(self) -> None:
        client = a_bank()
        change = agreed(client, starts_on=TODAY() + 3 * DAY)
        before = positions(client)
        restage_run(place_id=change.places.get().pk)
        nightly_run(date=TODAY() + 2 * DAY)
        assert positions(client) == before
        client.refresh_from_db()
        assert client.stage_policy.version == 1

    @pytest.mark.parametrize("prepared", [True, False], ids=["prepared by a worker", "by the night alone"])
    def test_on_it_every_receivable_takes_its_stage(self, prepared: bool) -> None:
        client = a_bank()
        change = agreed(client)
        if prepared:
            assert restage_run(place_id=change.places.get().pk) == "READY"
        nightly_run(date=TODAY() + DAY)
        # C is 46 days late by now.
        assert positions(client) == {"A": 1, "B": 1, "C": 2, "D": 2, "E": 3}
        moved = StageTransition.objects.get(client=client, on=TODAY() + DAY)
        assert (moved.from_stage.position, moved.to_stage.position, moved.days) == (2, 1, 41)
        one = change.places.get()
        assert (one.state, one.looked_at) == ("DONE", 5)
        case = Case.objects.get(client=client, debtor__debtor_ref="B")
        assert case.stage is not None and (case.stage.policy_id, case.stage.code) == (change.policy_id, "D1_30")

    def test_missed_nights_keep_its_date(self) -> None:
        client = a_bank()
        agreed(client)
        nightly_run(date=TODAY() + 4 * DAY)
        moved = StageTransition.objects.filter(client=client, on__gt=TODAY()).order_by("on", "receivable")
        assert [(m.on - TODAY()).days for m in moved.filter(from_stage__position=2, to_stage__position=1)] == [1]

    def test_a_receivable_that_came_after_the_worker_is_seen_by_the_night(self) -> None:
        client = a_bank()
        change = agreed(client)
        restage_run(place_id=change.places.get().pk)
        # A hold and its release age the case again, and with that take its mark away.
        Receivable.objects.filter(client=client, case__debtor__debtor_ref="B").update(next_change_on=TODAY() + 21 * DAY)
        nightly_run(date=TODAY() + DAY)
        assert positions(client)["B"] == 1

    def test_a_product_is_looked_at_alone(self) -> None:
        client = a_bank()
        change = agreed(client, product="Cards")
        restage_run(place_id=change.places.get().pk)
        marked = Receivable.objects.filter(client=client, next_change_on=change.starts_on)
        assert set(marked.values_list("debt__product", flat=True)) == {"Cards"}
        assert change.places.get().looked_at == 2

    @pytest.mark.requirement("CM-40", "DC-09")
    def test_a_product_stands_on_its_own_ladder_and_the_rest_on_the_general_one(self) -> None:
        client = a_bank()
        start = TODAY() + DAY
        agreed(client, product="Cards", starts_on=start, days={"D31_60": 46})
        nightly_run(date=start, client_ids=[client.pk])
        # B and C are cards: 41 and 46 days late; D, 51 days, is not.
        assert positions(client) == {"A": 1, "B": 1, "C": 2, "D": 2, "E": 3}
        stages_of_cases = dict(Case.objects.filter(client=client).values_list("debtor__debtor_ref", "stage__code"))
        assert stages_of_cases == {"A": "D1_30", "B": "D1_30", "C": "D31_60", "D": "D31_60", "E": "D61_90"}
        own = StagePolicy.objects.get(version=2)
        cards = Case.objects.get(client=client, debtor__debtor_ref="B")
        assert cards.stage is not None
        assert cards.stage.policy_id == own.pk
        assert ledger_faults(client_id=client.pk) == []
        # The past is told by what ruled then.
        before = {s.receivable_ref: s.position for s in standing_as_of(client_id=client.pk, as_of=TODAY())}
        assert before == {"A-1": 1, "B-1": 2, "C-1": 2, "D-1": 2, "E-1": 3}

    def test_the_rest_is_looked_at_without_the_product_that_has_its_own(self) -> None:
        client = a_bank()
        agreed(client, product="Cards")
        manager = make_user(Role.COLLECTIONS_MANAGER)
        draft = a_stage_draft(client, by=manager, days={"D31_60": 50})
        general = make_user(Role.GENERAL_MANAGER)
        change = a_stage_change(draft, client=client, by=manager, approved_by=general)
        restage_run(place_id=change.places.get().pk)
        assert change.places.get().looked_at == 3

    def test_an_unopened_book_begins_under_what_rules_by_then(self) -> None:
        client = make_client("BNK", kind="BANK")
        change = agreed(client)
        nightly_run(date=TODAY() + 2 * DAY)
        client.refresh_from_db()
        assert client.stage_policy_id == change.policy_id
        assert change.places.get().state == "DONE"


class TestTheWorker:
    @pytest.mark.requirement("PL-53")
    def test_a_killed_worker_is_gone_on_with_where_it_was(self, monkeypatch: pytest.MonkeyPatch) -> None:
        client = a_bank()
        place_id = agreed(client).places.get().pk
        monkeypatch.setattr(restaging, "CHUNK", 2)
        real, calls = stages.receivables_look_again_of_client, []

        def dies(**given: Any) -> int:
            calls.append(given["case_ids"])
            if len(calls) == 2:
                raise SystemExit
            return real(**given)

        monkeypatch.setattr(stages, "receivables_look_again_of_client", dies)
        with pytest.raises(SystemExit):
            restage_run(place_id=place_id)
        half = StageChangePlace.objects.get(pk=place_id)
        assert (half.state, half.cases_done, half.looked_at) == ("RUNNING", 2, 2)
        assert places_unfinished() == [place_id]
        assert restage_run(place_id=place_id) == "READY"
        done = StageChangePlace.objects.get(pk=place_id)
        assert (done.cases_done, done.looked_at) == (5, 5)
        assert calls[1] == calls[2], "the broken chunk again, and none twice"
        assert places_unfinished() == []
        assert restage_run(place_id=place_id) == "READY", "a second run changes nothing"
        assert StageChangePlace.objects.get(pk=place_id).looked_at == 5

    def test_a_book_at_its_first_day_that_no_night_saw_to_is_aged_by_the_worker(self) -> None:
        client = a_bank()
        change = agreed(client)
        nightly_run(date=TODAY() + DAY, only=["open"])
        place_id = change.places.get().pk
        assert places_unfinished() == [place_id]
        assert restage_run(place_id=place_id) == "DONE"
        assert positions(client)["B"] == 1
        assert places_unfinished() == []
        transitions = StageTransition.objects.count()
        nightly_run(date=TODAY() + DAY)
        assert restage_run(place_id=place_id) == "DONE"
        assert StageTransition.objects.filter(receivable__case__debtor__debtor_ref="B").count() == 2
        assert StageTransition.objects.count() == transitions

    def test_what_is_only_proposed_is_not_begun(self) -> None:
        client = a_bank()
        manager = make_user(Role.COLLECTIONS_MANAGER)
        change = a_stage_change(a_stage_draft(client, by=manager), client=client, by=manager)
        assert restage_run(place_id=change.places.get().pk) == "WAITING"
        assert restage_sweep_task() == 0
        nightly_run(date=TODAY() + 2 * DAY)
        assert change.places.get().state == "WAITING"


def _ladder_form(policy: StagePolicy, **changes: str) -> dict[str, Any]:
    """The editor's form as a browser would send it, with some fields changed."""
    rows = list(policy.rows.order_by("position"))
    data: dict[str, Any] = {
        "stages": len(rows), "do": "save", "name_ar": policy.name_ar, "name_en": policy.name_en, "basis": policy.basis,
        "default_after_days": policy.default_after_days, "default_rules": policy.default_rules,
    }  # fmt: skip
    for at, row in enumerate(rows):
        for name in ("code", "depth", "name_ar", "name_en", "actions"):
            data[f"s{at}-{name}"] = getattr(row, name)
        data[f"s{at}-from_day"] = "" if row.from_day is None else row.from_day
    return data | changes


class TestPages:
    @pytest.mark.requirement("CM-40", "DC-09")
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_ladder_is_edited_previewed_proposed_approved_and_rules(self, language: str) -> None:
        client = a_bank()
        manager, general = make_user(Role.COLLECTIONS_MANAGER), make_user(Role.GENERAL_MANAGER)
        desk = enter(manager, language)
        page = desk.get(reverse("stage_policy", args=[client.stage_policy_id]))
        assert in_language(page, language)
        assert [stage.from_day for stage in page.context["ladder"]] == [None, 1, 31, 61, 91, 121, 151]
        desk.post(reverse("stage_policy_draft", args=[client.stage_policy_id]))
        draft = StagePolicy.objects.get(state="DRAFT")
        edit = reverse("stage_policy_edit", args=[draft.pk])
        assert desk.get(edit).status_code == 200

        wrong = desk.post(edit, _ladder_form(draft, **{"s3-from_day": "31"}))
        assert wrong.status_code == 422
        assert ("تبدأ هذه المرحلة بعد" if language == "ar" else "must begin after") in words(wrong)
        saved = desk.post(edit, _ladder_form(draft, **{"s2-from_day": "46", "do": "preview"}))
        preview = reverse("stage_policy_preview", args=[draft.pk])
        assert saved.url == preview
        seen = desk.get(preview)
        assert (seen.context["moving"], seen.context["total"]) == (2, 5)
        assert ("بندان سينتقلان" if language == "ar" else "receivables would move") in words(seen)

        tomorrow = TODAY() + DAY
        asked = {"places": [f"{client.pk}:"], "starts_on": TODAY().isoformat(), "reason": "بطلب البنك في اجتماعنا."}
        assert desk.post(preview, asked).status_code == 422, "the book stands at that day"
        sent = desk.post(preview, asked | {"starts_on": tomorrow.isoformat()})
        change = StageChange.objects.get()
        address = reverse("stage_change", args=[change.pk])
        assert sent.url == address
        decide, yes = (
            reverse("stage_change_decide", args=[change.pk]),
            {"decision": "APPROVED", "digest": change.digest},
        )
        prove(desk)
        assert desk.post(decide, yes).status_code == 422, "nobody approves what they prepared"

        office = enter(general, language)
        assert [c.pk for c in office.get(reverse("stage_policies")).context["waiting"]] == [change.pk]
        assert office.get(address).context["moving"] == 2
        assert "confirm" in office.post(decide, yes).url, "a fresh proof first"
        prove(office)
        assert office.post(decide, yes).url == address
        restage_run(place_id=change.places.get().pk)
        piece = words(office.get(address, headers={"HX-Request": "true"}))
        assert "<html" not in piece
        assert ("جاهز ليومه الأول" if language == "ar" else "Ready for its first day") in piece

        nightly_run(date=tomorrow)
        assert positions(client) == {"A": 1, "B": 1, "C": 2, "D": 2, "E": 3}
        done = words(office.get(address))
        assert ("أُعيد النظر في" if language == "ar" else "receivables were looked at again") in done
        assert [rule.policy.version for rule in office.get(reverse("stage_policies")).context["rules"]] == [2]

    def test_stages_are_added_and_taken_away_before_anything_is_saved(self) -> None:
        client = a_bank()
        manager = make_user(Role.COLLECTIONS_MANAGER)
        draft = a_stage_draft(client, by=manager)
        desk, edit = enter(manager, "en"), reverse("stage_policy_edit", args=[draft.pk])
        added = desk.post(edit, _ladder_form(draft, do="add"))
        assert [form["from_day"].value() for form in added.context["stages"]][-1] == 181
        fewer = desk.post(edit, _ladder_form(draft, do="remove-2"))
        assert [form["code"].value() for form in fewer.context["stages"]][1:3] == ["D1_30", "D61_90"]
        assert draft.rows.count() == 7
        new = {"s7-from_day": "45", "s7-depth": "2", "s7-name_ar": "من 45", "s7-name_en": "From 45", "s7-code": ""}
        desk.post(edit, _ladder_form(draft, **new, stages="8"))
        rows = StagePolicy.objects.get(pk=draft.pk).rows.order_by("position")
        assert [(row.code, row.from_day) for row in rows][3] == ("FROM_45", 45)

    def test_another_managers_draft_and_a_published_version_are_not_edited(self) -> None:
        client = a_bank()
        draft = a_stage_draft(client, by=make_user(Role.COLLECTIONS_MANAGER))
        other = enter(make_user(Role.COLLECTIONS_MANAGER, name="other"))
        for pk in (draft.pk, client.stage_policy_id):
            answer = other.post(reverse("stage_policy_edit", args=[pk]), _ladder_form(draft))
            assert answer.url == reverse("stage_policy", args=[pk])
        assert other.post(reverse("stage_policy_discard", args=[draft.pk])).status_code == 422

    def test_the_inbox_shows_what_another_manager_asked_for(self) -> None:
        client = a_bank()
        manager, other = make_user(Role.COLLECTIONS_MANAGER), make_user(Role.COLLECTIONS_MANAGER, name="other")
        change = a_stage_change(a_stage_draft(client, by=manager), client=client, by=manager)
        address = reverse("stage_change", args=[change.pk])
        assert address in words(enter(other).get(reverse("inbox")))
        assert address not in words(enter(manager).get(reverse("inbox")))

    def test_the_pages_cost_the_same_for_few_and_for_many(self) -> None:
        client = a_bank()
        manager = make_user(Role.COLLECTIONS_MANAGER)
        draft = a_stage_draft(client, by=manager, days={"D31_60": 46})
        desk = enter(manager)
        pages = [reverse("stage_policies"), reverse("stage_policy", args=[draft.pk])]
        few = [queries(lambda page=page: desk.get(page)) for page in pages]  # type: ignore[misc]
        for n in range(4):
            make_client(f"M{n}")
            a_stage_draft(client, by=manager)
        assert [queries(lambda page=page: desk.get(page)) for page in pages] == few  # type: ignore[misc]
        assert max(few) <= 16


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Two people, two workers: one answer, each receivable once."""

    def _both(self, act: Callable[[], str]) -> list[str]:
        ready, said = threading.Barrier(2), []

        def one() -> None:
            try:
                ready.wait(10)
                with clock.at(clock.at_riyadh(on=WEDNESDAY)):
                    said.append(act())
            except Refused as refusal:
                said.append(refusal.code)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=one) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return sorted(said)

    def test_two_who_decide_at_once_decide_once(self) -> None:
        client = a_bank()
        manager, general = make_user(Role.COLLECTIONS_MANAGER), make_user(Role.GENERAL_MANAGER)
        change = a_stage_change(a_stage_draft(client, by=manager), client=client, by=manager)

        def decide() -> str:
            stage_change_decide(user=general, change=change, decision="APPROVED", digest=change.digest, today=TODAY())
            return "decided"

        assert self._both(decide) == ["decided", "stage_change_moved"]
        assert client.stage_assignments.count() == 2

    def test_two_workers_look_at_each_receivable_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        client = a_bank()
        place_id = agreed(client).places.get().pk
        monkeypatch.setattr(restaging, "CHUNK", 1)
        assert self._both(lambda: restage_run(place_id=place_id)) == ["READY", "READY"]
        done = StageChangePlace.objects.get(pk=place_id)
        assert (done.cases_total, done.cases_done, done.looked_at) == (5, 5, 5)
