"""What complaints teach, in the demonstration: recommendations, others treated the same way, the month's reports."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from common import clock
from common.audit import Actor
from complaints.choices import Department, RedressState
from complaints.models import Matter
from complaints.selectors.ripple import cases_alike, traits_of
from complaints.services.monthly import reports_due
from complaints.services.recommendations import (
    recommendation_decide,
    recommendation_done,
    recommendation_not_done,
    recommendation_propose,
)
from complaints.services.redress import redress_answer, redress_open

if TYPE_CHECKING:
    from config.demo.world import World

SPAN = 30


def lessons(world: World) -> None:
    """From the complaint that was upheld: what is proposed, decided, done and not done, and who else was called so."""
    upheld = Matter.objects.filter(category__code="CONTACT_HOURS", outcome="JUSTIFIED").order_by("pk").first()
    if upheld is None:
        return
    with clock.at(world.now):
        _recommended(world, upheld)
        _redressed(world, upheld)
        reports_due(actor=Actor.system("demo"), at=world.now)
    world.say("recommendations, redress and the month's reports")


def _recommended(world: World, upheld: Matter) -> None:
    head, general, now = world.users["tariq"], world.users["adel"], world.now
    proposed = (
        ("يتكرر الاتصال بعد التاسعة مساءً.", "إيقاف الاتصال آليًا عند الثامنة والنصف."),
        ("خطابات إخلاء الطرف تتأخر بعد السداد.", "إصدار الخطاب يوم إقفال المديونية."),
        ("لا يُسأل المتصل عن هويته في كل مرة.", "إظهار خطوات التحقق قبل رقم الهاتف."),
        ("الشكاوى المالية تُحال متأخرة إلى المالية.", "إحالة شكاوى المبالغ إلى المالية فور تسجيلها."),
    )
    made = [
        recommendation_propose(
            user=head, department=Department.OPERATIONS, problem=problem, proposal=proposal,
            at=now - dt.timedelta(days=9 if n < 3 else 1), matters=[upheld] if n == 0 else (),
        )
        for n, (problem, proposal) in enumerate(proposed)
    ]  # fmt: skip
    for one in made[:3]:
        recommendation_decide(
            user=general, recommendation=one, approved=True, at=now - dt.timedelta(days=4), owner=head,
            due_on=world.today + dt.timedelta(days=7),
        )  # fmt: skip
    made[1].refresh_from_db()
    recommendation_done(user=head, recommendation=made[1], result="يصدر الخطاب آليًا منذ الأحد.", at=now)
    made[2].refresh_from_db()
    recommendation_not_done(user=head, recommendation=made[2], at=now)


def _redressed(world: World, upheld: Matter) -> None:
    rami, traits = world.users["rami"], traits_of(matter=upheld)
    alike = [one.case.pk for one in cases_alike(matter=upheld, user=rami, traits=traits, days=SPAN)][:3]
    if not alike:
        return
    opened = redress_open(
        user=rami, matter=upheld, traits=list(traits), days=SPAN, cases=alike, at=world.now,
        due_on=world.today + dt.timedelta(days=10),
    )  # fmt: skip
    redress_answer(
        user=rami, redress=opened[0], state=RedressState.SAME, answer="اتُّصل به في الوقت نفسه؛ اعتُذر إليه.",
        at=world.now,
    )  # fmt: skip
