from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0050_silence_taken_back")]

    operations = [
        migrations.AddField(
            model_name="matterpaper", name="is_confidential", field=models.BooleanField(default=False)
        ),
    ]
