"""Requests that were there before approvals stand as approvals, each with the decisions it had."""

from django.db import migrations

# What was decided then is told as it was, by people whose roles may have changed since: the triggers that judge new
# rows rest while the old ones are written. Who declined stands in the audit trail alone.
APPROVALS = """
INSERT INTO common_authoritylimit (kind, position, role, portal, currency, is_active)
VALUES ('ESCALATION', 1, 'COLLECTIONS_MANAGER', false, '', true), ('ESCALATION', 2, 'CLIENT_SIGNATORY', true, '', true)
ON CONFLICT DO NOTHING;

ALTER TABLE common_approval DISABLE TRIGGER USER;
ALTER TABLE common_approvalstep DISABLE TRIGGER USER;
ALTER TABLE common_approvaldecision DISABLE TRIGGER USER;

CREATE TEMPORARY TABLE answered ON COMMIT DROP AS
SELECT r.id, r.client_id, r.digest, r.status, r.decided_by_id, r.decided_at, r.decision_reason,
    coalesce(x.signatory_id, e.actor_id) AS client_by, coalesce(x.signed_at, e.at) AS client_at
FROM collections_app_escalationrequest r
LEFT JOIN collections_app_authorisation x ON x.request_id = r.id
LEFT JOIN common_auditevent e ON e.action = 'escalation.declined' AND e.subject_id = r.id
    AND e.subject_type = 'collections_app.EscalationRequest';

INSERT INTO common_approval (kind, subject_type, subject_id, client_id, digest, amount, currency, prepared_by_id,
    also_prepared_by, prepared_at, answer_by, step_now, status, ended_at, end_reason, applied_at)
SELECT 'ESCALATION', 'collections_app.EscalationRequest', r.id, r.client_id, r.digest, r.ceiling, r.currency,
    r.prepared_by_id, '{}', r.prepared_at, r.answer_by,
    CASE WHEN r.status IN ('APPROVED', 'SIGNED', 'DECLINED') OR r.status = 'WITHDRAWN' AND r.decided_by_id IS NOT NULL
        THEN 2 ELSE 1 END,
    CASE r.status WHEN 'PROPOSED' THEN 'OPEN' WHEN 'APPROVED' THEN 'OPEN' WHEN 'SIGNED' THEN 'APPROVED'
        WHEN 'DECLINED' THEN 'REJECTED' ELSE r.status END,
    CASE WHEN r.status NOT IN ('PROPOSED', 'APPROVED') THEN coalesce(w.client_at, r.decided_at, r.prepared_at) END, '',
    CASE WHEN r.status = 'SIGNED' THEN w.client_at END
FROM collections_app_escalationrequest r JOIN answered w ON w.id = r.id;

INSERT INTO common_approvalstep (approval_id, client_id, position, roles, portal)
SELECT a.id, a.client_id, p.position, p.roles, p.portal
FROM common_approval a CROSS JOIN (
    VALUES (1, '{COLLECTIONS_MANAGER}'::varchar[], false), (2, '{CLIENT_SIGNATORY}'::varchar[], true)
) AS p (position, roles, portal)
WHERE a.kind = 'ESCALATION';

INSERT INTO common_approvaldecision (approval_id, step_id, client_id, person_id, role, decision, digest, reason, at)
SELECT a.id, s.id, a.client_id, w.decided_by_id, u.role,
    CASE WHEN w.status IN ('RETURNED', 'REJECTED') THEN w.status ELSE 'APPROVED' END, w.digest,
    CASE WHEN w.status IN ('DECLINED', 'WITHDRAWN') THEN '' ELSE w.decision_reason END, w.decided_at
FROM common_approval a
JOIN common_approvalstep s ON s.approval_id = a.id AND s.position = 1
JOIN answered w ON w.id = a.subject_id JOIN accounts_user u ON u.id = w.decided_by_id
WHERE a.kind = 'ESCALATION';

INSERT INTO common_approvaldecision (approval_id, step_id, client_id, person_id, role, decision, digest, reason, at)
SELECT a.id, s.id, a.client_id, w.client_by, 'CLIENT_SIGNATORY',
    CASE w.status WHEN 'DECLINED' THEN 'REJECTED' ELSE 'APPROVED' END, w.digest,
    CASE w.status WHEN 'DECLINED' THEN w.decision_reason ELSE '' END, w.client_at
FROM common_approval a
JOIN common_approvalstep s ON s.approval_id = a.id AND s.position = 2
JOIN answered w ON w.id = a.subject_id
WHERE a.kind = 'ESCALATION' AND w.client_by IS NOT NULL;

SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE common_approvaldecision ENABLE TRIGGER USER;
ALTER TABLE common_approvalstep ENABLE TRIGGER USER;
ALTER TABLE common_approval ENABLE TRIGGER USER;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("legal", "0010_signed_by_an_approval"),
        ("clients", "0051_approvals_of_stage_changes"),
        ("common", "0031_approvals_by_trigger"),
    ]

    operations = [migrations.RunSQL(APPROVALS, migrations.RunSQL.noop)]
