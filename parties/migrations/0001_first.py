import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Party',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('PERSON', 'Person'), ('COMPANY', 'Company')], max_length=10)),
                ('wrapped_key', models.BinaryField(null=True)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Identifier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('NATIONAL_ID', 'National ID or Iqama'), ('UNIFIED_NUMBER', 'Unified national number'), ('COMMERCIAL_REGISTER', 'Commercial register')], max_length=20)),
                ('value_sealed', models.BinaryField()),
                ('value_index', models.BinaryField(max_length=16)),
                ('party', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='identifiers', to='parties.party')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'value_index'), name='identifier_once')],
            },
        ),
    ]
