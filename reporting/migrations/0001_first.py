import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('clients', '0001_first'),
    ]

    operations = [
        migrations.CreateModel(
            name='AgingRollup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('basis', models.CharField(choices=[('INVOICE', 'Invoice date'), ('DUE', 'Due date')], max_length=10)),
                ('currency', models.CharField(max_length=3)),
                ('bucket', models.CharField(max_length=10)),
                ('count', models.IntegerField()),
                ('amount', models.DecimalField(decimal_places=2, max_digits=20)),
                ('closed', models.BooleanField(default=False)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'on', 'basis', 'currency', 'bucket'), name='aging_once')],
            },
        ),
        migrations.CreateModel(
            name='KpiRollup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('name', models.CharField(max_length=30)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('count', models.IntegerField()),
                ('amount', models.DecimalField(decimal_places=2, default=0, max_digits=20)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'on', 'name', 'currency'), name='kpi_once')],
            },
        ),
        migrations.CreateModel(
            name='WeeklyReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('week', models.PositiveSmallIntegerField()),
                ('language', models.CharField(max_length=2)),
                ('issue', models.PositiveSmallIntegerField(default=1)),
                ('number', models.CharField(max_length=40)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('context', models.JSONField()),
                ('pdf', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('pages', models.PositiveSmallIntegerField()),
                ('chain_seq', models.BigIntegerField()),
                ('chain_hash', models.CharField(max_length=64)),
                ('issued_at', models.DateTimeField()),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='weekly_reports', to='clients.client')),
            ],
            options={
                'ordering': ['-year', '-week', '-issue'],
                'constraints': [models.UniqueConstraint(fields=('client', 'year', 'week', 'language', 'issue'), name='weekly_issue_once'), models.CheckConstraint(condition=models.Q(('issue', 1), models.Q(('reason', ''), _negated=True), _connector='OR'), name='weekly_reissue_reason')],
            },
        ),
    ]
