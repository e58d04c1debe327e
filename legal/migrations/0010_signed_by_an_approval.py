"""An authorisation stands on an approval of its request: as asked, where asked, signed here or by letter."""

from django.db import migrations

_HEAD = """
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
    IF __DOCUMENT__ OR NEW.ceiling > asked.ceiling OR NEW.cost_ceiling > asked.cost_ceiling
        OR NEW.currency <> asked.currency OR NOT NEW.steps <@ asked.steps
        OR NEW.valid_until > (NEW.signed_at AT TIME ZONE 'Asia/Riyadh')::date + asked.valid_days__WHERE__
    THEN
        RAISE EXCEPTION 'authorisation beyond what was asked' USING ERRCODE = 'check_violation';
    END IF;
__APPROVAL__    RETURN NEW;
END $$;
"""
# What was signed here is the digest of what was read; a letter is its own document.
_DOCUMENT = """(NEW.document_hash <> asked.digest AND NOT EXISTS (
        SELECT 1 FROM legal_paper
        WHERE request_id = asked.id AND kind = 'LETTER' AND sha256 = NEW.document_hash AND added_by_id = NEW.signatory_id
    ))"""
_WHERE = """
        OR NEW.court <> asked.court OR NEW.region <> asked.region
        OR NEW.valid_from < (NEW.signed_at AT TIME ZONE 'Asia/Riyadh')::date OR NEW.valid_from > NEW.valid_until"""
_APPROVAL = """    IF NOT EXISTS (
        SELECT 1 FROM common_approval a JOIN common_approvaldecision d ON d.approval_id = a.id
        JOIN common_approvalstep s ON s.id = d.step_id
        WHERE a.kind = 'ESCALATION' AND a.subject_type = 'collections_app.EscalationRequest' AND a.subject_id = asked.id
          AND a.status = 'APPROVED' AND a.digest = asked.digest
          AND s.portal AND d.decision = 'APPROVED' AND d.person_id = NEW.signatory_id
    ) THEN
        RAISE EXCEPTION 'authorisation without its signatory''s decision' USING ERRCODE = 'check_violation';
    END IF;
"""


def _function(document: str, where: str, approval: str) -> str:
    return _HEAD.replace("__DOCUMENT__", document).replace("__WHERE__", where).replace("__APPROVAL__", approval)


_STANDS = """
CREATE OR REPLACE FUNCTION escalation_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.status <> 'PROPOSED' THEN
            RAISE EXCEPTION 'a request that was answered is not deleted' USING ERRCODE = 'check_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
        ('PROPOSED', 'APPROVED'), ('PROPOSED', 'RETURNED'), ('PROPOSED', 'REJECTED'), ('PROPOSED', 'WITHDRAWN'),
        ('APPROVED', 'SIGNED'), ('APPROVED', 'DECLINED'), ('APPROVED', 'WITHDRAWN')__AGAIN__
    ) THEN
        RAISE EXCEPTION 'a request moves as declared, not from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation';
    END IF;
    IF (OLD.status <> 'PROPOSED' OR NEW.status <> OLD.status)__UNLESS__
        AND to_jsonb(NEW) - 'status' - 'decided_by_id' - 'decided_at' - 'decision_reason' - 'answer_by'
        <> to_jsonb(OLD) - 'status' - 'decided_by_id' - 'decided_at' - 'decision_reason' - 'answer_by'
    THEN
        RAISE EXCEPTION 'what was asked does not change once it is answered' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.decided_by_id IS NOT NULL AND NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id__UNLESS__ THEN
        RAISE EXCEPTION 'who decided stands' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.status NOT IN ('PROPOSED', 'APPROVED') AND to_jsonb(NEW) <> to_jsonb(OLD) THEN
        RAISE EXCEPTION 'a request that ended stands' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""
# Changed after its approval, it goes back to who decides, and that approval is void.
_AGAIN = ", ('APPROVED', 'PROPOSED')"
_UNLESS = "\n        AND NOT (OLD.status = 'APPROVED' AND NEW.status = 'PROPOSED')"


def _stands(again: str, unless: str) -> str:
    return _STANDS.replace("__AGAIN__", again).replace("__UNLESS__", unless)


class Migration(migrations.Migration):
    dependencies = [
        ("legal", "0041_no_lawyer_in_conflict"),
        ("collections_app", "0060_where_and_by_what_power"),
        ("common", "0031_approvals_by_trigger"),
    ]

    operations = [
        migrations.RunSQL(
            _function(_DOCUMENT, _WHERE, _APPROVAL), _function("NEW.document_hash <> asked.digest", "", "")
        ),
        migrations.RunSQL(_stands(_AGAIN, _UNLESS), _stands("", "")),
    ]
