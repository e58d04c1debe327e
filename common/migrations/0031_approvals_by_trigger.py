"""The database has the last word on approvals: who decides what, once, on what stands, and no other way to an end."""

from django.db import migrations

APPROVAL = """
CREATE FUNCTION approval_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'an approval is never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'OPEN' OR NEW.step_now <> 1 OR NEW.applied_at IS NOT NULL THEN
            RAISE EXCEPTION 'an approval begins by being asked' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.status NOT IN ('OPEN', 'APPROVED') AND to_jsonb(NEW) <> to_jsonb(OLD) THEN
        RAISE EXCEPTION 'an approval that ended stands' USING ERRCODE = 'check_violation';
    END IF;
    IF to_jsonb(NEW) - '{digest,status,step_now,ended_at,ended_by_id,end_reason,applied_at}'::text[]
        <> to_jsonb(OLD) - '{digest,status,step_now,ended_at,ended_by_id,end_reason,applied_at}'::text[]
    THEN
        RAISE EXCEPTION 'what was asked stands; what is changed is asked anew' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.digest <> OLD.digest AND (
        OLD.status <> 'OPEN' OR NEW.status <> 'OPEN'
        OR EXISTS (SELECT 1 FROM common_approvaldecision WHERE approval_id = NEW.id)
    ) THEN
        RAISE EXCEPTION 'a change after a decision voids the approval' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status <> OLD.status AND NOT (OLD.status = 'OPEN' OR OLD.status = 'APPROVED' AND NEW.status = 'VOID') THEN
        RAISE EXCEPTION 'an approval moves as declared, not from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.applied_at IS NOT NULL AND to_jsonb(NEW) <> to_jsonb(OLD) THEN
        RAISE EXCEPTION 'what was approved and done stands' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.step_now <> OLD.step_now AND (NEW.step_now <> OLD.step_now + 1 OR NOT EXISTS (
        SELECT 1 FROM common_approvaldecision d JOIN common_approvalstep s ON s.id = d.step_id
        WHERE d.approval_id = NEW.id AND s.position = OLD.step_now AND d.decision = 'APPROVED'
    )) THEN
        RAISE EXCEPTION 'a step is passed by its own decision' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status = 'APPROVED' AND OLD.status = 'OPEN' AND (
        NOT EXISTS (SELECT 1 FROM common_approvalstep WHERE approval_id = NEW.id)
        OR EXISTS (
            SELECT 1 FROM common_approvalstep s WHERE s.approval_id = NEW.id AND NOT EXISTS (
                SELECT 1 FROM common_approvaldecision d
                WHERE d.step_id = s.id AND d.decision = 'APPROVED' AND d.digest = NEW.digest
            )
        )
    ) THEN
        RAISE EXCEPTION 'not approved without the decision of every step' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status IN ('RETURNED', 'REJECTED') AND OLD.status = 'OPEN' AND NOT EXISTS (
        SELECT 1 FROM common_approvaldecision WHERE approval_id = NEW.id AND decision = NEW.status
    ) THEN
        RAISE EXCEPTION 'not answered without a decision' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approval_stands BEFORE INSERT OR UPDATE OR DELETE ON common_approval
    FOR EACH ROW EXECUTE FUNCTION approval_stands();

-- By the end of the transaction that asks, every position of the matrix has its step.
CREATE FUNCTION approval_has_its_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(DISTINCT position) FROM common_authoritylimit WHERE kind = NEW.kind)
        IS DISTINCT FROM (SELECT nullif(count(*), 0) FROM common_approvalstep WHERE approval_id = NEW.id)
    THEN
        RAISE EXCEPTION 'an approval has the steps of the authority matrix' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER approval_has_its_steps AFTER INSERT ON common_approval
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION approval_has_its_steps();

CREATE FUNCTION approval_step_of_matrix() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked record;
BEGIN
    SELECT * INTO asked FROM common_approval WHERE id = NEW.approval_id FOR UPDATE;
    IF asked.status <> 'OPEN' OR EXISTS (SELECT 1 FROM common_approvaldecision WHERE approval_id = asked.id) THEN
        RAISE EXCEPTION 'the steps of an approval stand' USING ERRCODE = 'check_violation';
    END IF;
    IF cardinality(NEW.roles) = 0 OR EXISTS (
        SELECT 1 FROM unnest(NEW.roles) AS r(role) WHERE NOT EXISTS (
            SELECT 1 FROM common_authoritylimit m
            WHERE m.kind = asked.kind AND m.position = NEW.position AND m.role = r.role AND m.portal = NEW.portal
              AND m.is_active AND (m.currency = '' OR m.currency = asked.currency)
              AND (m.up_to IS NULL OR m.up_to >= asked.amount)
        )
    ) THEN
        RAISE EXCEPTION 'a step names roles of the authority matrix' USING ERRCODE = 'check_violation';
    END IF;
    NEW.client_id := asked.client_id;
    RETURN NEW;
END $$;
CREATE TRIGGER approval_step_of_matrix BEFORE INSERT ON common_approvalstep
    FOR EACH ROW EXECUTE FUNCTION approval_step_of_matrix();
"""
APPROVAL_BACK = """
DROP TRIGGER approval_step_of_matrix ON common_approvalstep;
DROP FUNCTION approval_step_of_matrix();
DROP TRIGGER approval_has_its_steps ON common_approval;
DROP FUNCTION approval_has_its_steps();
DROP TRIGGER approval_stands ON common_approval;
DROP FUNCTION approval_stands();
"""

