"""What the page of a customer and the page of an application are put together from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from common.exceptions import Refused
from common.forms import blame

# A form that came back with its faults, by the name it has on the page; and what else its answer wants to say.
Given = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One sheet of a page: its template, what it says (``part`` in the template), and whether it stands at the side."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    aside: bool = False


def parts_of(panels: Iterable[Callable[..., Part | None]], **told: Any) -> dict[str, list[Part]]:
    """The parts that have something to say, in their order, for the wide and the narrow column.

    Every form gets ids of its own, so that two forms of a page may have fields of one name.
    """
    found = [part for panel in panels if (part := panel(**told)) is not None]
    for part in found:
        for name, form in part.context.items():
            if isinstance(form, forms.BaseForm):
                form.auto_id = f"{name}_%s"
    return {"parts": [p for p in found if not p.aside], "aside": [p for p in found if p.aside]}


def act(
    request: HttpRequest,
    *,
    form: forms.Form,
    do: Callable[[dict[str, Any]], Any],
    said: str,
    to: str,
    pk: int,
    at: str = "",
    again: Callable[[], HttpResponse],
) -> HttpResponse:
    """One form of a page: done and back to the page ``to`` of ``pk``, or the page again with what is wrong.

    ``at`` is where its sheet stands on that page, as ``#papers``.
    """
    if form.is_valid():
        try:
            do(form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
            if not form.fields:  # a bare button has no place of its own for words
                messages.error(request, str(refusal.message))
        else:
            messages.success(request, said)
            return redirect(f"{reverse(to, args=[pk])}{at}")
    return again()


def each(given: Given, name: str, keys: Iterable[int], fresh: Callable[[int], forms.Form]) -> dict[int, forms.Form]:
    """A form for each row, with ids of its own; the one that came back with faults, ``given`` as ``name`` of the row
    ``row``, stands at its row."""
    made: dict[int, forms.Form] = {}
    for key in keys:
        made[key] = given[name] if name in given and given.get("row") == key else fresh(key)
        made[key].auto_id = f"{name}_{key}_%s"
    return made
