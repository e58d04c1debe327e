"""Words for the codes of this app's choices. Built in: every template may use them."""

from __future__ import annotations

from django import template

from clients.choices import Channel, StageAction
from collections_app.choices import LegalStep
from collections_app.selectors.cases import bucket_label as _bucket_label
from common.components.format import bdi

register = template.Library()


@register.filter
def channel_label(code: str) -> str:
    return str(Channel(code).label)


@register.filter
def action_label(code: str) -> str:
    return str(StageAction(code).label) if code in StageAction.values else code


@register.filter
def step_label(code: str) -> str:
    return str(LegalStep(code).label)


@register.filter
def bucket_label(code: str) -> str:
    """A bucket in words; a range of figures keeps its own direction."""
    words = _bucket_label(code)
    return bdi(words) if words[:1].isdigit() else words
