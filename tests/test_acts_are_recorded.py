"""Every service that acts leaves exactly its row in the audit trail; a service added without its line here fails."""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import pkgutil
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps

from accounts.choices import Role
from accounts.services.approvals import authority_add, authority_change, delegation_end
from accounts.services.deadlines import (
    clock_change_decide,
    clock_change_withdraw,
    due_dates_answer,
    step_propose,
)
from accounts.services.users import (
    factor_changed,
    factor_reset,
    password_set,
    profile_update,
    sign_in_record,
    team_save,
    user_create,
    user_update,
)
from clients.selectors.stage_policies import ladder_of
from clients.services.clients import client_create, client_update, client_user_add, contact_policy_replace
from clients.services.stage_policies import (
    stage_change_decide,
    stage_change_withdraw,
    stage_policy_discard,
    stage_policy_draft,
    stage_policy_edit,
)
from clients.services.systems import keeper_set, system_create, system_update, token_revoke, token_rotate
from collections_app.models import CaseEnd, Hold, ImportFile, IncomingPayment, LedgerEntry, Promise, Recall
from collections_app.rules.allocation import Share
from collections_app.selectors.incoming import shares_key, suggestions_of
from collections_app.services.cases import cases_assign
from collections_app.services.contacts import contact_record, contact_refused_record
from collections_app.services.file_withdrawals import file_withdraw, file_withdraw_run
from collections_app.services.holds import hold_place, hold_release, objection_decide
from collections_app.services.incoming import payments_import, statement_import
from collections_app.services.incoming_decisions import incoming_accept, incoming_match, incoming_set_aside
from collections_app.services.ledger import (
    money_replay,
    note_post,
    note_reverse,
    payment_pin,
    payment_post,
    payment_reverse,
)
from collections_app.services.life import case_end, case_reopen, cases_end, receivables_withdraw
from collections_app.services.maintenance import maintenance_import
from collections_app.services.nightly import nightly_run
from collections_app.services.notes import note_give
from collections_app.services.placements import placements_post
from collections_app.services.promises import promise_cancel, promise_record
from collections_app.services.recalls import recall_take_back
from collections_app.services.refusal_files import refused_write
from collections_app.services.restaging import restage_run
from collections_app.services.stage_actions import proposal_answer
from collections_app.services.statement_periods import period_close
from collections_app.services.suspects import suspects_book, suspects_decide
from collections_app.services.suspense import suspense_assign
from common import clock
from common.approvals import matrix_ship
from common.audit import Actor, seal, verify
from common.clocks import clock_start, step_of
from common.models import AuditEvent, AuditSeal
from complaints.tests import acts_channels, acts_disputes, acts_faq, acts_handling, acts_learning, acts_register
from credit.tests import acts_files, acts_limits, acts_orders, acts_scores
from legal.services.acts import act_record
from legal.services.authorisations import authorisation_revoke
from legal.services.claims import claim_amend, claim_end, claim_file
from legal.services.costs import cost_reverse
from legal.services.court_dates import court_date_cancel, court_date_done, court_date_postpone
from legal.services.escalations import (
    escalation_amend,
    escalation_decide,
    escalation_decline,
    escalation_propose,
    escalation_sign,
    escalation_withdraw,
)
from legal.services.feeds import feed_end, feed_make
from legal.services.files import file_assign, file_close, file_open, file_update
from legal.services.instruments import instrument_return
from legal.services.lawyers import conflict_end, firm_save, lawyer_invite, lawyer_save
from legal.services.legal_tasks import task_answer
from legal.services.notices import notice_failed, notice_send, notice_served, notice_settle, notice_void
from legal.services.packs import pack_make
from legal.services.papers import paper_made
from legal.services.proposals import proposal_amend, proposal_renew
from legal.tests.worlds import (
    Court,
    a_conflict,
    a_court,
    a_court_date,
    a_lawyer,
    a_task,
    an_instrument,
)
from reporting.tests import acts_boards, acts_papers, acts_portal, acts_reports
from tests.world import (
    ACTOR,
    a_case,
    a_claim,
    a_clock_change,
    a_cost,
    a_delegation,
    a_keeper,
    a_notice,
    a_paper,
    a_pdf,
    a_proposal,
    a_proposal_made,
    a_stage_change,
    a_stage_draft,
    a_system,
    an_authorisation,
    an_escalation,
    an_escalation_policy,
    an_open_file,
    make_client,
    make_team,
    make_user,
    place,
)

pytestmark = pytest.mark.django_db
OUR_APPS = ("accounts", "parties", "clients", "collections_app", "legal", "credit", "complaints", "reporting")

