"""Where lower apps are followed by higher ones: every event's listeners and every slot's content, in one place."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common import events, slots
from config.schedule import NIGHT_AT, NIGHTLY_NEEDS, NIGHTLY_STEPS


def wire() -> None:
    """Called once, when the applications are ready."""
    from accounts.events import UserSwitchedOff
    from accounts.views.deadlines import DEADLINES_KIND, HOLIDAYS_KIND
    from clients.services.people import keeper_gone
    from clients.views.message_templates import MESSAGE_TEMPLATE
    from clients.views.people import SIGNATORY
    from collections_app import events as money
    from collections_app.rules import messages as book_messages
    from collections_app.views.proposals import proposals_section
    from collections_app.views.stage_changes import STAGE_CHANGE
    from common.clocks.events import ClockBreached
    from complaints.choices import ClockKind
    from complaints.policies import can_read_messages_of_matter, matters_said_of
    from complaints.rules import dispute_messages, handling_messages
    from complaints.rules import messages as complaint_messages
    from complaints.rules.deadlines import SHIPPED as COMPLAINT_STEPS
    from complaints.selectors.case_timeline import disputes_happened, matters_happened
    from complaints.selectors.dispute_told import disputes_told, matter_paper_enclosed
    from complaints.selectors.hold_keepers import disputes_keep, matters_keep
    from complaints.selectors.learning_told import recommendations_told, reports_told
    from complaints.selectors.public_comments import comments_told
    from complaints.selectors.told import calls_told, matters_told
    from complaints.services.dispute_silence import silence_followed
    from complaints.views.case_panel import case_panel as matter_panel
    from complaints.views.channels import channel_reminder
    from complaints.views.dispute_panel import case_panel as dispute_panel
    from complaints.views.manual import policy_reminder
    from config.navigation import LANDING, navigation, search_url
    from credit.services import stop_events
    from credit.views.decisions import CREDIT_DECISION, EXCEPTION_DECISION
    from credit.views.order_overrides import ORDER_OVERRIDES
    from credit.views.policies import POLICY_DECISION
    from legal.events import LegalActRecorded
    from legal.rules import messages as legal_messages
    from legal.selectors.authorisations import case_legal_items
    from legal.selectors.messages import may_threaten, paper_enclosed
    from legal.services import legal_tasks
    from legal.views.approvals import ESCALATION
    from legal.views.authorisations import case_panel
    from legal.views.files import case_panel as file_panel
    from parties.selectors.keys import wrapped_key_of
    from reporting.rules import messages as report_messages
    from reporting.views.audit_desk import history_url_of

    events.wire(
        {
            # Whatever changes what is owed is compared with what was asked of a court.
            # And stops or frees credit, at once.
            money.PaymentPosted: (legal_tasks.payment_followed, stop_events.payment_stops),
            money.PaymentReversed: (legal_tasks.reversal_followed, stop_events.reversal_stops),
            money.NotePosted: (legal_tasks.note_followed, stop_events.note_stops),
            money.CasesEnded: (legal_tasks.ends_followed, stop_events.ends_stops),
            money.CasesReopened: (legal_tasks.reopening_followed, stop_events.ends_stops),
            money.MoneyMoved: (legal_tasks.move_followed, stop_events.move_stops),
            money.HoldChanged: (stop_events.hold_stops,),
            money.DefaultsMoved: (stop_events.defaults_stops,),
            money.PortfolioImported: (stop_events.import_stops,),
            LegalActRecorded: (legal_tasks.act_followed,),
            # A member's silence counts for the objector, by itself.
            ClockBreached: (silence_followed,),
            UserSwitchedOff: (keeper_gone,),
        }
    )
    slots.fill(
        {
            "nightly_steps": NIGHTLY_STEPS,
            "nightly_needs": NIGHTLY_NEEDS,
            "night_at": (NIGHT_AT,),
            "clock_steps": COMPLAINT_STEPS,
            "clock_kinds": tuple(ClockKind.choices),
            "clock_matters": (
                ("complaints.Matter", matters_told),
                ("complaints.CallBack", calls_told),
                ("complaints.Dispute", disputes_told),
                ("complaints.Recommendation", recommendations_told),
                ("complaints.ReportCourse", reports_told),
                ("complaints.PublicComment", comments_told),
            ),
            "approvals": (proposals_section,),
            "approval_kinds": (
                ESCALATION,
                STAGE_CHANGE,
                MESSAGE_TEMPLATE,
                HOLIDAYS_KIND,
                DEADLINES_KIND,
                CREDIT_DECISION,
                EXCEPTION_DECISION,
                POLICY_DECISION,
                ORDER_OVERRIDES,
                SIGNATORY,
            ),
            # The outbox: kinds of messages, keys they are sealed under, papers they carry, whether a legal step may be
            # told of, and the pages of what they are about (label, words, name of the address).
            "message_kinds": (
                *book_messages.MESSAGES,
                *legal_messages.MESSAGES,
                *complaint_messages.MESSAGES,
                *handling_messages.HANDLING_MESSAGES,
                *dispute_messages.MESSAGES,
                *report_messages.MESSAGES,
            ),
            "party_keys": (wrapped_key_of,),
            "message_papers": (("legal.Paper", paper_enclosed), ("complaints.MatterPaper", matter_paper_enclosed)),
            "may_threaten": (may_threaten,),
            "message_rights": (("complaints.Matter", matters_said_of, can_read_messages_of_matter),),
            "message_subjects": (
                ("collections_app.Case", _("Case"), "case"),
                ("complaints.Matter", _("Matter"), "matter"),
                ("complaints.Dispute", _("Dispute"), "dispute"),
                ("reporting.Report", _("Report"), "report_pdf"),
                # What was written while there were weekly ones alone.
                ("reporting.Report", _("Report"), "report_pdf"),
                ("reporting.BoardView", _("Kept view"), "board_view"),
            ),
            "case_panels": (case_panel, file_panel, matter_panel, dispute_panel),
            "timeline_sources": (case_legal_items, matters_happened, disputes_happened),
            # What decides and ends a hold itself: nobody at the case does before it.
            "hold_keepers": (matters_keep, disputes_keep),
            "landing": LANDING,
            "navigation": (navigation,),
            "search": (search_url,),
            "reminders": (policy_reminder, channel_reminder),
            # Where an auditor reads the history of a record, from its page.
            "history_url": (history_url_of,),
        }
    )
