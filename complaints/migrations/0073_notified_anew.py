"""A letter that never left is told anew, later: the notice to the member while nothing of it is answered or decided
(CB-31), the written result while the dispute is not closed (CB-37).
"""

from django.db import migrations

STANDS = "OLD.%(column)s IS NOT NULL AND NEW.%(column)s IS DISTINCT FROM OLD.%(column)s"
ANEW = STANDS + (
    " AND NOT coalesce("
    "OLD.state = '%(state)s' AND NEW.state = '%(state)s' AND NEW.%(column)s > OLD.%(column)s, false)"
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


def anew(*, column, state):
    """The moment of a step may be a later one while the dispute stands there."""
    was, now = (text % {"column": column, "state": state} for text in (STANDS, ANEW))
    return migrations.RunSQL(REPLACED % {"was": was, "now": now}, REPLACED % {"was": now, "now": was})


class Migration(migrations.Migration):
    dependencies = [("complaints", "0072_disputes_step_by_step")]

    operations = [
        anew(column="notified_at", state="WITH_MEMBER"),
        anew(column="told_result_at", state="DECIDED"),
    ]
