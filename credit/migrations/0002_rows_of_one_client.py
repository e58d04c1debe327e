"""Composite references: a row of one client can never hang on a row of another; money is a number."""

from django.db import migrations

from common.db import composite_key, composite_reference, never_nan

C = "credit_"

KEYS = "customer creditpaper agent application bankaccount creditpolicy facilityagreement creditstop order".split()

# Child, column, parent.
REFERENCES = [
    ("customer", "debtor_id", "collections_app_debtor"),
    *(
        (child, "customer_id", C + "customer")
        for child in (
            "creditpaper agent collateral remoteaddress remoteterms application facilityagreement creditlimit "
            "creditstop stopfollowup order"
        ).split()
    ),
    *(
        (child, "application_id", C + "application")
        for child in (
            "creditpaper applicationmove bankaccount financialstatement reference criterionjudgement scoring "
            "facilityagreement creditlimit"
        ).split()
    ),
    ("agent", "power_paper_id", C + "creditpaper"),
    ("agent", "specimen_paper_id", C + "creditpaper"),
    ("collateral", "paper_id", C + "creditpaper"),
    ("remoteterms", "accepted_by_id", C + "agent"),
    ("remoteterms", "paper_id", C + "creditpaper"),
    ("bankaccount", "statement_id", C + "creditpaper"),
    ("bankaccount", "certificate_id", C + "creditpaper"),
    ("bankmonth", "account_id", C + "bankaccount"),
    ("financialstatement", "paper_id", C + "creditpaper"),
    ("reference", "paper_id", C + "creditpaper"),
    ("scoring", "policy_id", C + "creditpolicy"),
    ("facilityagreement", "signed_by_id", C + "agent"),
    ("facilityagreement", "paper_id", C + "creditpaper"),
    ("instalment", "agreement_id", C + "facilityagreement"),
    ("creditlimit", "agreement_id", C + "facilityagreement"),
    ("stopfollowup", "stop_id", C + "creditstop"),
    ("order", "agent_id", C + "agent"),
    ("order", "original_id", C + "creditpaper"),
    ("orderinvoice", "order_id", C + "order"),
]

MONEY = [
    ("agent", ("up_to",)),
    ("collateral", ("amount",)),
    ("creditpolicy", ("step_amount", "minimum_limit", "increase_percent")),
    ("application", ("asked_limit", "capital", "annual_sales", "recommended_limit")),
    ("historicalapplication", ("asked_limit", "capital", "annual_sales", "recommended_limit")),
    ("bankaccount", ("average_balance",)),
    ("bankmonth", ("credits", "debits", "lowest", "closing")),
    (
        "financialstatement",
        (
            "current_assets", "inventory", "receivables", "total_assets", "current_liabilities", "total_liabilities",
            "payables", "equity", "sales", "cost_of_sales", "net_profit",
        ),
    ),
    ("reference", ("usual_limit",)),
    ("scoring", ("score_limit",)),
    ("facilityagreement", ("discount_percent",)),
    ("instalment", ("amount",)),
    ("creditlimit", ("amount",)),
    ("stopfollowup", ("claims",)),
    ("order", ("amount",)),
    ("orderinvoice", ("amount",)),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("credit", "0001_first"), ("collections_app", "0090_options_offered")]

    operations = [
        *(composite_key(table=C + table, columns=("id", "client_id")) for table in KEYS),
        *(
            composite_reference(table=C + table, columns=(column, "client_id"), parent=parent)
            for table, column, parent in REFERENCES
        ),
        *(never_nan(table=C + table, columns=columns) for table, columns in MONEY),
    ]
