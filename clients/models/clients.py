"""Creditors who place debts, and the policies under which the agency works for them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import translation
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from clients.choices import (
    AgeBasis,
    AllocationMethod,
    Channel,
    ClientKind,
    ClientStatus,
    DefaultRule,
    PolicyState,
    PortalView,
)
from clients.rules.portal import view_opens
from common.history import History


def _in_english() -> bool:
    return (translation.get_language() or "ar").startswith("en")


class StagePolicy(models.Model):
    """A version of a ladder of stages: from which date days count, where stages begin, when default begins.

    Only a draft changes; what was proposed or published stands, with its rows (by trigger). Where a version rules
    says ``StageAssignment``.
    """

    code = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    name_ar = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    basis = models.CharField(max_length=10, choices=AgeBasis.choices)
    # Default begins strictly after this many days of the policy's own basis (I-01, I-02).
    default_after_days = models.PositiveIntegerField(default=90)
    # Which tests of default apply (CM-12, A25, A26, E12).
    default_rules = ArrayField(models.CharField(max_length=30, choices=DefaultRule.choices), default=list, blank=True)
    state = models.CharField(max_length=10, choices=PolicyState.choices, default=PolicyState.DRAFT)
    # The version it was drawn from, and by whom; empty for what is shipped.
    based_on = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="stage_policy_version")]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"

    @property
    def name(self) -> str:
        return self.name_en if _in_english() else self.name_ar


class StagePolicyRow(models.Model):
    """One stage: the first day that belongs to it. Day 60 is still the earlier stage when the next opens at 61."""

    policy = models.ForeignKey(StagePolicy, on_delete=models.PROTECT, related_name="rows")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=30)
    # Empty on the first stage: it reaches back to before the invoice or due date.
    from_day = models.IntegerField(null=True)
    depth = models.PositiveSmallIntegerField()
    name_ar = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    # Each a word of ``clients.rules.actions``.
    actions = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    class Meta:
        ordering = ["policy", "position"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "position"], name="stage_row_position"),
            models.CheckConstraint(
                condition=models.Q(position=0, from_day__isnull=True)
                | models.Q(position__gt=0, from_day__isnull=False),
                name="stage_row_first_is_open",
            ),
            models.CheckConstraint(condition=models.Q(depth__lte=6), name="stage_row_depth"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id}/{self.code}"

    @property
    def name(self) -> str:
        return self.name_en if _in_english() else self.name_ar


class Client(models.Model):
    """A creditor. Its book stands at ``book_date``; before the first night the book is not opened yet."""

    code = models.CharField(_("Code"), max_length=20, unique=True)
    name_ar = models.CharField(_("Arabic name"), max_length=160)
    name_en = models.CharField(_("English name"), max_length=160)
    kind = models.CharField(_("Kind"), max_length=10, choices=ClientKind.choices)
    status = models.CharField(_("Status"), max_length=12, choices=ClientStatus.choices, default=ClientStatus.ACTIVE)
    terms_days = models.PositiveIntegerField(_("Terms in days"), default=60)
    stage_policy = models.ForeignKey(StagePolicy, on_delete=models.PROTECT, verbose_name=_("Stage policy"))
    # A payment keeps the method it was posted under: a change moves nothing that was spread before.
    allocation_method = models.CharField(
        _("Spread of payments"),
        max_length=12,
        choices=AllocationMethod.choices,
        default=AllocationMethod.OLDEST_FIRST,
        db_default=AllocationMethod.OLDEST_FIRST,
    )
    # How long work goes on after the client recalls a case; no document names a figure, thirty days are usual.
    recall_notice_days = models.PositiveSmallIntegerField(_("Notice of a recall in days"), default=30, db_default=30)
    # Late penalties and collection fees of a contract, at most, in instalments of it (rule FEE-CAP). Empty: the law's
    # alone, which is one for what persons owe banks and finance companies; nobody allows more than that.
    fee_cap_instalments = models.PositiveSmallIntegerField(
        _("Fees of a contract at most, in instalments"), null=True, blank=True
    )
    book_date = models.DateField(_("Book date"), null=True, blank=True)
    created_at = models.DateTimeField()

    history = History(excluded_fields=["book_date"])
    # How far who asks looks into the cases; set by the doors of the portal and of the API, no column.
    portal_view: str = ""

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def held(cls, *, client_id: int) -> Client:
        """The client, its book held where it stands until we commit; taken before any case, as the night does."""
        return cls.objects.raw("SELECT * FROM clients_client WHERE id = %s FOR SHARE", [client_id])[0]

    @property
    def shows_cases(self) -> bool:
        return view_opens(view=self.portal_view, least=PortalView.CASES)

    @property
    def shows_contacts(self) -> bool:
        return view_opens(view=self.portal_view, least=PortalView.CONTACTS)

    @cached_property
    def logo(self) -> Any:
        """The mark it shows, without its content; None where there is none."""
        newest = self.logos.defer("content").first()  # type: ignore[attr-defined]
        return newest if newest is not None and newest.width else None

    @property
    def name(self) -> str:
        return self.name_en if _in_english() else self.name_ar


class Agreement(models.Model):
    """The agency's contract with a client."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="agreements")
    number = models.CharField(max_length=40)
    signed_on = models.DateField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    fee_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    # How far the client's own people look into its cases in the portal.
    portal_view = models.CharField(
        _("In the portal"),
        max_length=10,
        choices=PortalView.choices,
        default=PortalView.CONTACTS,
        db_default=PortalView.CONTACTS,
    )

    history = History()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "number"], name="agreement_number"),
            models.CheckConstraint(
                condition=models.Q(portal_view__in=PortalView.values), name="agreement_portal_view_known"
            ),
        ]

    def __str__(self) -> str:
        return self.number


def _default_channels() -> list[str]:
    return [Channel.PHONE, Channel.SMS, Channel.EMAIL, Channel.LETTER]


def _default_days() -> list[int]:
    return [7, 1, 2, 3, 4]


class ContactPolicy(models.Model):
    """A version of what a client allows: channels, hours, days, attempts (PL-10, PL-11, regulations A5, A7)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="contact_policies")
    version = models.PositiveIntegerField(default=1)
    starts_on = models.DateField()
    channels = ArrayField(models.CharField(max_length=10, choices=Channel.choices), default=_default_channels)
    opens_at = models.TimeField(default=dt.time(9, 0))
    closes_at = models.TimeField(default=dt.time(17, 0))
    # ISO weekdays; Sunday is 7.
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=_default_days)
    max_attempts = models.PositiveSmallIntegerField(default=10)
    window_days = models.PositiveSmallIntegerField(default=30)
    least_promise = models.DecimalField(max_digits=18, decimal_places=2, default=0)

    history = History()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "version"], name="contact_policy_version"),
            models.CheckConstraint(condition=models.Q(opens_at__lt=models.F("closes_at")), name="contact_hours"),
        ]
        ordering = ["client", "-version"]

    def __str__(self) -> str:
        return f"{self.client_id} v{self.version}"


class ClientUser(models.Model):
    """A client's own person in the portal. Whether they may sign is the role; here stands for whom."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="people")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="client_membership")
    title = models.CharField(max_length=80, blank=True)
    # The client's administrator: keeps the tokens of the client's own systems, whatever else the role lets them do.
    keeps_systems = models.BooleanField(default=False)
    # Keeps the client's own people: invites them, changes their rights, switches them off. The house names the first.
    keeps_people = models.BooleanField(default=False, db_default=False)

    history = History()

    def __str__(self) -> str:
        return f"{self.user_id} of {self.client_id}"
