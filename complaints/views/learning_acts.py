"""What is done with a report or a recommendation: a table of acts, one form each, one address for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise

from accounts.access import user_of
from accounts.models import User
from common.exceptions import Refused
from common.forms import blame


@dataclass(frozen=True, kw_only=True)
class Act:
    """One thing to do: for whom and when it is open, what is typed for it, and what it does with that."""

    words: Promise
    button: Promise
    icon: str
    said: Promise
    is_open: Callable[[User, Any], bool]
    form: Callable[..., forms.Form]
    do: Callable[[User, Any, dict[str, Any]], Any]
    # Never the page's one filled button.
    quiet: bool = False


@dataclass(frozen=True, kw_only=True)
class Open:
    """An act as it stands on the page; ``opened``: it came back with faults."""

    name: str
    act: Act
    form: forms.Form
    opened: bool


def acts_open(
    acts: Mapping[str, Act], *, user: User, subject: Any, opened: str = "", form: forms.Form | None = None
) -> list[Open]:
    """What this person may do with it now, each with its form; ``form`` is the one that came back."""
    found = []
    for name, act in acts.items():
        back = name == opened and form is not None
        if back or act.is_open(user, subject):
            one = form if back and form is not None else act.form(subject)
            one.auto_id = f"{name}_%s"
            found.append(Open(name=name, act=act, form=one, opened=back))
    return found


def act_done(
    request: HttpRequest,
    *,
    acts: Mapping[str, Act],
    name: str,
    subject: Any,
    to: str,
    page: Callable[..., HttpResponse],
) -> HttpResponse:
    """Do one thing: back to the page ``to``, or ``page`` again with what is wrong. Raises Http404 for no such act."""
    if (act := acts.get(name)) is None:
        raise Http404
    form = act.form(subject, request.POST)
    if form.is_valid():
        try:
            act.do(user_of(request), subject, form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
            if not form.fields:  # a bare button has no place of its own for words
                messages.error(request, str(refusal.message))
        else:
            messages.success(request, str(act.said))
            return redirect(to, subject.pk)
    return page(status=422, opened=name, form=form)
