"""Recalls under notice."""

import collections_app.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.db import composite_reference

P = "collections_app_"


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0030_recall_notice'),
        ('collections_app', '0032_file_kinds'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='importfile',
            name='kind',
            field=models.CharField(choices=[('PLACEMENT', 'New debts'), ('CONTACTS', 'Changed contact data'), ('BALANCES', 'Balance corrections'), ('RECALLS', 'Recalls')], db_default='PLACEMENT', default='PLACEMENT', max_length=10),
        ),
        migrations.CreateModel(
            name='Recall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.IntegerField()),
                ('told_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('state', models.CharField(choices=[('NOTICE', 'Under notice'), ('DONE', 'Recalled'), ('TAKEN_BACK', 'Taken back'), ('LAPSED', 'Closed before')], default='NOTICE', max_length=10)),
                ('recorded_at', models.DateTimeField()),
                ('event_id', models.BigIntegerField()),
                ('taken_back_reason', models.CharField(blank=True, max_length=300)),
                ('case', collections_app.models.fields.OwnedKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='recalls', to='collections_app.case')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('file', collections_app.models.fields.OwnedKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='recalls', to='collections_app.importfile')),
                ('taken_back_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['case', '-recorded_at'], name='recall_by_case'), models.Index(condition=models.Q(('state', 'NOTICE')), fields=['client', 'ends_on'], name='recall_under_notice')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'NOTICE')), fields=('case',), name='recall_one_stands'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('told_on'))), name='recall_in_order'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'TAKEN_BACK'), ('taken_back_by__isnull', False)), models.Q(('state', 'TAKEN_BACK'), _negated=True), _connector='OR'), name='recall_taken_back_by')],
            },
        ),
        composite_reference(table=P + "recall", columns=("case_id", "client_id"), parent=P + "case"),
        composite_reference(table=P + "recall", columns=("file_id", "client_id"), parent=P + "importfile"),
    ]
