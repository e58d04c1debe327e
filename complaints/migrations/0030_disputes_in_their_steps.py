
import collections_app.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0070_fees_at_most'),
        ('collections_app', '0100_debts_of_a_request'),
        ('common', '0051_outbox_by_trigger'),
        ("complaints", "0021_no_stage_skipped"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DisputePack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stand', models.CharField(choices=[('CORRECT', 'The item is right'), ('WRONG', 'The item is wrong'), ('PARTLY_WRONG', 'The item is partly wrong'), ('CANNOT_TELL', 'It cannot be verified')], max_length=14)),
                ('words_sealed', models.BinaryField()),
                ('made_at', models.DateTimeField()),
                ('reviewed_at', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['dispute', 'pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='dispute',
            name='dispute_rejected_changes_nothing',
        ),
        migrations.AddField(
            model_name='dispute',
            name='documents_asked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='dispute',
            name='has_evidence',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='dispute',
            name='reinserted_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='dispute',
            name='reply_sealed',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='dispute',
            name='statement_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='disputerecipient',
            name='told_of',
            field=models.CharField(blank=True, choices=[('', '–'), ('DISPUTE', 'The objection'), ('CORRECTION', 'The correction')], default='', max_length=10),
        ),
        migrations.AlterField(
            model_name='disputemove',
            name='what',
            field=models.CharField(choices=[('FILED', 'Objection came'), ('DOCUMENTS_ASKED', 'Official documents asked for'), ('DOCUMENT_ADDED', 'Document received'), ('NOTIFIED', 'Member notified in writing'), ('PACK_MADE', 'Answer pack made'), ('PACK_REVIEWED', 'Answer pack reviewed'), ('PACK_SENT', 'Answer pack sent'), ('REPLIED', 'Member replied'), ('SILENT', 'Member was silent: it counts for the objector'), ('PROGRESS_TOLD', 'Objector told of the steps taken'), ('DECIDED', 'Objection decided'), ('ORDERED', 'Correction ordered'), ('CORRECTED', 'Item corrected'), ('RESULT_TOLD', 'Written result given'), ('STATEMENT', "Objector's statement put into the record"), ('RECIPIENT_NAMED', 'Recipient named'), ('RECIPIENT_TOLD', 'Recipient told'), ('COMMITTEE_ASKED', 'Taken to the committee'), ('COMMITTEE_RULED', 'Committee decided'), ('REINSERTED', "Item put back by the committee's decision"), ('CLOSED', 'Dispute closed')], max_length=30),
        ),
        migrations.AlterField(
            model_name='matterpaper',
            name='kind',
            field=models.CharField(choices=[('FROM_COMPLAINANT', 'From the complainant'), ('EVIDENCE', 'Evidence'), ('ACKNOWLEDGEMENT', 'Acknowledgement'), ('MISSING_DATA', 'Request for what is missing'), ('PROGRESS', 'Progress notice'), ('RESULT', 'Result'), ('RIGHTS', 'Summary of rights'), ('RECIPIENT_NOTICE', 'Notice to a recipient'), ('ANSWER_PACK', 'Answer pack'), ('MEMBER_NOTICE', 'Notice to the member'), ('CORRECTION_ORDER', 'Order to correct'), ('CONTRACT', 'Contract'), ('CONSENT', 'Consent of the account holder'), ('CORRECTED_RECORD', 'Corrected record'), ('REPLY', 'Reply of the member'), ('REPORT', 'Report')], max_length=18),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('corrected_at__isnull', True), ('correction', '')), models.Q(('corrected_at__isnull', False), models.Q(('correction', ''), _negated=True), models.Q(('outcome__in', ['PARTLY', 'UNVERIFIABLE', 'UPHELD']), ('committee', 'FOR_OBJECTOR'), _connector='OR')), _connector='OR'), name='dispute_corrected_by_decision'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome__in', ['PARTLY', 'UNVERIFIABLE', 'UPHELD']), _negated=True), ('has_documents', True), ('silent', True), ('has_evidence', False), ('stand__in', ['CANNOT_TELL', 'PARTLY_WRONG', 'WRONG']), _connector='OR'), name='dispute_right_stays'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('silent', False), models.Q(('outcome', 'REJECTED'), _negated=True), _connector='OR'), name='dispute_silence_for_objector'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(('reinserted_at__isnull', True), models.Q(('committee', 'FOR_MEMBER'), models.Q(('correction', ''), _negated=True)), _connector='OR'), name='dispute_reinserted_by_committee'),
        ),
        migrations.AddField(
            model_name='disputepack',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client'),
        ),
        migrations.AddField(
            model_name='disputepack',
            name='dispute',
            field=collections_app.models.fields.OwnedKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='packs', to='complaints.dispute'),
        ),
        migrations.AddField(
            model_name='disputepack',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='disputepack',
            name='message',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='common.message'),
        ),
        migrations.AddField(
            model_name='disputepack',
            name='paper',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='complaints.matterpaper'),
        ),
        migrations.AddField(
            model_name='disputepack',
            name='reviewed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='disputepack',
            constraint=models.CheckConstraint(condition=models.Q(('reviewed_by__isnull', True), models.Q(('reviewed_by', models.F('made_by')), _negated=True), _connector='OR'), name='dispute_pack_four_eyes'),
        ),
        migrations.AddConstraint(
            model_name='disputepack',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('message__isnull', True), ('sent_at__isnull', True)), models.Q(('message__isnull', False), ('reviewed_at__isnull', False), ('sent_at__isnull', False)), _connector='OR'), name='dispute_pack_sent_reviewed'),
        ),
        migrations.AlterField(
            model_name='dispute',
            name='state',
            field=models.CharField(choices=[('FILED', 'Filed'), ('WITH_MEMBER', 'With the member'), ('DECIDING', 'Being decided'), ('DECIDED', 'Decision made'), ('CLOSED', 'Closed')], default='FILED', max_length=12),
        ),
        migrations.AlterField(
            model_name='disputemove',
            name='from_state',
            field=models.CharField(blank=True, choices=[('FILED', 'Filed'), ('WITH_MEMBER', 'With the member'), ('DECIDING', 'Being decided'), ('DECIDED', 'Decision made'), ('CLOSED', 'Closed')], max_length=12),
        ),
        migrations.AlterField(
            model_name='disputemove',
            name='to_state',
            field=models.CharField(choices=[('FILED', 'Filed'), ('WITH_MEMBER', 'With the member'), ('DECIDING', 'Being decided'), ('DECIDED', 'Decision made'), ('CLOSED', 'Closed')], max_length=12),
        ),
    ]
