"""How long work goes on after a recall."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0040_actions_of_four_kinds'),
    ]

    operations = [
        migrations.AddField(
            model_name='client',
            name='recall_notice_days',
            field=models.PositiveSmallIntegerField(db_default=30, default=30, verbose_name='Notice of a recall in days'),
        ),
        migrations.AddField(
            model_name='historicalclient',
            name='recall_notice_days',
            field=models.PositiveSmallIntegerField(db_default=30, default=30, verbose_name='Notice of a recall in days'),
        ),
    ]
