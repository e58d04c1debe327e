"""What stands in the navigation of each role, and where each role lands."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import user_of
from accounts.choices import PORTAL_ROLES, STAFF_ROLES, Role, Side
from accounts.models import User
from accounts.policies import APPROVERS, DEADLINE_READERS, DELEGATES, can_see_approvals
from clients.choices import PortalView
from clients.policies import can_keep_people, can_keep_tokens
from clients.rules.portal import view_opens
from clients.selectors.clients import portal_view_of
from collections_app.choices import OPEN_CASE
from collections_app.policies import cases_visible_to
from common import clock
from common.approvals import approvals_waiting_count
from common.components.navigation import Group, Item
from complaints.choices import Intake
from complaints.policies import (
    READS_ASIDE_MAILS,
    READS_DISPUTES,
    READS_LEARNING,
    READS_MATTERS,
    READS_REDRESS,
    SEES_MATTERS,
    SEES_SATISFACTION,
)
from complaints.views.channels import channels_remembered
from credit.policies import CREDIT_DESK, READS_CREDIT, applications_visible_to
from credit.selectors.applications import applications_waiting
from reporting.rules.boards import SEES_BOARDS

# Roles and the name of their first page.
LANDING: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({Role.COLLECTOR}), "day"),
    (frozenset({Role.TEAM_LEADER}), "my_team"),
    (frozenset({Role.COLLECTIONS_MANAGER}), "inbox"),
    (frozenset({Role.AUDITOR}), "audit"),
    (frozenset(PORTAL_ROLES), "portal"),
    (frozenset({Role.LEGAL_OFFICER}), "legal_desk"),
    (frozenset({Role.LAWYER}), "lawyer_files"),
    (frozenset({Role.ADMINISTRATOR}), "jobs"),
    (CREDIT_DESK, "credit_desk"),
    (frozenset({Role.BUREAU_OFFICER}), "disputes"),
    (frozenset({Role.COMPLAINTS_OFFICER, Role.QUALITY_OFFICER}), "matter_board"),
)

_CASES = frozenset(
    {
        Role.COLLECTOR,
        Role.TEAM_LEADER,
        Role.COLLECTIONS_MANAGER,
        Role.GENERAL_MANAGER,
        Role.LEGAL_OFFICER,
        Role.COMPLAINTS_OFFICER,
        Role.QUALITY_OFFICER,
        Role.BUREAU_OFFICER,
    }
)
_LEADS = frozenset({Role.TEAM_LEADER, Role.COLLECTIONS_MANAGER})
_MANAGER = frozenset({Role.COLLECTIONS_MANAGER})
_ADMIN = frozenset({Role.ADMINISTRATOR})
_AUDITOR = frozenset({Role.AUDITOR})
_LEGAL_READERS = frozenset({Role.LEGAL_OFFICER, Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER, Role.AUDITOR})
_FIGURES = frozenset({Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER, Role.AUDITOR})
_MESSAGES = frozenset(
    {
        Role.COLLECTIONS_MANAGER,
        Role.COMPLAINTS_OFFICER,
        Role.QUALITY_OFFICER,
        Role.AUDITOR,
        Role.ADMINISTRATOR,
    }
)

Row = tuple[Any, str, str, frozenset[str]]
# Word, icon, page, roles; in the order they stand. What a day is made of comes first and has no heading.
WORK: tuple[Row, ...] = (
    (_("My day"), "sun", "day", frozenset({Role.COLLECTOR})),
    (_("My team"), "users", "my_team", _LEADS),
    (_("Approvals"), "inbox", "inbox", APPROVERS),
    (_("Cases"), "folder-open", "cases", _CASES),
    (_("Promises"), "handshake", "promises", frozenset({Role.COLLECTOR}) | _LEADS),
    (_("Neither too early nor too late"), "calendar-clock", "timeliness", _LEADS),
    (_("Boards"), "layout-dashboard", "boards", SEES_BOARDS),
)
FILES: tuple[Row, ...] = (
    (_("Imports"), "upload", "imports", _LEADS),
    (_("Money that came"), "banknote", "incoming", frozenset({Role.COLLECTIONS_MANAGER, Role.FINANCE_MANAGER})),
    (_("Money in suspense"), "hourglass", "suspense", _LEADS),
    (
        _("Closed periods"),
        "archive",
        "statement_periods",
        frozenset({Role.COLLECTIONS_MANAGER, Role.FINANCE_MANAGER, Role.GENERAL_MANAGER, Role.AUDITOR}),
    ),
)
LEGAL: tuple[Row, ...] = (
    (_("Legal desk"), "gavel", "legal_desk", _LEGAL_READERS),
    (_("Legal files"), "briefcase", "legal_files", _LEGAL_READERS),
    (_("Court calendar"), "calendar-days", "legal_calendar", _LEGAL_READERS),
    (_("Law firms"), "landmark", "firms", _LEGAL_READERS | _ADMIN),
    (_("Authorisations"), "scale", "authorisations", _LEGAL_READERS),
    (
        _("Final notices"),
        "mail-check",
        "notices",
        frozenset({Role.COLLECTIONS_MANAGER, Role.LEGAL_OFFICER, Role.AUDITOR}),
    ),
    (_("Conditions of escalation"), "list-checks", "escalation_policies", _LEGAL_READERS),
)
FIGURES: tuple[Row, ...] = (
    (_("Figures"), "chart-line", "figures", _FIGURES),
    (_("Reports"), "file-text", "reports", frozenset({Role.COLLECTIONS_MANAGER, Role.GENERAL_MANAGER})),
)
AUDIT: tuple[Row, ...] = (
    (_("Contact trail"), "history", "audit", _AUDITOR),
    (_("Audit chain"), "shield-check", "audit_events", _AUDITOR),
    (_("Changes"), "file-diff", "audit_history", _AUDITOR),
)
SETTINGS: tuple[Row, ...] = (
    (_("Jobs"), "activity", "jobs", _MANAGER | _ADMIN),
    (_("Users"), "users-round", "users", _ADMIN),
    (_("Teams"), "users", "teams", _ADMIN),
    (_("Roles"), "key-round", "roles", _ADMIN),
    (_("Clients"), "building-2", "clients", _FIGURES | _ADMIN),
    (_("Stage policies"), "chart-no-axes-gantt", "stage_policies", _FIGURES),
    (_("Deadlines"), "timer", "deadlines", DEADLINE_READERS),
    (_("Working calendar"), "calendar-days", "working_calendar", DEADLINE_READERS),
    (_("Messages"), "mail", "messages", _MESSAGES),
    (_("Texts of messages"), "message-square-text", "message_templates", _MESSAGES | {Role.GENERAL_MANAGER}),
)
# The trade-credit desk.
CREDIT: tuple[Row, ...] = (
    (_("Credit desk"), "layout-list", "credit_desk", READS_CREDIT),
    (_("Customers"), "store", "credit_customers", READS_CREDIT),
    (_("Follow-ups"), "bell-ring", "credit_follow_ups", READS_CREDIT),
    (_("Yearly reviews"), "calendar-check", "credit_reviews", READS_CREDIT),
    (_("Credit policies"), "sliders-horizontal", "credit_policies", READS_CREDIT),
    (_("Orders"), "package", "credit_orders", READS_CREDIT),
    (_("Credit portfolio"), "chart-column", "credit_portfolio", READS_CREDIT),
)
# What people complain of, ask and object to.
COMPLAINTS: tuple[Row, ...] = (
    (_("Board of deadlines"), "calendar-clock", "matter_board", SEES_MATTERS),
    (_("Complaints register"), "message-square-warning", "matters", SEES_MATTERS),
    (_("Record disputes"), "file-question-mark", "disputes", READS_DISPUTES),
    (_("What repeats"), "repeat", "matter_repeats", READS_LEARNING),
    (_("Monthly reports"), "file-chart-column", "month_reports", READS_LEARNING),
    (_("Recommendations"), "lightbulb", "recommendations", READS_LEARNING),
    (_("Redress"), "waves", "redress", READS_REDRESS),
    (_("Categories"), "tags", "matter_categories", frozenset({Role.QUALITY_OFFICER})),
    (_("Root causes"), "git-branch", "matter_causes", frozenset({Role.QUALITY_OFFICER})),
    (_("Mails set aside"), "mail-question-mark", "aside_mails", READS_ASIDE_MAILS),
    (_("Satisfaction"), "smile", "satisfaction", SEES_SATISFACTION),
    (_("Channels"), "radio-tower", "channels", READS_MATTERS),
    (_("Written in public"), "megaphone", "comments", READS_MATTERS),
    (_("What we publish"), "book-open", "editions_first", READS_MATTERS),
    (_("Procedures and policy"), "list-checks", "procedures", STAFF_ROLES),
)
# A role's own group stands before all others and needs no heading: it is their whole work.
OWN: dict[str, tuple[Row, ...]] = {
    Role.CREDIT_OFFICER: CREDIT,
    Role.COMPLAINTS_OFFICER: COMPLAINTS,
    Role.BUREAU_OFFICER: COMPLAINTS,
    Role.LEGAL_OFFICER: LEGAL,
    Role.AUDITOR: AUDIT,
    Role.ADMINISTRATOR: SETTINGS,
}
GROUPS: tuple[tuple[Any, str, tuple[Row, ...]], ...] = (
    (_("Files and money"), "banknote", FILES),
    (_("Claims and courts"), "gavel", LEGAL),
    (_("Complaints"), "message-square-warning", COMPLAINTS),
    (_("Credit"), "store", CREDIT),
    (_("Figures and reports"), "chart-line", FIGURES),
    (_("Audit"), "shield-check", AUDIT),
    (_("Settings"), "settings", SETTINGS),
)
# More than so many entries do not fit on a screen: groups are folded but for the one where the page is.
UNFOLDED = 14
# The last: how far the client's agreement must look.
PORTAL = (
    (_("Latest report"), "sparkle", "portal", PortalView.FIGURES),
    (_("Reports"), "file-text", "portal_reports", PortalView.FIGURES),
    (_("Dashboard"), "chart-column", "portal_dashboard", PortalView.FIGURES),
    (_("Statements"), "archive", "portal_statements", PortalView.CASES),
    (_("Cases"), "folder-open", "portal_cases", PortalView.CASES),
    (_("Contact trail"), "history", "portal_trail", PortalView.CONTACTS),
    (_("Authorisations"), "scale", "portal_authorisations", PortalView.FIGURES),
    (_("Credit"), "store", "portal_credit", PortalView.CASES),
    (_("Complaints"), "message-square-warning", "portal_matters", PortalView.FIGURES),
    (_("Record disputes"), "file-question-mark", "portal_disputes", PortalView.FIGURES),
)
# An outside lawyer has one list, and the files in it.
OUTSIDE = ((_("My files"), "briefcase", "lawyer_files"),)


Entry = tuple[Any, str, str]


def navigation(request: HttpRequest) -> list[Group]:
    """The signed-in user's navigation, with the page they are on marked."""
    user, here = user_of(request), request.path
    counts: dict[str, int] = {}
    if user.is_portal:
        view = _agreed_view(user)
        entries: list[Entry] = [
            (label, icon, name) for label, icon, name, least in PORTAL if view_opens(view=view, least=least)
        ]
        if can_keep_people(user):
            entries.append((_("Users"), "users-round", "portal_people"))
        if can_keep_tokens(user):
            entries.append((_("Systems"), "key-round", "portal_systems"))
    elif user.side == Side.OUTSIDE:
        entries = [(label, icon, name) for label, icon, name in OUTSIDE]
    else:
        (heading, icon, own), *headed = _of_house(user, counts)
        return _groups([(heading, icon, own + _of_their_team(request)), *headed], here=here, counts=counts)
    return _groups([("", "", entries)], here=here, counts=counts)


