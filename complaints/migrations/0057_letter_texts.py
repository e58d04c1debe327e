"""What letters say is published in versions, as they are shipped; each letter names the version it was made from."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from complaints.services.editions_shipped import letters_ship

STANDS = """
CREATE TRIGGER edition_stands BEFORE UPDATE OR DELETE ON complaints_lettertext
    FOR EACH ROW EXECUTE FUNCTION edition_stands();
"""
NO_LONGER = "DROP TRIGGER edition_stands ON complaints_lettertext;"


def ship(apps, schema_editor):
    letters_ship(lambda name: apps.get_model("complaints", name).objects.using(schema_editor.connection.alias))


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0056_public_records'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LetterText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40)),
                ('version', models.PositiveIntegerField(default=1)),
                ('state', models.CharField(choices=[('DRAFT', 'Draft'), ('APPROVED', 'Published'), ('REPLACED', 'Replaced'), ('WITHDRAWN', 'Withdrawn')], default='DRAFT', max_length=10)),
                ('prepared_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('title_ar', models.CharField(max_length=160)),
                ('title_en', models.CharField(max_length=160)),
                ('opening_ar', models.TextField(blank=True, max_length=2000)),
                ('opening_en', models.TextField(blank=True, max_length=2000)),
                ('points_ar', models.TextField(blank=True, max_length=4000)),
                ('points_en', models.TextField(blank=True, max_length=4000)),
                ('closing_ar', models.TextField(blank=True, max_length=2000)),
                ('closing_en', models.TextField(blank=True, max_length=2000)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('prepared_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.AddField(
            model_name='matterpaper',
            name='text',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='complaints.lettertext'),
        ),
        migrations.AddConstraint(
            model_name='lettertext',
            constraint=models.UniqueConstraint(fields=('code', 'version'), name='letter_text_version'),
        ),
        migrations.AddConstraint(
            model_name='lettertext',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'APPROVED')), fields=('code',), name='letter_text_one_published'),
        ),
        migrations.AddConstraint(
            model_name='lettertext',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'DRAFT')), fields=('code',), name='letter_text_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='lettertext',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), ('prepared_by__isnull', True), models.Q(('approved_by', models.F('prepared_by')), _negated=True), _connector='OR'), name='letter_text_by_two'),
        ),
        migrations.AddConstraint(
            model_name='lettertext',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', False), ('prepared_by__isnull', True)), ('state__in', ['DRAFT', 'WITHDRAWN']), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False)), _connector='OR'), name='letter_text_approved_by_somebody'),
        ),
        migrations.RunPython(ship, migrations.RunPython.noop),
        migrations.RunSQL(STANDS, NO_LONGER),
    ]
