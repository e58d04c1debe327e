"""The database keeps the balances: entries are applied by statement, payments are proven at commit."""

from django.db import migrations

LEDGER_APPLY = """
CREATE FUNCTION ledger_apply() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The book does not move between the reading of its date and our commit.
    PERFORM 1 FROM clients_client WHERE id IN (SELECT client_id FROM added) ORDER BY id FOR SHARE;
    IF EXISTS (
        SELECT 1 FROM added a JOIN collections_app_receivable r ON r.id = a.receivable_id
        WHERE r.currency <> a.currency
    ) THEN
        RAISE EXCEPTION 'ledger entry in another currency than its receivable' USING ERRCODE = 'check_violation';
    END IF;
    UPDATE collections_app_receivable r
    SET balance = r.balance + d.total,
        status = CASE WHEN r.balance + d.total = 0 AND r.status = 'OPEN' THEN 'PAID'
                      WHEN r.balance + d.total > 0 AND r.status = 'PAID' THEN 'OPEN'
                      ELSE r.status END,
        closed_on = CASE WHEN r.balance + d.total = 0 AND r.status = 'OPEN' THEN d.latest
                         WHEN r.balance + d.total > 0 AND r.status = 'PAID' THEN NULL
                         ELSE r.closed_on END,
        -- Reopened: the next night looks at it again, whatever it waited for.
        next_change_on = CASE WHEN r.balance + d.total > 0 AND r.status = 'PAID' THEN r.issued_on
                              ELSE r.next_change_on END
    FROM (
        SELECT a.receivable_id, sum(a.amount) AS total, max(a.effective_on) AS latest
        FROM added a JOIN clients_client c ON c.id = a.client_id
        WHERE c.book_date IS NULL OR a.effective_on <= c.book_date
        GROUP BY a.receivable_id
    ) d
    WHERE r.id = d.receivable_id;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_apply AFTER INSERT ON collections_app_ledgerentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_apply();
"""

PAYMENT_PROVEN = """
CREATE FUNCTION payment_proven(payment bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p record;
    allocated numeric;
BEGIN
    SELECT * INTO p FROM collections_app_payment WHERE id = payment;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF EXISTS (
        SELECT 1 FROM collections_app_ledgerentry WHERE payment_id = payment AND currency <> p.currency
    ) THEN
        RAISE EXCEPTION 'payment % allocated in another currency', payment USING ERRCODE = 'check_violation';
    END IF;
    SELECT coalesce(-sum(amount), 0) INTO allocated FROM collections_app_ledgerentry WHERE payment_id = payment;
    IF (p.reversed_on IS NULL AND p.amount <> allocated + p.suspense)
        OR (p.reversed_on IS NOT NULL AND (allocated <> 0 OR p.suspense <> 0))
    THEN
        RAISE EXCEPTION 'payment %: amount % is not allocations % plus suspense %',
            payment, p.amount, allocated, p.suspense USING ERRCODE = 'check_violation';
    END IF;
END $$;
CREATE FUNCTION payment_proven_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM payment_proven(NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION entry_payment_proven_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM payment_proven(NEW.payment_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payment_proven AFTER INSERT OR UPDATE ON collections_app_payment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payment_proven_row();
CREATE CONSTRAINT TRIGGER payment_proven AFTER INSERT ON collections_app_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.payment_id IS NOT NULL)
    EXECUTE FUNCTION entry_payment_proven_row();
"""

AUTHORISATION_APPROVED = """
CREATE FUNCTION authorisation_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM collections_app_escalationrequest
    WHERE id = NEW.request_id AND status IN ('APPROVED', 'SIGNED') FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'authorisation without an approved request' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER authorisation_approved BEFORE INSERT ON collections_app_authorisation
    FOR EACH ROW EXECUTE FUNCTION authorisation_approved();
"""


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0002_rows_of_one_client")]

    operations = [
        migrations.RunSQL(
            LEDGER_APPLY,
            "DROP TRIGGER ledger_apply ON collections_app_ledgerentry; DROP FUNCTION ledger_apply();",
        ),
        migrations.RunSQL(
            PAYMENT_PROVEN,
            "DROP TRIGGER payment_proven ON collections_app_payment;"
            "DROP TRIGGER payment_proven ON collections_app_ledgerentry;"
            "DROP FUNCTION payment_proven_row(); DROP FUNCTION entry_payment_proven_row();"
            "DROP FUNCTION payment_proven(bigint);",
        ),
        migrations.RunSQL(
            AUTHORISATION_APPROVED,
            "DROP TRIGGER authorisation_approved ON collections_app_authorisation;"
            "DROP FUNCTION authorisation_approved();",
        ),
    ]
