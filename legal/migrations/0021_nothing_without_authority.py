"""The database refuses an act, a claim's amount, a cost or a sent notice without a live authorisation that covers it.

Each trigger takes the case and then the authorisation ``FOR SHARE``, and looks after it has them: of an act and a
revocation at once, the later one sees the earlier (ADR 0033). A refusal names its reason as the constraint; the services
turn it into words. A claim's amount and state follow from its acts; the application has no right to write them
(``common.access.FIXED_COLUMNS``).
"""

from django.db import migrations

_AS_OWNER = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"
_PATH = "SET search_path = pg_catalog, public, pg_temp"

# What is asked of an authorisation. All look at rows, none writes one.
READS = f"""
CREATE FUNCTION legal_refuse(reason text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'no authority: %', reason USING ERRCODE = 'check_violation', CONSTRAINT = reason;
END $$;

-- What the covered debts owe, each by the part that this debtor answers for (regulations A24).
CREATE FUNCTION authorisation_cover(wanted bigint) RETURNS numeric LANGUAGE sql STABLE {_PATH} AS $$
    SELECT coalesce(sum(round(owed.balance * d.share_percent / 100, 2)), 0)
    FROM legal_authoriseddebt d
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(r.balance), 0) AS balance FROM collections_app_receivable r
        WHERE r.client_id = d.client_id AND r.debt_id = d.debt_id
    ) owed
    WHERE d.authorisation_id = wanted
$$;

-- What is before courts for a case, under whichever of its authorisations it was filed; but for one claim.
CREATE FUNCTION claims_standing(of_case bigint, other_than bigint) RETURNS numeric LANGUAGE sql STABLE {_PATH} AS $$
    SELECT coalesce(sum(c.amount), 0) FROM legal_claim c
    WHERE c.case_id = of_case AND c.state IN ('FILED', 'JUDGED') AND c.id IS DISTINCT FROM other_than
$$;

-- The authorisation, held until we commit: the case first, as everywhere, so that two amounts at once are counted.
CREATE FUNCTION authorisation_taken(wanted bigint, of_case bigint) RETURNS collections_app_authorisation
LANGUAGE plpgsql {_PATH} AS $$
DECLARE
    found_one collections_app_authorisation;
BEGIN
    PERFORM 1 FROM collections_app_case WHERE id = of_case FOR NO KEY UPDATE;
    SELECT * INTO found_one FROM collections_app_authorisation WHERE id = wanted AND case_id = of_case FOR SHARE;
    IF NOT FOUND THEN
        PERFORM legal_refuse('authorisation_unknown');
    END IF;
    RETURN found_one;
END $$;

-- Recorded in the present, and not before it happened. The clock is set by hand in demo, tests and simulations only.
CREATE FUNCTION legal_recorded(day date, moment timestamptz) RETURNS void LANGUAGE plpgsql {_PATH} AS $$
BEGIN
    IF day > (moment AT TIME ZONE 'Asia/Riyadh')::date THEN
        PERFORM legal_refuse('act_ahead');
    END IF;
    IF NOT house_clock_may_be_set() AND abs(extract(epoch FROM moment - clock_timestamp())) > 600 THEN
        PERFORM legal_refuse('act_recorded_elsewhen');
    END IF;
END $$;

-- Live on the day of the act and on the day it is recorded: nothing is back-dated into a validity that is over.
CREATE FUNCTION authorisation_live(a collections_app_authorisation, day date, moment timestamptz) RETURNS void
LANGUAGE plpgsql {_PATH} AS $$
DECLARE
    recorded CONSTANT date := coalesce((moment AT TIME ZONE 'Asia/Riyadh')::date, day);
BEGIN
    IF a.revoked_at IS NOT NULL THEN
        PERFORM legal_refuse('authorisation_revoked');
    ELSIF a.replaced_by_id IS NOT NULL THEN
        PERFORM legal_refuse('authorisation_replaced');
    ELSIF day < greatest(a.valid_from, (a.signed_at AT TIME ZONE 'Asia/Riyadh')::date) THEN
        PERFORM legal_refuse('authorisation_not_begun');
    ELSIF greatest(day, recorded) > a.valid_until THEN
        PERFORM legal_refuse('authorisation_expired');
    END IF;
    IF moment IS NOT NULL THEN
        PERFORM legal_recorded(day, moment);
    END IF;
END $$;

-- The step that an act stands on, any of them; nothing for what only steps back or answers the court.
CREATE FUNCTION legal_steps_of(kind text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE kind
        WHEN 'FINAL_NOTICE' THEN ARRAY['FINAL_NOTICE']
        WHEN 'MEDIATION' THEN ARRAY['MEDIATION']
        WHEN 'FILING' THEN ARRAY['CLAIM']
        WHEN 'ENFORCEMENT_REQUEST' THEN ARRAY['NOTE_ENFORCEMENT']
        WHEN 'ENFORCEMENT' THEN ARRAY['CLAIM', 'NOTE_ENFORCEMENT']
        WHEN 'COURT_SETTLEMENT' THEN ARRAY['CLAIM', 'NOTE_ENFORCEMENT', 'MEDIATION']
    END
$$;

-- An amount beside what stands already: within the ceiling, and within what is owed.
CREATE FUNCTION authorisation_bears(a collections_app_authorisation, amount numeric, beside numeric) RETURNS void
LANGUAGE plpgsql {_PATH} AS $$
BEGIN
    IF amount + beside > a.ceiling THEN
        PERFORM legal_refuse('authorisation_ceiling');
    ELSIF amount + beside > authorisation_cover(a.id) THEN
        PERFORM legal_refuse('authorisation_cover');
    END IF;
END $$;
"""

