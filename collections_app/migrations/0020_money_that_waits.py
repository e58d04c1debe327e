"""Files that tell of money that came, and each payment until it is posted or set aside."""

import collections_app.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.db import composite_reference, never_nan

P = "collections_app_"

# A composite key cannot say it, since the house's own statements have no client until a payment of theirs is matched.
OF_FILE = """
CREATE FUNCTION incoming_of_its_file() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM collections_app_incomingfile f
        WHERE f.id = NEW.file_id AND f.client_id IS NOT NULL AND f.client_id IS DISTINCT FROM NEW.client_id
    ) THEN
        RAISE EXCEPTION 'a payment of another client than its file' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER incoming_of_its_file BEFORE INSERT OR UPDATE OF client_id, file_id ON collections_app_incomingpayment
    FOR EACH ROW EXECUTE FUNCTION incoming_of_its_file();
"""
NOT_OF_FILE = """
DROP TRIGGER incoming_of_its_file ON collections_app_incomingpayment;
DROP FUNCTION incoming_of_its_file();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0001_first'),
        ('collections_app', '0012_defaults'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='IncomingFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('PAYMENTS', 'Payment file'), ('STATEMENT', 'Bank statement')], max_length=10)),
                ('name', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.BigIntegerField()),
                ('layout', models.JSONField(default=dict)),
                ('form', models.CharField(blank=True, max_length=20)),
                ('status', models.CharField(choices=[('UPLOADED', 'Waiting for its columns'), ('CHECKED', 'Checked, not written'), ('RUNNING', 'Running'), ('DONE', 'Done'), ('REFUSED', 'Refused'), ('FAILED', 'Failed')], max_length=10)),
                ('stored_path', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('result', models.JSONField(default=dict)),
                ('client', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('uploaded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='IncomingPayment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.IntegerField()),
                ('identity', models.CharField(max_length=64, unique=True)),
                ('reference', models.CharField(max_length=200)),
                ('debtor_ref', models.CharField(blank=True, max_length=200)),
                ('receivable_ref', models.CharField(blank=True, max_length=200)),
                ('value_on', models.DateField()),
                ('amount', collections_app.models.fields.MoneyField(decimal_places=2, max_digits=18)),
                ('currency', collections_app.models.fields.CurrencyField(blank=True, max_length=3)),
                ('payer_name', models.CharField(blank=True, max_length=160)),
                ('text', models.CharField(blank=True, max_length=2000)),
                ('state', models.CharField(choices=[('MATCHED', 'Posted'), ('SUGGESTED', 'To choose'), ('UNMATCHED', 'Nothing found'), ('SET_ASIDE', 'Set aside')], max_length=10)),
                ('reason', models.CharField(blank=True, max_length=20)),
                ('suggestions', models.JSONField(default=list)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('recorded_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('case', collections_app.models.fields.OwnedKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='incoming', to='collections_app.case')),
                ('client', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='payments', to='collections_app.incomingfile')),
                ('payment', collections_app.models.fields.OwnedKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='incoming', to='collections_app.payment')),
            ],
        ),
        migrations.AddIndex(
            model_name='incomingfile',
            index=models.Index(fields=['-created_at'], name='incoming_file_newest'),
        ),
        migrations.AddConstraint(
            model_name='incomingfile',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'STATEMENT'), ('client__isnull', False), _connector='OR'), name='incoming_file_of_client'),
        ),
        migrations.AddIndex(
            model_name='incomingpayment',
            index=models.Index(condition=models.Q(('state__in', ['SUGGESTED', 'UNMATCHED'])), fields=['value_on', 'id'], name='incoming_waiting'),
        ),
        migrations.AddIndex(
            model_name='incomingpayment',
            index=models.Index(fields=['file', 'line'], name='incoming_by_file'),
        ),
        migrations.AddConstraint(
            model_name='incomingpayment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='incoming_amount_positive'),
        ),
        migrations.AddConstraint(
            model_name='incomingpayment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('payment__isnull', False), ('state', 'MATCHED')), models.Q(models.Q(('state', 'MATCHED'), _negated=True), ('payment__isnull', True)), _connector='OR'), name='incoming_matched_is_posted'),
        ),
        migrations.AddConstraint(
            model_name='incomingpayment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'SET_ASIDE'), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='incoming_aside_says_why'),
        ),
        migrations.AddConstraint(
            model_name='incomingpayment',
            constraint=models.CheckConstraint(condition=models.Q(('case__isnull', True), ('client__isnull', False), _connector='OR'), name='incoming_case_of_client'),
        ),
        migrations.AddConstraint(
            model_name='incomingpayment',
            constraint=models.UniqueConstraint(condition=models.Q(('payment__isnull', False)), fields=('payment',), name='incoming_payment_once'),
        ),
        composite_reference(table=P + "incomingpayment", columns=("case_id", "client_id"), parent=P + "case"),
        composite_reference(table=P + "incomingpayment", columns=("payment_id", "client_id"), parent=P + "payment"),
        never_nan(table=P + "incomingpayment", columns=("amount",)),
        migrations.RunSQL(OF_FILE, NOT_OF_FILE),
    ]
