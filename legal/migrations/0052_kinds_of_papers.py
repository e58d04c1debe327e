"""A note may be another instrument: signed invoices, an account that was agreed to."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('legal', '0051_requests_follow_their_approval'),
    ]

    operations = [
        migrations.AlterField(
            model_name='paper',
            name='kind',
            field=models.CharField(choices=[('CONTRACT', 'Contract'), ('NOTE', 'Promissory note or other instrument'), ('STATEMENT', 'Statement of account'), ('CONTACT_PROOF', 'Proof of contact'), ('PACK', 'Evidence pack'), ('LETTER', 'Signed letter of authorisation'), ('AUTHORISATION', 'Written authorisation'), ('NOTICE', 'Final notice'), ('SERVICE_PROOF', 'Proof of service'), ('FILING', 'Filed paper'), ('JUDGMENT', 'Judgment or order'), ('OTHER', 'Other')], max_length=16),
        ),
    ]
