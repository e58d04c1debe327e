"""Every door × method × role: who gets in, and what the others see.

A door added without its row here fails the first test. What one may not see is 404; a method a page does not know is
405; a form with a fault is 422; without its token every POST is 403.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django.plugin import DjangoDbBlocker

from accounts.choices import PORTAL_ROLES, STAFF_ROLES, Role, side_of
from accounts.models import User
from clients.models import Client
from clients.services.logos import logo_set
from clients.services.people import people_keeper_set
from clients.services.systems import keeper_set
from collections_app.models import Case, ImportFile, IncomingFile, IncomingPayment, LedgerEntry, Recall
from collections_app.services.holds import hold_place
from collections_app.services.incoming import payments_import
from collections_app.services.incoming_uploads import incoming_keep
from collections_app.services.ledger import note_post, payment_post
from collections_app.services.maintenance import maintenance_import
from collections_app.services.uploads import upload_keep
from common import clock, jobs
from common.approvals import approval_of
from common.clocks import step_of
from common.message_templates import template_draft
from common.models import AuthorityLimit
from common.outbox import outbox_stop
from common.tests.outbox_world import queued
from complaints.models import Category, RootCause
from complaints.services.answer_packs import pack_make
from complaints.services.call_backs import call_back_promise
from complaints.services.categories import categories_ship
from complaints.services.causes import causes_ship
from complaints.services.letter_texts import letter_text
from complaints.services.mails import mail_take
from complaints.tests.channel_worlds import a_channel, a_channel_review, a_comment, a_social_account
from complaints.tests.dispute_worlds import a_dispute, a_recipient, notified
from complaints.tests.handling_worlds import a_question
from complaints.tests.imap_world import a_mail
from complaints.tests.learning_worlds import (
    Learners,
    a_recommendation,
    a_report,
    an_upheld_complaint,
    redress_of,
    report_at,
)
from complaints.tests.published_worlds import a_draft
from complaints.tests.worlds import a_matter, a_matter_paper
from credit.services.stops import stop_open
from credit.tests.file_worlds import a_file
from credit.tests.order_worlds import a_buyer, an_order_file, ordered
from credit.tests.scores_world import proposed
from credit.tests.worlds import an_account, an_approved_application
from legal.models import Paper
from legal.tests.worlds import (
    a_conflict,
    a_court,
    a_court_date,
    a_file_paper,
    a_task,
    an_instrument,
)
from legal.tests.worlds import a_cost as a_cost_of_the_file
from reporting.choices import ReportState
from reporting.rules.weeks import Week
from reporting.services.reports import report_issue
from reporting.tests.acts_boards import a_view
from reporting.tests.acts_papers import a_review
from reporting.tests.acts_reports import a_job
from tests.world import (
    ACTOR,
    a_case,
    a_claim,
    a_clock_change,
    a_cost,
    a_delegation,
    a_notice,
    a_paper,
    a_period,
    a_picture,
    a_proposal,
    a_stage_change,
    a_stage_draft,
    a_system,
    an_authorisation,
    an_escalation,
    make_client,
    make_team,
    make_user,
    signed_in,
)

pytestmark = pytest.mark.django_db

COLLECTOR, LEADER, MANAGER, LEGAL = (
    Role.COLLECTOR,
    Role.TEAM_LEADER,
    Role.COLLECTIONS_MANAGER,
    Role.LEGAL_OFFICER,
)
GENERAL, COMPLAINTS, QUALITY, BUREAU = (
    Role.GENERAL_MANAGER,
    Role.COMPLAINTS_OFFICER,
    Role.QUALITY_OFFICER,
    Role.BUREAU_OFFICER,
)
AUDITOR, ADMIN, SIGNATORY = Role.AUDITOR, Role.ADMINISTRATOR, Role.CLIENT_SIGNATORY
EVERYBODY = frozenset(Role)
SEES_CASES = frozenset({COLLECTOR, LEADER, MANAGER, GENERAL, LEGAL, COMPLAINTS, QUALITY, BUREAU, AUDITOR})
WORKS = frozenset({COLLECTOR, LEADER, MANAGER})
ASSIGNS = IMPORTS = LEADS = frozenset({LEADER, MANAGER})
CLIENTS = frozenset({MANAGER, GENERAL, ADMIN, AUDITOR})
KEEPS_CLIENTS = JOBS = frozenset({MANAGER, ADMIN})
REPORTS = frozenset({MANAGER, GENERAL})
PERIODS = frozenset({MANAGER, GENERAL, AUDITOR, Role.FINANCE_MANAGER})
MONEY = frozenset({MANAGER, Role.FINANCE_MANAGER})
POLICIES = frozenset({MANAGER, GENERAL, AUDITOR})
NOTICES = LEGAL_DESK = frozenset({LEGAL, MANAGER})
FINANCE = Role.FINANCE_MANAGER
CREDIT = Role.CREDIT_OFFICER
READS_CREDIT = frozenset({CREDIT, FINANCE, GENERAL, MANAGER, AUDITOR})
LIMIT_DECIDERS = frozenset({FINANCE, GENERAL})
FOLLOWS_STOPS = frozenset({CREDIT, FINANCE, GENERAL, MANAGER})
APPROVERS = frozenset({MANAGER, GENERAL, FINANCE})
AUTHORITY = LEGAL_DESK | {GENERAL, AUDITOR}
DEADLINES = frozenset({ADMIN, GENERAL, QUALITY, COMPLAINTS, BUREAU, AUDITOR})
CONFIRMS = frozenset({GENERAL, QUALITY})
MESSAGES = frozenset({MANAGER, COMPLAINTS, QUALITY, AUDITOR, ADMIN})
MATTERS = frozenset({COMPLAINTS, QUALITY, GENERAL, MANAGER, LEGAL, FINANCE, AUDITOR})
PROPOSES = frozenset({QUALITY, MANAGER, LEGAL, FINANCE})
LEARNS = PROPOSES | {GENERAL, AUDITOR}
RECOMMENDED = STAFF_ROLES - {COLLECTOR}
READS_MATTERS = frozenset({COMPLAINTS, QUALITY, GENERAL, AUDITOR})
DISPUTES = frozenset({BUREAU, COMPLAINTS, QUALITY, MANAGER, GENERAL, AUDITOR})
HANDLES = frozenset({COMPLAINTS, GENERAL, MANAGER, LEGAL, FINANCE})
HANDLES_HERE = frozenset({COMPLAINTS, GENERAL, MANAGER})
WRITES_TO_PEOPLE = frozenset({MANAGER, COMPLAINTS, QUALITY})
BOARDS = STAFF_ROLES
WATERFALL = frozenset({LEADER, MANAGER, GENERAL, AUDITOR, LEGAL})
DESK_BOARD = frozenset({MANAGER, GENERAL, AUDITOR, LEGAL, FINANCE, CREDIT, COMPLAINTS, QUALITY, BUREAU, ADMIN})
NOBODY = None  # the anonymous visitor

Answers = Mapping[str, int]


def only(answer: int, *roles: str) -> Answers:
    return dict.fromkeys(roles, answer)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A door: on which side of the wall, whom it answers what, and which thing its address names.

    Roles that are not listed get 404; a method without answers is 405; the visitor is sent to sign in.
    """

    get: Answers | None = None
    post: Answers | None = None
    side: str = "house"
    visitor: tuple[int, int] = (302, 302)
    names: tuple[str, ...] = ()
    # With nothing to say, a form that is sent empty: it has its faults.
    data: dict[str, Any] = field(default_factory=lambda: {"sent": "yes"})


def house(**row: Any) -> Row:
    return Row(**row)


def portal(get: bool = False, post: Answers | None = None, *names: str) -> Row:
    return Row(side="portal", get=only(200, *PORTAL_ROLES) if get else None, post=post, names=names)


def outside(get: int | None = None, post: int | None = None, **row: Any) -> Row:
    """A door of outside lawyers."""
    return Row(
        side="outside",
        get=None if get is None else only(get, Role.LAWYER),
        post=None if post is None else only(post, Role.LAWYER),
        **row,
    )


def common(get: int | None, post: int | None, visitor: tuple[int, int], **row: Any) -> Row:
    """A door on both sides of the wall: the same for every role."""
    return Row(
        side="common",
        get=None if get is None else only(get, *EVERYBODY),
        post=None if post is None else only(post, *EVERYBODY),
        visitor=visitor,
        **row,
    )


