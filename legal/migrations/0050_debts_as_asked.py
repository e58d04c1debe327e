"""An authorisation covers exactly the debts that its request named, each by its share (rule JOINT-LIABILITY)."""

from django.db import migrations

_PATH = "SET search_path = pg_catalog, public, pg_temp"
_ONCE = f"""
CREATE OR REPLACE FUNCTION authorised_debts_once() RETURNS trigger LANGUAGE plpgsql {_PATH} AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM legal_authoriseddebt d JOIN told t ON t.authorisation_id = d.authorisation_id
        WHERE d.id NOT IN (SELECT id FROM told)
    ) OR EXISTS (
        SELECT 1 FROM told t
        JOIN collections_app_authorisation a ON a.id = t.authorisation_id
        JOIN collections_app_debt b ON b.id = t.debt_id
        WHERE b.case_id <> a.case_id OR b.currency <> a.currency
    ) THEN
        PERFORM legal_refuse('authorised_debts_once');
    END IF;
__AS_ASKED__    RETURN NULL;
END $$;
"""
_AS_ASKED = """    PERFORM authorised_as_asked(t.authorisation_id) FROM (SELECT DISTINCT authorisation_id FROM told) t;
"""
# Requests that named no debts were made before debts were named: what stood open is covered.
AS_ASKED = f"""
CREATE FUNCTION authorised_as_asked(wanted bigint) RETURNS void LANGUAGE plpgsql {_PATH} AS $$
DECLARE
    asked jsonb;
BEGIN
    SELECT r.debts INTO asked FROM collections_app_authorisation a
    JOIN collections_app_escalationrequest r ON r.id = a.request_id WHERE a.id = wanted;
    IF asked <> '[]'::jsonb AND (
        SELECT jsonb_object_agg(d.debt_id, d.share_percent::numeric(5, 2)) FROM legal_authoriseddebt d
        WHERE d.authorisation_id = wanted
    ) IS DISTINCT FROM (
        SELECT jsonb_object_agg(t.debt, t.share) FROM jsonb_to_recordset(asked) AS t (debt bigint, share numeric(5, 2))
    ) THEN
        PERFORM legal_refuse('authorised_debts_as_asked');
    END IF;
END $$;

-- Asked again when all is written, so that naming none is no way around it.
CREATE FUNCTION authorisation_covers_what_was_asked() RETURNS trigger LANGUAGE plpgsql {_PATH} AS $$
BEGIN
    PERFORM authorised_as_asked(NEW.id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER authorisation_covers_what_was_asked AFTER INSERT ON collections_app_authorisation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION authorisation_covers_what_was_asked();
"""
NOT_AS_ASKED = """
DROP TRIGGER authorisation_covers_what_was_asked ON collections_app_authorisation;
DROP FUNCTION authorisation_covers_what_was_asked();
DROP FUNCTION authorised_as_asked(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("legal", "0011_approvals_of_requests"), ("collections_app", "0100_debts_of_a_request")]

    operations = [
        migrations.RunSQL(AS_ASKED, NOT_AS_ASKED),
        migrations.RunSQL(_ONCE.replace("__AS_ASKED__", _AS_ASKED), _ONCE.replace("__AS_ASKED__", "")),
    ]