def _of_house(user: User, counts: dict[str, int]) -> list[tuple[Any, str, list[Entry]]]:
    """What one of our own people sees, by groups: their own work first. ``counts`` is filled."""

    def seen(rows: tuple[Row, ...]) -> list[Entry]:
        return [(label, icon, name) for label, icon, name, roles in rows if user.role in roles]

    own = OWN.get(user.role, ())
    entries = seen(own) + seen(WORK)
    in_anothers_place = user.role not in APPROVERS and user.role in DELEGATES and can_see_approvals(user)
    if in_anothers_place:
        entries.insert(0, (_("Approvals"), "inbox", "inbox"))
    if in_anothers_place or user.role in APPROVERS:
        counts["inbox"] = approvals_waiting_count(user=user, on=clock.today())
    if user.role == Role.COLLECTOR:
        counts["cases"] = cases_visible_to(user).filter(status__in=OPEN_CASE).count()
    if user.role == Role.CREDIT_OFFICER:
        waiting = applications_waiting(applications=applications_visible_to(user), role=user.role)
        counts["credit_desk"] = waiting.count()
    headed = [(heading, icon, seen(rows)) for heading, icon, rows in GROUPS if rows is not own]
    return [("", "", entries), *headed]


def _of_their_team(request: HttpRequest) -> list[Entry]:
    """The channels of a team, for who does not read all of them; what is written in public where one is an account."""
    intakes = [] if user_of(request).role in READS_MATTERS else channels_remembered(request)
    found: list[Entry] = [(_("Channels"), "radio-tower", "channels")] if intakes else []
    return [*found, (_("Written in public"), "megaphone", "comments")] if Intake.SOCIAL in intakes else found


