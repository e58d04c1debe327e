"""What becomes of an authorisation after it is signed: the only writer of its end, and of a case's way back.

Revoking takes the authorisation ``FOR UPDATE``, so that every act is wholly before it or refused after it (ADR 0033).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from collections_app.choices import Track
from collections_app.models import Authorisation, Case
from common import clock
from common.audit import Actor, record
from common.db import execute, rows
from common.events import publish
from common.exceptions import Conflict, NotAllowed, Refused
from legal.choices import STANDING_CLAIM, AuthorisationState, LegalTaskKind, LegalTaskState
from legal.events import AuthorisationEnded
from legal.models import AuthorisedDebt, Claim, LegalTask
from legal.policies import can_revoke_authorisation
from legal.rules.authority import REFUSALS, WARN_DAYS
from legal.selectors.authorisations import COVER, authorisation_state, claims_standing
from legal.selectors.debts import debts_asked

LONGEST_REASON = 500


def claims_fit(*, case: Case, ceiling: Decimal) -> None:
    """What is before courts already comes under the next authorisation. Raises Refused where it would not fit."""
    if claims_standing(case=case) > ceiling:
        raise Refused("authorisation_below_claims", REFUSALS["authorisation_below_claims"][0])


def authorisation_begin(*, authorisation: Authorisation) -> None:
    """In the transaction of its signing: the debts it covers, and that it stands in place of the one before.

    Covered are exactly the debts its request named, each by the percentage of it that this debtor answers for. Claims
    keep the authorisation they were filed under; from now on this one bears them.
    """
    AuthorisedDebt.objects.bulk_create(
        AuthorisedDebt(
            client_id=authorisation.client_id, authorisation=authorisation, debt=one.debt, share_percent=one.share
        )
        for one in debts_asked(request=authorisation.request)
    )
    before = Authorisation.objects.select_for_update().filter(
        case_id=authorisation.case_id, revoked_at__isnull=True, replaced_by__isnull=True
    )
    for earlier in before.exclude(pk=authorisation.pk):
        earlier.replaced_by = authorisation
        earlier.save(update_fields=["replaced_by"])
        _renewal_ended(authorisation=earlier, state=LegalTaskState.DONE, answer=authorisation.number)
        _ended(authorisation=earlier)


def authorisation_revoke(*, user: User, authorisation: Authorisation, reason: str) -> Authorisation:
    """The client's signatory, or a collections manager for the client, takes the leave back, for good.

    Claims that stand stay before the court until they are withdrawn, and so long the case stays legal; nothing further
    is done. Raises NotAllowed for anybody else, Refused without a reason, Conflict when it is over already.
    """
    if not can_revoke_authorisation(user, authorisation):
        raise NotAllowed("authorisation_revoke", _("Only the client's signatory or a collections manager revokes."))
    reason = reason.strip()
    if not reason:
        raise Refused("revoke_reason", _("Say why."), field="reason")
    if len(reason) > LONGEST_REASON:
        words = _("A reason has at most %(limit_value)d characters.") % {"limit_value": LONGEST_REASON}
        raise Refused("revoke_reason", words, field="reason")
    with transaction.atomic():
        Client.held(client_id=authorisation.client_id)
        case = Case.objects.select_for_update(no_key=True).get(pk=authorisation.case_id)
        locked = Authorisation.objects.select_for_update().get(pk=authorisation.pk)
        today = clock.today()
        over = {AuthorisationState.REVOKED, AuthorisationState.REPLACED, AuthorisationState.EXPIRED}
        if authorisation_state(authorisation=locked, on=today) in over:
            raise Conflict("authorisation_over", _("This authorisation is over already."))
        locked.revoked_at, locked.revoked_by, locked.revoked_reason = clock.now(), user, reason
        locked.save(update_fields=["revoked_at", "revoked_by", "revoked_reason"])
        record(
            actor=Actor.person(user),
            action="authorisation.revoked",
            subject=locked,
            body={"case": case.pk, "number": locked.number, "reason": reason},
        )
        _renewal_ended(authorisation=locked, state=LegalTaskState.MOOT, answer="")
        case_track_settle(case=case, today=today)
        _ended(authorisation=locked)
    return locked


def case_track_settle(*, case: Case, today: dt.date) -> None:
    """A held case whose authorisation is over and that has nothing before a court is amicable again."""
    if case.track != Track.LEGAL or case.authorisation_id is None:
        return
    now = Authorisation.objects.get(pk=case.authorisation_id)
    over = now.revoked_at is not None or now.replaced_by_id is not None or now.valid_until < today
    if over and not Claim.objects.filter(case=case, state__in=STANDING_CLAIM).exists():
        case.track, case.authorisation = Track.AMICABLE, None
        case.save(update_fields=["track", "authorisation"])


def _renewal_ended(*, authorisation: Authorisation, state: str, answer: str) -> None:
    LegalTask.objects.filter(
        authorisation=authorisation, kind=LegalTaskKind.RENEW_AUTHORISATION, state=LegalTaskState.OPEN
    ).update(state=state, done_at=clock.now(), answer=answer)


def _ended(*, authorisation: Authorisation) -> None:
    publish(
        AuthorisationEnded(
            authorisation_id=authorisation.pk,
            replaced_by_id=authorisation.replaced_by_id,
            case_id=authorisation.case_id,
            client_id=authorisation.client_id,
        )
    )


# Of one client, and of it all cases or some; what is left to do: something owed on its debts, or a claim that stands.
_SCOPE = "a.client_id = %(client_id)s AND (%(case_ids)s::bigint[] IS NULL OR a.case_id = ANY(%(case_ids)s))"
_CLAIMED = "EXISTS (SELECT 1 FROM legal_claim k WHERE k.case_id = a.case_id AND k.state = ANY(%(standing)s))"
# Those that end soon, with the nearest of the days on which the desk is warned.
_ENDING = f"""
SELECT a.id, a.client_id, a.case_id, a.valid_until,
       (SELECT min(w) FROM unnest(%(warn)s::int[]) w WHERE w >= a.valid_until - %(day)s) AS mark
