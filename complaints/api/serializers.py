"""What the addresses of matters take and give."""

from __future__ import annotations

from rest_framework import serializers

from accounts.choices import Language
from collections_app.api.serializers import Ref, _Page
from common.api.fields import Choice, Text, Told
from complaints.choices import Complainant, MatterKind, Outcome, Remedy, Stage


class MatterBody(Told):
    kind = Choice(choices=MatterKind.choices)
    words = Text(max_length=20_000, help_text="What is told, in the person's own words.")
    complainant = Choice(
        required=False, choices=Complainant.choices, help_text="Who tells it; CLIENT, yourselves, when it is not told."
    )
    debtor_ref = Ref(required=False, help_text="The account it is about, by your own reference.")
    name = Ref(required=False, help_text="Who tells it.")
    phone = Ref(required=False, max_length=30, help_text="Where we answer, by SMS.")
    email = Ref(required=False, max_length=254, help_text="Where we answer, by e-mail.")
    language = Choice(required=False, choices=Language.choices, help_text="Of our answers; ar when it is not told.")
    category = Ref(required=False, max_length=40, help_text="The code of a category, such as AMOUNT_WRONG.")
    product = Ref(required=False, max_length=80)
    remedy_sought = Choice(required=False, choices=Remedy.choices)


class MattersQuery(_Page):
    kind = Choice(required=False, choices=MatterKind.choices)
    stage = Choice(required=False, choices=Stage.choices)
    debtor_ref = Ref(required=False)


class MatterTold(serializers.Serializer):
    reference = serializers.CharField()
    kind = serializers.ChoiceField(choices=MatterKind.choices)
    complainant = serializers.ChoiceField(choices=Complainant.choices)
    debtor_ref = serializers.CharField(allow_blank=True)
    stage = serializers.ChoiceField(choices=Stage.choices)
    outcome = serializers.ChoiceField(choices=Outcome.choices, allow_blank=True)
    received_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class MatterTakenTold(MatterTold):
    answer_by = serializers.DateField(help_text="Until when it is answered, if it is complete.")
