"""The same proofs, at less: a payment is proven by one statement, and entries on few receivables by plans that stay.

Where one payment brings one entry, planning took longer than the work. For many receivables statements are planned each
time, as before (ADR 0020): a plan for few would take a file's rows one by one.
"""

from importlib import import_module

from django.db import migrations

FIRST = import_module("collections_app.migrations.0003_ledger_by_trigger")
PAYMENTS = import_module("collections_app.migrations.0011_payments_are_proven")
ENDINGS = import_module("collections_app.migrations.0022_endings")

# So many receivables are few: a plan that stays is made for an array of ten.
FEW = 50


def _planned(sql: str, *, into: str = "", room: str) -> str:
    """A statement about the receivables ``{ids}``, in plpgsql: for few with a plan that stays, else planned now."""
    target = f" INTO {into}" if into else ""
    kept, now = sql.format(ids="wanted", into=target), sql.format(ids="$1", into="")
    lines = f"""
IF cardinality(wanted) <= {FEW} THEN{kept};
ELSE
    EXECUTE $sql${now}$sql${target} USING wanted;
END IF;"""
    return lines.replace("\n", f"\n{room}").lstrip()


_HELD = """
    WITH held AS MATERIALIZED (
        SELECT id, currency FROM collections_app_receivable WHERE id = ANY({ids}) ORDER BY id FOR NO KEY UPDATE
    )
    SELECT count(*), count(*) FILTER (WHERE h.currency <> a.currency){into}
    FROM added a JOIN held h ON h.id = a.receivable_id"""

_BY = "w.day IS NULL OR e.effective_on <= w.day"
_WRITE = f"""
    UPDATE collections_app_receivable r
    SET balance = d.balance, status = d.status, closed_on = d.closed_on,
        next_change_on = CASE WHEN d.status = 'OPEN' AND r.status <> 'OPEN' THEN r.issued_on ELSE r.next_change_on END
    FROM (
        SELECT w.id, s.balance,
               CASE WHEN s.balance <> 0 OR s.latest IS NULL THEN 'OPEN'
                    WHEN s.ends THEN receivable_closing(w.id, w.day)
                    ELSE 'PAID' END AS status,
               CASE WHEN s.balance = 0 AND s.moved THEN receivable_closed(w.id, w.day)
                    WHEN s.balance = 0 THEN s.latest END AS closed_on
        FROM (
            SELECT r.id, c.book_date AS day
            FROM collections_app_receivable r JOIN clients_client c ON c.id = r.client_id
            WHERE r.id = ANY({{ids}})
        ) w
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(e.amount) FILTER (WHERE {_BY}), 0) AS balance,
                   max(e.effective_on) FILTER (WHERE {_BY}) AS latest,
                   coalesce(bool_or(e.kind IN ('WRITE_OFF', 'SETTLEMENT_DISCOUNT', 'WITHDRAWAL'))
                            FILTER (WHERE {_BY}), false) AS ends,
                   coalesce(bool_or(e.kind NOT IN ('CHARGE', 'PAYMENT', 'PRIOR_PAYMENT'))
                            FILTER (WHERE {_BY}), false) AS moved
            FROM collections_app_ledgerentry e WHERE e.receivable_id = w.id
        ) s
    ) d
    WHERE r.id = d.id AND (r.balance, r.status, r.closed_on) IS DISTINCT FROM (d.balance, d.status, d.closed_on)"""

LEDGER_APPLY = f"""
CREATE OR REPLACE FUNCTION ledger_apply() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    low bigint;
    high bigint;
    total bigint;
    known bigint := 0;
    foreigners bigint := 0;
    wanted bigint[];
    alone boolean := false;
BEGIN
    SELECT count(*), min(receivable_id), max(receivable_id) INTO total, low, high FROM added;
    IF total = 0 THEN
        RETURN NULL;
    END IF;
    -- The book does not move between the reading of its date and our commit.
    PERFORM 1 FROM clients_client WHERE id IN (SELECT client_id FROM added) ORDER BY id FOR SHARE;
    LOOP
        -- Held first and summed by a later statement, which sees what others wrote on them meanwhile. The ids go as
        -- an array, whose length the planner knows: of a transition table it knows no more than its rows.
        IF EXISTS (SELECT FROM collections_app_receivable WHERE id BETWEEN low AND high) THEN
            wanted := ARRAY(SELECT DISTINCT receivable_id FROM added);
            {_planned(_HELD, into="known, foreigners", room="            ")}
        END IF;
        EXIT WHEN known = total OR alone;
        -- Entries before their receivable, as imports write them: nobody else may be bringing that receivable now.
        PERFORM pg_advisory_xact_lock(x'494d5054'::int, k.client_id::int)
        FROM (SELECT DISTINCT client_id FROM added ORDER BY client_id) k;
        alone := true;
    END LOOP;
    IF foreigners > 0 THEN
        RAISE EXCEPTION 'ledger entry in another currency than its receivable' USING ERRCODE = 'check_violation';
    END IF;
    IF known > 0 THEN
        {_planned(_WRITE, room="        ")}
    END IF;
    RETURN NULL;
END $$;
"""
LEDGER_APPLY_BEFORE = ENDINGS._functions(computed=True).split("\nCREATE OR REPLACE FUNCTION receivable_proven")[0]

# ``of``: the payment's id in the row that was written.
_PROVEN = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    p record;
BEGIN
    SELECT y.amount, y.reversed_amount, y.suspense, e.allocated, e.foreigner INTO p
    FROM collections_app_payment y CROSS JOIN LATERAL (
        SELECT coalesce(-sum(amount), 0) AS allocated, bool_or(currency <> y.currency) AS foreigner
        FROM collections_app_ledgerentry WHERE payment_id = y.id
    ) e
    WHERE y.id = {of} AND (e.foreigner OR y.amount - y.reversed_amount <> e.allocated + y.suspense);
    IF p.foreigner THEN
        RAISE EXCEPTION 'payment % allocated in another currency', {of} USING ERRCODE = 'check_violation';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'payment %: amount % less % taken back is not allocations % plus suspense %',
            {of}, p.amount, p.reversed_amount, p.allocated, p.suspense USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
"""
PROVEN = (
    _PROVEN.format(name="payment_proven_row", of="NEW.id")
    + _PROVEN.format(name="entry_payment_proven_row", of="NEW.payment_id")
    + "DROP FUNCTION payment_proven(bigint);"
)
_ROWS = FIRST.PAYMENT_PROVEN.split("CREATE FUNCTION payment_proven_row")[1].split("CREATE CONSTRAINT")[0]
PROVEN_BEFORE = PAYMENTS.PROVEN.replace("{taken}", "p.reversed_amount") + (
    f"CREATE FUNCTION payment_proven_row{_ROWS}".replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
)


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0061_references_of_wrong_files")]

    operations = [migrations.RunSQL(LEDGER_APPLY + PROVEN, LEDGER_APPLY_BEFORE + PROVEN_BEFORE)]
