"""Which legal steps a letter of ours may name (rule LEGAL-THREAT, regulations A30, E9)."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from collections_app.choices import LegalStep
from collections_app.models import Authorisation, Case
from common.exceptions import Refused
from legal.choices import AuthorisationState
from legal.selectors.authorisations import authorisation_state
from legal.selectors.limitation import limitation_passed


def steps_to_name(*, case: Case, authorisation: Authorisation, on: dt.date, until: dt.date) -> list[LegalStep]:
    """The steps that the creditor has permitted beyond the notice itself: no other is held out, and none in general.

    ``on`` is the day of the letter, ``until`` the day by which it asks to pay. Raises Refused without an authorisation
    in force on both, since what it threatens with could not be done, and once no claim can be made any more
    (rule LIMITATION).
    """
    if authorisation_state(authorisation=authorisation, on=on) != AuthorisationState.LIVE:
        raise Refused("threat_authority", _("No authorisation is in force: no letter names a legal step."))
    if authorisation.valid_until < until:
        words = _("The authorisation ends before that day: what the notice names could not be done then.")
        raise Refused("threat_beyond", words, field="pay_by")
    covered = set(authorisation.debts.values_list("debt_id", flat=True))
    if limitation_passed(case=case, today=on, debts=covered):
        raise Refused("threat_barred", _("The time to claim has passed: no letter names a legal step."))
    return [LegalStep(step) for step in authorisation.steps if step != LegalStep.FINAL_NOTICE]
