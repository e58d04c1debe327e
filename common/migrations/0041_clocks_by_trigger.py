"""The database has the last word on clocks: none is lost, none moves but as declared, and every move has its event."""

from django.db import migrations

CLOCK = """
CREATE FUNCTION clock_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a clock is never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'RUNNING' OR NEW.moves <> 1 THEN
            RAISE EXCEPTION 'a clock begins by running' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.moves <> OLD.moves + 1 THEN
        RAISE EXCEPTION 'a clock moves by one event at a time' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state <> OLD.state AND NOT (CASE OLD.state
        WHEN 'RUNNING' THEN NEW.state IN ('PAUSED', 'LATE', 'MET', 'CANCELLED')
        WHEN 'PAUSED' THEN NEW.state IN ('RUNNING', 'MET', 'CANCELLED')
        WHEN 'LATE' THEN NEW.state IN ('MET', 'CANCELLED', 'RUNNING')
        ELSE NEW.state = 'RUNNING' END)
    THEN
        RAISE EXCEPTION 'a clock does not move from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER clock_moves BEFORE INSERT OR UPDATE OR DELETE ON common_clock
    FOR EACH ROW EXECUTE FUNCTION clock_moves();

-- By the end of the transaction, the move is told.
CREATE FUNCTION clock_move_is_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM common_clockevent e WHERE e.clock_id = NEW.id AND e.number = NEW.moves
          AND e.state = NEW.state AND e.due_at IS NOT DISTINCT FROM NEW.due_at AND e."left" = NEW."left"
    ) THEN
        RAISE EXCEPTION 'a move of a clock is told by its event' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER clock_move_is_told AFTER INSERT OR UPDATE ON common_clock
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION clock_move_is_told();

CREATE FUNCTION clock_event_of_its_clock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stands record;
BEGIN
    SELECT moves, state, client_id INTO stands FROM common_clock WHERE id = NEW.clock_id;
    IF NEW.number <> stands.moves OR NEW.state <> stands.state THEN
        RAISE EXCEPTION 'an event tells how its clock stands' USING ERRCODE = 'check_violation';
    END IF;
    NEW.client_id := stands.client_id;
    RETURN NEW;
END $$;
CREATE TRIGGER clock_event_of_its_clock BEFORE INSERT ON common_clockevent
    FOR EACH ROW EXECUTE FUNCTION clock_event_of_its_clock();
"""
CLOCK_BACK = """
DROP TRIGGER clock_event_of_its_clock ON common_clockevent;
DROP FUNCTION clock_event_of_its_clock();
DROP TRIGGER clock_move_is_told ON common_clock;
DROP FUNCTION clock_move_is_told();
DROP TRIGGER clock_moves ON common_clock;
DROP FUNCTION clock_moves();
"""

# What a change proposes comes of a change that two people agreed to, and its answer stands.
PROPOSAL = """
CREATE FUNCTION clock_proposal_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a proposed date is never deleted' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.state <> 'WAITING' THEN
            RAISE EXCEPTION 'a proposed date is answered once' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM common_approval a JOIN common_clockchange c ON c.id = a.subject_id
        WHERE a.subject_type = 'common.ClockChange' AND c.id = NEW.change_id
          AND c.prepared_by_id = NEW.prepared_by_id AND a.status = 'APPROVED' AND a.digest = c.digest
    ) THEN
        RAISE EXCEPTION 'a date is proposed by an approved change' USING ERRCODE = 'check_violation';
    END IF;
    SELECT client_id INTO NEW.client_id FROM common_clock WHERE id = NEW.clock_id;
    RETURN NEW;
END $$;
CREATE TRIGGER clock_proposal_stands BEFORE INSERT OR UPDATE OR DELETE ON common_clockproposal
    FOR EACH ROW EXECUTE FUNCTION clock_proposal_stands();
"""
PROPOSAL_BACK = """
DROP TRIGGER clock_proposal_stands ON common_clockproposal;
DROP FUNCTION clock_proposal_stands();
"""


class Migration(migrations.Migration):
    dependencies = [("common", "0040_clocks")]

    operations = [
        migrations.RunSQL(CLOCK, CLOCK_BACK),
        migrations.RunSQL(PROPOSAL, PROPOSAL_BACK),
    ]
