"""The official channels as they are shipped: in use, and nobody's yet."""

from django.db import migrations

from complaints.rules.channels import SHIPPED


def ship(apps, schema_editor):
    channels = apps.get_model("complaints", "Channel").objects.using(schema_editor.connection.alias)
    channels.bulk_create([channels.model(intake=intake) for intake in SHIPPED])


class Migration(migrations.Migration):
    dependencies = [("complaints", "0060_channels")]

    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]
