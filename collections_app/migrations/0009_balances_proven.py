"""The database alone writes balances: the full sum of a receivable's entries, never a step from what stood before.

The functions run as the owner; the application has no right to write a balance (``common.access.FIXED_COLUMNS``).
Statements over what was inserted are planned anew each time (EXECUTE): a plan made for one payment would take a million
rows of a file one by one, and one made for the file would read the whole book for a payment.
"""

from importlib import import_module

from django.db import migrations

from common.db import never_nan

BEFORE = import_module("collections_app.migrations.0006_every_move_and_the_true_closing")

# What the entries of a receivable valued by the book's date say of it. ``ends`` and ``moved`` spare the closer look where
# nothing but charges and money came.
_SAYS = """
       coalesce(sum(e.amount) FILTER (WHERE {by}), 0) AS balance,
       max(e.effective_on) FILTER (WHERE {by}) AS latest,
       coalesce(bool_or(e.kind IN ('WRITE_OFF', 'SETTLEMENT_DISCOUNT')) FILTER (WHERE {by}), false) AS ends,
       coalesce(bool_or(e.kind NOT IN ('CHARGE', 'PAYMENT', 'PRIOR_PAYMENT')) FILTER (WHERE {by}), false) AS moved"""
_STATUS = """
       CASE WHEN {of}.status = 'WITHDRAWN' THEN {of}.status
            WHEN s.balance <> 0 OR s.latest IS NULL THEN 'OPEN'
            WHEN s.ends THEN receivable_closing({of}.id, {day})
            ELSE 'PAID' END"""
_CLOSED_ON = """
       CASE WHEN {of}.status = 'WITHDRAWN' THEN {of}.closed_on
            WHEN s.balance = 0 AND s.moved THEN coalesce(receivable_closed({of}.id, {day}), s.latest)
            WHEN s.balance = 0 THEN s.latest END"""

# ``wanted``: id, status, closed_on, day. A reopened receivable is looked at by the next night, whatever it waited for.
_WRITE = f"""
UPDATE collections_app_receivable r
SET balance = d.balance, status = d.status, closed_on = d.closed_on,
    next_change_on = CASE WHEN {{looked_at}} THEN r.issued_on ELSE r.next_change_on END
FROM (
    SELECT w.id, s.balance,{_STATUS.format(of="w", day="w.day")} AS status,{_CLOSED_ON.format(of="w", day="w.day")} AS closed_on
    FROM ({{wanted}}) w
    CROSS JOIN LATERAL (
        SELECT{_SAYS.format(by="w.day IS NULL OR e.effective_on <= w.day")}
        FROM collections_app_ledgerentry e WHERE e.receivable_id = w.id
    ) s
) d
WHERE r.id = d.id
  AND ((r.balance, r.status, r.closed_on) IS DISTINCT FROM (d.balance, d.status, d.closed_on) OR {{also}})
"""

_AS_OWNER = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"

CLOSING = """
-- How a receivable of which nothing is owed came to its end; what was taken back does not count.
CREATE FUNCTION receivable_closing(receivable bigint, day date) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE
        WHEN coalesce(sum(e.amount) FILTER (WHERE coalesce(o.kind, e.kind) = 'WRITE_OFF'), 0) <> 0 THEN 'WRITTEN_OFF'
        WHEN coalesce(sum(e.amount) FILTER (WHERE coalesce(o.kind, e.kind) = 'SETTLEMENT_DISCOUNT'), 0) <> 0
            THEN 'SETTLED'
        ELSE 'PAID' END
    FROM collections_app_ledgerentry e LEFT JOIN collections_app_ledgerentry o ON o.id = e.reverses_id
    WHERE e.receivable_id = receivable AND (day IS NULL OR e.effective_on <= day)
$$;
REVOKE ALL ON FUNCTION receivable_closing(bigint, date) FROM PUBLIC;

-- The day from which on nothing was owed: the last one that changed anything in sum. Money that was moved away and the
-- correction of it, on one day, change nothing.
CREATE FUNCTION receivable_closed(receivable bigint, day date) RETURNS date LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT max(changed.effective_on) FROM (
        SELECT e.effective_on FROM collections_app_ledgerentry e
        WHERE e.receivable_id = receivable AND (day IS NULL OR e.effective_on <= day)
        GROUP BY e.effective_on HAVING sum(e.amount) <> 0
    ) changed
$$;
REVOKE ALL ON FUNCTION receivable_closed(bigint, date) FROM PUBLIC;
"""

