"""An authorisation stands as signed; it ends once: revoked, by whom and why, or replaced by a later one of its case."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("collections_app.migrations.0004_authorisation_as_asked_and_signed").STANDS

ENDS_ONCE = """
CREATE OR REPLACE FUNCTION authorisation_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ends CONSTANT text[] := ARRAY['revoked_at', 'revoked_by_id', 'revoked_reason', 'replaced_by_id'];
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - ends <> to_jsonb(OLD) - ends
        OR ((OLD.revoked_at IS NOT NULL OR OLD.replaced_by_id IS NOT NULL) AND NEW IS DISTINCT FROM OLD)
    THEN
        RAISE EXCEPTION 'an authorisation stands as signed; it is revoked or replaced, once'
            USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.revoked_at IS NULL) <> (NEW.revoked_by_id IS NULL) OR (NEW.revoked_at IS NULL) <> (NEW.revoked_reason = '')
        OR NEW.revoked_at < NEW.signed_at OR (NEW.revoked_at IS NOT NULL AND NEW.replaced_by_id IS NOT NULL)
    THEN
        RAISE EXCEPTION 'a revocation names its moment, who revoked, and why' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.replaced_by_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM collections_app_authorisation n
        WHERE n.id = NEW.replaced_by_id AND n.case_id = NEW.case_id AND n.id > NEW.id
    ) THEN
        RAISE EXCEPTION 'an authorisation is replaced by a later one of its case' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""
AS_BEFORE = BEFORE[: BEFORE.index("CREATE TRIGGER")].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0051_proofs_at_less")]

    operations = [migrations.RunSQL(ENDS_ONCE, AS_BEFORE)]
