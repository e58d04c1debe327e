"""Nobody who decided a matter at its level becomes whom it is about; the other way round is kept since 0021 (CX-14)."""

from django.db import migrations

KEPT = """
CREATE FUNCTION matter_concerned_decided_nothing() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM complaints_matterround
        WHERE matter_id = NEW.id AND level = NEW.level AND decided_by_id = NEW.concerned_id
    ) THEN
        RAISE EXCEPTION 'who decided a matter is not whom it is about'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'matter_concerned_decided_nothing';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER matter_concerned_decided_nothing BEFORE UPDATE ON complaints_matter FOR EACH ROW
    WHEN (NEW.concerned_id IS NOT NULL AND OLD.concerned_id IS DISTINCT FROM NEW.concerned_id)
    EXECUTE FUNCTION matter_concerned_decided_nothing();
"""
NO_LONGER = """
DROP TRIGGER matter_concerned_decided_nothing ON complaints_matter;
DROP FUNCTION matter_concerned_decided_nothing();
"""


class Migration(migrations.Migration):
    dependencies = [("complaints", "0070_confidential_papers")]

    operations = [migrations.RunSQL(KEPT, NO_LONGER)]
