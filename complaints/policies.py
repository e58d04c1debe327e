"""Who may do what with complaints, enquiries and disputes. What a person may not see is filtered first.

Who is complained of sees nothing of it, whatever their role (CX-14, CX-15).
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q, QuerySet

from accounts.choices import STAFF_ROLES, Role
from accounts.models import User
from clients.selectors.clients import client_of
from collections_app.policies import cases_visible_to
from complaints.choices import Intake, Level
from complaints.models import Channel, Dispute, Matter, PublicComment, Recommendation, Redress, ReportCourse
from complaints.models.editions import Edition, PolicyText
from complaints.rules.handling import HEAD_OF, decider_of

READS_MATTERS = frozenset({Role.COMPLAINTS_OFFICER, Role.QUALITY_OFFICER, Role.GENERAL_MANAGER, Role.AUDITOR})
# Whose matters a head decides at the second level, and reads (CX-12).
HEADS: Mapping[str, frozenset[str]] = {
    head: frozenset(department for department, role in HEAD_OF.items() if role == head) for head in HEAD_OF.values()
}
SEES_MATTERS = READS_MATTERS | frozenset(HEADS)
# Whoever speaks with people may write down what they complain of (regulations A19).
REGISTERS = SEES_MATTERS - {Role.AUDITOR} | {Role.COLLECTOR, Role.TEAM_LEADER}


def sees_matters(user: User) -> bool:
    """Open the register."""
    return user.role in SEES_MATTERS


def matters_visible_to(user: User) -> QuerySet[Matter]:
    """The matters a person may open: all for who handles, learns, decides or audits; a head's own departments.

    Whoever handles one sees it. Nobody sees what is said of themselves.
    """
    found = Matter.objects.exclude(concerned_id=user.pk)
    if user.role in READS_MATTERS:
        return found
    if user.role in HEADS:
        return found.filter(Q(department__in=HEADS[user.role]) | Q(handler_id=user.pk))
    return found.none()


def matter_states_visible_to(user: User) -> QuerySet[Matter]:
    """The matters on the cases a person works: their state alone, and nothing of confidential ones."""
    found = Matter.objects.exclude(concerned_id=user.pk).filter(case__in=cases_visible_to(user))
    return found if sees_matters(user) else found.filter(is_confidential=False)


def can_register_matters(user: User) -> bool:
    """Write down what somebody complains of, asks or suggests."""
    return user.role in REGISTERS


def can_handle_matters(user: User) -> bool:
    """Whoever may ever handle one."""
    return user.role == Role.COMPLAINTS_OFFICER or user.role in HEADS or user.role == Role.GENERAL_MANAGER


def can_handle_matter(user: User, matter: Matter) -> bool:
    """Work on it: who handles it, any complaints officer, and who decides at its level; never who is complained of."""
    if matter.concerned_id == user.pk:
        return False
    if matter.handler_id == user.pk or user.role == Role.COMPLAINTS_OFFICER:
        return True
    if user.role == Role.GENERAL_MANAGER:
        return matter.level >= Level.GENERAL_MANAGER
    return matter.department in HEADS.get(user.role, ()) and matter.level >= Level.HEAD


def can_decide_matter(user: User, matter: Matter) -> bool:
    """Decide it at its level: the officer, the head of its department, the general manager; nobody at two levels."""
    if not can_handle_matter(user, matter) or user.role != decider_of(level=matter.level, department=matter.department):
        return False
    return not matter.rounds.filter(decided_by=user).exclude(level=matter.level).exists()


def can_open_confidential(user: User, matter: Matter) -> bool:
    """Read what is confidential of it: its handler; before it has one, a complaints officer; who decides at its level.

    Each look is written down (CX-15).
    """
    if matter.handler_id is not None and user.role == Role.COMPLAINTS_OFFICER:
        return matter.handler_id == user.pk
    return can_handle_matter(user, matter)


def matters_said_of(user: User) -> QuerySet[Matter, int]:
    """The ids of what is said of a person: they see nothing that goes out about it either (CX-14)."""
    return Matter.objects.filter(concerned_id=user.pk).values_list("pk", flat=True)


def can_read_messages_of_matter(user: User, matter_id: int) -> bool:
    """Read what the complainant was written: who sees the matter, and of a confidential one who may open it (CX-15)."""
    found = matters_visible_to(user).filter(pk=matter_id).first()
    return found is not None and (not found.is_confidential or can_open_confidential(user, found))


READS_ASIDE_MAILS = frozenset({Role.COMPLAINTS_OFFICER, Role.QUALITY_OFFICER})


def can_decide_mails(user: User) -> bool:
    """Say what a mail is that was set aside: the complaints officer."""
    return user.role == Role.COMPLAINTS_OFFICER


def sees_aside_mails(user: User) -> bool:
    """That mails were set aside, and why; what they say, who decides reads."""
    return user.role in READS_ASIDE_MAILS


def can_keep_categories(user: User) -> bool:
    """Change what matters are sorted by: the quality officer."""
    return user.role == Role.QUALITY_OFFICER


# What is published in versions: questions, the policy of complaints, procedures, outward bodies.
SEES_SATISFACTION = frozenset({Role.QUALITY_OFFICER, Role.GENERAL_MANAGER, Role.AUDITOR})
APPROVES_EDITIONS = frozenset({Role.QUALITY_OFFICER, Role.GENERAL_MANAGER})


def sees_editions(user: User) -> bool:
    """Read what is published, in all its versions."""
    return user.role in READS_MATTERS


def can_prepare_editions(user: User) -> bool:
    """Write the next version of what is published: the quality officer."""
    return user.role == Role.QUALITY_OFFICER


def can_approve_edition(user: User, edition: Edition) -> bool:
    """Publish or withdraw it: the general manager, or another quality officer; never who prepared it."""
    return user.role in APPROVES_EDITIONS and edition.prepared_by_id != user.pk


# Who acknowledges each version of what is in force: the policy everybody at every level (CX-18), the guide to
# objections whoever decides them or looks their papers through (CB-46).
MUST_READ: Mapping[str, frozenset[str]] = {
    "COMPLAINTS": STAFF_ROLES,
    "DISPUTES": frozenset({Role.BUREAU_OFFICER, Role.COMPLAINTS_OFFICER, Role.COLLECTIONS_MANAGER}),
}


def must_read(user: User, policy: PolicyText) -> bool:
    """Acknowledge this one."""
    return user.is_active and user.role in MUST_READ.get(policy.code, ())


def is_of_the_house(user: User) -> bool:
    """Everybody who works here: reads the procedures and acknowledges the policy (CX-09, CX-18)."""
    return user.is_active and user.role in STAFF_ROLES


def sees_satisfaction(user: User) -> bool:
    """How satisfied people were, by handler and category."""
    return user.role in SEES_SATISFACTION


# Disputes of the credit record.
READS_DISPUTES = frozenset(
    {
        Role.BUREAU_OFFICER,
        Role.COMPLAINTS_OFFICER,
        Role.QUALITY_OFFICER,
        Role.COLLECTIONS_MANAGER,
        Role.GENERAL_MANAGER,
        Role.AUDITOR,
    }
)
REVIEWS_PACKS = MUST_READ["DISPUTES"]


def sees_disputes(user: User) -> bool:
    """Read the disputes of every client."""
    return user.role in READS_DISPUTES


def can_handle_disputes(user: User) -> bool:
    """File, notify, decide, correct, tell: the bureau officer."""
    return user.role == Role.BUREAU_OFFICER


def can_review_packs(user: User) -> bool:
    """Look an answer pack through before it leaves; never one's own."""
    return user.role in REVIEWS_PACKS


