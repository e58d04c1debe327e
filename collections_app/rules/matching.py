"""Which receivables a payment pays, where that can be known; else what a person might choose. Pure.

Payments are taken in the order of their value dates, each against what was open on its own day: issued by then, less
what earlier payments took. What a payer names wins; else one item of exactly the amount; else the one set of items that
comes to it. Two ways to come to an amount are a question for a person, never a guess.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from collections_app.rules.allocation import Share
from common.money import ZERO

# The items are halved, and each half may come to this many different sums: any 36 items, and any number of equal
# instalments. Beyond, the search is given up and a person asked.
MOST_SUMS = 2**18
# How far a person's suggestions are looked for, and how many are shown.
MOST_STEPS, MOST_FOUND, MOST_SHOWN = 20_000, 50, 5

Outcome = Literal["MATCHED", "SUGGESTED", "UNMATCHED"]

# Why a payment was posted where it was.
MATCHES: Mapping[str, Any] = {
    "reference": _("The receivable is named."),
    "amount": _("One open receivable has exactly this amount."),
    "subset": _("One set of open receivables comes to exactly this amount."),
}
# Why a payment waits for a person.
WAITS: Mapping[str, Any] = {
    "amount_twice": _("More than one open receivable has exactly this amount."),
    "subset_twice": _("More than one set of open receivables comes to this amount."),
    "too_many": _("So many receivables are open that not every set could be looked at."),
    "no_sum": _("No set of open receivables comes to this amount."),
    "contested": _("An earlier payment that still waits may have paid the same."),
    "named_unknown": _("It names a receivable that this account holder does not have."),
    "named_twice": _("It names a receivable that stands under more than one contract."),
    "named_closed": _("The receivable it names was not open on the value date, or is paid by now."),
    "named_over": _("It is more than the receivable it names still owes."),
    "named_sum": _("The receivables it names do not come to this amount."),
    "named_weak": _("What it names may be a number by chance."),
    "nothing_open": _("Nothing was open in this currency on the value date that is still open."),
    "holder_unknown": _("This client has no account holder of that number."),
    "holder_none": _("It names no account holder or receivable we know."),
    "holder_many": _("It names more than one account holder."),
    "case_ended": _("The case has ended otherwise than by payment."),
    "reversal": _("The bank takes back what it booked before."),
    "currency_unknown": _("Its currency is not known, or not kept here."),
    "future": _("Its value date is in the future."),
    "by_hand_twice": _("Its reference, with this amount, is on a case already."),
}
# What stands behind a suggestion.
SUGGESTIONS: Mapping[str, Any] = {
    "exact": _("exactly this amount"),
    "set": _("comes to exactly this amount"),
    "named": _("named; what is over stays in suspense"),
    "nearest": _("the nearest amount above"),
    "oldest": _("oldest first; what is over stays in suspense"),
}


@dataclass(frozen=True, kw_only=True)
class Item:
    """One receivable, with all that moved on it: what it owed on any day follows."""

    receivable_id: int
    ref: str
    issued_on: dt.date
    due_on: dt.date
    currency: str
    movements: tuple[tuple[dt.date, Decimal], ...]


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """Money that came. ``named`` holds, for each receivable it names, the ids that name may mean."""

    key: int
    reference: str
    value_on: dt.date
    amount: Decimal
    currency: str
    holder: int | None
    named: tuple[tuple[int, ...], ...] = ()
    # It names a receivable that the holder does not have.
    astray: bool = False
    # The payer said so in a column of its own: part of a receivable, and more than it, are taken at their word.
    firm: bool = True
    # What was read out of a text and may be a number by chance.
    weak: bool = False
    # Why it is not for us to decide, whatever the amounts say.
    stop: str = ""
    # Known from before and still with a person: it is not decided again, but what it may have paid is contested.
    waiting: bool = False


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """What a person might choose; what the shares do not take stays on the payment."""

    shares: tuple[Share, ...]
    reason: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What becomes of one payment, and why."""

    payment: Incoming
    outcome: Outcome
    reason: str
    shares: tuple[Share, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(kw_only=True)
class _Holder:
    """One account holder's receivables while payments are taken."""

    items: Sequence[Item]
    taken: dict[int, list[tuple[dt.date, Decimal]]] = field(default_factory=lambda: defaultdict(list))
    contested: set[int] = field(default_factory=set)

    def left(self, item: Item, on: dt.date) -> Decimal:
        """What could still be paid on a day: what was open then, as far as nothing later has taken it."""
        moves = [*item.movements, *self.taken[item.receivable_id]]
        then = sum((amount for day, amount in moves if day <= on), ZERO)
        return max(min(then, sum((amount for _day, amount in moves), ZERO)), ZERO)

    def open(self, *, currency: str, on: dt.date) -> dict[int, Decimal]:
        """What was open on a day, oldest first, by receivable."""
        found = {}
        for item in sorted(self.items, key=lambda i: (i.due_on, i.issued_on, i.receivable_id)):
            if item.currency == currency and item.issued_on <= on and (left := self.left(item, on)) > ZERO:
                found[item.receivable_id] = left
        return found

    def take(self, *, shares: Iterable[Share], on: dt.date) -> None:
        for share in shares:
            self.taken[share.receivable_id].append((on, -share.amount))


def take(*, payments: Sequence[Incoming], items: Mapping[int, Sequence[Item]]) -> list[Decision]:
    """Decide each payment in the order of value date and reference. ``items`` are the receivables of each holder."""
    holders = {holder: _Holder(items=found) for holder, found in items.items()}
    decisions = []
    for payment in sorted(payments, key=lambda p: (p.value_on, p.reference, p.key)):
        holder = holders.get(payment.holder) if payment.holder is not None else None
        decision = _decide(payment=payment, holder=holder)
        if holder is not None and payment.waiting:
            holder.contested |= {share.receivable_id for share in _claims(decision)}
        elif holder is not None and decision.outcome == "MATCHED":
            holder.take(shares=decision.shares, on=payment.value_on)
        elif holder is not None and decision.reason in {"amount_twice", "subset_twice", "too_many", "contested"}:
            holder.contested |= {share.receivable_id for share in _claims(decision)}
        if not payment.waiting:
            decisions.append(decision)
    return decisions


def _claims(decision: Decision) -> Iterable[Share]:
    return (*decision.shares, *(share for suggestion in decision.suggestions for share in suggestion.shares))


def _decide(*, payment: Incoming, holder: _Holder | None) -> Decision:
    if holder is None:
        return _waits(payment, payment.stop or "holder_unknown")
    left = holder.open(currency=payment.currency, on=payment.value_on)
    if not left:
        return _waits(payment, payment.stop or ("named_closed" if payment.named else "nothing_open"))
    if payment.named and not payment.astray:
        found = _by_name(payment=payment, left=left)
    else:
        found = _by_amount(payment=payment, left=left, contested=holder.contested)
        if payment.astray:
            found = _asked(found, reason="named_unknown")
    return _asked(found, reason=payment.stop) if payment.stop else found


def _waits(payment: Incoming, reason: str, suggestions: Iterable[Suggestion] = ()) -> Decision:
    """With a person: with something to choose from, or with nothing."""
    # Of two reasons for the same shares the first is told.
    first: dict[tuple[Share, ...], Suggestion] = {}
    for suggestion in suggestions:
        first.setdefault(suggestion.shares, suggestion)
    shown = tuple(first.values())[:MOST_SHOWN]
    outcome: Outcome = "SUGGESTED" if shown else "UNMATCHED"
    return Decision(payment=payment, outcome=outcome, reason=reason, suggestions=shown)


def _asked(decision: Decision, *, reason: str) -> Decision:
    """The same, but asked of a person instead of posted."""
    if decision.outcome != "MATCHED":
        return _waits(decision.payment, reason, decision.suggestions)
    proposed = Suggestion(
        shares=decision.shares, reason={"reference": "named", "amount": "exact"}.get(decision.reason, "set")
    )
    return _waits(decision.payment, reason, [proposed])


def _filled(*, amount: Decimal, left: Mapping[int, Decimal], ids: Iterable[int]) -> tuple[Share, ...]:
    """The amount over these receivables in their order, as far as they take it."""
    shares = []
    for receivable_id in ids:
        part = min(amount, left[receivable_id])
        if part > ZERO:
            shares.append(Share(receivable_id=receivable_id, amount=part))
            amount -= part
    return tuple(shares)


def _by_name(*, payment: Incoming, left: Mapping[int, Decimal]) -> Decision:
    """What the payer names: one receivable, whole or in part; or several that come to the amount together."""
    means = [[one for one in name if one in left] for name in payment.named]
    named = [one for name in means for one in name]
    filled = Suggestion(shares=_filled(amount=payment.amount, left=left, ids=named), reason="named")
    proposed = [filled] if filled.shares else []
    if not all(means):
        return _waits(payment, "named_closed", [*proposed, *_oldest(payment=payment, left=left)])
    if any(len(name) > 1 for name in means):
        exact = [Suggestion(shares=(Share(receivable_id=one, amount=payment.amount),), reason="exact")
                 for one in named if left[one] == payment.amount]  # fmt: skip
        return _waits(payment, "named_twice", [*exact, *proposed])
    total = sum((left[one] for one in named), ZERO)
    if payment.amount == total or (len(named) == 1 and payment.firm):
        return Decision(payment=payment, outcome="MATCHED", reason="reference", shares=filled.shares)
    if payment.weak:
        return _waits(payment, "named_weak", proposed)
    if len(named) == 1 and payment.amount < total:
        return Decision(payment=payment, outcome="MATCHED", reason="reference", shares=filled.shares)
    return _waits(payment, "named_over" if len(named) == 1 else "named_sum", proposed)


def _by_amount(*, payment: Incoming, left: Mapping[int, Decimal], contested: set[int]) -> Decision:
    """One receivable of exactly the amount, else the one set that comes to it."""
    same = [one for one, open_amount in left.items() if open_amount == payment.amount]
    if len(same) > 1:
        return _waits(payment, "amount_twice", [_whole(left=left, ids=[one], reason="exact") for one in same])
    if same:
        return _sure(payment=payment, left=left, ids=same, reason="amount", contested=contested)
    ids = list(left)
    halalas = [_halalas(left[one]) for one in ids]
    target = _halalas(payment.amount)
    ways = ways_to(amounts=halalas, target=target)
    if ways.passed:
        some = some_ways(amounts=halalas, target=target)
        sets = [_whole(left=left, ids=[ids[place] for place in way], reason="set") for way in some]
        return _waits(payment, "too_many", sets or _oldest(payment=payment, left=left))
    if ways.count == 1:
        chosen = [ids[place] for place in ways.first]
        return _sure(payment=payment, left=left, ids=chosen, reason="subset", contested=contested)
    if ways.count > 1:
        found = [ways.first, *some_ways(amounts=halalas, target=target)]
        sets = [_whole(left=left, ids=[ids[place] for place in way], reason="set") for way in dict.fromkeys(found)]
        return _waits(payment, "subset_twice", sorted(sets, key=lambda s: len(s.shares)))
    return _waits(payment, "no_sum", [*_nearest(payment=payment, left=left), *_oldest(payment=payment, left=left)])


def _sure(
    *, payment: Incoming, left: Mapping[int, Decimal], ids: Sequence[int], reason: str, contested: set[int]
) -> Decision:
    whole = _whole(left=left, ids=ids, reason="exact" if reason == "amount" else "set")
    if contested & set(ids):
        return _waits(payment, "contested", [whole])
    return Decision(payment=payment, outcome="MATCHED", reason=reason, shares=whole.shares)


def _whole(*, left: Mapping[int, Decimal], ids: Iterable[int], reason: str) -> Suggestion:
    return Suggestion(shares=tuple(Share(receivable_id=one, amount=left[one]) for one in ids), reason=reason)


def _nearest(*, payment: Incoming, left: Mapping[int, Decimal]) -> list[Suggestion]:
    """A part of the receivable that owes least above the amount: a bank's fee, or a part payment."""
    above = min((one for one in left if left[one] > payment.amount), key=lambda one: left[one], default=None)
    if above is None:
        return []
    return [Suggestion(shares=(Share(receivable_id=above, amount=payment.amount),), reason="nearest")]


def _oldest(*, payment: Incoming, left: Mapping[int, Decimal]) -> list[Suggestion]:
    return [Suggestion(shares=_filled(amount=payment.amount, left=left, ids=left), reason="oldest")]


def _halalas(amount: Decimal) -> int:
    return int(amount * 100)


@dataclass(frozen=True, kw_only=True)
class Ways:
    """In how many ways a sum is reached: none, one, or more (2); the first of them; or the search was given up."""

    count: int = 0
    first: tuple[int, ...] = ()
    passed: bool = False


def ways_to(*, amounts: Sequence[int], target: int) -> Ways:
    """Count the sets of amounts (positive, in halalas) that come to exactly the target; two equal amounts are two.

    Meet in the middle: each half's sums are counted once, with the way that first reached them, and paired. ``first``
    holds places in ``amounts``. Given up (``passed``) when a half comes to more than ``MOST_SUMS`` sums.
    """
    usable = [place for place, amount in enumerate(amounts) if amount <= target]
    if sum(amounts[place] for place in usable) < target:
        return Ways()
    # The largest first and dealt out in turn, so that both halves come to about as many sums.
    usable.sort(key=lambda place: (-amounts[place], place))
    left, right = (_sums(amounts=amounts, places=usable[start::2], target=target) for start in (0, 1))
    if left is None or right is None:
        return Ways(passed=True)
    count = 0
    first: tuple[int, ...] = ()
    for total, (ways, _last, _before) in left.items():
        other = right.get(target - total)
        if other is None:
            continue
        if not count:
            first = tuple(sorted((*_way(left, total), *_way(right, target - total))))
        count += ways * other[0]
        if count > 1:
            break
    return Ways(count=min(count, 2), first=first)


_Sums = dict[int, tuple[int, int, int]]


def _sums(*, amounts: Sequence[int], places: Sequence[int], target: int) -> _Sums | None:
    """Each sum up to the target: in how many ways (two at most are counted), the last place, and the sum before it."""
    found: _Sums = {0: (1, -1, 0)}
    for place in places:
        amount = amounts[place]
        for total, (ways, _last, _before) in list(found.items()):
            reached = total + amount
            if reached > target:
                continue
            known = found.get(reached)
            # A sum that this very place reaches anew is not in the list that is walked: nothing is taken twice.
            found[reached] = (ways, place, total) if known is None else (min(known[0] + ways, 2), *known[1:])
        if len(found) > MOST_SUMS:
            return None
    return found


def _way(sums: _Sums, total: int) -> list[int]:
    places = []
    while total:
        _ways, place, total = sums[total]
        places.append(place)
    return places


def some_ways(*, amounts: Sequence[int], target: int) -> list[tuple[int, ...]]:
    """Some sets that come to the target, fewest amounts first, then in the order given; the search has an end."""
    found: list[tuple[int, ...]] = []
    rest = [0] * (len(amounts) + 1)
    for place in range(len(amounts) - 1, -1, -1):
        rest[place] = rest[place + 1] + amounts[place]
    steps = 0
    # Depth first: what is chosen so far, the next place to look at, and what is missing.
    stack: list[tuple[tuple[int, ...], int, int]] = [((), 0, target)]
    while stack and steps < MOST_STEPS and len(found) < MOST_FOUND:
        steps += 1
        chosen, place, missing = stack.pop()
        if missing == 0:
            found.append(chosen)
            continue
        if place == len(amounts) or rest[place] < missing:
            continue
        stack.append((chosen, place + 1, missing))
        if amounts[place] <= missing:
            stack.append(((*chosen, place), place + 1, missing - amounts[place]))
    return sorted(found, key=lambda way: (len(way), way))
