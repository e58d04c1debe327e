"""A stage is named by its row: under which version a receivable came to stand where it stands, and came from where."""

import django.db.models.deletion
from django.db import migrations, models

import collections_app.models.fields

# The version that ruled on the day: of what is closed, on the day it was closed; of where a move came from, the day
# before.
FILL = """
UPDATE collections_app_receivable r SET stage_id = w.id
FROM collections_app_debt b, clients_client c, clients_stagepolicyrow w
WHERE b.id = r.debt_id AND c.id = r.client_id AND r.stage_position IS NOT NULL AND w.position = r.stage_position
  AND w.policy_id = stage_policy_on(r.client_id, b.product, coalesce(r.closed_on, c.book_date));
UPDATE collections_app_stagetransition t SET
    to_stage_id = coalesce((
        SELECT w.id FROM clients_stagepolicyrow w
        WHERE w.policy_id = stage_policy_on(t.client_id, b.product, t."on") AND w.position = t.to_position
    ), (SELECT w.id FROM clients_stagepolicyrow w
        WHERE w.policy_id = stage_policy_on(t.client_id, b.product, t."on") ORDER BY w.position DESC LIMIT 1)),
    from_stage_id = (
        SELECT w.id FROM clients_stagepolicyrow w
        WHERE w.policy_id = stage_policy_on(t.client_id, b.product, t."on" - 1) AND w.position = t.from_position
    )
FROM collections_app_receivable r JOIN collections_app_debt b ON b.id = r.debt_id
WHERE r.id = t.receivable_id;
UPDATE collections_app_case c SET stage_depth = w.depth FROM clients_stagepolicyrow w WHERE w.id = c.stage_id;
UPDATE collections_app_task t SET stage_code = coalesce((
    SELECT w.code FROM collections_app_case c JOIN clients_client k ON k.id = c.client_id
    JOIN clients_stagepolicyrow w ON w.policy_id = k.stage_policy_id AND w.position = t.stage_position
    WHERE c.id = t.case_id
), t.stage_position::text) WHERE t.stage_position IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0024_systems_and_their_tokens"),
        ("collections_app", "0024_statement_periods"),
    ]

    operations = [
        migrations.AddField(
            model_name="receivable",
            name="stage",
            field=collections_app.models.fields.StageKey(blank=True, null=True, db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.stagepolicyrow"),
        ),
        migrations.AddField(
            model_name="stagetransition",
            name="from_stage",
            field=collections_app.models.fields.StageKey(null=True, db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.stagepolicyrow"),
        ),
        migrations.AddField(
            model_name="stagetransition",
            name="to_stage",
            field=collections_app.models.fields.StageKey(null=True, db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.stagepolicyrow"),
        ),
        migrations.AddField(
            model_name="case",
            name="stage_depth",
            field=models.SmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="task",
            name="stage_code",
            field=models.CharField(blank=True, default="", max_length=30),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        # What the deferred keys would still check of the rows just written is checked before their table changes.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="stagetransition",
            name="to_stage",
            field=collections_app.models.fields.StageKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clients.stagepolicyrow"),
        ),
        migrations.RemoveField(model_name="stagetransition", name="from_position"),
        migrations.RemoveField(model_name="stagetransition", name="to_position"),
        migrations.RemoveConstraint(model_name="task", name="task_stage_once"),
        migrations.RemoveField(model_name="task", name="stage_position"),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(condition=models.Q(("kind", "STAGE")), fields=("case", "action", "stage_code", "due_on"), name="task_stage_once"),
        ),
        migrations.RemoveIndex(model_name="case", name="case_worklist"),
        migrations.RemoveField(model_name="case", name="stage_position"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(condition=models.Q(("status__in", ["ACTIVE", "ON_HOLD", "PLACED"])), fields=["owner", "-stage_depth", "-balance"], name="case_worklist"),
        ),
    ]
