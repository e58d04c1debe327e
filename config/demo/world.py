"""A believable agency over its last months, made by calling the services alone: what it shows, they did.

Deterministic by seed; dates relative to today; the clock is set to each moment of the story.
"""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import holidays as saudi_holidays
from django.db import transaction
from django.db.models import F

from accounts.models import Team, User
from accounts.services.users import team_save, user_create
from clients.choices import Channel, ClientKind
from clients.models import Client
from clients.rules.stages import Place
from clients.selectors.stage_policies import ladder_of
from clients.services.clients import client_create, client_user_add
from clients.services.people import people_keeper_set
from clients.services.stage_policies import stage_change_propose, stage_policy_draft, stage_policy_edit
from collections_app.choices import HoldKind, Outcome, PromiseStatus, Reached
from collections_app.models import Case, Promise
from collections_app.services.cases import cases_assign
from collections_app.services.contacts import contact_record, contact_refused_record
from collections_app.services.holds import hold_place
from collections_app.services.imports import portfolio_import
from collections_app.services.ledger import payment_post
from collections_app.services.nightly import nightly_run
from common import audit, clock, jobs
from common.audit import Actor
from common.exceptions import Refused
from common.models import Holiday, JobRun
from config.demo import channels, complaints, credit, disputes, learning, legal, names, reports
from config.demo.files import LAYOUT, client_file
from config.demo.people import PASSWORD, PEOPLE
from reporting.rules.weeks import Week