_TOUCHED = """
        SELECT r.id, r.status, r.closed_on, c.book_date AS day
        FROM collections_app_receivable r JOIN clients_client c ON c.id = r.client_id
        WHERE r.id BETWEEN $1 AND $2 AND r.id IN (SELECT receivable_id FROM added)"""

LEDGER_APPLY = f"""
CREATE OR REPLACE FUNCTION ledger_apply() RETURNS trigger {_AS_OWNER} AS $$
DECLARE
    low bigint;
    high bigint;
    total bigint;
    known bigint;
    foreigners bigint;
    alone boolean := false;
BEGIN
    SELECT count(*), min(receivable_id), max(receivable_id) INTO total, low, high FROM added;
    IF total = 0 THEN
        RETURN NULL;
    END IF;
    -- The book does not move between the reading of its date and our commit.
    PERFORM 1 FROM clients_client WHERE id IN (SELECT client_id FROM added) ORDER BY id FOR SHARE;
    LOOP
        -- Held first and summed by a later statement, which sees what others wrote on them meanwhile.
        EXECUTE $sql$
            WITH held AS MATERIALIZED (
                SELECT id, currency FROM collections_app_receivable
                WHERE id BETWEEN $1 AND $2 AND id IN (SELECT receivable_id FROM added)
                ORDER BY id FOR NO KEY UPDATE
            )
            SELECT count(*), count(*) FILTER (WHERE h.currency <> a.currency)
            FROM added a JOIN held h ON h.id = a.receivable_id
        $sql$ INTO known, foreigners USING low, high;
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
        EXECUTE $sql${
    _WRITE.format(wanted=_TOUCHED, looked_at="d.status = 'OPEN' AND r.status <> 'OPEN'", also="false")
}$sql$ USING low, high;
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION ledger_apply() FROM PUBLIC;
"""

RECEIVABLE_PROVEN = f"""
CREATE FUNCTION receivable_proven() RETURNS trigger {_AS_OWNER} AS $$
DECLARE
    low bigint;
    high bigint;
    wrong bigint;
BEGIN
    SELECT min(id), max(id) INTO low, high FROM added;
    IF low IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM clients_client WHERE id IN (SELECT client_id FROM added) ORDER BY id FOR SHARE;
    PERFORM pg_advisory_xact_lock(x'494d5054'::int, k.client_id::int)
    FROM (SELECT DISTINCT client_id FROM added ORDER BY client_id) k;
    EXECUTE $sql$
        SELECT s.id FROM (
            SELECT a.id, a.balance AS told, a.status, a.closed_on, c.book_date,
                   coalesce(bool_or(e.currency <> a.currency), false) AS foreigner,{
    _SAYS.format(by="c.book_date IS NULL OR e.effective_on <= c.book_date")
}
            FROM added a
            JOIN clients_client c ON c.id = a.client_id
            LEFT JOIN collections_app_ledgerentry e ON e.receivable_id = a.id AND e.receivable_id BETWEEN $1 AND $2
            GROUP BY a.id, a.balance, a.status, a.closed_on, c.book_date
        ) s
        WHERE s.foreigner OR s.told <> s.balance
           OR s.status <>{_STATUS.format(of="s", day="s.book_date")}
           OR s.closed_on IS DISTINCT FROM{_CLOSED_ON.format(of="s", day="s.book_date")}
        LIMIT 1
    $sql$ INTO wrong USING low, high;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'receivable % is not what its entries by the book date say', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION receivable_proven() FROM PUBLIC;
CREATE TRIGGER receivable_proven AFTER INSERT ON collections_app_receivable
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION receivable_proven();
"""

_OF_THE_BOOK = """
        SELECT r.id, r.status, r.closed_on, $2 AS day FROM collections_app_receivable r WHERE r.client_id = $1"""
