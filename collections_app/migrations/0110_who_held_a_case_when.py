"""Who held a case from which day on. What was given out before is taken from the audit events that told of it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import collections_app.models.fields
from common.db import composite_reference

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
    dependencies = [
        ("clients", "0072_systems_of_disputes"),
        ("collections_app", "0100_debts_of_a_request"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseAssignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "case",
                    collections_app.models.fields.OwnedKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="collections_app.case",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.client",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case", "-id"], name="assignment_by_case")],
            },
        ),
        composite_reference(
            table="collections_app_caseassignment", columns=("case_id", "client_id"), parent="collections_app_case"
        ),
        migrations.RunSQL(sql=BEFORE, reverse_sql=migrations.RunSQL.noop),
    ]
