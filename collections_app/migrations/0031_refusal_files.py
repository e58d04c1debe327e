"""The refused rows of a file, kept sealed until they are corrected."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('collections_app', '0030_leading_zeros'),
    ]

    operations = [
        migrations.AddField(
            model_name='importfile',
            name='refused_key',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='importfile',
            name='refused_path',
            field=models.CharField(blank=True, db_default='', max_length=300),
        ),
    ]
