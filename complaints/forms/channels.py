"""What is typed of a channel, its review, and of what is written in public."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.choices import STAFF_ROLES, Language
from accounts.models import User
from common import clock
from common.forms import MomentField
from complaints.choices import Department, Intake, MatterKind
from complaints.choices.channels import ON_COMMENT, ON_WRITER, CommentSort, Platform
from complaints.forms.register import LTR, CategoryField, PersonField
from complaints.models import Channel, PublicComment

TWO, FOUR = forms.Textarea(attrs={"rows": 2, "dir": "auto"}), forms.Textarea(attrs={"rows": 4, "dir": "auto"})
# What a comment most often is, once it is told in private.
KIND_OF = {CommentSort.ASKS: MatterKind.ENQUIRY, CommentSort.PRAISE: MatterKind.APPRECIATION}


class TeamField(forms.ModelMultipleChoiceField):
    """Any of the house's people."""

    def __init__(self, **options: Any) -> None:
        found = User.objects.filter(is_active=True, role__in=STAFF_ROLES).order_by("name_ar", "pk")
        super().__init__(queryset=found, required=False, widget=forms.CheckboxSelectMultiple, **options)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.get_role_display()}"


class ChannelForm(forms.Form):
    """Whose a channel is; the name of an account of social media."""

    platform = forms.ChoiceField(label=_("Platform"), choices=Platform.choices)
    account = forms.CharField(
        label=_("Public name of the account"), max_length=80, widget=forms.TextInput(attrs=LTR),
        help_text=_("As the platform shows it, for example @name."),
    )  # fmt: skip
    supervisor = PersonField(label=_("Supervisor"))
    is_active = forms.BooleanField(label=_("In use"), required=False)
    team = TeamField(label=_("Team"))

    def __init__(self, *args: Any, channel: Channel | None, **options: Any) -> None:
        super().__init__(*args, **options)
        if channel is not None and channel.intake != Intake.SOCIAL:
            del self.fields["platform"], self.fields["account"]


class ReviewForm(forms.Form):
    """What the supervisor says of a channel."""

    says = forms.CharField(label=_("What the figures say"), max_length=2000, widget=TWO)
    needs = forms.CharField(label=_("What the channel needs"), max_length=2000, widget=TWO)
    skills = forms.CharField(label=_("Skills wanted in its team"), max_length=2000, widget=TWO)
    proposal = forms.CharField(label=_("What is proposed"), max_length=2000, required=False, widget=TWO)


class ReviewProposeForm(forms.Form):
    department = forms.ChoiceField(
        label=_("Department"), choices=Department.choices, initial=Department.FRONT_LINE
    )  # fmt: skip


class AccountField(forms.ModelChoiceField):
    """An account in use."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class CommentForm(forms.Form):
    """A comment that was found."""

    channel = AccountField(label=_("Account"), queryset=Channel.objects.none(), empty_label=None)
    sort = forms.ChoiceField(label=_("What it is"), choices=CommentSort.choices)
    link = forms.CharField(
        label=_("Address of the comment"),
        max_length=500,
        widget=forms.URLInput(attrs=LTR | {"placeholder": "https://"}),
    )
    writer = forms.CharField(
        label=_("Writer's public name"),
        max_length=120,
        widget=forms.TextInput(attrs={"dir": "auto"} | {"autocomplete": "off"}),
    )
    words = forms.CharField(label=_("What the comment says"), max_length=10_000, widget=FOUR)
    published_at = MomentField(
        label=_("When it was published"), ahead=0, help_text=_("Its 24 hours count from then.")
    )  # fmt: skip

    def __init__(self, *args: Any, accounts: QuerySet[Channel], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["channel"].queryset = accounts.filter(is_active=True)  # type: ignore[attr-defined]


class ReplyForm(forms.Form):
    """The words of a public reply; the address of the private channel is not typed."""

    language = forms.ChoiceField(label=_("Language of the reply"), choices=Language.choices)
    words = forms.CharField(
        label=_("Reply"), max_length=1000, widget=FOUR,
        help_text=_("No number, name, amount or reference. The address of our private form is added at its end."),
    )  # fmt: skip


class MoveForm(forms.Form):
    """What it becomes in private, and where the writer is reached when they said so in private."""

    kind = forms.ChoiceField(label=_("Kind"), choices=MatterKind.choices)
    category = CategoryField(label=_("Category"))
    phone = forms.CharField(
        label=_("Mobile"), max_length=30, required=False, widget=forms.TextInput(attrs=LTR | {"inputmode": "tel"})
    )
    email = forms.CharField(
        label=_("E-mail"), max_length=254, required=False, widget=forms.TextInput(attrs=LTR | {"inputmode": "email"}),
        help_text=_("Without either it waits until we know how to reach the writer."),
    )  # fmt: skip

    def __init__(self, *args: Any, comment: PublicComment, **options: Any) -> None:
        kind = KIND_OF.get(CommentSort(comment.sort), MatterKind.COMPLAINT)
        super().__init__(*args, **{"initial": {"kind": kind}, **options})


class HandleForm(forms.Form):
    kind = forms.ChoiceField(label=_("What was done"), choices=[(one.value, one.label) for one in ON_COMMENT])
    reason = forms.CharField(label=_("Why?"), max_length=500, widget=TWO)


class MeasureForm(forms.Form):
    kind = forms.ChoiceField(label=_("Measure"), choices=[(one.value, one.label) for one in ON_WRITER])
    reason = forms.CharField(label=_("Why?"), max_length=500, widget=TWO)


class SortForm(forms.Form):
    sort = forms.ChoiceField(label=_("What it is"), choices=CommentSort.choices)

    def __init__(self, *args: Any, comment: PublicComment, **options: Any) -> None:
        super().__init__(*args, **{"initial": {"sort": comment.sort}, **options})


def moment_now() -> str:
    """Now, as a field of moments shows it."""
    return clock.now().astimezone(clock.RIYADH).strftime("%Y-%m-%dT%H:%M")
