"""The conditions of escalation, computed from the rows, each with its evidence (PL-20)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from collections_app.choices import OFFERS, HoldDecision, HoldKind, PromiseStatus, Reached, Verdict
from collections_app.models import Case, ContactAttempt, Hold, Promise
from collections_app.selectors.cases import late_days, policy_of
from collections_app.selectors.default import defaults_standing
from common.components.format import day_text, money_text
from legal.choices import NoticeState
from legal.models import EscalationPolicy, Notice
from legal.rules.criteria import Check, Criterion, Facts, Terms, checks
from legal.selectors.debts import debts_open
from legal.selectors.limitation import debts_timed

MISSED = (PromiseStatus.MISSED, PromiseStatus.PARTLY)


def escalation_policy_on(*, client_id: int, on: dt.date) -> EscalationPolicy:
    """The version in force on a day; the shipped terms, unsaved and as version 0, where none has begun yet."""
    found = EscalationPolicy.objects.filter(client_id=client_id, starts_on__lte=on).order_by("-version").first()
    return found or EscalationPolicy(client_id=client_id, version=0, starts_on=on)


def terms_of(policy: EscalationPolicy) -> Terms:
    return Terms(
        least_days=policy.least_days,
        least_balance=policy.least_balance,
        least_attempts=policy.least_attempts,
        least_reached=policy.least_reached,
        least_missed_promises=policy.least_missed_promises,
        notice_needed=policy.notice_needed,
    )


def attempts_made(*, case: Case) -> QuerySet[ContactAttempt]:
    """Outgoing contacts that were made; what the policy refused was none, and who called us was not sought."""
    return case.attempts.exclude(verdict=Verdict.REFUSED).filter(direction="OUT")


def contacts_with_holder(*, case: Case) -> QuerySet[ContactAttempt]:
    """Contacts in which the account holder spoke, whoever called."""
    return case.attempts.exclude(verdict=Verdict.REFUSED).filter(reached=Reached.HOLDER)


def offers_made(*, case: Case) -> QuerySet[ContactAttempt]:
    """Contacts that show a payment option on the table: offered, asked for, or agreed as a promise (PL-24)."""
    return case.attempts.exclude(verdict=Verdict.REFUSED).filter(outcome__in=OFFERS)


def promises_missed(*, case: Case) -> QuerySet[Promise]:
    return case.promises.filter(status__in=MISSED)


def promises_open(*, case: Case) -> QuerySet[Promise]:
    return case.promises.filter(status=PromiseStatus.OPEN)


def holds_open(*, case: Case, on: dt.date) -> QuerySet[Hold]:
    """What holds the case or a part of it on a day; a rejected objection never held anything."""
    begun = case.holds.filter(Q(until_on__isnull=True) | Q(until_on__gte=on), from_on__lte=on)
    return begun.exclude(decision=HoldDecision.REJECTED)


def notices_served(*, case: Case) -> QuerySet[Notice]:
    return Notice.objects.filter(case=case, state=NoticeState.SERVED)


@dataclass(frozen=True, kw_only=True)
class Told:
    """A condition with the figures that answer it, as JSON keeps them."""

    check: Check
    evidence: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        return self.check.ok

    @property
    def hard(self) -> bool:
        return self.check.hard

    @property
    def criterion(self) -> Criterion:
        return self.check.criterion

    @property
    def words(self) -> str:
        return str(self.check.criterion.label)

    @property
    def evidence_words(self) -> str:
        return evidence_words(criterion=self.check.criterion, figures=self.evidence)


def criteria_of(*, case: Case, today: dt.date, debts: Collection[int] | None = None) -> list[Told]:
    """Every condition of the client's policy in force, met or not, and by what. Computed, never typed.

    A request names ``debts`` of its case (None: all that it may name): no others need to be in time. All else is asked
    of the case.
    """
    policy = escalation_policy_on(client_id=case.client_id, on=today)
    terms = terms_of(policy)
    defaults = defaults_standing(case_id=case.pk)
    out_of_time = _out_of_time(case=case, today=today, debts=debts)
    facts = Facts(
        days=late_days(case=case, today=today),
        in_default=bool(defaults),
        balance=case.balance,
        attempts=attempts_made(case=case).count(),
        reached=contacts_with_holder(case=case).count(),
        offers=offers_made(case=case).count() + case.promises.filter(attempt__isnull=True).count(),
        missed_promises=promises_missed(case=case).count(),
        open_promises=promises_open(case=case).count(),
        open_holds=holds_open(case=case, on=today).count(),
        notices_served=notices_served(case=case).count(),
        limitation_passed=bool(out_of_time) if out_of_time is not None else None,
    )
    next_promise = promises_open(case=case).order_by("due_on").first() if facts.open_promises else None
    money = {"balance": str(facts.balance), "currency": case.currency}
    figures: dict[Criterion, dict[str, Any]] = {
        Criterion.DAYS: {
            "days": facts.days,
            "least": terms.least_days,
            "basis": policy_of(case=case).basis,
            "policy": policy.version,
        },
        Criterion.DEFAULT: {
            "rules": sorted({str(d.rule) for d in defaults}),
            "since": min(d.began_on for d in defaults).isoformat() if defaults else "",
        },
        Criterion.BALANCE: {**money, "least": str(terms.least_balance)},
        Criterion.ATTEMPTS: {"count": facts.attempts, "least": terms.least_attempts},
        Criterion.REACHED: {"count": facts.reached, "least": terms.least_reached},
        Criterion.OFFER: {"count": facts.offers, "by_day": policy.offer_by_day},
        Criterion.PROMISES: {"count": facts.missed_promises, "least": terms.least_missed_promises},
        Criterion.NO_PROMISE: {
            "count": facts.open_promises,
            "amount": str(next_promise.amount) if next_promise else "",
            "currency": next_promise.currency if next_promise else "",
            "due_on": next_promise.due_on.isoformat() if next_promise else "",
        },
        Criterion.NO_HOLD: {"kinds": sorted(set(holds_open(case=case, on=today).values_list("kind", flat=True)))},
        Criterion.NOTICE: {"count": facts.notices_served},
        Criterion.LIMITATION: {"passed": out_of_time or []},
    }
    return [
        Told(check=check, evidence={**figures[check.criterion], "on": today.isoformat()})
        for check in checks(terms=terms, facts=facts)
    ]


def _out_of_time(*, case: Case, today: dt.date, debts: Collection[int] | None) -> list[str] | None:
    """The references of the named debts that no court hears any more; None where no term of them is known."""
    timed = debts_timed(case=case, today=today)
    named = {one.debt.pk: one.debt.debt_ref for one in debts_open(case=case) if debts is None or one.debt.pk in debts}
    if not timed.keys() & named.keys():
        return None
    return [ref for debt, ref in named.items() if timed.get(debt)]


def _sum(amount: str, currency: str) -> str:
    return money_text(amount=Decimal(amount), currency=currency, language=get_language() or "ar")


def _day(text: str) -> str:
    return day_text(on=dt.date.fromisoformat(text), language=get_language() or "ar", year=True)


def evidence_words(*, criterion: str, figures: Mapping[str, Any]) -> str:
    """The figures of one condition in a sentence of the reader's language."""
    return _WORDS[Criterion(criterion)](figures)


