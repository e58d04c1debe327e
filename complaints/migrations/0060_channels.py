"""Channels with their teams and reviews, and what is written of us in public, closed only once it was seen to."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A comment is never deleted, closed once, and its private matter never becomes another (CX-25, CX-26).
KEPT = """
CREATE FUNCTION public_comment_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a public comment is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'CLOSED' AND (OLD.state, OLD.sort, OLD.closed_at, OLD.closed_by_id)
        IS DISTINCT FROM (NEW.state, NEW.sort, NEW.closed_at, NEW.closed_by_id) THEN
        RAISE EXCEPTION 'a closed comment stays as it was closed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'public_comment_kept';
    END IF;
    IF OLD.matter_id IS NOT NULL AND NEW.matter_id IS DISTINCT FROM OLD.matter_id THEN
        RAISE EXCEPTION 'a comment stays with its matter'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'public_comment_kept';
    END IF;
    IF OLD.state = 'OPEN' AND NEW.state = 'CLOSED' AND (
        NEW.sort = 'COMPLAINT' AND NEW.matter_id IS NULL
        OR NEW.sort = 'ASKS' AND NEW.matter_id IS NULL AND NOT EXISTS (
            SELECT FROM complaints_commentdeed WHERE comment_id = NEW.id AND kind = 'REPLIED')
        OR NEW.sort = 'IMPROPER' AND NOT EXISTS (SELECT FROM complaints_commentdeed WHERE comment_id = NEW.id)
    ) THEN
        RAISE EXCEPTION 'a comment is closed once it was seen to'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'public_comment_kept';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER public_comment_kept BEFORE UPDATE OR DELETE ON complaints_publiccomment FOR EACH ROW
    EXECUTE FUNCTION public_comment_kept();
"""
NO_LONGER = """
DROP TRIGGER public_comment_kept ON complaints_publiccomment;
DROP FUNCTION public_comment_kept();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0058_registers_of_years'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Channel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('intake', models.CharField(choices=[('IN_PERSON', 'In person'), ('PHONE', 'Phone'), ('EMAIL', 'E-mail'), ('WEB', 'Web form'), ('PORTAL', 'Portal'), ('CONTACT', 'During a contact'), ('SYSTEM', "Client's system"), ('SOCIAL', 'Social media')], max_length=10)),
                ('platform', models.CharField(blank=True, choices=[('X', 'X'), ('INSTAGRAM', 'Instagram'), ('FACEBOOK', 'Facebook'), ('SNAPCHAT', 'Snapchat'), ('TIKTOK', 'TikTok'), ('YOUTUBE', 'YouTube'), ('LINKEDIN', 'LinkedIn'), ('GOOGLE', 'Google Maps'), ('OTHER', 'Another platform')], max_length=10)),
                ('account', models.CharField(blank=True, max_length=80)),
                ('is_active', models.BooleanField(default=True)),
                ('since', models.DateField(blank=True, null=True)),
                ('supervisor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='channels_supervised', to=settings.AUTH_USER_MODEL)),
                ('team', models.ManyToManyField(blank=True, related_name='channels', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='ChannelReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first', models.DateField()),
                ('last', models.DateField()),
                ('figures', models.JSONField()),
                ('says', models.TextField(max_length=2000)),
                ('needs', models.TextField(max_length=2000)),
                ('skills', models.TextField(max_length=2000)),
                ('proposal', models.TextField(blank=True, max_length=2000)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='complaints.channel')),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='recommendation',
            name='review',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recommendation', to='complaints.channelreview'),
        ),
        migrations.CreateModel(
            name='PublicComment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort', models.CharField(choices=[('ASKS', 'Asks for help'), ('COMPLAINT', 'Complains'), ('IMPROPER', 'Improper'), ('PRAISE', 'Praise')], max_length=10)),
                ('wrapped_key', models.BinaryField(null=True)),
                ('link_sealed', models.BinaryField()),
                ('link_index', models.BinaryField(max_length=16, unique=True)),
                ('writer_sealed', models.BinaryField()),
                ('writer_index', models.BinaryField(max_length=16)),
                ('words_sealed', models.BinaryField()),
                ('published_at', models.DateTimeField()),
                ('found_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('OPEN', 'Open'), ('CLOSED', 'Closed')], default='OPEN', max_length=6)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='complaints.channel')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('found_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('matter', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='comment', to='complaints.matter')),
            ],
        ),
        migrations.CreateModel(
            name='CommentDeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('REPLIED', 'Replied in public'), ('MOVED', 'Moved to a private channel'), ('HIDDEN', 'Comment hidden'), ('REMOVED', 'Comment removed'), ('REPORTED', 'Comment reported to the platform'), ('WARNED', 'Writer warned'), ('BLOCKED', 'Writer blocked'), ('WRITER_REPORTED', 'Writer reported to the platform')], max_length=15)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('words', models.TextField(blank=True, max_length=2000)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deeds', to='complaints.publiccomment')),
            ],
            options={
                'ordering': ['comment', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='PublicWatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('found', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='watches', to='complaints.channel')),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='channel',
            constraint=models.UniqueConstraint(fields=('intake', 'platform', 'account'), name='channel_once'),
        ),
        migrations.AddConstraint(
            model_name='channel',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('intake', 'SOCIAL'), ('since__isnull', False), models.Q(('platform', ''), _negated=True), models.Q(('account', ''), _negated=True)), models.Q(models.Q(('intake', 'SOCIAL'), _negated=True), ('account', ''), ('platform', '')), _connector='OR'), name='channel_account_of_social_media'),
        ),
        migrations.AddConstraint(
            model_name='channelreview',
            constraint=models.CheckConstraint(condition=models.Q(('first__lte', models.F('last'))), name='channel_review_of_days'),
        ),
        migrations.AddIndex(
            model_name='publiccomment',
            index=models.Index(fields=['state', '-found_at'], name='public_comment_by_state'),
        ),
        migrations.AddIndex(
            model_name='publiccomment',
            index=models.Index(fields=['writer_index'], name='public_comment_by_writer'),
        ),
        migrations.AddConstraint(
            model_name='publiccomment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True), ('state', 'OPEN')), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('state', 'CLOSED')), _connector='OR'), name='public_comment_closed_whole'),
        ),
        migrations.AddConstraint(
            model_name='publiccomment',
            constraint=models.CheckConstraint(condition=models.Q(('published_at__lte', models.F('found_at'))), name='public_comment_found_after'),
        ),
        migrations.AddConstraint(
            model_name='commentdeed',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'REPLIED'), models.Q(('words', ''), _negated=True)), ('kind', 'MOVED'), models.Q(models.Q(('kind__in', ['REPLIED', 'MOVED']), _negated=True), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='comment_deed_with_reason'),
        ),
        migrations.AddIndex(
            model_name='publicwatch',
            index=models.Index(fields=['channel', '-at'], name='public_watch_last'),
        ),
        migrations.RunSQL(KEPT, NO_LONGER),
    ]
