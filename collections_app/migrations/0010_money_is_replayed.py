"""Payments keep what was said of them: pins, partial reversals, the method; notes keep their number."""

import collections_app.models.fields
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0002_allocation_method'),
        ('collections_app', '0009_balances_proven'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PaymentPin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', collections_app.models.fields.MoneyField(decimal_places=2, max_digits=18)),
                ('event_id', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='PaymentReversal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', collections_app.models.fields.MoneyField(decimal_places=2, max_digits=18)),
                ('on', models.DateField()),
                ('reason', models.CharField(max_length=300)),
                ('recorded_at', models.DateTimeField()),
                ('event_id', models.BigIntegerField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='ledgerentry',
            name='entry_sign',
        ),
        migrations.RemoveConstraint(
            model_name='ledgerentry',
            name='entry_payment_named',
        ),
        migrations.RemoveConstraint(
            model_name='payment',
            name='payment_suspense_within',
        ),
        migrations.AddField(
            model_name='hold',
            name='decided_event_id',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='hold',
            name='decision',
            field=models.CharField(blank=True, choices=[('ACCEPTED', 'Accepted'), ('REJECTED', 'Rejected')], db_default='', max_length=10),
        ),
        migrations.AddField(
            model_name='hold',
            name='ended_event_id',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='hold',
            name='event_id',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='hold',
            name='frozen',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='ledgerentry',
            name='reference',
            field=models.CharField(blank=True, db_default='', max_length=80),
        ),
        migrations.AddField(
            model_name='payment',
            name='allocation_method',
            field=models.CharField(choices=[('OLDEST_FIRST', 'Oldest due date first'), ('FEES_FIRST', 'Costs and fees first'), ('EXACT_FIRST', 'The receivable of just that amount, else the oldest'), ('AS_SPECIFIED', 'As the payer says; the rest waits')], db_default='OLDEST_FIRST', default='OLDEST_FIRST', max_length=12),
        ),
        migrations.AddField(
            model_name='payment',
            name='suspense_owner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='payment',
            name='reversed_amount',
            field=collections_app.models.fields.MoneyField(db_default=0, decimal_places=2, default=0, max_digits=18),
        ),
        # Payments that were taken back whole, before a part could be.
        migrations.RunSQL(
            "UPDATE collections_app_payment SET reversed_amount = amount WHERE reversed_on IS NOT NULL;"
            "SET CONSTRAINTS ALL IMMEDIATE;",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name='ledgerentry',
            name='kind',
            field=models.CharField(choices=[('CHARGE', 'Charge'), ('DEBIT_NOTE', 'Debit note'), ('FEE', 'Fee'), ('PAYMENT', 'Payment'), ('PRIOR_PAYMENT', 'Paid before placement'), ('CREDIT_NOTE', 'Credit note'), ('SETTLEMENT_DISCOUNT', 'Settlement discount'), ('WRITE_OFF', 'Write-off'), ('REVERSAL', 'Reversal'), ('REALLOCATION', 'Moved to another receivable')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('kind__in', ['CHARGE', 'DEBIT_NOTE', 'FEE'])), models.Q(('amount__lt', 0), ('kind__in', ['CREDIT_NOTE', 'PAYMENT', 'PRIOR_PAYMENT', 'SETTLEMENT_DISCOUNT', 'WRITE_OFF'])), models.Q(('amount__gt', 0), ('kind', 'REALLOCATION')), models.Q(('kind', 'REVERSAL'), models.Q(('amount', 0), _negated=True)), _connector='OR'), name='entry_sign'),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['PAYMENT', 'REALLOCATION']), _negated=True), ('payment__isnull', False), _connector='OR'), name='entry_payment_named'),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('allocation', ''), ('payment__isnull', True)), models.Q(('payment__isnull', False), models.Q(('allocation', ''), _negated=True)), _connector='OR'), name='entry_allocation_of_payments'),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.UniqueConstraint(condition=models.Q(('reverses__isnull', False)), fields=('reverses',), name='entry_reversed_once'),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.UniqueConstraint(condition=models.Q(('reference', ''), _negated=True), fields=('receivable', 'kind', 'component', 'reference'), name='entry_reference_once'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('suspense__gte', 0), ('suspense__lte', django.db.models.expressions.CombinedExpression(models.F('amount'), '-', models.F('reversed_amount')))), name='payment_suspense_within'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('reversed_amount__gte', 0), models.Q(models.Q(('reversed_amount__lt', models.F('amount')), ('reversed_on__isnull', True)), models.Q(('reversed_amount', models.F('amount')), ('reversed_on__isnull', False)), _connector='OR')), name='payment_reversed_within'),
        ),
        migrations.AddField(
            model_name='paymentpin',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client'),
        ),
        migrations.AddField(
            model_name='paymentpin',
            name='payment',
            field=collections_app.models.fields.OwnedKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='pins', to='collections_app.payment'),
        ),
        migrations.AddField(
            model_name='paymentpin',
            name='receivable',
            field=collections_app.models.fields.OwnedKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='pins', to='collections_app.receivable'),
        ),
        migrations.AddField(
            model_name='paymentreversal',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client'),
        ),
        migrations.AddField(
            model_name='paymentreversal',
            name='payment',
            field=collections_app.models.fields.OwnedKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='reversals', to='collections_app.payment'),
        ),
        migrations.AddConstraint(
            model_name='paymentpin',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='pin_amount_not_zero'),
        ),
        migrations.AddConstraint(
            model_name='paymentreversal',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payment_reversal_positive'),
        ),
    ]