DECISION = """
CREATE FUNCTION approval_decision_allowed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked record;
    step record;
    given record;
    actor record;
    person bigint;
    today date := (NEW.at AT TIME ZONE 'Asia/Riyadh')::date;
BEGIN
    -- Two decisions at once: the second waits here, and finds what the first left.
    SELECT * INTO asked FROM common_approval WHERE id = NEW.approval_id FOR UPDATE;
    IF NOT FOUND OR asked.status <> 'OPEN' THEN
        RAISE EXCEPTION 'this approval waits for nobody' USING ERRCODE = 'check_violation';
    END IF;
    SELECT * INTO step FROM common_approvalstep WHERE approval_id = asked.id AND position = asked.step_now;
    IF NOT FOUND OR step.id <> NEW.step_id THEN
        RAISE EXCEPTION 'a decision is of the step that waits' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.digest <> asked.digest THEN
        RAISE EXCEPTION 'a decision is on what stands, not on another digest' USING ERRCODE = 'check_violation';
    END IF;
    FOREACH person IN ARRAY array_remove(ARRAY[NEW.person_id::bigint, NEW.on_behalf_of_id::bigint], NULL) LOOP
        -- Whoever prepared this, or an earlier form of it, in whatever role they are now.
        IF person = ANY(asked.also_prepared_by) OR EXISTS (
            SELECT 1 FROM common_approval a WHERE a.subject_type = asked.subject_type
              AND a.subject_id = asked.subject_id AND (a.prepared_by_id = person OR person = ANY(a.also_prepared_by))
        ) THEN
            RAISE EXCEPTION 'nobody decides what they prepared' USING ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (
            SELECT 1 FROM common_approvaldecision d JOIN common_approval a ON a.id = d.approval_id
            JOIN common_approvalstep s ON s.id = d.step_id
            WHERE a.subject_type = asked.subject_type AND a.subject_id = asked.subject_id
              AND (a.id = asked.id OR s.position <> step.position)
              AND (d.person_id = person OR d.on_behalf_of_id = person)
        ) THEN
            RAISE EXCEPTION 'nobody acts twice on one request' USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    SELECT u.role, u.is_active INTO actor FROM accounts_user u WHERE u.id = NEW.person_id FOR SHARE;
    IF NOT actor.is_active THEN
        RAISE EXCEPTION 'only who is active decides' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.on_behalf_of_id IS NOT NULL THEN
        SELECT * INTO given FROM common_delegation WHERE id = NEW.delegation_id FOR SHARE;
        IF given.from_person_id <> NEW.on_behalf_of_id OR given.to_person_id <> NEW.person_id
            OR given.ended_at IS NOT NULL OR today NOT BETWEEN given.starts_on AND given.ends_on
            OR (cardinality(given.kinds) > 0 AND NOT asked.kind = ANY(given.kinds))
            OR (given.up_to IS NOT NULL AND (
                asked.amount IS NULL OR asked.currency <> given.currency OR asked.amount > given.up_to))
            OR step.portal OR actor.role IN ('ADMINISTRATOR', 'AUDITOR', 'CLIENT_USER', 'CLIENT_SIGNATORY')
        THEN
            RAISE EXCEPTION 'no delegation covers this' USING ERRCODE = 'check_violation';
        END IF;
        SELECT u.role, u.is_active INTO actor FROM accounts_user u WHERE u.id = NEW.on_behalf_of_id FOR SHARE;
    END IF;
    IF NOT actor.is_active OR NEW.role <> actor.role OR NOT actor.role = ANY(step.roles) THEN
        RAISE EXCEPTION 'a step is decided in its own role' USING ERRCODE = 'check_violation';
    END IF;
    NEW.client_id := asked.client_id;
    RETURN NEW;
END $$;
CREATE TRIGGER approval_decision_allowed BEFORE INSERT ON common_approvaldecision
    FOR EACH ROW EXECUTE FUNCTION approval_decision_allowed();

-- The only writer of how far an approval has come.
CREATE FUNCTION approval_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.decision = 'APPROVED' AND EXISTS (
        SELECT 1 FROM common_approvalstep s JOIN common_approval a ON a.id = s.approval_id
        WHERE a.id = NEW.approval_id AND s.position = a.step_now + 1
    ) THEN
        UPDATE common_approval SET step_now = step_now + 1 WHERE id = NEW.approval_id;
    ELSE
        UPDATE common_approval SET status = NEW.decision, ended_at = NEW.at WHERE id = NEW.approval_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER approval_decided AFTER INSERT ON common_approvaldecision
    FOR EACH ROW EXECUTE FUNCTION approval_decided();
"""
DECISION_BACK = """
DROP TRIGGER approval_decided ON common_approvaldecision;
DROP FUNCTION approval_decided();
DROP TRIGGER approval_decision_allowed ON common_approvaldecision;
DROP FUNCTION approval_decision_allowed();
"""

