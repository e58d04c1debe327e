import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name_ar', models.CharField(max_length=120, verbose_name='Arabic name')),
                ('name_en', models.CharField(max_length=120, verbose_name='English name')),
            ],
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='E-mail')),
                ('name_ar', models.CharField(max_length=120, verbose_name='Arabic name')),
                ('name_en', models.CharField(max_length=120, verbose_name='English name')),
                ('role', models.CharField(choices=[('COLLECTOR', 'Collector'), ('TEAM_LEADER', 'Team leader'), ('COLLECTIONS_MANAGER', 'Collections manager'), ('LEGAL_OFFICER', 'Legal officer'), ('CREDIT_OFFICER', 'Credit officer'), ('FINANCE_MANAGER', 'Finance manager'), ('GENERAL_MANAGER', 'General manager'), ('COMPLAINTS_OFFICER', 'Complaints officer'), ('QUALITY_OFFICER', 'Quality officer'), ('BUREAU_OFFICER', 'Bureau officer'), ('AUDITOR', 'Auditor'), ('CLIENT_USER', 'Client user'), ('CLIENT_SIGNATORY', 'Client signatory'), ('ADMINISTRATOR', 'Administrator')], max_length=30, verbose_name='Role')),
                ('language', models.CharField(choices=[('ar', 'العربية'), ('en', 'English')], default='ar', max_length=2, verbose_name='Language')),
                ('density', models.CharField(choices=[('comfortable', 'Comfortable'), ('compact', 'Compact')], default='comfortable', max_length=12, verbose_name='Density')),
                ('is_active', models.BooleanField(default=True, verbose_name='Active')),
                ('is_staff', models.BooleanField(default=False)),
                ('is_demo', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='accounts.team', verbose_name='Team')),
            ],
        ),
        migrations.CreateModel(
            name='HistoricalTeam',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('name_ar', models.CharField(max_length=120, verbose_name='Arabic name')),
                ('name_en', models.CharField(max_length=120, verbose_name='English name')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical team',
                'verbose_name_plural': 'historical teams',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalUser',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(db_index=True, max_length=254, verbose_name='E-mail')),
                ('name_ar', models.CharField(max_length=120, verbose_name='Arabic name')),
                ('name_en', models.CharField(max_length=120, verbose_name='English name')),
                ('role', models.CharField(choices=[('COLLECTOR', 'Collector'), ('TEAM_LEADER', 'Team leader'), ('COLLECTIONS_MANAGER', 'Collections manager'), ('LEGAL_OFFICER', 'Legal officer'), ('CREDIT_OFFICER', 'Credit officer'), ('FINANCE_MANAGER', 'Finance manager'), ('GENERAL_MANAGER', 'General manager'), ('COMPLAINTS_OFFICER', 'Complaints officer'), ('QUALITY_OFFICER', 'Quality officer'), ('BUREAU_OFFICER', 'Bureau officer'), ('AUDITOR', 'Auditor'), ('CLIENT_USER', 'Client user'), ('CLIENT_SIGNATORY', 'Client signatory'), ('ADMINISTRATOR', 'Administrator')], max_length=30, verbose_name='Role')),
                ('language', models.CharField(choices=[('ar', 'العربية'), ('en', 'English')], default='ar', max_length=2, verbose_name='Language')),
                ('density', models.CharField(choices=[('comfortable', 'Comfortable'), ('compact', 'Compact')], default='comfortable', max_length=12, verbose_name='Density')),
                ('is_active', models.BooleanField(default=True, verbose_name='Active')),
                ('is_staff', models.BooleanField(default=False)),
                ('is_demo', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField(blank=True, editable=False)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.team', verbose_name='Team')),
            ],
            options={
                'verbose_name': 'historical user',
                'verbose_name_plural': 'historical users',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='AccessRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('what', models.CharField(max_length=60)),
                ('subject_type', models.CharField(blank=True, max_length=40)),
                ('subject_id', models.BigIntegerField(null=True)),
                ('why', models.CharField(blank=True, max_length=200)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', 'at'], name='access_by_user')],
            },
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['COLLECTOR', 'TEAM_LEADER', 'COLLECTIONS_MANAGER', 'LEGAL_OFFICER', 'CREDIT_OFFICER', 'FINANCE_MANAGER', 'GENERAL_MANAGER', 'COMPLAINTS_OFFICER', 'QUALITY_OFFICER', 'BUREAU_OFFICER', 'AUDITOR', 'CLIENT_USER', 'CLIENT_SIGNATORY', 'ADMINISTRATOR'])), name='user_role_known'),
        ),
    ]
