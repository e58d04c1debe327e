"""Reads of final notices: where each stands, and whose turn it is."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from accounts.models import User
from collections_app.choices import OPEN_CASE, LegalStep
from collections_app.models import Authorisation
from collections_app.policies import cases_visible_to
from legal.choices import NoticeState
from legal.models import Notice
from legal.selectors.authorisations import COVER

# Something is owed on the debts it covers.
_COVERED = RawSQL(f"SELECT a.id FROM collections_app_authorisation a WHERE {COVER} > 0", [])  # noqa: S611 - our own words
# What stands in the way of another one: prepared, on its way, or served already.
_STANDS = (NoticeState.PREPARED, NoticeState.SENT, NoticeState.SERVED)


def notices_visible_to(user: User) -> QuerySet[Notice]:
    """The notices of the cases this person sees."""
    return Notice.objects.filter(case__in=cases_visible_to(user))


def notices_to_prepare(*, user: User, on: dt.date) -> QuerySet[Authorisation]:
    """Live authorisations that permit a final notice of which there is none yet, the nearest end first."""
    stands = Notice.objects.filter(case=OuterRef("case"), authorisation=OuterRef("pk"), state__in=_STANDS)
    return (
        Authorisation.objects.filter(
            ~Exists(stands),
            case__in=cases_visible_to(user),
            case__status__in=OPEN_CASE,
            pk__in=_COVERED,
            steps__contains=[LegalStep.FINAL_NOTICE],
            revoked_at__isnull=True,
            replaced_by__isnull=True,
            valid_until__gte=on,
        )
        .select_related("case__debtor", "client", "signatory")
        .order_by("valid_until", "pk")
    )
