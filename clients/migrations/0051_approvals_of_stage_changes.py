"""Requests of stage policies that were there before approvals stand as approvals."""

from django.db import migrations

# What was decided then is told as it was, by people whose roles may have changed since: the triggers that judge new
# rows rest while the old ones are written.
APPROVALS = """
INSERT INTO common_authoritylimit (kind, position, role, portal, currency, is_active)
VALUES ('STAGE_CHANGE', 1, 'COLLECTIONS_MANAGER', false, '', true), ('STAGE_CHANGE', 1, 'GENERAL_MANAGER', false, '', true)
ON CONFLICT DO NOTHING;

ALTER TABLE common_approval DISABLE TRIGGER USER;
ALTER TABLE common_approvalstep DISABLE TRIGGER USER;
ALTER TABLE common_approvaldecision DISABLE TRIGGER USER;

INSERT INTO common_approval (kind, subject_type, subject_id, client_id, digest, amount, currency, prepared_by_id,
    also_prepared_by, prepared_at, answer_by, step_now, status, ended_at, end_reason, applied_at)
SELECT 'STAGE_CHANGE', 'clients.StageChange', c.id, NULL, c.digest, NULL, '', c.prepared_by_id,
    array_remove(ARRAY[p.prepared_by_id::bigint], NULL), c.prepared_at,
    c.starts_on::timestamp AT TIME ZONE 'Asia/Riyadh', 1,
    CASE c.status WHEN 'PROPOSED' THEN 'OPEN' ELSE c.status END,
    CASE WHEN c.status <> 'PROPOSED' THEN coalesce(c.decided_at, c.prepared_at) END, '',
    CASE WHEN c.status = 'APPROVED' THEN c.decided_at END
FROM clients_stagechange c JOIN clients_stagepolicy p ON p.id = c.policy_id;

INSERT INTO common_approvalstep (approval_id, client_id, position, roles, portal)
SELECT a.id, NULL, 1, '{COLLECTIONS_MANAGER,GENERAL_MANAGER}', false
FROM common_approval a WHERE a.kind = 'STAGE_CHANGE';

INSERT INTO common_approvaldecision (approval_id, step_id, client_id, person_id, role, decision, digest, reason, at)
SELECT a.id, s.id, NULL, c.decided_by_id, u.role, c.status, c.digest, c.decision_reason, c.decided_at
FROM common_approval a
JOIN common_approvalstep s ON s.approval_id = a.id
JOIN clients_stagechange c ON c.id = a.subject_id
JOIN accounts_user u ON u.id = c.decided_by_id
WHERE a.kind = 'STAGE_CHANGE';

SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE common_approvaldecision ENABLE TRIGGER USER;
ALTER TABLE common_approvalstep ENABLE TRIGGER USER;
ALTER TABLE common_approval ENABLE TRIGGER USER;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("clients", "0050_clients_people_decide_for_their_client")]

    operations = [migrations.RunSQL(APPROVALS, migrations.RunSQL.noop)]
