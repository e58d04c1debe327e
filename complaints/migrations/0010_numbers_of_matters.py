"""One run of numbers for every matter: given once, never again, whatever becomes of the matter."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("complaints", "0002_rows_of_one_client")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE complaints_matter_number", reverse_sql="DROP SEQUENCE complaints_matter_number"
        ),
    ]
