"""Mails that came, and what became of each."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0011_categories'),
    ]

    operations = [
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mark', models.CharField(max_length=64, unique=True)),
                ('result', models.CharField(choices=[('TAKEN', 'Registered'), ('NOTED', 'Noted on a matter'), ('ASIDE', 'Set aside')], max_length=10)),
                ('reason', models.CharField(blank=True, max_length=20)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField()),
                ('matter', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='mails', to='complaints.matter')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('matter__isnull', True), ('result', 'ASIDE'), models.Q(('reason', ''), _negated=True)), models.Q(models.Q(('result', 'ASIDE'), _negated=True), ('matter__isnull', False), ('reason', '')), _connector='OR'), name='mail_taken_or_aside')],
            },
        ),
    ]
