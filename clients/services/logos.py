"""The only writer of clients' marks."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client, ClientLogo
from clients.rules.logos import Drawn, NotALogo, logo_drawn
from common import clock
from common.audit import Actor, record
from common.exceptions import Refused


def logo_set(*, user: User, client: Client, content: bytes) -> ClientLogo:
    """The next version of a client's mark; what shows it from now on shows this one.

    Raises Refused for what is no PNG or JPEG of a usable size.
    """
    try:
        drawn = logo_drawn(content=content)
    except NotALogo as error:
        words = _("A logo is a PNG or JPEG of at most 1 MB, 24 pixels or more on each side.")
        raise Refused("logo", words, field="file") from error
    return _keep(user=user, client=client, drawn=drawn, action="client.logo_set")


def logo_remove(*, user: User, client: Client) -> ClientLogo:
    """Show the client's letters again; the versions before stay. Raises Refused where there is none."""
    newest = ClientLogo.objects.filter(client=client).first()
    if newest is None or not newest.content:
        raise Refused("logo_none", _("There is no logo."))
    return _keep(user=user, client=client, drawn=Drawn(content=b"", width=0, height=0), action="client.logo_removed")


def _keep(*, user: User, client: Client, drawn: Drawn, action: str) -> ClientLogo:
    with transaction.atomic():
        Client.objects.select_for_update(no_key=True).get(pk=client.pk)
        logo = ClientLogo.objects.create(
            client=client,
            content=drawn.content,
            sha256=hashlib.sha256(drawn.content).hexdigest(),
            width=drawn.width,
            height=drawn.height,
            added_by=user,
            added_at=clock.now(),
        )
        body = {"sha256": logo.sha256, "size": [drawn.width, drawn.height]}
        record(actor=Actor.person(user), action=action, subject=logo, body=body)
    return logo
