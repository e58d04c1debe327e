from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("complaints", "0061_channels_shipped")]

    operations = [
        migrations.AddField(
            model_name="matterpaper", name="is_confidential", field=models.BooleanField(default=False)
        ),
    ]