ACTS = f"""
CREATE FUNCTION legal_act_covered() RETURNS trigger LANGUAGE plpgsql {_PATH} AS $$
DECLARE
    a collections_app_authorisation;
    c legal_claim;
    stands boolean;
    steps text[] := legal_steps_of(NEW.kind);
BEGIN
    a := authorisation_taken(NEW.authorisation_id, NEW.case_id);
    IF NEW.currency <> a.currency THEN
        PERFORM legal_refuse('authorisation_currency');
    END IF;
    IF NEW.claim_id IS NOT NULL THEN
        SELECT * INTO c FROM legal_claim WHERE id = NEW.claim_id AND case_id = NEW.case_id;
        IF NOT FOUND THEN
            PERFORM legal_refuse('claim_unknown');
        END IF;
    END IF;
    stands := coalesce(c.state IN ('FILED', 'JUDGED'), false);
    IF NOT stands AND (
        NEW.kind IN ('AMENDMENT', 'HEARING', 'JUDGMENT', 'WITHDRAWAL', 'CLAIM_ENDED')
        OR (NEW.claim_id IS NOT NULL AND NEW.kind <> 'NOTE_RETURNED')
    ) THEN
        PERFORM legal_refuse('claim_over');
    END IF;

    IF NEW.kind IN ('FILING', 'ENFORCEMENT_REQUEST') THEN
        -- Its amount was looked at with its claim.
        IF NOT stands OR (c.kind, c.amount, c.filed_on, c.authorisation_id)
            <> (NEW.kind, NEW.amount, NEW."on", NEW.authorisation_id)
            OR EXISTS (SELECT 1 FROM legal_legalact o WHERE o.claim_id = c.id AND o.kind = NEW.kind)
        THEN
            PERFORM legal_refuse('claim_of_its_act');
        END IF;
    ELSIF NEW.kind = 'AMENDMENT' THEN
        IF NEW.amount = c.amount OR NEW.amount = 0 THEN
            PERFORM legal_refuse('claim_amount_same');
        ELSIF NEW.amount > c.amount THEN
            steps := legal_steps_of(c.kind);
            PERFORM authorisation_bears(a, NEW.amount, claims_standing(NEW.case_id, c.id));
        END IF;
    ELSIF NEW.amount > 0 AND steps IS NOT NULL THEN
        PERFORM authorisation_bears(a, NEW.amount, 0);
    ELSIF NEW.amount > coalesce(c.amount, 0) THEN
        PERFORM legal_refuse('claim_amount');
    END IF;

    IF steps IS NULL THEN
        PERFORM legal_recorded(NEW."on", NEW.recorded_at);
    ELSE
        PERFORM authorisation_live(a, NEW."on", NEW.recorded_at);
        IF NOT a.steps::text[] && steps THEN
            PERFORM legal_refuse('authorisation_step');
        ELSIF authorisation_cover(a.id) <= 0 AND claims_standing(NEW.case_id, NULL) <= 0 THEN
            PERFORM legal_refuse('authorisation_used_up');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER legal_act_covered BEFORE INSERT ON legal_legalact
    FOR EACH ROW EXECUTE FUNCTION legal_act_covered();

-- A claim is what its acts say, and is written by them alone.
CREATE FUNCTION claim_follows() RETURNS trigger {_AS_OWNER} AS $$
BEGIN
    UPDATE legal_claim SET
        amount = CASE WHEN NEW.kind = 'AMENDMENT' THEN NEW.amount ELSE amount END,
        state = CASE NEW.kind
            WHEN 'JUDGMENT' THEN 'JUDGED' WHEN 'COURT_SETTLEMENT' THEN 'SETTLED'
            WHEN 'WITHDRAWAL' THEN 'WITHDRAWN' WHEN 'CLAIM_ENDED' THEN 'ENDED' ELSE state END,
        ended_on = CASE WHEN NEW.kind IN ('COURT_SETTLEMENT', 'WITHDRAWAL', 'CLAIM_ENDED') THEN NEW."on" END
    WHERE id = NEW.claim_id;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION claim_follows() FROM PUBLIC;
CREATE TRIGGER claim_follows AFTER INSERT ON legal_legalact FOR EACH ROW
    WHEN (NEW.claim_id IS NOT NULL
          AND NEW.kind IN ('AMENDMENT', 'JUDGMENT', 'COURT_SETTLEMENT', 'WITHDRAWAL', 'CLAIM_ENDED'))
    EXECUTE FUNCTION claim_follows();
"""

