"""That payment options were offered is an outcome of its own (PL-24)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('collections_app', '0080_authorisation_ends_once'),
    ]

    operations = [
        migrations.AlterField(
            model_name='contactattempt',
            name='outcome',
            field=models.CharField(blank=True, choices=[('PROMISE', 'Promise to pay'), ('PLAN_ASKED', 'Asked for a plan'), ('OFFERED', 'Payment options offered'), ('OBJECTED', 'Objected'), ('HARDSHIP', 'Hardship'), ('CALL_BACK', 'Call back'), ('PAID_ALREADY', 'Says it is paid'), ('REFUSED', 'Will not pay'), ('INFORMED', 'Informed'), ('WRONG_PERSON', 'Wrong person'), ('NO_ANSWER', 'No answer'), ('SENT', 'Sent')], max_length=14),
        ),
    ]
