"""Collectors compared fairly: how good their contact is and what became of the balances they hold (PL-39).

Nobody is measured by how often they tried. Money is measured against what the whole team collected of balances of the
same age in the same currency, so that whoever holds old debts is not behind whoever holds young ones. A collector sees
the own figures beside the team's median, and nobody's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.models import User
from collections_app.models import Case
from reporting.boards.base import Asked, Chart, Table, Value, cases_seen
from reporting.boards.books import ENDS
from reporting.boards.shown import share_of
from reporting.kpis.base import Row, Words

# Of fewer people a median would tell one colleague's figure.
LEAST_FOR_MEDIAN = 4
_WIDTH = 96


def people_compared(user: User) -> QuerySet[User]:
    """The collectors among whom a person's figures stand: a team's for who is in one, else all."""
    people = User.objects.filter(role=Role.COLLECTOR, is_active=True)
    if user.role == Role.COLLECTOR and user.team_id is None:
        return people.filter(pk=user.pk)
    if user.role in {Role.COLLECTOR, Role.TEAM_LEADER}:
        return people.filter(team_id=user.team_id) if user.team_id is not None else people.none()
    return people


def people_named(user: User) -> QuerySet[User]:
    """Whom a filter may name: a collector nobody else."""
    people = people_compared(user)
    return people.filter(pk=user.pk) if user.role == Role.COLLECTOR else people


def _cases(asked: Asked) -> QuerySet[Case] | None:
    """A collector's figures are compared on the cases of the team, though only the own are ever listed."""
    if asked.user.role == Role.COLLECTOR:
        return Case.objects.filter(owner__in=people_compared(asked.user))
    return cases_seen(asked)


def _people_ids(asked: Asked) -> dict[str, Any]:
    """Named one by one, so that the database knows how many there are."""
    return {"people": list(people_compared(asked.user).values_list("pk", flat=True))}


def _listed(user: User) -> str:
    return "person = %(user)s" if user.role == Role.COLLECTOR else "true"


# ``part`` of ``whole``: conversations with the holder of attempts, promises kept of those due, money of balances held.
_FACTS = f"""
SELECT 'balance' AS what, e.id, e.case_id, e.owner_id AS person, e.currency AS unit, e.from_bucket AS bucket,
       e.paid AS part, e.b0 AS whole
FROM ({ENDS}) e WHERE e.b0 > 0 AND e.owner_id = ANY(%(people)s)
UNION ALL
SELECT 'attempt', a.id, a.case_id, a.by_id, '', '', CASE WHEN a.reached = 'HOLDER' THEN 1 ELSE 0 END, 1
FROM collections_app_contactattempt a
JOIN collections_app_case c ON c.id = a.case_id
WHERE a.at >= %(starts)s AND a.at < %(ends)s AND a.verdict <> 'REFUSED' AND a.direction = 'OUT'
  AND a.by_id = ANY(%(people)s) AND {{cases}}
UNION ALL
SELECT 'promise', p.id, p.case_id, p.made_by_id, '', '', CASE WHEN p.status = 'KEPT' THEN 1 ELSE 0 END, 1
FROM collections_app_promise p
JOIN collections_app_case c ON c.id = p.case_id
WHERE p.due_on BETWEEN %(first)s AND %(last)s AND p.status IN ('KEPT', 'PARTLY', 'MISSED')
  AND p.made_by_id = ANY(%(people)s) AND {{cases}}
"""


WHAT_WORDS: Mapping[str, Words] = {"balance": _("Balance"), "attempt": _("Attempt"), "promise": _("Promise")}


class Figures:
    """The figures of one collector, or the medians of a team; a share is None over nothing."""

    def __init__(self, *, right_party: Decimal | None, kept: Decimal | None, effect: Decimal | None) -> None:
        self.right_party, self.kept, self.effect = right_party, kept, effect

    def of(self, name: str) -> Decimal | None:
        value: Decimal | None = getattr(self, name)
        return value


MEASURES = (
    ("right_party", "attempt", _("Right-party rate")),
    ("kept", "promise", _("Promises kept")),
    ("effect", "balance", _("Collected, of what its age brings")),
)


def unit_of(cells: list[Row]) -> str:
    """The currency that money is compared in: that of most balances. Currencies are never added."""
    counts: dict[str, int] = {}
    for row in cells:
        if row["what"] == "balance":
            counts[row["unit"]] = counts.get(row["unit"], 0) + row["count"]
    return max(sorted(counts), key=lambda unit: counts[unit], default="")