# Parts of an act: they write inside one that leaves its row, or write nothing of the trade.
WITHIN = {
    "accounts.access_record": "is a trail of its own: who looked at what",
    "clients.stage_policy_shipped": "inside client_create, once for the whole house",
    "clients.change_digest": "reads",
    "clients.stage_policy_take_effect": "inside a step of the night: what an approval agreed has its day",
    "clients.token_used": "notes to five minutes when a token was shown; what was asked with it leaves its own row",
    "parties.parties_ensure": "inside an import",
    "collections_app.debtor_open": "inside customer_open",
    **acts_files.WITHIN,
    **acts_limits.WITHIN,
    **acts_orders.WITHIN,
    **acts_scores.WITHIN,
    **acts_register.WITHIN,
    **acts_disputes.WITHIN,
    **acts_handling.WITHIN,
    **acts_papers.WITHIN,
    **acts_reports.WITHIN,
    **acts_portal.WITHIN,
    **acts_boards.WITHIN,
    **acts_learning.WITHIN,
    **acts_channels.WITHIN,
    **acts_faq.WITHIN,
    "collections_app.fee_checked": "reads",
    "collections_app.cases_refresh": "sums up what an act changed",
    "collections_app.cases_refresh_of_client": "sums up what an act changed",
    "legal.request_digest": "reads",
    "legal.debts_told": "inside proposing or amending a request",
    "legal.debts_context": "reads",
    "legal.steps_to_name": "reads",
    "legal.authorisation_paper": "inside escalation_sign",
    "legal.feed_digest": "reads",
    "legal.payment_followed": "inside the posting of a payment",
    "legal.reversal_followed": "inside the reversal of a payment",
    "legal.note_followed": "inside the posting of a note",
    "legal.ends_followed": "inside the end of cases",
    "legal.reopening_followed": "inside the reopening of a case",
    "legal.move_followed": "inside what moved money in bulk",
    "legal.act_followed": "inside the act on a claim",
    "legal.claims_follow": "inside what moved the money; each task it moves leaves a row of its own",
    "legal.renewals_follow": "inside claims_follow, which leaves a row for each task",
    "legal.limitations_follow": "inside claims_follow, which leaves a row for each task",
    "legal.note_returned": "inside instrument_return",
    "legal.claim_submit": "asks for the papers, then files",
    "legal.step_claims": "a step of the night",
    "legal.pdf_bound": "writes nothing: pages of PDFs into one",
    "legal.picture_pages": "writes nothing: a picture as a page",
    "legal.parties_context": "reads",
    "legal.account_context": "reads",
    "legal.contacts_context": "reads",
    "legal.section_made": "writes nothing: a paper of a pack",
    "legal.sections_bound": "writes nothing: papers bound into one",
    "legal.qr_svg": "writes nothing",
    "legal.papers_chosen": "reads",
    "legal.notice_items": "reads",
    "legal.amount_of": "writes nothing",
    "legal.request_ask": "inside proposing or amending a request",
    "legal.request_ask_again": "inside amending a request",
    "legal.request_papers_changed": "leaves its row where a request is under way; inside the keeping of a paper",
    "legal.act_written": "inside act_record and claim_file, which leave its row",
    "legal.amount_checked": "reads",
    "legal.authorisation_begin": "inside escalation_sign",
    "legal.authorisation_held": "locks, before an act writes",
    "legal.claims_fit": "reads",
    "legal.case_track_settle": "inside a revocation or the end of a claim",
    "legal.in_words": "says refusals",
    "legal.refusal": "says a refusal",
    "legal.step_authorisations": "a step of the night",
    "collections_app.steps": "reads",
    "collections_app.nights_undone": "reads",
    "collections_app.step_open": "a step of the night",
    "collections_app.step_policies": "a step of the night",
    "collections_app.places_unfinished": "reads",
    "collections_app.step_promises": "a step of the night",
    "collections_app.promises_judge": "inside a step of the night",
    "collections_app.promises_judge_again": "inside the posting or reversal of a payment",
    "collections_app.book_open": "inside a step of the night",
    "collections_app.receivables_age": "inside a step of the night, a hold or an import",
    "collections_app.stage_actions_fire": "inside a step of the night, a hold or an import",
    "collections_app.stage_requests_settle": "inside a step of the night, a hold or money that moved",
    "collections_app.stage_tasks_reopen": "inside a release or a reversal",
    "collections_app.cases_closed": "inside the act or step that closes",
    "collections_app.cases_placed_again": "inside the writing of a file",
    "collections_app.cases_reopened": "inside the act or step that opens again",
    "collections_app.receivables_look_again": "inside a hold",
    "collections_app.aging_parts": "reads",
    "collections_app.defaults_judge": "inside aging, payments and notes: derived from the ledger",
    "collections_app.case_age_again": "inside a hold, a note or a reversal",
    "collections_app.receivables_look_again_of_client": "inside a re-staging or a step of the night",
    "collections_app.upload_keep": "keeps a file: nothing of it is in the book",
    "collections_app.upload_check": "a preview: nothing of it is in the book",
    "collections_app.upload_forget": "lets go of a file of which nothing is in the book",
    "collections_app.uploads_expire": "lets go of files of which nothing is in the book",
    "collections_app.upload_content": "reads",
    "collections_app.upload_sample": "reads",
    "collections_app.upload_start": "hands over; the import leaves its row",
    "collections_app.upload_run": "runs the import, which leaves its row",
    "collections_app.upload_progress": "reads",
    "collections_app.suspects_undone": "reads",
    "collections_app.withdrawals_undone": "reads",
    "collections_app.step_recalls": "a step of the night, by cases_end, which leaves its row",
    "collections_app.refused_rows": "reads",
    "collections_app.refused_answers": "reads",
    "collections_app.points_add": "inside an import",
    "collections_app.file_import": "is portfolio_import or maintenance_import",
    "collections_app.file_begin": "inside an import, which leaves its row",
    "collections_app.file_end": "inside an import, which leaves its row",
    "collections_app.cases_look_again": "inside an import",
    "collections_app.refusals_stage": "inside an import, which leaves its row",
    "collections_app.told_taken": "inside an import, which leaves its row",
    "collections_app.refused_count": "reads",
    "collections_app.refusals_told": "reads",
    "collections_app.refused_save": "writes to a file of whoever works on the command line",
    "collections_app.refused_keep": "keeps what an import refused; the import leaves its row",
    "collections_app.refused_drop": "lets go of rows of which nothing is in the book",
    "collections_app.refused_expire": "lets go of rows of which nothing is in the book",
    "collections_app.holders_look": "puts staged rows aside; the import leaves its row",
    "collections_app.contracts_look": "puts staged rows aside; the import leaves its row",
    "collections_app.zeros_told": "reads",
    "collections_app.zeros_keep": "keeps what the import told; the import leaves its row",
    "collections_app.payments_read": "reads",
    "collections_app.cases_lock": "locks, before a file or a decision writes",
    "collections_app.told_amount": "reads",
    "collections_app.incoming_post": "inside a file or a decision; the posting leaves its row",
    "collections_app.incoming_keep": "keeps a file: nothing of it is in the book",
    "collections_app.incoming_check": "a preview: nothing of it is in the book",
    "collections_app.incoming_forget": "lets go of a file of which nothing is in the book",
    "collections_app.incoming_expire": "lets go of files of which nothing is in the book",
    "collections_app.incoming_sample": "reads",
    "collections_app.incoming_start": "hands over; the reading leaves its row",
    "collections_app.incoming_run": "reads the file, which leaves its row",
    "collections_app.incoming_progress": "reads",
    "reporting.stock_write": "figures, derived from the ledger",
    "reporting.stock_move": "figures, derived from the ledger",
    "reporting.flows_write": "figures, derived from the facts",
    "reporting.step_close": "a step of the night",
    "reporting.day_count": "figures again; nothing but figures changes",
    "reporting.late_parts": "what a step of the night has to do",
    "reporting.days_catch_up": "figures again; nothing but figures changes",
    "reporting.day_recompute": "figures again; nothing but figures changes",
}


