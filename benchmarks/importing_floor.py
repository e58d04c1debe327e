"""The import as one would write it by hand in SQL for this one layout and an empty client: the floor of the benchmark.

It keeps what must be kept: the same file, every check that the import makes of a cell, of a row and of the file, the
same values sealed under a key per party, the same tables with their indexes, constraints and triggers, one transaction.
It leaves out what an import needs beside that: refusals in words, warnings, rows the book knows, the long way for
unusual cells, progress, the trail.
"""

from __future__ import annotations

import datetime as dt
import time
from itertools import pairwise
from pathlib import Path

from django.db import connection, transaction

from common import clock, crypto

_RAW = """
CREATE TEMPORARY TABLE raw (
    line bigint GENERATED ALWAYS AS IDENTITY, debtor_ref text, debtor_name text, national_id text, mobile text,
    email text, city text, debt_ref text, receivable_ref text, issued_on text, due_on text, amount text,
    open_amount text, paid_on text, disputed text
) ON COMMIT DROP
"""
_COLUMNS = (
    "debtor_ref, debtor_name, national_id, mobile, email, city, debt_ref, receivable_ref, issued_on, due_on, amount, "
    "open_amount, paid_on, disputed"
)
# The digits of Luhn: every second one doubled, its own digits summed.
_LUHN = (
    "("
    + " + ".join(
        f"(substr(national_id, {n}, 1)::int * 2) / 10 + (substr(national_id, {n}, 1)::int * 2) %% 10"
        if n % 2
        else f"substr(national_id, {n}, 1)::int"
        for n in range(1, 11)
    )
    + ") %% 10"
)
_ODD = r"[\x01-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f]"
_DATE = "^(199|20[0-9])[0-9]-[01][0-9]-[0-3][0-9]$"
# A row that any check refuses; the amounts and dates are cast only where their shape allows it.
_WRONG = f"""
SELECT count(*) FROM raw WHERE
    debtor_ref IS NULL OR receivable_ref IS NULL OR due_on IS NULL OR amount IS NULL
    OR length(debtor_ref) > 200 OR length(debtor_name) > 200 OR length(debt_ref) > 200 OR length(receivable_ref) > 200
    OR length(city) > 80
    OR concat_ws(' ', debtor_ref, debtor_name, national_id, mobile, email, city, debt_ref, receivable_ref, issued_on,
                 due_on, amount, open_amount, paid_on, disputed) ~ '{_ODD}'
    OR due_on !~ '{_DATE}' OR issued_on !~ '{_DATE}' OR paid_on !~ '{_DATE}'
    OR amount !~ '^[0-9]{{1,12}}([.][0-9]{{1,2}})?$' OR open_amount !~ '^[0-9]{{1,12}}([.][0-9]{{1,2}})?$'
    OR lower(disputed) NOT IN ('yes', 'y', 'true', 't', '1', 'no', 'n', 'false', 'f', '0')
    OR national_id !~ '^[12][0-9]{{9}}$' OR {_LUHN} <> 0
    OR mobile !~ '^(\\+966|00966|966|0)?5([013-689][0-9]|7[0-8])[0-9]{{6}}$'
    OR email !~ '^[^@ ,;<>"'']+@[^@ ,;<>"'']+[.][^@ ,;<>"''.]{{2,}}$'
    OR CASE WHEN amount ~ '^[0-9.]+$' AND due_on ~ '^[0-9-]+$' THEN
           amount::numeric <= 0 OR open_amount::numeric NOT BETWEEN 0 AND amount::numeric
           OR due_on::date < issued_on::date OR paid_on::date < issued_on::date OR paid_on::date > %(today)s
           OR (paid_on IS NOT NULL AND open_amount::numeric = 0)
       END
"""
_CHECKS = (
    "SELECT count(*) FROM (SELECT 1 FROM raw GROUP BY debt_ref, receivable_ref HAVING count(*) > 1) twice",
    "SELECT count(*) FROM (SELECT 1 FROM raw GROUP BY debt_ref HAVING count(DISTINCT debtor_ref) > 1) strange",
    "SELECT count(*) FROM raw r JOIN collections_app_debt d ON d.client_id = %(client_id)s AND d.debt_ref = r.debt_ref "
    "JOIN collections_app_receivable x ON x.debt_id = d.id AND x.receivable_ref = r.receivable_ref",
)
_DEBTORS = """
CREATE TEMPORARY TABLE debtor ON COMMIT DROP AS
SELECT nextval('collections_app_debtor_id_seq') AS id, nextval('collections_app_case_id_seq') AS case_id,
       nextval('parties_party_id_seq') AS party_id, o.*
FROM (
    SELECT r.debtor_ref, r.debtor_name, r.city, r.national_id, r.mobile, r.email
    FROM (SELECT debtor_ref, min(line) AS line FROM raw GROUP BY debtor_ref) f JOIN raw r USING (line)
    ORDER BY line
) o
"""
_SEALED = (
    "CREATE TEMPORARY TABLE sealed (party_id bigint, debtor_id bigint, wrapped bytea, id_sealed bytea, id_index bytea, "
    "mobile_sealed bytea, mobile_index bytea, mobile_hint text, email_sealed bytea, email_index bytea, email_hint text)"
    " ON COMMIT DROP"
)
_BOOK = (
    "INSERT INTO parties_party (id, kind, wrapped_key, created_at) "
    "SELECT party_id, 'PERSON', wrapped, now() FROM sealed",
    "INSERT INTO parties_identifier (party_id, kind, value_sealed, value_index) "
    "SELECT party_id, 'NATIONAL_ID', id_sealed, id_index FROM sealed",
    "INSERT INTO collections_app_debtor (id, client_id, party_id, debtor_ref, name, kind, city, prefers) "
    "SELECT id, %(client_id)s, party_id, debtor_ref, debtor_name, 'PERSON', city, '' FROM debtor",
    "INSERT INTO collections_app_contactpoint "
    "(client_id, debtor_id, kind, value_sealed, value_index, hint, state, created_at) "
    "SELECT %(client_id)s, debtor_id, 'MOBILE', mobile_sealed, mobile_index, mobile_hint, 'UNKNOWN', now() FROM sealed "
    "UNION ALL SELECT %(client_id)s, debtor_id, 'EMAIL', email_sealed, email_index, email_hint, 'UNKNOWN', now() "
    "FROM sealed WHERE email_sealed IS NOT NULL",
)
_DEBTS = """
CREATE TEMPORARY TABLE debt ON COMMIT DROP AS
SELECT nextval('collections_app_debt_id_seq') AS id, f.debt_ref, d.case_id
FROM (SELECT debt_ref, min(debtor_ref) AS debtor_ref FROM raw GROUP BY debt_ref) f JOIN debtor d USING (debtor_ref)
"""
_ROWS = """
CREATE TEMPORARY TABLE fresh ON COMMIT DROP AS
SELECT nextval('collections_app_receivable_id_seq') AS id, d.case_id, d.id AS debt_id, r.receivable_ref,
       r.issued_on::date, r.due_on::date, r.amount::numeric(18,2),
       coalesce(r.open_amount, r.amount)::numeric(18,2) AS still,
       r.paid_on::date,
       CASE WHEN r.paid_on IS NOT NULL THEN nextval('collections_app_payment_id_seq') END AS payment_id,
       lower(r.disputed) IN ('yes', 'y', 'true', 't', '1') AS disputed
FROM raw r JOIN debt d USING (debt_ref)
"""
_REST = {
    "cases": """
    INSERT INTO collections_app_case (id, client_id, debtor_id, status, track, placed_on, currency, currencies, balance,
        oldest_due_on, oldest_issued_on, closed_on, last_payment_on)
    SELECT d.case_id, %(client_id)s, d.id,
           CASE WHEN s.open = 0 THEN 'PAID' WHEN s.free = 0 THEN 'ON_HOLD' ELSE 'PLACED' END,
           'AMICABLE', %(placed_on)s, 'SAR', 1, s.balance, s.due_on, s.issued_on,
           CASE WHEN s.open = 0 THEN s.paid_on END, s.paid_on
    FROM debtor d JOIN (
        SELECT case_id, count(*) FILTER (WHERE paid_on IS NULL) AS open,
               count(*) FILTER (WHERE paid_on IS NULL AND NOT disputed) AS free,
               coalesce(sum(still) FILTER (WHERE paid_on IS NULL), 0) AS balance,
               min(due_on) FILTER (WHERE paid_on IS NULL) AS due_on,
               min(issued_on) FILTER (WHERE paid_on IS NULL) AS issued_on, max(paid_on) AS paid_on
        FROM fresh GROUP BY case_id
    ) s USING (case_id)
    """,
    "debt rows": "INSERT INTO collections_app_debt (id, client_id, case_id, debt_ref, currency, product) "
    "SELECT id, %(client_id)s, case_id, debt_ref, 'SAR', '' FROM debt",
    "payments": """
    INSERT INTO collections_app_payment (id, client_id, case_id, reference, value_on, amount, currency, suspense,
        method, received_by, payer_name, recorded_at)
    SELECT payment_id, %(client_id)s, case_id, 'FILE-' || id, paid_on, still, 'SAR', 0, 'FILE', 'CLIENT', '', now()
    FROM fresh WHERE payment_id IS NOT NULL
    """,
    "entries": """
    INSERT INTO collections_app_ledgerentry (client_id, receivable_id, kind, component, amount, currency, effective_on,
        recorded_at, event_id, payment_id, allocation)
    SELECT %(client_id)s, id, 'CHARGE', 'PRINCIPAL', amount, 'SAR', issued_on, now(), 0, NULL::bigint, '' FROM fresh
    UNION ALL
    SELECT %(client_id)s, id, 'PRIOR_PAYMENT', 'PRINCIPAL', still - amount, 'SAR', %(placed_on)s, now(), 0, NULL, ''
    FROM fresh WHERE still < amount
    UNION ALL
    SELECT %(client_id)s, id, 'PAYMENT', 'PRINCIPAL', -still, 'SAR', paid_on, now(), 0, payment_id, 'PINNED'
    FROM fresh WHERE payment_id IS NOT NULL
    """,
    "receivables": """
    INSERT INTO collections_app_receivable (id, client_id, case_id, debt_id, receivable_ref, issued_on, due_on,
        currency, amount, balance, status, closed_on, held, in_default, next_change_on)
    SELECT id, %(client_id)s, case_id, debt_id, receivable_ref, issued_on, due_on, 'SAR', amount,
           CASE WHEN paid_on IS NULL THEN still ELSE 0 END, CASE WHEN paid_on IS NULL THEN 'OPEN' ELSE 'PAID' END,
           CASE WHEN paid_on IS NULL THEN NULL WHEN still < amount THEN greatest(paid_on, %(placed_on)s)
                ELSE paid_on END,
           false, false, issued_on
    FROM fresh
    """,
    "holds": """
    INSERT INTO collections_app_hold (client_id, case_id, debt_id, receivable_id, kind, from_on, until_on, reason,
        recorded_at)
    SELECT %(client_id)s, case_id, debt_id, id, 'OBJECTION', issued_on, paid_on, 'disputed', now()
    FROM fresh WHERE disputed
    """,
}


