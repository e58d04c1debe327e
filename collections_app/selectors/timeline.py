"""What happened on a case, in one line of time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from clients.rules.actions import action_words
from collections_app.choices import NOTES, Verdict
from collections_app.models import Case, LedgerEntry
from collections_app.selectors.cases import ASKED_ICONS, RULE_WORDS, asked_words
from common import slots
from common.components.format import day_text, money_text

CHANNEL_ICONS: Mapping[str, str] = {
    "PHONE": "phone",
    "SMS": "message-square",
    "EMAIL": "mail",
    "LETTER": "mailbox",
    "VISIT": "map-pin",
}


@dataclass(frozen=True, kw_only=True)
class TimelineItem:
    """One thing that happened: when, what, detail, who; its look and icon."""

    at: dt.datetime | dt.date
    order: tuple[Any, ...]
    icon: str
    look: str
    what: str
    detail: str
    who: Any


def _item(
    at: dt.datetime | dt.date, icon: str, what: str, detail: str = "", who: Any = "", look: str = ""
) -> TimelineItem:
    day = at if isinstance(at, dt.datetime) else dt.datetime.combine(at, dt.time(0), tzinfo=dt.UTC)
    return TimelineItem(at=at, order=(day,), icon=icon, look=look, what=what, detail=detail, who=who)


def _amount(row: Any) -> str:
    return money_text(amount=row.amount, currency=row.currency, language=get_language() or "ar")


def _contacts(case: Case, limit: int) -> Iterator[TimelineItem]:
    for a in case.attempts.select_related("by").order_by("-at")[:limit]:
        if a.verdict == Verdict.REFUSED:
            rules = _(", ").join(str(RULE_WORDS.get(r["rule"], r["rule"])) for r in a.rules)
            what = _("%(channel)s not allowed") % {"channel": a.get_channel_display()}
            detail = _("%(rules)s · no attempt was counted") % {"rules": rules}
            yield _item(a.at, "phone-off", what, detail, a.by, "refused")
            continue
        what = f"{a.get_channel_display()} · {a.get_outcome_display()}"
        if a.verdict == Verdict.BREACH:
            what += " · " + _("outside the policy")
        look = "done" if a.reached == "HOLDER" else ""
        yield _item(a.at, CHANNEL_ICONS.get(a.channel, "phone"), what, a.note, a.by, look)


def _payments(case: Case, limit: int) -> Iterator[TimelineItem]:
    for p in case.payments.select_related("recorded_by").order_by("-value_on")[:limit]:
        what = _("Payment reversed") if p.reversed_on else _("Payment")
        detail = p.get_method_display()
        if p.reversed_amount and not p.reversed_on:
            taken = money_text(amount=p.reversed_amount, currency=p.currency, language=get_language() or "ar")
            detail += " · " + _("%(amount)s of it taken back") % {"amount": taken}
        yield _item(p.value_on, "banknote", f"{what} {_amount(p)}", detail, p.recorded_by or _("Import"), "done")


def _notes(case: Case, limit: int) -> Iterator[TimelineItem]:
    notes = LedgerEntry.objects.filter(receivable__case=case, kind__in=NOTES, payment=None)
    for n in notes.select_related("receivable").order_by("-effective_on", "-pk")[:limit]:
        what = f"{n.get_kind_display()} {_amount(n)}"
        yield _item(n.effective_on, "receipt-text", what, f"\u2068{n.receivable.receivable_ref}\u2069")


def _transitions(case: Case, limit: int) -> Iterator[TimelineItem]:
    for t in case.transitions.select_related("receivable", "to_stage").order_by("-on", "-pk")[:limit]:
        what = _("Moved to stage %(stage)s") % {"stage": t.to_stage.name}
        ref = f"\u2068{t.receivable.receivable_ref}\u2069"
        detail = _("%(ref)s reached day %(days)d") % {"ref": ref, "days": t.days}
        yield _item(t.on, "layers", what, detail, _("Nightly"))


def _asked(case: Case, limit: int) -> Iterator[TimelineItem]:
    """What stages asked for, and what people answered."""
    for s in case.requests.select_related("stage", "decided_by").order_by("-asked_on", "-pk")[:limit]:
        what = f"{action_words(s.action)} · {asked_words(s)}"
        yield _item(s.asked_on, ASKED_ICONS[s.kind], what, s.stage.name, _("Nightly"))
        if s.decided_by is not None and s.ended_on is not None:
            what = f"{action_words(s.action)} · {s.get_status_display()}"
            yield _item(s.ended_on, ASKED_ICONS[s.kind], what, s.decision_reason, s.decided_by)


def _holds(case: Case, limit: int) -> Iterator[TimelineItem]:
    for h in case.holds.order_by("-from_on")[:limit]:
        yield _item(h.from_on, "pause", f"{_('Hold')} · {h.get_kind_display()}", h.reason, "", "hold")


def _promises(case: Case, today: dt.date, limit: int) -> Iterator[TimelineItem]:
    for p in case.promises.select_related("made_by").order_by("-made_on")[:limit]:
        day = day_text(on=p.due_on, language=get_language() or "ar", today=today)
        what = _("Promise of %(amount)s for %(day)s") % {"amount": _amount(p), "day": day}
        look = "done" if p.status == "KEPT" else ""
        yield _item(p.made_on, "handshake", what, p.get_status_display(), p.made_by, look)


def _escalations(case: Case, limit: int) -> Iterator[TimelineItem]:
    for e in case.escalations.select_related("prepared_by").order_by("-prepared_at")[:limit]:
        what = f"{_('Legal escalation')} · {e.get_status_display()}"
        yield _item(e.prepared_at, "scale", what, e.number, e.prepared_by)


def _ends(case: Case, limit: int) -> Iterator[TimelineItem]:
    for end in case.ends.select_related("recorded_by").order_by("-recorded_at")[:limit]:
        words = _("The case has ended: %(end)s") % {"end": end.get_status_display()}
        yield _item(end.on, "flag", words, end.reason, end.recorded_by or "")
        if end.reopened_on:
            yield _item(end.reopened_on, "rotate-ccw", _("The case is open again"))


def timeline(*, case: Case, today: dt.date, user: User, limit: int = 40) -> list[TimelineItem]:
    """What happened on a case, newest first, as far as ``user`` may know of it: contacts, refusals, payments, notes,
    stages, holds, promises, legal, and what higher apps add in the slot ``timeline_sources``.
    """
    items = [
        *_contacts(case, limit),
        *_payments(case, limit),
        *_notes(case, limit),
        *_transitions(case, limit),
        *_asked(case, limit),
        *_holds(case, limit),
        *_promises(case, today, limit),
        *_escalations(case, limit),
        *_ends(case, limit),
    ]
    for source in slots.filled("timeline_sources"):
        items += source(case=case, limit=limit, user=user)
    items.append(_item(case.placed_on, "inbox", _("Placed with the agency"), case.client.name, _("Import")))
    return sorted(items, key=lambda item: item.order, reverse=True)[:limit]