def _of_days(f: Mapping[str, Any]) -> str:
    since = _("since the invoice date") if f["basis"] == "INVOICE" else _("since the due date")
    return _("Day %(days)d %(since)s; agreed: day %(least)d") % {
        "days": f["days"],
        "since": since,
        "least": f["least"],
    }


def _of_default(f: Mapping[str, Any]) -> str:
    return _("In default since %(day)s") % {"day": _day(f["since"])} if f["since"] else _("No rule of default applies")


def _of_balance(f: Mapping[str, Any]) -> str:
    balance = _sum(f["balance"], f["currency"])
    if Decimal(f["least"]) == 0:
        return balance
    return _("%(balance)s; agreed: at least %(least)s") % {
        "balance": balance,
        "least": _sum(f["least"], f["currency"]),
    }


def _of_attempts(f: Mapping[str, Any]) -> str:
    made = ngettext("%(count)d contact made", "%(count)d contacts made", f["count"]) % {"count": f["count"]}
    return _("%(made)s; agreed: at least %(least)d") % {"made": made, "least": f["least"]}


def _of_reached(f: Mapping[str, Any]) -> str:
    words = ngettext(
        "%(count)d contact with the account holder", "%(count)d contacts with the account holder", f["count"]
    )
    return _("%(made)s; agreed: at least %(least)d") % {"made": words % {"count": f["count"]}, "least": f["least"]}


def _of_offer(f: Mapping[str, Any]) -> str:
    if not f["count"]:
        return _("No option was offered; agreed: by day %(day)d") % {"day": f["by_day"]}
    return ngettext("Offered, asked for or agreed %(count)d time", "Offered, asked for or agreed %(count)d times",
                    f["count"]) % {"count": f["count"]}  # fmt: skip


def _of_promises(f: Mapping[str, Any]) -> str:
    missed = ngettext("%(count)d promise was missed", "%(count)d promises were missed", f["count"])
    words = missed % {"count": f["count"]}
    return _("%(made)s; agreed: at least %(least)d") % {"made": words, "least": f["least"]} if f["least"] else words


def _of_open_promise(f: Mapping[str, Any]) -> str:
    if not f["count"]:
        return _("None is open")
    return _("Promise of %(amount)s for %(day)s") % {
        "amount": _sum(f["amount"], f["currency"]),
        "day": _day(f["due_on"]),
    }


def _of_holds(f: Mapping[str, Any]) -> str:
    return _(", ").join(str(HoldKind(kind).label) for kind in f["kinds"]) or _("Nothing holds it")


def _of_notice(f: Mapping[str, Any]) -> str:
    return _("Served, with proof") if f["count"] else _("Not served yet")


def _of_limitation(f: Mapping[str, Any]) -> str:
    if passed := f.get("passed"):
        return _("Passed for %(debts)s") % {"debts": _(", ").join(f"\u2068{ref}\u2069" for ref in passed)}
    return _("By the dates of its instruments")


_WORDS = {
    Criterion.DAYS: _of_days,
    Criterion.DEFAULT: _of_default,
    Criterion.BALANCE: _of_balance,
    Criterion.ATTEMPTS: _of_attempts,
    Criterion.REACHED: _of_reached,
    Criterion.OFFER: _of_offer,
    Criterion.PROMISES: _of_promises,
    Criterion.NO_PROMISE: _of_open_promise,
    Criterion.NO_HOLD: _of_holds,
    Criterion.NOTICE: _of_notice,
    Criterion.LIMITATION: _of_limitation,
}
