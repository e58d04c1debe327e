"""The reports of a week made together: what is wanted, who works on it, what fails, and who is told."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from accounts.choices import Language, Role
from accounts.models import User
from clients.models import Client
from collections_app.services.nightly import nightly_run
from common import clock
from common.models import AuditEvent, Message
from common.outbox import message_opened
from common.sending import outbox_run
from common.tests.outbox_world import mail_server
from config.celery import app
from reporting.choices import ReportState
from reporting.models import Report, ReportJob, ReportReader, ReportRun
from reporting.rules.weeks import Week
from reporting.services import runs
from reporting.services.reports import report_issue
from reporting.tasks import report_sweep_task, weekly_one_task, weekly_task
from tests.world import ACTOR, make_client, make_user, signed_in

SUNDAY = dt.date(2026, 10, 4)
WEEK = Week(year=2026, number=40)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sunday_at_six() -> Iterator[None]:
    with clock.at(clock.at_riyadh(on=SUNDAY, time=dt.time(6))):
        yield


@pytest.fixture
def at_once() -> Iterator[None]:
    """Tasks run where they are handed out."""
    kept = app.conf.task_always_eager
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = kept


def opened(*codes: str) -> list[Client]:
    clients = [make_client(code) for code in codes]
    nightly_run(date=clock.today(), client_ids=[client.pk for client in clients])
    return clients


def in_english(user: User) -> User:
    user.language = Language.EN
    user.save(update_fields=["language"])
    return user


def begun() -> ReportRun:
    return runs.run_begin(actor=ACTOR, period=WEEK)


def jobs() -> list[tuple[str, str, str]]:
    return list(ReportJob.objects.values_list("client__code", "language", "state"))


@pytest.mark.requirement("DC-04", "DC-08")
def test_the_task_makes_every_clients_report_in_both_languages_once(at_once: None) -> None:
    opened("AAA", "BBB")
    make_client("CCC")  # its book was never opened
    assert (weekly_task(), weekly_task()) == (4, 0)
    made = Report.objects.order_by("client__code", "language").values_list("client__code", "language", "period")
    assert list(made) == [(code, language, "2026-W40") for code in ("AAA", "BBB") for language in ("ar", "en")]
    run = ReportRun.objects.get()
    assert (run.kind, run.period, run.finished_at) == ("WEEKLY", "2026-W40", clock.now())
    assert set(run.jobs.values_list("state", flat=True)) == {ReportState.ISSUED}
    assert {job.report_id for job in run.jobs.all()} == set(Report.objects.values_list("pk", flat=True))
    finished = AuditEvent.objects.get(action="report_run.finished")
    assert (finished.body["issued"], finished.body["given_up"]) == (4, 0)
    # A client that was opened late is made up for; nobody else is touched.
    opened("DDD")
    assert weekly_task() == 2
    assert Report.objects.count() == 6


@pytest.mark.requirement("DC-08")
def test_what_is_handed_out_comes_back_only_once_it_is_lost() -> None:
    opened("AAA")
    begun()
    assert len(runs.jobs_hand_over()) == 2
    with clock.at(clock.now() + runs.LOST_AFTER):
        assert runs.jobs_hand_over() == []
    with clock.at(clock.now() + runs.LOST_AFTER + dt.timedelta(seconds=1)):
        lost = runs.jobs_hand_over()
        assert len(lost) == 2
        # A worker that made the report and died before it said so: the stored one is taken.
        job = ReportJob.objects.get(pk=lost[0])
        before = report_issue(actor=ACTOR, client=job.client, period=WEEK, language=job.language)
        assert weekly_one_task(job.pk) == ReportState.ISSUED
        assert ReportJob.objects.get(pk=job.pk).report == before
        assert weekly_one_task(job.pk) == ReportState.ISSUED
    assert Report.objects.count() == 1
    assert ReportRun.objects.get().finished_at is None


@pytest.mark.requirement("DC-08")
def test_a_report_that_cannot_be_made_is_given_up_after_three_times_and_tried_again_by_a_person(
    monkeypatch: pytest.MonkeyPatch, at_once: None
) -> None:
    opened("AAA")
    begun()
    make = runs.report_issue

    def broken(**given: Any) -> Report:
        if given["language"] == "en":
            raise RuntimeError("a name that is nobody's business")
        return make(**given)

    monkeypatch.setattr(runs, "report_issue", broken)
    english = ReportJob.objects.get(language="en")
    states = []
    for _time in range(4):
        with clock.at(clock.now() + (runs.LOST_AFTER + dt.timedelta(seconds=1)) * (_time + 1)):
            report_sweep_task()
        english.refresh_from_db()
        states.append((english.state, english.attempts))
    assert states == [("WAITING", 1), ("WAITING", 2), ("FAILED", 3), ("FAILED", 3)]
    assert english.error == "RuntimeError"
    run = ReportRun.objects.get()
    assert run.finished_at is not None
    manager = signed_in(make_user(Role.COLLECTIONS_MANAGER))
    page = manager.get(reverse("reports")).content.decode()
    assert "RuntimeError" in page
    assert "nobody's business" not in page
    monkeypatch.undo()
    answer = manager.post(reverse("report_again", args=[english.pk]))
    assert answer.status_code == 302
    english.refresh_from_db()
    run.refresh_from_db()
    assert (english.state, run.finished_at is not None) == ("ISSUED", True)
    # Asked once more, the page says so and nothing changes.
    manager.post(reverse("report_again", args=[english.pk]))
    assert Report.objects.count() == 2


@pytest.mark.requirement("DC-08")
def test_a_manager_makes_a_week_at_once_and_sees_how_far_it_is(
    at_once: None, django_capture_on_commit_callbacks: Any, django_assert_max_num_queries: Any
) -> None:
    opened("AAA", "BBB")
    manager = signed_in(in_english(make_user(Role.GENERAL_MANAGER)))
    assert "Make the reports of week" in manager.get(reverse("reports")).content.decode()
    run = begun()
    runs.job_do(job_id=ReportJob.objects.order_by("pk")[0].pk)
    with django_assert_max_num_queries(12):
        part = manager.get(reverse("reports"), headers={"HX-Request": "true"}).content.decode()
    assert 'value="1"' in part
    assert 'max="4"' in part
    assert "every 3s" in part
    assert manager.post(reverse("reports_begin")).status_code == 302
    run.refresh_from_db()
    assert run.finished_at is not None
    whole = manager.get(reverse("reports")).content.decode()
    assert "every 3s" not in whole
    assert "Make the reports of week" not in whole


@pytest.mark.requirement("DC-08")
def test_each_reader_gets_one_letter_with_the_link_and_may_say_no(at_once: None) -> None:
    one, two = opened("AAA", "BBB")
    arabic = make_user(Role.CLIENT_USER, client=one, name="ahmad")
    english = in_english(make_user(Role.CLIENT_SIGNATORY, client=one, name="sara"))
    silent = make_user(Role.CLIENT_USER, client=one, name="quiet")
    gone = make_user(Role.CLIENT_USER, client=one, name="gone")
    gone.is_active = False
    gone.save()
    make_user(Role.CLIENT_USER, client=two, name="other")
    browser = signed_in(silent)
    assert browser.post(reverse("portal_reports_told"), {"told": "0"}).status_code == 302
    assert not ReportReader.objects.get(user=silent).told_of_reports
    weekly_task()
    weekly_task()
    told = {message_opened(message=m)["address"]: m for m in Message.objects.filter(client_id=one.pk)}
    assert set(told) == {arabic.email, english.email}
    assert Message.objects.filter(client_id=two.pk).count() == 1
    report = Report.objects.get(client=one, language="en")
    with mail_server() as inbox:
        assert outbox_run().outcomes == {"SENT": 3}
    mail = next(m for m in inbox.mails if m["To"] == english.email)
    text = mail.get_body(preferencelist=("plain",)).get_content()
    address = reverse("portal_report", args=[report.pk])
    assert address in text
    assert report.number in mail["Subject"]
    # The link leads its reader to the report, and nobody else.
    assert signed_in(english).get(address).status_code == 200
    other = make_user(Role.CLIENT_SIGNATORY, client=two, name="foreign")
    assert signed_in(other).get(address).status_code == 404
    # Wanted again, by the same button.
    browser.post(reverse("portal_reports_told"), {"told": "1"})
    assert ReportReader.objects.get(user=silent).told_of_reports


@pytest.mark.requirement("DC-08")
def test_a_reader_who_cannot_be_written_to_holds_up_nobody(at_once: None) -> None:
    (one,) = opened("AAA")
    good, bad = (make_user(Role.CLIENT_USER, client=one, name=name) for name in ("good", "bad"))
    User.objects.filter(pk=bad.pk).update(email="no address")
    weekly_task()
    assert ReportRun.objects.get().finished_at is not None
    assert set(ReportJob.objects.values_list("state", flat=True)) == {ReportState.ISSUED}
    (letter,) = Message.objects.filter(client_id=one.pk)
    assert message_opened(message=letter)["address"] == good.email


@pytest.mark.requirement("DC-08", "PL-36")
def test_the_page_of_a_report_says_what_its_paper_says(at_once: None) -> None:
    (one,) = opened("AAA")
    viewer = in_english(make_user(Role.CLIENT_USER, client=one, name="viewer"))
    first = report_issue(actor=ACTOR, client=one, period=WEEK, language="en")
    second = report_issue(actor=ACTOR, client=one, period=WEEK, language="en", reissue="A payment was reversed")
    page = signed_in(viewer).get(reverse("portal_report", args=[second.pk])).content.decode()
    for words in (second.sha256, second.chain_hash, "A payment was reversed", second.number):
        assert words in page
    assert reverse("portal_report", args=[first.pk]) in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("DC-08")
def test_two_workers_end_the_last_two_jobs_of_a_run_and_one_of_them_closes_it() -> None:
    opened("AAA", "BBB", "CCC")
    begun()
    ids, seen, gate = runs.jobs_hand_over(), [], threading.Barrier(3)

    def work(mine: list[int]) -> None:
        try:
            with clock.at(clock.at_riyadh(on=SUNDAY, time=dt.time(6))):
                gate.wait()
                seen.extend(runs.job_do(job_id=job_id) for job_id in mine)
        finally:
            connection.close()

    # Everyone is asked for everything: a job in another's hands is left there.
    threads = [threading.Thread(target=work, args=(ids[n:] + ids[:n],)) for n in (0, 2, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 18
    assert Report.objects.count() == 6
    run = ReportRun.objects.get()
    assert run.finished_at is not None
    assert AuditEvent.objects.filter(action="report_run.finished").count() == 1
