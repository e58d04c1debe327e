"""What handling promises, kept by the database: no stage is skipped, nothing that was looked into is closed without its
evidence (COMPLAINT-STAGES, COMPLAINT-CLOSE-EVIDENCE), nobody decides on themselves, and a hold is the client's own.
"""

from django.db import migrations

from common.db import composite_reference, never_nan

KEPT = """
CREATE FUNCTION matter_moves_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.stage || '>' || NEW.stage NOT IN (
        'RECEIVED>TRACKED', 'TRACKED>ACKNOWLEDGED', 'ACKNOWLEDGED>ASSESSED', 'ASSESSED>INVESTIGATED',
        'INVESTIGATED>RESPONDED', 'INVESTIGATED>ASSESSED', 'RESPONDED>COMMUNICATED', 'RESPONDED>INVESTIGATED',
        'COMMUNICATED>CLOSED', 'COMMUNICATED>ASSESSED', 'CLOSED>ASSESSED'
    ) THEN
        RAISE EXCEPTION 'a matter does not go from % to %', OLD.stage, NEW.stage
            USING ERRCODE = 'check_violation', CONSTRAINT = 'matter_moves_in_order';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER matter_moves_in_order BEFORE UPDATE ON complaints_matter FOR EACH ROW
    WHEN (OLD.stage IS DISTINCT FROM NEW.stage) EXECUTE FUNCTION matter_moves_in_order();

-- A complaint that was looked into is closed once its last level told the result and the further way, on evidence.
CREATE FUNCTION matter_closed_on_evidence() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    work record;
BEGIN
    SELECT told_at, ways INTO work FROM complaints_matterround WHERE matter_id = NEW.id ORDER BY level DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN NEW;
    END IF;
    IF work.told_at IS NULL OR work.ways = '{}' OR NOT (
        EXISTS (SELECT FROM complaints_matternote WHERE matter_id = NEW.id AND kind = 'EVIDENCE')
        OR EXISTS (SELECT FROM complaints_matterpaper WHERE matter_id = NEW.id AND kind = 'EVIDENCE')
    ) THEN
        RAISE EXCEPTION 'a complaint is closed on evidence, with the result told and the further way shown'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'matter_closed_on_evidence';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER matter_closed_on_evidence BEFORE UPDATE ON complaints_matter FOR EACH ROW
    WHEN (OLD.stage IS DISTINCT FROM NEW.stage AND NEW.stage = 'CLOSED' AND NEW.kind = 'COMPLAINT')
    EXECUTE FUNCTION matter_closed_on_evidence();

CREATE FUNCTION round_decided_by_another() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM complaints_matter WHERE id = NEW.matter_id AND concerned_id = NEW.decided_by_id) THEN
        RAISE EXCEPTION 'nobody decides on what is said of themselves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'round_decided_by_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER round_decided_by_another BEFORE INSERT OR UPDATE ON complaints_matterround FOR EACH ROW
    WHEN (NEW.decided_by_id IS NOT NULL) EXECUTE FUNCTION round_decided_by_another();
"""
NO_LONGER = """
DROP TRIGGER round_decided_by_another ON complaints_matterround;
DROP FUNCTION round_decided_by_another();
DROP TRIGGER matter_closed_on_evidence ON complaints_matter;
DROP FUNCTION matter_closed_on_evidence();
DROP TRIGGER matter_moves_in_order ON complaints_matter;
DROP FUNCTION matter_moves_in_order();
"""


class Migration(migrations.Migration):
    dependencies = [("complaints", "0020_rounds_of_matters")]

    operations = [
        composite_reference(
            table="complaints_matter", columns=("hold_id", "client_id"), parent="collections_app_hold"
        ),
        never_nan(table="complaints_matterround", columns=("compensation",)),
        migrations.RunSQL(KEPT, NO_LONGER),
    ]
