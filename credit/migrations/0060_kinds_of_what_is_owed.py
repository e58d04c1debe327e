"""What a policy may bound beside the limit: what is unpaid past its terms, and what is open and not past them.

As shipped it bounds neither otherwise than source 001 does: nothing unpaid is tolerated (CM-10), and the limit alone
bounds what is owed (CM-08). The database proves the second when an order is taken, as it proves the limit.
"""

from django.db import migrations, models
from django.db.models import Q

import collections_app.models.fields

_PATH = "SET search_path = pg_catalog, public, pg_temp"
# Run as their owner: the portal shows what is free and reads neither policies nor objections. It is told of its own.
_OWN = "coalesce(nullif(current_setting('mithaq.client_id', true), ''), {client}::text) = {client}::text"

# Of a client on a day: what is tolerated past its terms (empty: whatever it is), and the most that may be open and not
# past them (empty: no bound of its own). Where no version was approved, as shipped.
BOUNDS = f"""
CREATE FUNCTION credit_bounds(of_client bigint, on_day date, OUT overdue_tolerated numeric, OUT not_due_most numeric)
LANGUAGE plpgsql STABLE SECURITY DEFINER {_PATH} AS $$
BEGIN
    SELECT p.overdue_tolerated, p.not_due_most INTO overdue_tolerated, not_due_most
    FROM credit_creditpolicy p
    WHERE p.client_id = of_client AND p.approved_at IS NOT NULL AND p.starts_on <= on_day
      AND {_OWN.format(client="p.client_id")}
    ORDER BY p.starts_on DESC, p.version DESC LIMIT 1;
    IF NOT FOUND THEN
        overdue_tolerated := 0;
    END IF;
END $$;
"""

# Of what ``credit_owed`` counts, that which is not past its terms: the statements of ``selectors.terms``, here frozen.
# What an accepted objection suspends is not past them. 60: the days that are shipped (CM-10). In plpgsql, since its plan
# is then kept: planning is most of it.
NOT_DUE = f"""
CREATE FUNCTION credit_not_due(of_customer bigint, on_day date) RETURNS numeric
LANGUAGE plpgsql STABLE SECURITY DEFINER {_PATH} AS $$
BEGIN
    RETURN (SELECT coalesce(sum(
        CASE WHEN r.status = 'OPEN' THEN r.balance + CASE WHEN r.issued_on > b.book_date THEN r.amount ELSE 0 END
             ELSE 0 END + coalesce(gone.amount, 0)), 0)
    FROM credit_customer c
    JOIN clients_client b ON b.id = c.client_id
    JOIN collections_app_case k ON k.debtor_id = c.debtor_id
    JOIN collections_app_receivable r ON r.case_id = k.id AND r.currency = c.currency
    LEFT JOIN LATERAL (
        SELECT -sum(e.amount) AS amount FROM collections_app_ledgerentry e
        WHERE e.receivable_id = r.id AND e.kind = 'WITHDRAWAL'
        HAVING NOT EXISTS (SELECT 1 FROM collections_app_withdrawal w WHERE w.receivable_id = r.id AND w.whole)
    ) gone ON EXISTS (SELECT 1 FROM collections_app_withdrawal w WHERE w.receivable_id = r.id)
    CROSS JOIN LATERAL (
        SELECT terms_days, CASE WHEN period_start = 'INVOICE' THEN r.issued_on ELSE r.due_on - terms_days END AS since
        FROM (
            SELECT 1 AS source, a.terms_days, a.period_start, a.signed_on, a.id FROM credit_facilityagreement a
            WHERE a.customer_id = c.id AND a.signed_on <= r.issued_on
              AND (a.ends_on IS NULL OR r.issued_on <= a.ends_on)
            UNION ALL
            SELECT 2, p.terms_days, 'INVOICE', p.starts_on, p.version FROM credit_creditpolicy p
            WHERE p.client_id = r.client_id AND p.approved_at IS NOT NULL AND p.starts_on <= r.issued_on
            UNION ALL SELECT 3, 60, 'INVOICE', NULL, NULL
        ) ruled ORDER BY source, signed_on DESC, id DESC LIMIT 1
    ) t
    CROSS JOIN LATERAL (
        SELECT range_agg(daterange(h.from_on, h.until_on, '[]')) AS held FROM collections_app_hold h
        WHERE h.case_id = r.case_id AND (h.debt_id IS NULL OR h.debt_id = r.debt_id)
          AND (h.receivable_id IS NULL OR h.receivable_id = r.id)
          AND h.kind = 'OBJECTION' AND h.decision = 'ACCEPTED'
    ) h
    WHERE c.id = of_customer AND {_OWN.format(client="c.client_id")} AND (r.status = 'OPEN' OR gone.amount IS NOT NULL)
      AND CASE WHEN on_day <= t.since + t.terms_days OR h.held @> on_day THEN true
               ELSE on_day - t.since - t.terms_days <= coalesce((
                   SELECT sum(upper(part) - lower(part))
                   FROM unnest(h.held * datemultirange(daterange(t.since + 1, on_day, '[]'))) AS part
               ), 0)
          END);
END $$;
"""

