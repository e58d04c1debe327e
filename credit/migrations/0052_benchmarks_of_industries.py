"""Usual days to pay of the industries that differ from the trade's (CM-24)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("credit", "0051_agreements_stand")]

    operations = [
        migrations.AddField(
            model_name="creditpolicy", name="benchmarks", field=models.JSONField(blank=True, default=dict)
        ),
    ]
