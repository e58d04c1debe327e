"""Account holders of whom a client tells us before anything is owed."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from collections_app.models import Debtor
from common.exceptions import Refused
from parties.choices import PartyKind
from parties.rules.identifiers import normalise_identifier
from parties.services.parties import PartyDraft, parties_ensure


def debtor_open(
    *, client: Client, debtor_ref: str, name: str, identifier: str = "", identifier_kind: str = "",
    kind: str = PartyKind.COMPANY, city: str = "",
) -> Debtor:  # fmt: skip
    """The client's account holder of this reference: the one we know, or a new one; part of another act.

    ``identifier_kind`` is what the number is given as; empty: what the number itself tells. What is placed later
    under the same reference hangs on it, and makes its case. Raises Refused for an empty
    reference or name, for an identifier that cannot exist, and where the reference is another person's.
    """
    if not debtor_ref.strip():
        raise Refused("debtor_ref", _("Give the client's reference of this account."), field="debtor_ref")
    if not name.strip():
        raise Refused("debtor_name", _("Give the name."), field="name")
    draft = PartyDraft(kind=PartyKind(kind))
    if identifier.strip():
        try:
            found_kind, party_kind, value = normalise_identifier(identifier, kind=identifier_kind)
        except ValueError as error:
            raise Refused(
                "identifier", _("This is no number of an identity or of an establishment."), field="identifier"
            ) from error
        draft = PartyDraft(kind=party_kind, identifier_kind=found_kind, identifier=value)
    known = Debtor.objects.filter(client=client, debtor_ref=debtor_ref.strip()).first()
    if known is not None and not identifier.strip():
        return known
    party = parties_ensure(drafts=[draft])[0]
    if known is not None:
        if known.party_id != party.id and known.party.identifiers.exists():
            raise Refused(
                "debtor_other", _("This reference is another account holder's with this client."), field="debtor_ref"
            )
        return known
    try:
        with transaction.atomic():
            return Debtor.objects.create(
                client=client,
                party_id=party.id,
                debtor_ref=debtor_ref.strip(),
                name=name.strip()[:200],
                kind=draft.kind,
                city=city.strip()[:80],
            )
    except IntegrityError as error:  # two at once: the other one's stands
        raise Refused(
            "debtor_known", _("This account was opened a moment ago. Look again."), field="debtor_ref"
        ) from error