ROWS: dict[str, Row] = {
    # The house's own doors.
    "index": common(302, None, (302, 405)),
    "language": common(None, 302, (405, 302), data={"language": "en"}),
    "profile": common(200, 302, (302, 302), data={"language": "ar", "density": "compact"}),
    "healthz": common(200, 200, (200, 200)),
    "readyz": common(200, 200, (200, 200)),
    "styleguide": house(get=only(200, *STAFF_ROLES), visitor=(200, 405)),
    # Sign-in, by the library; with an empty form.
    "account_login": common(302, 302, (200, 200)),
    "account_logout": common(200, 302, (302, 302)),
    "account_inactive": common(200, None, (200, 405)),
    "account_reauthenticate": common(200, 200, (302, 302)),
    "account_change_password": common(200, 200, (302, 302)),
    "account_set_password": common(302, 302, (302, 302)),
    "account_reset_password": common(200, 200, (200, 200)),
    "account_reset_password_done": common(200, None, (200, 405)),
    "account_reset_password_from_key": common(200, 200, (200, 200), names=("uid", "key")),
    "account_reset_password_from_key_done": common(200, None, (200, 405)),
    "mfa_index": common(200, None, (302, 302)),
    "mfa_authenticate": common(302, 302, (302, 302)),
    "mfa_reauthenticate": common(302, 302, (302, 302)),
    "mfa_activate_totp": common(200, 200, (302, 302)),
    "mfa_deactivate_totp": common(404, 404, (302, 302)),
    "mfa_view_recovery_codes": common(404, None, (302, 302)),
    "mfa_generate_recovery_codes": common(200, 200, (302, 302)),
    "mfa_download_recovery_codes": common(404, 404, (302, 302)),
    # Users, teams, roles.
    "users": house(get=only(200, ADMIN)),
    "user_new": house(get=only(200, ADMIN), post=only(422, ADMIN)),
    "user": house(get=only(200, ADMIN), post=only(422, ADMIN), names=("user",)),
    "user_invite": house(post=only(302, ADMIN), names=("user",)),
    "teams": house(get=only(200, ADMIN)),
    "team_new": house(get=only(200, ADMIN), post=only(302, ADMIN), data={"name_ar": "فريق", "name_en": "Team"}),
    "team": house(get=only(200, ADMIN), post=only(422, ADMIN), names=("team",)),
    "roles": house(get=only(200, ADMIN)),
    # Clients.
    "clients": house(get=only(200, *CLIENTS)),
    "client": house(get=only(200, *CLIENTS), names=("client",)),
    "client_new": house(get=only(200, *KEEPS_CLIENTS), post=only(422, *KEEPS_CLIENTS)),
    "client_edit": house(get=only(200, *KEEPS_CLIENTS), post=only(422, *KEEPS_CLIENTS), names=("client",)),
    "client_contact_policy": house(get=only(200, *KEEPS_CLIENTS), post=only(422, *KEEPS_CLIENTS), names=("client",)),
    "client_keeper": house(post=only(302, ADMIN), names=("client", "member")),
    "client_people_keeper": house(post=only(302, *KEEPS_CLIENTS), names=("client", "member")),
    "client_agreement": house(
        get=only(200, *KEEPS_CLIENTS), post=only(422, *KEEPS_CLIENTS), names=("client", "agreement")
    ),
    "client_logo": house(get=only(200, *KEEPS_CLIENTS), post=only(422, *KEEPS_CLIENTS), names=("client",)),
    "client_logo_png": house(get=only(200, *CLIENTS), names=("client",)),
    "client_system_new": house(get=only(200, ADMIN), post=only(422, ADMIN), names=("client",)),
    "client_system": house(get=only(200, ADMIN), post=only(422, ADMIN), names=("client", "system")),
    "client_person": house(get=only(200, *KEEPS_CLIENTS), post=only(422, *KEEPS_CLIENTS), names=("client",)),
    # The collector's day.
    "day": house(get=only(200, *WORKS)),
    "next_case": house(get=only(302, *WORKS)),
    "my_team": house(get=only(200, *ASSIGNS)),
    "promises": house(get=only(200, *WORKS)),
    "cases": house(get=only(200, *SEES_CASES)),
    "cases_assign": house(post=only(302, *ASSIGNS)),
    "case": house(get=only(200, *SEES_CASES), names=("case",)),
    "case_contact": house(post=only(422, *WORKS), names=("case",)),
    "case_refused": house(post=only(302, *WORKS), names=("case",), data={"channel": "VISIT"}),
    "case_reveal": house(post=only(302, *WORKS), names=("case",)),
    "case_payment": house(post=only(422, *WORKS), names=("case",)),
    "case_hold": house(post=only(422, *WORKS), names=("case",)),
    "case_release": house(post=only(422, *WORKS), names=("case", "hold")),
    "case_objection": house(post=only(422, *LEADS), names=("case", "hold")),
    "payment_take_back": house(post=only(422, *LEADS), names=("case", "payment")),
    "payment_for": house(get=only(200, *WORKS), post=only(422, *WORKS), names=("case", "payment")),
    "case_note": house(post=only(422, *LEADS), names=("case",)),
    "note_back": house(post=only(422, *LEADS), names=("case", "note")),
    "case_statement": house(get=only(200, *SEES_CASES), names=("case",)),
    "case_end": house(post=only(422, *LEADS), names=("case",)),
    "case_reopen": house(post=only(422, *LEADS), names=("case",)),
    "statement_periods": house(get=only(200, *PERIODS)),
    "statement_period_close": house(post=only(422, *MONEY)),
    "statement_period": house(get=only(200, *PERIODS), names=("period",)),
    "statement_period_csv": house(get=only(200, *PERIODS), names=("period",)),
    "suspense": house(get=only(200, *SEES_CASES)),
    "suspense_assign": house(post=only(302, *LEADS)),
    "case_answer": house(post=only(422, *LEADS), names=("case", "proposal")),
    "case_withdraw": house(post=only(422, *WORKS), names=("case",)),
    "case_propose": house(get=only(200, *WORKS), post=only(422, *WORKS), names=("case",)),
    # Approvals.
    "inbox": house(get=only(200, *APPROVERS)),
    "approval_decide": house(post=only(422, MANAGER), names=("approval",)),
    "delegations": house(get=only(200, *APPROVERS), post=only(422, *APPROVERS)),
    "delegation_end": house(post=only(302, MANAGER, GENERAL), names=("delegation",)),
    "authority": house(get=only(200, *APPROVERS, AUDITOR), post=only(422, GENERAL)),
    "working_calendar": house(get=only(200, *DEADLINES), post=only(422, ADMIN)),
    "deadlines": house(get=only(200, *DEADLINES)),
    "deadline": house(get=only(200, *DEADLINES), post=only(422, ADMIN), names=("deadline",)),
    "clock_change": house(get=only(200, *DEADLINES), names=("clock_change",)),
    "clock_change_decide": house(post=only(422, *CONFIRMS), names=("clock_change",)),
    "clock_change_withdraw": house(post=only(302, ADMIN), names=("clock_change",)),
    "due_dates_answer": house(post=only(422, *CONFIRMS), names=("clock_change",)),
    "authority_row": house(get=only(200, GENERAL), post=only(422, GENERAL), names=("authority_row",)),
    "escalation_amend": house(get=only(200, *WORKS), post=only(422, *WORKS), names=("request",)),
    "escalation": house(get=only(200, MANAGER), names=("request",)),
    "escalation_decide": house(post=only(422, MANAGER), names=("request",)),
    # Conditions of escalation, evidence packs, late cases.
    "case_criterion": house(get=only(200, *SEES_CASES), names=("case", "criterion")),
    "case_pack": house(post=only(302, *WORKS), names=("case",)),
    "escalation_policies": house(get=only(200, MANAGER, GENERAL, LEGAL, AUDITOR)),
    "escalation_policy": house(get=only(200, MANAGER, GENERAL, LEGAL, AUDITOR), names=("client",)),
    "escalation_policy_edit": house(get=only(200, MANAGER), post=only(422, MANAGER), names=("client",)),
    "timeliness": house(get=only(200, *LEADS)),
    # Final notices.
    "notices": house(get=only(200, *NOTICES, AUDITOR)),
    "case_notices": house(get=only(200, *NOTICES, AUDITOR), names=("signed_case",)),
    "notice_prepare": house(get=only(200, *NOTICES), post=only(422, *NOTICES), names=("signed_case",)),
    "notice": house(get=only(200, *NOTICES, AUDITOR), names=("notice",)),
    "notice_send": house(post=only(422, *NOTICES), names=("notice",)),
    "notice_served": house(post=only(422, *NOTICES), names=("notice",)),
    "notice_failed": house(post=only(422, *NOTICES), names=("notice",)),
    "notice_void": house(post=only(422, *NOTICES), names=("notice",)),
    "notice_settle": house(post=only(422, *NOTICES), names=("notice",)),
    # Authorisations: read by those above the legal desk, written by it.
    "authorisations": house(get=only(200, *AUTHORITY)),
    "authorisation": house(get=only(200, *AUTHORITY), names=("authorisation",)),
    "authorisation_act": house(post=only(422, *LEGAL_DESK), names=("authorisation",)),
    "authorisation_cost": house(post=only(302, *LEGAL_DESK), names=("authorisation",)),
    "authorisation_renew": house(get=only(200, *LEGAL_DESK), post=only(422, *LEGAL_DESK), names=("authorisation",)),
    "authorisation_revoke": house(post=only(422, MANAGER), names=("authorisation",)),
    "cost_reverse": house(post=only(422, *LEGAL_DESK), names=("cost",)),
    # Papers: whoever sees the case.
    "paper": house(get=only(200, *SEES_CASES), names=("paper",)),
    # Files, the court calendar, the register of lawyers; the lawyer here holds the file.
    "legal_desk": house(get=only(200, *AUTHORITY)),
    "legal_task": house(get=only(200, *AUTHORITY), post=only(422, *AUTHORITY), names=("legal_task",)),
    "limitations": house(get=only(200, *AUTHORITY)),
    "legal_files": house(get=only(200, *AUTHORITY)),
    "legal_file": house(get=only(200, *AUTHORITY), names=("legal_file",)),
    "legal_file_references": house(post=only(302, *LEGAL_DESK), names=("legal_file",)),
    "legal_file_assign": house(post=only(422, *LEGAL_DESK), names=("legal_file",)),
    "legal_file_close": house(post=only(422, *LEGAL_DESK), names=("legal_file",)),
    "legal_file_paper": house(post=only(422, *LEGAL_DESK), names=("legal_file",)),
    "court_date_new": house(post=only(422, *LEGAL_DESK), names=("legal_file",)),
    "file_claim": house(post=only(422, *LEGAL_DESK), names=("legal_file",)),
    "file_cost": house(post=only(422, *LEGAL_DESK), names=("legal_file",)),
    "court_date_answer": house(post=only(422, *LEGAL_DESK), names=("court_date",)),
    "file_claim_amend": house(post=only(422, *LEGAL_DESK), names=("claim",)),
    "file_claim_end": house(post=only(422, *LEGAL_DESK), names=("claim",)),
    "file_cost_back": house(post=only(422, *LEGAL_DESK), names=("file_cost",)),
    "legal_file_new": house(get=only(200, *LEGAL_DESK), post=only(422, *LEGAL_DESK), names=("authorisation",)),
    "legal_calendar": house(get=only(200, *AUTHORITY)),
    "legal_calendar_file": house(get=only(200, *AUTHORITY)),
    "calendar_feed": house(post=only(200, *(AUTHORITY - {AUDITOR}))),
    "lawyer_feed": outside(post=200),
    "calendar_feed_read": common(404, None, (404, 405), names=("no_token",)),
    "firms": house(get=only(200, *AUTHORITY, ADMIN)),
    "firm": house(get=only(200, *AUTHORITY, ADMIN), names=("firm",)),
    "firm_new": house(get=only(200, *LEGAL_DESK), post=only(422, *LEGAL_DESK)),
    "firm_edit": house(get=only(200, *LEGAL_DESK), post=only(422, *LEGAL_DESK), names=("firm",)),
    "lawyer_new": house(get=only(200, *LEGAL_DESK), post=only(422, *LEGAL_DESK), names=("firm",)),
    "lawyer_edit": house(get=only(200, *LEGAL_DESK), post=only(422, *LEGAL_DESK), names=("lawyer",)),
    "lawyer_invite": house(get=only(200, *LEGAL_DESK, ADMIN), post=only(422, *LEGAL_DESK, ADMIN), names=("lawyer",)),
    "conflict_new": house(post=only(422, *LEGAL_DESK), names=("firm",)),
    "conflict_end": house(post=only(422, *LEGAL_DESK), names=("conflict",)),
    "instruments": house(get=only(200, *AUTHORITY), names=("approved_case",)),
    "instrument_new": house(
        get=only(200, *LEGAL_DESK), post=only(422, *LEGAL_DESK), names=("approved_case", "approved_debt")
    ),
    "instrument": house(get=only(200, *LEGAL_DESK), post=only(422, *LEGAL_DESK), names=("instrument",)),
    "instrument_back": house(post=only(422, *LEGAL_DESK), names=("instrument",)),
    "lawyer_files": outside(get=200),
    "lawyer_file": outside(get=200, names=("legal_file",)),
    "lawyer_paper_new": outside(post=422, names=("legal_file",)),
    "lawyer_date": outside(post=422, names=("court_date",)),
    "lawyer_paper": outside(get=200, names=("file_paper",)),
    # Trade credit: customers and applications.
    "credit_desk": house(get=only(200, *READS_CREDIT)),
    "credit_customers": house(get=only(200, *READS_CREDIT)),
    "credit_customer_new": house(get=only(200, CREDIT), post=only(422, CREDIT)),
    "credit_customer": house(get=only(200, *READS_CREDIT), names=("customer",)),
    "credit_customer_edit": house(post=only(422, CREDIT), names=("customer",)),
    "credit_customer_close": house(post=only(422, CREDIT), names=("customer",)),
    "credit_customer_reopen": house(post=only(422, CREDIT), names=("customer",)),
    "credit_customer_reveal": house(post=only(302, CREDIT, FINANCE, GENERAL), names=("customer",)),
    "credit_application_new": house(post=only(422, CREDIT), names=("customer",)),
    "credit_paper_new": house(post=only(422, CREDIT), names=("customer",)),
    "credit_paper": house(get=only(200, *READS_CREDIT), names=("credit_paper",)),
    "credit_agent_new": house(post=only(422, CREDIT), names=("customer",)),
    "credit_agent_revoke": house(post=only(422, CREDIT), names=("agent",)),
    "credit_collateral_new": house(post=only(422, CREDIT), names=("customer",)),
    "credit_collateral_release": house(post=only(422, CREDIT), names=("collateral",)),
    "credit_terms_new": house(post=only(422, CREDIT), names=("customer",)),
    "credit_terms_revoke": house(post=only(422, CREDIT), names=("remote_terms",)),
    "credit_address_new": house(post=only(422, CREDIT), names=("customer",)),
    "credit_address_remove": house(post=only(302, CREDIT), names=("remote_address",)),
    "credit_application": house(get=only(200, *READS_CREDIT), names=("application",)),
    # Agreements, limits, stops and reviews.
    "credit_agreement_new": house(get=only(200, CREDIT), post=only(422, CREDIT), names=("approved_application",)),
    "credit_agreement_earlier": house(
        get=only(200, *LIMIT_DECIDERS), post=only(422, *LIMIT_DECIDERS), names=("customer",)
    ),
    "credit_agreement": house(get=only(200, *READS_CREDIT), names=("facility",)),
    "credit_agreement_end": house(post=only(422, *LIMIT_DECIDERS), names=("facility",)),
    "credit_limits": house(get=only(200, *READS_CREDIT), names=("account",)),
    "credit_limit_lower": house(post=only(422, *LIMIT_DECIDERS), names=("account",)),
    "credit_increase": house(get=only(200, *READS_CREDIT), post=only(422, CREDIT), names=("account",)),
    "credit_renewal": house(post=only(302, CREDIT), names=("account",)),
    "credit_reviews": house(get=only(200, *READS_CREDIT)),
    "credit_stops": house(get=only(200, *READS_CREDIT), names=("account",)),
    "credit_stop_new": house(post=only(422, CREDIT, *LIMIT_DECIDERS), names=("account",)),
    "credit_stop_release": house(post=only(422, *LIMIT_DECIDERS), names=("hand_stop",)),
    "credit_follow_ups": house(get=only(200, *READS_CREDIT)),
    "credit_follow_up": house(get=only(200, *READS_CREDIT), post=only(422, *FOLLOWS_STOPS), names=("follow_up",)),
    "credit_demand": house(post=only(302, *FOLLOWS_STOPS), names=("follow_up",)),
    # Trade credit: scores, decisions and policies.
    "credit_application_score": house(post=only(302, CREDIT), names=("application",)),
    "credit_worksheet": house(get=only(200, *READS_CREDIT), names=("application",)),
    "credit_worksheet_pdf": house(post=only(302, CREDIT, FINANCE, GENERAL), names=("application",)),
    "credit_recommend": house(post=only(422, CREDIT, FINANCE), names=("application",)),
    "credit_recommend_withdraw": house(post=only(422, CREDIT, FINANCE), names=("application",)),
    "credit_letter_make": house(post=only(422, CREDIT, FINANCE, GENERAL), names=("application",)),
    "credit_policies": house(get=only(200, *READS_CREDIT)),
    "credit_policy": house(get=only(200, *READS_CREDIT), names=("client",)),
    "credit_policy_new": house(get=only(200, CREDIT, FINANCE), post=only(422, CREDIT, FINANCE), names=("client",)),
    "credit_policy_version": house(get=only(200, *READS_CREDIT), names=("credit_policy",)),
    "credit_policy_withdraw": house(post=only(302, CREDIT, FINANCE), names=("credit_policy",)),
    "credit_facts": house(post=only(422, CREDIT), names=("application",)),
    "credit_application_paper": house(post=only(422, CREDIT), names=("application",)),
    "credit_submit": house(post=only(422, CREDIT), names=("application",)),
    "credit_analyse": house(post=only(422, CREDIT), names=("application",)),
    "credit_admit": house(post=only(422, FINANCE, GENERAL), names=("application",)),
    "credit_return": house(post=only(422, CREDIT, FINANCE), names=("application",)),
    "credit_withdraw": house(post=only(422, CREDIT), names=("application",)),
    "credit_criteria": house(post=only(422, CREDIT), names=("application",)),
    "credit_reference_new": house(post=only(422, CREDIT), names=("application",)),
    "credit_reference_answer": house(post=only(422, CREDIT), names=("credit_reference",)),
    "credit_reference_remove": house(post=only(302, CREDIT), names=("credit_reference",)),
    "credit_bank_new": house(get=only(200, CREDIT), post=only(422, CREDIT), names=("application",)),
    "credit_bank": house(get=only(200, *READS_CREDIT), post=only(422, CREDIT), names=("bank_account",)),
    "credit_bank_months": house(post=only(302, CREDIT), names=("bank_account",)),
    "credit_bank_remove": house(post=only(302, CREDIT), names=("bank_account",)),
    "credit_statement_new": house(get=only(200, CREDIT), post=only(422, CREDIT), names=("application",)),
    "credit_statement": house(get=only(200, CREDIT), post=only(422, CREDIT), names=("credit_statement",)),
    "credit_statement_remove": house(post=only(302, CREDIT), names=("credit_statement",)),
    # Orders and the portfolio.
    "credit_orders": house(get=only(200, *READS_CREDIT)),
    "credit_order_files": house(get=only(200, CREDIT), post=only(422, CREDIT)),
    "credit_order_file": house(get=only(200, CREDIT), names=("order_file",)),
    "credit_order_file_download": house(get=only(200, CREDIT), names=("order_file", "csv")),
    "credit_order": house(get=only(200, *READS_CREDIT), names=("order",)),
    "credit_order_override": house(post=only(422, GENERAL), names=("order",)),
    "credit_order_cancel": house(post=only(422, CREDIT), names=("order",)),
    "credit_order_invoice": house(post=only(422, CREDIT), names=("order",)),
    "credit_order_new": house(get=only(200, CREDIT), post=only(422, CREDIT), names=("customer",)),
    "credit_portfolio": house(get=only(200, *READS_CREDIT)),
    "credit_portfolio_rows": house(get=only(200, *READS_CREDIT)),
    "credit_portfolio_csv": house(get=only(200, *READS_CREDIT)),
    # The register of complaints and enquiries; the one here is a front line's, at the first level, nobody's yet.
    "matters": house(get=only(200, *MATTERS)),
    "matter": house(get=only(200, *READS_MATTERS, MANAGER), names=("matter",)),
    "matter_reveal": house(post=only(302, COMPLAINTS), names=("matter",)),
    # Disputes of the credit record; the one here waits for its member's reply.
    "disputes": house(get=only(200, *DISPUTES)),
    "dispute": house(get=only(200, *DISPUTES), names=("dispute",)),
    "dispute_new": house(get=only(200, BUREAU), post=only(422, BUREAU), names=("case",)),
    "dispute_paper": house(get=only(200, *DISPUTES), names=("dispute_paper",)),
    "dispute_act": house(post=only(422, BUREAU), names=("dispute", "dispute_act")),
    "dispute_recipient": house(post=only(422, BUREAU), names=("dispute_recipient",)),
    "dispute_pack_review": house(post=only(302, BUREAU, COMPLAINTS, MANAGER), names=("dispute_pack",)),
    "dispute_pack_send": house(post=only(422, BUREAU), names=("dispute_pack",)),
    "matter_paper": house(get=only(200, *READS_MATTERS, MANAGER), names=("matter_paper",)),
    "portal_disputes": portal(True),
    "portal_dispute": portal(True, None, "dispute"),
    "portal_dispute_reply": portal(False, only(422, *PORTAL_ROLES), "dispute"),
    "portal_dispute_paper": portal(True, None, "dispute_paper"),
    "matter_new": house(
        get={**only(200, *HANDLES, QUALITY), **only(302, COLLECTOR, LEADER)},
        post={**only(422, *HANDLES, QUALITY), **only(302, COLLECTOR, LEADER)},
    ),
    "matter_admit": house(post=only(422, *HANDLES_HERE), names=("matter",), data={"missing": "NOTHING"}),
    "matter_sort": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    "matter_route": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    "matter_solve": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    "matter_duplicate": house(post=only(404, *HANDLES_HERE), names=("matter",)),
    "matter_call": house(post={**only(302, COMPLAINTS), **only(422, GENERAL, MANAGER)}, names=("matter",)),
    "matter_call_done": house(post=only(422, *HANDLES_HERE), names=("matter_call",)),
    "matter_note": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    "matter_paper_new": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    # Handling: what nobody may do with this one now is refused in words.
    "matter_board": house(get=only(200, *MATTERS)),
    "matter_assess": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    "matter_question": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    "matter_finding": house(post=only(422, *HANDLES_HERE), names=("question",)),
    "matter_evidence": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    "matter_investigated": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    "matter_again": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    "matter_answer": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    "matter_at_once": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    "matter_communicate": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    "matter_rights": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    "matter_close": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    "matter_disagree": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    "matter_letter": house(post=only(422, *HANDLES_HERE), names=("matter",)),
    # Following without an account: open to everybody, and shows nothing to who has no code.
    "follow": common(200, 422, (200, 422)),
    "follow_code": common(302, 302, (302, 302)),
    "follow_matter": common(404, None, (404, 405)),
    "follow_add": common(None, 404, (405, 404)),
    "follow_disagree": common(None, 404, (405, 404)),
    "follow_paper": common(404, None, (404, 405), names=("matter_paper",)),
    "rate": common(404, 404, (404, 404), names=("rate_token",)),
    # What is learnt: the report here is a draft, which the general manager does not see; the recommendation a
    # proposal of the head of operations.
    "matter_repeats": house(get=only(200, *MATTERS)),
    "matter_repeats_list": house(get=only(200, *MATTERS)),
    "matter_causes": house(get=only(200, *LEARNS)),
    "matter_cause_new": house(get=only(200, QUALITY), post=only(422, QUALITY)),
    "matter_cause_edit": house(get=only(200, QUALITY), post=only(422, QUALITY), names=("cause",)),
    "matter_cause": house(post=only(422, *HANDLES_HERE, QUALITY), names=("matter",)),
    "ripple": house(get=only(200, QUALITY, COMPLAINTS), post=only(422, QUALITY, COMPLAINTS), names=("matter",)),
    "redress": house(get=only(200, QUALITY, COMPLAINTS, MANAGER, GENERAL, AUDITOR)),
    "redress_answer": house(post=only(422, QUALITY, COMPLAINTS), names=("redress",)),
    "recommendations": house(get=only(200, *RECOMMENDED)),
    "recommendation_new": house(get=only(200, *PROPOSES), post=only(422, *PROPOSES)),
    "recommendation": house(get=only(200, *LEARNS), names=("recommendation",)),
    "recommendation_act": house(post=only(422, *(LEARNS - {AUDITOR})), names=("recommendation", "recommendation_act")),
    "month_reports": house(get=only(200, *LEARNS)),
    "month_report_new": house(post=only(422, QUALITY)),
    "month_report": house(get=only(200, *(LEARNS - {GENERAL})), names=("month_report",)),
    "month_report_act": house(post=only(422, *PROPOSES), names=("month_report", "month_report_act")),
    "month_report_pdf": house(get=only(200, *LEARNS), names=("month_issued", "month_language")),
    "matter_categories": house(get=only(200, *MATTERS)),
    "matter_category_new": house(get=only(200, QUALITY), post=only(422, QUALITY)),
    "matter_category": house(get=only(200, QUALITY), post=only(422, QUALITY), names=("category",)),
    # What is published in versions, what everybody of the house reads, and how satisfied people were.
    "editions_first": house(get=only(302, *READS_MATTERS)),
    "editions": house(get=only(200, *READS_MATTERS), names=("published",)),
    "edition_new": house(get=only(200, QUALITY), post=only(422, QUALITY), names=("published",)),
    "edition": house(get=only(200, *READS_MATTERS), names=("published", "edition")),
    "edition_change": house(get=only(200, QUALITY), post=only(422, QUALITY), names=("published", "edition")),
    "edition_publish": house(post=only(422, QUALITY, GENERAL), names=("published", "edition")),
    "letter_preview": house(get=only(200, *READS_MATTERS), names=("letter_text", "letter_language")),
    "edition_end": house(post=only(422, QUALITY, GENERAL), names=("published", "edition")),
    "procedures": house(get=only(200, *STAFF_ROLES)),
    "policy": house(get=only(200, *STAFF_ROLES), post=only(404, *STAFF_ROLES)),
    "policy_readers": house(get=only(200, *READS_MATTERS)),
    "dispute_guide": house(get=only(200, *STAFF_ROLES), post=only(404, *STAFF_ROLES)),
    "dispute_guide_readers": house(get=only(200, *READS_MATTERS)),
    "aside_mails": house(get=only(200, COMPLAINTS, QUALITY)),
    "aside_mails_dismiss": house(post=only(422, COMPLAINTS)),
    "aside_mail": house(get=only(200, COMPLAINTS), names=("aside_mail",)),
    "aside_mail_take": house(post=only(422, COMPLAINTS), names=("aside_mail",)),
    # Channels: who reads the register sees all of them; the head of operations supervises the one here.
    "channels": house(get=only(200, *READS_MATTERS, MANAGER)),
    "channel_new": house(get=only(200, QUALITY), post=only(422, QUALITY)),
    "channel": house(get=only(200, *READS_MATTERS, MANAGER), names=("channel",)),
    "channel_edit": house(get=only(200, QUALITY), post=only(422, QUALITY), names=("social_account",)),
    "channel_review_new": house(post=only(422, MANAGER), names=("channel",)),
    "channel_review": house(get=only(200, *READS_MATTERS, MANAGER), names=("channel_review",)),
    "channel_review_propose": house(post=only(422, QUALITY, MANAGER), names=("channel_review",)),
    # What is written in public, at an account of nobody's: the complaints officer sees to it.
    "account_watch": house(post=only(302, COMPLAINTS), names=("social_account",)),
    "comments": house(get=only(200, *READS_MATTERS)),
    "comment_new": house(get=only(200, COMPLAINTS), post=only(422, COMPLAINTS)),
    "comment": house(get=only(200, *READS_MATTERS), names=("comment",)),
    "comment_reveal": house(post=only(302, *READS_MATTERS), names=("comment",)),
    "comment_act": house(post=only(422, COMPLAINTS), names=("comment", "comment_act")),
    "satisfaction": house(get=only(200, QUALITY, GENERAL, AUDITOR)),
    "satisfaction_matters": house(get=only(200, QUALITY, GENERAL, AUDITOR)),
    "help_questions": common(200, None, (200, 405)),
    "help_suggested": common(200, None, (200, 405)),
    "help_policy": common(200, None, (200, 405)),
    "help_disputes": common(200, None, (200, 405)),
    "help_tell": common(200, 422, (200, 422)),
    "help_told": common(200, None, (200, 405)),
    "portal_credit": portal(True),
    "portal_credit_orders": portal(True),
    "portal_credit_order": portal(True, None, "order"),
    "portal_credit_order_cancel": portal(False, only(422, *PORTAL_ROLES), "order"),
    "portal_credit_order_invoice": portal(False, only(422, *PORTAL_ROLES), "order"),
    "portal_credit_customer": portal(True, only(422, *PORTAL_ROLES), "customer"),
    "portal_matters": portal(True),
    "portal_matter_new": portal(True, only(422, *PORTAL_ROLES)),
    # Stage policies.
    "stage_policies": house(get=only(200, *POLICIES)),
    "stage_policy": house(get=only(200, *POLICIES), names=("policy",)),
    "stage_policy_draft": house(post=only(302, MANAGER), names=("policy",)),
    "stage_policy_edit": house(get=only(200, MANAGER), post=only(422, MANAGER), names=("draft",)),
    "stage_policy_discard": house(post=only(302, MANAGER), names=("draft",)),
    "stage_policy_preview": house(
        get=only(200, *POLICIES), post=only(422, *POLICIES), names=("draft",), data={"places": "0:"}
    ),
    "stage_change": house(get=only(200, *POLICIES), names=("change",)),
    "stage_change_decide": house(post=only(422, *POLICIES), names=("change",)),
    "stage_change_withdraw": house(post=only(302, MANAGER), names=("change",)),
    # Messages to people, and their texts.
    "messages": house(get=only(200, *MESSAGES)),
    "message": house(get=only(200, *MESSAGES), names=("message",)),
    "message_reveal": house(post=only(302, *(MESSAGES - {ADMIN})), names=("message",)),
    "message_resend": house(post=only(422, *WRITES_TO_PEOPLE), names=("message",)),
    "message_confirm": house(post=only(422, *WRITES_TO_PEOPLE), names=("message",)),
    "message_cancel": house(post=only(422, *WRITES_TO_PEOPLE), names=("message",)),
    "message_stop": house(post=only(422, MANAGER, ADMIN)),
    "message_limit": house(post=only(422, MANAGER, ADMIN)),
    "message_stop_lift": house(post=only(302, MANAGER, ADMIN), names=("stop",)),
    "message_templates": house(get=only(200, *MESSAGES, GENERAL)),
    "message_template": house(get=only(200, *MESSAGES, GENERAL), names=("text", "text_channel", "text_language")),
    "message_template_draft": house(post=only(302, *WRITES_TO_PEOPLE), names=("text", "text_channel", "text_language")),
    "message_template_edit": house(
        get=only(200, *WRITES_TO_PEOPLE), post=only(422, *WRITES_TO_PEOPLE), names=("text_draft",)
    ),
    "message_template_propose": house(post=only(422, *WRITES_TO_PEOPLE), names=("text_draft",)),
    "message_template_discard": house(post=only(302, *WRITES_TO_PEOPLE), names=("text_draft",)),
    "message_template_withdraw": house(post=only(302, *WRITES_TO_PEOPLE), names=("text_draft",)),
    # Imports and jobs.
    "imports": house(get=only(200, *IMPORTS)),
    "import_new": house(get=only(200, *IMPORTS), post=only(422, *IMPORTS)),
    "import": house(get=only(200, *IMPORTS), names=("file",)),
    "import_columns": house(get=only(200, *IMPORTS), post=only(422, *IMPORTS), names=("upload",)),
    "import_start": house(post=only(302, *IMPORTS), names=("file",)),
    "import_suspects": house(post=only(302, *IMPORTS), names=("file",)),
    "import_withdraw": house(get=only(200, MANAGER), post=only(422, MANAGER), names=("file",)),
    "import_contacted": house(get=only(200, *IMPORTS), names=("file",)),
    "import_answer": house(get=only(404, *IMPORTS), names=("file",)),
    "recall_back": house(post=only(302, *LEADS), names=("case", "recall")),
    "import_refused": house(get=only(404, *IMPORTS), names=("file",)),
    "import_refusals": house(get=only(200, *IMPORTS), names=("file",)),
    # Money that came.
    "incoming": house(get=only(200, *MONEY)),
    "incoming_new": house(get=only(200, *MONEY), post=only(422, *MONEY)),
    "incoming_file": house(get=only(200, *MONEY), names=("money_file",)),
    "incoming_columns": house(get=only(200, *MONEY), post=only(422, *MONEY), names=("money_upload",)),
    "incoming_start": house(post=only(302, *MONEY), names=("money_file",)),
    "incoming_one": house(get=only(200, *MONEY), names=("money",)),
    "incoming_take": house(post=only(302, *MONEY), names=("money",)),
    "incoming_by_hand": house(post=only(422, *MONEY), names=("money",)),
    "incoming_aside": house(post=only(422, *MONEY), names=("money",)),
    "jobs": house(get=only(200, *JOBS)),
    "jobs_one": house(get=only(200, *JOBS), names=("run",)),
    "jobs_run": house(post=only(302, *JOBS)),
    # The audit desk and reports.
    "audit": house(get=only(200, AUDITOR)),
    "audit_export": house(get=only(200, AUDITOR)),
    "audit_events": house(get=only(200, AUDITOR)),
    "audit_proof": house(get=only(200, AUDITOR), names=("client",)),
    "audit_verify": house(post=only(302, AUDITOR)),
    "audit_verifications": house(get=only(200, AUDITOR)),
    "audit_history": house(get=only(200, AUDITOR)),
    "audit_record": house(get=only(200, AUDITOR), names=("audit_model", "client")),
    "audit_access": house(get=only(200, AUDITOR)),
    "audit_approvals": house(get=only(200, AUDITOR)),
    "audit_signatures": house(get=only(200, AUDITOR)),
    "audit_file": house(get=only(200, AUDITOR), names=("audit_what", "audit_ending")),
    "reports": house(get=only(200, *REPORTS)),
    "report_pdf": house(get=only(200, *REPORTS), names=("report",)),
    "targets": house(get=only(200, *REPORTS), post=only(422, *REPORTS)),
    "reviews": house(get=only(200, *REPORTS), post=only(422, *REPORTS)),
    "review": house(get=only(200, *REPORTS), post=only(422, *REPORTS), names=("review",)),
    "review_agree": house(post=only(422, *REPORTS), names=("review",)),
    "review_print": house(post=only(302, *REPORTS), names=("review",)),
    "review_outcome": house(post=only(302, *REPORTS), names=("review_point",)),
    "portfolios": house(get=only(200, *REPORTS)),
    "portfolio": house(get=only(200, *REPORTS), post=only(422, *REPORTS), names=("client", "placed")),
    "portfolio_issue": house(post=only(302, *REPORTS), names=("client", "placed"), data={"kind": "BRIEF"}),
    "reports_begin": house(post=only(302, *REPORTS)),
    "report_again": house(post=only(302, *REPORTS), names=("report_job",)),
    "boards": house(get=only(302, *BOARDS)),
    "board": house(get=only(200, *DESK_BOARD), names=("board",)),
    "board_rows": house(get=only(200, *WATERFALL), names=("chart",)),
    "board_file": house(get=only(200, *WATERFALL), names=("chart", "form")),
    "board_rows_file": house(get=only(200, *WATERFALL), names=("chart", "form")),
    "board_views": house(get=only(200, *(BOARDS - {AUDITOR})), post=only(422, *(BOARDS - {AUDITOR}))),
    # It is the manager's own, and nobody else's.
    "board_view": house(get=only(302, MANAGER), names=("board_view",)),
    "board_view_change": house(post=only(302, MANAGER), names=("board_view",)),
    "board_view_drop": house(post=only(302, MANAGER), names=("board_view",)),
    "figures": house(get=only(200, *REPORTS, AUDITOR)),
    "figure_rows": house(get=only(200, *REPORTS, AUDITOR), names=("figure",)),
    "figure_csv": house(get=only(200, *REPORTS, AUDITOR), names=("figure",)),
    "figure_xlsx": house(get=only(200, *REPORTS, AUDITOR), names=("figure",)),
    # The portal.
    "portal": portal(True),
    "portal_reports": portal(True),
    "portal_reports_told": portal(False, only(302, *PORTAL_ROLES)),
    "portal_report": portal(True, None, "report"),
    "portal_figure_rows": portal(True, None, "portal_figure"),
    "portal_figure_csv": portal(True, None, "portal_figure"),
    "portal_figure_xlsx": portal(True, None, "portal_figure"),
    "portal_report_pdf": portal(True, None, "report"),
    "portal_statements": portal(True),
    "portal_statement": portal(True, None, "period"),
    "portal_statement_csv": portal(True, None, "period"),
    "portal_cases": portal(True),
    "portal_case": portal(True, None, "case"),
    "portal_trail": portal(True),
    "portal_authorisations": portal(True),
    "portal_paper": portal(True, None, "signed_paper"),
    "portal_authorisation": portal(True, None, "approved"),
    # Without a second factor the signatory is led to set one up.
    "portal_sign": portal(False, only(302, SIGNATORY), "approved"),
    "portal_letter": portal(False, only(422, SIGNATORY), "approved"),
    "portal_revoke": portal(False, only(422, SIGNATORY), "signed"),
    "portal_decline": portal(False, only(422, SIGNATORY), "approved"),
    # Of the client's people, its administrator alone; here the signatory is.
    "portal_dashboard": portal(True),
    # The client's keeper of users, who is the signatory here; nothing is done to themselves.
    "portal_people": Row(side="portal", get=only(200, SIGNATORY)),
    "portal_person_new": Row(side="portal", get=only(200, SIGNATORY), post=only(422, SIGNATORY)),
    "portal_person": Row(side="portal", get=only(200, SIGNATORY), names=("member",)),
    "portal_person_sign": Row(side="portal", post=only(422, SIGNATORY), names=("member",)),
    "portal_person_read": Row(side="portal", post=only(422, SIGNATORY), names=("member",)),
    "portal_person_keeper": Row(side="portal", post=only(422, SIGNATORY), names=("member",)),
    "portal_person_access": Row(side="portal", post=only(422, SIGNATORY), names=("member",)),
    "portal_person_invite": Row(side="portal", post=only(302, SIGNATORY), names=("member",)),
    "portal_logo": Row(side="portal", get=only(200, SIGNATORY), post=only(422, SIGNATORY)),
    "portal_logo_png": portal(True),
    "portal_systems": Row(side="portal", get=only(200, SIGNATORY)),
    "portal_system": Row(side="portal", get=only(200, SIGNATORY), names=("system",)),
    "portal_token_new": Row(side="portal", post=only(422, SIGNATORY), names=("system",)),
    "portal_token_revoke": Row(side="portal", post=only(302, SIGNATORY), names=("system", "token")),
    # The clients' systems come by token (tests/test_api.py walks these doors with one); no session counts for anything.
    "api_placements": common(401, 401, (401, 401)),
    "api_cases": common(401, 401, (401, 401)),
    "api_case": common(401, 401, (401, 401), names=("debtor_ref",)),
    "api_receivables": common(401, 401, (401, 401)),
    "api_payments": common(401, 401, (401, 401)),
    "api_reversal": common(401, 401, (401, 401), names=("reference",)),
    "api_notes": common(401, 401, (401, 401)),
    "api_credit_score": common(401, 401, (401, 401)),
    "api_credit_orders": common(401, 401, (401, 401)),
    "api_credit_order_check": common(401, 401, (401, 401)),
    "api_credit_order_invoice": common(401, 401, (401, 401), names=("reference",)),
    "api_credit_order_cancel": common(401, 401, (401, 401), names=("reference",)),
    "api_credit_order": common(401, 401, (401, 401), names=("reference",)),
    "api_credit_customer": common(401, 401, (401, 401), names=("debtor_ref",)),
    "api_disputes": common(401, 401, (401, 401)),
    "api_dispute": common(401, 401, (401, 401), names=("reference",)),
    "api_dispute_reply": common(401, 401, (401, 401), names=("reference",)),
    "api_matters": common(401, 401, (401, 401)),
    "api_matter": common(401, 401, (401, 401), names=("reference",)),
    "api_schema": common(200, None, (200, 405)),
}


