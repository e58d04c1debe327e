"""What ends a dispute comes step by step, whoever writes: silence once the time for the reply lapsed, a correction once
it was decided, the committee's word once it was asked, an item put back once the committee said so (CB-32, CB-34, CB-41,
regulations B12); what a decision stood on stays as it lay; and none of it commits without its row among the steps.
"""

from django.db import migrations

KEPT = """
CREATE FUNCTION dispute_step_by_step() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.silent OR NEW.outcome <> '' OR NEW.correction <> '' OR NEW.committee <> ''
            OR NEW.notified_at IS NOT NULL OR NEW.replied_at IS NOT NULL OR NEW.reinserted_at IS NOT NULL
            OR NEW.closed_at IS NOT NULL THEN
            RAISE EXCEPTION 'a dispute begins as filed' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.silent AND NOT OLD.silent AND NOT EXISTS (
        SELECT FROM common_clock WHERE subject_type = 'complaints.Dispute' AND subject_id = NEW.id
            AND kind = 'DISPUTE' AND code = 'MEMBER_REPLY' AND lapsed_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'a member is silent once the time for its reply is over' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.correction = '' AND NEW.correction <> '' AND OLD.outcome = ''
        OR OLD.outcome <> '' AND OLD.has_documents IS DISTINCT FROM NEW.has_documents
        OR OLD.committee IS DISTINCT FROM NEW.committee AND OLD.committee || '>' || NEW.committee NOT IN (
            '>ASKED', 'ASKED>FOR_OBJECTOR', 'ASKED>FOR_MEMBER'
        )
        OR OLD.committee = '' AND NEW.committee <> '' AND OLD.outcome = ''
        OR OLD.reinserted_at IS NULL AND NEW.reinserted_at IS NOT NULL
            AND (OLD.committee <> 'FOR_MEMBER' OR OLD.correction = '') THEN
        RAISE EXCEPTION 'a dispute lacks a step before this one' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dispute_step_by_step BEFORE INSERT OR UPDATE ON complaints_dispute
    FOR EACH ROW EXECUTE FUNCTION dispute_step_by_step();

CREATE FUNCTION dispute_steps_written() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    lacks text;
BEGIN
    SELECT string_agg(step, ', ') INTO lacks FROM unnest(ARRAY[
        CASE WHEN NEW.silent THEN 'SILENT' END,
        CASE WHEN NEW.outcome <> '' THEN 'DECIDED' END,
        CASE WHEN NEW.correction <> '' THEN 'CORRECTED' END,
        CASE WHEN NEW.committee <> '' THEN 'COMMITTEE_ASKED' END,
        CASE WHEN NEW.committee IN ('FOR_OBJECTOR', 'FOR_MEMBER') THEN 'COMMITTEE_RULED' END,
        CASE WHEN NEW.reinserted_at IS NOT NULL THEN 'REINSERTED' END
    ]) AS step
    WHERE step IS NOT NULL AND NOT EXISTS (
        SELECT FROM complaints_disputemove WHERE dispute_id = NEW.id AND what = step
    );
    IF lacks IS NOT NULL THEN
        RAISE EXCEPTION 'a dispute moved without its step: %', lacks USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER dispute_steps_written AFTER UPDATE ON complaints_dispute
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.silent, OLD.outcome, OLD.correction, OLD.committee, OLD.reinserted_at)
        IS DISTINCT FROM (NEW.silent, NEW.outcome, NEW.correction, NEW.committee, NEW.reinserted_at))
    EXECUTE FUNCTION dispute_steps_written();
"""
NO_LONGER = """
DROP TRIGGER dispute_steps_written ON complaints_dispute;
DROP FUNCTION dispute_steps_written();
DROP TRIGGER dispute_step_by_step ON complaints_dispute;
DROP FUNCTION dispute_step_by_step();
"""


class Migration(migrations.Migration):
    dependencies = [("complaints", "0071_concerned_decided_nothing"), ("common", "0051_outbox_by_trigger")]

    operations = [migrations.RunSQL(KEPT, NO_LONGER)]
