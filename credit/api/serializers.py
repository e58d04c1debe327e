"""What the addresses of orders take and give."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from collections_app.api.serializers import Ref, _Page
from common.api.fields import EVERY, Amount, Choice, Day, Told
from credit.choices import CustomerKind, OrderChannel, OrderState, StopKind

SENT_CHANNELS = [
    (channel.value, channel.label)
    for channel in (OrderChannel.SYSTEM, OrderChannel.IN_PERSON, OrderChannel.FAX, OrderChannel.EMAIL)
]
_WHOLE = _("This must be a whole number.")


class Number(serializers.IntegerField):
    """A whole number of ours, sent as a number."""

    default_error_messages = {
        **EVERY,
        "invalid": _WHOLE,
        "max_string_length": _WHOLE,
        "min_value": _WHOLE,
        "max_value": _WHOLE,
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=2**53, **options)

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class Truth(serializers.BooleanField):
    default_error_messages = {**EVERY, "invalid": _("This is true or false.")}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class CheckBody(Told):
    debtor_ref = Ref(help_text="The customer, by your own reference of the account.")
    amount = Amount(help_text="More than zero, in the currency of the account.")
    kind = Choice(required=False, choices=CustomerKind.choices, help_text="CREDIT when it is not told.")
    ordered_on = Day(required=False, help_text="The day it was signed; today when it is not told.")
    channel = Choice(
        required=False,
        choices=SENT_CHANNELS,
        help_text="How it came to you; SYSTEM when it is not told. The original of an order by fax or e-mail is handed "
        "in on the page of orders.",
    )
    signatory = Number(required=False, help_text="Who signed, by the number that the customer's standing gives.")
    address = Ref(required=False, max_length=254, help_text="The number or address a remote order came from.")


class OrderBody(CheckBody):
    order_ref = Ref(max_length=120, help_text="Your own number of the order; answered once.")


class OrderInvoiceBody(Told):
    receivable_ref = Ref(help_text="The invoice, by the number under which you place it.")
    amount = Amount(help_text="What of the order it takes.")
    is_last = Truth(required=False, help_text="Nothing more is delivered: what remains is free.")


class OrderCancelBody(Told):
    reason = Ref(max_length=300)


class OrdersQuery(_Page):
    debtor_ref = Ref(required=False)
    state = Choice(required=False, choices=OrderState.choices)


class ReasonTold(serializers.Serializer):
    code = serializers.CharField()
    values = serializers.DictField(child=serializers.CharField())
    source = serializers.CharField(help_text="The rule it stands on.")
    message_ar = serializers.CharField()
    message_en = serializers.CharField()


class UsedTold(serializers.Serializer):
    limit = serializers.CharField()
    invoices = serializers.CharField()
    reserved = serializers.CharField()
    room = serializers.CharField(help_text="What may still be ordered; below zero where more is used than may be.")
    not_due = serializers.CharField(
        allow_null=True, help_text="Of the invoices, what is not past its terms; null without a bound on it."
    )
    not_due_most = serializers.CharField(
        allow_null=True,
        help_text="The most that may be open and not past its terms, with accepted orders; null without such a bound.",
    )


class CheckTold(serializers.Serializer):
    accepted = serializers.BooleanField()
    reasons = ReasonTold(many=True)
    used = UsedTold(allow_null=True, help_text="Of an order on credit, where a limit was granted.")


class InvoiceTold(serializers.Serializer):
    receivable_ref = serializers.CharField()
    amount = serializers.CharField()


class OrderTold(serializers.Serializer):
    order_ref = serializers.CharField()
    debtor_ref = serializers.CharField()
    kind = serializers.ChoiceField(choices=CustomerKind.choices)
    amount = serializers.CharField()
    currency = serializers.CharField()
    ordered_on = serializers.DateField()
    channel = serializers.ChoiceField(choices=OrderChannel.choices)
    state = serializers.ChoiceField(choices=OrderState.choices)
    reasons = ReasonTold(many=True)
    set_aside = serializers.ListField(child=serializers.CharField(), help_text="Reasons that an authority set aside.")
    used = UsedTold(allow_null=True)
    reserved_until = serializers.DateField(allow_null=True)
    invoices = InvoiceTold(many=True)
    answered_at = serializers.DateTimeField()


class StopTold(serializers.Serializer):
    kind = serializers.ChoiceField(choices=StopKind.choices)
    since = serializers.DateField()


class SignatoryTold(serializers.Serializer):
    signatory = serializers.IntegerField(help_text="The number by which an order names who signed it.")
    is_owner = serializers.BooleanField()
    id_hint = serializers.CharField(help_text="The last digits of the identity document.")
    up_to = serializers.CharField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)


class StandingTold(serializers.Serializer):
    debtor_ref = serializers.CharField()
    kind = serializers.ChoiceField(choices=CustomerKind.choices)
    currency = serializers.CharField()
    agreement_signed_on = serializers.DateField(allow_null=True)
    limit_ends_on = serializers.DateField(allow_null=True)
    used = UsedTold(allow_null=True)
    stops = StopTold(many=True)
    signatories = SignatoryTold(many=True)
