"""Composite references: a row of one client can never hang on a row of another; money is a number."""

from django.db import migrations

from common.db import composite_key, composite_reference, never_nan

L, C = "legal_", "collections_app_"

KEYS = [
    (C + "authorisation", ("id", "client_id")),
    *((L + name, ("id", "client_id")) for name in "paper instrument legalfile claim legalact legalcost".split()),
]

REFERENCES = [
    ("paper", "case_id", C + "case"),
    ("paper", "request_id", C + "escalationrequest"),
    ("paper", "authorisation_id", C + "authorisation"),
    ("paper", "file_id", L + "legalfile"),
    ("instrument", "debt_id", C + "debt"),
    ("instrument", "paper_id", L + "paper"),
    ("legalfile", "case_id", C + "case"),
    ("legalfile", "authorisation_id", C + "authorisation"),
    ("fileassignment", "file_id", L + "legalfile"),
    ("courtdate", "file_id", L + "legalfile"),
    ("authoriseddebt", "authorisation_id", C + "authorisation"),
    ("authoriseddebt", "debt_id", C + "debt"),
    ("claim", "case_id", C + "case"),
    ("claim", "authorisation_id", C + "authorisation"),
    ("claim", "file_id", L + "legalfile"),
    ("claim", "instrument_id", L + "instrument"),
    ("legalact", "case_id", C + "case"),
    ("legalact", "authorisation_id", C + "authorisation"),
    ("legalact", "file_id", L + "legalfile"),
    ("legalact", "claim_id", L + "claim"),
    ("legalact", "paper_id", L + "paper"),
    ("legalcost", "case_id", C + "case"),
    ("legalcost", "authorisation_id", C + "authorisation"),
    ("legalcost", "file_id", L + "legalfile"),
    ("legalcost", "paper_id", L + "paper"),
    ("legalcost", "reverses_id", L + "legalcost"),
    ("notice", "case_id", C + "case"),
    ("notice", "authorisation_id", C + "authorisation"),
    ("notice", "paper_id", L + "paper"),
    ("notice", "contact_point_id", C + "contactpoint"),
    ("notice", "act_id", L + "legalact"),
    ("notice", "proof_id", L + "paper"),
    ("legaltask", "case_id", C + "case"),
    ("legaltask", "authorisation_id", C + "authorisation"),
    ("legaltask", "claim_id", L + "claim"),
    ("legaltask", "instrument_id", L + "instrument"),
]

# What stands on an authorisation is of its very case.
OF_ITS_CASE = ["legalfile", "claim", "legalact", "legalcost", "notice"]

MONEY = [
    ("instrument", ("amount",)),
    ("escalationpolicy", ("least_balance",)),
    ("historicalescalationpolicy", ("least_balance",)),
    ("authoriseddebt", ("share_percent",)),
    ("claim", ("amount",)),
    ("legalact", ("amount",)),
    ("legalcost", ("amount",)),
    ("notice", ("amount",)),
]


class Migration(migrations.Migration):
    dependencies = [("legal", "0001_first")]

    operations = [
        *(composite_key(table=table, columns=columns) for table, columns in KEYS),
        *(
            composite_reference(table=L + table, columns=(column, "client_id"), parent=parent)
            for table, column, parent in REFERENCES
        ),
        *(
            migrations.RunSQL(
                f"ALTER TABLE {L}{table} ADD CONSTRAINT {L}{table}_of_its_case_fk FOREIGN KEY (authorisation_id, case_id) "
                f"REFERENCES {C}authorisation (id, case_id) DEFERRABLE INITIALLY DEFERRED",
                f"ALTER TABLE {L}{table} DROP CONSTRAINT {L}{table}_of_its_case_fk",
            )
            for table in OF_ITS_CASE
        ),
        *(never_nan(table=L + table, columns=columns) for table, columns in MONEY),
    ]
