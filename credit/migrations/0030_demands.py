"""A demand for payment is a paper of its own kind (CM-44)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("credit", "0021_decided_by_approval")]

    operations = [
        migrations.AlterField(
            model_name="creditpaper",
            name="kind",
            field=models.CharField(
                choices=[
                    ("APPLICATION_FORM", "Account application"),
                    ("COMMERCIAL_REGISTRATION", "Commercial registration"),
                    ("OFFICIAL_ID", "Official identity document"),
                    ("VAT_CERTIFICATE", "VAT certificate"),
                    ("CHAMBER_MEMBERSHIP", "Chamber of commerce membership"),
                    ("BANK_STATEMENT", "Bank statement"),
                    ("BANK_CERTIFICATE", "Bank's certificate"),
                    ("FINANCIAL_STATEMENTS", "Audited financial statements"),
                    ("COLLATERAL", "Guarantee or other collateral"),
                    ("POWER_OF_ATTORNEY", "Power of attorney"),
                    ("SPECIMEN_SIGNATURE", "Specimen signature"),
                    ("REFERENCE", "Answer of a reference"),
                    ("BUREAU_REPORT", "Credit record of the bureau"),
                    ("AGREEMENT", "Facility agreement"),
                    ("REMOTE_TERMS", "Terms of orders by fax or e-mail"),
                    ("ORDER", "Original of an order"),
                    ("WORKSHEET", "Credit worksheet"),
                    ("REJECTION", "Rejection letter"),
                    ("ADVERSE_NOTICE", "Notice of an adverse decision"),
                    ("DEMAND", "Demand for payment"),
                    ("OTHER", "Other"),
                ],
                max_length=24,
            ),
        ),
    ]
