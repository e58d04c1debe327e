"""No file goes to a lawyer who may not act against its debtor or for its client, whoever writes the row.

Whoever gives a file and whoever records a conflict take the firm's row first, one for share and one for update: in
either order of a race the second sees the first. A conflict recorded after the file was given stands beside it, and is
shown as an alarm: history is not refused.
"""

from django.db import migrations

TRIGGERS = """
CREATE FUNCTION legal_no_conflict() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    the_case bigint;
    the_firm bigint;
BEGIN
    SELECT firm_id INTO the_firm FROM legal_lawyer WHERE id = NEW.lawyer_id;
    PERFORM 1 FROM legal_lawfirm WHERE id = the_firm FOR SHARE;
    IF TG_TABLE_NAME = 'legal_legalfile' THEN
        the_case := NEW.case_id;
    ELSE
        SELECT case_id INTO the_case FROM legal_legalfile WHERE id = NEW.file_id;
    END IF;
    IF EXISTS (
        SELECT 1 FROM legal_lawyerconflict f
        WHERE f.firm_id = the_firm AND f.ended_at IS NULL AND (f.lawyer_id IS NULL OR f.lawyer_id = NEW.lawyer_id)
          AND (f.client_id = NEW.client_id OR f.party_id = (
              SELECT d.party_id FROM collections_app_case c JOIN collections_app_debtor d ON d.id = c.debtor_id
              WHERE c.id = the_case))
    ) THEN
        RAISE EXCEPTION 'lawyer % may not act in case %', NEW.lawyer_id, the_case
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lawyer_without_conflict';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER legal_no_conflict BEFORE INSERT OR UPDATE OF lawyer_id ON legal_legalfile
    FOR EACH ROW EXECUTE FUNCTION legal_no_conflict();
CREATE TRIGGER legal_no_conflict BEFORE INSERT ON legal_fileassignment
    FOR EACH ROW EXECUTE FUNCTION legal_no_conflict();

CREATE FUNCTION legal_conflict_in_turn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM legal_lawfirm WHERE id = NEW.firm_id FOR UPDATE;
    RETURN NEW;
END $$;
CREATE TRIGGER legal_conflict_in_turn BEFORE INSERT OR UPDATE ON legal_lawyerconflict
    FOR EACH ROW EXECUTE FUNCTION legal_conflict_in_turn();
"""

BACK = """
DROP TRIGGER legal_no_conflict ON legal_legalfile;
DROP TRIGGER legal_no_conflict ON legal_fileassignment;
DROP TRIGGER legal_conflict_in_turn ON legal_lawyerconflict;
DROP FUNCTION legal_no_conflict();
DROP FUNCTION legal_conflict_in_turn();
"""


class Migration(migrations.Migration):
    dependencies = [("legal", "0040_tasks_and_feeds")]

    operations = [migrations.RunSQL(TRIGGERS, BACK)]
