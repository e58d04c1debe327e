"""The auditor reads what changed, who looked, who approved and who signed, and takes all of it along as files."""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.choices import Role
from accounts.models import AccessRecord, Team, User
from accounts.services.users import team_save, user_update
from clients.services.clients import contact_policy_replace
from clients.services.systems import system_update
from common import audit, clock
from common.audit import Actor
from common.models import AuditEvent
from legal.services.escalations import escalation_decide
from reporting.models import AuditVerification
from reporting.selectors.history import histories
from reporting.services import verifications
from reporting.services.verifications import (
    verification_begin,
    verification_do,
    verification_waits,
    verifications_lost,
)
from reporting.tasks import verify_sweep_task
from tests.world import (
    ACTOR,
    a_book,
    a_case,
    a_delegation,
    a_keeper,
    a_system,
    an_escalation,
    make_client,
    make_user,
    signed_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("DC-07")]
WHAT = ["history", "access", "approvals", "signatures", "events", "trail", "verifications"]


def page(response: Any) -> str:
    return str(response.content.decode())


def as_csv(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))


def as_book(response: Any) -> list[tuple[Any, ...]]:
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return list(book.active.iter_rows(values_only=True))


class TestChanges:
    def test_before_and_after_stand_side_by_side_with_who_and_when(self) -> None:
        client, manager = make_client("AAA"), make_user(Role.COLLECTIONS_MANAGER)
        told = {"name_ar": "جهة", "name_en": "Renamed", "terms_days": 45, "status": "ACTIVE"}
        signed_in(manager).post(reverse("client_edit", args=[client.pk]), told)
        auditor = make_user(Role.AUDITOR)
        auditor.language = "en"
        auditor.save()
        shown = signed_in(auditor).get(reverse("audit_record", args=["clients-client", client.pk]))
        change = shown.context["changes"][0]
        cells = {cell.name: (cell.before, cell.after) for cell in change.cells}
        assert cells["English name"] == ("Client AAA", "Renamed")
        assert cells["Terms in days"] == ("60", "45")
        assert (change.who, change.action) == (manager.name_en, "client.updated")
        assert "Renamed" in page(shown)
        assert "client.created" in page(shown)

    def test_the_reason_comes_from_the_event(self) -> None:
        client, manager = make_client("AAA"), make_user(Role.COLLECTIONS_MANAGER)
        case = a_case(client, owner=make_user(Role.COLLECTOR))
        request = an_escalation(case, by=case.owner)  # type: ignore[arg-type]
        escalation_decide(user=manager, request=request, decision="RETURNED", digest=request.digest, reason="ناقص")
        shown = page(signed_in(make_user(Role.AUDITOR)).get(
            reverse("audit_record", args=["collections_app-escalationrequest", request.pk])))  # fmt: skip
        assert "ناقص" in shown, "of a record without versions the chain tells"

    def test_each_record_that_people_edit_is_found_by_model_key_person_and_day(self) -> None:
        client, other = make_client("AAA"), make_client("BBB")
        manager = make_user(Role.COLLECTIONS_MANAGER)
        contact_policy_replace(actor=ACTOR, client=client, starts_on=clock.today(), least_promise=5)
        account, _token, _text = a_system(client, keeper=a_keeper(client))
        system_update(actor=ACTOR, account=account, name="ERP 2", scopes=["READ"], is_active=False)
        user_update(
            actor=Actor.person(manager), user=make_user(Role.COLLECTOR), name_ar="م", name_en="M", role="TEAM_LEADER",
            team=team_save(actor=ACTOR, team=None, name_ar="أ", name_en="A"), is_active=True,
        )  # fmt: skip
        signed_in(manager).post(
            reverse("client_edit", args=[other.pk]),
            {"name_ar": "ب", "name_en": "B", "terms_days": 5, "status": "ACTIVE"},
        )
        browser = signed_in(make_user(Role.AUDITOR))

        def found(**query: Any) -> list[tuple[str, int]]:
            shown = browser.get(reverse("audit_history"), query)
            assert shown.status_code == 200
            return [(change.slug, change.key) for change in shown.context["changes"]]

        assert {slug for slug, _key in found()} == {
            "clients-client", "clients-agreement", "clients-contactpolicy", "clients-clientuser",
            "clients-serviceaccount", "accounts-user", "accounts-team",
        }  # fmt: skip
        assert found(model="clients-client", key=other.pk) == [("clients-client", other.pk)] * 2
        assert found(person=manager.email) == [("clients-client", other.pk)]
        assert found(**{"from": "2999-01-01"}) == []
        assert found(to="2001-01-01") == []
        assert found(model="no-such", key="x") != []

    def test_a_record_page_leads_there_for_the_auditor_alone(self) -> None:
        client = make_client("AAA")
        link = reverse("audit_record", args=["clients-client", client.pk])
        shown = {
            role: page(signed_in(make_user(role)).get(reverse("client", args=[client.pk])))
            for role in (Role.AUDITOR, Role.COLLECTIONS_MANAGER)
        }
        assert link in shown[Role.AUDITOR]
        assert link not in shown[Role.COLLECTIONS_MANAGER]
        auditor = signed_in(User.objects.get(role=Role.AUDITOR))
        for slug, key in (("clients-client", 10**9), ("auth-permission", 1), ("nonsense", 1),
                          ("clients-historicalclient", 1)):  # fmt: skip
            assert auditor.get(reverse("audit_record", args=[slug, key])).status_code == 404, slug

    def test_nothing_secret_stands_in_a_version(self) -> None:
        kept = {field.name for model in histories().values() for field in model.history.model._meta.fields}  # type: ignore[attr-defined]
        assert not {name for name in kept if "password" in name or "sealed" in name or "token" in name}

    def test_a_night_and_a_sign_in_leave_no_version(self) -> None:
        client, user = make_client("AAA"), make_user(Role.COLLECTOR)
        client.book_date = clock.today()
        client.save(update_fields=["book_date"])
        signed_in(user)
        assert (client.history.count(), user.history.count()) == (1, 1)  # type: ignore[attr-defined]
        client.terms_days = 5
        client.save(update_fields=["book_date", "terms_days"])
        assert client.history.count() == 2

    def test_versions_and_events_are_told_by_one_clock(self) -> None:
        with clock.at(clock.now().replace(year=2025)):
            client = make_client("AAA")
        event = AuditEvent.objects.get(action="client.created")
        version = client.history.get()
        assert abs((version.history_date - event.at).total_seconds()) < 5

    def test_no_code_of_ours_writes_past_the_versions(self) -> None:
        """``QuerySet.update``, ``bulk_create`` and the like leave no version behind."""
        kept = {model.__name__ for model in histories().values()}
        past = {"update", "bulk_create", "bulk_update", "delete", "update_or_create"}

        def root(node: ast.AST) -> str:
            while isinstance(node, (ast.Call, ast.Attribute)):
                node = node.func if isinstance(node, ast.Call) else node.value
            return node.id if isinstance(node, ast.Name) else ""

        def writes(path: Path) -> Iterator[str]:
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in past
                    and root(node.func.value) in kept
                ):
                    yield f"{path.relative_to(settings.BASE_DIR)}:{root(node.func.value)}.{node.func.attr}"

        apps_ = ["accounts", "parties", "clients", "collections_app", "legal", "credit", "complaints", "reporting"]
        ours = [
            path
            for app in (*apps_, "common")
            for path in (settings.BASE_DIR / app).rglob("*.py")
            if not {"tests", "migrations"} & set(path.parts)
        ]
        found = {line for path in ours for line in writes(path)}
        # The matrix as shipped: its first version is the code's own.
        assert found == {"common/approvals.py:AuthorityLimit.bulk_create"}


