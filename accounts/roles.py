"""What each role sees and may, as people read it. The rights themselves are the policies of each app."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.choices import Role

DESCRIPTIONS = {
    Role.COLLECTOR: (_("Own cases"), _("Record contacts, promises and payments; hold; propose legal escalation")),
    Role.TEAM_LEADER: (_("The team's cases"), _("The same; assign cases, import files")),
    Role.COLLECTIONS_MANAGER: (
        _("All cases"),
        _(
            "The same; decide escalations, stage policies and waiting money, take wrong files back, keep clients, read "
            "reports, watch jobs"
        ),
    ),
    Role.LEGAL_OFFICER: (
        _("Cases in or near legal"),
        _("Open legal files, give them to lawyers, file and amend claims, plan days in court, keep papers and costs"),
    ),
    Role.CREDIT_OFFICER: (
        _("Credit files of all clients"),
        _("Open customers, complete, score and analyse applications, record agreements, stop credit, enter orders"),
    ),
    Role.FINANCE_MANAGER: (
        _("Money that came, and what is open for it; credit files"),
        _(
            "Read payment files and bank statements, decide what waiting money was for; recommend credit, lower "
            "limits, release stops"
        ),
    ),
    Role.GENERAL_MANAGER: (
        _("All cases, clients and credit files"),
        _(
            "Read; decide credit, exceptions and policies; answer what is disagreed with twice; decide recommendations "
            "and discuss the monthly reports; confirm holidays and deadlines"
        ),
    ),
    Role.COMPLAINTS_OFFICER: (
        _("All cases, complaints and enquiries"),
        _("Write down what is told, assess, investigate, answer, tell and close; promise calls and keep them"),
    ),
    Role.QUALITY_OFFICER: (
        _("All cases, complaints and enquiries"),
        _(
            "Read all of it, keep categories and root causes; prepare the monthly reports, follow recommendations, see "
            "to others treated the same way; write what is published and approve what another wrote; confirm holidays "
            "and deadlines"
        ),
    ),
    Role.BUREAU_OFFICER: (
        _("All cases and disputes of the record"),
        _("File and decide disputes, notify members, objectors and recipients, assemble and send the member's answer"),
    ),
    Role.AUDITOR: (_("Everything, read only"), _("Search, verify and export the audit trail")),
    Role.CLIENT_USER: (_("Own company only"), _("Read reports, download PDFs")),
    Role.CLIENT_SIGNATORY: (_("Own company only"), _("Read reports, sign authorisations")),
    Role.LAWYER: (
        _("The files they hold now"),
        _("Read a file and its papers, record what a hearing brought, hand in papers"),
    ),
    Role.ADMINISTRATOR: (
        _("Users, teams, clients; no case data"),
        _("Keep them, ask for holidays and deadlines, run the night again; no approvals"),
    ),
}
