"""Cases that had ended before endings were kept: each has one, as it stands."""

from django.db import migrations

# Its open promises, holds and tasks end with it, as they would have.
ENDED = """
INSERT INTO collections_app_caseend (client_id, case_id, status, "on", decided, reason, recorded_at, event_id)
SELECT client_id, id, status, coalesce(closed_on, placed_on), false, '', now(), 0
FROM collections_app_case WHERE status NOT IN ('PLACED', 'ACTIVE', 'ON_HOLD');
UPDATE collections_app_promise p SET status = 'CANCELLED', judged_on = e."on", end_id = e.id
FROM collections_app_caseend e WHERE e.case_id = p.case_id AND p.status = 'OPEN';
UPDATE collections_app_hold h SET until_on = greatest(h.from_on, e."on"), end_id = e.id
FROM collections_app_caseend e WHERE e.case_id = h.case_id AND h.until_on IS NULL;
UPDATE collections_app_task t SET status = 'CANCELLED', done_at = now(), end_id = e.id
FROM collections_app_caseend e WHERE e.case_id = t.case_id AND t.status = 'OPEN';
"""


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0022_endings")]

    operations = [migrations.RunSQL(ENDED, migrations.RunSQL.noop)]
