"""The guide to objections and their procedure as they are shipped, where the database was made before them."""

from django.db import migrations

from complaints.services.editions_shipped import editions_ship


def ship(apps, schema_editor):
    editions_ship(
        model_of=lambda name: apps.get_model("complaints", name), alias=schema_editor.connection.alias
    )


class Migration(migrations.Migration):
    dependencies = [("complaints", "0050_silence_taken_back")]

    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]