class TestLooks:
    def test_a_portal_page_of_one_thing_is_written_down_before_it_is_shown(self) -> None:
        book = a_book("AAA")
        browser = signed_in(book.reader)
        browser.get(reverse("portal_case", args=[book.case.pk]))
        browser.get(reverse("portal_report_pdf", args=[book.reports[0].pk]))
        browser.get(reverse("portal_figure_csv", args=["AGING"]))
        browser.get(reverse("portal_cases"))
        looks = AccessRecord.objects.filter(user=book.reader).order_by("pk")
        assert [look.what for look in looks] == ["portal_case", "portal_report_pdf", "portal_figure_csv"]
        assert looks[0].subject_id == book.case.pk
        assert looks[2].why.startswith("AGING")

    def test_a_table_that_leaves_the_house_is_written_down(self) -> None:
        client, manager = make_client("AAA"), make_user(Role.COLLECTIONS_MANAGER)
        address = reverse("figure_xlsx", args=["COLLECTED"])
        assert signed_in(manager).get(address, {"client": client.pk}).status_code == 200
        signed_in(manager).get(reverse("figure_rows", args=["COLLECTED"]))
        look = AccessRecord.objects.get()
        assert (look.user, look.what, look.why) == (manager, "file.figure_xlsx", f"client={client.pk}")

    def test_the_log_is_filtered_by_person_side_what_and_day(self) -> None:
        book, auditor = a_book("AAA"), make_user(Role.AUDITOR)
        signed_in(book.reader).get(reverse("portal_case", args=[book.case.pk]))
        signed_in(book.collector).post(reverse("case_reveal", args=[book.case.pk]))
        browser = signed_in(auditor)

        def found(**query: str) -> set[str]:
            return {look.what for look in browser.get(reverse("audit_access"), query).context["page"]}

        assert {"portal_case", "case.reveal", "audit.audit_access"} <= found()
        assert found(side="PORTAL") == {"portal_case"}
        assert found(person=book.collector.email) == {"case.reveal"}
        assert found(what="reveal") == {"case.reveal"}
        assert found(subject=str(book.case.pk), side="HOUSE") == {"case.reveal"}
        assert found(to="2001-01-01") == set()
        assert found(side="NOWHERE", subject="x") >= {"portal_case"}


