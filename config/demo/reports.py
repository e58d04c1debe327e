"""The reports of the demo, each on the morning on which the house makes it, and a review meeting about the quarter."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from clients.models import Client
from common import clock
from common.audit import Actor
from reporting.choices import PointKind, ReportKind
from reporting.models import Report
from reporting.papers import LANGUAGES
from reporting.rules.periods import Brief, Calendar, Placed, Quarter
from reporting.rules.weeks import Week
from reporting.services.reports import report_issue
from reporting.services.reviews import (
    adjustment_note,
    review_agree,
    review_outcome,
    review_point_add,
    review_print,
    review_record,
)
from reporting.services.runs import runs_due

if TYPE_CHECKING:
    from config.demo.world import World

DEMO = Actor.system("demo")


def weekly(world: World, week: Week) -> None:
    """The reports of a week, in both languages, on the Sunday after it."""
    with clock.at(clock.at_riyadh(on=week.ends_on + dt.timedelta(days=1), time=dt.time(6, 4))):
        _issued(world, week)


def due(world: World, day: dt.date) -> None:
    """What else the house makes on a morning: months, quarters, and the papers of the first portfolio."""
    with clock.at(clock.at_riyadh(on=day, time=dt.time(6, 15))):
        for period in runs_due(on=day):
            if isinstance(period, Brief):
                _adjusted(world, period)
            if not Report.objects.filter(kind=period.kind, period=period.label).exists():
                _issued(world, period)


def _issued(world: World, period: Calendar | Placed) -> None:
    clients = Client.objects.select_related("stage_policy").order_by("pk")
    if not isinstance(period, Week):
        clients = clients.filter(cases__placed_on__lte=period.ends_on).distinct()
    made = [
        report_issue(actor=DEMO, client=client, period=period, language=language)
        for client in clients
        for language in LANGUAGES
    ]
    if made:
        world.say(f"{period.label}: {len(made)} reports, {ReportKind(period.kind).name.lower()}")


def _adjusted(world: World, brief: Brief) -> None:
    """What the manager writes into the brief of one client."""
    adjustment_note(
        user=world.users["tariq"], client=world.clients["NK"], placed_on=brief.on,
        text="إرسال رسالة نصية قبل أول اتصال بساعة، فقد زادت الإجابة حيث فعلنا ذلك.",
    )  # fmt: skip


def review(world: World) -> None:
    """A meeting with a client about the last quarter, agreed, printed as the next issue, and followed up since."""
    quarter = Quarter.of(on=world.today).before()
    client, manager = world.clients["NK"], world.users["tariq"]
    held = quarter.ends_on + dt.timedelta(days=8)
    if held >= world.today or not Report.objects.filter(client=client, period=quarter.label).exists():
        return
    with clock.at(clock.at_riyadh(on=held, time=dt.time(13))):
        minutes = review_record(
            user=manager, client=client, quarter=quarter.label, held_on=held,
            attended="طارق الحميد (الوكالة)، ليلى الراجح (الشركة)",
        )  # fmt: skip
        review_point_add(
            user=manager, review=minutes, kind=PointKind.DECISION,
            text="تُعرض إعادة الجدولة على كل ملف تجاوز تأخره 60 يومًا قبل أي إجراء نظامي.",
        )  # fmt: skip
        numbers = review_point_add(
            user=manager, review=minutes, kind=PointKind.RECOMMENDATION,
            text="تزويدنا بأرقام الجوال المحدّثة للملفات التي لا تجيب.", owner="ليلى الراجح",
            due_on=held + dt.timedelta(days=14),
        )  # fmt: skip
        review_point_add(
            user=manager, review=minutes, kind=PointKind.RECOMMENDATION,
            text="نقل الاتصالات إلى ما بعد الرابعة عصرًا حيث تسمح السياسة.", owner="طارق الحميد",
            due_on=held + dt.timedelta(days=30),
        )  # fmt: skip
        minutes = review_agree(user=manager, review=minutes, agreed_by="ليلى الراجح", agreed_on=held)
        review_print(user=manager, review=minutes)
    with clock.at(clock.at_riyadh(on=held + dt.timedelta(days=12), time=dt.time(10))):
        review_outcome(user=manager, point=numbers, done=True)
    world.say(f"{quarter.label}: a review meeting, and the quarter's next issue")
