import django.db.models.deletion
from django.db import migrations, models

KINDS = [
    ("WEEKLY", "Weekly report"),
    ("MONTHLY", "Monthly report"),
    ("QUARTERLY", "Quarterly report"),
    ("BRIEF", "Early brief"),
    ("ASSESSMENT", "Preliminary assessment"),
]
# What was made before are weeks; each keeps its own.
LABELS = """
UPDATE reporting_{table} SET period = year || '-W' || lpad(week::text, 2, '0');
"""
LABELS_BACK = """
UPDATE reporting_{table} SET year = left(period, 4)::int, week = right(period, 2)::int WHERE kind = 'WEEKLY';
"""
# Constraints that are checked at the end would hold the tables while they change.
NOW = "SET CONSTRAINTS ALL IMMEDIATE"


def labelled(table: str) -> list:
    return [
        migrations.RunSQL(LABELS.format(table=table), LABELS_BACK.format(table=table)),
        migrations.RunSQL(NOW, NOW),
    ]


class Migration(migrations.Migration):
    """A report has a kind and the label of its period, in place of the year and number of a week."""

    dependencies = [("reporting", "0050_verifications_kept")]

    operations = [
        migrations.RemoveConstraint(model_name="weeklyreport", name="weekly_issue_once"),
        migrations.RemoveConstraint(model_name="weeklyreport", name="weekly_reissue_reason"),
        migrations.RemoveConstraint(model_name="reportrun", name="report_run_once"),
        migrations.AlterModelOptions(name="weeklyreport", options={}),
        migrations.AlterModelOptions(name="reportrun", options={}),
        migrations.RenameModel(old_name="WeeklyReport", new_name="Report"),
        migrations.AddField(
            "report", "kind", models.CharField(choices=KINDS, max_length=10, default="WEEKLY"), preserve_default=False
        ),
        migrations.AddField(
            "report", "period", models.CharField(max_length=10, default=""), preserve_default=False
        ),
        migrations.AddField(
            "reportrun", "kind", models.CharField(choices=KINDS, max_length=10, default="WEEKLY"), preserve_default=False
        ),
        migrations.AddField(
            "reportrun", "period", models.CharField(max_length=10, default=""), preserve_default=False
        ),
        *labelled("report"),
        *labelled("reportrun"),
        migrations.RemoveField("report", "year"),
        migrations.RemoveField("report", "week"),
        migrations.RemoveField("reportrun", "year"),
        migrations.RemoveField("reportrun", "week"),
        migrations.AlterModelOptions(
            name='report',
            options={'ordering': ['-ends_on', 'kind', '-issue', '-pk']},
        ),
        migrations.AlterModelOptions(
            name='reportrun',
            options={'ordering': ['-begun_at', '-pk']},
        ),
        migrations.AlterField(
            model_name='report',
            name='client',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='clients.client'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.UniqueConstraint(fields=('client', 'kind', 'period', 'language', 'issue'), name='client_report_once'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('issue', 1), models.Q(('reason', ''), _negated=True), _connector='OR'), name='client_report_reissue_reason'),
        ),
        migrations.AddConstraint(
            model_name='reportrun',
            constraint=models.UniqueConstraint(fields=('kind', 'period'), name='report_run_once'),
        ),
    ]
