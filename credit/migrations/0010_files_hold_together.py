"""A row hangs on papers and agents of its own customer alone; what was analysed stands as it was."""

from django.db import migrations

from common.db import composite_key, composite_reference

C = "credit_"

# Child, column, parent: what names both a customer and one of its rows.
OF_CUSTOMER = [
    ("agent", "power_paper_id", "creditpaper"),
    ("agent", "specimen_paper_id", "creditpaper"),
    ("collateral", "paper_id", "creditpaper"),
    ("remoteterms", "paper_id", "creditpaper"),
    ("remoteterms", "accepted_by_id", "agent"),
]

FACTS = "capital, legal_form, resident, has_official_papers, annual_sales, sales_year, asked_limit, grounds, applied_on"

FROZEN = """
CREATE FUNCTION credit_application_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the facts of application % are fixed in state %', OLD.id, OLD.state USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER credit_application_facts_fixed BEFORE UPDATE OF {facts} ON credit_application
FOR EACH ROW WHEN (OLD.state <> 'DRAFT' AND (
    OLD.capital, OLD.legal_form, OLD.resident, OLD.has_official_papers, OLD.annual_sales, OLD.sales_year,
    OLD.asked_limit, OLD.grounds, OLD.applied_on
) IS DISTINCT FROM (
    NEW.capital, NEW.legal_form, NEW.resident, NEW.has_official_papers, NEW.annual_sales, NEW.sales_year,
    NEW.asked_limit, NEW.grounds, NEW.applied_on
)) EXECUTE FUNCTION credit_application_fixed();

CREATE FUNCTION credit_found_out_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Held, so that nobody closes the analysis while this is written.
    PERFORM FROM credit_application WHERE id IN (OLD.application_id, NEW.application_id) FOR SHARE;
    IF EXISTS (
        SELECT FROM credit_application
        WHERE id IN (OLD.application_id, NEW.application_id) AND state NOT IN ('DRAFT', 'SUBMITTED')
    ) THEN
        RAISE EXCEPTION 'what an analysed application stands on is fixed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;

CREATE FUNCTION credit_months_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM credit_application WHERE id IN (
        SELECT application_id FROM credit_bankaccount WHERE id IN (OLD.account_id, NEW.account_id)
    ) FOR SHARE;
    IF EXISTS (
        SELECT FROM credit_application p JOIN credit_bankaccount b ON b.application_id = p.id
        WHERE b.id IN (OLD.account_id, NEW.account_id) AND p.state NOT IN ('DRAFT', 'SUBMITTED')
    ) THEN
        RAISE EXCEPTION 'what an analysed application stands on is fixed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;

CREATE TRIGGER credit_months_fixed BEFORE INSERT OR UPDATE OR DELETE ON credit_bankmonth
FOR EACH ROW EXECUTE FUNCTION credit_months_fixed();
""".format(facts=FACTS)

FOUND_OUT = ("bankaccount", "financialstatement", "reference", "criterionjudgement")


def fixed(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        sql=(
            f"CREATE TRIGGER credit_found_out_fixed BEFORE INSERT OR UPDATE OR DELETE ON {C}{table} "
            "FOR EACH ROW EXECUTE FUNCTION credit_found_out_fixed()"
        ),
        reverse_sql=f"DROP TRIGGER credit_found_out_fixed ON {C}{table}",
    )


def reference(child: str, column: str, parent: str) -> migrations.RunSQL:
    made = composite_reference(
        table=C + child, columns=(column, "customer_id"), parent=C + parent, parent_columns=("id", "customer_id")
    )
    # Its own name: the one of the client stands beside it.
    return migrations.RunSQL(
        sql=str(made.sql).replace("_of_client_fk", "_of_customer_fk"),
        reverse_sql=str(made.reverse_sql).replace("_of_client_fk", "_of_customer_fk"),
    )


class Migration(migrations.Migration):
    dependencies = [("credit", "0002_rows_of_one_client")]

    operations = [
        composite_key(table=C + "creditpaper", columns=("id", "customer_id")),
        composite_key(table=C + "agent", columns=("id", "customer_id")),
        *(reference(*row) for row in OF_CUSTOMER),
        migrations.RunSQL(
            sql=FROZEN,
            reverse_sql="""
            DROP TRIGGER credit_months_fixed ON credit_bankmonth;
            DROP TRIGGER credit_application_facts_fixed ON credit_application;
            DROP FUNCTION credit_months_fixed();
            DROP FUNCTION credit_found_out_fixed();
            DROP FUNCTION credit_application_fixed();
            """,
        ),
        *(fixed(table) for table in FOUND_OUT),
    ]
