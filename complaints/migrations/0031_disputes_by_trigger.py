"""Disputes keep to their order, whoever writes: references by number, moves by table, and no step taken back."""

from django.db import migrations

from common.db import composite_reference

FORWARD = """
CREATE SEQUENCE complaints_dispute_reference;

CREATE FUNCTION dispute_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moves constant jsonb := '{
        "FILED": ["WITH_MEMBER"], "WITH_MEMBER": ["DECIDING"], "DECIDING": ["DECIDED"],
        "DECIDED": ["CLOSED"], "CLOSED": ["DECIDED"]
    }';
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a dispute is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'FILED' THEN
            RAISE EXCEPTION 'a dispute begins as filed' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state AND NOT moves -> OLD.state ? NEW.state THEN
        RAISE EXCEPTION 'a dispute does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> 'FILED' AND NEW.notified_at IS NULL
        OR NEW.state IN ('DECIDING', 'DECIDED', 'CLOSED') AND NEW.replied_at IS NULL AND NOT NEW.silent
        OR (NEW.state IN ('DECIDED', 'CLOSED')) <> (NEW.outcome <> '')
        OR (NEW.state = 'CLOSED') <> (NEW.closed_at IS NOT NULL)
        OR NEW.state = 'CLOSED' AND NEW.told_result_at IS NULL THEN
        RAISE EXCEPTION 'a dispute in % lacks a step before it', NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.notified_at IS NOT NULL AND NEW.notified_at IS DISTINCT FROM OLD.notified_at
        OR OLD.replied_at IS NOT NULL
            AND (NEW.replied_at, NEW.stand, NEW.has_evidence)
                IS DISTINCT FROM (OLD.replied_at, OLD.stand, OLD.has_evidence)
        OR OLD.silent AND NOT NEW.silent
        OR OLD.outcome <> ''
            AND (NEW.outcome, NEW.decided_at, NEW.decision_reason)
                IS DISTINCT FROM (OLD.outcome, OLD.decided_at, OLD.decision_reason)
        OR OLD.corrected_at IS NOT NULL
            AND (NEW.correction, NEW.corrected_at) IS DISTINCT FROM (OLD.correction, OLD.corrected_at)
        OR OLD.told_progress_at IS NOT NULL AND NEW.told_progress_at IS DISTINCT FROM OLD.told_progress_at
        OR OLD.told_result_at IS NOT NULL AND NEW.told_result_at IS DISTINCT FROM OLD.told_result_at
        OR OLD.reinserted_at IS NOT NULL AND NEW.reinserted_at IS DISTINCT FROM OLD.reinserted_at THEN
        RAISE EXCEPTION 'a step of a dispute is not taken back' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dispute_moves BEFORE INSERT OR UPDATE OR DELETE ON complaints_dispute
    FOR EACH ROW EXECUTE FUNCTION dispute_moves();
"""

BACK = """
DROP TRIGGER dispute_moves ON complaints_dispute;
DROP FUNCTION dispute_moves();
DROP SEQUENCE complaints_dispute_reference;
"""


class Migration(migrations.Migration):
    dependencies = [("complaints", "0030_disputes_in_their_steps")]

    operations = [
        composite_reference(
            table="complaints_disputepack", columns=("dispute_id", "client_id"), parent="complaints_dispute"
        ),
        migrations.RunSQL(FORWARD, BACK),
    ]