def doors(patterns: list[Any] | None = None) -> set[str]:
    """The name of every address there is; one without a name is named by its pattern, so that it fails too."""
    found: set[str] = set()
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            found |= doors(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            found.add(pattern.name or str(pattern.pattern))
    return found


def expected(row: Row, method: str, role: str | None) -> int:
    if role is not NOBODY and row.side not in {"common", side_of(role).lower()}:
        return 404
    answers = row.get if method == "get" else row.post
    if role is NOBODY:
        return 405 if answers is None and row.side != "common" else row.visitor[method == "post"]
    return 405 if answers is None else answers.get(role, 404)


def a_note(case: Case) -> LedgerEntry:
    return note_post(
        actor=ACTOR, receivable=case.receivables.get(), kind="CREDIT_NOTE", amount=Decimal("5.00"),
        value_on=clock.today(), reason="خطأ في الفاتورة", reference="C-1",
    )  # fmt: skip


def a_recall(client: Client, *, ref: str) -> Recall:
    maintenance_import(
        actor=ACTOR, client=client, kind="RECALLS", content=f"ref\n{ref}\n".encode(), name="r.csv",
        layout={"columns": {"debtor_ref": "ref"}}, placed_on=clock.today(),
    )  # fmt: skip
    return Recall.objects.get()


class World:
    """One of everything, such that whoever may see a kind of thing may see this one."""

    def __init__(self) -> None:
        self.client = make_client("AAA")
        self.team = make_team()
        self.people: dict[str, User] = {
            role: make_user(
                role,
                client=self.client if role in PORTAL_ROLES else None,
                team=self.team if role in {COLLECTOR, LEADER} else None,
            )
            for role in Role
        }
        owner = self.people[COLLECTOR]
        case = a_case(self.client, ref="A-1", owner=owner)
        approved = a_case(self.client, ref="A-2", owner=owner)
        payment = payment_post(actor=ACTOR, case=case, amount=Decimal("10.00"), currency="SAR", value_on=clock.today())
        hold = hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=clock.today(), reason="يعترض")
        signatory = self.people[SIGNATORY]
        keeper_set(actor=ACTOR, membership=signatory.client_membership, keeps_systems=True)
        people_keeper_set(actor=ACTOR, membership=signatory.client_membership, keeps_people=True)
        logo_set(user=signatory, client=self.client, content=a_picture())
        system, token, _text = a_system(self.client, keeper=signatory)
        self.people[SIGNATORY] = User.objects.get(pk=signatory.pk)
        payments_import(
            actor=ACTOR,
            client=self.client,
            content=f"ref,day,holder,sum\nP-1,{clock.today()},A-1,1.00\n".encode(),
            name="p.csv",
            layout={
                "columns": {"payment_ref": "ref", "value_date": "day", "debtor_ref": "holder", "amount": "sum"},
            },
        )
        court = a_court("BBB", lawyer_user=self.people[Role.LAWYER])
        instrument = an_instrument(court)
        report = report_issue(actor=ACTOR, client=self.client, period=Week.of(on=clock.today()).before(), language="en")
        manager = self.people[MANAGER]
        signed_case = a_case(self.client, ref="A-3", owner=owner)
        # It ends so soon that it may be asked for again.
        authorised = an_authorisation(
            signed_case, by=owner, approved_by=manager, signed_by=self.people[SIGNATORY], valid_days=20
        )
        asked = a_stage_draft(self.client, by=manager)
        request = an_escalation(case, by=owner)
        sent = an_escalation(approved, by=owner, approved_by=manager)
        self.ids: dict[str, Any] = {
            "policy": self.client.stage_policy_id,
            "board": "desk",
            "chart": "waterfall",
            "form": "csv",
            "board_view": a_view(manager).pk,
            "draft": a_stage_draft(self.client, by=manager).pk,
            "change": a_stage_change(asked, client=self.client, by=manager).pk,
            "run": jobs.begin(job="nightly", business_date=clock.today()).pk,
            "uid": "1",
            "key": "none",
            "user": owner.pk,
            "team": self.team.pk,
            "client": self.client.pk,
            "audit_model": "clients-client",
            "audit_what": "history",
            "audit_ending": "csv",
            "agreement": self.client.agreements.get().pk,
            "member": signatory.client_membership.pk,
            "system": system.pk,
            "token": token.pk,
            "debtor_ref": "A-1",
            "reference": payment.reference,
            "case": case.pk,
            "hold": hold.pk,
            "payment": payment.pk,
            "note": a_note(case).pk,
            "proposal": a_proposal(case).pk,
            "request": request.pk,
            "approval": approval_of(subject=request).pk,
            "delegation": a_delegation(manager, self.people[GENERAL], ahead=1).pk,
            "deadline": step_of(kind="DISPUTE", code="DECISION", on=clock.today()).pk,
            "clock_change": a_clock_change(by=self.people[ADMIN]).pk,
            "authority_row": AuthorityLimit.objects.get(kind="ESCALATION", position=1).pk,
            "paper": a_paper(case, by=owner).pk,
            "criterion": "DAYS",
            "signed_case": authorised.case_id,
            "signed_paper": Paper.objects.get(authorisation=authorised, kind="AUTHORISATION").pk,
            "notice": a_notice(authorised, by=manager).pk,
            "legal_file": court.file.pk,
            "court_date": a_court_date(court).pk,
            "file_cost": a_cost_of_the_file(court).pk,
            "firm": court.lawyer.firm_id,
            "lawyer": court.lawyer.pk,
            "conflict": a_conflict(court, client=self.client).pk,
            "approved_case": court.case.pk,
            "approved_debt": court.case.debts.get().pk,
            "instrument": instrument.pk,
            "legal_task": a_task(court).pk,
            "no_token": "none",
            "file_paper": a_file_paper(court).pk,
            "authorisation": authorised.pk,
            "signed": authorised.request_id,
            "claim": a_claim(authorised, by=manager).pk,
            "cost": a_cost(authorised, by=manager).pk,
            "approved": sent.pk,
            "letter": a_paper(approved, by=owner, kind="LETTER", request=sent).pk,
            "file": ImportFile.objects.filter(kind="PLACEMENT").latest("pk").pk,
            "recall": a_recall(self.client, ref="A-1").pk,
            "upload": upload_keep(
                user=self.people[LEADER],
                client=self.client,
                content=b"a,b\n1,2\n",
                name="a.csv",
                placed_on=clock.today(),
            ).pk,
            "report": report.pk,
            "report_job": a_job(self.client, state=ReportState.FAILED).pk,
            "review": (review := a_review(manager, self.client)).pk,
            "review_point": review.points.get().pk,
            "placed": clock.today().isoformat(),
            "figure": "ROLL_RATES",
            "portal_figure": "COLLECTED",
            "period": a_period(self.client).pk,
            **self.credit_ids(),
            **self.matter_ids(),
            **self.dispute_ids(),
            "message": queued(self.client).pk,
            "stop": outbox_stop(user=manager, channel="SMS", reason="عطل").pk,
            "text": "PAYMENT_RECEIVED",
            "text_channel": "EMAIL",
            "text_language": "ar",
            "text_draft": template_draft(user=manager, code="PAYMENT_RECEIVED", channel="SMS", language="ar").pk,
            "money": IncomingPayment.objects.latest("pk").pk,
            "money_file": IncomingFile.objects.latest("pk").pk,
            "money_upload": incoming_keep(
                user=self.people[MANAGER], client=self.client, kind="PAYMENTS", content=b"a,b\n1,2\n", name="a.csv"
            ).pk,
        }

    def dispute_ids(self) -> dict[str, Any]:
        case = a_case(self.client, ref="D-57")
        officer = make_user(BUREAU, name="officer of disputes")
        dispute = notified(a_dispute(case, by=officer, recipients=[a_recipient()]))
        pack = pack_make(user=officer, dispute=dispute, stand="CORRECT", words="العقد يثبته", at=clock.now())
        return {
            "dispute": dispute.pk,
            "dispute_act": "reply",
            "dispute_paper": dispute.papers.filter(kind="FROM_COMPLAINANT").get().pk,
            "dispute_recipient": dispute.recipients.get().pk,
            "dispute_pack": pack.pk,
        }

    def matter_ids(self) -> dict[str, Any]:
        matter = a_matter()
        call = call_back_promise(user=self.people[COMPLAINTS], matter=a_matter(), at=clock.now())
        categories_ship()
        return {
            "matter": matter.pk,
            "matter_paper": a_matter_paper(matter).pk,
            "matter_call": call.pk,
            "category": Category.objects.get(code="CONTACT").pk,
            "question": a_question(by=self.people[COMPLAINTS]).pk,
            **self.learning_ids(),
            **self.channel_ids(),
            "rate_token": "nobody",
            "aside_mail": mail_take(raw=a_mail(Auto_Submitted="auto-replied"), at=clock.now()).aside.pk,
            "published": "questions",
            "edition": a_draft(by=self.people[QUALITY]).pk,
            "letter_text": letter_text(code="RIGHTS").pk,
            "letter_language": "ar",
        }

    def channel_ids(self) -> dict[str, Any]:
        """A channel that a head supervises, with its review; an account, with a comment that asks for help."""
        channel, account = a_channel(supervisor=self.people[MANAGER]), a_social_account()
        return {
            "channel": channel.pk,
            "channel_review": a_channel_review(channel, by=self.people[MANAGER]).pk,
            "social_account": account.pk,
            "comment": a_comment(account, by=self.people[COMPLAINTS]).pk,
            "comment_act": "close",
        }

    def learning_ids(self) -> dict[str, Any]:
        """A draft and an issued report of a month, a proposal, and a case to be looked into."""
        causes_ship()
        upheld, learners = an_upheld_complaint(self.client), Learners("matrix ")
        return {
            "cause": RootCause.objects.get(code="PERSON_SLIP").pk,
            "redress": redress_of(upheld, by=self.people[QUALITY])[0].pk,
            "recommendation": a_recommendation(learners).pk,
            "recommendation_act": "done",
            "month_report": a_report(learners).pk,
            "month_report_act": "discuss",
            "month_issued": report_at("ISSUED", learners, month=dt.date(2025, 1, 1)).pk,
            "month_language": "ar",
        }

    def credit_ids(self) -> dict[str, Any]:
        """One of everything of the credit desk."""
        officer = self.people[CREDIT]
        file = a_file(self.client, by=officer)
        account = an_account(self.client, by=officer, ref="C-LIMIT")
        stop = stop_open(
            user=officer, customer=account.customer, kind="BREACH", began_on=clock.today(), reason="أخلّ بالاتفاقية"
        )
        return {
            "customer": file.customer.pk,
            "credit_paper": file.paper.pk,
            "agent": file.agent.pk,
            "collateral": file.collateral.pk,
            "remote_terms": file.terms.pk,
            "remote_address": file.address.pk,
            "application": file.application.pk,
            "bank_account": file.bank.pk,
            "credit_statement": file.statement.pk,
            "credit_reference": file.reference.pk,
            "account": account.customer.pk,
            "facility": account.agreement.pk,
            "hand_stop": stop.pk,
            "follow_up": stop.follow_ups.get().pk,
            "approved_application": an_approved_application(self.client, by=officer).pk,
            "credit_policy": proposed(self.client, by=officer, minimum_points=50).pk,
            "order": ordered(a_buyer(self.client, by=officer, ref="C-7"), by=officer).pk,
            "order_file": an_order_file(self.client, by=officer).pk,
            "csv": "csv",
        }

    def address(self, name: str) -> str:
        return reverse(name, args=[self.ids[part] for part in ROWS[name].names])


