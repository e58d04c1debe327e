"""The only writer of channels and their reviews (CX-27): kept by the quality officer, reviewed by their supervisors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.audit import Actor, record
from common.clock import RIYADH
from common.exceptions import Conflict, NotAllowed, Refused
from complaints.choices import Intake
from complaints.choices.channels import Platform
from complaints.models import Channel, ChannelReview, Recommendation
from complaints.policies import can_keep_channels, can_review_channel, channel_matters, is_of_the_house
from complaints.rules.channels import SHIPPED
from complaints.selectors.channels import figures_kept, figures_of_channel, review_period
from complaints.services.recommendations import recommendation_propose

LONGEST_TEXT, LONGEST_ACCOUNT = 2000, 80


def channels_ship() -> int:
    """Write down the official channels where they are not there yet; how many were new. What people changed stays."""
    known = set(Channel.objects.values_list("intake", flat=True))
    new = [intake for intake in SHIPPED if intake not in known]
    Channel.objects.bulk_create(Channel(intake=intake) for intake in new)
    return len(new)


def channel_save(
    *,
    user: User,
    channel: Channel | None,
    at: dt.datetime,
    is_active: bool,
    supervisor: User | None,
    team: Sequence[User] = (),
    platform: str = "",
    account: str = "",
) -> Channel:
    """Name an account of social media, or say whose a channel is and whether it is in use. None is ever deleted.

    ``platform`` and ``account`` are those of social media alone. An account that comes back into use is looked through
    from that day. Raises NotAllowed for who does not keep them, Refused for people who do not work here, for an
    account without a name, and for one that is here already.
    """
    if not can_keep_channels(user):
        raise NotAllowed("channel_keeper", _("The quality officer keeps the channels."))
    if supervisor is not None and not is_of_the_house(supervisor):
        raise Refused("channel_supervisor", _("Choose somebody who works here."), field="supervisor")
    if not all(is_of_the_house(one) for one in team):
        raise Refused("channel_team", _("Choose people who work here."), field="team")
    with transaction.atomic():
        held = Channel(intake=Intake.SOCIAL)
        if channel is not None:
            held = Channel.objects.select_for_update(of=("self",), no_key=True).get(pk=channel.pk)
        before = _as_told(held)
        if held.intake == Intake.SOCIAL:
            held.platform, held.account = _account(platform, account)
            if is_active and (held.since is None or not held.is_active):
                held.since = at.astimezone(RIYADH).date()
        held.since = held.since or (at.astimezone(RIYADH).date() if held.intake == Intake.SOCIAL else None)
        held.is_active, held.supervisor = is_active, supervisor
        is_new = held.pk is None
        try:
            with transaction.atomic():
                held.save()
        except IntegrityError as error:
            raise Refused("channel_account", _("This account is here already."), field="account") from error
        held.team.set([one for one in team if one != supervisor])
        after = _as_told(held)
        changed = {name: [before[name], after[name]] for name in after if is_new or before[name] != after[name]}
        record(
            actor=Actor.person(user), action="channel.added" if is_new else "channel.changed", subject=held,
            body={"intake": held.intake, "changed": changed},
        )  # fmt: skip
    return held


def _account(platform: str, account: str) -> tuple[str, str]:
    account = account.strip()
    if platform not in Platform.values:
        raise Refused("channel_platform", _("Choose one of the list."), field="platform")
    if not account or len(account) > LONGEST_ACCOUNT:
        raise Refused("channel_account", _("Write the account's public name."), field="account")
    return platform, account


def _as_told(channel: Channel) -> dict[str, object]:
    """What may be said of a channel, as the trail keeps it."""
    team = sorted(channel.team.values_list("pk", flat=True)) if channel.pk is not None else []
    return {
        "platform": channel.platform, "account": channel.account, "in_use": channel.is_active,
        "supervisor": channel.supervisor_id, "team": team,
    }  # fmt: skip


def channel_review(
    *, user: User, channel: Channel, at: dt.datetime, says: str, needs: str, skills: str, proposal: str = ""
) -> ChannelReview:
    """Review a channel over the quarter up to yesterday: what its figures say, what it needs, which skills are wanted
    and what is proposed. The figures are kept as they stand now.

    Raises NotAllowed for who does not supervise it, Conflict for a second review of one day, Refused without words.
    """
    told = {"says": says.strip(), "needs": needs.strip(), "skills": skills.strip(), "proposal": proposal.strip()}
    for name, words in told.items():
        if not words and name != "proposal":
            raise Refused(f"review_{name}", _("Write it down."), field=name)
        if len(words) > LONGEST_TEXT:
            raise Refused(f"review_{name}", _("That is longer than 2,000 characters."), field=name)
    first, last = review_period(on=at.astimezone(RIYADH).date())
    with transaction.atomic():
        held = Channel.objects.select_for_update(of=("self",), no_key=True).get(pk=channel.pk)
        if not can_review_channel(user, held):
            raise NotAllowed("channel_supervisor", _("Who supervises a channel reviews it, while it is in use."))
        if held.reviews.filter(last=last).exists():
            raise Conflict("channel_reviewed", _("It was reviewed today already."))
        figures = figures_of_channel(channel=held, matters=channel_matters(user), first=first, last=last)
        review = ChannelReview.objects.create(
            channel=held, first=first, last=last, figures=figures_kept(figures), by=user, at=at, **told
        )
        record(
            actor=Actor.person(user), action="channel.reviewed", subject=review,
            body={"channel": held.pk, "first": first, "last": last, "proposes": bool(review.proposal)},
        )  # fmt: skip
    return review


def review_propose(*, user: User, review: ChannelReview, department: str, at: dt.datetime) -> Recommendation:
    """Make a recommendation of what a review proposes, in the way of CR-08: its needs are what is wrong.

    Raises Conflict where it is one already, Refused where the review proposes nothing, and what
    ``recommendation_propose`` raises.
    """
    if not review.proposal:
        raise Refused("review_proposal", _("This review proposes nothing."))
    with transaction.atomic():
        # The row is append-only, so that its channel is what two who press at once wait for.
        Channel.objects.select_for_update(of=("self",), no_key=True).get(pk=review.channel_id)
        if Recommendation.objects.filter(review=review).exists():
            raise Conflict("review_proposed", _("It is a recommendation already."))
        return recommendation_propose(
            user=user, department=department, problem=review.needs, proposal=review.proposal, at=at, review=review
        )
