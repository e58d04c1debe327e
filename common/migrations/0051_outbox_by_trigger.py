"""The database has the last word on the outbox: what was written stands, states move as declared, texts are approved."""

from django.db import migrations

from common.db import composite_key, composite_reference

MESSAGE = """
CREATE FUNCTION message_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a message is never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'QUEUED' OR NEW.attempts_made <> 0 THEN
            RAISE EXCEPTION 'a message begins by being queued' USING ERRCODE = 'check_violation';
        END IF;
        IF NOT EXISTS (
            SELECT 1 FROM common_messagetemplate t WHERE t.id = NEW.template_id AND t.state = 'APPROVED'
              AND t.channel = NEW.channel AND t.language = NEW.language
        ) THEN
            RAISE EXCEPTION 'a message says what was approved' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state AND NOT (
        OLD.state = 'QUEUED' AND NEW.state IN ('CLAIMED', 'FAILED', 'CANCELLED')
        OR OLD.state = 'CLAIMED' AND NEW.state IN ('SENT', 'QUEUED', 'FAILED', 'IN_DOUBT')
        OR OLD.state = 'IN_DOUBT' AND NEW.state IN ('QUEUED', 'SENT', 'CANCELLED')
        OR OLD.state = 'FAILED' AND NEW.state IN ('QUEUED', 'CANCELLED')
    ) THEN
        RAISE EXCEPTION 'a message moves as declared, not from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state IN ('SENT', 'CANCELLED') AND to_jsonb(NEW) - 'wrapped_key' <> to_jsonb(OLD) - 'wrapped_key' THEN
        RAISE EXCEPTION 'what was sent or cancelled stands' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.attempts_made < OLD.attempts_made
        OR NEW.state = 'CLAIMED' AND OLD.state = 'QUEUED' AND NEW.attempts_made <> OLD.attempts_made + 1
    THEN
        RAISE EXCEPTION 'every claim is one attempt' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER message_stands BEFORE INSERT OR UPDATE OR DELETE ON common_message
    FOR EACH ROW EXECUTE FUNCTION message_stands();
"""
MESSAGE_BACK = "DROP TRIGGER message_stands ON common_message; DROP FUNCTION message_stands();"

TEMPLATE = """
CREATE FUNCTION message_template_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'DRAFT' AND NOT NEW.shipped THEN
            RAISE EXCEPTION 'a text begins as a draft' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'DRAFT' THEN
            RAISE EXCEPTION 'only a draft is thrown away' USING ERRCODE = 'check_violation';
        END IF;
        RETURN OLD;
    END IF;
    IF NEW.state <> OLD.state AND NOT (
        OLD.state = 'DRAFT' AND NEW.state = 'PROPOSED'
        OR OLD.state = 'PROPOSED' AND NEW.state IN ('APPROVED', 'REJECTED', 'DRAFT')
    ) THEN
        RAISE EXCEPTION 'a text moves as declared, not from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state <> 'DRAFT' AND to_jsonb(NEW) - 'state' <> to_jsonb(OLD) - 'state'
        OR (to_jsonb(NEW) - '{subject,body,threatens,state,reason}'::text[])
            <> (to_jsonb(OLD) - '{subject,body,threatens,state,reason}'::text[])
    THEN
        RAISE EXCEPTION 'what was proposed stands' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'APPROVED' AND OLD.state <> 'APPROVED' AND NOT EXISTS (
        SELECT 1 FROM common_approval a WHERE a.kind = 'MESSAGE_TEMPLATE'
          AND a.subject_type = 'common.MessageTemplate' AND a.subject_id = NEW.id AND a.status = 'APPROVED'
    ) THEN
        RAISE EXCEPTION 'a text is used once it was approved' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER message_template_stands BEFORE INSERT OR UPDATE OR DELETE ON common_messagetemplate
    FOR EACH ROW EXECUTE FUNCTION message_template_stands();
"""
TEMPLATE_BACK = "DROP TRIGGER message_template_stands ON common_messagetemplate; DROP FUNCTION message_template_stands();"

STOP = """
CREATE FUNCTION message_stop_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.lifted_at IS NOT NULL THEN
        RAISE EXCEPTION 'a stop stands as made; it is lifted, once' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER message_stop_stands BEFORE UPDATE OR DELETE ON common_messagestop
    FOR EACH ROW EXECUTE FUNCTION message_stop_stands();
"""
STOP_BACK = "DROP TRIGGER message_stop_stands ON common_messagestop; DROP FUNCTION message_stop_stands();"


class Migration(migrations.Migration):
    dependencies = [("common", "0050_outbox")]

    operations = [
        migrations.RunSQL(MESSAGE, MESSAGE_BACK),
        migrations.RunSQL(TEMPLATE, TEMPLATE_BACK),
        migrations.RunSQL(STOP, STOP_BACK),
        composite_key(table="common_message", columns=("id", "client_id")),
        composite_reference(
            table="common_messageattempt", columns=("message_id", "client_id"), parent="common_message"
        ),
        composite_reference(
            table="common_messageattachment", columns=("message_id", "client_id"), parent="common_message"
        ),
    ]
