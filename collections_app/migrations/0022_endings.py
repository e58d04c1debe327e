"""How cases end and what leaves collection; a withdrawn receivable is one whose entries say so."""

from importlib import import_module

import collections_app.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.db import composite_reference


P = "collections_app_"
BEFORE = import_module("collections_app.migrations.0009_balances_proven")

# Being withdrawn was typed and stayed; now it follows from the entries, as every other closing does.
_TYPED = (
    ("CASE WHEN {of}.status = 'WITHDRAWN' THEN {of}.status\n            WHEN", "CASE WHEN"),
    ("CASE WHEN {of}.status = 'WITHDRAWN' THEN {of}.closed_on\n            WHEN", "CASE WHEN"),
)


def _functions(*, computed: bool) -> str:
    sql = BEFORE.LEDGER_APPLY + BEFORE.RECEIVABLE_PROVEN.split("CREATE TRIGGER")[0] + BEFORE.BOOK
    sql = sql.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    if computed:
        for old, new in _TYPED:
            for of in ("w", "s"):
                sql = sql.replace(old.format(of=of), new)
        sql = sql.replace("('WRITE_OFF', 'SETTLEMENT_DISCOUNT')", "('WRITE_OFF', 'SETTLEMENT_DISCOUNT', 'WITHDRAWAL')")
        assert "WITHDRAWN" not in sql
    return sql


