"""Of clients' people and systems that were there before versions were kept: the first is how they stand now."""

from django.db import migrations

VERSIONS = """
INSERT INTO clients_historicalclientuser (id, client_id, user_id, title, keeps_systems, keeps_people, history_date,
    history_change_reason, history_type)
SELECT id, client_id, user_id, title, keeps_systems, keeps_people, now(), 'as it stood when versions began', '+'
FROM clients_clientuser c
WHERE NOT EXISTS (SELECT 1 FROM clients_historicalclientuser h WHERE h.id = c.id);
INSERT INTO clients_historicalserviceaccount (id, client_id, name, scopes, is_active, created_at, history_date,
    history_change_reason, history_type)
SELECT id, client_id, name, scopes, is_active, created_at, now(), 'as it stood when versions began', '+'
FROM clients_serviceaccount c
WHERE NOT EXISTS (SELECT 1 FROM clients_historicalserviceaccount h WHERE h.id = c.id);
"""


class Migration(migrations.Migration):
    dependencies = [("clients", "0081_who_signs_is_approved")]

    operations = [migrations.RunSQL(VERSIONS, migrations.RunSQL.noop)]
