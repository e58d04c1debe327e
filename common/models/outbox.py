"""The outbox: what the house tells people, from the transaction that wants it until it left (ADR 0039).

The database has the last word (migration ``common.0051``): states move as declared, what was written stands, and no
version of a template is used without its approval.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from common.choices import MessageChannel, MessageState, Outcome, TemplateState

LANGUAGES = [("ar", "العربية"), ("en", "English")]


class MessageTemplate(models.Model):
    """One version of what one kind of message says on one channel in one language. Published versions stand."""

    # The kind, as an app declares it in code.
    code = models.CharField(max_length=40)
    channel = models.CharField(max_length=5, choices=MessageChannel.choices)
    language = models.CharField(max_length=2, choices=LANGUAGES)
    version = models.PositiveIntegerField()
    # Of an e-mail; an SMS has none.
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    # It tells of a legal step: it leaves only for whom there is a live authorisation (LEGAL-THREAT).
    threatens = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=TemplateState.choices, default=TemplateState.DRAFT)
    # Written by the code of its app, reviewed with it; every other version is approved by a second person.
    shipped = models.BooleanField(default=False)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    prepared_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "channel", "language", "version"], name="message_template_once"),
            models.UniqueConstraint(
                fields=["code", "channel", "language"],
                condition=models.Q(state__in=["DRAFT", "PROPOSED"]),
                name="message_template_one_under_way",
            ),
            models.CheckConstraint(
                condition=models.Q(shipped=True, prepared_by__isnull=True, state="APPROVED")
                | models.Q(shipped=False, prepared_by__isnull=False),
                name="message_template_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(channel="EMAIL") & ~models.Q(subject="") | models.Q(channel="SMS", subject=""),
                name="message_template_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.channel} {self.language} v{self.version}"


class Message(models.Model):
    """One message to one address. Address and text are sealed: under the party's key, else under one of its own."""

    # Its name outside: in the Message-ID of an e-mail and as the idempotency key of an SMS, the same at every attempt.
    key = models.UUIDField(unique=True)
    # Empty for what concerns no single client.
    client_id = models.BigIntegerField(null=True, blank=True)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    # Given by who must not ask twice: the same key is the same message.
    once_key = models.CharField(max_length=100, null=True, blank=True, unique=True)
    template = models.ForeignKey(MessageTemplate, on_delete=models.PROTECT, related_name="messages")
    channel = models.CharField(max_length=5, choices=MessageChannel.choices)
    language = models.CharField(max_length=2, choices=LANGUAGES)
    # Whose key seals it, by the slot ``party_keys``; with no party the message has a key of its own, wrapped.
    party_id = models.BigIntegerField(null=True, blank=True)
    wrapped_key = models.BinaryField(null=True)
    # The contact point the address was taken from, for who must know that it does not answer.
    contact_point_id = models.BigIntegerField(null=True, blank=True)
    address_sealed = models.BinaryField()
    # Of an SMS: a blind index of the number, by which one number's messages of a day are counted.
    address_index = models.BinaryField(max_length=16, null=True)
    # What may be shown without a reveal: the last three digits, or the domain of an e-mail.
    address_hint = models.CharField(max_length=80)
    # Subject line, plain text and HTML as they leave the house.
    content_sealed = models.BinaryField()
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.QUEUED)
    queued_at = models.DateTimeField()
    next_at = models.DateTimeField()
    # Attempts that began, and how many more may by themselves.
    attempts_made = models.PositiveSmallIntegerField(default=0)
    attempts_left = models.PositiveSmallIntegerField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # What the last attempt said: a stable code, and the name the provider gave the message.
    last_code = models.CharField(max_length=40, blank=True)
    reference = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(party_id__isnull=True) | models.Q(wrapped_key__isnull=True),
                name="message_one_key",
            ),
            models.CheckConstraint(
                condition=models.Q(state="SENT", sent_at__isnull=False)
                | (~models.Q(state="SENT") & models.Q(sent_at__isnull=True)),
                name="message_sent_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="CLAIMED") | models.Q(claimed_at__isnull=False), name="message_claimed_when"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=models.Q(state="QUEUED"), name="message_due"),
            models.Index(fields=["claimed_at"], condition=models.Q(state="CLAIMED"), name="message_claimed"),
            models.Index(fields=["subject_type", "subject_id"], name="message_subject"),
            models.Index(fields=["state", "-queued_at"], name="message_list"),
            models.Index(fields=["client_id", "-queued_at"], name="message_of_client"),
            models.Index(
                fields=["address_index", "claimed_at"],
                condition=models.Q(address_index__isnull=False, claimed_at__isnull=False),
                name="message_to_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk}"


class MessageAttachment(models.Model):
    """A paper that goes with a message, by reference: read, under its own key, when it leaves. Append-only."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments")
    client_id = models.BigIntegerField(null=True, blank=True)
    paper_type = models.CharField(max_length=60)
    paper_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "paper_type", "paper_id"], name="message_attachment_once")
        ]

    def __str__(self) -> str:
        return f"{self.paper_type} {self.paper_id}"


class MessageAttempt(models.Model):
    """What became of one attempt. Append-only."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attempts")
    client_id = models.BigIntegerField(null=True, blank=True)
    number = models.PositiveSmallIntegerField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    # Stable, for programs and words; never what the other side wrote, which may name the address.
    code = models.CharField(max_length=40)
    reference = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["message", "number", "pk"]
        constraints = [
            # A lost answer may be found later: one row more, of the same number.
            models.UniqueConstraint(fields=["message", "number", "outcome"], name="message_attempt_once"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}.{self.number} {self.outcome}"


class MessageStop(models.Model):
    """Nothing leaves by this channel, or for this client, until somebody lifts it."""

    # Empty: every channel.
    channel = models.CharField(max_length=5, choices=MessageChannel.choices, blank=True)
    # Empty: every client, and what concerns none.
    client_id = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    stopped_at = models.DateTimeField()
    stopped_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "client_id"],
                condition=models.Q(lifted_at__isnull=True),
                nulls_distinct=False,
                name="message_stop_one_stands",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel or '*'} {self.client_id or '*'}"


class MessageLimit(models.Model):
    """How many SMS one number gets in a day, from when on; the newest holds. Append-only."""

    sms_a_day = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=300)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sms_a_day__gte=1, sms_a_day__lte=100), name="message_limit_within"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sms_a_day} a day"
