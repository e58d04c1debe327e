"""An action of a stage is a task, a message, a stop or a proposal, each a word of its own."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0024_systems_and_their_tokens'),
    ]

    operations = [
        migrations.AlterField(
            model_name='stagepolicyrow',
            name='actions',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), blank=True, default=list, size=None),
        ),
    ]
