"""The tree of root causes as it is shipped."""

from django.db import migrations

from complaints.rules.causes import SHIPPED


def ship(apps, schema_editor):
    cause = apps.get_model("complaints", "RootCause").objects.using(schema_editor.connection.alias)
    made = {}
    for place, one in enumerate(SHIPPED):
        made[one.code] = cause.create(
            code=one.code, name_ar=one.ar, name_en=one.en, position=place * 10, parent=made.get(one.under)
        )


class Migration(migrations.Migration):
    dependencies = [("complaints", "0041_causes_and_courses")]

    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]
