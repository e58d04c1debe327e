"""Who was given which case before this was kept: from the audit events that told of it."""

from django.db import migrations

# A case that was given out before its acts were told has at least whom it has today.
BEFORE = """
INSERT INTO collections_app_caseassignment (client_id, case_id, owner_id, "on", recorded_at)
SELECT c.client_id, c.id, e.subject_id, (e.body->>'on')::date, e.at
FROM common_auditevent e
CROSS JOIN LATERAL jsonb_array_elements_text(e.body->'cases') AS told(id)
JOIN collections_app_case c ON c.id = told.id::bigint
WHERE e.action = 'cases.assigned'
ORDER BY e.id;
INSERT INTO collections_app_caseassignment (client_id, case_id, owner_id, "on", recorded_at)
SELECT c.client_id, c.id, c.owner_id, coalesce(c.assigned_on, c.placed_on), now()
FROM collections_app_case c
WHERE c.owner_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM collections_app_caseassignment a WHERE a.case_id = c.id AND a.owner_id = c.owner_id)
"""


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0110_who_held_a_case_when")]

    operations = [migrations.RunSQL(sql=BEFORE, reverse_sql=migrations.RunSQL.noop)]
