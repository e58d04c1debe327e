"""Reads of clients and of the policies in force."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from accounts.choices import Role
from accounts.models import User
from clients.choices import PortalView
from clients.models import Agreement, Client, ClientUser, ContactPolicy, StagePolicyRow


def clients_visible_to(user: User) -> QuerySet[Client]:
    """The clients a person may know of: staff all of them, a client's own people theirs alone."""
    if user.is_portal:
        return Client.objects.filter(people__user=user)
    return Client.objects.all()


def client_of(user: User) -> Client | None:
    """The client of a portal user; None for staff.

    The membership stays with the user: a page read under the portal's role asks it again, and may not read it then.
    """
    found = ClientUser.objects.select_related("client").filter(user=user).first() if user.is_portal else None
    if found is None:
        return None
    found.user = user
    return found.client


def portal_view_of(*, client_id: int, on: dt.date) -> str:
    """How far the client's own people look into its cases on a day: as the newest agreement that has begun says.

    One that has ended says so still: what was agreed about the past is not taken back by time.
    """
    found = Agreement.objects.filter(client_id=client_id, starts_on__lte=on).order_by("-starts_on", "-pk").first()
    return found.portal_view if found is not None else PortalView.FIGURES


def contact_policy_on(*, client_id: int, on: dt.date) -> ContactPolicy:
    """The version in force on a date: the newest that has begun, else the first.

    Raises ContactPolicy.DoesNotExist when the client has none.
    """
    policies = ContactPolicy.objects.filter(client_id=client_id)
    found = policies.filter(starts_on__lte=on).order_by("-version").first()
    return found or policies.order_by("version").latest("-version")


def stage_rows(*, policy_id: int) -> list[StagePolicyRow]:
    """A ladder, from its first stage."""
    return list(StagePolicyRow.objects.filter(policy_id=policy_id).order_by("position"))


def may_see_cases(user: User) -> bool:
    """Administrators keep users and settings and see no case data."""
    return user.role != Role.ADMINISTRATOR