def disputes_visible_to(user: User) -> QuerySet[Dispute]:
    """The disputes of every client for who handles or reads them; a client's own people see theirs."""
    if sees_disputes(user):
        return Dispute.objects.all()
    client = client_of(user) if user.is_active else None
    return Dispute.objects.none() if client is None else Dispute.objects.filter(client=client)


# Learning: root causes, reports of the month, recommendations, redress.
PROPOSES = frozenset(HEADS) | {Role.QUALITY_OFFICER}
READS_LEARNING = PROPOSES | {Role.GENERAL_MANAGER, Role.AUDITOR}
# Whoever may be given something to carry out.
OWNS = STAFF_ROLES - {Role.AUDITOR, Role.COLLECTOR}
RIPPLES = frozenset({Role.QUALITY_OFFICER, Role.COMPLAINTS_OFFICER})
READS_REDRESS = RIPPLES | {Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER, Role.AUDITOR}


def reads_learning(user: User) -> bool:
    """Read the reports of the months."""
    return user.role in READS_LEARNING


def can_prepare_reports(user: User) -> bool:
    """Count, write, issue and file a month's report: the quality officer (CR-05, CR-17)."""
    return user.role == Role.QUALITY_OFFICER


def can_review_reports(user: User) -> bool:
    """Review them before they are issued: the heads (CR-17)."""
    return user.role in HEADS


def can_discuss_reports(user: User) -> bool:
    """Discuss them with those responsible: the general manager (CR-17)."""
    return user.role == Role.GENERAL_MANAGER


def can_act_on_reports(user: User) -> bool:
    """Whoever has any part in the course of a report."""
    return can_prepare_reports(user) or can_review_reports(user) or can_discuss_reports(user)


def reports_visible_to(user: User) -> QuerySet[ReportCourse]:
    """The reports of the months; the general manager sees what was issued, and nothing of a draft."""
    if user.role == Role.GENERAL_MANAGER:
        return ReportCourse.objects.filter(issued_at__isnull=False)
    return ReportCourse.objects.all() if reads_learning(user) else ReportCourse.objects.none()


def sees_recommendations(user: User) -> bool:
    """Open the list of recommendations: who reads them all, and whoever may be given one."""
    return user.role in READS_LEARNING | OWNS


def can_act_on_recommendations(user: User) -> bool:
    """Whoever may be asked for anything about one."""
    return sees_recommendations(user) and user.role != Role.AUDITOR


