"""Closed statement periods: what was issued, and which entries stood in it."""

import collections_app.models.fields
import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.db import composite_reference

P = "collections_app_"


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0024_systems_and_their_tokens'),
        ('collections_app', '0023_ends_of_before'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='StatementPeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('from_on', models.DateField()),
                ('to_on', models.DateField()),
                ('sums', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('lines', models.PositiveIntegerField()),
                ('corrections', models.PositiveIntegerField()),
                ('closed_at', models.DateTimeField()),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statement_periods', to='clients.client')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='StatementLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('entry', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='statement_line', to='collections_app.ledgerentry')),
                ('period', collections_app.models.fields.OwnedKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='collections_app.statementperiod')),
            ],
        ),
        migrations.AddConstraint(
            model_name='statementperiod',
            constraint=models.UniqueConstraint(fields=('client', 'number'), name='statement_period_number_once'),
        ),
        migrations.AddConstraint(
            model_name='statementperiod',
            constraint=models.CheckConstraint(condition=models.Q(('to_on__gte', models.F('from_on'))), name='statement_period_in_order'),
        ),
        migrations.RunSQL(
            "ALTER TABLE collections_app_statementperiod "
            "ADD CONSTRAINT collections_app_statementperiod_of_client UNIQUE (id, client_id)",
            "ALTER TABLE collections_app_statementperiod DROP CONSTRAINT collections_app_statementperiod_of_client",
        ),
        composite_reference(table=P + "statementline", columns=("period_id", "client_id"), parent=P + "statementperiod"),
        composite_reference(table=P + "statementline", columns=("entry_id", "client_id"), parent=P + "ledgerentry"),
    ]
