"""JSON as it is answered: amounts as text, since a program that read a number would make a binary one of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder


class _Exact(JSONEncoder):
    def default(self, o: Any) -> Any:
        return f"{o:f}" if isinstance(o, Decimal) else super().default(o)


class ExactJSONRenderer(JSONRenderer):
    """The framework's own, with exact amounts."""

    encoder_class = _Exact
