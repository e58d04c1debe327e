"""An invoice uses the limit from the moment it stands, also while the book has not reached its day."""

from django.db import migrations

_OWED = """
CREATE OR REPLACE FUNCTION credit_owed(of_customer bigint) RETURNS numeric
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT coalesce(sum({owed}), 0)
    FROM credit_customer c
    JOIN clients_client b ON b.id = c.client_id
    JOIN collections_app_case k ON k.debtor_id = c.debtor_id
    JOIN collections_app_receivable r ON r.case_id = k.id AND r.status = 'OPEN' AND r.currency = c.currency
    WHERE c.id = of_customer
$$;
"""

# Its charge is applied in the night that opens its day; an order it came of is no longer reserved at once, and between
# the two nothing may be free.
NOW = _OWED.format(owed="r.balance + CASE WHEN r.issued_on > b.book_date THEN r.amount ELSE 0 END")
BEFORE = _OWED.format(owed="r.balance")


class Migration(migrations.Migration):
    dependencies = [("credit", "0041_files_of_orders")]

    operations = [migrations.RunSQL(sql=NOW, reverse_sql=BEFORE)]
