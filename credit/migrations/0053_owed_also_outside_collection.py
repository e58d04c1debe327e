"""What left collection unpaid still uses the limit: recalled or given up, it is owed to the client all the same."""

from django.db import migrations

# As ``0050_owed_since_the_book`` counts it; and what went by withdrawal, unless it should never have come (``whole``),
# as the stops count it too.
NOW = """
CREATE OR REPLACE FUNCTION credit_owed(of_customer bigint) RETURNS numeric
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT coalesce(sum(r.balance + CASE WHEN r.issued_on > b.book_date THEN r.amount ELSE 0 END)
                    FILTER (WHERE r.status = 'OPEN'), 0) + coalesce(sum(gone.amount), 0)
    FROM credit_customer c
    JOIN clients_client b ON b.id = c.client_id
    JOIN collections_app_case k ON k.debtor_id = c.debtor_id
    JOIN collections_app_receivable r ON r.case_id = k.id AND r.currency = c.currency
    LEFT JOIN LATERAL (
        SELECT -sum(e.amount) AS amount FROM collections_app_ledgerentry e
        WHERE e.receivable_id = r.id AND e.kind = 'WITHDRAWAL'
        HAVING NOT EXISTS (SELECT 1 FROM collections_app_withdrawal w WHERE w.receivable_id = r.id AND w.whole)
    ) gone ON EXISTS (SELECT 1 FROM collections_app_withdrawal w WHERE w.receivable_id = r.id)
    WHERE c.id = of_customer
$$;
"""

BEFORE = """
CREATE OR REPLACE FUNCTION credit_owed(of_customer bigint) RETURNS numeric
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT coalesce(sum(r.balance + CASE WHEN r.issued_on > b.book_date THEN r.amount ELSE 0 END), 0)
    FROM credit_customer c
    JOIN clients_client b ON b.id = c.client_id
    JOIN collections_app_case k ON k.debtor_id = c.debtor_id
    JOIN collections_app_receivable r ON r.case_id = k.id AND r.status = 'OPEN' AND r.currency = c.currency
    WHERE c.id = of_customer
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("credit", "0052_benchmarks_of_industries")]

    operations = [migrations.RunSQL(sql=NOW, reverse_sql=BEFORE)]
