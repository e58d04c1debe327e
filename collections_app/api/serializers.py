"""What the API takes and gives, field by field: the refusals of one, and the schema of both."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from collections_app.choices import CaseStatus, EntryKind, ReceivableStatus, ReceivedBy, Track
from collections_app.rules import importing
from collections_app.rules.importing import CellRefused
from collections_app.services.placements import MOST_ROWS
from common.api.fields import REQUIRED, Amount, Choice, Day, Text, Told

SENT_NOTES = [(kind.value, kind.label) for kind in (EntryKind.CREDIT_NOTE, EntryKind.DEBIT_NOTE)]


class Ref(Text):
    """A reference: text in which nothing is hidden (PL-04 holds of programs as of files)."""

    default_error_messages = {"control": importing.REASONS["control"], "bidi": importing.REASONS["bidi"]}

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 200)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        try:
            return importing.text_of(name="", raw=value)
        except CellRefused as error:
            raise self.refused(error.code if error.code in self.error_messages else "max_length") from error

    def refused(self, code: str) -> serializers.ValidationError:
        return serializers.ValidationError(self.error_messages[code], code=code)


class PlacementRow(serializers.Serializer):
    """One receivable, by the fields of a portfolio file. Only for the schema: a row is read as a file's line is."""

    debtor_ref = serializers.CharField(max_length=200, help_text="The account holder, by your own reference.")
    receivable_ref = serializers.CharField(max_length=200, help_text="The invoice or instalment.")
    due_on = serializers.DateField()
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)
    debtor_name = serializers.CharField(max_length=200, required=False)
    national_id = serializers.CharField(required=False)
    mobile = serializers.CharField(required=False, help_text="One that does not exist is left out with a warning.")
    email = serializers.CharField(required=False)
    city = serializers.CharField(max_length=80, required=False)
    product = serializers.CharField(max_length=80, required=False)
    debt_ref = serializers.CharField(max_length=200, required=False, help_text="The contract or account.")
    issued_on = serializers.DateField(required=False, help_text="Without it the due date less your terms.")
    open_amount = serializers.DecimalField(max_digits=18, decimal_places=2, required=False)
    paid_on = serializers.DateField(required=False)
    disputed = serializers.BooleanField(required=False)
    currency = serializers.CharField(max_length=3, required=False, help_text="SAR when it is not told.")


@extend_schema_field(PlacementRow(many=True))
class Rows(serializers.ListField):
    """Rows as they came; what is wrong with one is found where a file's line is read."""

    default_error_messages = {
        "required": REQUIRED,
        "null": REQUIRED,
        "not_a_list": _("This must be a list."),
        "empty": _("Send at least one row."),
        "min_length": _("Send at least one row."),
        "max_length": _("At most 1,000 rows are taken at once; a file takes more."),
    }


class PlacementsBody(Told):
    rows = Rows(min_length=1, max_length=MOST_ROWS)
    placed_on = Day(required=False, help_text="The placement date; today when it is not told.")


class PaymentBody(Told):
    debtor_ref = Ref()
    amount = Amount()
    currency = Ref(max_length=3)
    value_on = Day(help_text="The day the money counts.")
    reference = Ref(help_text="Your own reference of the money; a case takes each once.")
    receivable_ref = Ref(required=False, help_text="What it pays. Without it the oldest due goes first.")
    debt_ref = Ref(required=False, help_text="Needed when the reference stands under several contracts.")


class ReversalBody(Told):
    reason = Ref(max_length=300)
    amount = Amount(required=False, help_text="A part of it. Without it, all that is left.")
    debtor_ref = Ref(required=False, help_text="Needed when several cases have a payment of this reference.")
    reversed_on = Day(required=False, help_text="Today when it is not told.")


class NoteBody(Told):
    debtor_ref = Ref()
    receivable_ref = Ref()
    debt_ref = Ref(required=False, help_text="Needed when the reference stands under several contracts.")
    kind = Choice(choices=SENT_NOTES)
    amount = Amount(help_text="More than zero, for either kind.")
    value_on = Day(help_text="Not before the receivable's issue, not ahead.")
    reference = Ref(max_length=80, help_text="Your own number of the note; a receivable takes each once.")
    reason = Ref(max_length=300)


class _Page(Told):
    """What every list takes in its address."""

    cursor = Text(required=False, help_text="As «next» and «previous» give it.")
    limit = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=500,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value", "max_string_length"), _("A page holds 1 to 500 rows.")
        ),
    )


class CasesQuery(_Page):
    status = Choice(required=False, choices=CaseStatus.choices)
    placed_from = Day(required=False)
    placed_to = Day(required=False)


