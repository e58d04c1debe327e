"""Who sees and keeps clients."""

from __future__ import annotations

from accounts.choices import Role
from accounts.models import User
from accounts.policies import stands_in_for
from clients.choices import ChangeStatus, PolicyState
from clients.models import StageChange, StagePolicy
from common import clock, slots
from common.approvals import approval_of, may_decide
from common.messages import message_kind
from common.models import Message


def can_see_clients(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER, Role.ADMINISTRATOR, Role.AUDITOR}


def can_manage_clients(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.ADMINISTRATOR}


def can_see_stage_policies(user: User) -> bool:
    """Who prepares and who approves or stands in for one, and the auditor; the administrator keeps settings, not how
    cases are worked.
    """
    return user.role == Role.AUDITOR or stands_in_for(user, Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER)


def can_prepare_stage_policies(user: User) -> bool:
    return user.role == Role.COLLECTIONS_MANAGER


def can_edit_stage_policy(user: User, policy: StagePolicy) -> bool:
    """A draft, by who began it: so that it stays known who prepared what another decides."""
    return can_prepare_stage_policies(user) and policy.state == PolicyState.DRAFT and policy.prepared_by_id == user.pk


def can_propose_stage_change(user: User, policy: StagePolicy) -> bool:
    """The own draft, or a published version for another place."""
    return can_edit_stage_policy(user, policy) or (
        can_prepare_stage_policies(user) and policy.state == PolicyState.APPROVED
    )


def can_decide_stage_change(user: User, change: StageChange) -> bool:
    """Another collections manager or the general manager, or who stands in for one: never who prepared the request or
    drew the ladder.
    """
    return change.status == ChangeStatus.PROPOSED and may_decide(
        user=user, approval=approval_of(subject=change), on=clock.today()
    )


def can_withdraw_stage_change(user: User, change: StageChange) -> bool:
    return change.status == ChangeStatus.PROPOSED and change.prepared_by_id == user.pk


def can_manage_systems(user: User) -> bool:
    """Accounts of clients' systems are made like accounts of people: by the administrator."""
    return user.role == Role.ADMINISTRATOR


def can_keep_tokens(user: User) -> bool:
    """The client's own administrator, in the portal: the house never holds a token that acts for a client."""
    membership = getattr(user, "client_membership", None)
    return user.is_portal and membership is not None and membership.keeps_systems


def can_keep_people(user: User) -> bool:
    """The client's own keeper of people, in the portal; the house names the first."""
    membership = getattr(user, "client_membership", None)
    return user.is_portal and membership is not None and membership.keeps_people


def can_see_messages(user: User) -> bool:
    """The list: what left the house, waits or did not leave; the administrator too, who keeps the channels."""
    return can_read_messages(user) or user.role == Role.ADMINISTRATOR


def can_read_messages(user: User) -> bool:
    """Address and text; every look is written down."""
    return can_act_on_messages(user) or user.role == Role.AUDITOR


def can_read_message(user: User, message: Message) -> bool:
    """What this one says: nothing that opens a door to whoever reads it, and nothing that its subject keeps from this
    person (slot ``message_rights``).
    """
    if not can_read_messages(user):
        return False
    try:
        if message_kind(message.template.code).is_secret:
            return False
    except LookupError:  # a kind that nobody declares any more
        pass
    rights = [may for label, _hidden, may in slots.filled("message_rights") if label == message.subject_type]
    return all(may(user, message.subject_id) for may in rights)


def can_act_on_messages(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.COMPLAINTS_OFFICER, Role.QUALITY_OFFICER}


def can_stop_messages(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.ADMINISTRATOR}


def can_see_message_templates(user: User) -> bool:
    """Who prepares them, who decides or stands in for one, and who reads."""
    return (
        can_prepare_message_templates(user)
        or user.role in {Role.AUDITOR, Role.ADMINISTRATOR}
        or stands_in_for(user, Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER)
    )


def can_prepare_message_templates(user: User) -> bool:
    return user.role in {Role.COLLECTIONS_MANAGER, Role.COMPLAINTS_OFFICER, Role.QUALITY_OFFICER}
