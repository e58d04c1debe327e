"""The database has the last word: who may touch what, and whose rows are whose."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction
from django.db.utils import IntegrityError, InternalError, ProgrammingError

from accounts.choices import Role
from collections_app.choices import CaseStatus
from collections_app.models import Case, LedgerEntry
from collections_app.services.ledger import payment_post, payment_reverse
from collections_app.services.life import case_end
from common import clock
from common.access import (
    APPEND_ONLY,
    PORTAL_READABLE,
    PORTAL_SHARED,
    SHARED_TABLES,
    apply_database_access,
    portal_scope,
    read_only,
)
from complaints.services.answer_packs import pack_make
from complaints.tests.dispute_worlds import a_dispute, notified
from complaints.tests.worlds import a_matter
from tests.world import ACTOR, a_book, a_case, make_client, make_user

DJANGO_OWN = ("django_", "auth_", "account_", "mfa_", "axes_")


def query(sql: str, *params: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def query_nothing(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
def test_policies_name_their_roles_and_the_portals_rights_are_the_declared_ones() -> None:
    app, owner, portal = (settings.DATABASE_ROLES[name] for name in ("app", "owner", "portal"))
    policies = query("SELECT tablename, policyname, roles::text[], cmd, qual FROM pg_policies ORDER BY 1, 2")
    protected = {table for table, *_rest in policies}
    assert {apps.get_model(label)._meta.db_table for label in PORTAL_READABLE} <= protected
    for table, name, roles, verb, condition in policies:
        if name == "portal_rows":
            assert (roles, verb) == ([portal], "SELECT"), table
            assert "mithaq.client_id" in str(condition), table
        else:
            assert (name, sorted(roles)) == ("house_rows", sorted([app, owner])), table  # type: ignore[call-overload]
    assert len(policies) == 2 * len(protected)
    granted = query(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = %s", portal
    )
    readable = {apps.get_model(label)._meta.db_table for label in (*PORTAL_READABLE, *PORTAL_SHARED)}
    assert set(granted) == {(table, "SELECT") for table in readable}


@pytest.mark.django_db
@pytest.mark.requirement("PL-50")
def test_the_application_owns_nothing_and_has_no_power() -> None:
    user, superuser, bypass = query(
        "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )[0]
    assert (user, superuser, bypass) == (settings.DATABASE_ROLES["app"], False, False)
    assert query("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")[0][0] == 0
    assert query("SELECT pg_has_role(current_user, 'mithaq_owner', 'MEMBER')")[0][0] is False


@pytest.mark.django_db
@pytest.mark.parametrize("label", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE"])
def test_append_only_tables_take_no_other_verb(label: str, verb: str) -> None:
    meta = apps.get_model(label)._meta
    table, column = meta.db_table, meta.pk.column
    sql = {
        "UPDATE": f"UPDATE {table} SET {column} = {column}",
        "DELETE": f"DELETE FROM {table}",
        "TRUNCATE": f"TRUNCATE {table}",
    }
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        query(sql[verb])


@pytest.mark.django_db
def test_every_table_belongs_to_a_client_or_stands_on_the_shared_list() -> None:
    rows = query(
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, EXISTS (SELECT 1 FROM pg_attribute a WHERE "
        "a.attrelid = c.oid AND a.attname = 'client_id' AND NOT a.attisdropped) "
        "FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
    )
    stray = [t for t, _s, owned in rows if not owned and t not in SHARED_TABLES and not str(t).startswith(DJANGO_OWN)]
    assert stray == []
    assert [t for t, secured, owned in rows if owned and not secured] == []
    assert len(rows) > 30


@pytest.mark.django_db
def test_copy_goes_to_staging_only() -> None:
    with (
        pytest.raises((DatabaseError, psycopg.errors.FeatureNotSupported)),
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy("COPY collections_app_ledgerentry (client_id) FROM STDIN") as copy,
    ):
        copy.write_row((1,))


@pytest.mark.django_db(transaction=True)
def test_what_reads_only_cannot_write() -> None:
    with pytest.raises(InternalError, match="read-only"), read_only():
        make_client("AAA")
    assert make_client("AAA").pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("DC-08")
class TestPortalRows:
    """Committed rows of two clients; each table is shown to hold A's own first, and to leak when its policy is gone."""

    def _world(self) -> tuple[int, int]:
        ids = []
        for code in ("AAA", "BBB"):
            client = make_client(code)
            a_case(client, ref=f"{code}-1")
            ids.append(client.pk)
        return ids[0], ids[1]

    def _seen(self, table: str, client_id: int, column: str = "client_id") -> set[object]:
        with portal_scope(client_id=client_id):
            return {row[0] for row in query(f"SELECT DISTINCT {column} FROM {table}")}

    def test_each_policy_holds_and_is_what_holds(self) -> None:
        whole = [a_book("AAA"), a_book("BBB")]
        books = [book.client for book in whole]
        officer = make_user(Role.BUREAU_OFFICER)
        for book in whole:
            a_matter(client=book.client)
            back = payment_post(
                actor=ACTOR, case=book.case, amount=Decimal("1.00"), currency="SAR", value_on=clock.today(),
                reference="BACK",
            )  # fmt: skip
            payment_reverse(actor=ACTOR, payment=back, on=clock.today(), reason="شيك مرتجع")
            dispute = a_dispute(book.case, by=officer)
            gone = a_case(book.client, ref="X-9")
            case_end(actor=ACTOR, case=gone, end=CaseStatus.RECALLED, on=clock.today(), reason="طلب الجهة")
            pack_make(user=officer, dispute=notified(dispute), stand="CORRECT", words="العقد يثبته", at=clock.now())
        a, b = (client.pk for client in books)
        assert len(PORTAL_READABLE) >= 14
        for label in PORTAL_READABLE:
            table = apps.get_model(label)._meta.db_table
            column = "id" if label == "clients.Client" else "client_id"
            assert self._seen(table, a, column) == {a}, label
            assert self._seen(table, b, column) == {b}, label
            with connections["owner"].cursor() as owner:
                owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
                assert self._seen(table, a, column) == {a, b}, f"{label}: another thing than the policy holds"
                owner.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
                owner.execute(f"DROP POLICY portal_rows ON {table}")
                assert self._seen(table, a, column) == set(), f"{label}: shown without a policy"
                apply_database_access(using=connections["owner"])
            assert self._seen(table, a, column) == {a}, label

    def test_without_a_client_nothing_is_shown(self) -> None:
        self._world()
        with transaction.atomic():
            query_nothing(f"SET LOCAL ROLE {settings.DATABASE_ROLES['portal']}")
            assert query("SELECT count(*) FROM collections_app_case")[0][0] == 0

    def test_the_portal_reads_the_declared_tables_only_and_writes_none(self) -> None:
        a, _b = self._world()
        readable = {apps.get_model(label)._meta.db_table for label in PORTAL_READABLE}
        with portal_scope(client_id=a):
            assert query("SELECT current_user")[0][0] == settings.DATABASE_ROLES["portal"]
        for table in ("accounts_user", "common_auditevent", "parties_party", "collections_app_contactpoint"):
            assert table not in readable
            with pytest.raises(ProgrammingError), portal_scope(client_id=a):
                query(f"SELECT 1 FROM {table}")
        with pytest.raises(ProgrammingError), portal_scope(client_id=a):
            query("UPDATE collections_app_case SET balance = 0")

    def test_the_role_is_given_back_also_inside_a_savepoint(self) -> None:
        a, _b = self._world()
        with transaction.atomic():
            with portal_scope(client_id=a):
                assert Case.objects.count() == 1
            assert query("SELECT current_user")[0][0] == settings.DATABASE_ROLES["app"]
            assert Case.objects.count() == 2

    def test_rights_can_be_applied_again_while_others_work(self) -> None:
        a, _b = self._world()
        with transaction.atomic(using="owner"):
            apply_database_access(using=connections["owner"])
            with connections["owner"].cursor() as owner:
                owner.execute(
                    "SELECT relation::regclass::text FROM pg_locks WHERE pid = pg_backend_pid()"
                    " AND locktype = 'relation' AND mode = 'AccessExclusiveLock'"
                )
                assert owner.fetchall() == []
        assert self._seen("collections_app_case", a) == {a}


@pytest.mark.django_db
def test_a_row_never_hangs_on_another_clients_row() -> None:
    one, two = make_client("AAA"), make_client("BBB")
    case, other = a_case(one, ref="X-1"), a_case(two, ref="Y-1")
    entry = LedgerEntry.objects.filter(client=one).get()
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.create(
            client=two, receivable=entry.receivable, kind="CHARGE", amount=1, currency="SAR",
            effective_on=entry.effective_on, recorded_at=entry.recorded_at, event_id=1,
        )  # fmt: skip
        query("SET CONSTRAINTS ALL IMMEDIATE")
    assert case.client_id != other.client_id
