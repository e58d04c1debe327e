"""The weekly report: figures against a count of one's own, frozen issues, one paper in two languages."""

from __future__ import annotations

import datetime as dt
import io
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.urls import reverse
from pypdf import PdfReader

from accounts.choices import Role
from clients.models import Client
from collections_app.models import Case
from collections_app.services.ledger import payment_post
from common import anchors, clock
from common.documents import DocumentDenied, pdf_render
from common.exceptions import Refused
from common.models import AuditAnchor, AuditEvent, AuditSeal
from reporting.models import Report
from reporting.rules.changes import change_percent, change_points
from reporting.rules.weeks import Week
from reporting.tests.weekly_world import WEEK, aged, counted, issue, lived, paper
from tests.world import ACTOR, make_client, make_user, signed_in

D = dt.date
MONDAY_AFTER = D(2026, 10, 5)


class TestWeeks:
    @pytest.mark.parametrize(
        ("on", "label", "sunday"),
        [
            (D(2012, 7, 21), "2012-W29", D(2012, 7, 15)),
            (D(2012, 7, 22), "2012-W30", D(2012, 7, 22)),
            (D(2012, 7, 28), "2012-W30", D(2012, 7, 22)),
            (D(2012, 7, 29), "2012-W31", D(2012, 7, 29)),
            # A week belongs to the year of its Thursday.
            (D(2020, 12, 27), "2020-W53", D(2020, 12, 27)),
            (D(2021, 1, 2), "2020-W53", D(2020, 12, 27)),
            (D(2021, 1, 3), "2021-W01", D(2021, 1, 3)),
            (D(2024, 12, 29), "2025-W01", D(2024, 12, 29)),
        ],
    )
    def test_both_sides_of_each_boundary(self, on: D, label: str, sunday: D) -> None:
        week = Week.of(on=on)
        assert (week.label, week.starts_on, week.ends_on) == (label, sunday, sunday + dt.timedelta(days=6))
        assert Week.parse(label) == week
        assert week.before().ends_on == sunday - dt.timedelta(days=1)

    @pytest.mark.parametrize("text", ["", "2012", "2012-30", "2012-W3", "2012-W54", "2021-W53", "2012-W00", "0001-W01",
                                      "9999-W53", "W30-2012", "2012-W30 "])  # fmt: skip
    def test_anything_else_is_no_week(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"week|Week|year"):
            Week.parse(text)


def test_moves_against_the_week_before() -> None:
    up = change_percent(now=Decimal(150), before=Decimal(100))
    assert up is not None
    assert (up.by, up.direction, up.good) == (Decimal("50.0"), 1, True)
    debt = change_percent(now=Decimal(150), before=Decimal(100), more_is_better=False)
    assert debt is not None
    assert not debt.good
    same = change_points(now=Decimal("38.4"), before=Decimal("38.4"))
    assert same is not None
    assert (same.direction, same.good) == (0, True)
    assert change_percent(now=Decimal(5), before=Decimal(0)) is None
    assert change_points(now=None, before=Decimal(1)) is None


@pytest.fixture
def sunday() -> Iterator[None]:
    """The morning on which the reports are made."""
    with clock.at(clock.at_riyadh(on=D(2026, 10, 4), time=dt.time(6))):
        yield


