"""Segments of a placed portfolio, with their priority and channels, and targets from what was found (PL-05 to PL-07).

Pure. An account is young, middle or old by its oldest open item, and large or small: the large ones are the fewest that
together hold half of what was placed. Who cannot be reached at all is a segment of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from clients.choices import Channel

YOUNG, MIDDLE, OLD = "YOUNG", "MIDDLE", "OLD"
LARGE, SMALL = "LARGE", "SMALL"
UNREACHABLE = "UNREACHABLE"
# The last day late that is still young, and still middle; the middle ends where default begins (over 90 days).
YOUNG_UP_TO, MIDDLE_UP_TO = 30, 90
# Half of what was placed.
LARGE_SHARE = Decimal("0.5")


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One segment: in which order it is worked (1 first), on which channels, and why so."""

    code: str
    name: StrPromise
    priority: int
    channels: tuple[Channel, ...]
    why: StrPromise


SEGMENTS: tuple[Segment, ...] = (
    Segment(
        code=f"{MIDDLE}_{LARGE}",
        name=_("31–90 days, large"),
        priority=1,
        channels=(Channel.PHONE, Channel.SMS, Channel.EMAIL),
        why=_("Default is near and most of the money is here: a conversation first, in writing after it."),
    ),
    Segment(
        code=f"{YOUNG}_{LARGE}",
        name=_("Up to 30 days, large"),
        priority=2,
        channels=(Channel.PHONE, Channel.SMS),
        why=_("What is young is soonest regular again; a call finds what stands in the way."),
    ),
    Segment(
        code=f"{OLD}_{LARGE}",
        name=_("Over 90 days, large"),
        priority=3,
        channels=(Channel.PHONE, Channel.LETTER, Channel.VISIT),
        why=_("Past default: a conversation with payment options, and papers gathered for a written step."),
    ),
    Segment(
        code=f"{MIDDLE}_{SMALL}",
        name=_("31–90 days, small"),
        priority=4,
        channels=(Channel.SMS, Channel.PHONE, Channel.EMAIL),
        why=_("Many and near default: a message with the amount and how to pay, then a call."),
    ),
    Segment(
        code=f"{YOUNG}_{SMALL}",
        name=_("Up to 30 days, small"),
        priority=5,
        channels=(Channel.SMS, Channel.EMAIL),
        why=_("Mostly forgotten: a friendly reminder is enough for many."),
    ),
    Segment(
        code=f"{OLD}_{SMALL}",
        name=_("Over 90 days, small"),
        priority=6,
        channels=(Channel.SMS, Channel.LETTER, Channel.PHONE),
        why=_("Little comes of much effort: in writing first, a call to who answers."),
    ),
    Segment(
        code=UNREACHABLE,
        name=_("No way to reach them"),
        priority=7,
        channels=(),
        why=_("Nothing was sent to reach them by: the client is asked first."),
    ),
)
BY_CODE: Mapping[str, Segment] = {segment.code: segment for segment in SEGMENTS}


def segment_of(*, days_late: int, large: bool, reachable: bool) -> str:
    """The segment of an account; what is not due yet is young."""
    if not reachable:
        return UNREACHABLE
    age = YOUNG if days_late <= YOUNG_UP_TO else MIDDLE if days_late <= MIDDLE_UP_TO else OLD
    return f"{age}_{LARGE if large else SMALL}"


def channels_of(*, code: str, allowed: Collection[str]) -> list[Channel]:
    """The channels of a segment that the client's contact policy allows, the first to be tried first."""
    return [channel for channel in BY_CODE[code].channels if channel in allowed]


STEP = Decimal(5)


def target_from(baseline: Decimal | None) -> Decimal | None:
    """What is proposed as target for a share found so far, in percent: the next multiple of five above it, 95 at most.

    None where nothing was found: the early brief proposes it then.
    """
    if baseline is None:
        return None
    return min((baseline / STEP).quantize(Decimal(1), rounding=ROUND_CEILING) * STEP or STEP, Decimal(95))
