"""The house's official channels, who supervises each, what its reviews say, and what is written of us in public."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from complaints.choices import Intake
from complaints.choices.channels import CommentSort, CommentState, DeedKind, Platform
from complaints.models.matters import Matter


class Channel(models.Model):
    """A way to reach the house, with the team that supervises it (CX-27); of social media, one account."""

    intake = models.CharField(max_length=10, choices=Intake.choices)
    platform = models.CharField(max_length=10, choices=Platform.choices, blank=True)
    # The public name of an account, as the platform shows it.
    account = models.CharField(max_length=80, blank=True)
    is_active = models.BooleanField(default=True)
    # Since when it is in use; None for those in use before this register.
    since = models.DateField(null=True, blank=True)
    supervisor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="channels_supervised"
    )
    team = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="channels", blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["intake", "platform", "account"], name="channel_once"),
            models.CheckConstraint(
                condition=models.Q(intake=Intake.SOCIAL, since__isnull=False)
                & ~models.Q(platform="")
                & ~models.Q(account="")
                | (~models.Q(intake=Intake.SOCIAL) & models.Q(platform="", account="")),
                name="channel_account_of_social_media",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What people call it: its kind, or platform and account."""
        if self.intake != Intake.SOCIAL:
            return str(self.get_intake_display())
        return f"{self.get_platform_display()} {self.account}"

    @property
    def key(self) -> str:
        """How its matters are told apart from those of other channels (``selectors/satisfaction.py``)."""
        return f"{self.intake}:{self.pk if self.intake == Intake.SOCIAL else ''}"


class ChannelReview(models.Model):
    """What a channel needs, said each quarter by who supervises it, over the figures as they stood (source 002 §3.3).

    Append-only.
    """

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="reviews")
    first = models.DateField()
    last = models.DateField()
    # The figures of ``selectors/channels.py`` for those days, as values.
    figures = models.JSONField()
    says = models.TextField(max_length=2000)
    needs = models.TextField(max_length=2000)
    skills = models.TextField(max_length=2000)
    proposal = models.TextField(max_length=2000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(first__lte=models.F("last")), name="channel_review_of_days")
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.first} – {self.last}"


class PublicWatch(models.Model):
    """An account was looked through, and so many comments had been found since the look before. Append-only."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="watches")
    found = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["channel", "-at"], name="public_watch_last")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.at}"


class PublicComment(models.Model):
    """What somebody wrote in public at an account of ours; where, who and what is sealed under a key of its own."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="comments")
    sort = models.CharField(max_length=10, choices=CommentSort.choices)
    # Destroying the key erases who wrote it, where and what.
    wrapped_key = models.BinaryField(null=True)
    link_sealed = models.BinaryField()
    # The same comment is written down once.
    link_index = models.BinaryField(max_length=16, unique=True)
    writer_sealed = models.BinaryField()
    # What else this writer wrote there.
    writer_index = models.BinaryField(max_length=16)
    words_sealed = models.BinaryField()
    published_at = models.DateTimeField()
    found_at = models.DateTimeField()
    found_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=6, choices=CommentState.choices, default=CommentState.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # Where the conversation goes on in private.
    matter = models.OneToOneField(Matter, on_delete=models.PROTECT, null=True, blank=True, related_name="comment")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state=CommentState.OPEN, closed_at__isnull=True, closed_by__isnull=True)
                | models.Q(state=CommentState.CLOSED, closed_at__isnull=False, closed_by__isnull=False),
                name="public_comment_closed_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(published_at__lte=models.F("found_at")), name="public_comment_found_after"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-found_at"], name="public_comment_by_state"),
            models.Index(fields=["writer_index"], name="public_comment_by_writer"),
        ]

    def __str__(self) -> str:
        return f"{self.sort} {self.pk}"


class CommentDeed(models.Model):
    """Something done about a comment or against its writer, with its reason or the words that went out. Append-only."""

    comment = models.ForeignKey(PublicComment, on_delete=models.PROTECT, related_name="deeds")
    kind = models.CharField(max_length=15, choices=DeedKind.choices)
    reason = models.CharField(max_length=500, blank=True)
    # A public reply as it was published: it was found to hold nothing personal.
    words = models.TextField(max_length=2000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["comment", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=DeedKind.REPLIED) & ~models.Q(words="")
                | models.Q(kind=DeedKind.MOVED)
                | ~models.Q(kind__in=[DeedKind.REPLIED, DeedKind.MOVED]) & ~models.Q(reason=""),
                name="comment_deed_with_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.comment_id}"
