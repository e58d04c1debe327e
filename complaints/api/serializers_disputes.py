"""What the addresses of disputes take and give."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from collections_app.api.serializers import Ref, _Page
from common.api.fields import EVERY, Choice, Text, Told
from common.papers import LARGEST_PAPER
from complaints.choices import (
    Correction,
    DisputeGround,
    DisputeKind,
    DisputeOutcome,
    DisputeState,
    PublicRecord,
    ReplyStand,
)

MOST_PAPERS = 5
TOLD_STATES = [one for one in DisputeState.choices if one[0] != DisputeState.FILED]
OUTCOMES = [*DisputeOutcome.choices, ("", "")]
_BASE64 = _("A paper comes as base64, of at most 10 MB.")


class Content(serializers.CharField):
    """A file in base64, as bytes."""

    default_error_messages = {**EVERY, **dict.fromkeys(("invalid", "blank", "max_length", "null_characters_not_allowed",
                                                        "surrogate_characters_not_allowed"), _BASE64)}  # fmt: skip

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LARGEST_PAPER * 4 // 3 + 4, trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return base64.b64decode(super().to_internal_value(data), validate=True)
        except (binascii.Error, ValueError) as error:
            raise serializers.ValidationError(self.error_messages["invalid"], code="invalid") from error


class PaperBody(Told):
    name = Text(max_length=160, help_text="The name of the file.")
    content = Content(help_text="A PDF, PNG or JPEG in base64.")


class ReplyBody(Told):
    stand = Choice(choices=ReplyStand.choices, help_text="What you say of the item.")
    words = Text(max_length=5000, help_text="Your reply in words.")
    papers = PaperBody(many=True, required=False, max_length=MOST_PAPERS, help_text="Your evidence.")


class DisputesQuery(_Page):
    debtor_ref = Ref(required=False)
    state = Choice(required=False, choices=TOLD_STATES)


def _or_none(choices: Any, **options: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=[*choices, ("", "")], **options)


class DisputeTold(serializers.Serializer):
    reference = serializers.CharField()
    bureau_reference = serializers.CharField()
    debtor_ref = serializers.CharField()
    kind = serializers.ChoiceField(choices=DisputeKind.choices)
    ground = serializers.ChoiceField(choices=DisputeGround.choices)
    public_record = _or_none(PublicRecord.choices, help_text="Empty: the item is your own information.")
    record_source = serializers.CharField()
    record_on = serializers.DateField(allow_null=True, help_text="The day of the item in that record.")
    state = serializers.ChoiceField(choices=DisputeState.choices)
    filed_at = serializers.DateTimeField()
    notified_at = serializers.DateTimeField(allow_null=True)
    replied_at = serializers.DateTimeField(allow_null=True)
    stand = _or_none(ReplyStand.choices)
    silent = serializers.BooleanField(help_text="Ten working days passed without a reply: it counted for the objector.")
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    correction = _or_none(Correction.choices)
    marked = serializers.BooleanField(help_text="The item is to be furnished as disputed.")


class OneDisputeTold(DisputeTold):
    reply_by = serializers.DateField(allow_null=True, help_text="The last day of the reply that is awaited.")
    item = serializers.CharField(help_text="What is objected to.")
    objection = serializers.CharField(help_text="The objector's words.")
    reply = serializers.CharField()
