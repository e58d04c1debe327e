"""What was open at the end of a day and what happened on it, by everything people ask for, in place of two tables that
said a part of it. Days of before are counted from the ledger again (``manage.py rollup``).
"""

import collections_app.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0072_systems_of_disputes'),
        ('reporting', '0021_targets'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CountedDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('closed', models.BooleanField()),
                ('counted_at', models.DateTimeField()),
                ('late_through', models.BigIntegerField(default=0)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
        ),
        migrations.CreateModel(
            name='DayFlow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('portfolio', models.DateField(null=True)),
                ('stage', models.CharField(blank=True, max_length=30)),
                ('segment', models.CharField(blank=True, max_length=20)),
                ('product', models.CharField(blank=True, max_length=80)),
                ('currency', collections_app.models.fields.CurrencyField(blank=True, max_length=3)),
                ('bucket', models.CharField(blank=True, max_length=10)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=20)),
                ('name', models.CharField(max_length=30)),
                ('count', models.IntegerField()),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('collector', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='DayStock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('portfolio', models.DateField(null=True)),
                ('stage', models.CharField(blank=True, max_length=30)),
                ('segment', models.CharField(blank=True, max_length=20)),
                ('product', models.CharField(blank=True, max_length=80)),
                ('currency', collections_app.models.fields.CurrencyField(blank=True, max_length=3)),
                ('bucket', models.CharField(blank=True, max_length=10)),
                ('amount', models.DecimalField(decimal_places=2, max_digits=20)),
                ('receivables', models.IntegerField()),
                ('accounts', models.IntegerField()),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('collector', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='LateEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entry_id', models.BigIntegerField()),
                ('on', models.DateField()),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
        ),
        migrations.CreateModel(
            name='TouchedDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('stock', models.BooleanField()),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
        ),
        migrations.DeleteModel(
            name='AgingRollup',
        ),
        migrations.DeleteModel(
            name='KpiRollup',
        ),
        migrations.AddConstraint(
            model_name='countedday',
            constraint=models.UniqueConstraint(fields=('client', 'on'), name='day_counted_once'),
        ),
        migrations.AddIndex(
            model_name='dayflow',
            index=models.Index(fields=['client', 'on'], name='flow_by_day'),
        ),
        migrations.AddIndex(
            model_name='daystock',
            index=models.Index(fields=['client', 'on'], name='stock_by_day'),
        ),
        migrations.AddIndex(
            model_name='lateentry',
            index=models.Index(fields=['client', 'id'], name='late_by_client'),
        ),
        migrations.AddIndex(
            model_name='touchedday',
            index=models.Index(fields=['client', 'on'], name='touched_by_day'),
        ),
    ]