class TestWhoApprovedAndSigned:
    def test_decisions_stand_with_who_prepared_in_whose_place_and_the_digest(self) -> None:
        client, manager = make_client("AAA"), make_user(Role.COLLECTIONS_MANAGER)
        deputy, collector = make_user(Role.TEAM_LEADER), make_user(Role.COLLECTOR)
        a_delegation(manager, deputy)
        request = an_escalation(a_case(client, owner=collector), by=collector)
        other = an_escalation(a_case(client, ref="D-2", owner=collector), by=collector)
        escalation_decide(user=deputy, request=request, decision="APPROVED", digest=request.digest)
        browser = signed_in(make_user(Role.AUDITOR))
        shown = page(browser.get(reverse("audit_approvals")))
        assert request.digest[:16] in shown
        assert deputy.name in shown
        assert manager.name in shown

        def found(**query: str) -> set[int]:
            return {row.subject_id for row in browser.get(reverse("audit_approvals"), query).context["page"]}

        assert found() == {request.pk, other.pk}
        assert found(delegated="1") == {request.pk}
        assert found(person=deputy.email) == found(person=manager.email) == {request.pk}
        assert found(kind="ESCALATION") == {request.pk, other.pk}
        assert found(kind="SIGNATORY") == found(status="VOID") == found(client="1000000") == set()
        lines = as_csv(browser.get(reverse("audit_file", args=["approvals", "csv"])))
        decided = next(line for line in lines if line["decision"])
        assert (decided["by"], decided["in_place_of"]) == (deputy.name, manager.name)
        assert decided["digest_read"] == request.digest

    def test_a_signature_says_who_by_what_power_and_of_exactly_what(self) -> None:
        book = a_book("AAA")
        signed = book.authorisation
        browser = signed_in(make_user(Role.AUDITOR))
        shown = page(browser.get(reverse("audit_signatures")))
        for wanted in (signed.number, signed.document_hash[:16], signed.request.digest[:16], book.signatory.name):
            assert wanted in shown
        assert reverse("authorisation", args=[signed.pk]) in shown
        line = as_csv(browser.get(reverse("audit_file", args=["signatures", "csv"])))[0]
        assert (line["digest"], line["document_sha256"]) == (signed.request.digest, signed.document_hash)
        for query, count in (({"q": signed.document_hash[:10]}, 1), ({"q": "zz"}, 0), ({"person": "nobody"}, 0)):
            assert len(browser.get(reverse("audit_signatures"), query).context["page"]) == count


