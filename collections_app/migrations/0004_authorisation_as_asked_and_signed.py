"""What was asked stands once it is answered; an authorisation is signed by another, as asked, and stands as signed."""

from django.db import migrations

AS_ASKED = """
CREATE OR REPLACE FUNCTION authorisation_approved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked record;
BEGIN
    SELECT * INTO asked FROM collections_app_escalationrequest
    WHERE id = NEW.request_id AND status IN ('APPROVED', 'SIGNED') FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'authorisation without an approved request' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.signatory_id IN (asked.prepared_by_id, asked.decided_by_id) THEN
        RAISE EXCEPTION 'authorisation signed by who prepared or decided it' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM clients_clientuser m JOIN accounts_user u ON u.id = m.user_id
        WHERE m.client_id = NEW.client_id AND u.id = NEW.signatory_id AND u.role = 'CLIENT_SIGNATORY' AND u.is_active
    ) THEN
        RAISE EXCEPTION 'authorisation not signed by a signatory of its client' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.document_hash <> asked.digest OR NEW.ceiling > asked.ceiling OR NEW.cost_ceiling > asked.cost_ceiling
        OR NEW.currency <> asked.currency OR NOT NEW.steps <@ asked.steps
    THEN
        RAISE EXCEPTION 'authorisation beyond what was asked' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""

AS_BEFORE = """
CREATE OR REPLACE FUNCTION authorisation_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM collections_app_escalationrequest
    WHERE id = NEW.request_id AND status IN ('APPROVED', 'SIGNED') FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'authorisation without an approved request' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""

STANDS = """
CREATE FUNCTION authorisation_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - 'revoked_at' <> to_jsonb(OLD) - 'revoked_at'
        OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
    THEN
        RAISE EXCEPTION 'an authorisation stands as signed; it is revoked, once' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER authorisation_stands BEFORE UPDATE OR DELETE ON collections_app_authorisation
    FOR EACH ROW EXECUTE FUNCTION authorisation_stands();

CREATE FUNCTION escalation_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'status' - 'decided_by_id' - 'decided_at' - 'decision_reason' - 'answer_by'
        <> to_jsonb(OLD) - 'status' - 'decided_by_id' - 'decided_at' - 'decision_reason' - 'answer_by'
    THEN
        RAISE EXCEPTION 'what was asked does not change once it is answered' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.decided_by_id IS NOT NULL AND NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id THEN
        RAISE EXCEPTION 'who decided stands' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER escalation_stands BEFORE UPDATE ON collections_app_escalationrequest
    FOR EACH ROW WHEN (OLD.status <> 'PROPOSED') EXECUTE FUNCTION escalation_stands();
"""

FALLS = """
DROP TRIGGER escalation_stands ON collections_app_escalationrequest;
DROP FUNCTION escalation_stands();
DROP TRIGGER authorisation_stands ON collections_app_authorisation;
DROP FUNCTION authorisation_stands();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("collections_app", "0003_ledger_by_trigger"),
        ("clients", "0001_first"),
        ("accounts", "0001_first"),
    ]

    operations = [migrations.RunSQL(AS_ASKED, AS_BEFORE), migrations.RunSQL(STANDS, FALLS)]