def _agreed_view(user: User) -> str:
    """How far the agreement of this person's client looks; a person of no client is given the narrowest."""
    membership = getattr(user, "client_membership", None)
    if membership is None:
        return PortalView.FIGURES
    client = membership.client
    # The portal's door asked already: in its scope the agreement is not to be read.
    return client.portal_view or portal_view_of(client_id=client.pk, on=clock.today())


def _groups(headed: list[tuple[Any, str, list[Entry]]], *, here: str, counts: dict[str, int]) -> list[Group]:
    """Those that have entries, with the one marked whose address leads here the furthest; a first page only itself."""
    addresses = {name: reverse(name) for _heading, _icon, entries in headed for _l, _i, name in entries}
    fits = len(addresses) <= UNFOLDED
    first = addresses.get("portal")
    best = max((a for a in addresses.values() if here == a or (a != first and here.startswith(a))), key=len, default="")
    return [
        Group(
            heading=heading,
            icon=group_icon,
            unfolded=fits or best in {addresses[name] for _l, _i, name in entries},
            items=tuple(
                Item(
                    label=label,
                    icon=icon,
                    url=addresses[name],
                    count=counts.get(name),
                    active=addresses[name] == best,
                )
                for label, icon, name in entries
            ),
        )
        for heading, group_icon, entries in headed
        if entries
    ]


def search_url(request: HttpRequest) -> str:
    """Where the search box leads; empty for roles without cases."""
    user = request.user
    return reverse("cases") if user.is_authenticated and user.role in _CASES else ""