@pytest.fixture(autouse=True)
def _nobody_has_asked_too_often() -> None:
    cache.clear()


def asked(browser: Any, method: str, address: str, data: dict[str, Any]) -> int:
    """What a door answers; what it wrote is taken back."""
    with transaction.atomic():
        response = getattr(browser, method)(address, data)
        if response.streaming:
            b"".join(response.streaming_content)
        transaction.set_rollback(True)
    return int(response.status_code)


def test_every_door_has_its_row_and_every_row_its_door() -> None:
    assert doors() == set(ROWS)


@dataclass
class Visitor:
    """Somebody at the doors of a world: signed in before each of them, whatever the last one did to it."""

    world: World
    role: str | None
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        person = self.world.people[self.role] if self.role else None
        self.browser = signed_in(person, proven=bool(self.role), **self.options)
        self.cookies = self.browser.cookies.output().replace("Set-Cookie: ", "")

    def ask(self, name: str, method: str) -> int:
        self.browser.cookies = SimpleCookie(self.cookies)
        data = ROWS[name].data if method == "post" else {}
        return asked(self.browser, method, self.world.address(name), data)


@pytest.fixture(scope="class")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One world for all roles: what each test writes is taken back to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


class TestWorld:
    @pytest.mark.requirement("PL-50")
    @pytest.mark.parametrize("role", [*Role, NOBODY])
    def test_each_role_gets_where_it_may_and_nowhere_else(self, world: World, role: str | None) -> None:
        visitor = Visitor(world, role)
        wrong = []
        for name, row in ROWS.items():
            for method in ("get", "post"):
                try:
                    got = visitor.ask(name, method)
                except Exception as error:
                    wrong.append(f"{method} {name}: {error!r}")
                    continue
                if got != expected(row, method, role):
                    wrong.append(f"{method} {name}: {got}, not {expected(row, method, role)}")
        assert not wrong, "\n".join(wrong)

    def test_no_post_is_taken_without_its_token(self, world: World) -> None:
        visitors = {role: Visitor(world, role, {"enforce_csrf_checks": True}) for role in (NOBODY, *world.people)}
        taken = []
        for name, row in ROWS.items():
            # At the API there is no session for another site to ride on; it takes a token of its own kind.
            wanted = row.visitor[1] if name.startswith("api_") else 403
            taken += [
                (name, role) for role in (NOBODY, *(row.post or {})) if visitors[role].ask(name, "post") != wanted
            ]
        assert taken == []

    @pytest.mark.parametrize("language", ["ar", "en"])
    def test_every_role_lands_on_its_own_first_page(self, world: World, language: str) -> None:
        for role, person in world.people.items():
            person.language = language
            person.save()
            response = signed_in(person).get("/", follow=True)
            assert response.status_code == 200, role
            assert response.redirect_chain
            assert f'lang="{language}"' in response.content.decode(), role


