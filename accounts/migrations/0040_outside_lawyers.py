"""A role for lawyers of other firms."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_first'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='user',
            name='user_role_known',
        ),
        migrations.AlterField(
            model_name='historicaluser',
            name='role',
            field=models.CharField(choices=[('COLLECTOR', 'Collector'), ('TEAM_LEADER', 'Team leader'), ('COLLECTIONS_MANAGER', 'Collections manager'), ('LEGAL_OFFICER', 'Legal officer'), ('CREDIT_OFFICER', 'Credit officer'), ('FINANCE_MANAGER', 'Finance manager'), ('GENERAL_MANAGER', 'General manager'), ('COMPLAINTS_OFFICER', 'Complaints officer'), ('QUALITY_OFFICER', 'Quality officer'), ('BUREAU_OFFICER', 'Bureau officer'), ('AUDITOR', 'Auditor'), ('CLIENT_USER', 'Client user'), ('CLIENT_SIGNATORY', 'Client signatory'), ('LAWYER', 'Outside lawyer'), ('ADMINISTRATOR', 'Administrator')], max_length=30, verbose_name='Role'),
        ),
        migrations.AlterField(
            model_name='user',
            name='role',
            field=models.CharField(choices=[('COLLECTOR', 'Collector'), ('TEAM_LEADER', 'Team leader'), ('COLLECTIONS_MANAGER', 'Collections manager'), ('LEGAL_OFFICER', 'Legal officer'), ('CREDIT_OFFICER', 'Credit officer'), ('FINANCE_MANAGER', 'Finance manager'), ('GENERAL_MANAGER', 'General manager'), ('COMPLAINTS_OFFICER', 'Complaints officer'), ('QUALITY_OFFICER', 'Quality officer'), ('BUREAU_OFFICER', 'Bureau officer'), ('AUDITOR', 'Auditor'), ('CLIENT_USER', 'Client user'), ('CLIENT_SIGNATORY', 'Client signatory'), ('LAWYER', 'Outside lawyer'), ('ADMINISTRATOR', 'Administrator')], max_length=30, verbose_name='Role'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['COLLECTOR', 'TEAM_LEADER', 'COLLECTIONS_MANAGER', 'LEGAL_OFFICER', 'CREDIT_OFFICER', 'FINANCE_MANAGER', 'GENERAL_MANAGER', 'COMPLAINTS_OFFICER', 'QUALITY_OFFICER', 'BUREAU_OFFICER', 'AUDITOR', 'CLIENT_USER', 'CLIENT_SIGNATORY', 'LAWYER', 'ADMINISTRATOR'])), name='user_role_known'),
        ),
    ]
