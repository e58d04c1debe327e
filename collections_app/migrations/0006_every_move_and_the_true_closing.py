"""A receivable may move twice on one day, and is closed on the latest value date among all its entries."""

from django.db import migrations, models

_HEAD = """
CREATE OR REPLACE FUNCTION ledger_apply() RETURNS trigger LANGUAGE plpgsql AS $$
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
        closed_on = CASE WHEN r.balance + d.total = 0 AND r.status = 'OPEN' THEN {closed}
                         WHEN r.balance + d.total > 0 AND r.status = 'PAID' THEN NULL
                         ELSE r.closed_on END,
        -- Reopened: the next night looks at it again, whatever it waited for.
        next_change_on = CASE WHEN r.balance + d.total > 0 AND r.status = 'PAID' THEN r.issued_on
                              ELSE r.next_change_on END
    FROM (
        SELECT a.receivable_id, sum(a.amount) AS total, max(a.effective_on) AS latest, c.book_date
        FROM added a JOIN clients_client c ON c.id = a.client_id
        WHERE c.book_date IS NULL OR a.effective_on <= c.book_date
        GROUP BY a.receivable_id, c.book_date
    ) d
    WHERE r.id = d.receivable_id;
    RETURN NULL;
END $$;
"""
_TRUE = """(
    SELECT max(e.effective_on) FROM collections_app_ledgerentry e
    WHERE e.receivable_id = r.id AND (d.book_date IS NULL OR e.effective_on <= d.book_date)
)"""


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0005_upload_waits_for_its_columns")]

    operations = [
        migrations.RemoveConstraint(model_name="stagetransition", name="transition_once_a_day"),
        migrations.AddIndex(
            model_name="stagetransition",
            index=models.Index(fields=["receivable", "on"], name="transition_by_receivable"),
        ),
        migrations.RunSQL(_HEAD.replace("{closed}", _TRUE), _HEAD.replace("{closed}", "d.latest")),
    ]
