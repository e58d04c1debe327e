"""What each role sees and may, as people read it. The rights themselves are the policies of each app."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.choices import Role

DESCRIPTIONS = {
    Role.COLLECTOR: (_("Own cases"), _("Contact, record, promise, propose; enter visits and receipts")),
    Role.TEAM_LEADER: (_("The team's cases"), _("Assign, import, visit programmes, receipt books, small approvals")),
    Role.COLLECTIONS_MANAGER: (_("All cases"), _("Approve settlements, plans, legal escalation")),
    Role.LEGAL_OFFICER: (_("Cases in or near legal"), _("Notices, lawyer files")),
    Role.CREDIT_OFFICER: (_("Credit files"), _("Score and recommend")),
    Role.FINANCE_MANAGER: (_("Credit files"), _("Recommend exceptions")),
    Role.GENERAL_MANAGER: (_("All cases and credit files"), _("Approve credit and exceptions")),
    Role.COMPLAINTS_OFFICER: (_("Complaints register"), _("Handle complaints")),
    Role.QUALITY_OFFICER: (_("Complaints register"), _("Analyse, recommend")),
    Role.BUREAU_OFFICER: (_("Bureau records and disputes"), _("Consents, furnishing, disputes")),
    Role.AUDITOR: (_("Everything, read only"), _("Search, verify and export the audit trail")),
    Role.CLIENT_USER: (_("Own company only"), _("Read reports, download PDFs")),
    Role.CLIENT_SIGNATORY: (_("Own company only"), _("Read reports, sign authorisations")),
    Role.ADMINISTRATOR: (_("Users, settings, calendars"), _("No case data, no approvals")),
}
