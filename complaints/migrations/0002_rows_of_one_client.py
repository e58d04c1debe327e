"""Composite references: a row of one client can never hang on a row of another; money is a number."""

from django.db import migrations

from common.db import composite_key, composite_reference, never_nan

C, B = "complaints_", "collections_app_"

REFERENCES = [
    ("matter", "case_id", B + "case"),
    ("matter", "attempt_id", B + "contactattempt"),
    ("dispute", "case_id", B + "case"),
    ("dispute", "hold_id", B + "hold"),
    ("disputemove", "dispute_id", C + "dispute"),
    ("disputerecipient", "dispute_id", C + "dispute"),
    ("redress", "case_id", B + "case"),
]


class Migration(migrations.Migration):
    dependencies = [("complaints", "0001_first"), ("collections_app", "0100_debts_of_a_request")]

    operations = [
        composite_key(table=C + "dispute", columns=("id", "client_id")),
        composite_key(table=B + "hold", columns=("id", "client_id")),
        *(
            composite_reference(table=C + table, columns=(column, "client_id"), parent=parent)
            for table, column, parent in REFERENCES
        ),
        never_nan(table=C + "matter", columns=("compensation",)),
    ]