# Events about no client in particular; where a policy then rules has an event of each client.
HOUSE = (
    "user.", "team.", "profile.", "stage_policy.", "stage_change.", "firm.", "lawyer.", "feed.", "delegation.",
    "authority.", "clock_change.", "due_dates.", "clocks.", "category.", "mail.", "report_run.", "cause.",
    "recommendation.", "month_report.", "faqentry.", "policytext.", "lettertext.", "procedure.", "outwardbody.",
    "policy.read", "aside_mail.dismissed", "audit.", "board_view.", "channel.", "account.watched", "comment.",
)  # fmt: skip

# Matters of which nobody knows yet whose account they are about.
NOBODYS: dict[str, tuple[str, ...]] = {"complaints.comment_move": ("matter.",)}


class World:
    """What the acts act on."""

    def __init__(self) -> None:
        self.today = clock.today()
        self.client, self.team = make_client("AAA"), make_team()
        self.collector, self.manager = make_user(Role.COLLECTOR), make_user(Role.COLLECTIONS_MANAGER)
        self.signatory = make_user(Role.CLIENT_SIGNATORY, client=self.client)
        self.case = a_case(self.client, owner=self.collector)
        self.person = Actor.person(self.collector)

    def request(self, *, approved: bool = False) -> Any:
        return an_escalation(self.case, by=self.collector, approved_by=self.manager if approved else None)

    def court(self, *, closed: bool = False) -> Court:
        """A case in a lawyer's hands."""
        court = a_court("BBB")
        if closed:
            file_close(user=court.officer, file=court.file, outcome="WITHDRAWN", on=self.today)
        return court

    def signed(self, valid_days: int = 90) -> Any:
        people = {"by": self.collector, "approved_by": self.manager, "signed_by": self.signatory}
        return an_authorisation(self.case, **people, valid_days=valid_days)

    def payment(self) -> Any:
        return payment_post(
            actor=ACTOR, case=self.case, amount=Decimal(10), currency="SAR", value_on=self.today, reference="P"
        )

    def suspect_file(self, *, decided: bool = False) -> ImportFile:
        """A file with a row that is a known one but for leading zeros."""
        told = {"receivable_ref": "1", "due_on": self.today, "issued_on": self.today, "amount": "5.00"}
        place(self.client, [{"debtor_ref": "007", **told}])
        file = place(self.client, [{"debtor_ref": "7", **told}]).file
        assert file is not None
        if decided:
            suspects_decide(user=self.manager, file=file, decision="OTHER")
        return file

    def recall(self) -> Recall:
        """A case that its client wants back."""
        maintenance_import(
            actor=ACTOR, client=self.client, kind="RECALLS", content=b"ref\nD-1\n", name="r.csv",
            layout={"columns": {"debtor_ref": "ref"}}, placed_on=self.today,
        )  # fmt: skip
        return Recall.objects.get()

    def waiting(self) -> Any:
        """A payment above all that is owed: its rest waits."""
        return payment_post(
            actor=ACTOR, case=self.case, amount=Decimal("5000000.00"), currency="SAR", value_on=self.today
        )

    def note(self, kind: str = "CREDIT_NOTE") -> Any:
        return note_post(
            actor=ACTOR, receivable=self.case.receivables.get(), kind=kind, amount=Decimal(10), value_on=self.today,
            reason="خطأ في الفاتورة",
        )  # fmt: skip

    def charged_late(self) -> None:
        """An entry that came past the services: the waiting money is still waiting."""
        self.waiting()
        receivable = self.case.receivables.get()
        LedgerEntry.objects.create(
            client=self.client, receivable=receivable, kind="DEBIT_NOTE", amount=5, currency="SAR",
            effective_on=self.today, recorded_at=clock.now(), event_id=1,
        )  # fmt: skip

    def hold(self, kind: str = "CLIENT") -> Hold:
        return hold_place(actor=ACTOR, case=self.case, kind=kind, from_on=self.today, reason="بطلب الجهة")

    def ended(self) -> CaseEnd:
        return case_end(actor=ACTOR, case=self.case, end="RECALLED", on=self.today, reason="طلب الجهة")

    def received(self, *, amount: str) -> Any:
        """What a payment file of one line came to; only the whole balance is certain."""
        return payments_import(
            actor=ACTOR,
            client=self.client,
            content=f"ref,day,holder,sum\nF,{self.today},D-1,{amount}\n".encode(),
            name="p.csv",
            layout={"columns": {"payment_ref": "ref", "value_date": "day", "debtor_ref": "holder", "amount": "sum"}},
        )

    def money(self) -> IncomingPayment:
        self.received(amount="1.00")
        return IncomingPayment.objects.get()

    def statement(self) -> Any:
        entry = f":61:{self.today:%y%m%d}C1,00NTRFNONREF\n:86:NOBODY WE KNOW\n"
        return statement_import(
            actor=ACTOR, client=self.client, content=f":20:S\n:25:SA1\n{entry}".encode(), name="s.sta"
        )

    def promise(self) -> Promise:
        return promise_record(
            actor=ACTOR, case=self.case, amount=Decimal(10), currency="SAR", due_on=self.today, made_on=self.today
        )

    def contact(self, outcome: str = "INFORMED", **more: Any) -> Any:
        return contact_record(
            actor=self.person, user=self.collector, case=self.case, channel="PHONE", reached="HOLDER",
            outcome=outcome, note="يعترض على المبلغ", breach_reason="كان خارج الساعات", **more,
        )  # fmt: skip

    def general(self) -> Any:
        return make_user(Role.GENERAL_MANAGER)

    def admin(self) -> Any:
        return make_user(Role.ADMINISTRATOR)

    def moved_dates(self) -> Any:
        """A confirmed holiday that lies before a running deadline."""
        clock_start(subject=self.case, kind="COMPLAINT", code="CLOSING", at=clock.now(), actor=ACTOR)
        return a_clock_change(by=self.admin(), confirmed_by=make_user(Role.QUALITY_OFFICER), days=4)

    def refused(self) -> Any:
        night = clock.at_riyadh(on=self.today + dt.timedelta(days=1), time=dt.time(3))
        with clock.at(night):
            return contact_refused_record(actor=self.person, user=self.collector, case=self.case, channel="PHONE")


