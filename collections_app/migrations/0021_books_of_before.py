"""Books of before: hardship freezes its days, and the next night looks again at what is held or in default."""

from django.db import migrations

LOOK_AGAIN = """
UPDATE collections_app_hold SET frozen = true WHERE kind = 'HARDSHIP';
UPDATE collections_app_receivable r SET in_default = false, next_change_on = least(r.next_change_on, c.book_date)
FROM clients_client c
WHERE c.id = r.client_id AND c.book_date IS NOT NULL AND r.status = 'OPEN' AND r.issued_on <= c.book_date
  AND (r.in_default OR EXISTS (SELECT 1 FROM collections_app_hold h WHERE h.case_id = r.case_id));
"""


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0020_money_that_waits"), ("clients", "0023_policy_in_force")]

    operations = [migrations.RunSQL(LOOK_AGAIN, migrations.RunSQL.noop)]
