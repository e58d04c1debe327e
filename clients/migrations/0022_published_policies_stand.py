"""What is published stands, and rules nowhere that a second person has not agreed to: by trigger."""

from django.db import migrations

POLICY = """
CREATE FUNCTION stage_policy_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'DRAFT' THEN
            RAISE EXCEPTION 'only a draft of a stage policy is deleted' USING ERRCODE = 'check_violation';
        END IF;
        RETURN OLD;
    END IF;
    -- A shipped ladder has no preparer: it is published by being shipped.
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('DRAFT', 'PROPOSED'), ('PROPOSED', 'APPROVED'), ('PROPOSED', 'REJECTED'), ('PROPOSED', 'DRAFT')
    ) AND NOT (OLD.state = 'DRAFT' AND NEW.state = 'APPROVED' AND OLD.prepared_by_id IS NULL) THEN
        RAISE EXCEPTION 'a stage policy moves as declared, not from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    IF (OLD.state <> 'DRAFT' OR NEW.state <> OLD.state) AND to_jsonb(NEW) - 'state' <> to_jsonb(OLD) - 'state' THEN
        RAISE EXCEPTION 'a published stage policy is never edited' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = 'PROPOSED' AND NEW.state = 'APPROVED' AND NOT EXISTS (
        SELECT 1 FROM clients_stagechange WHERE policy_id = NEW.id AND status = 'APPROVED'
    ) THEN
        RAISE EXCEPTION 'a stage policy is published by an approved request' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stage_policy_stands BEFORE UPDATE OR DELETE ON clients_stagepolicy
    FOR EACH ROW EXECUTE FUNCTION stage_policy_stands();

CREATE FUNCTION stage_policy_row_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND NOT EXISTS (
        SELECT 1 FROM clients_stagepolicy WHERE id = OLD.policy_id AND state = 'DRAFT'
    ) OR TG_OP <> 'DELETE' AND NOT EXISTS (
        SELECT 1 FROM clients_stagepolicy WHERE id = NEW.policy_id AND state = 'DRAFT'
    ) THEN
        RAISE EXCEPTION 'a published stage policy is never edited' USING ERRCODE = 'check_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER stage_policy_row_stands BEFORE INSERT OR UPDATE OR DELETE ON clients_stagepolicyrow
    FOR EACH ROW EXECUTE FUNCTION stage_policy_row_stands();
"""
POLICY_BACK = """
DROP TRIGGER stage_policy_row_stands ON clients_stagepolicyrow;
DROP FUNCTION stage_policy_row_stands();
DROP TRIGGER stage_policy_stands ON clients_stagepolicy;
DROP FUNCTION stage_policy_stands();
"""

CHANGE = """
CREATE FUNCTION stage_change_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a request is never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.status <> 'PROPOSED' AND to_jsonb(NEW) <> to_jsonb(OLD) THEN
            RAISE EXCEPTION 'a request that was answered stands' USING ERRCODE = 'check_violation';
        END IF;
        IF to_jsonb(NEW) - 'status' - 'decided_by_id' - 'decided_at' - 'decision_reason'
            <> to_jsonb(OLD) - 'status' - 'decided_by_id' - 'decided_at' - 'decision_reason'
        THEN
            RAISE EXCEPTION 'what was asked does not change' USING ERRCODE = 'check_violation';
        END IF;
    ELSIF NEW.status <> 'PROPOSED' THEN
        RAISE EXCEPTION 'a request begins by being asked' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.decided_by_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM clients_stagepolicy WHERE id = NEW.policy_id AND prepared_by_id = NEW.decided_by_id
    ) THEN
        RAISE EXCEPTION 'nobody decides what they prepared' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stage_change_stands BEFORE INSERT OR UPDATE OR DELETE ON clients_stagechange
    FOR EACH ROW EXECUTE FUNCTION stage_change_stands();

CREATE FUNCTION stage_change_place_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND (
        (OLD.change_id, OLD.client_id, OLD.product) IS DISTINCT FROM (NEW.change_id, NEW.client_id, NEW.product)
    ) OR TG_OP = 'INSERT' AND NOT EXISTS (
        SELECT 1 FROM clients_stagechange WHERE id = NEW.change_id AND status = 'PROPOSED'
    ) THEN
        RAISE EXCEPTION 'the places of a request stand' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stage_change_place_stands BEFORE INSERT OR UPDATE OR DELETE ON clients_stagechangeplace
    FOR EACH ROW EXECUTE FUNCTION stage_change_place_stands();

CREATE FUNCTION stage_assignment_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM clients_stagepolicy WHERE id = NEW.policy_id AND state = 'APPROVED') THEN
        RAISE EXCEPTION 'only a published stage policy rules' USING ERRCODE = 'check_violation';
    END IF;
    -- What a new client begins with is agreed with the client; whatever follows, by an approved request.
    IF EXISTS (SELECT 1 FROM clients_stageassignment WHERE client_id = NEW.client_id) AND NOT EXISTS (
        SELECT 1 FROM clients_stagechange c JOIN clients_stagechangeplace p ON p.change_id = c.id
        WHERE c.status = 'APPROVED' AND c.policy_id = NEW.policy_id AND c.starts_on = NEW.starts_on
          AND p.client_id = NEW.client_id AND p.product = NEW.product
    ) THEN
        RAISE EXCEPTION 'a stage policy rules by an approved request' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stage_assignment_agreed BEFORE INSERT ON clients_stageassignment
    FOR EACH ROW EXECUTE FUNCTION stage_assignment_agreed();
"""
CHANGE_BACK = """
DROP TRIGGER stage_assignment_agreed ON clients_stageassignment;
DROP FUNCTION stage_assignment_agreed();
DROP TRIGGER stage_change_place_stands ON clients_stagechangeplace;
DROP FUNCTION stage_change_place_stands();
DROP TRIGGER stage_change_stands ON clients_stagechange;
DROP FUNCTION stage_change_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("clients", "0021_what_ruled_so_far")]

    operations = [migrations.RunSQL(POLICY, POLICY_BACK), migrations.RunSQL(CHANGE, CHANGE_BACK)]
