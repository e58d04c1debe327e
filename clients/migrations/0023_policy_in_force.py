"""Which stage policy rules a product of a client on a day: its own, else that of all products; the latest begun."""

from django.db import migrations

IN_FORCE = """
CREATE FUNCTION stage_policy_on(client bigint, of_product text, day date) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT a.policy_id FROM clients_stageassignment a
    WHERE a.client_id = client AND a.product IN (of_product, '') AND a.starts_on <= day
    ORDER BY a.product <> '' DESC, a.starts_on DESC, a.event_id DESC LIMIT 1
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("clients", "0022_published_policies_stand")]

    operations = [migrations.RunSQL(IN_FORCE, "DROP FUNCTION stage_policy_on(bigint, text, date);")]
