from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0058_registers_of_years")]

    operations = [
        migrations.AddField(
            model_name="matterpaper", name="is_confidential", field=models.BooleanField(default=False)
        ),
    ]
