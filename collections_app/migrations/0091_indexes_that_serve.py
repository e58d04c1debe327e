"""Indexes and keys that another one already is: each cost every row that a night moves one more entry or look-up.

A simple index whose column begins another, and the key to the client where the case's names the client too. Measured at
100,000 receivables in ADR 0026. And the one by which the night finds debts whose limitation ends.
"""

import collections_app.models.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0040_outside_lawyers'),
        ('clients', '0051_approvals_of_stage_changes'),
        ('collections_app', '0090_options_offered'),
    ]

    operations = [
        migrations.AlterField(
            model_name='case',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='clients.client'),
        ),
        migrations.AlterField(
            model_name='case',
            name='debtor',
            field=collections_app.models.fields.OwnedKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='collections_app.debtor'),
        ),
        migrations.AlterField(
            model_name='case',
            name='stage',
            field=collections_app.models.fields.StageKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.stagepolicyrow'),
        ),
        migrations.AlterField(
            model_name='case',
            name='team',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='accounts.team'),
        ),
        migrations.AlterField(
            model_name='debt',
            name='case',
            field=collections_app.models.fields.OwnedKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='debts', to='collections_app.case'),
        ),
        migrations.AlterField(
            model_name='debt',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client'),
        ),
        migrations.AlterField(
            model_name='defaultepisode',
            name='client',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client'),
        ),
        migrations.AlterField(
            model_name='receivable',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client'),
        ),
        migrations.AlterField(
            model_name='stagetransition',
            name='client',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client'),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["client", "oldest_due_on"], name="case_by_oldest_due"),
        ),
    ]
