"""The database has the last word on who signs, and tells the portal its own people and no others.

``portal_people`` answers the portal's role, which reads neither accounts nor second factors: of the client whose rows
the transaction reads, what a keeper of people must see.
"""

from django.conf import settings
from django.db import migrations

SIGNATORY = """
CREATE FUNCTION signatory_request_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'PROPOSED' THEN
            RAISE EXCEPTION 'a request begins as one' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.status <> 'PROPOSED' OR (NEW.client_id, NEW.membership_id, NEW.power, NEW.digest, NEW.prepared_by_id)
        IS DISTINCT FROM (OLD.client_id, OLD.membership_id, OLD.power, OLD.digest, OLD.prepared_by_id) THEN
        RAISE EXCEPTION 'a request is answered once, as it was asked' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.status = 'APPROVED' AND NOT EXISTS (
        SELECT 1 FROM common_approval a
        WHERE a.kind = 'SIGNATORY' AND a.subject_type = 'clients.SignatoryRequest' AND a.subject_id = NEW.id
          AND a.status = 'APPROVED' AND a.digest = NEW.digest
    ) THEN
        RAISE EXCEPTION 'nobody signs for a client whom the house did not approve' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signatory_request_moves BEFORE INSERT OR UPDATE ON clients_signatoryrequest
    FOR EACH ROW EXECUTE FUNCTION signatory_request_moves();
"""
SIGNATORY_BACK = """
DROP TRIGGER signatory_request_moves ON clients_signatoryrequest;
DROP FUNCTION signatory_request_moves();
"""
PEOPLE = """
CREATE FUNCTION portal_people() RETURNS TABLE (
    id bigint, user_id bigint, name_ar varchar, name_en varchar, email varchar, title varchar, role varchar,
    is_active boolean, keeps_people boolean, keeps_systems boolean, last_login timestamptz, has_factor boolean
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT m.id, u.id, u.name_ar, u.name_en, u.email, m.title, u.role, u.is_active, m.keeps_people, m.keeps_systems,
           u.last_login, EXISTS (SELECT 1 FROM mfa_authenticator f WHERE f.user_id = u.id AND f.type = 'totp')
    FROM clients_clientuser m JOIN accounts_user u ON u.id = m.user_id
    WHERE m.client_id = NULLIF(current_setting('mithaq.client_id', true), '')::bigint
    ORDER BY u.is_active DESC, u.name_ar, m.id
$$;
REVOKE ALL ON FUNCTION portal_people() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION portal_people() TO mithaq_portal;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0080_people_of_the_portal"),
        ("common", "0031_approvals_by_trigger"),
        ("mfa", "0003_authenticator_type_uniq"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(SIGNATORY, SIGNATORY_BACK),
        migrations.RunSQL(PEOPLE, "DROP FUNCTION portal_people();"),
    ]
