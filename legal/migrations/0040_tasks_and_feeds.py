"""What money asks first, tasks of a whole case, and private addresses of the court calendar."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0030_recall_notice'),
        ('collections_app', '0080_authorisation_ends_once'),
        ('legal', '0030_checks_of_a_request'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_hash', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AlterField(
            model_name='legaltask',
            name='kind',
            field=models.CharField(choices=[('AMEND_CLAIM', 'Amend the claim amount'), ('WITHDRAW_CLAIM', 'Withdraw the claim'), ('RETURN_NOTE', 'Return the note'), ('RENEW_AUTHORISATION', 'Renew the authorisation'), ('LIMITATION', 'The limitation ends')], max_length=20),
        ),
        migrations.AddIndex(
            model_name='claim',
            index=models.Index(condition=models.Q(('state__in', ['FILED', 'JUDGED'])), fields=['case'], name='claim_standing_by_case'),
        ),
        migrations.AddIndex(
            model_name='instrument',
            index=models.Index(condition=models.Q(('kind__in', ['CHEQUE', 'PROMISSORY_NOTE']), ('returned_on__isnull', True)), fields=['debt'], name='instrument_to_return'),
        ),
        migrations.AddConstraint(
            model_name='legaltask',
            constraint=models.UniqueConstraint(condition=models.Q(('authorisation__isnull', True), ('claim__isnull', True), ('instrument__isnull', True), ('state', 'OPEN')), fields=('kind', 'case'), name='legal_task_one_a_case'),
        ),
        migrations.AddField(
            model_name='calendarfeed',
            name='user',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='calendar_feed', to=settings.AUTH_USER_MODEL),
        ),
    ]
