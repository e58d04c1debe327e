"""What was decided stands on its complete approval: an application's decision, and a version of the policy."""

from django.db import migrations

_FORWARD = """
CREATE FUNCTION credit_application_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked record;
BEGIN
    SELECT * INTO asked FROM common_approval
    WHERE subject_type = 'credit.Application' AND subject_id = NEW.id ORDER BY id DESC LIMIT 1;
    IF NOT FOUND OR asked.status <> NEW.state
        OR asked.kind <> (CASE WHEN NEW.recommendation = 'EXCEPTION' THEN 'CREDIT_EXCEPTION' ELSE 'CREDIT' END)
    THEN
        RAISE EXCEPTION 'application decided without its approval' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'APPROVED' AND (
        NEW.recommendation NOT IN ('APPROVE', 'EXCEPTION')
        OR (NEW.recommended_limit IS NOT NULL AND NEW.recommended_limit <> asked.amount)
    ) THEN
        RAISE EXCEPTION 'application approved beyond what was asked' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_application_decided BEFORE UPDATE OF state ON credit_application FOR EACH ROW
WHEN (NEW.state IN ('APPROVED', 'REJECTED') AND OLD.state <> NEW.state) EXECUTE FUNCTION credit_application_decided();

-- Once it is decided, what was decided stays.
CREATE FUNCTION credit_application_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a decided application stands' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER credit_application_stands
BEFORE UPDATE OF recommendation, recommended_limit, recommended_ground, set_aside, bureau_weighed
ON credit_application FOR EACH ROW
WHEN (OLD.state IN ('APPROVED', 'REJECTED', 'SIGNED', 'ACTIVE') AND (
    NEW.recommendation, NEW.recommended_limit, NEW.recommended_ground, NEW.set_aside, NEW.bureau_weighed
) IS DISTINCT FROM (
    OLD.recommendation, OLD.recommended_limit, OLD.recommended_ground, OLD.set_aside, OLD.bureau_weighed
)) EXECUTE FUNCTION credit_application_stands();

-- The shipped version, number 0, is nobody's to approve.
CREATE FUNCTION credit_policy_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NOT EXISTS (
        SELECT 1 FROM common_approval
        WHERE kind = 'CREDIT_POLICY' AND subject_type = 'credit.CreditPolicy' AND subject_id = NEW.id
          AND status = 'APPROVED'
    ) THEN
        RAISE EXCEPTION 'credit policy without its approval' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_policy_inserted BEFORE INSERT ON credit_creditpolicy FOR EACH ROW
WHEN (NEW.version > 0 AND NEW.approved_at IS NOT NULL) EXECUTE FUNCTION credit_policy_approved();
CREATE TRIGGER credit_policy_approved BEFORE UPDATE OF approved_at ON credit_creditpolicy FOR EACH ROW
WHEN (NEW.version > 0 AND NEW.approved_at IS NOT NULL) EXECUTE FUNCTION credit_policy_approved();
"""
_BACKWARD = """
DROP TRIGGER credit_policy_approved ON credit_creditpolicy;
DROP TRIGGER credit_policy_inserted ON credit_creditpolicy;
DROP FUNCTION credit_policy_approved();
DROP TRIGGER credit_application_stands ON credit_application;
DROP FUNCTION credit_application_stands();
DROP TRIGGER credit_application_decided ON credit_application;
DROP FUNCTION credit_application_decided();
"""


class Migration(migrations.Migration):
    dependencies = [("credit", "0020_points_of_any_size"), ("common", "0031_approvals_by_trigger")]

    operations = [migrations.RunSQL(_FORWARD, _BACKWARD)]
