"""What uses a limit, counted by the database; and no order is taken past its limit, whoever writes it (CM-23)."""

from django.db import migrations, models
from django.db.models import Q

_PATH = "SET search_path = pg_catalog, public"

# A limit is used by what is open in the ledger, and by accepted orders that are not in the ledger yet. Of an invoice as
# much leaves the reservation as it was told of, and stands: one that was there before the order is none of it. What was
# told and does not stand yet stays reserved, also when the rest has run out, so that nothing is free between the two.
COUNTS = f"""
CREATE FUNCTION credit_owed(of_customer bigint) RETURNS numeric LANGUAGE sql STABLE {_PATH} AS $$
    SELECT coalesce(sum(r.balance), 0)
    FROM credit_customer c
    JOIN collections_app_case k ON k.debtor_id = c.debtor_id
    JOIN collections_app_receivable r ON r.case_id = k.id AND r.status = 'OPEN' AND r.currency = c.currency
    WHERE c.id = of_customer
$$;

CREATE FUNCTION credit_order_told(of_order bigint, OUT told numeric, OUT standing numeric)
LANGUAGE sql STABLE {_PATH} AS $$
    SELECT coalesce(sum(i.amount), 0), coalesce(sum(least(i.amount, s.amount)), 0)
    FROM credit_order o
    JOIN credit_customer c ON c.id = o.customer_id
    JOIN credit_orderinvoice i ON i.order_id = o.id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(r.amount), 0) AS amount
        FROM collections_app_receivable r JOIN collections_app_case k ON k.id = r.case_id
        WHERE r.client_id = i.client_id AND r.receivable_ref = i.receivable_ref
          AND k.debtor_id = c.debtor_id AND NOT r.struck AND r.issued_on >= o.ordered_on
    ) s
    WHERE o.id = of_order
$$;

CREATE FUNCTION credit_reserved(of_customer bigint, on_day date, but_for bigint DEFAULT NULL) RETURNS numeric
LANGUAGE sql STABLE {_PATH} AS $$
    SELECT coalesce(sum(greatest(
        CASE WHEN o.reserved_until >= on_day THEN o.amount ELSE least(o.amount, t.told) END - t.standing, 0)), 0)
    FROM credit_order o CROSS JOIN LATERAL credit_order_told(o.id) t
    WHERE o.customer_id = of_customer AND o.kind = 'CREDIT' AND o.state = 'ACCEPTED'
      AND o.id IS DISTINCT FROM but_for
$$;
"""

