"""An item from a public record carries its source and date (CB-47), and what was filed stands as it was filed."""

from django.conf import settings
from django.db import migrations, models


FORWARD = """
CREATE FUNCTION dispute_as_filed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.client_id, NEW.case_id, NEW.reference, NEW.kind, NEW.ground, NEW.filed_at, NEW.counts_from,
        NEW.public_record, NEW.record_source, NEW.record_on, NEW.item_sealed, NEW.words_sealed)
        IS DISTINCT FROM
       (OLD.client_id, OLD.case_id, OLD.reference, OLD.kind, OLD.ground, OLD.filed_at, OLD.counts_from,
        OLD.public_record, OLD.record_source, OLD.record_on, OLD.item_sealed, OLD.words_sealed) THEN
        RAISE EXCEPTION 'an objection stands as it was filed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER dispute_as_filed BEFORE UPDATE ON complaints_dispute
    FOR EACH ROW EXECUTE FUNCTION dispute_as_filed();
"""
BACK = """
DROP TRIGGER dispute_as_filed ON complaints_dispute;
DROP FUNCTION dispute_as_filed();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0082_versions_from_here_on'),
        ('collections_app', '0111_who_held_cases_before'),
        ('complaints', '0055_guide_to_objections'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='dispute',
            name='public_record',
            field=models.CharField(blank=True, choices=[('FUND', 'Government fund'), ('BANK', 'Government bank'), ('COURT', 'Court'), ('COMMITTEE', 'Committee'), ('BANKRUPTCY', 'Bankruptcy file')], default='', max_length=10),
        ),
        migrations.AddField(
            model_name='dispute',
            name='record_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='dispute',
            name='record_source',
            field=models.CharField(blank=True, default='', max_length=160),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('public_record', ''), ('record_on__isnull', True), ('record_source', '')), models.Q(('kind', 'ITEM'), ('record_on__isnull', False), models.Q(('public_record', ''), _negated=True), models.Q(('record_source', ''), _negated=True)), _connector='OR'), name='dispute_public_record_whole'),
        ),
        migrations.RunSQL(FORWARD, BACK),
    ]