def figures_of(cells: list[Row]) -> dict[int, Figures]:
    """Everybody's figures, from the cells of the chart."""
    unit = unit_of(cells)
    held = [row for row in cells if row["what"] == "balance" and row["unit"] == unit]
    ages: dict[str, tuple[Decimal, Decimal]] = {}
    for row in held:
        part, whole = ages.get(row["bucket"], (Decimal(0), Decimal(0)))
        ages[row["bucket"]] = (part + row["part"], whole + row["whole"])
    expected: dict[int, Decimal] = {}
    sums: dict[tuple[int, str], tuple[Decimal, Decimal]] = {}
    for row in held:
        part, whole = ages[row["bucket"]]
        expected[row["person"]] = expected.get(row["person"], Decimal(0)) + row["whole"] * part / whole
    for row in cells:
        if row["what"] != "balance" or row["unit"] == unit:
            part, whole = sums.get((row["person"], row["what"]), (Decimal(0), Decimal(0)))
            sums[row["person"], row["what"]] = (part + row["part"], whole + row["whole"])
    none = (Decimal(0), Decimal(0))
    return {
        person: Figures(
            right_party=share_of(*sums.get((person, "attempt"), none)),
            kept=share_of(*sums.get((person, "promise"), none)),
            effect=share_of(sums.get((person, "balance"), none)[0], expected.get(person)),
        )
        for person in {row["person"] for row in cells}
    }


def medians_of(found: Mapping[int, Figures]) -> Figures:
    """The middle of each figure among those who have it."""
    told = {}
    for name, _what, _words in MEASURES:
        values = [value for figures in found.values() if (value := figures.of(name)) is not None]
        told[name] = median(values) if len(values) >= LEAST_FOR_MEDIAN else None
    return Figures(**told)


def _people(asked: Asked, found: Mapping[int, Figures]) -> list[tuple[int, str]]:
    """Whose lines are told, by name; of colleagues a collector learns nothing."""
    if asked.user.role == Role.COLLECTOR:
        return [(asked.user.pk, gettext("You"))]
    people = people_compared(asked.user).filter(pk__in=found)
    return sorted(((person.pk, person.name) for person in people), key=lambda pair: pair[1])


def _lines(asked: Asked, cells: list[Row]) -> list[dict[str, Any]]:
    found = figures_of(cells)
    counts: dict[tuple[int, str], int] = {}
    for row in cells:
        key = (row["person"], row["what"])
        counts[key] = counts.get(key, 0) + row["count"]
    none, middle = Figures(right_party=None, kept=None, effect=None), medians_of(found)
    # Effects stand around what was to be expected, the others on a whole.
    most = {"effect": max([Decimal(2)] + [f.effect for f in found.values() if f.effect is not None])}
    lines = []
    for person, name in _people(asked, found):
        figures = found.get(person, none)
        measures = []
        for measure, what, words in MEASURES:
            value, beside = figures.of(measure), middle.of(measure)
            count = counts.get((person, what), 0)
            scale = most.get(measure, Decimal(1))
            measures.append(
                {
                    "words": words,
                    "value": value,
                    "count": count,
                    "middle": beside,
                    "width": round(float(min(value or 0, scale) / scale) * _WIDTH, 1),
                    "tick": None if beside is None else round(float(min(beside, scale) / scale) * _WIDTH, 1),
                    "url": COLLECTORS.rows_url(asked, person=person, what=what) if count else "",
                }
            )
        lines.append({"name": name, "measures": measures})
    return lines


def _told(asked: Asked, cells: list[Row]) -> Table:
    lines = []
    for line in _lines(asked, cells):
        told = [Value(value=line["name"])]
        for measure in line["measures"]:
            told += [
                Value(value=measure["value"], kind="share"),
                Value(value=measure["count"], kind="count", url=measure["url"]),
            ]
        lines.append(told)
    middle = medians_of(figures_of(cells))
    if lines:
        told = [Value(value=_("Median of the team"))]
        for name, _what, _words in MEASURES:
            told += [Value(value=middle.of(name), kind="share"), Value(value=None, kind="count")]
        lines.append(told)
    bases = (_("Attempts"), _("Promises due"), _("Receivables"))
    head: list[Any] = [(_("Collector"), "")]
    for (_name, _what, words), base in zip(MEASURES, bases, strict=True):
        head += [(words, "fig"), (base, "fig")]
    return Table(head=head, lines=lines)


def _drawn(asked: Asked, cells: list[Row], rtl: bool) -> Mapping[str, Any]:
    lines = _lines(asked, cells)
    for line in lines:
        for measure in line["measures"]:
            measure["x"] = round(_WIDTH - measure["width"], 1) if rtl else 0
            if measure["tick"] is not None and rtl:
                measure["tick"] = round(_WIDTH - measure["tick"], 1)
    return {
        "lines": lines,
        "heads": [words for _name, _what, words in MEASURES],
        "unit": unit_of(cells),
        "width": _WIDTH,
        "own": asked.user.role == Role.COLLECTOR,
        "has_median": any(measure["middle"] is not None for line in lines for measure in line["measures"]),
    }


COLLECTORS = Chart(
    code="collectors",
    name=_("Collectors"),
    asks=_("How good is the contact, and what became of the balances? Attempts alone count for nothing"),
    facts=_FACTS,
    by=("what", "person", "unit", "bucket"),
    sums={"count": "count(*)", "part": "sum(part)", "whole": "sum(whole)"},
    tell=_told,
    draw=_drawn,
    columns=("account", "what", "bucket", "part", "whole"),
    order='what, account COLLATE "C", id',
    cases=_cases,
    more=_people_ids,
    listed=_listed,
    words={"what": lambda: WHAT_WORDS},
)

CHARTS = (COLLECTORS,)