FROM collections_app_authorisation a
WHERE {_SCOPE} AND a.revoked_at IS NULL AND a.replaced_by_id IS NULL
  AND a.valid_until BETWEEN %(day)s AND %(day)s + %(ahead)s
  AND ({COVER} > 0 OR {_CLAIMED})
"""
# A warning that nothing was left of is given again when money goes back.
_WARN = f"""
INSERT INTO legal_legaltask (client_id, case_id, authorisation_id, kind, due_on, evidence, state, raised_at, answer)
SELECT e.client_id, e.case_id, e.id, 'RENEW_AUTHORISATION', e.valid_until,
       jsonb_build_array(jsonb_build_object('warned_on', %(day)s::date, 'days', e.mark)), 'OPEN', %(now)s, ''
FROM ({_ENDING}) e
WHERE NOT EXISTS (
    SELECT 1 FROM legal_legaltask t
    WHERE t.authorisation_id = e.id AND t.kind = 'RENEW_AUTHORISATION' AND t.state IN ('OPEN', 'DONE')
)
RETURNING id
"""
_WARN_AGAIN = f"""
UPDATE legal_legaltask t
SET evidence = t.evidence || jsonb_build_object('warned_on', %(day)s::date, 'days', e.mark)
FROM ({_ENDING}) e
WHERE t.authorisation_id = e.id AND t.kind = 'RENEW_AUTHORISATION' AND t.state = 'OPEN'
  AND (t.evidence -> -1 ->> 'days')::int > e.mark
"""
# Nobody renews what nothing is owed on any more.
_MOOT = f"""
UPDATE legal_legaltask t SET state = 'MOOT', done_at = %(now)s
FROM collections_app_authorisation a
WHERE {_SCOPE} AND a.id = t.authorisation_id AND t.kind = 'RENEW_AUTHORISATION' AND t.state = 'OPEN'
  AND {COVER} <= 0 AND NOT {_CLAIMED}
RETURNING t.id
"""
_AMICABLE = """
UPDATE collections_app_case c SET track = 'AMICABLE', authorisation_id = NULL
FROM collections_app_authorisation a
WHERE c.client_id = %(client_id)s AND c.track = 'LEGAL' AND a.id = c.authorisation_id AND a.valid_until < %(day)s
  AND NOT EXISTS (SELECT 1 FROM legal_claim k WHERE k.case_id = c.id AND k.state = ANY(%(standing)s))
"""


def step_authorisations(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    """The nightly step: warn before an authorisation ends, and bring cases back whose authorisation has ended.

    30, 14, 7 and 1 days before the end; each warning is told once, on one task. Safe to run again.
    """
    told = _told(client_id=client_id, day=day)
    return sum(execute(sql, told) for sql in (_WARN_AGAIN, _WARN, _MOOT, _AMICABLE))


def renewals_follow(*, client_id: int, case_ids: Sequence[int], day: dt.date) -> tuple[list[int], list[int]]:
    """In the transaction that moved money of some cases: the tasks of renewal, by key, that came to be and that ended,
    since something is owed again, or nothing any more, on the debts of the authorisation. The caller records them.
    """
    told = _told(client_id=client_id, day=day, case_ids=case_ids)
    raised, moot = (rows(sql, told) for sql in (_WARN, _MOOT))
    return [row["id"] for row in raised], [row["id"] for row in moot]


def _told(*, client_id: int, day: dt.date, case_ids: Sequence[int] | None = None) -> dict[str, Any]:
    """What the statements above are told."""
    return {
        "client_id": client_id,
        "case_ids": None if case_ids is None else list(case_ids),
        "day": day,
        "now": clock.now(),
        "warn": list(WARN_DAYS),
        "ahead": max(WARN_DAYS),
        "standing": sorted(STANDING_CLAIM),
    }
