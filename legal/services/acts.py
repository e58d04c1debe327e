"""The only writer of legal acts; with it, how every refusal of an authorisation becomes words.

Locks are taken in the order of the house: client, case, authorisation. The database takes the last two by itself, so
that who comes by SQL is counted too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.utils import IntegrityError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from collections_app.models import Authorisation, Case
from common import clock, money
from common.audit import Actor, record
from common.events import publish
from common.exceptions import NotAllowed, Refused
from common.money import ZERO
from legal.choices import CLAIMS, STANDING_CLAIM, ActKind
from legal.events import LegalActRecorded
from legal.models import Claim, LegalAct, LegalFile, Paper
from legal.policies import can_act_legally
from legal.rules.authority import REFUSALS, act_fault
from legal.selectors.authorisations import authority_of


def refusal(code: str) -> Refused:
    """A refusal of the rules, or of the database, in words and beside its field."""
    words, field = REFUSALS[code]
    return Refused(code, words, field=field)


@contextmanager
def in_words() -> Iterator[None]:
    """Whatever the database refuses inside is said in the user's words; nothing of it was written."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        code = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
        if code not in REFUSALS:
            raise
        raise refusal(code) from error


def authorisation_held(*, user: User, authorisation: Authorisation) -> Authorisation:
    """The authorisation as it stands, its client and case held; ``user`` may act on it. Raises NotAllowed."""
    if not can_act_legally(user, authorisation.case):
        raise NotAllowed("legal_act", _("Only the legal officer or a collections manager records this."))
    Client.held(client_id=authorisation.client_id)
    case = Case.objects.select_for_update(no_key=True).get(pk=authorisation.case_id)
    found = Authorisation.objects.get(pk=authorisation.pk)
    found.case = case
    return found


def amount_checked(amount: Decimal) -> None:
    """Raises Refused for what is no amount of money."""
    if not amount.is_finite() or amount < ZERO or amount != money.rounded(amount):
        raise Refused("act_amount", _("Write an amount with two decimals at most."), field="amount")


def act_record(
    *,
    user: User,
    authorisation: Authorisation,
    kind: str,
    on: dt.date,
    amount: Decimal | int = 0,
    reference: str = "",
    note: str = "",
    file: LegalFile | None = None,
    claim: Claim | None = None,
    paper: Paper | None = None,
) -> LegalAct:
    """Record what was done under an authorisation, on its own day, at most today.

    Raises NotAllowed for who may not, and Refused when the authorisation is not live on that day and today, does not
    permit the step or bear the amount, or when the claim it is about does not stand. A claim is filed by
    ``claim_file`` alone.
    """
    amount = Decimal(amount)
    amount_checked(amount)
    if kind not in ActKind.values or (kind in CLAIMS and claim is None):
        raise Refused("act_kind", _("Choose what was done."), field="kind")
    with in_words():
        held = authorisation_held(user=user, authorisation=authorisation)
        claim = Claim.objects.get(pk=claim.pk) if claim is not None else None
        stands = claim is not None and claim.state in STANDING_CLAIM
        if claim is not None and not stands and kind != ActKind.NOTE_RETURNED:
            raise refusal("claim_over")
        fault = act_fault(
            authority=authority_of(authorisation=held),
            kind=kind,
            on=on,
            today=clock.today(),
            amount=amount,
            claimed=claim.amount if claim is not None and stands else None,
            claim_kind=claim.kind if claim is not None else "",
        )
        if fault:
            raise refusal(fault)
        return act_written(
            user=user, authorisation=held, kind=kind, on=on, amount=amount, reference=reference, note=note, file=file,
            claim=claim, paper=paper,
        )  # fmt: skip


def act_written(
    *,
    user: User,
    authorisation: Authorisation,
    kind: str,
    on: dt.date,
    amount: Decimal,
    reference: str = "",
    note: str = "",
    file: LegalFile | None = None,
    claim: Claim | None = None,
    paper: Paper | None = None,
) -> LegalAct:
    """Write the act and its audit event, and tell who follows; the caller has asked, and the database asks again."""
    body: dict[str, Any] = {
        "case": authorisation.case_id,
        "kind": kind,
        "on": on,
        "amount": amount,
        "currency": authorisation.currency,
        "claim": claim.pk if claim is not None else None,
        "reference": reference,
    }
    event = record(actor=Actor.person(user), action="legal.act_recorded", subject=authorisation, body=body)
    act = LegalAct.objects.create(
        client_id=authorisation.client_id,
        case_id=authorisation.case_id,
        authorisation=authorisation,
        file=file or (claim.file if claim is not None else None),
        claim=claim,
        kind=kind,
        on=on,
        amount=amount,
        currency=authorisation.currency,
        reference=reference.strip()[:60],
        note=note.strip()[:1000],
        paper=paper,
        recorded_by=user,
        recorded_at=clock.now(),
        event_id=event.pk,
    )
    publish(
        LegalActRecorded(
            act_id=act.pk,
            kind=kind,
            claim_id=act.claim_id,
            authorisation_id=authorisation.pk,
            case_id=act.case_id,
            client_id=act.client_id,
        )
    )
    return act
