"""What was signed stands: an agreement is not edited in place, not taken away, and its end is not put off.

And a limit hangs on an agreement of its own customer.
"""

from django.db import migrations

from common.db import composite_key, composite_reference

STANDS = """
CREATE FUNCTION credit_agreement_stands() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - ARRAY['ends_on', 'ended_for'] <> to_jsonb(OLD) - ARRAY['ends_on', 'ended_for']
    THEN
        PERFORM credit_refuse('agreement_stands');
    END IF;
    IF OLD.ends_on IS NOT NULL AND (NEW.ends_on IS NULL OR NEW.ends_on > OLD.ends_on) THEN
        PERFORM credit_refuse('agreement_ended');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER agreement_stands BEFORE UPDATE OR DELETE ON credit_facilityagreement
FOR EACH ROW EXECUTE FUNCTION credit_agreement_stands();
"""

BACK = """
DROP TRIGGER agreement_stands ON credit_facilityagreement;
DROP FUNCTION credit_agreement_stands();
"""


def of_customer() -> migrations.RunSQL:
    made = composite_reference(
        table="credit_creditlimit", columns=("agreement_id", "customer_id"), parent="credit_facilityagreement",
        parent_columns=("id", "customer_id"),
    )  # fmt: skip
    # Its own name: the one of the client stands beside it.
    return migrations.RunSQL(
        sql=str(made.sql).replace("_of_client_fk", "_of_customer_fk"),
        reverse_sql=str(made.reverse_sql).replace("_of_client_fk", "_of_customer_fk"),
    )


class Migration(migrations.Migration):
    dependencies = [("credit", "0050_owed_since_the_book")]

    operations = [
        migrations.RunSQL(sql=STANDS, reverse_sql=BACK),
        composite_key(table="credit_facilityagreement", columns=("id", "customer_id")),
        of_customer(),
    ]
