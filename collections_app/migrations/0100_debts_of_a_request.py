"""Which debts a request to go legal names, and by which shares (regulations A24)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0091_indexes_that_serve")]

    operations = [
        migrations.AddField(
            model_name="escalationrequest",
            name="debts",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