# What stands before, the act, and exactly the rows it leaves.
Act = tuple[Callable[[World], Any] | None, Callable[..., Any], dict[str, int]]
ACTS: dict[str, Act] = {
    "accounts.user_create": (
        None,
        lambda w: user_create(actor=ACTOR, email="n@house.example", name_ar="ن", name_en="N", role="AUDITOR"),
        {"user.created": 1},
    ),
    "accounts.user_update": (
        None,
        lambda w: user_update(
            actor=ACTOR, user=w.collector, name_ar="ن", name_en="N", role="COLLECTOR", team=w.team, is_active=True
        ),
        {"user.updated": 1},
    ),
    "accounts.profile_update": (
        None,
        lambda w: profile_update(user=w.collector, language="en", density="compact"),
        {"profile.updated": 1},
    ),
    "accounts.sign_in_record": (None, lambda w: sign_in_record(user=w.collector), {"user.signed_in": 1}),
    "accounts.password_set": (
        None,
        lambda w: password_set(user=w.collector, password="a new long one"),
        {"user.password_set": 1},
    ),
    "accounts.factor_changed": (
        None,
        lambda w: factor_changed(user=w.collector, what="totp_activated"),
        {"user.totp_activated": 1},
    ),
    "accounts.factor_reset": (
        lambda w: Authenticator.objects.create(user=w.collector, type=Authenticator.Type.TOTP, data={}),
        lambda w, _factor: factor_reset(actor=ACTOR, user=w.collector, reason="ضاع الهاتف"),
        {"user.factor_reset": 1},
    ),
    "accounts.holidays_propose": (
        lambda w: w.admin(),
        lambda w, admin: a_clock_change(by=admin),
        {"clock_change.proposed": 1},
    ),
    "accounts.step_propose": (
        lambda w: w.admin(),
        lambda w, admin: step_propose(
            user=admin,
            step=step_of(kind="DISPUTE", code="DECISION", on=w.today),
            starts_on=w.today,
            reason="لائحة جديدة",
            amount=6,
        ),
        {"clock_change.proposed": 1},
    ),
    "accounts.clock_change_decide": (
        lambda w: (a_clock_change(by=w.admin()), w.general()),
        lambda w, given: clock_change_decide(
            user=given[1], change=given[0], decision="APPROVED", digest=given[0].digest
        ),
        {"clock_change.approved": 1},
    ),
    "accounts.clock_change_withdraw": (
        lambda w: a_clock_change(by=w.admin()),
        lambda w, change: clock_change_withdraw(user=change.prepared_by, change=change),
        {"clock_change.withdrawn": 1},
    ),
    "accounts.due_dates_answer": (
        lambda w: (w.moved_dates(), w.general()),
        lambda w, given: due_dates_answer(
            user=given[1], change=given[0], chosen=[row.pk for row in given[0].proposals.all()], accept=True
        ),
        {"due_dates.answered": 1},
    ),
    "accounts.delegation_give": (
        lambda w: w.general(),
        lambda w, general: a_delegation(w.manager, general),
        {"delegation.given": 1},
    ),
    "accounts.delegation_end": (
        lambda w: a_delegation(w.manager, w.general()),
        lambda w, given: delegation_end(user=w.manager, delegation=given),
        {"delegation.ended": 1},
    ),
    "accounts.authority_add": (
        lambda w: w.general(),
        lambda w, general: authority_add(user=general, kind="ESCALATION", position=1, role=Role.GENERAL_MANAGER),
        {"authority.added": 1},
    ),
    "accounts.authority_change": (
        lambda w: w.general(),
        lambda w, general: authority_change(
            user=general, row=matrix_ship("STAGE_CHANGE")[0], up_to=None, is_active=False
        ),
        {"authority.changed": 1},
    ),
    "accounts.team_save": (
        None,
        lambda w: team_save(actor=ACTOR, team=w.team, name_ar="ف", name_en="T"),
        {"team.saved": 1},
    ),
    "clients.client_create": (
        None,
        lambda w: client_create(actor=ACTOR, code="BBB", name_ar="ب", name_en="B", kind="BANK"),
        {"client.created": 1},
    ),
    "clients.client_update": (
        None,
        lambda w: client_update(
            actor=ACTOR, client=w.client, name_ar="ب", name_en="B", terms_days=30, status="ACTIVE"
        ),
        {"client.updated": 1},
    ),
    "clients.contact_policy_replace": (
        None,
        lambda w: contact_policy_replace(
            actor=ACTOR, client=w.client, starts_on=w.today, channels=["PHONE"], opens_at=dt.time(9),
            closes_at=dt.time(16), weekdays=[7, 1, 2], max_attempts=5, window_days=30, least_promise=Decimal(0),
        ),
        {"contact_policy.replaced": 1},
    ),
    "clients.client_user_add": (
        lambda w: make_user(Role.CLIENT_USER),
        lambda w, user: client_user_add(actor=ACTOR, client=w.client, user=user),
        {"client_user.added": 1},
    ),
    "clients.stage_policy_draft": (
        None,
        lambda w: stage_policy_draft(user=w.manager, policy=w.client.stage_policy),
        {"stage_policy.drafted": 1},
    ),
    "clients.stage_policy_edit": (
        lambda w: stage_policy_draft(user=w.manager, policy=w.client.stage_policy),
        lambda w, draft: stage_policy_edit(
            user=w.manager, policy=draft, name_ar="س", name_en="L", basis="DUE", default_after_days=60,
            default_rules=[], stages=ladder_of(draft),
        ),
        {"stage_policy.edited": 1},
    ),
    "clients.stage_policy_discard": (
        lambda w: stage_policy_draft(user=w.manager, policy=w.client.stage_policy),
        lambda w, draft: stage_policy_discard(user=w.manager, policy=draft),
        {"stage_policy.discarded": 1},
    ),
    "clients.stage_change_propose": (
        lambda w: a_stage_draft(w.client, by=w.manager),
        lambda w, draft: a_stage_change(draft, client=w.client, by=w.manager),
        {"stage_change.proposed": 1},
    ),
    "clients.stage_change_decide": (
        lambda w: (a_stage_change(a_stage_draft(w.client, by=w.manager), client=w.client, by=w.manager), w.general()),
        lambda w, given: stage_change_decide(
            user=given[1], change=given[0], decision="APPROVED", digest=given[0].digest, today=w.today
        ),
        {"stage_change.approved": 1, "client.stage_policy_agreed": 1},
    ),
    "clients.stage_change_withdraw": (
        lambda w: a_stage_change(a_stage_draft(w.client, by=w.manager), client=w.client, by=w.manager),
        lambda w, change: stage_change_withdraw(user=w.manager, change=change),
        {"stage_change.withdrawn": 1},
    ),
    "collections_app.restage_run": (
        lambda w: a_stage_change(
            a_stage_draft(w.client, by=w.manager), client=w.client, by=w.manager, approved_by=w.general()
        ),
        lambda w, change: restage_run(place_id=change.places.get().pk),
        {"client.restage_prepared": 1},
    ),
    "clients.keeper_set": (
        lambda w: make_user(Role.CLIENT_USER, client=w.client).client_membership,
        lambda w, member: keeper_set(actor=ACTOR, membership=member, keeps_systems=True),
        {"client_user.keeper_set": 1},
    ),
    "clients.system_create": (
        None,
        lambda w: system_create(actor=ACTOR, client=w.client, name="ERP", scopes=["READ"]),
        {"system.created": 1},
    ),
    "clients.system_update": (
        lambda w: a_system(w.client, keeper=a_keeper(w.client))[0],
        lambda w, a: system_update(actor=ACTOR, account=a, name="ERP 2", scopes=["READ"], is_active=False),
        {"system.updated": 1},
    ),
    "clients.token_rotate": (
        lambda w: (keeper := a_keeper(w.client), a_system(w.client, keeper=keeper)[0]),
        lambda w, pair: token_rotate(user=pair[0], account=pair[1], lifetime_days=30, overlap_hours=0),
        {"token.issued": 1},
    ),
    "clients.token_revoke": (
        lambda w: (keeper := a_keeper(w.client), a_system(w.client, keeper=keeper)[1]),
        lambda w, pair: token_revoke(user=pair[0], token=pair[1]),
        {"token.revoked": 1},
    ),
    "collections_app.cases_assign": (
        None,
        lambda w: cases_assign(actor=ACTOR, case_ids=[w.case.pk], owner=w.collector, on=w.today),
        {"cases.assigned": 1},
    ),
    "collections_app.contact_record": (None, lambda w: w.contact(), {"contact.recorded": 1}),
    "collections_app.contact_record with a promise": (
        None,
        lambda w: w.contact("PROMISE", promise_amount=Decimal(20), promise_on=w.today),
        {"contact.recorded": 1, "promise.recorded": 1},
    ),
    "collections_app.contact_record of an objection": (
        None,
        lambda w: w.contact("OBJECTED"),
        {"contact.recorded": 1, "hold.placed": 1},
    ),
    "collections_app.contact_refused_record": (None, lambda w: w.refused(), {"contact.refused": 1}),
    "legal.paper_add": (None, lambda w: a_paper(w.case, by=w.collector), {"paper.kept": 1}),
    "legal.paper_made": (
        None,
        lambda w: paper_made(
            actor=ACTOR, case=w.case, kind="NOTICE", number="N-1", title="إنذار", content=a_pdf(), pages=1,
            language="ar",
        ),
        {"paper.kept": 1},
    ),
    "legal.pack_make": (
        lambda w: w.request(),
        lambda w, r: pack_make(user=w.collector, request=r),
        {"paper.kept": 1, "escalation.evidence_added": 1},
    ),
    "legal.proposal_make": (
        None,
        lambda w: a_proposal_made(w.case, by=w.collector),
        {"escalation.proposed": 1, "paper.kept": 1, "escalation.evidence_added": 1},
    ),
    "legal.proposal_renew": (
        lambda w: w.signed(20),
        lambda w, _a: proposal_renew(
            user=w.collector, case=w.case, grounds="تجديد لاستكمال المطالبة.", steps=["CLAIM"]
        ),
        {"escalation.proposed": 1, "paper.kept": 1, "escalation.evidence_added": 1},
    ),
    "legal.proposal_amend": (
        lambda w: a_proposal_made(w.case, by=w.collector),
        lambda w, r: proposal_amend(
            user=w.collector, request=r, digest=r.digest, grounds="وعود لم تُوفَ، وردّ المدين سلبي.",
            steps=["MEDIATION"], cost_ceiling=Decimal(0), valid_days=60,
        ),
        {"escalation.amended": 1, "paper.kept": 1, "escalation.evidence_added": 1},
    ),
    "legal.escalation_policy_replace": (
        None,
        lambda w: an_escalation_policy(w.client, by=w.manager),
        {"escalation_policy.replaced": 1},
    ),
    "legal.notice_prepare": (
        lambda w: w.signed(),
        lambda w, a: a_notice(a, by=w.manager),
        {"notice.prepared": 1, "paper.kept": 1},
    ),
    "legal.notice_send": (
        lambda w: a_notice(w.signed(), by=w.manager),
        lambda w, n: notice_send(user=w.manager, notice=n, tracking="RR123456789SA"),
        {"notice.sent": 1, "legal.act_recorded": 1},
    ),
    "legal.notice_served": (
        lambda w: a_notice(w.signed(), by=w.manager, sent=True),
        lambda w, n: notice_served(user=w.manager, notice=n, on=w.today, name="p.pdf", content=a_pdf()),
        {"notice.served": 1, "paper.kept": 1},
    ),
    "legal.notice_failed": (
        lambda w: a_notice(w.signed(), by=w.manager, sent=True),
        lambda w, n: notice_failed(user=w.manager, notice=n, reason="عاد"),
        {"notice.failed": 1},
    ),
    "legal.notice_void": (
        lambda w: a_notice(w.signed(), by=w.manager),
        lambda w, n: notice_void(user=w.manager, notice=n, reason="تغير الرصيد"),
        {"notice.void": 1},
    ),
    "legal.notice_settle": (
        lambda w: a_notice(w.signed(), by=w.manager, doubt=True),
        lambda w, n: notice_settle(user=w.manager, notice=n, went_out=False, reason="سجل الخادم"),
        {"notice.settled": 1},
    ),
    "legal.escalation_propose": (
        None,
        lambda w: escalation_propose(
            user=w.collector, case=w.case, grounds="لا رد منذ شهر كامل.", steps=["CLAIM"]
        ),
        {"escalation.proposed": 1},
    ),
    "legal.escalation_amend": (
        lambda w: w.request(approved=True),
        lambda w, r: escalation_amend(
            user=w.collector, request=r, digest=r.digest, grounds="وعود لم تُوفَ، وردّ المدين سلبي.", steps=["CLAIM"],
            cost_ceiling=Decimal(0), valid_days=60,
        ),
        {"escalation.amended": 1},
    ),
    "legal.escalation_decide": (
        lambda w: w.request(),
        lambda w, r: escalation_decide(user=w.manager, request=r, decision="APPROVED", digest=r.digest),
        {"escalation.approved": 1},
    ),
    "legal.escalation_decide against it": (
        lambda w: w.request(),
        lambda w, r: escalation_decide(user=w.manager, request=r, decision="REJECTED", digest=r.digest, reason="لا"),
        {"escalation.rejected": 1},
    ),
    "legal.escalation_sign": (
        lambda w: w.request(approved=True),
        lambda w, r: escalation_sign(user=w.signatory, request=r, digest=r.digest),
        {"escalation.signed": 1, "paper.kept": 1},
    ),
    "legal.escalation_decline": (
        lambda w: w.request(approved=True),
        lambda w, r: escalation_decline(user=w.signatory, request=r, reason="نتفاوض"),
        {"escalation.declined": 1},
    ),
    "legal.act_record": (
        lambda w: w.signed(),
        lambda w, a: act_record(user=w.manager, authorisation=a, kind="FINAL_NOTICE", on=w.today),
        {"legal.act_recorded": 1},
    ),
    "legal.claim_file": (
        lambda w: an_open_file(w.signed(), by=w.manager),
        lambda w, file: claim_file(user=w.manager, file=file, kind="FILING", amount=Decimal(9), filed_on=w.today),
        {"legal.act_recorded": 1},
    ),
    "legal.claim_amend": (
        lambda w: a_claim(w.signed(), by=w.manager),
        lambda w, c: claim_amend(user=w.manager, claim=c, amount=Decimal(9), on=w.today, reason="سداد"),
        {"legal.act_recorded": 1},
    ),
    "legal.claim_end": (
        lambda w: a_claim(w.signed(), by=w.manager),
        lambda w, c: claim_end(user=w.manager, claim=c, state="WITHDRAWN", on=w.today, note="سُددت"),
        {"legal.act_recorded": 1},
    ),
    "legal.cost_record": (
        lambda w: w.signed(),
        lambda w, a: a_cost(a, by=w.manager),
        {"legal.cost_recorded": 1},
    ),
    "legal.cost_reverse": (
        lambda w: a_cost(w.signed(), by=w.manager),
        lambda w, c: cost_reverse(user=w.manager, cost=c, reason="مكررة"),
        {"legal.cost_reversed": 1},
    ),
    "legal.authorisation_revoke": (
        lambda w: w.signed(),
        lambda w, a: authorisation_revoke(user=w.signatory, authorisation=a, reason="تسوية"),
        {"authorisation.revoked": 1},
    ),
    "legal.escalation_withdraw": (
        lambda w: w.request(),
        lambda w, r: escalation_withdraw(user=w.collector, request=r, reason="سدد"),
        {"escalation.withdrawn": 1},
    ),
    "collections_app.case_end": (None, lambda w: w.ended(), {"cases.ended": 1}),
    "collections_app.cases_end": (
        None,
        lambda w: cases_end(
            actor=ACTOR, client_id=w.client.pk, case_ids=[w.case.pk], end="WITHDRAWN", on=w.today, reason="خطأ"
        ),
        {"cases.ended": 1},
    ),
    "collections_app.case_reopen": (
        lambda w: w.ended(),
        lambda w, end: case_reopen(actor=ACTOR, case=w.case, reason="أعادته الجهة"),
        {"case.reopened": 1},
    ),
    "collections_app.receivables_withdraw": (
        None,
        lambda w: receivables_withdraw(
            actor=ACTOR, client_id=w.client.pk, receivable_ids=[w.case.receivables.get().pk], reason="ملف خاطئ"
        ),
        {"receivables.withdrawn": 1},
    ),
    "collections_app.proposal_answer": (
        lambda w: a_proposal(w.case),
        lambda w, r: proposal_answer(user=w.manager, request=r, status="TAKEN", reason="أعيدت", on=w.today),
        {"proposal.taken": 1},
    ),
    "collections_app.hold_place": (None, lambda w: w.hold(), {"hold.placed": 1}),
    "collections_app.hold_release": (
        lambda w: w.hold(),
        lambda w, hold: hold_release(actor=ACTOR, hold=hold, until_on=w.today, reason="انتهى"),
        {"hold.released": 1},
    ),
    "collections_app.portfolio_import": (
        None,
        lambda w: place(
            w.client,
            [{"debtor_ref": "D-9", "receivable_ref": "R9", "due_on": w.today, "issued_on": w.today, "amount": "5.00"}],
        ),
        {"import.written": 1},
    ),
    "collections_app.file_withdraw": (
        lambda w: ImportFile.objects.get(),
        lambda w, file: file_withdraw(user=w.manager, file=file, reason="ملف خاطئ", typed="AAA"),
        {"import.withdrawal_asked": 1},
    ),
    "collections_app.file_withdraw_run": (
        lambda w: file_withdraw(user=w.manager, file=ImportFile.objects.get(), reason="ملف خاطئ", typed="AAA").file,
        lambda w, file: file_withdraw_run(file_id=file.pk),
        {"import.withdrawn": 1, "receivables.withdrawn": 1},
    ),
    "collections_app.recall_take_back": (
        lambda w: w.recall(),
        lambda w, recall: recall_take_back(user=w.manager, recall=recall, reason="بقيت لدينا"),
        {"recall.taken_back": 1},
    ),
    "collections_app.maintenance_import": (
        None,
        lambda w: maintenance_import(
            actor=ACTOR, client=w.client, kind="CONTACTS", content=b"ref,mobile\nD-1,0551234500\n", name="c.csv",
            layout={"columns": {"debtor_ref": "ref", "mobile": "mobile"}}, placed_on=w.today,
        ),
        {"import.maintained": 1},
    ),
    "collections_app.suspects_decide": (
        lambda w: w.suspect_file(),
        lambda w, file: suspects_decide(user=w.manager, file=file, decision="OTHER"),
        {"import.suspects_decided": 1},
    ),
    "collections_app.refused_write": (
        lambda w: place(w.client, [{"debtor_ref": "D-9", "receivable_ref": "R9", "due_on": "", "amount": "5"}]).file,
        lambda w, file: refused_write(user=w.manager, file=file, language="ar"),
        {"import.refused_taken": 1},
    ),
    "collections_app.suspects_book": (
        lambda w: w.suspect_file(decided=True),
        lambda w, file: suspects_book(file_id=file.pk),
        {"import.written": 1},
    ),
    "collections_app.period_close": (
        lambda w: nightly_run(date=w.today),
        lambda w, _night: period_close(actor=ACTOR, client=w.client, to_on=w.today - dt.timedelta(days=1)),
        {"statement_period.closed": 1},
    ),
    "collections_app.placements_post": (
        None,
        lambda w: placements_post(
            actor=ACTOR, client=w.client, name="API", placed_on=w.today,
            rows=[{"debtor_ref": "D-9", "receivable_ref": "R9", "due_on": w.today.isoformat(), "amount": "5.00"}],
        ),
        {"import.written": 1, "book.opened": 1},
    ),
    "collections_app.payments_import": (None, lambda w: w.received(amount="1.00"), {"incoming.read": 1}),
    "collections_app.payments_import of what is certain": (
        None,
        lambda w: w.received(amount="1000.00"),
        {"payment.posted": 1, "incoming.read": 1},
    ),
    "collections_app.statement_import": (None, lambda w: w.statement(), {"incoming.read": 1}),
    "collections_app.incoming_accept": (
        lambda w: w.money(),
        lambda w, m: incoming_accept(user=w.manager, row=m, choice=shares_key(suggestions_of(m)[0].shares)),
        {"payment.posted": 1, "incoming.accepted": 1},
    ),
    "collections_app.incoming_match": (
        lambda w: w.money(),
        lambda w, m: incoming_match(user=w.manager, row=m, shares=suggestions_of(m)[0].shares),
        {"payment.posted": 1, "incoming.matched": 1},
    ),
    "collections_app.incoming_set_aside": (
        lambda w: w.money(),
        lambda w, m: incoming_set_aside(user=w.manager, row=m, reason="ليس لنا"),
        {"incoming.set_aside": 1},
    ),
    "collections_app.payment_post": (None, lambda w: w.payment(), {"payment.posted": 1}),
    "collections_app.payment_reverse": (
        lambda w: w.payment(),
        lambda w, p: payment_reverse(actor=ACTOR, payment=p, on=w.today, reason="شيك مرتجع"),
        {"payment.reversed": 1},
    ),
    "collections_app.payment_pin": (
        lambda w: w.waiting(),
        lambda w, p: payment_pin(
            actor=ACTOR, payment=p, reason="كتب الدافع ذلك",
            pins=[Share(receivable_id=w.case.receivables.get().pk, amount=Decimal(1))],
        ),
        {"payment.pinned": 1},
    ),
    "collections_app.money_replay": (
        lambda w: w.charged_late(),
        lambda w, _late: money_replay(actor=ACTOR, client_id=w.client.pk, case_ids=[w.case.pk]),
        {"money.replayed": 1},
    ),
    "collections_app.suspense_assign": (
        lambda w: w.waiting(),
        lambda w, p: suspense_assign(actor=ACTOR, payment_ids=[p.pk], owner=w.manager),
        {"suspense.assigned": 1},
    ),
    "collections_app.note_give": (
        None,
        lambda w: note_give(
            user=w.manager, receivable=w.case.receivables.get(), kind="WRITE_OFF", amount=Decimal(10),
            value_on=w.today, reason="لا يُرجى تحصيله",
        ),
        {"note.posted": 1},
    ),
    "collections_app.note_post": (None, lambda w: w.note(), {"note.posted": 1}),
    "collections_app.note_reverse": (
        lambda w: w.note(),
        lambda w, note: note_reverse(actor=ACTOR, entry=note, reason="كانت صحيحة"),
        {"note.reversed": 1},
    ),
    "collections_app.objection_decide": (
        lambda w: w.hold("OBJECTION"),
        lambda w, hold: objection_decide(actor=ACTOR, hold=hold, decision="REJECTED", reason="المبلغ صحيح"),
        {"objection.decided": 1},
    ),
    "collections_app.promise_record": (None, lambda w: w.promise(), {"promise.recorded": 1}),
    "collections_app.promise_cancel": (
        lambda w: w.promise(),
        lambda w, p: promise_cancel(actor=ACTOR, promise=p, reason="طلب ذلك"),
        {"promise.cancelled": 1},
    ),
    "collections_app.nightly_run": (
        None,
        lambda w: nightly_run(date=w.today),
        {"nightly.open": 1, "nightly.age": 1, "nightly.tasks": 1, "nightly.rollup": 1},
    ),
    "legal.firm_save": (
        lambda w: w.court(),
        lambda w, c: firm_save(user=w.manager, name_ar="مكتب", name_en="Firm", licence="F-9"),
        {"firm.saved": 1},
    ),
    "legal.lawyer_save": (
        lambda w: w.court(),
        lambda w, c: lawyer_save(user=w.manager, firm=c.lawyer.firm, name_ar="م", name_en="L", licence="L-9"),
        {"lawyer.saved": 1},
    ),
    "legal.lawyer_invite": (
        lambda w: w.court(),
        lambda w, c: lawyer_invite(
            actor=Actor.person(w.manager), user=w.manager, lawyer=c.lawyer, email="lawyer@firm.example"
        ),
        {"user.created": 1, "lawyer.invited": 1},
    ),
    "legal.conflict_record": (
        lambda w: w.court(),
        lambda w, c: a_conflict(c, client=w.client),
        {"conflict.recorded": 1},
    ),
    "legal.conflict_end": (
        lambda w: a_conflict(w.court(), client=w.client),
        lambda w, c: conflict_end(user=w.manager, conflict=c, reason="انتهى"),
        {"conflict.ended": 1},
    ),
    "legal.file_open": (
        lambda w: w.court(closed=True),
        lambda w, c: file_open(user=w.manager, authorisation=c.authorisation, lawyer=c.lawyer, on=w.today),
        {"file.opened": 1},
    ),
    "legal.file_assign": (
        lambda w: (w.court(), a_lawyer(by=w.manager, n=2)),
        lambda w, c: file_assign(user=w.manager, file=c[0].file, lawyer=c[1], reason="سفر"),
        {"file.assigned": 1},
    ),
    "legal.file_update": (
        lambda w: w.court(),
        lambda w, c: file_update(user=w.manager, file=c.file, court="المحكمة التجارية"),
        {"file.updated": 1},
    ),
    "legal.file_close": (
        lambda w: w.court(),
        lambda w, c: file_close(user=w.manager, file=c.file, outcome="WITHDRAWN", on=w.today),
        {"file.closed": 1},
    ),
    "legal.court_date_add": (lambda w: w.court(), lambda w, c: a_court_date(c), {"court_date.added": 1}),
    "legal.court_date_done": (
        lambda w: a_court_date(w.court(), days=0),
        lambda w, d: court_date_done(user=w.manager, court_date=d, outcome="حكم"),
        {"court_date.done": 1},
    ),
    "legal.court_date_postpone": (
        lambda w: a_court_date(w.court()),
        lambda w, d: court_date_postpone(user=w.manager, court_date=d, on=d.on, at=d.at, reason="لم يحضر"),
        {"court_date.postponed": 1, "court_date.added": 1},
    ),
    "legal.court_date_cancel": (
        lambda w: a_court_date(w.court()),
        lambda w, d: court_date_cancel(user=w.manager, court_date=d, reason="سُوّي"),
        {"court_date.cancelled": 1},
    ),
    "legal.instrument_save": (lambda w: w.court(), lambda w, c: an_instrument(c), {"instrument.saved": 1}),
    "legal.instrument_return": (
        lambda w: an_instrument(w.court()),
        lambda w, i: instrument_return(user=w.manager, instrument=i, on=w.today, to="المدين"),
        {"instrument.returned": 1},
    ),
    "legal.task_answer": (
        lambda w: a_task(w.court()),
        lambda w, t: task_answer(user=w.manager, task=t, answer="رُفعت"),
        {"legal_task.done": 1},
    ),
    "legal.feed_make": (None, lambda w: feed_make(user=w.manager), {"feed.made": 1}),
    "legal.feed_end": (
        lambda w: feed_make(user=w.manager), lambda w, t: feed_end(user=w.manager), {"feed.ended": 1}
    ),
    **acts_files.ACTS,
    **acts_limits.ACTS,
    **acts_orders.ACTS,
    **acts_scores.ACTS,
    **acts_register.ACTS,
    **acts_disputes.ACTS,
    **acts_handling.ACTS,
    **acts_papers.ACTS,
    **acts_reports.ACTS,
    **acts_boards.ACTS,
    **acts_portal.ACTS,
    **acts_learning.ACTS,
    **acts_channels.ACTS,
    **acts_faq.ACTS,
}  # fmt: skip