CASE_DOORS = [name for name, row in ROWS.items() if row.names[:1] == ("case",) and row.side == "house"]


@pytest.mark.requirement("PL-50")
@pytest.mark.parametrize("role", [COLLECTOR, LEADER, LEGAL])
@pytest.mark.parametrize("whose", ["another collector's", "another team's", "nobody's"])
def test_a_case_of_others_does_not_exist(role: str, whose: str) -> None:
    client, mine, theirs = make_client("AAA"), make_team(), make_team()
    me = make_user(role, team=mine if role != LEGAL else None)
    other = make_user(COLLECTOR, team=theirs if whose == "another team's" else mine, name="other")
    case = a_case(client, owner=None if whose == "nobody's" else other)
    hold = hold_place(actor=ACTOR, case=case, kind="OBJECTION", from_on=clock.today(), reason="يعترض")
    payment = payment_post(actor=ACTOR, case=case, amount=Decimal("10.00"), currency="SAR", value_on=clock.today())
    things = {"case": case.pk, "hold": hold.pk, "payment": payment.pk, "note": a_note(case).pk}
    things["recall"], things["criterion"] = a_recall(client, ref="D-1").pk, "DAYS"
    things["proposal"] = a_proposal(case).pk
    sees = role == LEADER and whose in {"another collector's", "nobody's"}
    browser = signed_in(me)
    for name in CASE_DOORS:
        row = ROWS[name]
        address = reverse(name, args=[things[part] for part in row.names])
        for method in ("get", "post"):
            if (row.get if method == "get" else row.post) is not None:
                got = asked(browser, method, address, row.data)
                # Some doors of a case are not for who works it.
                opens = sees and expected(row, method, role) != 404
                assert (got != 404) is opens, f"{method} {name}: {got}"
    assert browser.get(reverse("cases")).context["page"].paginator.count == int(sees)


def test_a_leader_gives_out_the_own_teams_cases_alone_and_to_the_own_team_alone() -> None:
    client, mine, theirs = make_client("AAA"), make_team(), make_team()
    me = make_user(LEADER, team=mine)
    here, there = make_user(COLLECTOR, team=mine, name="here"), make_user(COLLECTOR, team=theirs, name="there")
    own, foreign = a_case(client, ref="A-1", owner=here), a_case(client, ref="A-2", owner=there)
    browser = signed_in(me)
    browser.post(reverse("cases_assign"), {"case": [own.pk, foreign.pk], "owner": there.pk})
    browser.post(reverse("cases_assign"), {"case": [foreign.pk], "owner": here.pk})
    own.refresh_from_db()
    foreign.refresh_from_db()
    assert (own.owner, foreign.owner) == (here, there)