class ReceivablesQuery(_Page):
    debtor_ref = Ref(required=False)
    status = Choice(required=False, choices=ReceivableStatus.choices)
    due_from = Day(required=False)
    due_to = Day(required=False)


class PaymentsQuery(_Page):
    debtor_ref = Ref(required=False)
    value_from = Day(required=False)
    value_to = Day(required=False)
    recorded_from = Day(required=False, help_text="Recorded on this day or later, in Riyadh.")
    recorded_to = Day(required=False)


# What is answered.
NARROW = "Not told where your agreement shows you no single accounts."


class FieldError(serializers.Serializer):
    field = serializers.CharField()
    code = serializers.CharField()
    message_ar = serializers.CharField()
    message_en = serializers.CharField()
    row = serializers.IntegerField(required=False, help_text="Of placements: which row, from 1.")
    value = serializers.CharField(required=False, help_text="What came; personal values are dotted out.")


class Problem(serializers.Serializer):
    """Every answer that is not what was asked for."""

    code = serializers.CharField()
    message_ar = serializers.CharField()
    message_en = serializers.CharField()
    errors = FieldError(many=True)
    reference = serializers.CharField(required=False, help_text="Of a fault of ours: our log has the same.")


class Money(serializers.Serializer):
    currency = serializers.CharField()
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)


class StageTold(serializers.Serializer):
    code = serializers.CharField()
    name_ar = serializers.CharField()
    name_en = serializers.CharField()


class CaseTold(serializers.Serializer):
    debtor_ref = serializers.CharField()
    debtor_name = serializers.CharField()
    status = serializers.ChoiceField(choices=CaseStatus.choices)
    track = serializers.ChoiceField(choices=Track.choices)
    placed_on = serializers.DateField()
    closed_on = serializers.DateField(allow_null=True)
    balances = Money(many=True, help_text="What is owed, by currency; they are never added.")
    oldest_due_on = serializers.DateField(allow_null=True)
    last_payment_on = serializers.DateField(allow_null=True)
    stage = StageTold(allow_null=True)


class ReceivableTold(serializers.Serializer):
    debtor_ref = serializers.CharField()
    debt_ref = serializers.CharField()
    receivable_ref = serializers.CharField()
    issued_on = serializers.DateField()
    due_on = serializers.DateField()
    currency = serializers.CharField()
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)
    balance = serializers.DecimalField(max_digits=18, decimal_places=2)
    status = serializers.ChoiceField(choices=ReceivableStatus.choices)
    held = serializers.BooleanField()
    in_default = serializers.BooleanField()
    closed_on = serializers.DateField(allow_null=True)


class AllocationTold(serializers.Serializer):
    debt_ref = serializers.CharField()
    receivable_ref = serializers.CharField()
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)


class PaymentTold(serializers.Serializer):
    reference = serializers.CharField()
    debtor_ref = serializers.CharField()
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)
    currency = serializers.CharField()
    value_on = serializers.DateField()
    received_by = serializers.ChoiceField(choices=ReceivedBy.choices)
    allocations = AllocationTold(many=True, required=False, help_text=NARROW)
    unallocated = serializers.DecimalField(max_digits=18, decimal_places=2, required=False, help_text=NARROW)
    recorded_at = serializers.DateTimeField()
    reversed_amount = serializers.DecimalField(max_digits=18, decimal_places=2)
    reversed_on = serializers.DateField(allow_null=True, help_text="The day on which nothing of it was left.")


class NoteTold(serializers.Serializer):
    """The receivable as it stands after the note."""

    reference = serializers.CharField()
    kind = serializers.ChoiceField(choices=SENT_NOTES)
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)
    value_on = serializers.DateField()
    receivable = ReceivableTold(required=False, help_text=NARROW)


class RowTold(serializers.Serializer):
    row = serializers.IntegerField()
    field = serializers.CharField()
    value = serializers.CharField()
    code = serializers.CharField()
    message_ar = serializers.CharField()
    message_en = serializers.CharField()
    rows = serializers.IntegerField(required=False)


class PlacementsTold(serializers.Serializer):
    import_id = serializers.IntegerField(help_text="What the agency finds it by.")
    rows = serializers.IntegerField()
    accepted = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    cases = serializers.IntegerField()
    debts = serializers.IntegerField()
    receivables = serializers.IntegerField()
    payments = serializers.IntegerField()
    contacts = serializers.IntegerField()
    suspects = RowTold(many=True, help_text="Neither taken nor refused: for a person to look at.")
    warnings = RowTold(many=True)
