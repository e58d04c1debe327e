"""What a client's file is about."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('collections_app', '0031_refusal_files'),
    ]

    operations = [
        migrations.AddField(
            model_name='importfile',
            name='kind',
            field=models.CharField(choices=[('PLACEMENT', 'New debts'), ('CONTACTS', 'Changed contact data'), ('BALANCES', 'Balance corrections')], db_default='PLACEMENT', default='PLACEMENT', max_length=10),
        ),
    ]
