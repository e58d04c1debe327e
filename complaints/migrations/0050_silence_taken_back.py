"""A silence is taken back where a reply had come in time: the one way from a decision back to deciding."""

from django.db import migrations, models

MOVES = """
CREATE OR REPLACE FUNCTION dispute_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moves constant jsonb := '{
        "FILED": ["WITH_MEMBER"], "WITH_MEMBER": ["DECIDING"], "DECIDING": ["DECIDED"],
        "DECIDED": ["CLOSED"%(more)s], "CLOSED": ["DECIDED"]
    }';
    taken_back constant boolean := %(taken_back)s;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a dispute is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'FILED' THEN
            RAISE EXCEPTION 'a dispute begins as filed' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state AND NOT moves -> OLD.state ? NEW.state
        OR OLD.state = 'DECIDED' AND NEW.state = 'DECIDING' AND NOT taken_back THEN
        RAISE EXCEPTION 'a dispute does not go from %% to %%', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> 'FILED' AND NEW.notified_at IS NULL
        OR NEW.state IN ('DECIDING', 'DECIDED', 'CLOSED') AND NEW.replied_at IS NULL AND NOT NEW.silent
        OR (NEW.state IN ('DECIDED', 'CLOSED')) <> (NEW.outcome <> '')
        OR (NEW.state = 'CLOSED') <> (NEW.closed_at IS NOT NULL)
        OR NEW.state = 'CLOSED' AND NEW.told_result_at IS NULL THEN
        RAISE EXCEPTION 'a dispute in %% lacks a step before it', NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.notified_at IS NOT NULL AND NEW.notified_at IS DISTINCT FROM OLD.notified_at
        OR OLD.replied_at IS NOT NULL
            AND (NEW.replied_at, NEW.stand, NEW.has_evidence)
                IS DISTINCT FROM (OLD.replied_at, OLD.stand, OLD.has_evidence)
        OR OLD.silent AND NOT NEW.silent AND NOT taken_back
        OR OLD.outcome <> '' AND NOT taken_back
            AND (NEW.outcome, NEW.decided_at, NEW.decision_reason)
                IS DISTINCT FROM (OLD.outcome, OLD.decided_at, OLD.decision_reason)
        OR OLD.corrected_at IS NOT NULL
            AND (NEW.correction, NEW.corrected_at) IS DISTINCT FROM (OLD.correction, OLD.corrected_at)
        OR OLD.told_progress_at IS NOT NULL AND NEW.told_progress_at IS DISTINCT FROM OLD.told_progress_at
        OR OLD.told_result_at IS NOT NULL AND NEW.told_result_at IS DISTINCT FROM OLD.told_result_at
        OR OLD.reinserted_at IS NOT NULL AND NEW.reinserted_at IS DISTINCT FROM OLD.reinserted_at THEN
        RAISE EXCEPTION 'a step of a dispute is not taken back' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""
# Nothing was built on it, and the reply had come before the moment at which the silence decided.
TAKEN_BACK = """coalesce(
        TG_OP = 'UPDATE' AND OLD.state = 'DECIDED' AND NEW.state = 'DECIDING' AND OLD.silent AND NOT NEW.silent
        AND NEW.outcome = '' AND OLD.correction = '' AND OLD.committee = '' AND NEW.replied_at <= OLD.decided_at, false)"""


class Migration(migrations.Migration):
    dependencies = [("complaints", "0047_mails_set_aside")]

    operations = [
        migrations.AlterField(
            model_name='disputemove',
            name='what',
            field=models.CharField(choices=[('FILED', 'Objection came'), ('DOCUMENTS_ASKED', 'Official documents asked for'), ('DOCUMENT_ADDED', 'Document received'), ('NOTIFIED', 'Member notified in writing'), ('PACK_MADE', 'Answer pack made'), ('PACK_REVIEWED', 'Answer pack reviewed'), ('PACK_SENT', 'Answer pack sent'), ('REPLIED', 'Member replied'), ('SILENT', 'Member was silent: it counts for the objector'), ('TAKEN_BACK', 'Silence taken back: a reply had come in time'), ('PROGRESS_TOLD', 'Objector told of the steps taken'), ('DECIDED', 'Objection decided'), ('ORDERED', 'Correction ordered'), ('CORRECTED', 'Item corrected'), ('RESULT_TOLD', 'Written result given'), ('STATEMENT', "Objector's statement put into the record"), ('RECIPIENT_NAMED', 'Recipient named'), ('RECIPIENT_TOLD', 'Recipient told'), ('COMMITTEE_ASKED', 'Taken to the committee'), ('COMMITTEE_RULED', 'Committee decided'), ('REINSERTED', "Item put back by the committee's decision"), ('CLOSED', 'Dispute closed')], max_length=30),
        ),
        migrations.RunSQL(
            MOVES % {"more": ', "DECIDING"', "taken_back": TAKEN_BACK}, MOVES % {"more": "", "taken_back": "false"}
        ),
    ]