CLOSING = """
CREATE OR REPLACE FUNCTION receivable_closing(receivable bigint, day date) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE
        WHEN coalesce(sum(e.amount) FILTER (WHERE e.kind = 'WITHDRAWAL'), 0) <> 0 THEN 'WITHDRAWN'
        WHEN coalesce(sum(e.amount) FILTER (WHERE coalesce(o.kind, e.kind) = 'WRITE_OFF'), 0) <> 0 THEN 'WRITTEN_OFF'
        WHEN coalesce(sum(e.amount) FILTER (WHERE coalesce(o.kind, e.kind) = 'SETTLEMENT_DISCOUNT'), 0) <> 0
            THEN 'SETTLED'
        ELSE 'PAID' END
    FROM collections_app_ledgerentry e LEFT JOIN collections_app_ledgerentry o ON o.id = e.reverses_id
    WHERE e.receivable_id = receivable AND (day IS NULL OR e.effective_on <= day)
$$;
"""
CLOSING_BEFORE = BEFORE.CLOSING.split("-- The day from which on")[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0024_systems_and_their_tokens'),
        ('collections_app', '0021_books_of_before'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseEnd',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('PLACED', 'Placed'), ('ACTIVE', 'Active'), ('ON_HOLD', 'On hold'), ('PAID', 'Paid'), ('SETTLED', 'Settled'), ('RECALLED', 'Recalled'), ('UNCOLLECTIBLE', 'Uncollectible'), ('DECEASED', 'Deceased'), ('WITHDRAWN', 'Withdrawn')], max_length=14)),
                ('on', models.DateField()),
                ('decided', models.BooleanField(default=False)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('recorded_at', models.DateTimeField()),
                ('event_id', models.BigIntegerField(default=0)),
                ('reopened_on', models.DateField(blank=True, null=True)),
                ('reopened_at', models.DateTimeField(blank=True, null=True)),
                ('reopened_event_id', models.BigIntegerField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Withdrawal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('until_on', models.DateField(blank=True, null=True)),
                ('whole', models.BooleanField(default=False)),
                ('event_id', models.BigIntegerField()),
                ('until_event_id', models.BigIntegerField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='ledgerentry',
            name='entry_sign',
        ),
        migrations.AlterField(
            model_name='ledgerentry',
            name='kind',
            field=models.CharField(choices=[('CHARGE', 'Charge'), ('DEBIT_NOTE', 'Debit note'), ('FEE', 'Fee'), ('PAYMENT', 'Payment'), ('PRIOR_PAYMENT', 'Paid before placement'), ('CREDIT_NOTE', 'Credit note'), ('SETTLEMENT_DISCOUNT', 'Settlement discount'), ('WRITE_OFF', 'Write-off'), ('REVERSAL', 'Reversal'), ('REALLOCATION', 'Moved to another receivable'), ('WITHDRAWAL', 'Out of collection')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('kind__in', ['CHARGE', 'DEBIT_NOTE', 'FEE'])), models.Q(('amount__lt', 0), ('kind__in', ['CREDIT_NOTE', 'PAYMENT', 'PRIOR_PAYMENT', 'SETTLEMENT_DISCOUNT', 'WRITE_OFF'])), models.Q(('amount__gt', 0), ('kind', 'REALLOCATION')), models.Q(('kind__in', ['REVERSAL', 'WITHDRAWAL']), models.Q(('amount', 0), _negated=True)), _connector='OR'), name='entry_sign'),
        ),
        migrations.AddField(
            model_name='caseend',
            name='case',
            field=collections_app.models.fields.OwnedKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='ends', to='collections_app.case'),
        ),
        migrations.AddField(
            model_name='caseend',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client'),
        ),
        migrations.AddField(
            model_name='caseend',
            name='recorded_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='hold',
            name='end',
            field=collections_app.models.fields.OwnedKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='collections_app.caseend'),
        ),
        migrations.AddField(
            model_name='promise',
            name='end',
            field=collections_app.models.fields.OwnedKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='collections_app.caseend'),
        ),
        migrations.AddField(
            model_name='task',
            name='end',
            field=collections_app.models.fields.OwnedKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='collections_app.caseend'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='end',
            field=collections_app.models.fields.OwnedKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawals', to='collections_app.caseend'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='file',
            field=collections_app.models.fields.OwnedKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawals', to='collections_app.importfile'),
        ),
        migrations.AddField(
            model_name='withdrawal',
            name='receivable',
            field=collections_app.models.fields.OwnedKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='withdrawals', to='collections_app.receivable'),
        ),
        migrations.AddIndex(
            model_name='caseend',
            index=models.Index(fields=['case', 'recorded_at'], name='case_end_by_case'),
        ),
        migrations.AddConstraint(
            model_name='caseend',
            constraint=models.UniqueConstraint(condition=models.Q(('reopened_at__isnull', True)), fields=('case',), name='case_end_one_stands'),
        ),
        migrations.AddConstraint(
            model_name='caseend',
            constraint=models.CheckConstraint(condition=models.Q(('decided', False), ('status__in', ['DECEASED', 'RECALLED', 'UNCOLLECTIBLE', 'WITHDRAWN']), _connector='OR'), name='case_end_decided_kinds'),
        ),
        migrations.AddConstraint(
            model_name='caseend',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reopened_at__isnull', True), ('reopened_on__isnull', True)), models.Q(('reopened_at__isnull', False), ('reopened_on__gte', models.F('on'))), _connector='OR'), name='case_end_in_order'),
        ),
        migrations.AddIndex(
            model_name='withdrawal',
            index=models.Index(fields=['receivable'], name='withdrawal_by_receivable'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.UniqueConstraint(condition=models.Q(('until_on__isnull', True)), fields=('receivable',), name='withdrawal_one_stands'),
        ),
        migrations.AddConstraint(
            model_name='withdrawal',
            constraint=models.CheckConstraint(condition=models.Q(('until_on__isnull', True), models.Q(('until_on__gte', models.F('on')), ('whole', False)), _connector='OR'), name='withdrawal_in_order'),
        ),
        migrations.RunSQL(
            "ALTER TABLE collections_app_caseend ADD CONSTRAINT collections_app_caseend_of_client UNIQUE (id, client_id)",
            "ALTER TABLE collections_app_caseend DROP CONSTRAINT collections_app_caseend_of_client",
        ),
        *(
            composite_reference(table=P + table, columns=(column, "client_id"), parent=P + parent)
            for table, column, parent in (
                ("caseend", "case_id", "case"),
                ("withdrawal", "receivable_id", "receivable"),
                ("withdrawal", "end_id", "caseend"),
                ("withdrawal", "file_id", "importfile"),
                ("promise", "end_id", "caseend"),
                ("hold", "end_id", "caseend"),
                ("task", "end_id", "caseend"),
            )
        ),
        migrations.RunSQL(CLOSING + _functions(computed=True), CLOSING_BEFORE + _functions(computed=False)),
    ]
