"""The only writer of claims: filed, amended, ended. Each is an act; amount and state follow from it by trigger."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.models import Authorisation
from common import clock
from common.exceptions import Refused
from common.money import ZERO
from legal.choices import CLAIM_MOVES, CLAIMS, MOVED_BY, STANDING_CLAIM, ActKind, ClaimState
from legal.models import Claim, Instrument, LegalFile, Paper
from legal.rules.authority import act_fault
from legal.selectors.authorisations import authorisation_standing_of, authority_of
from legal.services.acts import act_record, act_written, amount_checked, authorisation_held, in_words, refusal
from legal.services.authorisations import case_track_settle


def claim_file(
    *,
    user: User,
    file: LegalFile,
    kind: str,
    amount: Decimal,
    filed_on: dt.date,
    reference: str = "",
    instrument: Instrument | None = None,
    paper: Paper | None = None,
    authorisation: Authorisation | None = None,
) -> Claim:
    """Put a claim before the court, or a note before the enforcement court, under the file's authorisation, or the one
    that is named.

    ``amount`` with all that stands already is within the ceiling and within what the covered debts still owe. Raises
    NotAllowed and Refused as ``act_record`` does, and for a note of a debt that is not covered.
    """
    if kind not in CLAIMS:
        raise Refused("claim_kind", _("Choose what was done."), field="kind")
    amount_checked(amount)
    if amount == ZERO:
        raise Refused("claim_zero", _("A claim is for more than zero."), field="amount")
    with in_words():
        held = authorisation_held(user=user, authorisation=authorisation or file.authorisation)
        fault = act_fault(
            authority=authority_of(authorisation=held), kind=kind, on=filed_on, today=clock.today(), amount=amount
        )
        if not fault and instrument is not None and not held.debts.filter(debt_id=instrument.debt_id).exists():
            fault = "authorisation_debt"
        if fault:
            raise refusal(fault)
        claim = Claim.objects.create(
            client_id=held.client_id,
            case_id=held.case_id,
            authorisation=held,
            file=file,
            instrument=instrument,
            kind=kind,
            reference=reference.strip()[:60],
            filed_on=filed_on,
            amount=amount,
            currency=held.currency,
        )
        act_written(
            user=user, authorisation=held, kind=kind, on=filed_on, amount=amount, reference=reference, file=file,
            claim=claim, paper=paper,
        )  # fmt: skip
    return claim


def claim_amend(
    *, user: User, claim: Claim, amount: Decimal, on: dt.date, reason: str, paper: Paper | None = None
) -> Claim:
    """Change what is claimed. Less is in nobody's way; more needs the authorisation that stands now to bear it.

    Raises Refused without a reason, for the same amount or zero (a claim for nothing is withdrawn), and as
    ``act_record`` does.
    """
    if not reason.strip():
        raise Refused("claim_reason", _("Say why."), field="reason")
    act_record(
        user=user, authorisation=_authorisation_for(claim), kind=ActKind.AMENDMENT, on=on, amount=amount, note=reason,
        claim=claim, paper=paper,
    )  # fmt: skip
    claim.refresh_from_db()
    return claim


def claim_end(*, user: User, claim: Claim, state: str, on: dt.date, note: str, paper: Paper | None = None) -> Claim:
    """Move a claim along ``CLAIM_MOVES``: judged (it stands on), settled in court, withdrawn, or ended.

    A settlement in court gives something away in the client's name and needs a live authorisation; the others do not.
    With the last claim of a case whose authorisation is over, the case is amicable again. Raises Refused for a move
    that is none, without a word about it, and as ``act_record`` does.
    """
    if not note.strip():
        raise Refused("claim_note", _("Say in a word what the court or the parties did."), field="note")
    with in_words():
        authorisation = _authorisation_for(claim)
        held = authorisation_held(user=user, authorisation=authorisation)
        current = Claim.objects.get(pk=claim.pk)
        if state not in ClaimState.values or state not in CLAIM_MOVES[current.state] or state not in MOVED_BY:
            raise Refused("claim_move", _("The claim cannot go there from where it stands."), field="state")
        act_record(user=user, authorisation=held, kind=MOVED_BY[state], on=on, note=note, claim=current, paper=paper)
        if state not in STANDING_CLAIM:
            case_track_settle(case=held.case, today=clock.today())
    claim.refresh_from_db()
    return claim


def _authorisation_for(claim: Claim) -> Authorisation:
    """Under which a claim is taken on: the one that stands for its case now, else that of its filing."""
    return authorisation_standing_of(case=claim.case) or claim.authorisation
