"""Who supervises each channel, a review, and what was written of the agency in public: a comment in every state."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from common import clock
from common.calendar import is_working_day
from common.clocks import clocks_tick, days_off
from complaints.choices import Intake
from complaints.choices.channels import CommentSort, DeedKind, Platform
from complaints.models import Channel, PublicComment
from complaints.services.channels import channel_review, channel_save, channels_ship, review_propose
from complaints.services.comment_deeds import comment_handle, comment_move, comment_reply, writer_measure
from complaints.services.public_comments import comment_close, comment_record, watch_record

if TYPE_CHECKING:
    from config.demo.world import World

# Supervisor and team of each; of the systems of clients nobody was named yet.
TEAMS = {
    Intake.PHONE: ("dalal", ("noura", "reem")),
    Intake.EMAIL: ("dalal", ()),
    Intake.WEB: ("dalal", ()),
    Intake.IN_PERSON: ("maha", ("noura",)),
    Intake.CONTACT: ("tariq", ("maha", "rashid")),
    Intake.PORTAL: ("tariq", ()),
}
ACCOUNTS = ((Platform.X, "@mithaq_example"), (Platform.GOOGLE, "Mithaq Riyadh"))
# Which comment, how many days ago, at which account, by whom, and what it says.
COMMENTS = (
    (CommentSort.IMPROPER, 6, 0, "@angry_1409", "أنتم مجموعة لصوص، وسأنشر أسماء موظفيكم."),
    (CommentSort.COMPLAINT, 5, 0, "@hind_sh", "اتصلوا بي وأنا في العمل ثلاث مرات اليوم، هل هذا نظامي؟"),
    (CommentSort.PRAISE, 4, 1, "Turki A.", "تعامل راقٍ، وحُلّ الموضوع في يوم واحد."),
    (CommentSort.ASKS, 3, 0, "@sultan_q8", "سددت قبل أسبوع ولم تصلني مخالصة، مع من أتواصل؟"),
    (CommentSort.ASKS, 2, 1, "Reema F.", "هل يمكن زيارة المكتب مساءً؟"),
    (CommentSort.ASKS, 0, 0, "@nawaf_77", "لماذا لا تردون على الهاتف؟"),
)


def contact_centre(world: World) -> None:
    """Teams, accounts, a quarter's reviews, looks at the accounts, and what was found there."""
    channels_ship()
    rami = world.users["rami"]
    began = clock.at_riyadh(on=world.today - dt.timedelta(days=15), time=dt.time(8))
    with clock.at(began):
        for intake, (supervisor, team) in TEAMS.items():
            channel_save(
                user=rami, channel=Channel.objects.get(intake=intake), at=began, is_active=True,
                supervisor=world.users[supervisor], team=[world.users[one] for one in team],
            )  # fmt: skip
        accounts = [
            channel_save(
                user=rami, channel=None, at=began, is_active=True, supervisor=world.users["dalal"],
                team=[world.users["noura"]], platform=platform, account=account,
            )
            for platform, account in ACCOUNTS
        ]  # fmt: skip
    _reviews(world)
    _comments(world, accounts)
    with clock.at(world.now):
        clocks_tick(at=world.now)
    world.say(f"{len(TEAMS) + len(ACCOUNTS)} channels with their teams, {len(COMMENTS)} public comments")


def _reviews(world: World) -> None:
    """Those of the complaints officer; what the first proposes becomes a recommendation."""
    at = clock.at_riyadh(on=world.today - dt.timedelta(days=1), time=dt.time(11))
    with clock.at(at):
        for intake in (Intake.PHONE, Intake.EMAIL, Intake.WEB):
            review = channel_review(
                user=world.users["dalal"], channel=Channel.objects.get(intake=intake), at=at,
                says="الوارد في ازدياد، وأول ردّ يتأخر في المساء.",
                needs="من يجيب بعد الرابعة عصرًا، وقائمة بالأسئلة المتكررة أمام الموظف.",
                skills="الإيضاح بلغة سهلة، والتهدئة، ومعرفة مسار الاعتراض.",
                proposal="تخصيص موظف لفترة المساء." if intake == Intake.PHONE else "",
            )  # fmt: skip
            if review.proposal:
                review_propose(user=world.users["rami"], review=review, department="FRONT_LINE", at=at)


def _comments(world: World, accounts: list[Channel]) -> None:
    """Day after day: what was found, what was done, and the look; the second account was left alone for days."""
    dalal, off = world.users["dalal"], days_off(calendar="PRIVATE")
    for ago in range(14, -1, -1):
        day = world.today - dt.timedelta(days=ago)
        at = min(clock.at_riyadh(on=day, time=dt.time(9, 30)), world.now - dt.timedelta(minutes=30))
        with clock.at(at):
            for place, (sort, days, account, writer, words) in enumerate(COMMENTS):
                if days == ago:
                    comment = comment_record(
                        user=dalal, channel=accounts[account], sort=sort, link=f"https://social.example/c/{place + 1}",
                        writer=writer, words=words, published_at=at - dt.timedelta(hours=2), at=at,
                    )  # fmt: skip
                    _seen_to(world, place, comment, at + dt.timedelta(minutes=20))
        look = at + dt.timedelta(minutes=25)
        with clock.at(look):
            for number, one in enumerate(accounts):
                if ago and is_working_day(on=day, holidays=off) and (number == 0 or ago > 4):
                    watch_record(user=dalal, channel=one, at=look)


def _seen_to(world: World, place: int, comment: PublicComment, at: dt.datetime) -> None:
    """What became of each; the last two wait."""
    user = world.users["dalal"]
    with clock.at(at):
        if place == 0:
            comment_handle(user=user, comment=comment, kind=DeedKind.HIDDEN, reason="سبّ وتهديد بنشر أسماء", at=at)
            writer_measure(user=user, comment=comment, kind=DeedKind.WARNED, reason="أول مخالفة", at=at)
            comment_close(user=user, comment=comment, at=at)
        elif place == 1:
            comment_move(user=user, comment=comment, kind="COMPLAINT", phone="0555011408", at=at)
            comment_close(user=user, comment=comment, at=at)
        elif place == 2:
            comment_close(user=user, comment=comment, at=at)
        elif place == 3:
            words = "نعتذر عن التأخر، ونسعد بخدمتكم وإصدار ما تحتاجون إليه."
            comment_reply(user=user, comment=comment, words=words, language="ar", at=at)
            comment_move(user=user, comment=comment, kind="ENQUIRY", at=at)
