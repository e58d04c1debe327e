"""The bodies outside the house, as they are in force."""

from __future__ import annotations

from collections.abc import Sequence

from complaints.choices import EditionState
from complaints.models import OutwardBody
from complaints.rules.bodies import ANY, SHIPPED


def bodies_in_force() -> list[OutwardBody]:
    """The published version of each, in the order they are named; what is shipped where the table does not know it."""
    rows = list(OutwardBody.objects.exclude(state=EditionState.DRAFT))
    known = {row.code for row in rows}
    shipped = [
        OutwardBody(code=one.code, name_ar=one.ar, name_en=one.en, client_kinds=list(one.client_kinds), position=place)
        for place, one in enumerate(SHIPPED)
        if one.code not in known
    ]
    return [*shipped, *(row for row in rows if row.state == EditionState.APPROVED)]


def bodies_of(client_kind: str) -> list[str]:
    """The codes of the bodies for the customers of such a client; an unknown one is like any other."""
    return [body.code for body in bodies_in_force() if (client_kind or ANY) in body.client_kinds]


def bodies_named(*, codes: Sequence[str], language: str) -> list[str]:
    """Their names in the language of the reader, also of those that were withdrawn since they were shown."""
    if not codes:
        return []
    names = {one.code: {"ar": one.ar, "en": one.en} for one in SHIPPED}
    last = OutwardBody.objects.filter(code__in=codes).exclude(state=EditionState.DRAFT).order_by("version")
    for row in sorted(last, key=lambda row: (row.state == EditionState.APPROVED, row.version)):
        names[row.code] = {"ar": row.name_ar, "en": row.name_en}
    return [names[code][language] for code in codes]
