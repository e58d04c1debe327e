"""Mails that were set aside wait, sealed, for a person to say what they are."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0046_published_as_shipped'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AsideMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wrapped_key', models.BinaryField(null=True)),
                ('raw_sealed', models.BinaryField(null=True)),
                ('shown_sealed', models.BinaryField()),
                ('state', models.CharField(choices=[('WAITING', 'Waits for a person'), ('TAKEN', 'Registered'), ('DISMISSED', 'Dismissed')], default='WAITING', max_length=9)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('mail', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='aside', to='complaints.mail')),
                ('matter', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='complaints.matter')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'WAITING')), fields=['-mail'], name='aside_mail_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('matter__isnull', True), ('reason', ''), ('state', 'WAITING')), models.Q(('decided_by__isnull', False), ('matter__isnull', False), ('state', 'TAKEN')), models.Q(('decided_by__isnull', False), ('matter__isnull', True), ('state', 'DISMISSED'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='aside_mail_decided_whole')],
            },
        ),
    ]
