"""What is told late marks its days, in the transaction that tells it: by trigger, since a mark that some path forgets is a
figure that stays wrong.

A line of the ledger on a closed day is written down by itself, so that the stock of that day and of all since is moved by
it alone. Lines are written under the client's lock (``ledger_apply``), which whoever closes a day takes against them: a
line that does not see a day closed is counted by who closes it. All else marks its day, closed or not.
"""

from django.db import migrations

AS_WRITER = "LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp"
DAY = "({at} AT TIME ZONE 'Asia/Riyadh')::date"
CLOSED_ON = """(SELECT d."on" FROM reporting_countedday d WHERE d.client_id = {client} AND d.closed
               ORDER BY d."on" DESC LIMIT 1)"""

LEDGER_LATE = f"""
CREATE FUNCTION ledger_late() RETURNS trigger {AS_WRITER} AS $$
BEGIN
    INSERT INTO reporting_lateentry (client_id, entry_id, "on")
    SELECT a.client_id, a.id, a.effective_on
    FROM (SELECT k.client_id, {CLOSED_ON.format(client="k.client_id")} AS closed_on
          FROM (SELECT DISTINCT client_id FROM added) k) c
    JOIN added a ON a.client_id = c.client_id AND a.effective_on <= c.closed_on;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION ledger_late() FROM PUBLIC;
-- After ``ledger_apply``, which holds the client.
CREATE TRIGGER ledger_late AFTER INSERT ON collections_app_ledgerentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_late();
"""

# Table, act, and what it says: client, day, and whether from that day on the stock itself lies elsewhere.
MARKS = (
    ("contactattempt", "INSERT", f"SELECT client_id, {DAY.format(at='at')}, false FROM added"),
    (
        # And the promises that the money may keep.
        "payment",
        "INSERT",
        """SELECT client_id, value_on, false FROM added
    UNION SELECT p.client_id, p.due_on, false FROM added y JOIN collections_app_promise p
        ON p.case_id = y.case_id AND p.currency = y.currency AND y.value_on BETWEEN p.made_on AND p.due_on""",
    ),
    (
        "paymentreversal",
        "INSERT",
        """SELECT y.client_id, y.value_on, false FROM added v JOIN collections_app_payment y ON y.id = v.payment_id
    UNION SELECT p.client_id, p.due_on, false FROM added v JOIN collections_app_payment y ON y.id = v.payment_id
        JOIN collections_app_promise p
        ON p.case_id = y.case_id AND p.currency = y.currency AND y.value_on BETWEEN p.made_on AND p.due_on""",
    ),
    (
        "promise",
        "INSERT",
        "SELECT client_id, made_on, false FROM added UNION SELECT client_id, due_on, false FROM added",
    ),
    (
        "promise",
        "UPDATE",
        """SELECT n.client_id, n.due_on, false FROM added n JOIN removed o ON o.id = n.id
    WHERE (n.status = 'CANCELLED') <> (o.status = 'CANCELLED')""",
    ),
    ("case", "INSERT", "SELECT client_id, placed_on, false FROM added"),
    ("caseassignment", "INSERT", 'SELECT client_id, "on", true FROM added'),
    (
        # A stage is entered on the book's own day, under the client's lock: on a closed one only between two steps of
        # a night.
        "stagetransition",
        "INSERT",
        f"""SELECT t.client_id, t."on", true FROM (SELECT DISTINCT client_id, "on" FROM added) t
    WHERE t."on" <= {CLOSED_ON.format(client="t.client_id")}""",
    ),
)
_MATTER = f"SELECT client_id, {DAY.format(at='received_at')}, false FROM {{of}} WHERE client_id IS NOT NULL"
_MOVED = f"""SELECT x.client_id, {DAY.format(at="x.received_at")}, false
    FROM added n JOIN removed o ON o.id = n.id
    CROSS JOIN LATERAL (VALUES (n.client_id, n.received_at), (o.client_id, o.received_at)) x (client_id, received_at)
    WHERE x.client_id IS NOT NULL
      AND (n.client_id, n.case_id, n.kind) IS DISTINCT FROM (o.client_id, o.case_id, o.kind)"""


def marking(*, table: str, act: str, says: str) -> migrations.RunSQL:
    """The trigger by which an act on a table marks days."""
    name = f"{table.rsplit('_', 1)[-1]}_{'told' if act == 'INSERT' else 'told_otherwise'}"
    old = "OLD TABLE AS removed " if act == "UPDATE" else ""
    return migrations.RunSQL(
        sql=f"""
CREATE FUNCTION {name}() RETURNS trigger {AS_WRITER} AS $$
BEGIN
    INSERT INTO reporting_touchedday (client_id, "on", stock)
    SELECT DISTINCT s.* FROM ({says}) s;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION {name}() FROM PUBLIC;
CREATE TRIGGER {name} AFTER {act} ON {table} REFERENCING {old}NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION {name}();
""",
        reverse_sql=f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0072_systems_of_disputes"),
        ("collections_app", "0110_who_held_a_case_when"),
        ("complaints", "0050_silence_taken_back"),
        ("reporting", "0030_days"),
    ]

    operations = [
        migrations.RunSQL(
            sql=LEDGER_LATE,
            reverse_sql="DROP TRIGGER ledger_late ON collections_app_ledgerentry; DROP FUNCTION ledger_late();",
        ),
        *(marking(table=f"collections_app_{table}", act=act, says=says) for table, act, says in MARKS),
        marking(table="complaints_matter", act="INSERT", says=_MATTER.format(of="added")),
        marking(table="complaints_matter", act="UPDATE", says=_MOVED),
    ]
