"""Composite references: a row of one client can never hang on a row of another."""

from django.db import migrations

from common.db import composite_key, composite_reference

P = "collections_app_"

KEYS = [
    (P + name, ("id", "client_id"))
    for name in (
        "debtor case debt receivable payment importfile contactattempt contactpoint escalationrequest ledgerentry"
    ).split()
] + [
    (P + "debt", ("id", "client_id", "currency")),
    (P + "authorisation", ("id", "case_id")),
    (P + "escalationrequest", ("id", "case_id")),
]

REFERENCES = [
    ("case", ("debtor_id", "client_id"), "debtor"),
    ("contactpoint", ("debtor_id", "client_id"), "debtor"),
    ("debt", ("case_id", "client_id"), "case"),
    ("receivable", ("case_id", "client_id"), "case"),
    ("receivable", ("file_id", "client_id"), "importfile"),
    ("payment", ("case_id", "client_id"), "case"),
    ("payment", ("file_id", "client_id"), "importfile"),
    ("ledgerentry", ("receivable_id", "client_id"), "receivable"),
    ("ledgerentry", ("payment_id", "client_id"), "payment"),
    ("ledgerentry", ("reverses_id", "client_id"), "ledgerentry"),
    ("stagetransition", ("receivable_id", "client_id"), "receivable"),
    ("stagetransition", ("case_id", "client_id"), "case"),
    ("hold", ("case_id", "client_id"), "case"),
    ("hold", ("debt_id", "client_id"), "debt"),
    ("hold", ("receivable_id", "client_id"), "receivable"),
    ("hold", ("file_id", "client_id"), "importfile"),
    ("contactattempt", ("case_id", "client_id"), "case"),
    ("contactattempt", ("contact_point_id", "client_id"), "contactpoint"),
    ("promise", ("case_id", "client_id"), "case"),
    ("promise", ("attempt_id", "client_id"), "contactattempt"),
    ("task", ("case_id", "client_id"), "case"),
    ("task", ("receivable_id", "client_id"), "receivable"),
    ("escalationrequest", ("case_id", "client_id"), "case"),
    ("authorisation", ("case_id", "client_id"), "case"),
]


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0001_first")]

    operations = [
        *(composite_key(table=table, columns=columns) for table, columns in KEYS),
        *(
            composite_reference(table=P + table, columns=columns, parent=P + parent)
            for table, columns, parent in REFERENCES
        ),
        composite_reference(
            table=P + "receivable",
            columns=("debt_id", "client_id", "currency"),
            parent=P + "debt",
            parent_columns=("id", "client_id", "currency"),
        ),
        # The authorisation a legal case stands on is one of that very case, and so is its request.
        composite_reference(
            table=P + "case",
            columns=("authorisation_id", "id"),
            parent=P + "authorisation",
            parent_columns=("id", "case_id"),
        ),
        composite_reference(
            table=P + "authorisation",
            columns=("request_id", "case_id"),
            parent=P + "escalationrequest",
            parent_columns=("id", "case_id"),
        ),
    ]