class TestVerifications:
    def test_a_broken_chain_is_kept_as_broken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        make_client("AAA")
        audit.seal()
        event = AuditEvent.objects.earliest("pk")
        assert audit.verify().ok
        auditor = make_user(Role.AUDITOR)
        kept = AuditVerification(asked_by=auditor, asked_at=clock.now())
        kept.save()
        found = audit.Verdict(checked=0, bad_seq=1, bad_event=event.pk, reason="body")
        monkeypatch.setattr(audit, "verify", lambda: found)
        verification_do(verification_id=kept.pk)
        shown = page(signed_in(auditor).get(reverse("audit_verifications")))
        assert f"{event.pk}" in shown
        kept.refresh_from_db()
        assert (kept.state, kept.bad_event) == ("BROKEN", event.pk)

    def test_a_result_stands(self) -> None:
        auditor = make_user(Role.AUDITOR)
        found = verification_do(verification_id=verification_begin(user=auditor).pk)
        assert (found.state, verification_waits()) == ("HOLDS", False)
        assert verification_do(verification_id=found.pk).ended_at == found.ended_at, "a second run changes nothing"
        for act in (lambda rows: rows.update(state="BROKEN"), lambda rows: rows.delete()):
            with pytest.raises(IntegrityError), transaction.atomic():
                act(AuditVerification.objects.filter(pk=found.pk))

    def test_a_long_chain_is_left_to_a_worker_and_a_lost_one_is_handed_out_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_client("AAA")
        audit.seal()
        monkeypatch.setattr(verifications, "AT_ONCE", 0)
        auditor = make_user(Role.AUDITOR)
        handed: list[int] = []
        monkeypatch.setattr("reporting.tasks.verify_task.delay", handed.append)
        signed_in(auditor).post(reverse("audit_verify"))
        found = AuditVerification.objects.get()
        assert (found.state, handed) == ("RUNNING", [found.pk])
        assert verifications_lost(now=clock.now()) == []
        with clock.at(clock.now() + verifications.LOST_AFTER * 2):
            assert verifications_lost(now=clock.now()) == [found.pk]
        with clock.at(clock.now() + verifications.LOST_AFTER * 2):
            assert verify_sweep_task() == 1
        assert handed == [found.pk] * 2
        browser = signed_in(auditor)
        running = page(browser.get(reverse("audit_verifications"), headers={"HX-Request": "true"}))
        assert "hx-trigger" in running
        verification_do(verification_id=found.pk)
        assert "hx-trigger" not in page(browser.get(reverse("audit_verifications"), headers={"HX-Request": "true"}))


class TestFiles:
    @pytest.mark.parametrize("what", WHAT)
    def test_each_list_leaves_as_text_and_as_a_workbook_alike(self, what: str) -> None:
        a_book("AAA")
        auditor = make_user(Role.AUDITOR)
        verification_begin(user=auditor)
        browser = signed_in(auditor)
        text = as_csv(browser.get(reverse("audit_file", args=[what, "csv"])))
        book = as_book(browser.get(reverse("audit_file", args=[what, "xlsx"])))
        assert list(text[0]) == list(book[0])
        # Asking for the log leaves a line in it.
        assert len(book) - 1 == len(text) + (what == "access")
        assert browser.get(reverse("audit_file", args=[what, "exe"])).status_code == 404
        assert browser.get(reverse("audit_file", args=["passwords", "csv"])).status_code == 404

    def test_formulas_leave_as_text(self) -> None:
        team = Team(name_ar='=HYPERLINK("http://evil")', name_en="@SUM(A1)")
        team.save()
        browser = signed_in(make_user(Role.AUDITOR))
        rows = as_csv(browser.get(reverse("audit_file", args=["history", "csv"]) + "?model=accounts-team"))
        assert {row["after"][:2] for row in rows} == {"'=", "'@"}
        cells = [cell for row in as_book(browser.get(
            reverse("audit_file", args=["history", "xlsx"]) + "?model=accounts-team")) for cell in row]  # fmt: skip
        assert not [cell for cell in cells if str(cell).startswith(("=", "@"))]

    def test_an_auditor_writes_nothing_but_the_verification(self) -> None:
        book = a_book("AAA")
        auditor = make_user(Role.AUDITOR)
        browser = signed_in(auditor)
        before = AuditEvent.objects.count()
        for name in ("audit", "audit_events", "audit_history", "audit_access", "audit_approvals", "audit_signatures"):
            assert browser.get(reverse(name)).status_code == 200
        assert browser.get(reverse("audit_record", args=["clients-client", book.client.pk])).status_code == 200
        assert AuditEvent.objects.count() == before
        browser.post(reverse("audit_verify"))
        written = AuditEvent.objects.filter(actor_id=auditor.pk).exclude(action__startswith="user.")
        assert set(written.values_list("action", flat=True)) == {"audit.verification_asked", "audit.verified"}
        with connection.cursor() as cursor:
            cursor.execute("SELECT has_table_privilege(current_user, 'accounts_accessrecord', 'DELETE')")
            assert cursor.fetchone() == (False,)