def can_propose(user: User) -> bool:
    """Propose an improvement: the heads and the quality officer (CR-08)."""
    return user.role in PROPOSES


def can_decide_recommendations(user: User) -> bool:
    """Decide on them: the general manager (CR-08)."""
    return user.role == Role.GENERAL_MANAGER


def can_carry_out(user: User, recommendation: Recommendation) -> bool:
    """Say what became of one: who was given it, and the quality officer who follows them all."""
    return recommendation.owner_id == user.pk or user.role == Role.QUALITY_OFFICER


def recommendations_visible_to(user: User) -> QuerySet[Recommendation]:
    """All for who learns from them; for everybody else those they were given."""
    if user.role in READS_LEARNING:
        return Recommendation.objects.all()
    return Recommendation.objects.filter(owner_id=user.pk) if user.is_active else Recommendation.objects.none()


def can_keep_causes(user: User) -> bool:
    """Change the tree of root causes: the quality officer."""
    return user.role == Role.QUALITY_OFFICER


def can_find_causes(user: User) -> bool:
    """Whoever may ever say why a matter arose."""
    return user.role == Role.QUALITY_OFFICER or can_handle_matters(user)


def can_find_cause(user: User, matter: Matter) -> bool:
    """Say why a matter arose: who works on it, and the quality officer; never who is complained of (CR-05)."""
    if matter.concerned_id == user.pk:
        return False
    return user.role == Role.QUALITY_OFFICER or can_handle_matter(user, matter)


def sees_redress(user: User) -> bool:
    """Read what is put right for others than the complainant."""
    return user.role in READS_REDRESS


def can_ripple(user: User) -> bool:
    """Look for others who were treated the same way, and see to them."""
    return user.role in RIPPLES


def redress_visible_to(user: User) -> QuerySet[Redress]:
    """What is to be put right, of matters and cases this person may see."""
    if not sees_redress(user):
        return Redress.objects.none()
    return Redress.objects.filter(matter__in=matters_visible_to(user), case__in=cases_visible_to(user))


# Channels (CX-27): who reads all of them, and each channel's own team.
def can_keep_channels(user: User) -> bool:
    """Say which channels are in use, and whose each is: the quality officer."""
    return user.role == Role.QUALITY_OFFICER


def channels_of(user: User) -> QuerySet[Channel]:
    """Those that this person supervises, or in whose team they are."""
    if not is_of_the_house(user):
        return Channel.objects.none()
    member = Channel.team.through.objects.filter(user_id=user.pk).values("channel_id")
    return Channel.objects.filter(Q(supervisor_id=user.pk) | Q(pk__in=member))


def channels_visible_to(user: User) -> QuerySet[Channel]:
    """All for who reads the register; for everybody else of the house those in whose team they are."""
    return Channel.objects.all() if user.role in READS_MATTERS else channels_of(user)


def sees_channels(user: User) -> bool:
    """Open the page of channels."""
    return user.role in READS_MATTERS or channels_visible_to(user).exists()


def channel_matters(user: User) -> QuerySet[Matter]:
    """The matters that the figures of channels count for this person: who reads the register may open each of them;
    a team is told how many there are, and nothing else of them. Nobody's figures count what is said of themselves."""
    if user.role in READS_MATTERS:
        return matters_visible_to(user)
    return Matter.objects.exclude(concerned_id=user.pk)


def can_review_channels(user: User) -> bool:
    """Whoever supervises any channel."""
    return is_of_the_house(user) and Channel.objects.filter(supervisor_id=user.pk).exists()


def can_review_channel(user: User, channel: Channel) -> bool:
    """Say what it needs: who supervises it, while it is in use."""
    return channel.supervisor_id == user.pk and channel.is_active and user.is_active


# What is written of us in public (CX-25, CX-26).
def accounts_visible_to(user: User) -> QuerySet[Channel]:
    """The accounts of social media of which this person reads the comments."""
    return channels_visible_to(user).filter(intake=Intake.SOCIAL)


def accounts_worked_by(user: User) -> QuerySet[Channel]:
    """The accounts that this person looks through: all for a complaints officer, for everybody else their team's."""
    theirs = Channel.objects.all() if user.role == Role.COMPLAINTS_OFFICER else channels_of(user)
    return theirs.filter(intake=Intake.SOCIAL)


def sees_comments(user: User) -> bool:
    """Open the log of what is written in public."""
    return user.role in READS_MATTERS or accounts_visible_to(user).exists()


def can_work_comments(user: User) -> bool:
    """Whoever looks through any account, and sees to what is found there."""
    return user.role == Role.COMPLAINTS_OFFICER or accounts_worked_by(user).exists()


def can_work_account(user: User, channel: Channel) -> bool:
    """Look this account through, and see to what is found there."""
    return accounts_worked_by(user).filter(pk=channel.pk).exists()


def comments_visible_to(user: User) -> QuerySet[PublicComment]:
    """The comments at the accounts of which this person reads."""
    return PublicComment.objects.filter(channel__in=accounts_visible_to(user))
