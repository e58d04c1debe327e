"""Episodes of default, each of one client's case or debt."""

import collections_app.models.fields
import django.db.models.deletion
from django.db import migrations, models

from common.db import composite_reference


P = "collections_app_"


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0023_policy_in_force'),
        ('collections_app', '0011_payments_are_proven'),
    ]

    operations = [
        migrations.CreateModel(
            name='DefaultEpisode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(choices=[('TRADE_90', "Trade credit: past the policy's day of default"), ('MONTHLY_3_IN_A_ROW', 'Monthly: unpaid in full or part three months in a row'), ('FIVE_LATE_7WD', 'Monthly: five separate instalments, each at least 7 working days late'), ('UNPAID_60WD', 'Not monthly: an instalment unpaid for more than 60 working days'), ('FOUR_LATE_20WD', 'Not monthly: four separate instalments, each 20 working days late'), ('MORE_THAN_5_MONTHS', 'Not monthly: more than five separate months unpaid'), ('NOTE_3_OR_MORE_THAN_5', 'Promissory note: three months in a row, or more than five separate months')], max_length=30)),
                ('began_on', models.DateField()),
                ('ended_on', models.DateField(blank=True, null=True)),
                ('undone_on', models.DateField(blank=True, null=True)),
                ('recorded_at', models.DateTimeField()),
                ('case', collections_app.models.fields.OwnedKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='defaults', to='collections_app.case')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('debt', collections_app.models.fields.OwnedKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='defaults', to='collections_app.debt')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('undone_on__isnull', True)), fields=('case', 'debt', 'rule', 'began_on'), name='default_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('ended_on__isnull', True), ('ended_on__gt', models.F('began_on')), _connector='OR'), name='default_in_order')],
            },
        ),
        composite_reference(table=P + "defaultepisode", columns=("case_id", "client_id"), parent=P + "case"),
        composite_reference(table=P + "defaultepisode", columns=("debt_id", "client_id"), parent=P + "debt"),
    ]
