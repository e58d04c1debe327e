"""Every client keeps the ladder it had, from the beginning of time; shipped ladders are published."""

from django.db import migrations

SO_FAR = """
UPDATE clients_stagepolicy SET state = 'APPROVED';
UPDATE clients_stagepolicy SET default_rules = ARRAY['TRADE_90'] WHERE code = 'TRADE_CREDIT' AND version = 1;
UPDATE clients_stagepolicy SET default_rules = ARRAY['MONTHLY_3_IN_A_ROW', 'FIVE_LATE_7WD']
WHERE code = 'CONSUMER_INSTALMENTS' AND version = 1;
INSERT INTO clients_stageassignment (client_id, product, policy_id, starts_on, event_id, recorded_at)
SELECT id, '', stage_policy_id, DATE '1900-01-01', 0, created_at FROM clients_client;
"""


class Migration(migrations.Migration):
    dependencies = [("clients", "0020_stage_policies_are_approved")]

    operations = [migrations.RunSQL(SO_FAR, "DELETE FROM clients_stageassignment")]
