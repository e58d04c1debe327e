"""A request moves as declared and is never deleted once answered; an authorisation ends when it was asked to."""

from django.db import migrations

_AS_ASKED = """
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
        OR NEW.currency <> asked.currency OR NOT NEW.steps <@ asked.steps__UNTIL__
    THEN
        RAISE EXCEPTION 'authorisation beyond what was asked' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""
_UNTIL = """
        OR NEW.valid_until > (NEW.signed_at AT TIME ZONE 'Asia/Riyadh')::date + asked.valid_days"""

_FALLS = """
DROP TRIGGER escalation_stands ON collections_app_escalationrequest;
DROP FUNCTION escalation_stands();
"""

MOVES = """
CREATE FUNCTION escalation_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.status <> 'PROPOSED' THEN
            RAISE EXCEPTION 'a request that was answered is not deleted' USING ERRCODE = 'check_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
        ('PROPOSED', 'APPROVED'), ('PROPOSED', 'RETURNED'), ('PROPOSED', 'REJECTED'), ('PROPOSED', 'WITHDRAWN'),
        ('APPROVED', 'SIGNED'), ('APPROVED', 'DECLINED'), ('APPROVED', 'WITHDRAWN')
    ) THEN
        RAISE EXCEPTION 'a request moves as declared, not from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF (OLD.status <> 'PROPOSED' OR NEW.status <> OLD.status)
        AND to_jsonb(NEW) - 'status' - 'decided_by_id' - 'decided_at' - 'decision_reason' - 'answer_by'
        <> to_jsonb(OLD) - 'status' - 'decided_by_id' - 'decided_at' - 'decision_reason' - 'answer_by'
    THEN
        RAISE EXCEPTION 'what was asked does not change once it is answered' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.decided_by_id IS NOT NULL AND NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id THEN
        RAISE EXCEPTION 'who decided stands' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.status NOT IN ('PROPOSED', 'APPROVED') AND to_jsonb(NEW) <> to_jsonb(OLD) THEN
        RAISE EXCEPTION 'a request that ended stands' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER escalation_stands BEFORE UPDATE OR DELETE ON collections_app_escalationrequest
    FOR EACH ROW EXECUTE FUNCTION escalation_stands();
"""

BEFORE = """
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


class Migration(migrations.Migration):
    dependencies = [("collections_app", "0006_every_move_and_the_true_closing")]

    operations = [
        migrations.RunSQL(_AS_ASKED.replace("__UNTIL__", _UNTIL), _AS_ASKED.replace("__UNTIL__", "")),
        migrations.RunSQL(_FALLS + MOVES, _FALLS + BEFORE),
    ]
