"""What learning promises, kept by the database: moves in their order, and nothing of an issued report changes."""

from django.db import migrations

KEPT = """
CREATE SEQUENCE complaints_recommendation_number;

CREATE FUNCTION recommendation_moves_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state || '>' || NEW.state NOT IN (
        'PROPOSED>APPROVED', 'PROPOSED>DECLINED', 'APPROVED>DONE', 'APPROVED>NOT_DONE', 'NOT_DONE>APPROVED',
        'NOT_DONE>ARCHIVED', 'DONE>ARCHIVED', 'DECLINED>ARCHIVED'
    ) THEN
        RAISE EXCEPTION 'a recommendation does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recommendation_moves_in_order';
    END IF;
    -- What was not done is taken up again or filed once the reason is known (CR-08).
    IF OLD.state = 'NOT_DONE' AND OLD.not_done_reason = '' AND NEW.not_done_reason = '' THEN
        RAISE EXCEPTION 'why it was not done is not known yet'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recommendation_moves_in_order';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER recommendation_moves_in_order BEFORE UPDATE ON complaints_recommendation FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION recommendation_moves_in_order();

CREATE FUNCTION report_moves_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IS DISTINCT FROM NEW.state AND OLD.state || '>' || NEW.state NOT IN (
        'DRAFT>REVIEWED', 'REVIEWED>DRAFT', 'REVIEWED>ISSUED', 'ISSUED>DISCUSSED', 'ISSUED>REPLACED',
        'DISCUSSED>ARCHIVED', 'DISCUSSED>REPLACED', 'ARCHIVED>REPLACED'
    ) THEN
        RAISE EXCEPTION 'a report does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'report_moves_in_order';
    END IF;
    IF OLD.state NOT IN ('DRAFT', 'REVIEWED') AND (
        OLD.figures, OLD.weak_points, OLD.proposals, OLD.how, OLD.follow_up, OLD.reason, OLD.issued_at, OLD.issued_by_id
    ) IS DISTINCT FROM (
        NEW.figures, NEW.weak_points, NEW.proposals, NEW.how, NEW.follow_up, NEW.reason, NEW.issued_at, NEW.issued_by_id
    ) THEN
        RAISE EXCEPTION 'an issued report stands as it was issued'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'report_stands';
    END IF;
    IF (OLD.kind, OLD.month, OLD.issue) IS DISTINCT FROM (NEW.kind, NEW.month, NEW.issue) THEN
        RAISE EXCEPTION 'a report stays that of its month'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'report_stands';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER report_moves_in_order BEFORE UPDATE ON complaints_reportcourse FOR EACH ROW
    EXECUTE FUNCTION report_moves_in_order();
"""
NO_LONGER = """
DROP TRIGGER report_moves_in_order ON complaints_reportcourse;
DROP FUNCTION report_moves_in_order();
DROP TRIGGER recommendation_moves_in_order ON complaints_recommendation;
DROP FUNCTION recommendation_moves_in_order();
DROP SEQUENCE complaints_recommendation_number;
"""


class Migration(migrations.Migration):
    dependencies = [("complaints", "0042_causes_shipped")]

    operations = [migrations.RunSQL(KEPT, NO_LONGER)]
