"""A wrongly imported file, taken back."""

import collections_app.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.db import composite_reference


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0030_recall_notice'),
        ('collections_app', '0033_recalls'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FileWithdrawal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=300)),
                ('asked_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('result', models.JSONField(default=dict)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('file', collections_app.models.fields.OwnedKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='collections_app.importfile')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('file',), name='file_withdrawal_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='file_withdrawal_says_why')],
            },
        ),
        composite_reference(
            table="collections_app_filewithdrawal", columns=("file_id", "client_id"), parent="collections_app_importfile"
        ),
    ]
