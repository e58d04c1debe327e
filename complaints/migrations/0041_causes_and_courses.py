"""Root causes, the course of each month's report, and every move of a recommendation."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0040_matters_of_earlier_days'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReportReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=30)),
                ('at', models.DateTimeField()),
                ('words', models.CharField(blank=True, max_length=1000)),
                ('digest', models.CharField(max_length=64)),
            ],
            options={
                'ordering': ['course', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='RootCause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True)),
                ('name_ar', models.CharField(max_length=120)),
                ('name_en', models.CharField(max_length=120)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['position', 'code'],
            },
        ),
        migrations.CreateModel(
            name='RecommendationMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_state', models.CharField(blank=True, choices=[('PROPOSED', 'Proposed'), ('APPROVED', 'Approved'), ('DECLINED', 'Declined'), ('DONE', 'Done'), ('NOT_DONE', 'Not done'), ('ARCHIVED', 'Filed')], max_length=10)),
                ('to_state', models.CharField(choices=[('PROPOSED', 'Proposed'), ('APPROVED', 'Approved'), ('DECLINED', 'Declined'), ('DONE', 'Done'), ('NOT_DONE', 'Not done'), ('ARCHIVED', 'Filed')], max_length=10)),
                ('at', models.DateTimeField()),
                ('words', models.CharField(blank=True, max_length=1000)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recommendation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='complaints.recommendation')),
            ],
            options={
                'ordering': ['recommendation', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ReportCourse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('REPEATS', 'Repeated complaints'), ('PERFORMANCE', 'Performance')], max_length=12)),
                ('month', models.DateField()),
                ('issue', models.PositiveSmallIntegerField(default=1)),
                ('state', models.CharField(choices=[('DRAFT', 'Draft'), ('REVIEWED', 'Reviewed'), ('ISSUED', 'Issued'), ('DISCUSSED', 'Discussed'), ('ARCHIVED', 'Filed'), ('REPLACED', 'Replaced by a later issue')], default='DRAFT', max_length=10)),
                ('figures', models.JSONField()),
                ('counted_at', models.DateTimeField()),
                ('weak_points', models.TextField(blank=True, max_length=4000)),
                ('proposals', models.TextField(blank=True, max_length=4000)),
                ('how', models.TextField(blank=True, max_length=4000)),
                ('follow_up', models.TextField(blank=True, max_length=4000)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('prepared_at', models.DateTimeField()),
                ('issued_at', models.DateTimeField(blank=True, null=True)),
                ('discussed_at', models.DateTimeField(blank=True, null=True)),
                ('decision', models.TextField(blank=True, max_length=2000)),
                ('archived_at', models.DateTimeField(blank=True, null=True)),
                ('discussed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('issued_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('prepared_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-month', 'kind', '-issue'],
            },
        ),
        migrations.AddField(
            model_name='recommendation',
            name='report',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recommendations', to='complaints.reportcourse'),
        ),
        migrations.AddIndex(
            model_name='recommendation',
            index=models.Index(fields=['state', '-proposed_at'], name='recommendation_by_state'),
        ),
        migrations.AddConstraint(
            model_name='recommendation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['APPROVED', 'DONE', 'NOT_DONE']), _negated=True), models.Q(('decided_by__isnull', False), ('due_on__isnull', False), ('owner__isnull', False)), _connector='OR'), name='recommendation_approved_whole'),
        ),
        migrations.AddConstraint(
            model_name='recommendation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'DONE'), _negated=True), models.Q(('done_at__isnull', False), models.Q(('result', ''), _negated=True)), _connector='OR'), name='recommendation_done_with_result'),
        ),
        migrations.AddField(
            model_name='reportreview',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='reportreview',
            name='course',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='complaints.reportcourse'),
        ),
        migrations.AddField(
            model_name='rootcause',
            name='parent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='complaints.rootcause'),
        ),
        migrations.AddConstraint(
            model_name='reportcourse',
            constraint=models.UniqueConstraint(fields=('kind', 'month', 'issue'), name='report_issue_once'),
        ),
        migrations.AddConstraint(
            model_name='reportcourse',
            constraint=models.CheckConstraint(condition=models.Q(('issue', 1), models.Q(('reason', ''), _negated=True), _connector='OR'), name='report_correction_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='reportcourse',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('issued_at__isnull', True), ('state__in', ['DRAFT', 'REVIEWED'])), models.Q(models.Q(('state__in', ['DRAFT', 'REVIEWED']), _negated=True), ('issued_at__isnull', False)), _connector='OR'), name='report_issued_at'),
        ),
        migrations.AddConstraint(
            model_name='reportcourse',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'DISCUSSED'), _negated=True), models.Q(('discussed_at__isnull', False), models.Q(('decision', ''), _negated=True)), _connector='OR'), name='report_discussed_whole'),
        ),
        migrations.AddConstraint(
            model_name='reportreview',
            constraint=models.UniqueConstraint(fields=('course', 'role', 'digest'), name='report_review_once'),
        ),
    ]
