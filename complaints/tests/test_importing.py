"""Complaints of earlier days: all of a file or nothing, each once, with clocks at their own dates."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.choices import Role
from common import clock
from common.audit import Actor
from common.clocks import clocks_of
from common.models import AuditEvent, Message
from complaints.choices import ImportSource, Outcome, Stage
from complaints.models import ImportedMatter, Matter, MatterMove, ReportCourse
from complaints.rules.importing import rows_of
from complaints.selectors.matters import words_of
from complaints.services.importing import matters_import
from complaints.services.monthly import digest_of, heads_waiting
from complaints.tests.learning_worlds import WRITTEN, Learners
from tests.doors import LANGUAGES, enter, words
from tests.world import make_client, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped_trees")]

HERE = Path(__file__).parent / "data"
NARRATIVES, DATED = HERE / "narratives_sample.csv", HERE / "dated_sample.csv"
SHARED = Path(os.environ.get("SHARED", Path(settings.BASE_DIR).parent / "shared")) / "data"
NOW = clock.at_riyadh(on=dt.date(2026, 3, 1))
ACTOR = Actor.system("tests")


def imported(path: Path, *, kind: str, client: str = "BBB") -> dict[str, Any]:
    """The command, and what it says it did."""
    out = io.StringIO()
    with clock.at(NOW):
        call_command("complaints_import", str(path), client=client, kind=kind, json=True, stdout=out)
    return json.loads(out.getvalue())  # type: ignore[no-any-return]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def us_day(text: str) -> dt.date:
    return dt.datetime.strptime(text, "%m/%d/%Y").date()


@pytest.mark.requirement("CR-03")
def test_texts_become_matters_in_the_register() -> None:
    make_client("BBB", kind="BANK")
    done = imported(NARRATIVES, kind="narratives")
    assert (done["rows"], done["new"], done["known"], done["closed"]) == (12, 12, 0, 0)
    given = {row["row_id"]: row for row in rows(NARRATIVES)}
    for kept in ImportedMatter.objects.select_related("matter"):
        told = given[kept.source_ref]
        assert words_of(matter=kept.matter) == told["Consumer complaint narrative"].strip()
        assert (kept.matter.product, kept.matter.stage) == (told["Product"], Stage.ACKNOWLEDGED)
        assert kept.matter.received_at == NOW
    assert not Message.objects.exists()  # nobody is written to about what is long over
    assert AuditEvent.objects.filter(action="matters.imported").get().body["new"] == 12
    officer = make_user(Role.COMPLAINTS_OFFICER)
    kept = ImportedMatter.objects.order_by("pk")[0]
    assert kept.source_ref in words(enter(officer, "en").get(f"/matters/{kept.matter_id}/"))
    for language in LANGUAGES:
        page = enter(officer, language).get("/matters/?view=all")
        assert page.status_code == 200
        assert Matter.objects.order_by("pk")[0].reference in words(page)


def test_a_second_time_adds_nothing() -> None:
    make_client("BBB", kind="BANK")
    imported(DATED, kind="dated")
    stands = list(Matter.objects.order_by("pk").values())
    done = imported(DATED, kind="dated")
    assert (done["rows"], done["new"], done["known"]) == (16, 0, 16)
    assert list(Matter.objects.order_by("pk").values()) == stands


def test_dates_of_the_source_are_kept_and_none_is_made_up() -> None:
    make_client("BBB", kind="BANK")
    done = imported(DATED, kind="dated")
    assert (done["new"], done["closed"], done["flagged"]) == (16, 15, 1)
    for told in rows(DATED):
        kept = ImportedMatter.objects.get(source_ref=told["complaint_id"])
        matter, received, sent = kept.matter, us_day(told["date_received"]), us_day(told["date_sent_to_company"])
        assert matter.received_at.astimezone(clock.RIYADH).date() == received
        assert matter.answered_at is None  # the source names no day
        over = told["company_response_to_consumer"] != "Untimely response"
        assert (matter.stage == Stage.CLOSED) is over is kept.is_undated
        assert matter.outcome == (Outcome.ANSWERED if over else "")
        assert kept.flags == (["SENT_BEFORE"] if sent < received else [])
        assert kept.labels["timely"] == told["timely_response"]
        clocks = {each.code: each for each in clocks_of(subject=matter)}
        assert clocks["ROUTING"].state == "MET"
        assert clocks["ROUTING"].started_at.astimezone(clock.RIYADH).date() == received
        assert clocks["ROUTING"].ended_at.astimezone(clock.RIYADH).date() == max(received, sent)
        # What must be answered ran from its own day; whether in time nobody knows, so it was called off, not met.
        for code in ("CLOSING", "ANSWER_BANK"):
            assert clocks[code].state == ("CANCELLED" if over else "RUNNING")
        moves = list(MatterMove.objects.filter(matter=matter).order_by("pk").values_list("to_stage", flat=True))
        assert moves == [stage.value for stage in Stage][: len(moves)]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("date_received", "13/45/2013", "There is no such day."),
        ("date_received", "2013-08-30", "This is no date written month/day/year."),
        ("date_received", "3/2/2026", "This day is before 1990 or still to come."),
        ("date_sent_to_company", "12/31/1989", "This day is before 1990 or still to come."),
        ("timely_response", "Maybe", "This is none of the words known here."),
        ("company_response_to_consumer", "", "This cell is empty."),
        ("company_response_to_consumer", "Lost", "This is none of the words known here."),
        ("submitted_via", "Pigeon", "This is none of the words known here."),
        ("product", "x" * 81, "This cell is longer than may be kept."),
        ("issue", "a\x00b", "This cell holds a character that is no text."),
        ("complaint_id", "511062", "This reference stands in the file twice."),
    ],
)
def test_one_wrong_cell_and_nothing_is_written(column: str, value: str, reason: str, tmp_path: Path) -> None:
    make_client("BBB", kind="BANK")
    told = rows(DATED)
    told[7][column] = value
    path = tmp_path / "wrong.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(told[0]))
        writer.writeheader()
        writer.writerows(told)
    with pytest.raises(CommandError) as refused:
        imported(path, kind="dated")
    assert f"line 9 {column}: {reason}" in str(refused.value)
    assert not Matter.objects.exists()


def test_the_line_of_a_row_is_its_first() -> None:
    content = 'row_id,Product,Consumer complaint narrative\n1,Card,"one\ntwo\nthree"\n2,,x\n3,Card\n'
    taken, faults = rows_of(kind=ImportSource.NARRATIVES, lines=io.StringIO(content, newline=""), today=NOW.date())
    assert [row.line for row in taken] == [2]
    assert [(fault.line, fault.column) for fault in faults] == [(5, "Product"), (6, "")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This column is missing."),
        (b"row_id,Product\n", "This column is missing."),
        (b"row_id,Product,Consumer complaint narrative\n", "There is no row in this file."),
        (b"row_id,Product,Consumer complaint narrative\n1,Card,\xff\xfe\n", "line 2 : This line is not written"),
        (b'row_id,Product,Consumer complaint narrative\n1,Card,"x\n', "This line is no CSV."),
    ],
)
def test_what_is_no_such_file_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    make_client("BBB")
    path = tmp_path / "wrong.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=words):
        imported(path, kind="narratives")


def test_one_fault_in_the_last_row_takes_all_back() -> None:
    """A fault that only the register knows: everything before it is taken back too."""
    client = make_client("BBB")
    content = b"row_id,Product,Consumer complaint narrative\n1,Card,words\n2,Card,...\n"
    with pytest.raises(Exception, match="matter_words"):
        matters_import(actor=ACTOR, client=client, kind=ImportSource.NARRATIVES, content=content, at=NOW)
    assert not Matter.objects.exists()


def test_no_such_client_and_no_such_file() -> None:
    with pytest.raises(CommandError, match="There is no client"):
        imported(NARRATIVES, kind="narratives")
    make_client("BBB")
    with pytest.raises(CommandError, match="cannot be read"):
        imported(HERE / "nothing.csv", kind="narratives")


@pytest.mark.requirement("CR-03")
@pytest.mark.skipif(not (SHARED / "complaint-narratives").is_dir(), reason="no shared complaints on this machine")
def test_the_whole_of_both_sources() -> None:
    """A thousand real texts and 606 dated complaints; their lags against a reckoning of somebody else."""
    make_client("BBB", kind="BANK")
    with (SHARED / "complaint-narratives" / "narratives_share.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))[:1001]
    kept = io.StringIO(newline="")
    csv.writer(kept).writerows(lines)
    with clock.at(NOW):
        texts = matters_import(
            actor=ACTOR, client=make_client("CCC"), kind=ImportSource.NARRATIVES, content=kept.getvalue().encode(),
            at=NOW,
        )  # fmt: skip
    assert (texts.rows, texts.new) == (1000, 1000)
    assert texts.products == dict(Counter(line[1] for line in lines[1:]).most_common())
    done = imported(SHARED / "complaints-cfpb" / "complaints_share.csv", kind="dated")
    assert (done["rows"], done["new"], done["flagged"]) == (606, 606, 15)
    truth = rows(SHARED / "complaints-cfpb" / "truth_lags.csv")
    found = {each.source_ref: each.matter for each in ImportedMatter.objects.filter(source="DATED")}
    assert len(truth) == len(found) == 606
    for told in truth:
        (routing,) = [c for c in clocks_of(subject=found[told["complaint_id"]]) if c.code == "ROUTING"]
        days = (routing.ended_at.date() - routing.started_at.date()).days
        assert days == max(0, int(told["calendar_days"]))
    _reported(truth)


def _reported(truth: list[dict[str, str]]) -> None:
    """September 2013 and the month of the texts are counted, issued and read by the general manager."""
    people = Learners()
    september = [told for told in truth if told["received"].startswith("2013-09")]
    with clock.at(clock.at_riyadh(on=dt.date(2026, 4, 2))):
        quality, general = enter(people.quality), enter(people.general, "en")
        for month, count, products in (
            ("2013-09-01", len(september), Counter(told["product"] for told in september)),
            ("2026-03-01", 1000, None),
        ):
            for kind in ("REPEATS", "PERFORMANCE"):
                assert quality.post("/months/new/", {"kind": kind, "month": month}).status_code == 302
                course = ReportCourse.objects.get(kind=kind, month=month)
                assert quality.post(f"/months/{course.pk}/write/", WRITTEN).status_code == 302
                course.refresh_from_db()
                given = {"digest": digest_of(course)}
                while heads_waiting(course):
                    assert enter(people.head).post(f"/months/{course.pk}/review/", given).status_code == 302
                assert quality.post(f"/months/{course.pk}/issue/", {}).status_code == 302
                assert general.get(f"/months/{course.pk}/pdf/ar/").status_code == 200
                figures = course.figures
                assert figures["complaints" if kind == "REPEATS" else "received"] == count
                if kind == "REPEATS" and products is not None:
                    assert {row["key"]: row["count"] for row in figures["products"]} == dict(products)
                if kind == "PERFORMANCE":
                    # When they were answered the sources do not say: no speed is made up of it.
                    assert (figures["answered"], figures["days"], figures["in_time"]) == (0, None, None)
        page = general.get("/matters/repeats/?since=2013-08-01&until=2013-10-01&by=product")
    assert page.context["whole"] == 606
