"""What is shipped of questions, policies, procedures and outward bodies, written down where it is not there yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.apps import apps

from complaints.choices import EditionState
from complaints.rules import (
    bodies,
    shipped_guide,
    shipped_letters,
    shipped_policy,
    shipped_procedures,
    shipped_questions,
)

# Since when what is shipped holds; it was prepared by nobody here.
SHIPPED_AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_STANDS = {"state": EditionState.APPROVED.value, "prepared_at": SHIPPED_AT, "approved_at": SHIPPED_AT}


def _model(name: str) -> Any:
    return apps.get_model("complaints", name)


def editions_ship(*, model_of: Callable[[str], Any] = _model, alias: str = "default") -> int:
    """Write down what is shipped; how many were new. What people wrote since stays. A migration gives its
    own models."""
    shipped = (_questions, _policies, _procedures, _bodies)
    return sum(ship(lambda name: model_of(name).objects.using(alias)) for ship in shipped)


def _questions(of: Callable[[str], Any]) -> int:
    rows, new = of("FaqEntry"), 0
    for place, one in enumerate(shipped_questions.SHIPPED):
        new += rows.get_or_create(
            code=one.code, version=1,
            defaults={**_STANDS, "question_ar": one.ar, "question_en": one.en, "answer_ar": one.answer_ar,
                      "answer_en": one.answer_en, "position": place * 10,
                      "category": of("Category").filter(code=one.under).first() if one.under else None},
        )[1]  # fmt: skip
    return new


def _policies(of: Callable[[str], Any]) -> int:
    return sum(
        of("PolicyText").get_or_create(
            code=code, version=1,
            defaults={**_STANDS, "title_ar": text.TITLE_AR, "title_en": text.TITLE_EN, "body_ar": text.BODY_AR,
                      "body_en": text.BODY_EN},
        )[1]
        for code, text in (("COMPLAINTS", shipped_policy), ("DISPUTES", shipped_guide))
    )  # fmt: skip


def letters_ship(of: Callable[[str], Any] = lambda name: _model(name).objects) -> int:
    """The texts of the letters alone; how many were new."""
    return sum(
        of("LetterText").get_or_create(
            code=one.code, version=1,
            defaults={**_STANDS, **{f"{part}_{language}": words
                                    for part in ("title", "opening", "points", "closing")
                                    for language, words in zip(("ar", "en"), getattr(one, part), strict=True)}},
        )[1]
        for one in shipped_letters.SHIPPED
    )  # fmt: skip


def _bodies(of: Callable[[str], Any]) -> int:
    return sum(
        of("OutwardBody").get_or_create(
            code=one.code, version=1,
            defaults={**_STANDS, "name_ar": one.ar, "name_en": one.en, "client_kinds": list(one.client_kinds),
                      "position": place * 10},
        )[1]
        for place, one in enumerate(bodies.SHIPPED)
    )  # fmt: skip


def _procedures(of: Callable[[str], Any]) -> int:
    new = 0
    for place, one in enumerate(shipped_procedures.SHIPPED):
        procedure, made = of("Procedure").get_or_create(
            code=one.code, version=1,
            defaults={"title_ar": one.title[0], "title_en": one.title[1], "source": one.source,
                      "position": place * 10, "prepared_at": SHIPPED_AT},
        )  # fmt: skip
        if not made:
            continue
        new += 1
        for number, line in enumerate(one.lines, start=1):
            pairs = {"process": line.process, "responsible": line.responsible, "limit": line.limit,
                     "output": line.output}  # fmt: skip
            of("ProcedureStep").create(
                procedure=procedure, place=number, number=str(number), clock_kind=line.clock[0],
                clock_code=line.clock[1],
                **{f"{name}_{ending}": words for name, pair in pairs.items()
                   for ending, words in zip(("ar", "en"), pair, strict=True)},
            )  # fmt: skip
        # Its steps are written while it is a draft; from here it stands.
        of("Procedure").filter(pk=procedure.pk).update(state=EditionState.APPROVED.value, approved_at=SHIPPED_AT)
    return new
