"""Reads of files of orders: their answers as rows that go back to the client, and as a page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common.components.format import short
from credit.choices import OrderState
from credit.models import OrderFile
from credit.rules.order_words import reasons_shown, sentence_of

WRONG = "WRONG"


def answer_word(answer: str) -> str:
    """A line's answer in a word."""
    return _("Wrong") if answer == WRONG else str(OrderState(answer).label)


def said_of(line: Mapping[str, Any]) -> list[str]:
    """Why a line was refused or what is wrong with it, in the language that rules now."""
    if line["answer"] == WRONG:
        language = short(get_language() or "ar")
        return [f"{wrong['column']}: {wrong['reason'][language]}".removeprefix(": ") for wrong in line["wrong"]]
    return [sentence_of(reason) for reason in line["reasons"]]


def answers_rows(*, file: OrderFile) -> Iterator[Sequence[Any]]:
    """The client's own columns with the answer, its reasons and the end of the reservation after them."""
    width = len(file.header)
    yield [*file.header, _("Line"), _("Answer"), _("Reasons"), _("Reserved until")]
    for line in file.lines:
        cells = [*line["cells"], *[""] * width][:width]
        reasons = " ".join(said_of(line))
        yield [*cells, line["line"], answer_word(line["answer"]), reasons, line.get("reserved_until", "")]


def lines_shown(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Lines for a page, each with its reasons as sentences."""
    return [
        {
            **line,
            "word": answer_word(line["answer"]),
            "reasons": reasons_shown(line.get("reasons", ())),
            "faults": said_of(line) if line["answer"] == WRONG else [],
        }
        for line in lines
    ]
