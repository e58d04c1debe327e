"""What fees of a contract may come to, where a client says so (rule FEE-CAP)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0052_systems_of_trade_credit'),
    ]

    operations = [
        migrations.AddField(
            model_name='client',
            name='fee_cap_instalments',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Fees of a contract at most, in instalments'),
        ),
        migrations.AddField(
            model_name='historicalclient',
            name='fee_cap_instalments',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='Fees of a contract at most, in instalments'),
        ),
    ]