DEMO = Actor.system("demo")
JOB = "demo"
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much of a world: days of history, debtors per client, contacts a collector and day, weeks of reports."""

    days: int
    debtors: dict[str, int]
    contacts_a_day: int
    weeks: int


SIZES = {
    "tiny": Size(days=21, debtors={"WH": 14, "RW": 10, "MD": 8, "NK": 6}, contacts_a_day=4, weeks=1),
    "small": Size(days=70, debtors={"WH": 330, "RW": 260, "MD": 260, "NK": 80}, contacts_a_day=16, weeks=3),
    "large": Size(days=150, debtors={"WH": 8000, "RW": 6000, "MD": 6000, "NK": 1500}, contacts_a_day=60, weeks=8),
}
CLIENTS = (
    ("WH", "بنك الواحة", "Oasis Bank", ClientKind.BANK),
    ("RW", "رواسي للتمويل", "Rawasi Finance", ClientKind.FINANCE),
    ("MD", "المدى للاتصالات", "Almada Telecom", ClientKind.TELECOM),
    ("NK", "النخيل للتجارة", "Nakheel Trading", ClientKind.TRADE),
)


@dataclass(kw_only=True)
class World:
    """The demo while it is being made."""

    rng: random.Random
    size: Size
    today: dt.date
    now: dt.datetime
    say: Say
    users: dict[str, User] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)

    @property
    def first_day(self) -> dt.date:
        return self.today - dt.timedelta(days=self.size.days)


def build(*, size: str, seed: int, today: dt.date, say: Say) -> World:
    """Make the whole world. Raises Refused when a demo is there already."""
    run, tick = jobs.begin(job=JOB, business_date=today), time.monotonic()
    world = World(
        rng=random.Random(seed),  # noqa: S311 - a story, not a secret
        size=SIZES[size],
        today=today,
        now=clock.now(),
        say=say,
    )
    with clock.at(clock.at_riyadh(on=world.first_day - dt.timedelta(days=1), time=dt.time(8, 0))):
        _house(world)
    day, last_week = world.first_day, Week.of(on=world.today).before()
    first_week = last_week.starts_on - dt.timedelta(weeks=world.size.weeks - 1)
    while day <= world.today:
        with clock.at(clock.at_riyadh(on=day, time=dt.time(0, 15))):
            nightly_run(date=day)
        # Each on its own Sunday, so that the next says what changed since; the last when law and complaints are told.
        over = Week.of(on=day).before()
        if day == Week.of(on=day).starts_on and first_week <= over.starts_on < last_week.starts_on:
            reports.weekly(world, over)
        reports.due(world, day)
        if day == world.first_day:
            _place(world, day, share=0.7)
        elif (day - world.first_day).days in {14, world.size.days - 2}:
            _place(world, day, share=0.2 if (day - world.first_day).days == 14 else 0.1)
        _work(world, day)
        if day == world.today - dt.timedelta(days=2):
            desk = credit.customers(world, day)
        if day == world.today - dt.timedelta(days=1):
            _appointments(world, day)
        day += dt.timedelta(days=1)
    credit.orders(desk)
    legal.requests(world)
    legal.files(world)
    complaints.matters(world)
    channels.contact_centre(world)
    disputes.objections(world)
    learning.lessons(world)
    _policies(world)
    reports.weekly(world, last_week)
    reports.review(world)
    say(f"audit chain: {audit.seal()} events sealed")
    jobs.finish(run=run, row_count=Case.objects.count(), seconds=time.monotonic() - tick)
    return world


def _house(world: World) -> None:
    """People, teams, calendars, clients."""
    teams: dict[str, Team] = {
        code: team_save(actor=DEMO, team=None, name_ar=name_ar, name_en=name_en)
        for code, name_ar, name_en in (("RUH", "فريق الرياض", "Riyadh team"), ("JED", "فريق جدة", "Jeddah team"))
    }
    years = range(world.today.year - 1, world.today.year + 2)
    for calendar in Holiday.Calendar.values:
        arabic = saudi_holidays.country_holidays("SA", years=years, language="ar")
        for on, name in saudi_holidays.country_holidays("SA", years=years, language="en_US").items():
            Holiday.objects.get_or_create(
                calendar=calendar,
                on=on,
                defaults={"name_ar": arabic[on], "name_en": name, "estimated": "estimated" in name.lower()},
            )
    for code, name_ar, name_en, kind in CLIENTS:
        world.clients[code] = client_create(
            actor=DEMO,
            code=code,
            name_ar=name_ar,
            name_en=name_en,
            kind=kind,
            signed_on=world.first_day - dt.timedelta(days=1),
            fee_percent=Decimal("12.5"),
        )
    for person in PEOPLE:
        user = user_create(
            actor=DEMO,
            email=person.email,
            name_ar=person.name_ar,
            name_en=person.name_en,
            role=person.role,
            team=teams.get(person.team),
            password=PASSWORD,
            is_demo=True,
        )
        world.users[person.email.partition("@")[0]] = user
        if person.client:
            membership = client_user_add(actor=DEMO, client=world.clients[person.client], user=user)
            people_keeper_set(actor=DEMO, membership=membership, keeps_people=True)
    world.say(f"{len(PEOPLE)} people, {len(CLIENTS)} clients")


def _policies(world: World) -> None:
    """The manager asks for a later follow-up stage at one client; it waits for the general manager."""
    manager, client = world.users["tariq"], Client.objects.get(code="RW")
    with clock.at(world.now - dt.timedelta(minutes=40)):
        draft = stage_policy_draft(user=manager, policy=client.stage_policy)
        named: dict[int, dict[str, Any]] = {
            1: {"name_ar": "1–45", "name_en": "1–45"},
            31: {"from_day": 46, "name_ar": "46–60", "name_en": "46–60"},
        }
        later = [replace(stage, **named.get(stage.from_day or 0, {})) for stage in ladder_of(draft)]
        draft = stage_policy_edit(
            user=manager,
            policy=draft,
            name_ar=draft.name_ar,
            name_en=draft.name_en,
            basis=draft.basis,
            default_after_days=draft.default_after_days,
            default_rules=draft.default_rules,
            stages=later,
        )
        stage_change_propose(
            user=manager,
            policy=draft,
            places=[Place(client_id=client.pk)],
            starts_on=world.today + dt.timedelta(days=7),
            reason="طلبت الجهة تأخير المتابعة الحثيثة إلى اليوم 46.",
            today=world.today,
        )


def _place(world: World, day: dt.date, *, share: float) -> None:
    """Each client sends a file; a leader gives its cases out."""
    for code, client in world.clients.items():
        count = max(int(world.size.debtors[code] * share), 1)
        content = client_file(
            rng=world.rng, code=code, day=day, count=count, start=Case.objects.filter(client=client).count()
        )
        with clock.at(clock.at_riyadh(on=day, time=dt.time(8, 20))):
            imported = portfolio_import(
                actor=DEMO, client=Client.objects.get(pk=client.pk), content=content.encode(), layout=LAYOUT,
                name=f"{code.lower()}_{day:%Y_%m_%d}.csv", placed_on=day, user=world.users["maha"],
            )  # fmt: skip
            if not imported.result["written"]:
                raise Refused("demo_import", str(imported.result["refusals"][:3]))
            owners = ("noura", "saad") if code in {"WH", "NK"} else ("reem", "fahad")
            new = list(Case.objects.filter(client=client, owner=None).order_by("pk").values_list("pk", flat=True))
            keep = len(new) - max(len(new) // 20, 0)
            for position, owner in enumerate(owners):
                cases_assign(actor=DEMO, case_ids=new[position : keep : len(owners)], owner=world.users[owner], on=day)
        world.say(f"{day} {code}: {imported.result['receivables']} receivables of {imported.result['cases']} cases")


def _working(world: World, day: dt.date) -> bool:
    return day.isoweekday() in {7, 1, 2, 3, 4} and not Holiday.objects.filter(on=day, calendar="BANK").exists()


def _work(world: World, day: dt.date) -> None:
    """A day of the agency: promises fall due and are paid or not, collectors call, money comes."""
    rng = world.rng
    # The last day is still going on: what has not happened yet is left to who looks at the demo.
    until = world.now if day == world.today else None
    due = Promise.objects.filter(status=PromiseStatus.OPEN, due_on=day).select_related("case").order_by("pk")
    for promise in due if until is None else due.none():
        roll = rng.random()
        if roll < 0.55:
            _pay(world, promise.case, day, promise.amount)
        elif roll < 0.7:
            _pay(world, promise.case, day, (promise.amount / 2).quantize(Decimal("0.01")))
    working = _working(world, day)
    for email in ("noura", "saad", "reem", "fahad"):
        if not working:
            break
        user = world.users[email]
        mine = list(
            Case.objects.filter(owner=user, status__in=["ACTIVE"], balance__gt=0)
            .select_related("client", "debtor")
            .order_by(F("last_contact_at").asc(nulls_first=True), "-balance")[: world.size.contacts_a_day * 3]
        )
        rng.shuffle(mine)
        minute = 9 * 60 + 5
        for case in mine[: world.size.contacts_a_day]:
            minute += rng.randint(4, 420 // world.size.contacts_a_day)
            if minute >= 16 * 60 + 50:
                break
            at = clock.at_riyadh(on=day, time=dt.time(minute // 60, minute % 60))
            if until is not None and at > until - dt.timedelta(minutes=5):
                break
            _contact(world, user, case, at)
        if rng.random() < 0.2 and mine and until is None:
            with clock.at(clock.at_riyadh(on=day, time=dt.time(17, 42))):
                contact_refused_record(actor=Actor.person(user), user=user, case=mine[0], channel=Channel.PHONE)
    for case in Case.objects.filter(status="ACTIVE", balance__gt=0).order_by("pk")[rng.randrange(5) :: 97]:
        if rng.random() < 0.5 and (until is None or until.astimezone(clock.RIYADH).hour >= 10):
            _pay(world, case, day, min(case.balance, Decimal(rng.randrange(20_000, 300_000)) / 100))


def _pay(world: World, case: Case, day: dt.date, amount: Decimal) -> None:
    hour = 18 if day < world.today else 9
    with clock.at(clock.at_riyadh(on=day, time=dt.time(hour, world.rng.randrange(60)))), transaction.atomic():
        try:
            payment_post(
                actor=DEMO,
                case=case,
                amount=amount,
                currency=case.currency,
                value_on=day,
                method=world.rng.choice(["SADAD", "TRANSFER"]),
                reference=f"TX{world.rng.randrange(10**9):09d}",
            )
        except Refused:
            return


def _contact(world: World, user: User, case: Case, at: dt.datetime) -> None:
    """One call (sometimes a message), with the outcomes a collector meets."""
    rng, roll = world.rng, world.rng.random()
    day = at.astimezone(clock.RIYADH).date()
    channel = Channel.SMS if roll < 0.18 else Channel.PHONE
    reached, outcome, note = Reached.NO_ONE, Outcome.NO_ANSWER, ""
    extra: dict[str, Any] = {}
    if channel == Channel.SMS:
        outcome = Outcome.SENT
    elif roll > 0.5:
        reached = Reached.HOLDER
        pick = rng.random()
        if pick < 0.5:
            part = case.balance if case.balance < 1500 else (case.balance / rng.randint(2, 5)).quantize(Decimal("0.01"))
            outcome = Outcome.PROMISE
            extra = {"promise_amount": part, "promise_on": day + dt.timedelta(days=rng.randint(1, 14))}
        elif pick < 0.62:
            outcome = Outcome.CALL_BACK
            ahead = day + dt.timedelta(days=rng.randint(1, 3))
            extra = {"call_back_at": clock.at_riyadh(on=ahead, time=dt.time(rng.randint(9, 16), 30))}
        elif pick < 0.66:
            outcome, note = Outcome.OBJECTED, "يعترض على مبلغ أحد الأقساط ويطلب كشف حساب."
        elif pick < 0.7:
            outcome, note = Outcome.HARDSHIP, "فقد عمله قبل شهرين ويطلب مهلة."
        elif pick < 0.8:
            outcome = Outcome.PLAN_ASKED
        else:
            outcome = rng.choice([Outcome.INFORMED, Outcome.INFORMED, Outcome.PAID_ALREADY, Outcome.REFUSED])
    elif roll > 0.44:
        reached, outcome = Reached.OTHER, Outcome.WRONG_PERSON
    if not note and outcome in names.NOTES and rng.random() < 0.6:
        note = rng.choice(names.NOTES[outcome])
    with clock.at(at + dt.timedelta(minutes=3)):
        try:
            contact_record(
                actor=Actor.person(user),
                user=user,
                case=case,
                channel=channel,
                reached=reached,
                outcome=outcome,
                note=note,
                at=at,
                contact_point=case.debtor.contact_points.first(),
                **extra,
            )
        except Refused:
            return


def _appointments(world: World, day: dt.date) -> None:
    """What the day before leaves for today: call backs by the clock, a hardship, a contact outside the policy."""
    for email in ("noura", "saad", "reem", "fahad"):
        user = world.users[email]
        own = Case.objects.filter(owner=user, status="ACTIVE", balance__gt=0).select_related("client", "debtor")
        cases = list(own.order_by("pk")[:6])
        for case, (hour, minute) in zip(cases, ((10, 40), (13, 15), (14, 0), (15, 30)), strict=False):
            ahead = clock.at_riyadh(on=world.today, time=dt.time(hour, minute))
            told = clock.at_riyadh(on=day, time=dt.time(16, 20))
            with clock.at(told):
                contact_record(
                    actor=Actor.person(user),
                    user=user,
                    case=case,
                    channel=Channel.PHONE,
                    reached=Reached.HOLDER,
                    outcome=Outcome.CALL_BACK,
                    note=world.rng.choice(names.NOTES["CALL_BACK"]),
                    contact_point=case.debtor.contact_points.first(),
                    call_back_at=ahead,
                    breach_reason="" if _working(world, day) else "طلب صاحب الملف الاتصال في إجازته",
                )
        if email == "saad" and len(cases) > 5:
            with clock.at(clock.at_riyadh(on=day, time=dt.time(17, 25))):
                contact_record(
                    actor=Actor.person(user),
                    user=user,
                    case=cases[4],
                    channel=Channel.PHONE,
                    reached=Reached.HOLDER,
                    outcome=Outcome.INFORMED,
                    contact_point=cases[4].debtor.contact_points.first(),
                    breach_reason="طلب صاحب الملف الاتصال بعد انتهاء ورديته",
                )
                hold_place(
                    actor=Actor.person(user),
                    case=cases[5],
                    kind=HoldKind.HARDSHIP,
                    from_on=day,
                    reason="ظرف صحي موثق بتقرير",
                )


def is_empty() -> bool:
    """True when nobody signs in here yet."""
    return not User.objects.exists()


def was_interrupted() -> bool:
    """True when a demo was begun here and never came to its end."""
    return JobRun.objects.filter(job=JOB).exclude(status=JobRun.Status.DONE).exists()
