import collections_app.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.db import composite_key, composite_reference


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0072_systems_of_disputes'),
        ('reporting', '0060_reports_of_any_kind'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Adjustment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('placed_on', models.DateField()),
                ('text', models.CharField(max_length=400)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quarter', models.CharField(max_length=7)),
                ('held_on', models.DateField()),
                ('attended', models.CharField(max_length=400)),
                ('recorded_at', models.DateTimeField()),
                ('agreed_by', models.CharField(blank=True, max_length=120)),
                ('agreed_on', models.DateField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-held_on', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='ReviewOutcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('done', models.BooleanField()),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('on', models.DateField()),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ReviewPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('DECISION', 'Decision'), ('RECOMMENDATION', 'Recommendation')], max_length=14)),
                ('text', models.CharField(max_length=400)),
                ('owner', models.CharField(blank=True, max_length=120)),
                ('due_on', models.DateField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.AddField(
            model_name='adjustment',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client'),
        ),
        migrations.AddField(
            model_name='adjustment',
            name='recorded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='review',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client'),
        ),
        migrations.AddField(
            model_name='review',
            name='recorded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reviewoutcome',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client'),
        ),
        migrations.AddField(
            model_name='reviewoutcome',
            name='recorded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reviewpoint',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client'),
        ),
        migrations.AddField(
            model_name='reviewpoint',
            name='recorded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reviewpoint',
            name='review',
            field=collections_app.models.fields.OwnedKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='points', to='reporting.review'),
        ),
        migrations.AddField(
            model_name='reviewoutcome',
            name='point',
            field=collections_app.models.fields.OwnedKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='outcomes', to='reporting.reviewpoint'),
        ),
        migrations.AddIndex(
            model_name='adjustment',
            index=models.Index(fields=['client', 'placed_on'], name='adjustment_of_portfolio'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.UniqueConstraint(fields=('client', 'quarter', 'held_on'), name='review_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('agreed_by', ''), ('agreed_on__isnull', True)), models.Q(models.Q(('agreed_by', ''), _negated=True), ('agreed_on__gte', models.F('held_on'))), _connector='OR'), name='review_agreed_whole'),
        ),
        migrations.AddConstraint(
            model_name='reviewpoint',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'DECISION'), models.Q(models.Q(('owner', ''), _negated=True), ('due_on__isnull', False)), _connector='OR'), name='review_point_owned'),
        ),
        migrations.AddConstraint(
            model_name='reviewoutcome',
            constraint=models.CheckConstraint(condition=models.Q(('done', True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='review_not_done_why'),
        ),
        composite_key(table='reporting_review', columns=('id', 'client_id')),
        composite_key(table='reporting_reviewpoint', columns=('id', 'client_id')),
        composite_reference(table='reporting_reviewpoint', columns=('review_id', 'client_id'), parent='reporting_review'),
        composite_reference(table='reporting_reviewoutcome', columns=('point_id', 'client_id'), parent='reporting_reviewpoint'),
    ]
