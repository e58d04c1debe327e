"""How often one address may knock at a public door. Counted in Redis, in windows; nobody else's count is touched.

Where Redis does not answer the door stays open: what people tell us is worth more than a quiet hour.
"""

from __future__ import annotations

import hashlib
import ipaddress
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

from common import clock

log = logging.getLogger(__name__)
# A home's or a company's own range of IPv6; one machine may use any address of it.
V6_PREFIX = 64


@dataclass(frozen=True, kw_only=True)
class Limit:
    """So many times within so many seconds."""

    times: int
    seconds: int


def address_of(request: HttpRequest) -> str:
    """The address a request came from, an IPv6 one as its range.

    Behind ``MITHAQ_PROXIES`` proxies of our own it is the one that the outermost of them wrote down; what stands before
    that in the header is whatever the visitor liked to write.
    """
    text = request.META.get("REMOTE_ADDR", "")
    if settings.PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        text = hops[-settings.PROXIES] if len(hops) >= settings.PROXIES else text
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, V6_PREFIX), strict=False))
    return str(address)


def limit_passed(*, door: str, who: str, limits: Sequence[Limit]) -> int:
    """Count one knock of ``who`` at ``door``; 0 while every limit is kept, else after how many seconds to come again.

    Addresses stand in Redis as hashes, and no longer than their window.
    """
    now, wait = int(clock.now().timestamp()), 0
    mark = hashlib.sha256(f"{settings.SECRET_KEY} {door} {who}".encode()).hexdigest()[:32]
    try:
        for limit in limits:
            window, gone = divmod(now, limit.seconds)
            key = f"limit-{mark}-{limit.seconds}-{window}"
            cache.add(key, 0, timeout=limit.seconds)
            if cache.incr(key) > limit.times:
                wait = max(wait, limit.seconds - gone)
    except (RedisError, ValueError):  # ValueError: the window ended between the two calls
        log.warning("The limit of %s could not be counted.", door, exc_info=True)
        return 0
    return wait
