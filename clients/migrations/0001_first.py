import clients.models.clients
import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Client',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True, verbose_name='Code')),
                ('name_ar', models.CharField(max_length=160, verbose_name='Arabic name')),
                ('name_en', models.CharField(max_length=160, verbose_name='English name')),
                ('kind', models.CharField(choices=[('BANK', 'Bank'), ('FINANCE', 'Finance company'), ('TELECOM', 'Telecom'), ('TRADE', 'Trade'), ('OTHER', 'Other')], max_length=10, verbose_name='Kind')),
                ('status', models.CharField(choices=[('ONBOARDING', 'Onboarding'), ('ACTIVE', 'Active'), ('CLOSED', 'Closed')], default='ACTIVE', max_length=12, verbose_name='Status')),
                ('terms_days', models.PositiveIntegerField(default=60, verbose_name='Terms in days')),
                ('book_date', models.DateField(blank=True, null=True, verbose_name='Book date')),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='ClientUser',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(blank=True, max_length=80)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='people', to='clients.client')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='client_membership', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalAgreement',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('number', models.CharField(max_length=40)),
                ('signed_on', models.DateField()),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('fee_percent', models.DecimalField(decimal_places=2, default=0, max_digits=5)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('client', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='clients.client')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical agreement',
                'verbose_name_plural': 'historical agreements',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalContactPolicy',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1)),
                ('starts_on', models.DateField()),
                ('channels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('PHONE', 'Phone'), ('SMS', 'SMS'), ('EMAIL', 'E-mail'), ('LETTER', 'Registered letter'), ('VISIT', 'Visit')], max_length=10), default=clients.models.clients._default_channels, size=None)),
                ('opens_at', models.TimeField(default=datetime.time(9, 0))),
                ('closes_at', models.TimeField(default=datetime.time(17, 0))),
                ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), default=clients.models.clients._default_days, size=None)),
                ('max_attempts', models.PositiveSmallIntegerField(default=10)),
                ('window_days', models.PositiveSmallIntegerField(default=30)),
                ('least_promise', models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('client', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='clients.client')),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical contact policy',
                'verbose_name_plural': 'historical contact policys',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='StagePolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40)),
                ('version', models.PositiveIntegerField(default=1)),
                ('name_ar', models.CharField(max_length=120)),
                ('name_en', models.CharField(max_length=120)),
                ('basis', models.CharField(choices=[('INVOICE', 'Invoice date'), ('DUE', 'Due date')], max_length=10)),
                ('default_after_days', models.PositiveIntegerField(default=90)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('code', 'version'), name='stage_policy_version')],
            },
        ),
        migrations.CreateModel(
            name='HistoricalClient',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('code', models.CharField(db_index=True, max_length=20, verbose_name='Code')),
                ('name_ar', models.CharField(max_length=160, verbose_name='Arabic name')),
                ('name_en', models.CharField(max_length=160, verbose_name='English name')),
                ('kind', models.CharField(choices=[('BANK', 'Bank'), ('FINANCE', 'Finance company'), ('TELECOM', 'Telecom'), ('TRADE', 'Trade'), ('OTHER', 'Other')], max_length=10, verbose_name='Kind')),
                ('status', models.CharField(choices=[('ONBOARDING', 'Onboarding'), ('ACTIVE', 'Active'), ('CLOSED', 'Closed')], default='ACTIVE', max_length=12, verbose_name='Status')),
                ('terms_days', models.PositiveIntegerField(default=60, verbose_name='Terms in days')),
                ('created_at', models.DateTimeField()),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stage_policy', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='clients.stagepolicy', verbose_name='Stage policy')),
            ],
            options={
                'verbose_name': 'historical client',
                'verbose_name_plural': 'historical clients',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddField(
            model_name='client',
            name='stage_policy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='clients.stagepolicy', verbose_name='Stage policy'),
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40)),
                ('signed_on', models.DateField()),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('fee_percent', models.DecimalField(decimal_places=2, default=0, max_digits=5)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='clients.client')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'number'), name='agreement_number')],
            },
        ),
        migrations.CreateModel(
            name='ContactPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1)),
                ('starts_on', models.DateField()),
                ('channels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('PHONE', 'Phone'), ('SMS', 'SMS'), ('EMAIL', 'E-mail'), ('LETTER', 'Registered letter'), ('VISIT', 'Visit')], max_length=10), default=clients.models.clients._default_channels, size=None)),
                ('opens_at', models.TimeField(default=datetime.time(9, 0))),
                ('closes_at', models.TimeField(default=datetime.time(17, 0))),
                ('weekdays', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), default=clients.models.clients._default_days, size=None)),
                ('max_attempts', models.PositiveSmallIntegerField(default=10)),
                ('window_days', models.PositiveSmallIntegerField(default=30)),
                ('least_promise', models.DecimalField(decimal_places=2, default=0, max_digits=18)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contact_policies', to='clients.client')),
            ],
            options={
                'ordering': ['client', '-version'],
                'constraints': [models.UniqueConstraint(fields=('client', 'version'), name='contact_policy_version'), models.CheckConstraint(condition=models.Q(('opens_at__lt', models.F('closes_at'))), name='contact_hours')],
            },
        ),
        migrations.CreateModel(
            name='StagePolicyRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('code', models.CharField(max_length=30)),
                ('from_day', models.IntegerField(null=True)),
                ('depth', models.PositiveSmallIntegerField()),
                ('name_ar', models.CharField(max_length=80)),
                ('name_en', models.CharField(max_length=80)),
                ('actions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('DEMAND', 'Demand for payment'), ('REMIND', 'Reminder call'), ('FOLLOW_UP', 'Follow up closely'), ('OFFER_OPTIONS', 'Offer payment options'), ('REVIEW_LEGAL', 'Review for legal escalation')], max_length=30), blank=True, default=list, size=None)),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='clients.stagepolicy')),
            ],
            options={
                'ordering': ['policy', 'position'],
                'constraints': [models.UniqueConstraint(fields=('policy', 'position'), name='stage_row_position'), models.CheckConstraint(condition=models.Q(models.Q(('from_day__isnull', True), ('position', 0)), models.Q(('from_day__isnull', False), ('position__gt', 0)), _connector='OR'), name='stage_row_first_is_open'), models.CheckConstraint(condition=models.Q(('depth__lte', 6)), name='stage_row_depth')],
            },
        ),
    ]
