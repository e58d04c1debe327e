"""A segment is worked in one way (PL-05); what days and boards were told by is a band of amounts, and bears that name.

The columns only change their names. Kept views, whose address is theirs, follow.
"""

from django.db import migrations

_VIEWS = r"UPDATE reporting_boardview SET query = regexp_replace(query, '(^|&){before}=', '\1{after}=')"


class Migration(migrations.Migration):
    dependencies = [("reporting", "0061_review_meetings")]

    operations = [
        migrations.RenameField(model_name="daystock", old_name="segment", new_name="band"),
        migrations.RenameField(model_name="dayflow", old_name="segment", new_name="band"),
        migrations.RunSQL(
            _VIEWS.format(before="segment", after="band"), _VIEWS.format(before="band", after="segment")
        ),
    ]
