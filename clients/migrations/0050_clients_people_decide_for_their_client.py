"""A step of the portal is decided by a member of the approval's own client."""

from django.db import migrations

MEMBER = """
CREATE FUNCTION approval_decision_of_client() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM common_approvalstep WHERE id = NEW.step_id AND portal) AND NOT EXISTS (
        SELECT 1 FROM clients_clientuser m JOIN common_approval a ON a.id = NEW.approval_id
        WHERE m.user_id = NEW.person_id AND m.client_id = a.client_id
    ) THEN
        RAISE EXCEPTION 'a client''s step is decided by its own people' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approval_decision_of_client BEFORE INSERT ON common_approvaldecision
    FOR EACH ROW EXECUTE FUNCTION approval_decision_of_client();
"""
BACK = """
DROP TRIGGER approval_decision_of_client ON common_approvaldecision;
DROP FUNCTION approval_decision_of_client();
"""


class Migration(migrations.Migration):
    dependencies = [("clients", "0030_recall_notice"), ("common", "0031_approvals_by_trigger")]

    operations = [migrations.RunSQL(MEMBER, BACK)]