def floor_import(*, path: Path, client_id: int, placed_on: dt.date) -> dict[str, float]:
    """Bring the file in; the seconds of its parts. Raises RuntimeError when a check finds anything."""
    marks = [("copy", time.perf_counter())]
    params = {"client_id": client_id, "placed_on": placed_on, "today": clock.today()}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM clients_client WHERE id = %s FOR SHARE", [client_id])
        cursor.execute(_RAW)
        copy_raw = f"COPY raw ({_COLUMNS}) FROM STDIN WITH (FORMAT csv, HEADER)"
        with path.open("rb") as file, cursor.copy(copy_raw) as copy:
            while block := file.read(1024 * 1024):
                copy.write(block)
        cursor.execute("ANALYZE raw")
        marks.append(("check", time.perf_counter()))
        for check in (_WRONG, *_CHECKS):
            cursor.execute(check, params)
            if (found := cursor.fetchone()) != (0,):
                raise RuntimeError(f"{found}: {check}")
        marks.append(("seal", time.perf_counter()))
        cursor.execute(_DEBTORS)
        cursor.execute(_SEALED)
        _seal()
        cursor.execute("ANALYZE debtor, sealed")
        marks.append(("people", time.perf_counter()))
        for sql in _BOOK:
            cursor.execute(sql, params)
        marks.append(("debts", time.perf_counter()))
        cursor.execute(_DEBTS)
        cursor.execute("ANALYZE debt")
        cursor.execute(_ROWS)
        cursor.execute("ANALYZE fresh")
        for name, sql in _REST.items():
            marks.append((name, time.perf_counter()))
            cursor.execute(sql, params)
        marks.append(("commit", time.perf_counter()))
    marks.append(("end", time.perf_counter()))
    return {name: round(then - at, 2) for (name, at), (_next, then) in pairwise(marks)}


def _seal() -> None:
    """The values of every debtor under a key of its own; nothing but the sealing, read and written in chunks."""
    with connection.connection.cursor(name="debtors") as debtors:
        debtors.execute("SELECT party_id, id, national_id, mobile, email FROM debtor")
        while chunk := debtors.fetchmany(5_000):
            with connection.cursor() as cursor, cursor.copy("COPY sealed FROM STDIN") as copy:
                for party_id, debtor_id, national_id, mobile, email in chunk:
                    key, wrapped = crypto.new_data_key()
                    mobile = "+966" + mobile[-9:]
                    copy.write_row(
                        (
                            party_id,
                            debtor_id,
                            wrapped,
                            crypto.encrypt(key=key, value=national_id, column="identifier"),
                            crypto.blind_index(value=national_id, kind="NATIONAL_ID"),
                            crypto.encrypt(key=key, value=mobile, column="contact_point"),
                            crypto.blind_index(value=mobile, kind="MOBILE"),
                            mobile[-3:],
                            crypto.encrypt(key=key, value=email, column="contact_point") if email else None,
                            crypto.blind_index(value=email, kind="EMAIL") if email else None,
                            email[:1] + "•••@" + email.partition("@")[2] if email else None,
                        )
                    )