CLAIMS = f"""
CREATE FUNCTION claim_covered() RETURNS trigger LANGUAGE plpgsql {_PATH} AS $$
DECLARE
    a collections_app_authorisation;
BEGIN
    a := authorisation_taken(NEW.authorisation_id, NEW.case_id);
    IF NEW.state <> 'FILED' OR NEW.ended_on IS NOT NULL OR NEW.amount <= 0 THEN
        PERFORM legal_refuse('claim_of_its_act');
    ELSIF NEW.currency <> a.currency THEN
        PERFORM legal_refuse('authorisation_currency');
    END IF;
    PERFORM authorisation_live(a, NEW.filed_on, NULL);
    IF NOT a.steps::text[] && legal_steps_of(NEW.kind) THEN
        PERFORM legal_refuse('authorisation_step');
    ELSIF NEW.instrument_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM legal_instrument i JOIN legal_authoriseddebt d ON d.debt_id = i.debt_id
        WHERE i.id = NEW.instrument_id AND d.authorisation_id = a.id
    ) THEN
        PERFORM legal_refuse('authorisation_debt');
    END IF;
    PERFORM authorisation_bears(a, NEW.amount, claims_standing(NEW.case_id, NULL));
    RETURN NEW;
END $$;
CREATE TRIGGER claim_covered BEFORE INSERT ON legal_claim FOR EACH ROW EXECUTE FUNCTION claim_covered();

-- Whatever is before a court, an act put there.
CREATE FUNCTION claim_by_an_act() RETURNS trigger LANGUAGE plpgsql {_PATH} AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM legal_legalact o WHERE o.claim_id = NEW.id AND o.kind = NEW.kind) THEN
        PERFORM legal_refuse('claim_of_its_act');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER claim_by_an_act AFTER INSERT ON legal_claim DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION claim_by_an_act();
"""

