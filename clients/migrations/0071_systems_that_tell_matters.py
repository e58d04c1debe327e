"""A right of systems: to tell complaints and enquiries."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0070_fees_at_most'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='serviceaccount',
            name='system_scopes_known',
        ),
        migrations.AlterField(
            model_name='serviceaccount',
            name='scopes',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('PLACEMENTS', 'Place debts'), ('PAYMENTS', 'Report payments, take them back'), ('NOTES', 'Send credit and debit notes'), ('READ', 'Read cases, receivables and payments'), ('CREDIT', 'Score customers, check and place credit orders'), ('MATTERS', 'Tell us complaints and enquiries, and read where they stand')], max_length=12), size=None),
        ),
        migrations.AddConstraint(
            model_name='serviceaccount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('scopes', []), _negated=True), ('scopes__contained_by', ['CREDIT', 'MATTERS', 'NOTES', 'PAYMENTS', 'PLACEMENTS', 'READ'])), name='system_scopes_known'),
        ),
    ]