_DUE = """
        SELECT r.id, r.status, r.closed_on, $3 AS day FROM collections_app_receivable r
        WHERE r.client_id = $1 AND r.id IN (
            SELECT e.receivable_id FROM collections_app_ledgerentry e
            WHERE e.client_id = $1 AND e.effective_on > $2 AND e.effective_on <= $3
        )"""

BOOK = f"""
-- A balance is by the book's own date and no other, whoever calls.
CREATE FUNCTION book_stands_at(client bigint, day date) RETURNS void {_AS_OWNER} AS $$
BEGIN
    PERFORM 1 FROM clients_client WHERE id = client AND book_date = day;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the book of client % does not stand at %', client, day USING ERRCODE = 'check_violation';
    END IF;
END $$;
REVOKE ALL ON FUNCTION book_stands_at(bigint, date) FROM PUBLIC;

-- The first day of a book: what was counted without a date is valued by it. How many receivables it wrote.
CREATE FUNCTION book_open_first(client bigint, day date) RETURNS bigint {_AS_OWNER} AS $$
DECLARE
    written bigint;
BEGIN
    PERFORM book_stands_at(client, day);
    PERFORM 1 FROM collections_app_receivable r WHERE r.client_id = client ORDER BY r.id FOR NO KEY UPDATE;
    EXECUTE $sql${
    _WRITE.format(wanted=_OF_THE_BOOK, looked_at="true", also="r.next_change_on IS DISTINCT FROM r.issued_on")
}$sql$ USING client, day;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END $$;
REVOKE ALL ON FUNCTION book_open_first(bigint, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION book_open_first(bigint, date) TO mithaq_app;

-- Entries whose day has come since ``before``; the cases they are on.
CREATE FUNCTION book_apply(client bigint, before date, day date) RETURNS TABLE (case_id bigint) {_AS_OWNER} AS $$
BEGIN
    PERFORM book_stands_at(client, day);
    EXECUTE $sql$
        SELECT 1 FROM collections_app_receivable r WHERE r.id IN (
            SELECT e.receivable_id FROM collections_app_ledgerentry e
            WHERE e.client_id = $1 AND e.effective_on > $2 AND e.effective_on <= $3
        ) ORDER BY r.id FOR NO KEY UPDATE
    $sql$ USING client, before, day;
    EXECUTE $sql${
    _WRITE.format(wanted=_DUE, looked_at="d.status = 'OPEN' AND r.status <> 'OPEN'", also="false")
}$sql$ USING client, before, day;
    RETURN QUERY EXECUTE $sql$
        SELECT DISTINCT r.case_id FROM collections_app_receivable r WHERE r.id IN (
            SELECT e.receivable_id FROM collections_app_ledgerentry e
            WHERE e.client_id = $1 AND e.effective_on > $2 AND e.effective_on <= $3
        )
    $sql$ USING client, before, day;
END $$;
REVOKE ALL ON FUNCTION book_apply(bigint, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION book_apply(bigint, date, date) TO mithaq_app;
"""

BACK = (
    """
DROP FUNCTION book_apply(bigint, date, date);
DROP FUNCTION book_open_first(bigint, date);
DROP FUNCTION book_stands_at(bigint, date);
DROP TRIGGER receivable_proven ON collections_app_receivable;
DROP FUNCTION receivable_proven();
"""
    + BEFORE._HEAD.replace("{closed}", BEFORE._TRUE)
    + "DROP FUNCTION receivable_closing(bigint, date); DROP FUNCTION receivable_closed(bigint, date);"
)

# numeric(18,2) takes 'NaN' and holds it greater than anything: «amount > 0» lets it through.
MONEY = {
    "authorisation": ("ceiling", "cost_ceiling"),
    "case": ("balance",),
    "escalationrequest": ("ceiling", "cost_ceiling"),
    "ledgerentry": ("amount",),
    "payment": ("amount", "suspense"),
    "promise": ("amount", "paid_amount"),
    "receivable": ("amount", "balance"),
    "stagedrow": ("amount", "open_amount"),
}


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0008_promises_know_when_they_were_told")]

    operations = [
        migrations.RunSQL(CLOSING + LEDGER_APPLY + RECEIVABLE_PROVEN + BOOK, BACK),
        *(never_nan(table=f"collections_app_{table}", columns=columns) for table, columns in MONEY.items()),
    ]