COSTS = f"""
CREATE FUNCTION legal_cost_covered() RETURNS trigger LANGUAGE plpgsql {_PATH} AS $$
DECLARE
    a collections_app_authorisation;
BEGIN
    a := authorisation_taken(NEW.authorisation_id, NEW.case_id);
    IF NEW.currency <> a.currency THEN
        PERFORM legal_refuse('authorisation_currency');
    END IF;
    IF NEW.reverses_id IS NOT NULL THEN
        IF NOT EXISTS (
            SELECT 1 FROM legal_legalcost o WHERE o.id = NEW.reverses_id AND o.reverses_id IS NULL
            AND o.authorisation_id = NEW.authorisation_id AND o.kind = NEW.kind AND o.amount = -NEW.amount
        ) THEN
            PERFORM legal_refuse('cost_taken_back_whole');
        END IF;
        PERFORM legal_recorded(NEW."on", NEW.recorded_at);
        RETURN NEW;
    END IF;
    PERFORM authorisation_live(a, NEW."on", NEW.recorded_at);
    IF NEW.amount + (
        SELECT coalesce(sum(o.amount), 0) FROM legal_legalcost o WHERE o.authorisation_id = a.id
    ) > a.cost_ceiling THEN
        PERFORM legal_refuse('authorisation_costs');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER legal_cost_covered BEFORE INSERT ON legal_legalcost
    FOR EACH ROW EXECUTE FUNCTION legal_cost_covered();
"""

NOTICES = f"""
-- A notice goes out by an act of its own, under the authorisation that is live in the transaction that sends.
CREATE FUNCTION notice_covered() RETURNS trigger LANGUAGE plpgsql {_PATH} AS $$
DECLARE
    a collections_app_authorisation;
BEGIN
    a := authorisation_taken(NEW.authorisation_id, NEW.case_id);
    PERFORM authorisation_live(a, (NEW.sent_at AT TIME ZONE 'Asia/Riyadh')::date, NEW.sent_at);
    IF NEW.currency <> a.currency THEN
        PERFORM legal_refuse('authorisation_currency');
    ELSIF NOT EXISTS (
        SELECT 1 FROM legal_legalact o WHERE o.id = NEW.act_id AND o.kind = 'FINAL_NOTICE'
        AND o.authorisation_id = NEW.authorisation_id AND o.case_id = NEW.case_id
    ) THEN
        PERFORM legal_refuse('notice_by_its_act');
    END IF;
    PERFORM authorisation_bears(a, NEW.amount, 0);
    RETURN NEW;
END $$;
CREATE TRIGGER notice_covered_new BEFORE INSERT ON legal_notice FOR EACH ROW
    WHEN (NEW.state NOT IN ('PREPARED', 'VOID')) EXECUTE FUNCTION notice_covered();
CREATE TRIGGER notice_covered BEFORE UPDATE ON legal_notice FOR EACH ROW
    WHEN (NEW.act_id IS NOT NULL
          AND (NEW.act_id, NEW.amount, NEW.currency, NEW.authorisation_id, NEW.case_id, NEW.sent_at)
          IS DISTINCT FROM (OLD.act_id, OLD.amount, OLD.currency, OLD.authorisation_id, OLD.case_id, OLD.sent_at))
    EXECUTE FUNCTION notice_covered();
"""