@pytest.mark.django_db
@pytest.mark.requirement("DC-08")
@pytest.mark.usefixtures("sunday")
class TestFigures:
    def test_equal_a_count_of_ones_own(self) -> None:
        client = lived()
        for week in (WEEK, WEEK.before(), WEEK.before().before()):
            self._equal(client, week)
        truth = counted(client, WEEK)
        assert truth["attempts"] and truth["kept"] and len(truth["payments"]) == 2, "a week worth counting"

    def _equal(self, client: Client, week: Week) -> None:
        report = issue(client, week=week)
        figures, truth = report.context["now"], counted(client, week)
        assert {name: figures["contacts"][name] for name in ("attempts", "reached", "right_party", "breaches")} == {
            name: truth[name] for name in ("attempts", "reached", "right_party", "breaches")
        }
        assert figures["promises"] == {name: truth[name] for name in ("made", "due", "kept")}
        assert {p["currency"]: (p["count"], p["amount"]) for p in figures["payments"]} == truth["payments"]
        detail = report.context["detail"]
        assert {c["channel"]: c["attempts"] for c in detail["channels"] if c["attempts"]} == truth["channels"]
        assert len(detail["parts"]) == 7
        assert sum(day["attempts"] for day in detail["parts"]) == truth["attempts"]
        assert sum(day["payments"] for day in detail["parts"]) == sum(count for count, _s in truth["payments"].values())
        for name, day in (("amount", week.ends_on), ("before", week.before().ends_on)):
            expected = aged(client, day)
            for currency, buckets in report.context["aging"].items():
                for row in buckets:
                    count, amount = expected.get((currency, row["bucket"]), (0, Decimal(0)))
                    assert Decimal(row[name]) == amount, (currency, row)
                    assert name == "before" or row["count"] == count

    def test_stand_on_the_paper_in_both_languages(self) -> None:
        client = lived()
        truth, open_now = counted(client, WEEK), aged(client, WEEK.ends_on)
        for language in ("ar", "en"):
            report = issue(client, language)
            text = paper(report)
            for _count, amount in truth["payments"].values():
                assert f"{Decimal(amount):,.2f}" in text, language
            for _count, amount in open_now.values():
                assert f"{amount:,.2f}" in text, language
            for currency in ("SAR", "USD"):
                total = sum(amount for (of, _b), (_c, amount) in open_now.items() if of == currency)
                assert f"{total:,.2f}" in text, language
            share = (Decimal(truth["right_party"]) / truth["attempts"] * 100).quantize(Decimal("0.1"))
            assert f"{share}%" in text, language
            assert report.number in text
            words = ("Collected", "Promiseskept", "Page1of") if language == "en" else ("جهة", "AAA", "40")
            assert all(word in text for word in words), text[:300]
            assert report.pages == len(PdfReader(io.BytesIO(bytes(report.pdf))).pages)

    def test_a_week_in_which_nothing_happened_has_dashes_and_no_fault(self) -> None:
        client = make_client("NEW")
        for language in ("ar", "en"):
            report = issue(client, language, week=Week(year=2026, number=39))
            assert report.context["now"]["right_party_rate"] is None
            assert report.pages >= 1


@pytest.mark.django_db
@pytest.mark.usefixtures("sunday")
class TestIssues:
    @pytest.mark.requirement("DC-08")
    def test_asked_twice_the_stored_issue_is_given_again(self) -> None:
        client = lived()
        first = issue(client)
        payment_post(
            actor=ACTOR, case=Case.objects.filter(currency="SAR")[0], amount=Decimal("9.00"), currency="SAR",
            value_on=WEEK.ends_on, reference="late",
        )  # fmt: skip
        again = issue(client)
        assert again.pk == first.pk
        assert bytes(again.pdf) == bytes(first.pdf)
        assert AuditEvent.objects.filter(action="report.issued").count() == 1

    @pytest.mark.requirement("DC-08")
    def test_a_correction_is_the_next_issue_and_the_first_stays(self) -> None:
        client = lived()
        first = issue(client, "en")
        kept = bytes(first.pdf)
        payment_post(
            actor=ACTOR, case=Case.objects.filter(currency="SAR")[0], amount=Decimal("9.00"), currency="SAR",
            value_on=WEEK.ends_on, reference="late",
        )  # fmt: skip
        second = issue(client, "en", reissue="A payment came late")
        assert (second.issue, second.number, second.reason) == (2, first.number, "A payment came late")
        was, now = (Decimal(r.context["now"]["payments"][0]["amount"]) for r in (first, second))
        assert now - was == Decimal("9.00")
        assert "Apaymentcamelate" in paper(second)
        first.refresh_from_db()
        assert bytes(first.pdf) == kept
        assert issue(client, "en").pk == second.pk
        assert issue(client, "ar").issue == 1, "the other language has its own issues"

    def test_the_first_issue_says_nothing_of_one_before(self) -> None:
        report = issue(make_client(), "en", reissue="because")
        assert report.issue == 1
        assert "replaces" not in paper(report)

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"language": "fr"}, "language"),
            ({"week": Week(year=2026, number=41)}, "period_not_over"),
            ({"reissue": "س" * 301}, "reissue_reason"),
        ],
    )
    def test_what_cannot_be_is_refused(self, given: dict[str, Any], code: str) -> None:
        with pytest.raises(Refused) as refused:
            issue(make_client(), **given)
        assert refused.value.code == code
        assert not Report.objects.exists()

    @pytest.mark.requirement("DC-07")
    def test_the_paper_carries_the_signed_head_of_the_chain(self) -> None:
        report = issue(lived(), "en")
        kept = AuditAnchor.objects.get(seq=report.chain_seq)
        assert kept.hash == report.chain_hash == bytes(AuditSeal.objects.get(seq=report.chain_seq).hash).hex()
        text = paper(report)
        assert kept.signature in text
        assert f"{report.chain_seq:,}" in text
        assert all(part in text for part in (report.chain_hash[:4], report.chain_hash[12:16], report.chain_hash[-4:]))
        line = f"{anchors.WORD} {kept.seq} {kept.hash} {kept.signed_at.isoformat(timespec='seconds')} {kept.signature}"
        call_command("verify_audit", "--anchor", line)

    def test_names_are_words_and_open_nothing(self) -> None:
        name = '<img src="http://127.0.0.1:9/x">=1+1<script>alert(1)</script>{{ settings.SECRET_KEY }}'
        client = lived(name_en=name, name_ar=name)
        for language in ("en", "ar"):
            text = paper(issue(client, language))
            assert "<imgsrc=" in text
            assert "<script" in text
            assert settings.SECRET_KEY not in text


