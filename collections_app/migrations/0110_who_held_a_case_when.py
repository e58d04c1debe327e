"""Who held a case from which day on."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import collections_app.models.fields
from common.db import composite_reference

class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0072_systems_of_disputes"),
        ("collections_app", "0100_debts_of_a_request"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseAssignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "case",
                    collections_app.models.fields.OwnedKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="collections_app.case",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.client",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case", "-id"], name="assignment_by_case")],
            },
        ),
        composite_reference(
            table="collections_app_caseassignment", columns=("case_id", "client_id"), parent="collections_app_case"
        ),
    ]