PROOF = f"""
CREATE FUNCTION credit_refuse(code text) RETURNS void LANGUAGE plpgsql {_PATH} AS $$
BEGIN
    RAISE EXCEPTION 'credit: %', code USING ERRCODE = 'check_violation', CONSTRAINT = code;
END $$;

-- An order moves along its way alone, and one that is taken on credit has room: the customer first, so that two at once
-- are counted. What was set aside by name, by somebody else than who asked, is not asked again; cancelled credit always.
CREATE FUNCTION credit_order_proved() RETURNS trigger LANGUAGE plpgsql {_PATH} AS $$
DECLARE
    day date;
    ceiling numeric;
    over_on date;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.state <> OLD.state AND NOT (
        (OLD.state = 'ACCEPTED' AND NEW.state IN ('INVOICED', 'CANCELLED', 'EXPIRED'))
        OR (OLD.state = 'REFUSED' AND NEW.state = 'ACCEPTED' AND cardinality(NEW.overridden) > 0)
    ) THEN
        PERFORM credit_refuse('order_moves');
    END IF;
    IF NEW.state <> 'ACCEPTED' OR (
        TG_OP = 'UPDATE' AND OLD.state = 'ACCEPTED'
        AND NEW.reserved_until <= OLD.reserved_until AND NEW.accepted_on = OLD.accepted_on
    ) THEN
        RETURN NEW;
    END IF;
    PERFORM 1 FROM credit_customer WHERE id = NEW.customer_id FOR NO KEY UPDATE;
    day := CASE WHEN house_clock_may_be_set() THEN coalesce(NEW.accepted_on, (NEW.answered_at AT TIME ZONE 'Asia/Riyadh')::date)
           ELSE (clock_timestamp() AT TIME ZONE 'Asia/Riyadh')::date END;
    NEW.accepted_on := coalesce(NEW.accepted_on, day);
    IF cardinality(NEW.overridden) > 0 AND NEW.overridden_by_id IS NOT DISTINCT FROM NEW.answered_by_id THEN
        PERFORM credit_refuse('order_override_by_two');
    END IF;
    IF NEW.kind <> 'CREDIT' THEN
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT 1 FROM credit_creditstop s
        WHERE s.customer_id = NEW.customer_id AND s.ended_on IS NULL AND (
            s.kind = 'CANCELLED' OR NOT (
                'STOP_' || s.kind = ANY(NEW.overridden) OR (s.kind = 'OVERDUE' AND 'OVERDUE' = ANY(NEW.overridden))
            )
        )
    ) THEN
        PERFORM credit_refuse('order_stopped');
    END IF;
    SELECT amount, ends_on INTO ceiling, over_on FROM credit_creditlimit
    WHERE customer_id = NEW.customer_id AND starts_on <= day ORDER BY starts_on DESC, id DESC LIMIT 1;
    IF NOT FOUND OR (over_on < day AND NOT 'LIMIT_ENDED' = ANY(NEW.overridden)) THEN
        PERFORM credit_refuse('order_without_limit');
    END IF;
    IF NOT 'LIMIT_PASSED' = ANY(NEW.overridden)
       AND credit_owed(NEW.customer_id) + credit_reserved(NEW.customer_id, day, NEW.id) + NEW.amount > ceiling THEN
        PERFORM credit_refuse('order_past_limit');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER order_proved BEFORE INSERT OR UPDATE ON credit_order
FOR EACH ROW EXECUTE FUNCTION credit_order_proved();

-- One invoice ends the reservation of one order.
CREATE FUNCTION credit_order_invoice_alone() RETURNS trigger LANGUAGE plpgsql {_PATH} AS $$
DECLARE
    of_customer bigint;
BEGIN
    SELECT customer_id INTO of_customer FROM credit_order WHERE id = NEW.order_id;
    PERFORM 1 FROM credit_customer WHERE id = of_customer FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM credit_orderinvoice i JOIN credit_order o ON o.id = i.order_id
        WHERE i.client_id = NEW.client_id AND i.receivable_ref = NEW.receivable_ref
          AND o.customer_id = of_customer AND o.id <> NEW.order_id
    ) THEN
        PERFORM credit_refuse('order_invoice_of_another');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER order_invoice_alone BEFORE INSERT ON credit_orderinvoice
FOR EACH ROW EXECUTE FUNCTION credit_order_invoice_alone();
"""

BACK = """
DROP TRIGGER order_invoice_alone ON credit_orderinvoice;
DROP TRIGGER order_proved ON credit_order;
DROP FUNCTION credit_order_invoice_alone();
DROP FUNCTION credit_order_proved();
DROP FUNCTION credit_refuse(text);
DROP FUNCTION credit_reserved(bigint, date, bigint);
DROP FUNCTION credit_order_told(bigint);
DROP FUNCTION credit_owed(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("credit", "0030_demands")]

    operations = [
        migrations.AddField(
            model_name="order", name="accepted_on", field=models.DateField(blank=True, null=True)
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=~Q(state="ACCEPTED") | Q(accepted_on__isnull=False, reserved_until__isnull=False),
                name="order_taken_on_a_day",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=Q(state="ACCEPTED"), fields=["client", "reserved_until"], name="order_runs_out"
            ),
        ),
        migrations.RunSQL(sql=COUNTS + PROOF, reverse_sql=BACK),
    ]
