"""Rows that are known ones but for leading zeros, and account holders found without them."""

import collections_app.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.db import composite_reference

P = "collections_app_"


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0024_systems_and_their_tokens'),
        ('collections_app', '0050_vacuum_by_measurement'),
        ('parties', '0001_first'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportSuspect',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.IntegerField()),
                ('code', models.CharField(max_length=20)),
                ('value', models.CharField(max_length=220)),
                ('known', models.CharField(max_length=220)),
                ('row', models.JSONField()),
                ('personal_sealed', models.BinaryField(null=True)),
                ('decision', models.CharField(blank=True, choices=[('SAME', 'The same'), ('OTHER', 'Another')], max_length=5)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, max_length=20)),
            ],
        ),
        migrations.AddIndex(
            model_name='debtor',
            index=models.Index(models.F('client'), models.Func(models.F('debtor_ref'), models.Value('0'), function='ltrim'), name='debtor_ref_without_zeros'),
        ),
        migrations.AddField(
            model_name='importsuspect',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client'),
        ),
        migrations.AddField(
            model_name='importsuspect',
            name='debtor',
            field=collections_app.models.fields.OwnedKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='collections_app.debtor'),
        ),
        migrations.AddField(
            model_name='importsuspect',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='importsuspect',
            name='file',
            field=collections_app.models.fields.OwnedKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='suspect_rows', to='collections_app.importfile'),
        ),
        migrations.AddIndex(
            model_name='importsuspect',
            index=models.Index(condition=models.Q(('outcome', '')), fields=['file'], name='suspect_waiting'),
        ),
        migrations.AddConstraint(
            model_name='importsuspect',
            constraint=models.UniqueConstraint(fields=('file', 'line'), name='suspect_once'),
        ),
        migrations.AddConstraint(
            model_name='importsuspect',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decision', ''), ('outcome', '')), models.Q(('decision', ''), _negated=True), _connector='OR'), name='suspect_decided_first'),
        ),
        composite_reference(table=P + "importsuspect", columns=("file_id", "client_id"), parent=P + "importfile"),
        composite_reference(table=P + "importsuspect", columns=("debtor_id", "client_id"), parent=P + "debtor"),
    ]