@pytest.mark.django_db(transaction=True)
def test_asked_for_at_once_there_is_one_issue() -> None:
    client = make_client()
    week = Week.of(on=clock.today()).before()
    found: list[int] = []

    def ask() -> None:
        try:
            found.append(issue(client, week=week).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len(set(found)) == 1 == Report.objects.count()


@pytest.mark.parametrize(
    "asking",
    [
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="file:///etc/passwd">',
        '<img src="house:/../config/env.py">',
        '<link rel="stylesheet" href="https://example.com/x.css">',
        '<div style="background: url(house:/no-such-file.svg)">x</div>',
    ],
)
def test_a_paper_fetches_nothing_but_our_own_files(tmp_path: Path, asking: str) -> None:
    (tmp_path / "bad.html").write_text(f"<html><body>{asking}</body></html>")
    engine = {**settings.TEMPLATES[0], "DIRS": [tmp_path]}
    with override_settings(TEMPLATES=[engine]), pytest.raises(DocumentDenied):
        pdf_render(template="bad.html", context={}, language="ar")


@pytest.mark.django_db
@pytest.mark.usefixtures("sunday")
class TestDoors:
    def _command(self, *arguments: str) -> Path:
        said = io.StringIO()
        call_command("weekly_report", *arguments, stdout=said)
        return Path(said.getvalue().strip())

    @pytest.mark.requirement("DC-08")
    def test_the_command_writes_the_stored_issue(self, tmp_path: Path) -> None:
        client = make_client()
        asked = ("--client", "aaa", "--week", "2026-W40", "--out", str(tmp_path / "new folder"))
        path = self._command(*asked)
        assert path.name == "AAA-W40-2026-ar-1.pdf"
        assert path.read_bytes() == bytes(Report.objects.get(client=client).pdf)
        first = path.read_bytes()
        assert self._command(*asked).read_bytes() == first
        second = self._command(*asked, "--reissue", "تصحيح")
        assert second.name == "AAA-W40-2026-ar-2.pdf"
        assert path.read_bytes() == first
        assert self._command(*asked, "--lang", "en").name == "AAA-W40-2026-en-1.pdf"

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"--week": "2026-W60"}, "week"),
            ({"--week": "next"}, "2012-W30"),
            ({"--client": "ZZZ"}, "no client"),
            ({"--week": "2026-W45"}, "."),
            ({"--reissue": " "}, "reason"),
        ],
    )
    def test_a_slip_is_answered_with_a_clear_word(self, change: dict[str, str], words: str, tmp_path: Path) -> None:
        make_client()
        asked = {"--client": "AAA", "--week": "2026-W40", "--out": str(tmp_path), **change}
        with pytest.raises(CommandError, match=words):
            self._command(*(word for pair in asked.items() for word in pair))
        assert not Report.objects.exists()

    def test_managers_read_every_clients_reports(self) -> None:
        report = issue(make_client())
        browser = signed_in(make_user(Role.GENERAL_MANAGER))
        assert list(browser.get(reverse("reports")).context["page"]) == [report]
        response = browser.get(reverse("report_pdf", args=[report.pk]))
        assert response.content == bytes(report.pdf)
        assert browser.get(reverse("report_pdf", args=[report.pk + 1])).status_code == 404