AUTHORITY = """
CREATE FUNCTION delegation_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL
        OR to_jsonb(NEW) - '{ended_at,ended_by_id}'::text[] <> to_jsonb(OLD) - '{ended_at,ended_by_id}'::text[]
    THEN
        RAISE EXCEPTION 'a delegation stands as given; it is ended, once' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER delegation_stands BEFORE UPDATE OR DELETE ON common_delegation
    FOR EACH ROW EXECUTE FUNCTION delegation_stands();

CREATE FUNCTION authority_limit_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.kind, NEW.position, NEW.role, NEW.portal, NEW.currency)
        IS DISTINCT FROM (OLD.kind, OLD.position, OLD.role, OLD.portal, OLD.currency)
    THEN
        RAISE EXCEPTION 'a row of the authority matrix stands; its limit changes' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER authority_limit_stands BEFORE UPDATE OR DELETE ON common_authoritylimit
    FOR EACH ROW EXECUTE FUNCTION authority_limit_stands();
"""
AUTHORITY_BACK = """
DROP TRIGGER authority_limit_stands ON common_authoritylimit;
DROP FUNCTION authority_limit_stands();
DROP TRIGGER delegation_stands ON common_delegation;
DROP FUNCTION delegation_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("common", "0030_approvals")]

    operations = [
        migrations.RunSQL(APPROVAL, APPROVAL_BACK),
        migrations.RunSQL(DECISION, DECISION_BACK),
        migrations.RunSQL(AUTHORITY, AUTHORITY_BACK),
    ]
