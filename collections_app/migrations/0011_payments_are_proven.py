"""A payment is its allocations, its suspense and what was taken back of it; pins and reversals are of its client."""

from django.db import migrations

from common.db import composite_reference, never_nan

P = "collections_app_"

PROVEN = """
CREATE OR REPLACE FUNCTION payment_proven(payment bigint) RETURNS void LANGUAGE plpgsql AS $$
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
    IF p.amount - {taken} <> allocated + p.suspense THEN
        RAISE EXCEPTION 'payment %: amount % less % taken back is not allocations % plus suspense %',
            payment, p.amount, {taken}, allocated, p.suspense USING ERRCODE = 'check_violation';
    END IF;
END $$;
"""

# What was pinned before pins were kept, and what was taken back before it could be in parts.
KEPT = """
INSERT INTO collections_app_paymentpin (client_id, payment_id, receivable_id, amount, event_id)
SELECT e.client_id, e.payment_id, e.receivable_id, -sum(e.amount), min(e.event_id)
FROM collections_app_ledgerentry e JOIN collections_app_payment p ON p.id = e.payment_id
WHERE e.allocation = 'PINNED' AND e.kind = 'PAYMENT'
GROUP BY 1, 2, 3;
UPDATE collections_app_payment p SET allocation_method = 'AS_SPECIFIED'
WHERE EXISTS (SELECT 1 FROM collections_app_paymentpin n WHERE n.payment_id = p.id);
INSERT INTO collections_app_paymentreversal (client_id, payment_id, amount, "on", reason, recorded_at, event_id)
SELECT p.client_id, p.id, p.amount, p.reversed_on, '', coalesce(max(e.recorded_at), p.recorded_at),
       coalesce(max(e.event_id), 0)
FROM collections_app_payment p
LEFT JOIN collections_app_ledgerentry e ON e.payment_id = p.id AND e.kind = 'REVERSAL'
WHERE p.reversed_on IS NOT NULL GROUP BY p.id;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0010_money_is_replayed")]

    operations = [
        migrations.RunSQL(
            PROVEN.replace("{taken}", "p.reversed_amount"),
            PROVEN.replace("{taken}", "(CASE WHEN p.reversed_on IS NULL THEN 0 ELSE p.amount END)"),
        ),
        *(
            composite_reference(table=P + table, columns=columns, parent=P + parent)
            for table, columns, parent in (
                ("paymentpin", ("payment_id", "client_id"), "payment"),
                ("paymentpin", ("receivable_id", "client_id"), "receivable"),
                ("paymentreversal", ("payment_id", "client_id"), "payment"),
            )
        ),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
        never_nan(table=P + "paymentpin", columns=("amount",)),
        never_nan(table=P + "paymentreversal", columns=("amount",)),
        migrations.RunSQL(
            "ALTER TABLE collections_app_payment ADD CONSTRAINT collections_app_payment_reversed_never_nan "
            "CHECK (reversed_amount <> 'NaN')",
            "ALTER TABLE collections_app_payment DROP CONSTRAINT collections_app_payment_reversed_never_nan",
        ),
    ]
