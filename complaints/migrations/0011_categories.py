"""The category tree as it is shipped."""

from django.db import migrations

from complaints.rules.categories import SHIPPED


def ship(apps, schema_editor):
    category = apps.get_model("complaints", "Category").objects.using(schema_editor.connection.alias)
    made = {}
    for place, sort in enumerate(SHIPPED):
        made[sort.code] = category.create(
            code=sort.code,
            name_ar=sort.ar,
            name_en=sort.en,
            department=sort.department,
            severity=sort.severity,
            holds=sort.holds,
            position=place * 10,
            parent=made.get(sort.under),
        )


class Migration(migrations.Migration):
    dependencies = [("complaints", "0010_numbers_of_matters")]

    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]
