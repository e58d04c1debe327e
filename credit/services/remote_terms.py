"""The only writer of the terms of orders by fax or e-mail, and of where such orders come from (CM-19, CM-27)."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clock, crypto
from common.audit import record
from common.exceptions import Conflict, Refused
from credit.choices import AgentScope, PaperKind
from credit.models import Agent, Customer, RemoteAddress, RemoteTerms
from credit.rules.addresses import REMOTE_ADDRESS, address_normal
from credit.selectors.agents import party_key
from credit.services.agents import Upload
from credit.services.applications import editor
from credit.services.papers import credit_paper_add
from parties.rules.identifiers import email_hint, phone_hint

COLUMN = "remote_address"


def remote_terms_accept(
    *, user: User, customer: Customer, version: str, accepted_on: dt.date, agent: Agent, paper: Upload
) -> RemoteTerms:
    """Write down that a customer accepted a version of the terms, by whom, with the signed paper.

    A newer version takes the place of the one that stood. Raises Refused where nobody may sign that on the day, or the
    day lies ahead; NotAllowed for who does not prepare credit files.
    """
    actor = editor(user)
    if not version.strip():
        raise Refused("terms_version", _("Which version of the terms?"), field="version")
    if accepted_on > clock.today():
        raise Refused("terms_future", _("The day lies ahead."), field="accepted_on")
    with transaction.atomic():
        held = Customer.objects.select_for_update(no_key=True, of=("self",)).select_related("debtor__party").get(
            pk=customer.pk
        )  # fmt: skip
        signer = Agent.objects.select_for_update().filter(pk=agent.pk, customer=held).first()
        if signer is None or AgentScope.AGREEMENTS not in signer.scopes or not signer.stands_on(accepted_on):
            raise Refused(
                "terms_signer", _("This person may not sign agreements for the customer on that day."), field="agent"
            )
        before = held.remote_terms.select_for_update().filter(revoked_on__isnull=True).first()
        if before is not None:
            if accepted_on < before.accepted_on:
                raise Refused("terms_order", _("Later terms were accepted already."), field="accepted_on")
            before.revoked_on = accepted_on
            before.save(update_fields=["revoked_on"])
        try:
            kept = credit_paper_add(
                user=user, customer=held, kind=PaperKind.REMOTE_TERMS,
                title=f"{PaperKind.REMOTE_TERMS.label} {version.strip()}", name=paper.name, content=paper.content,
                valid_from=accepted_on,
            )  # fmt: skip
        except Refused as refusal:
            raise Refused(refusal.code, refusal.message, field="paper") from refusal
        terms = RemoteTerms.objects.create(
            client_id=held.client_id, customer=held, version=version.strip()[:20], accepted_on=accepted_on,
            accepted_by=signer, paper=kept, recorded_by=user, recorded_at=clock.now(),
        )  # fmt: skip
        record(
            actor=actor, action="remote_terms.accepted", subject=terms,
            body={"customer": held.pk, "version": terms.version, "on": accepted_on, "by": signer.pk,
                  "instead_of": before.pk if before else None},
        )  # fmt: skip
    return terms


def remote_terms_revoke(*, user: User, terms: RemoteTerms, on: dt.date) -> RemoteTerms:
    """Write down that the customer took its consent back, from a day on.

    Raises Refused for a day before it was given or ahead, Conflict when it was taken back already.
    """
    actor = editor(user)
    with transaction.atomic():
        held = RemoteTerms.objects.select_for_update().get(pk=terms.pk)
        if held.revoked_on is not None:
            raise Conflict("terms_revoked", _("This consent was taken back already."))
        if not held.accepted_on <= on <= clock.today():
            raise Refused("terms_revoke_on", _("The day lies between the consent and today."), field="on")
        held.revoked_on = on
        held.save(update_fields=["revoked_on"])
        record(
            actor=actor, action="remote_terms.revoked", subject=held, body={"customer": held.customer_id, "on": on}
        )  # fmt: skip
    return held


def remote_address_add(*, user: User, customer: Customer, value: str) -> RemoteAddress:
    """Register a fax or telephone number, or an e-mail address, from which the customer's orders may come.

    Raises Refused for what is neither, and for one that is registered already.
    """
    actor = editor(user)
    try:
        plain = address_normal(value)
    except ValueError as error:
        raise Refused("remote_value", _("Write a fax number or an e-mail address."), field="value") from error
    key = party_key(customer=customer)
    if key is None:
        raise Refused("remote_erased", _("The personal data of this account holder was erased."))
    try:
        with transaction.atomic():
            address = RemoteAddress.objects.create(
                client_id=customer.client_id, customer=customer,
                value_sealed=crypto.encrypt(key=key, value=plain, column=COLUMN),
                value_index=crypto.blind_index(value=plain, kind=REMOTE_ADDRESS),
                hint=email_hint(plain) if "@" in plain else phone_hint(plain), recorded_by=user,
                recorded_at=clock.now(),
            )  # fmt: skip
            record(
                actor=actor, action="remote_address.added", subject=address,
                body={"customer": customer.pk, "hint": address.hint},
            )  # fmt: skip
    except IntegrityError as error:
        if "remote_address_once" in str(error):
            raise Refused("remote_known", _("This is registered already."), field="value") from error
        raise
    return address


def remote_address_remove(*, user: User, address: RemoteAddress) -> RemoteAddress:
    """Take a number or address off the register. Raises Conflict when it was taken off already."""
    actor = editor(user)
    with transaction.atomic():
        held = RemoteAddress.objects.select_for_update().get(pk=address.pk)
        if held.removed_at is not None:
            raise Conflict("remote_removed", _("This was taken off already."))
        held.removed_at = clock.now()
        held.save(update_fields=["removed_at"])
        record(
            actor=actor, action="remote_address.removed", subject=held,
            body={"customer": held.customer_id, "hint": held.hint},
        )  # fmt: skip
    return held
