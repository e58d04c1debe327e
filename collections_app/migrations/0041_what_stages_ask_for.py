"""What stages asked for, once an entry, and what waits because of it, each of one client."""

import collections_app.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.db import composite_reference

P = "collections_app_"


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0040_actions_of_four_kinds'),
        ('collections_app', '0040_stages_by_code'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ActionFired',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage_code', models.CharField(max_length=30)),
                ('action', models.CharField(max_length=60)),
                ('entered_on', models.DateField()),
                ('fired_on', models.DateField()),
                ('recorded_at', models.DateTimeField()),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('receivable', collections_app.models.fields.OwnedKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='fired', to='collections_app.receivable')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('receivable', 'stage_code', 'action', 'entered_on'), name='action_fired_once')],
            },
        ),
        migrations.CreateModel(
            name='StageRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(max_length=60)),
                ('kind', models.CharField(choices=[('MESSAGE', 'Message'), ('STOP', 'Stop'), ('PROPOSE', 'Proposal')], max_length=10)),
                ('what', models.CharField(max_length=20)),
                ('channel', models.CharField(blank=True, choices=[('PHONE', 'Phone'), ('SMS', 'SMS'), ('EMAIL', 'E-mail'), ('LETTER', 'Registered letter'), ('VISIT', 'Visit')], max_length=10)),
                ('recipient', models.CharField(blank=True, choices=[('HOLDER', 'Account holder'), ('GUARANTOR', 'Guarantor')], max_length=10)),
                ('asked_on', models.DateField()),
                ('status', models.CharField(choices=[('PENDING', 'Waiting'), ('ENDED', 'Ended'), ('TAKEN', 'Taken up'), ('DECLINED', 'Declined')], default='PENDING', max_length=10)),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('ended_for', models.CharField(blank=True, choices=[('CLOSED', 'the case was closed'), ('HELD', 'the case is held'), ('LEFT', 'nothing stands in that stage any more')], max_length=10)),
                ('decision_reason', models.CharField(blank=True, max_length=300)),
                ('recorded_at', models.DateTimeField()),
                ('case', collections_app.models.fields.OwnedKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='collections_app.case')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('receivable', collections_app.models.fields.OwnedKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='collections_app.receivable')),
                ('stage', collections_app.models.fields.StageKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.stagepolicyrow')),
            ],
            options={
                'indexes': [models.Index(fields=['case', '-asked_on'], name='request_by_case'), models.Index(condition=models.Q(('status', 'PENDING')), fields=['client'], name='request_pending'), models.Index(condition=models.Q(('ended_for', 'HELD')), fields=['client'], name='request_held')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'PENDING')), fields=('case', 'action'), name='request_one_pending'), models.UniqueConstraint(fields=('receivable', 'stage', 'action', 'asked_on'), name='request_once'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'MESSAGE'), models.Q(('channel', ''), _negated=True), models.Q(('recipient', ''), _negated=True)), models.Q(models.Q(('kind', 'MESSAGE'), _negated=True), ('channel', ''), ('recipient', '')), _connector='OR'), name='request_message_addressed'), models.CheckConstraint(condition=models.Q(models.Q(('ended_for', ''), ('ended_on__isnull', True), ('status', 'PENDING')), models.Q(('ended_on__isnull', False), ('status', 'ENDED')), models.Q(('decided_by__isnull', False), ('ended_on__isnull', False), ('kind', 'PROPOSE'), ('status__in', ['TAKEN', 'DECLINED'])), _connector='OR'), name='request_ended_as_declared')],
            },
        ),
        *(
            composite_reference(table=P + table, columns=(f"{parent}_id", "client_id"), parent=P + parent)
            for table, parent in (("actionfired", "receivable"), ("stagerequest", "case"), ("stagerequest", "receivable"))
        ),
    ]