def services() -> set[str]:
    """Every public function of every services room."""
    found = set()
    for app in OUR_APPS:
        package = f"{app}.services"
        try:
            room: ModuleType = importlib.import_module(package)
        except ModuleNotFoundError:
            continue
        for module in pkgutil.walk_packages(room.__path__, f"{package}."):
            if module.name.endswith((".file_reading", ".workbooks")):  # read files, write nothing
                continue
            for name, value in vars(importlib.import_module(module.name)).items():
                if inspect.isfunction(value) and value.__module__ == module.name and not name.startswith("_"):
                    found.add(f"{app}.{name}")
    return found


def test_every_service_is_listed() -> None:
    assert {name.split(" ")[0] for name in ACTS} | set(WITHIN) == services()
    assert set(OUR_APPS) <= {app.label for app in apps.get_app_configs()}


@pytest.mark.requirement("PL-36")
@pytest.mark.parametrize("name", ACTS)
def test_each_act_leaves_exactly_its_row_in_the_chain(name: str) -> None:
    before, act, expected = ACTS[name]
    world = World()
    given = () if before is None else (before(world),)
    seal()
    last = AuditSeal.objects.latest("seq").seq
    act(world, *given)
    events = list(AuditEvent.objects.filter(seal__isnull=True))
    assert Counter(event.action for event in events) == expected
    for event in events:
        assert event.actor_name
        assert event.subject_type
        # Whatever is about a client says whose it is; these are the house's own.
        assert (event.client_id is not None) is not event.action.startswith((*HOUSE, *NOBODYS.get(name, ())))
    assert seal() == len(events)
    assert verify().checked == last + len(events)


def test_a_second_night_leaves_nothing() -> None:
    world = World()
    nightly_run(date=world.today)
    count = AuditEvent.objects.count()
    nightly_run(date=world.today)
    assert AuditEvent.objects.count() == count
