"""An objection to an amount as a hold on what is objected to: reminders and calls stop until it is decided (A18).

A case is one account: whoever is called about it, its guarantor too, is not called while it is held.
"""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from collections_app.choices import HoldDecision, HoldKind
from collections_app.models import Debt, Hold, Receivable
from collections_app.services.holds import hold_place, hold_release, objection_decide
from common.audit import Actor
from common.clock import RIYADH
from common.exceptions import Refused
from complaints.choices import UPHELD, MatterKind
from complaints.models import Matter


def objection_hold(
    *,
    actor: Actor,
    matter: Matter,
    at: dt.datetime,
    debt: Debt | None = None,
    receivable: Receivable | None = None,
) -> Hold | None:
    """Hold what an objection to an amount is about, from the day of ``at``; nothing for every other matter.

    Safe to call again: with another debt or receivable the hold moves to it, and with another account: the one it was
    not about is as if it had never been held. A hold that the contact itself placed is taken over. Raises Refused for a
    debt or receivable of another case.
    """
    if matter.hold is not None and matter.hold.case_id != matter.case_id and _stands(matter.hold):
        _given_up(actor=actor, hold=matter.hold, reason=_("It is about another account"))
    if matter.kind != MatterKind.COMPLAINT or matter.case is None:
        return None
    if matter.category is None or not matter.category.holds:
        return None
    on = at.astimezone(RIYADH).date()
    standing = matter.hold if _holds_account(matter) else _free(matter)
    wanted = (debt.pk if debt else None, receivable.pk if receivable else None)
    if standing is not None and (standing.debt_id, standing.receivable_id) != wanted and any(wanted):
        hold_release(actor=actor, hold=standing, until_on=max(on, standing.from_on),
                     reason=_("It is about less than the whole account"), by_keeper=True)  # fmt: skip
        standing = None
    if standing is None:
        standing = hold_place(
            actor=actor, case=matter.case, kind=HoldKind.OBJECTION, from_on=on, debt=debt, receivable=receivable,
            reason=_("Objection to an amount, %(reference)s") % {"reference": matter.reference},
        )  # fmt: skip
    if matter.hold_id != standing.pk:
        matter.hold = standing
        matter.save(update_fields=["hold"])
    return standing


def _holds_account(matter: Matter) -> bool:
    """Whether a hold that nobody decided stands for this matter, on the account it is about."""
    return matter.hold is not None and matter.hold.case_id == matter.case_id and _stands(matter.hold)


def objection_given_up(*, actor: Actor, matter: Matter, of: Matter) -> None:
    """The hold of a matter that is closed as another one told twice: that one holds the account, or holds nothing.

    Raises Refused where the other one does not: it would be held for ever, or nobody would decide on it.
    """
    if matter.hold is None or not _stands(matter.hold):
        return
    if of.hold_id == matter.hold_id or not _holds_account(of) or of.case_id != matter.case_id:
        raise Refused("matter_holds", _("This objection holds its account, and the other matter does not. Look into "
                                        "this one, or sort the other one first."))  # fmt: skip
    _given_up(actor=actor, hold=matter.hold, reason=_("Told before as %(reference)s") % {"reference": of.reference})


def _given_up(*, actor: Actor, hold: Hold, reason: str) -> None:
    """As if it had never held; the decision ends it."""
    objection_decide(actor=actor, hold=hold, decision=HoldDecision.REJECTED, reason=reason, by_keeper=True)


def _stands(hold: Hold) -> bool:
    return hold.until_on is None and not hold.decision


def _free(matter: Matter) -> Hold | None:
    """An open objection on the whole account that no other matter stands on."""
    return (
        Hold.objects.filter(
            case=matter.case, kind=HoldKind.OBJECTION, until_on=None, decision="", debt=None, receivable=None,
            matters=None,
        )
        .order_by("pk")
        .first()
    )  # fmt: skip


def objection_settle(*, actor: Actor, matter: Matter, outcome: str, at: dt.datetime) -> Hold | None:
    """Decide the hold of a matter as the matter was decided, and end it: the account goes on.

    Justified, its days count for nobody; otherwise it is as if it had never held (CM-41, I-05). A hold that was ended
    or decided on the account's own page stands as it was.
    """
    if matter.hold_id is None:
        return None
    hold = Hold.objects.select_related("case__client").get(pk=matter.hold_id)
    if hold.decision:
        return hold
    reason = _("Decided with %(reference)s") % {"reference": matter.reference}
    decision = HoldDecision.ACCEPTED if outcome in UPHELD else HoldDecision.REJECTED
    hold = objection_decide(actor=actor, hold=hold, decision=decision, reason=reason, by_keeper=True)
    if hold.until_on is None:
        hold = hold_release(
            actor=actor, hold=hold, until_on=max(at.astimezone(RIYADH).date(), hold.from_on), reason=reason,
            by_keeper=True,
        )  # fmt: skip
    return hold
