"""Who may touch which table: the database's own rights, declared here and applied after every migrate.

The application owns nothing. Append-only tables take INSERT and SELECT; of some others, columns stand as inserted. The
portal reads a declared list, and of it, by row-level security, one client's rows alone. Every table with a
``client_id`` is protected the moment it exists.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

# Lines that are never changed or removed once written.
APPEND_ONLY = (
    "common.AuditEvent",
    "common.AuditSeal",
    "common.AuditAnchor",
    "common.ApprovalStep",
    "common.ApprovalDecision",
    "common.HistoricalAuthorityLimit",
    "common.ClockStep",
    "common.ClockEvent",
    "common.ClockChange",
    "common.MessageAttachment",
    "common.MessageAttempt",
    "common.MessageLimit",
    "collections_app.LedgerEntry",
    "collections_app.PaymentPin",
    "collections_app.PaymentReversal",
    "collections_app.StageTransition",
    "collections_app.CaseAssignment",
    "collections_app.ActionFired",
    "collections_app.ContactAttempt",
    "collections_app.StatementPeriod",
    "collections_app.StatementLine",
    "legal.Paper",
    "legal.RequestCheck",
    "legal.EscalationPolicy",
    "legal.AuthorisedDebt",
    "legal.LegalAct",
    "legal.LegalCost",
    "credit.CreditPaper",
    "credit.ApplicationMove",
    "credit.Scoring",
    "credit.Instalment",
    "credit.CreditLimit",
    "credit.OrderInvoice",
    "credit.OrderFile",
    "complaints.MatterMove",
    "complaints.MatterNote",
    "complaints.MatterPaper",
    "complaints.DisputeMove",
    "complaints.Mail",
    "complaints.MonthlyReport",
    "complaints.ImportedMatter",
    "complaints.RecommendationMove",
    "complaints.ReportReview",
    "complaints.PolicyReading",
    "complaints.ChannelReview",
    "complaints.PublicWatch",
    "complaints.CommentDeed",
    "accounts.AccessRecord",
    "clients.StageAssignment",
    "clients.ClientLogo",
    "reporting.Adjustment",
    "reporting.Report",
    "reporting.ReviewOutcome",
    "reporting.ReviewPoint",
    "reporting.Target",
    # Before and after of what people edit (django-simple-history).
    "accounts.HistoricalTeam",
    "accounts.HistoricalUser",
    "clients.HistoricalAgreement",
    "clients.HistoricalClient",
    "clients.HistoricalClientUser",
    "clients.HistoricalServiceAccount",
    "clients.HistoricalContactPolicy",
    "legal.HistoricalEscalationPolicy",
    "credit.HistoricalApplication",
)

# Columns that stand as they were inserted, or that the owner's functions alone write (a receivable's balance, by the
# ledger's triggers). The application may update the others. A missing right costs the nightly updates nothing, where a
# proof by trigger would look at every row they write.
FIXED_COLUMNS: Mapping[str, tuple[str, ...]] = {
    # What a message says, to whom and why stands as it was written; it only moves.
    "common.Message": (
        "id",
        "key",
        "client_id",
        "subject_type",
        "subject_id",
        "once_key",
        "template_id",
        "channel",
        "language",
        "party_id",
        "contact_point_id",
        "address_sealed",
        "address_index",
        "address_hint",
        "content_sealed",
        "queued_at",
    ),
    "common.MessageStop": ("id", "channel", "client_id", "reason", "stopped_at", "stopped_by_id"),
    "collections_app.Receivable": (
        "id",
        "client_id",
        "case_id",
        "debt_id",
        "receivable_ref",
        "issued_on",
        "due_on",
        "currency",
        "amount",
        "balance",
        "file_id",
    ),
    "collections_app.Payment": (
        "id",
        "client_id",
        "case_id",
        "reference",
        "value_on",
        "amount",
        "currency",
        "allocation_method",
    ),
    "collections_app.Withdrawal": ("id", "client_id", "receivable_id", "on", "whole", "file_id", "event_id"),
    # Whose deadline it is, and when it began.
    "common.Clock": ("id", "kind", "code", "subject_type", "subject_id", "client_id", "calendar", "started_at"),
    "common.ClockProposal": (
        "id",
        "change_id",
        "clock_id",
        "client_id",
        "step_id",
        "old_due_at",
        "new_due_at",
        "prepared_by_id",
        "made_at",
    ),
    # Amount, state and end of a claim follow from its acts, by trigger.
    "legal.Claim": (
        "id",
        "client_id",
        "case_id",
        "authorisation_id",
        "file_id",
        "instrument_id",
        "kind",
        "filed_on",
        "amount",
        "currency",
        "state",
        "ended_on",
    ),
    # What was ordered never changes under an answer that was given for it.
    "credit.Order": (
        "id",
        "client_id",
        "customer_id",
        "order_ref",
        "kind",
        "amount",
        "currency",
        "ordered_on",
        "channel",
        "agent_id",
        "original_id",
        "answered_at",
        "answered_by_id",
    ),
    # What was signed stands; only that it ends is written.
    "credit.FacilityAgreement": (
        "id",
        "client_id",
        "customer_id",
        "application_id",
        "number",
        "signed_on",
        "signed_by_id",
        "is_earlier",
        "terms_days",
        "period_start",
        "discount_percent",
        "discount_days",
        "paper_id",
        "recorded_by_id",
        "recorded_at",
    ),
    "credit.CreditStop": ("id", "client_id", "customer_id", "kind", "began_on", "opened_by_id", "opened_at", "reason"),
    # What was told stands as it came.
    "complaints.Matter": ("id", "reference", "kind", "intake", "words_sealed", "words_index", "received_at"),
    "complaints.PublicComment": (
        "id",
        "channel_id",
        "link_sealed",
        "link_index",
        "writer_sealed",
        "writer_index",
        "words_sealed",
        "published_at",
        "found_at",
        "found_by_id",
    ),
    "complaints.Dispute": (
        "id",
        "client_id",
        "case_id",
        "reference",
        "kind",
        "item_sealed",
        "words_sealed",
        "filed_at",
        "counts_from",
    ),
    "complaints.DisputePack": (
        "id",
        "client_id",
        "dispute_id",
        "paper_id",
        "stand",
        "words_sealed",
        "made_by_id",
        "made_at",
    ),
    "reporting.AuditVerification": ("id", "asked_by_id", "asked_at"),
    # A version of a credit policy stands; only its approval moves.
    "credit.CreditPolicy": (
        "id",
        "client_id",
        "version",
        "starts_on",
        "step_amount",
        "step_points",
        "points_joint_stock",
        "points_llc",
        "points_partnership",
        "points_sole_proprietor",
        "bank_months",
        "sums_banks",
        "minimum_points",
        "minimum_limit",
        "rounds_to",
        "limit_months",
        "review_days",
        "terms_days",
        "overdue_tolerated",
        "not_due_most",
        "grace_days",
        "defaults_to_cancel",
        "increase_after_months",
        "increase_percent",
        "increases_a_year",
        "reservation_days",
        "benchmark_days",
        "benchmarks",
        "prepared_by_id",
        "prepared_at",
    ),
}

# What a client's own people may read in the portal, each row under the policy of its client.
PORTAL_READABLE = (
    "clients.Client",
    "clients.ClientLogo",
    "clients.SignatoryRequest",
    "clients.StageAssignment",
    "clients.ServiceAccount",
    "clients.ServiceToken",
    "collections_app.Case",
    "collections_app.Debtor",
    "collections_app.Debt",
    "collections_app.Receivable",
    "collections_app.LedgerEntry",
    "collections_app.Withdrawal",
    "collections_app.Payment",
    "collections_app.PaymentReversal",
    "collections_app.StatementPeriod",
    "collections_app.StatementLine",
    "collections_app.Promise",
    "collections_app.ContactAttempt",
    "collections_app.EscalationRequest",
    "collections_app.Authorisation",
    "legal.Paper",
    "legal.RequestCheck",
    "legal.AuthorisedDebt",
    "legal.Claim",
    "legal.LegalAct",
    "legal.LegalCost",
    "credit.Customer",
    "credit.FacilityAgreement",
    "credit.CreditLimit",
    "credit.CreditStop",
    "credit.Order",
    "credit.OrderInvoice",
    "complaints.Dispute",
    # Of what is told, the page shows the client's own alone, and no sealed value.
    "complaints.Matter",
    "reporting.CountedDay",
    "reporting.DayStock",
    "reporting.DayFlow",
    "reporting.Report",
)

# Of tables that name what is not the client's to read (files, and who brought them), the columns that it may, each row
# under the same policy: on which day something was placed.
PORTAL_COLUMNS: Mapping[str, tuple[str, ...]] = {"collections_app.ImportFile": ("id", "client_id", "placed_on")}

# Of no client, and readable in the portal: names of stages.
PORTAL_SHARED = ("clients.StagePolicy", "clients.StagePolicyRow")

# Tables of nobody's in particular. Every other table carries ``client_id``; a test walks the catalogue.
SHARED_TABLES = frozenset(
    {
        "accounts_accessrecord",
        "accounts_historicalteam",
        "accounts_historicaluser",
        "accounts_team",
        "accounts_user",
        "accounts_user_groups",
        "accounts_user_user_permissions",
        "clients_stagechange",
        "clients_stagepolicy",
        "clients_stagepolicyrow",
        "clients_client",
        "clients_historicalclient",
        "collections_app_stagedrow",
        "complaints_asidemail",
        "complaints_callback",
        "complaints_category",
        "complaints_channel",
        "complaints_channel_team",
        "complaints_channelreview",
        "complaints_commentdeed",
        "complaints_faqentry",
        "complaints_followcode",
        "complaints_importedmatter",
        "complaints_lettertext",
        "complaints_mail",
        "complaints_mattermove",
        "complaints_matternote",
        "complaints_matterpaper",
        "complaints_matterquestion",
        "complaints_matterround",
        "complaints_matterround_documents",
        "complaints_monthlyreport",
        "complaints_outwardbody",
        "complaints_policyreading",
        "complaints_policytext",
        "complaints_procedure",
        "complaints_procedurestep",
        "complaints_publiccomment",
        "complaints_publicwatch",
        "complaints_rating",
        "complaints_recommendation",
        "complaints_recommendation_matters",
        "complaints_recommendationmove",
        "complaints_reportcourse",
        "complaints_reportreview",
        "complaints_rootcause",
        "common_auditanchor",
        "common_authoritylimit",
        "common_clockchange",
        "common_delegation",
        "common_historicalauthoritylimit",
        "common_auditseal",
        "common_holiday",
        "common_jobrun",
        "common_messagelimit",
        "common_messagetemplate",
        "common_sentform",
        "legal_calendarfeed",
        "legal_lawfirm",
        "legal_lawyer",
        "parties_identifier",
        "parties_party",
        "reporting_boardview",
        "reporting_auditverification",
        "reporting_reportreader",
        "reporting_reportrun",
    }
)

# As PostgreSQL writes it back, so that what stands already is known again.
ROW_POLICY = "(client_id = (NULLIF(current_setting('mithaq.client_id'::text, true), ''::text))::bigint)"


# Every table with a client's rows, whether row-level security holds there for all, and its policies.
_ROW_SECURITY = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, coalesce((
    SELECT jsonb_agg(jsonb_build_array(p.policyname, (SELECT array_agg(role ORDER BY role) FROM unnest(p.roles) role),
                                       p.cmd, p.qual, p.with_check) ORDER BY p.policyname)
    FROM pg_policies p WHERE p.schemaname = 'public' AND p.tablename = c.relname), '[]')
FROM pg_class c
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
  AND (c.relname = 'clients_client' OR EXISTS (
       SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'client_id' AND NOT a.attisdropped))
ORDER BY c.relname
"""