SIGNING = f"""
-- One authorisation stands a case: whoever signs the next puts it in place of the one before, in one transaction.
CREATE FUNCTION authorisation_one_stands() RETURNS trigger LANGUAGE plpgsql {_PATH} AS $$
BEGIN
    IF (SELECT count(*) FROM collections_app_authorisation o
        WHERE o.case_id = NEW.case_id AND o.revoked_at IS NULL AND o.replaced_by_id IS NULL) > 1
    THEN
        PERFORM legal_refuse('authorisation_one_stands');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER authorisation_one_stands AFTER INSERT ON collections_app_authorisation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION authorisation_one_stands();

-- What is before courts already is under the new ceiling too.
CREATE FUNCTION authorisation_bears_claims() RETURNS trigger LANGUAGE plpgsql {_PATH} AS $$
BEGIN
    PERFORM 1 FROM collections_app_case WHERE id = NEW.case_id FOR NO KEY UPDATE;
    IF claims_standing(NEW.case_id, NULL) > NEW.ceiling THEN
        PERFORM legal_refuse('authorisation_below_claims');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER authorisation_bears_claims BEFORE INSERT ON collections_app_authorisation
    FOR EACH ROW EXECUTE FUNCTION authorisation_bears_claims();

-- The debts are told at once, in one statement, when it is signed; none is added to it afterwards.
CREATE FUNCTION authorised_debts_once() RETURNS trigger LANGUAGE plpgsql {_PATH} AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM legal_authoriseddebt d JOIN told t ON t.authorisation_id = d.authorisation_id
        WHERE d.id NOT IN (SELECT id FROM told)
    ) OR EXISTS (
        SELECT 1 FROM told t
        JOIN collections_app_authorisation a ON a.id = t.authorisation_id
        JOIN collections_app_debt b ON b.id = t.debt_id
        WHERE b.case_id <> a.case_id OR b.currency <> a.currency
    ) THEN
        PERFORM legal_refuse('authorised_debts_once');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER authorised_debts_once AFTER INSERT ON legal_authoriseddebt
    REFERENCING NEW TABLE AS told FOR EACH STATEMENT EXECUTE FUNCTION authorised_debts_once();

-- What was signed before debts were named covers what stood open on its case.
INSERT INTO legal_authoriseddebt (client_id, authorisation_id, debt_id, share_percent)
SELECT a.client_id, a.id, d.id, 100
FROM collections_app_authorisation a
JOIN collections_app_debt d ON d.case_id = a.case_id AND d.currency = a.currency
WHERE NOT EXISTS (SELECT 1 FROM legal_authoriseddebt o WHERE o.authorisation_id = a.id);
"""

NO_SIGNING = """
DROP TRIGGER authorised_debts_once ON legal_authoriseddebt;
DROP FUNCTION authorised_debts_once();
DROP TRIGGER authorisation_bears_claims ON collections_app_authorisation;
DROP FUNCTION authorisation_bears_claims();
DROP TRIGGER authorisation_one_stands ON collections_app_authorisation;
DROP FUNCTION authorisation_one_stands();
"""
NO_NOTICES = """
DROP TRIGGER notice_covered ON legal_notice;
DROP TRIGGER notice_covered_new ON legal_notice;
DROP FUNCTION notice_covered();
"""
NO_COSTS = "DROP TRIGGER legal_cost_covered ON legal_legalcost; DROP FUNCTION legal_cost_covered();"
NO_CLAIMS = """
DROP TRIGGER claim_by_an_act ON legal_claim;
DROP FUNCTION claim_by_an_act();
DROP TRIGGER claim_covered ON legal_claim;
DROP FUNCTION claim_covered();
"""
NO_ACTS = """
DROP TRIGGER claim_follows ON legal_legalact;
DROP FUNCTION claim_follows();
DROP TRIGGER legal_act_covered ON legal_legalact;
DROP FUNCTION legal_act_covered();
"""
NO_READS = """
DROP FUNCTION authorisation_bears(collections_app_authorisation, numeric, numeric);
DROP FUNCTION legal_steps_of(text);
DROP FUNCTION authorisation_live(collections_app_authorisation, date, timestamptz);
DROP FUNCTION legal_recorded(date, timestamptz);
DROP FUNCTION authorisation_taken(bigint, bigint);
DROP FUNCTION claims_standing(bigint, bigint);
DROP FUNCTION authorisation_cover(bigint);
DROP FUNCTION legal_refuse(text);
"""


class Migration(migrations.Migration):
    dependencies = [("legal", "0020_acts_that_end_a_claim"), ("collections_app", "0080_authorisation_ends_once")]

    operations = [
        migrations.RunSQL(READS, NO_READS),
        migrations.RunSQL(ACTS, NO_ACTS),
        migrations.RunSQL(CLAIMS, NO_CLAIMS),
        migrations.RunSQL(COSTS, NO_COSTS),
        migrations.RunSQL(NOTICES, NO_NOTICES),
        migrations.RunSQL(SIGNING, NO_SIGNING),
    ]
