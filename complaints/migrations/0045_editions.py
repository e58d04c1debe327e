"""What is published in versions: questions, the policy, procedures, outward bodies. What was approved stands."""

import complaints.models.learning
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# As people type Arabic: one alef, one ya, ه for ة; short vowels and the stretching line are passed over.
FOLDED = r"""
CREATE FUNCTION search_folded(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(translate(regexp_replace(said, '[\u064b-\u0652\u0640]', '', 'g'), 'أإآٱةىئؤ', 'ااااهييو'))
$$;
"""
TABLES = ("faqentry", "policytext", "procedure", "outwardbody")
STANDS = """
CREATE FUNCTION edition_stands() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    -- What is generated is empty before the row is written.
    beside text[] := '{state,reason,searched_ar,searched_en}';
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a version is withdrawn, not removed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'edition_stands';
    END IF;
    IF OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN (
        'DRAFT>APPROVED', 'DRAFT>WITHDRAWN', 'APPROVED>REPLACED', 'APPROVED>WITHDRAWN'
    ) THEN
        RAISE EXCEPTION 'a version does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'edition_moves';
    END IF;
    IF (OLD.id, OLD.code, OLD.version, OLD.prepared_by_id)
           IS DISTINCT FROM (NEW.id, NEW.code, NEW.version, NEW.prepared_by_id)
       OR OLD.state <> 'DRAFT' AND to_jsonb(OLD) - beside <> to_jsonb(NEW) - beside THEN
        RAISE EXCEPTION 'a version that was approved stands'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'edition_stands';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION procedure_step_stands() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    whose bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.procedure_id ELSE NEW.procedure_id END;
BEGIN
    IF NOT EXISTS (SELECT FROM complaints_procedure WHERE id = whose AND state = 'DRAFT')
       OR TG_OP = 'UPDATE' AND OLD.procedure_id <> NEW.procedure_id THEN
        RAISE EXCEPTION 'a version that was approved stands'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'edition_stands';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER procedure_step_stands BEFORE INSERT OR UPDATE OR DELETE ON complaints_procedurestep
    FOR EACH ROW EXECUTE FUNCTION procedure_step_stands();
""" + "".join(
    f"CREATE TRIGGER edition_stands BEFORE UPDATE OR DELETE ON complaints_{table}"
    " FOR EACH ROW EXECUTE FUNCTION edition_stands();\n"
    for table in TABLES
)
NO_LONGER = "DROP TRIGGER procedure_step_stands ON complaints_procedurestep;\n" + "".join(
    f"DROP TRIGGER edition_stands ON complaints_{table};\n" for table in TABLES
) + "DROP FUNCTION procedure_step_stands(); DROP FUNCTION edition_stands();"


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0043_learning_by_trigger'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(FOLDED, "DROP FUNCTION search_folded(text);"),
        migrations.CreateModel(
            name='OutwardBody',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40)),
                ('version', models.PositiveIntegerField(default=1)),
                ('state', models.CharField(choices=[('DRAFT', 'Draft'), ('APPROVED', 'Published'), ('REPLACED', 'Replaced'), ('WITHDRAWN', 'Withdrawn')], default='DRAFT', max_length=10)),
                ('prepared_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('name_ar', models.CharField(max_length=200)),
                ('name_en', models.CharField(max_length=200)),
                ('client_kinds', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('BANK', 'Bank'), ('FINANCE', 'Finance company'), ('TELECOM', 'Telecom'), ('TRADE', 'Trade'), ('OTHER', 'Other')], max_length=10), size=None)),
                ('position', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['position', 'code', '-version'],
            },
        ),
        migrations.CreateModel(
            name='PolicyReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('read_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='PolicyText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40)),
                ('version', models.PositiveIntegerField(default=1)),
                ('state', models.CharField(choices=[('DRAFT', 'Draft'), ('APPROVED', 'Published'), ('REPLACED', 'Replaced'), ('WITHDRAWN', 'Withdrawn')], default='DRAFT', max_length=10)),
                ('prepared_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('title_ar', models.CharField(max_length=200)),
                ('title_en', models.CharField(max_length=200)),
                ('body_ar', models.TextField(max_length=10000)),
                ('body_en', models.TextField(max_length=10000)),
            ],
            options={
                'ordering': ['code', '-version'],
            },
        ),
        migrations.CreateModel(
            name='Procedure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40)),
                ('version', models.PositiveIntegerField(default=1)),
                ('state', models.CharField(choices=[('DRAFT', 'Draft'), ('APPROVED', 'Published'), ('REPLACED', 'Replaced'), ('WITHDRAWN', 'Withdrawn')], default='DRAFT', max_length=10)),
                ('prepared_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('title_ar', models.CharField(max_length=200)),
                ('title_en', models.CharField(max_length=200)),
                ('source', models.CharField(blank=True, max_length=80)),
                ('position', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['position', 'code', '-version'],
            },
        ),
        migrations.CreateModel(
            name='ProcedureStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField()),
                ('number', models.CharField(max_length=10)),
                ('process_ar', models.CharField(max_length=500)),
                ('process_en', models.CharField(max_length=500)),
                ('responsible_ar', models.CharField(max_length=200)),
                ('responsible_en', models.CharField(max_length=200)),
                ('limit_ar', models.CharField(blank=True, max_length=100)),
                ('limit_en', models.CharField(blank=True, max_length=100)),
                ('output_ar', models.CharField(blank=True, max_length=200)),
                ('output_en', models.CharField(blank=True, max_length=200)),
                ('clock_kind', models.CharField(blank=True, max_length=30)),
                ('clock_code', models.CharField(blank=True, max_length=40)),
            ],
            options={
                'ordering': ['place'],
            },
        ),
        migrations.AddField(
            model_name='faqentry',
            name='category',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='complaints.category'),
        ),
        migrations.AddField(
            model_name='faqentry',
            name='reason',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddConstraint(
            model_name='faqentry',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'DRAFT')), fields=('code',), name='faq_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='faqentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', False), ('prepared_by__isnull', True)), ('state__in', ['DRAFT', 'WITHDRAWN']), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False)), _connector='OR'), name='faq_approved_by_somebody'),
        ),
        migrations.AddField(
            model_name='outwardbody',
            name='approved_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='outwardbody',
            name='prepared_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='policyreading',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='policytext',
            name='approved_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='policytext',
            name='prepared_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='policyreading',
            name='policy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='complaints.policytext'),
        ),
        migrations.AddField(
            model_name='procedure',
            name='approved_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='procedure',
            name='prepared_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='procedurestep',
            name='procedure',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='complaints.procedure'),
        ),
        migrations.AddField(
            model_name='faqentry',
            name='searched_ar',
            field=models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector(complaints.models.learning.Folded('question_ar'), config='arabic', weight='A'), '||', django.contrib.postgres.search.SearchVector(complaints.models.learning.Folded('answer_ar'), config='arabic', weight='B'), django.contrib.postgres.search.SearchConfig('arabic')), output_field=django.contrib.postgres.search.SearchVectorField()),
        ),
        migrations.AddField(
            model_name='faqentry',
            name='searched_en',
            field=models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector(complaints.models.learning.Folded('question_en'), config='english', weight='A'), '||', django.contrib.postgres.search.SearchVector(complaints.models.learning.Folded('answer_en'), config='english', weight='B'), django.contrib.postgres.search.SearchConfig('english')), output_field=django.contrib.postgres.search.SearchVectorField()),
        ),
        migrations.AddConstraint(
            model_name='outwardbody',
            constraint=models.UniqueConstraint(fields=('code', 'version'), name='outward_body_version'),
        ),
        migrations.AddConstraint(
            model_name='outwardbody',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'APPROVED')), fields=('code',), name='outward_body_one_published'),
        ),
        migrations.AddConstraint(
            model_name='outwardbody',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'DRAFT')), fields=('code',), name='outward_body_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='outwardbody',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), ('prepared_by__isnull', True), models.Q(('approved_by', models.F('prepared_by')), _negated=True), _connector='OR'), name='outward_body_by_two'),
        ),
        migrations.AddConstraint(
            model_name='outwardbody',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', False), ('prepared_by__isnull', True)), ('state__in', ['DRAFT', 'WITHDRAWN']), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False)), _connector='OR'), name='outward_body_approved_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='policytext',
            constraint=models.UniqueConstraint(fields=('code', 'version'), name='policy_version'),
        ),
        migrations.AddConstraint(
            model_name='policytext',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'APPROVED')), fields=('code',), name='policy_one_published'),
        ),
        migrations.AddConstraint(
            model_name='policytext',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'DRAFT')), fields=('code',), name='policy_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='policytext',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), ('prepared_by__isnull', True), models.Q(('approved_by', models.F('prepared_by')), _negated=True), _connector='OR'), name='policy_by_two'),
        ),
        migrations.AddConstraint(
            model_name='policytext',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', False), ('prepared_by__isnull', True)), ('state__in', ['DRAFT', 'WITHDRAWN']), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False)), _connector='OR'), name='policy_approved_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='policyreading',
            constraint=models.UniqueConstraint(fields=('policy', 'user'), name='policy_read_once'),
        ),
        migrations.AddConstraint(
            model_name='procedure',
            constraint=models.UniqueConstraint(fields=('code', 'version'), name='procedure_version'),
        ),
        migrations.AddConstraint(
            model_name='procedure',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'APPROVED')), fields=('code',), name='procedure_one_published'),
        ),
        migrations.AddConstraint(
            model_name='procedure',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'DRAFT')), fields=('code',), name='procedure_one_draft'),
        ),
        migrations.AddConstraint(
            model_name='procedure',
            constraint=models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), ('prepared_by__isnull', True), models.Q(('approved_by', models.F('prepared_by')), _negated=True), _connector='OR'), name='procedure_by_two'),
        ),
        migrations.AddConstraint(
            model_name='procedure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', False), ('prepared_by__isnull', True)), ('state__in', ['DRAFT', 'WITHDRAWN']), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False)), _connector='OR'), name='procedure_approved_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='procedurestep',
            constraint=models.UniqueConstraint(fields=('procedure', 'place'), name='procedure_step_place'),
        ),
        migrations.AddConstraint(
            model_name='procedurestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('limit_ar', ''), _negated=True), models.Q(('limit_en', ''), _negated=True)), models.Q(('clock_code', ''), _negated=True), _connector='OR'), name='procedure_step_has_limit'),
        ),
        migrations.AddIndex(
            model_name='faqentry',
            index=django.contrib.postgres.indexes.GinIndex(fields=['searched_ar'], name='faq_searched_ar'),
        ),
        migrations.AddIndex(
            model_name='faqentry',
            index=django.contrib.postgres.indexes.GinIndex(fields=['searched_en'], name='faq_searched_en'),
        ),
        migrations.RunSQL(STANDS, NO_LONGER),
    ]
