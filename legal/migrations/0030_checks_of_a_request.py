"""The conditions of a request as they stood; and that mail of a notice was begun."""

import collections_app.models.fields
import django.db.models.deletion
from django.db import migrations, models

from common.db import composite_reference


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0030_recall_notice'),
        ('collections_app', '0090_options_offered'),
        ('legal', '0021_nothing_without_authority'),
    ]

    operations = [
        migrations.AddField(
            model_name='notice',
            name='claimed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='notice',
            name='message_id',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.CreateModel(
            name='RequestCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('criterion', models.CharField(choices=[('DAYS', 'The oldest item is as late as agreed with the client'), ('DEFAULT', 'It is in default by its rules'), ('BALANCE', 'The balance is worth a claim'), ('ATTEMPTS', 'Contact was tried often enough'), ('REACHED', 'The account holder was reached in person'), ('OFFER', 'A payment option was offered'), ('PROMISES', 'Promises are exhausted'), ('NO_PROMISE', 'No promise is open'), ('NO_HOLD', 'No objection, complaint, hardship or other hold'), ('NOTICE', 'The final notice was served'), ('LIMITATION', 'The limitation has not passed')], max_length=12)),
                ('ok', models.BooleanField()),
                ('evidence', models.JSONField(default=dict)),
                ('because', models.CharField(blank=True, max_length=300)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('request', collections_app.models.fields.OwnedKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='collections_app.escalationrequest')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('request', 'criterion'), name='request_check_once')],
            },
        ),
        composite_reference(
            table="legal_requestcheck",
            columns=("request_id", "client_id"),
            parent="collections_app_escalationrequest",
        ),
    ]
