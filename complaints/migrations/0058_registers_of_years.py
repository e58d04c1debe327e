"""A register of years: what is open, received, answered or closed is found without reading it whole."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0082_versions_from_here_on'),
        ('collections_app', '0111_who_held_cases_before'),
        ('complaints', '0057_letter_texts'),
        ('parties', '0001_first'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(condition=models.Q(('stage', 'CLOSED'), _negated=True), fields=['kind'], name='matter_open'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(fields=['received_at'], name='matter_by_received'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(fields=['answered_at'], name='matter_by_answered'),
        ),
        migrations.AddIndex(
            model_name='matter',
            index=models.Index(fields=['-closed_at', '-received_at', '-id'], name='matter_by_closed'),
        ),
    ]
