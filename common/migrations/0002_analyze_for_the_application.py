"""The application may bring statistics up to date although it owns no table; nothing else comes with it."""

from django.db import migrations

ANALYZE = """
CREATE FUNCTION house_analyze(names text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public AS $$
DECLARE
    found regclass;
BEGIN
    -- Only tables of ours, in one order, so that two bulk steps wait for each other and never in a ring.
    FOR found IN
        SELECT c.oid::regclass FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname = ANY (names)
        ORDER BY c.relname
    LOOP
        EXECUTE format('ANALYZE %s', found);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION house_analyze(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION house_analyze(text[]) TO mithaq_app;
"""


class Migration(migrations.Migration):
    dependencies = [("common", "0001_first")]

    operations = [migrations.RunSQL(ANALYZE, "DROP FUNCTION house_analyze(text[]);")]
