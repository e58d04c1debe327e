"""Signed heads of the audit chain."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("common", "0002_analyze_for_the_application")]

    operations = [
        migrations.CreateModel(
            name="AuditAnchor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.BigIntegerField(unique=True)),
                ("hash", models.CharField(max_length=64)),
                ("signed_at", models.DateTimeField()),
                ("signature", models.CharField(max_length=88)),
                ("key", models.CharField(max_length=16)),
            ],
        ),
    ]
