"""Questions, the policy of complaints, procedures and outward bodies as they are shipped."""

from django.db import migrations

from complaints.services.editions_shipped import editions_ship


def ship(apps, schema_editor):
    editions_ship(
        model_of=lambda name: apps.get_model("complaints", name), alias=schema_editor.connection.alias
    )


class Migration(migrations.Migration):
    dependencies = [("complaints", "0045_editions")]

    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]
