"""A member whose notice never left is notified anew, later, while nothing of it is answered or decided (CB-31)."""

from django.db import migrations

STANDS = "OLD.notified_at IS NOT NULL AND NEW.notified_at IS DISTINCT FROM OLD.notified_at"
ANEW = (
    "OLD.notified_at IS NOT NULL AND NEW.notified_at IS DISTINCT FROM OLD.notified_at AND NOT coalesce("
    "OLD.state = 'WITH_MEMBER' AND NEW.state = 'WITH_MEMBER' AND NEW.notified_at > OLD.notified_at, false)"
)
REPLACED = """
DO $change$
DECLARE
    was text := pg_get_functiondef('dispute_moves()'::regprocedure);
    is_now text := replace(was, $text$%(was)s$text$, $text$%(now)s$text$);
BEGIN
    IF was = is_now THEN
        RAISE EXCEPTION 'dispute_moves() is not what this migration changes';
    END IF;
    EXECUTE is_now;
END $change$;
"""


class Migration(migrations.Migration):
    dependencies = [("complaints", "0072_disputes_step_by_step")]

    operations = [
        migrations.RunSQL(REPLACED % {"was": STANDS, "now": ANEW}, REPLACED % {"was": ANEW, "now": STANDS})
    ]