# After ``order_proved``, by its name: the customer is held by then.
PROOF = f"""
CREATE FUNCTION credit_order_not_due() RETURNS trigger LANGUAGE plpgsql {_PATH} AS $$
DECLARE
    day date;
    most numeric;
BEGIN
    IF 'NOT_DUE_PASSED' = ANY(NEW.overridden) OR (
        TG_OP = 'UPDATE' AND OLD.state = 'ACCEPTED'
        AND NEW.reserved_until <= OLD.reserved_until AND NEW.accepted_on = OLD.accepted_on
    ) THEN
        RETURN NEW;
    END IF;
    day := CASE WHEN house_clock_may_be_set() THEN NEW.accepted_on
           ELSE (clock_timestamp() AT TIME ZONE 'Asia/Riyadh')::date END;
    SELECT b.not_due_most INTO most FROM credit_bounds(NEW.client_id, day) b;
    IF most IS NOT NULL AND
       credit_not_due(NEW.customer_id, day) + credit_reserved(NEW.customer_id, day, NEW.id) + NEW.amount > most THEN
        PERFORM credit_refuse('order_past_not_due');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER order_within_kinds BEFORE INSERT OR UPDATE ON credit_order
FOR EACH ROW WHEN (NEW.kind = 'CREDIT' AND NEW.state = 'ACCEPTED') EXECUTE FUNCTION credit_order_not_due();
"""

BACK = """
DROP TRIGGER order_within_kinds ON credit_order;
DROP FUNCTION credit_order_not_due();
DROP FUNCTION credit_not_due(bigint, date);
DROP FUNCTION credit_bounds(bigint, date);
"""


def _money(**options: object) -> collections_app.models.fields.MoneyField:
    return collections_app.models.fields.MoneyField(
        blank=True, null=True, max_digits=18, decimal_places=2, **options
    )


class Migration(migrations.Migration):
    dependencies = [("credit", "0053_owed_also_outside_collection")]

    operations = [
        migrations.AddField(model_name="creditpolicy", name="overdue_tolerated", field=_money(default=0)),
        migrations.AddField(model_name="creditpolicy", name="not_due_most", field=_money()),
        migrations.AddConstraint(
            model_name="creditpolicy",
            constraint=models.CheckConstraint(
                condition=(Q(overdue_tolerated__isnull=True) | Q(overdue_tolerated__gte=0))
                & (Q(not_due_most__isnull=True) | Q(not_due_most__gt=0)),
                name="credit_policy_bounds",
            ),
        ),
        migrations.RunSQL(
            sql="ALTER TABLE credit_creditpolicy ADD CONSTRAINT credit_policy_bounds_never_nan "
                "CHECK (overdue_tolerated <> 'NaN' AND not_due_most <> 'NaN')",
            reverse_sql="ALTER TABLE credit_creditpolicy DROP CONSTRAINT credit_policy_bounds_never_nan",
        ),
        migrations.RunSQL(sql=BOUNDS + NOT_DUE + PROOF, reverse_sql=BACK),
    ]