def _table(label: str) -> str:
    return str(apps.get_model(label)._meta.db_table)


def apply_database_access(*, using: Any = None) -> None:
    """Grant exactly what is declared here, and lay row-level security over every client's rows.

    Safe to run again, also while others work: a table whose policies stand as declared is not locked.
    """
    target = using or connection
    quote = target.ops.quote_name
    owner, app, portal = (quote(settings.DATABASE_ROLES[name]) for name in ("owner", "app", "portal"))
    house = sorted(settings.DATABASE_ROLES[name] for name in ("app", "owner"))
    with transaction.atomic(using=target.alias), target.cursor() as cursor:
        append_only = {_table(label) for label in APPEND_ONLY}
        readable = {_table(label) for label in (*PORTAL_READABLE, *PORTAL_SHARED)}
        statements = [
            f"GRANT USAGE ON SCHEMA public TO {app}, {portal}",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {app}, {portal}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}",
        ]
        statements += [f"REVOKE UPDATE, DELETE ON {quote(table)} FROM {app}" for table in sorted(append_only)]
        for label, fixed in sorted(FIXED_COLUMNS.items()):
            table = _table(label)
            cursor.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
                " AND attname <> ALL(%s) ORDER BY attnum",
                [table, list(fixed)],
            )
            free = ", ".join(quote(column) for (column,) in cursor.fetchall())
            statements += [
                f"REVOKE UPDATE ON {quote(table)} FROM {app}",
                f"GRANT UPDATE ({free}) ON {quote(table)} TO {app}",
            ]
        statements += [f"GRANT SELECT ON {quote(table)} TO {portal}" for table in sorted(readable)]
        statements += [
            f"GRANT SELECT ({', '.join(map(quote, columns))}) ON {quote(_table(label))} TO {portal}"
            for label, columns in sorted(PORTAL_COLUMNS.items())
        ]
        cursor.execute(_ROW_SECURITY)
        for table, secured, policies in cursor.fetchall():
            standing = json.loads(policies)
            rows = ROW_POLICY if table != "clients_client" else ROW_POLICY.replace("client_id =", "id =", 1)
            declared = [
                ["house_rows", house, "ALL", "true", "true"],
                ["portal_rows", [settings.DATABASE_ROLES["portal"]], "SELECT", rows, None],
            ]
            if secured and standing == declared:
                continue
            name = quote(table)
            statements += [
                f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
                f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
                *(f"DROP POLICY {quote(policy[0])} ON {name}" for policy in standing),
                f"CREATE POLICY house_rows ON {name} TO {app}, {owner} USING (true) WITH CHECK (true)",
                f"CREATE POLICY portal_rows ON {name} FOR SELECT TO {portal} USING ({rows})",
            ]
        # Triggers that ask whether something is recorded in the present know whether this house may set its clock.
        statements += [
            "CREATE OR REPLACE FUNCTION house_clock_may_be_set() RETURNS boolean LANGUAGE sql STABLE"
            f" AS $$ SELECT {'true' if settings.CLOCK_MAY_BE_SET else 'false'} $$"
        ]
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def read_only() -> Iterator[None]:
    """A transaction in which the database itself refuses every write."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield


@contextmanager
def portal_scope(*, client_id: int) -> Iterator[None]:
    """Read as the portal, one client's rows alone, for the length of one transaction.

    Everything read inside, lazily too, must be finished inside. On the way out the role is taken back before the
    transaction goes on, because SET LOCAL outlives an inner savepoint; an error takes it back by rolling back.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('mithaq.client_id', %s, true)", [str(client_id)])
            cursor.execute(f"SET LOCAL ROLE {connection.ops.quote_name(settings.DATABASE_ROLES['portal'])}")
        yield
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute("SELECT set_config('mithaq.client_id', '', true)")
