"""Told before: the same words again, and the same person on the same matter (CR-05)."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from complaints.models import Matter

# What comes again within a year is looked at together; the source of CR-05 names no span.
A_YEAR = dt.timedelta(days=365)


def _of_the_same_person(matter: Matter) -> Q | None:
    """Known by party, number or address; None where nothing is known of who told it."""
    told: Q | None = None
    for name in ("party_id", "phone_index", "email_index"):
        value = getattr(matter, name)
        if value is not None:
            told = Q(**{name: value}) | (told or Q(pk__in=[]))
    return told


def told_before(*, matter: Matter) -> QuerySet[Matter]:
    """Matters of the same person within a year before this one, the newest first."""
    person = _of_the_same_person(matter)
    if person is None:
        return Matter.objects.none()
    since = matter.received_at - A_YEAR
    found = Matter.objects.filter(person, received_at__gte=since, received_at__lte=matter.received_at)
    return found.exclude(pk=matter.pk).filter(Q(received_at__lt=matter.received_at) | Q(pk__lt=matter.pk)).order_by(
        "-received_at", "-pk"
    )  # fmt: skip


def told_twice(*, matter: Matter) -> Matter | None:
    """The matter in which the same person said the same words: this one is most likely that one again."""
    return told_before(matter=matter).filter(words_index=bytes(matter.words_index)).first()


def repeated(*, matter: Matter) -> Matter | None:
    """The last matter of the same person of the same kind under the same branch of the tree: it was not over."""
    if matter.category is None:
        return None
    branch = matter.category.parent_id or matter.category_id
    found = told_before(matter=matter).filter(kind=matter.kind, duplicate_of__isnull=True)
    return found.filter(Q(category_id=branch) | Q(category__parent_id=branch)).first()
