"""Where a request to go legal stands is where its approval stands: neither is moved without the other.

Asked at the end of a transaction, since one is written before the other.
"""

from django.db import migrations

FOLLOWS = """
CREATE FUNCTION escalation_follows(wanted bigint) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    stands text;
    told text;
BEGIN
    SELECT status INTO stands FROM collections_app_escalationrequest WHERE id = wanted;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- The newest: those before it are void. At the client's step a request is approved, and declined.
    SELECT CASE a.status
        WHEN 'OPEN' THEN CASE WHEN s.portal THEN 'APPROVED' ELSE 'PROPOSED' END
        WHEN 'APPROVED' THEN 'SIGNED'
        WHEN 'REJECTED' THEN CASE WHEN s.portal THEN 'DECLINED' ELSE 'REJECTED' END
        ELSE a.status END
    INTO told
    FROM common_approval a LEFT JOIN common_approvalstep s ON s.approval_id = a.id AND s.position = a.step_now
    WHERE a.kind = 'ESCALATION' AND a.subject_type = 'collections_app.EscalationRequest' AND a.subject_id = wanted
    ORDER BY a.id DESC LIMIT 1;
    IF stands IS DISTINCT FROM told THEN
        RAISE EXCEPTION 'a request stands where its approval stands, not at % while that is at %', stands, told
            USING ERRCODE = 'check_violation', CONSTRAINT = 'escalation_follows_its_approval';
    END IF;
END $$;

CREATE FUNCTION escalation_follows_its_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM escalation_follows(NEW.id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER escalation_follows_its_approval AFTER INSERT OR UPDATE ON collections_app_escalationrequest
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION escalation_follows_its_approval();

CREATE FUNCTION approval_moves_its_escalation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM escalation_follows(NEW.subject_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER approval_moves_its_escalation AFTER INSERT OR UPDATE ON common_approval
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'ESCALATION')
    EXECUTE FUNCTION approval_moves_its_escalation();
"""
NO_LONGER = """
DROP TRIGGER approval_moves_its_escalation ON common_approval;
DROP FUNCTION approval_moves_its_escalation();
DROP TRIGGER escalation_follows_its_approval ON collections_app_escalationrequest;
DROP FUNCTION escalation_follows_its_approval();
DROP FUNCTION escalation_follows(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("legal", "0050_debts_as_asked")]

    operations = [migrations.RunSQL(FOLLOWS, NO_LONGER)]
