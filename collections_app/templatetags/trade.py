"""Words for the codes of this app's choices. Built in: every template may use them."""

from __future__ import annotations

from django import template

from accounts.models import User
from clients.choices import DEFAULT_SOURCES, Channel, DefaultRule
from clients.rules.actions import action_words
from collections_app.choices import LegalStep
from collections_app.models import Case, StageRequest
from collections_app.policies import can_reverse_payments
from collections_app.selectors.cases import asked_words as _asked_words
from collections_app.selectors.cases import bucket_label as _bucket_label
from collections_app.selectors.cases import late_days as _late_days
from common import clock
from common.components.format import bdi

register = template.Library()


@register.filter
def channel_label(code: str) -> str:
    return str(Channel(code).label)


@register.filter
def late_days(case: Case) -> int:
    """Days late today, on the basis of the client's own ladder."""
    return _late_days(case=case, today=clock.today())


@register.filter
def may_reverse_payments(user: User) -> bool:
    """True for who takes payments back."""
    return can_reverse_payments(user)


@register.filter
def action_label(code: str) -> str:
    return action_words(code)


@register.filter
def asked_words(request: StageRequest) -> str:
    """Where something that a stage asked for stands."""
    return _asked_words(request)


@register.filter
def step_label(code: str) -> str:
    return str(LegalStep(code).label)


@register.filter
def bucket_label(code: str) -> str:
    """A bucket in words; a range of figures keeps its own direction."""
    words = _bucket_label(code)
    return bdi(words) if words[:1].isdigit() else words


@register.filter
def default_rule_label(code: str) -> str:
    """A test of default in words."""
    return str(DefaultRule(code).label) if code in DefaultRule.values else code


@register.filter
def default_rule_source(code: str) -> str:
    """Where a test of default stands."""
    return DEFAULT_SOURCES.get(code, "")
