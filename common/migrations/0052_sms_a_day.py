"""How many SMS one number gets in a day."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('common', '0051_outbox_by_trigger'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MessageLimit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sms_a_day', models.PositiveSmallIntegerField()),
                ('reason', models.CharField(max_length=300)),
                ('set_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='message',
            name='address_index',
            field=models.BinaryField(max_length=16, null=True),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('address_index__isnull', False), ('claimed_at__isnull', False)), fields=['address_index', 'claimed_at'], name='message_to_number'),
        ),
        migrations.AddField(
            model_name='messagelimit',
            name='set_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='messagelimit',
            constraint=models.CheckConstraint(condition=models.Q(('sms_a_day__gte', 1), ('sms_a_day__lte', 100)), name='message_limit_within'),
        ),
    ]
