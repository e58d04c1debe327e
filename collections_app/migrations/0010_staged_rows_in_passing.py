"""A staged row lives in a temporary copy of its table, with its personal values sealed for the length of one import."""

from django.db import migrations, models

from collections_app.models.fields import MoneyField
from common.db import never_nan


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0009_balances_proven")]

    operations = [
        migrations.DeleteModel(name="StagedRow"),
        migrations.CreateModel(
            name="StagedRow",
            fields=[
                ("line", models.IntegerField(primary_key=True, serialize=False)),
                ("debtor_ref", models.CharField(max_length=200)),
                ("debt_ref", models.CharField(max_length=220)),
                ("names_debt", models.BooleanField()),
                ("receivable_ref", models.CharField(max_length=200)),
                ("currency", models.CharField(max_length=3)),
                ("product", models.CharField(max_length=80)),
                ("issued_on", models.DateField()),
                ("due_on", models.DateField()),
                ("amount", MoneyField()),
                ("open_amount", MoneyField(null=True)),
                ("paid_on", models.DateField(null=True)),
                ("disputed", models.BooleanField()),
                ("debtor_name", models.CharField(max_length=200)),
                ("debtor_kind", models.CharField(max_length=10)),
                ("city", models.CharField(max_length=80)),
                ("id_kind", models.CharField(max_length=20)),
                ("id_index", models.BinaryField(null=True)),
                ("mobile_index", models.BinaryField(null=True)),
                ("email_index", models.BinaryField(null=True)),
                ("personal", models.BinaryField(null=True)),
            ],
        ),
        never_nan(table="collections_app_stagedrow", columns=("amount", "open_amount")),
    ]
