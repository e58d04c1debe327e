"""A receivable of which nothing was ever owed at the end of a day was closed on its first day, not on its last."""

from django.db import migrations

_HEAD = """
CREATE OR REPLACE FUNCTION receivable_closed(receivable bigint, day date) RETURNS date LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(max(days.effective_on) FILTER (WHERE days.changed <> 0), min(days.effective_on)) FROM (
        SELECT e.effective_on, sum(e.amount) AS changed FROM collections_app_ledgerentry e
        WHERE e.receivable_id = receivable AND (day IS NULL OR e.effective_on <= day)
        GROUP BY e.effective_on
    ) days
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0012_defaults")]

    operations = [migrations.RunSQL(_HEAD, migrations.RunSQL.noop)]
