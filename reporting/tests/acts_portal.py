"""What each act on a client's people, mark and portal leaves in the trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.choices import Role
from clients.services.clients import agreement_portal_view_set
from clients.services.logos import logo_remove, logo_set
from clients.services.people import (
    people_keeper_set,
    person_invite,
    person_keeper_set,
    person_reader,
    person_switch,
    signatory_ask,
    signatory_decide,
)
from common import clock
from reporting.models import AuditVerification
from reporting.services.verifications import verification_begin, verification_do
from tests.world import ACTOR, a_people_keeper, a_picture, make_user

Act = tuple[Callable[[Any], Any] | None, Callable[..., Any], dict[str, int]]


def _two(w: Any) -> tuple[Any, Any]:
    """A keeper of the client's users, and a colleague who reads."""
    return a_people_keeper(w.client), make_user(Role.CLIENT_USER, client=w.client, name="reader").client_membership


def _asked(w: Any) -> Any:
    keeper, colleague = _two(w)
    return signatory_ask(user=keeper, membership=colleague, power="وكالة 12")


ACTS: dict[str, Act] = {
    "clients.people_keeper_set": (
        _two,
        lambda w, two: people_keeper_set(actor=ACTOR, membership=two[1], keeps_people=True),
        {"client_user.people_keeper_set": 1},
    ),
    "clients.person_keeper_set": (
        _two,
        lambda w, two: person_keeper_set(user=two[0], membership=two[1], keeps_people=True),
        {"client_user.people_keeper_set": 1},
    ),
    "clients.person_invite": (
        _two,
        lambda w, two: person_invite(
            user=two[0], client=w.client, email="new@house.example", name_ar="ن", name_en="N", power="قرار 4"
        ),
        {"user.created": 1, "client_user.added": 1, "signatory.asked": 1},
    ),
    "clients.signatory_ask": (
        _two,
        lambda w, two: signatory_ask(user=two[0], membership=two[1], power="وكالة 12"),
        {"signatory.asked": 1},
    ),
    "clients.signatory_decide": (
        _asked,
        lambda w, asked: signatory_decide(user=w.manager, request=asked, decision="APPROVED", digest=asked.digest),
        {"user.updated": 1, "signatory.approved": 1},
    ),
    "clients.person_reader": (
        lambda w: a_people_keeper(w.client),
        lambda w, keeper: person_reader(user=keeper, membership=w.signatory.client_membership),
        {"user.updated": 1, "client_user.reads_only": 1},
    ),
    "clients.person_switch": (
        lambda w: a_people_keeper(w.client),
        lambda w, keeper: person_switch(user=keeper, membership=w.signatory.client_membership, is_active=False),
        {"user.updated": 1, "client_user.switched_off": 1},
    ),
    "clients.agreement_portal_view_set": (
        None,
        lambda w: agreement_portal_view_set(
            actor=ACTOR, agreement=w.client.agreements.get(), portal_view="FIGURES"
        ),
        {"agreement.portal_view_set": 1},
    ),
    "clients.logo_set": (
        None,
        lambda w: logo_set(user=w.manager, client=w.client, content=a_picture()),
        {"client.logo_set": 1},
    ),
    "clients.logo_remove": (
        lambda w: logo_set(user=w.manager, client=w.client, content=a_picture()),
        lambda w, logo: logo_remove(user=w.manager, client=w.client),
        {"client.logo_removed": 1},
    ),
}  # fmt: skip
ACTS |= {
    "reporting.verification_begin": (
        lambda w: make_user(Role.AUDITOR),
        lambda w, auditor: verification_begin(user=auditor),
        {"audit.verification_asked": 1},
    ),
    "reporting.verification_do": (
        lambda w: AuditVerification.objects.create(asked_by=make_user(Role.AUDITOR), asked_at=clock.now()),
        lambda w, asked: verification_do(verification_id=asked.pk),
        {"audit.verified": 1},
    ),
}
WITHIN = {
    "reporting.verifications_lost": "reads",
    "reporting.verification_waits": "reads",
    "clients.signatory_digest": "reads",
    "clients.keeper_gone": "inside the switching off of a person",
}
