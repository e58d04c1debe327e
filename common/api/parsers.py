"""JSON as it was meant: numbers exact, no name twice, nothing that is no JSON."""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from common.api.renderers import ExactJSONRenderer


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a name that stands twice would leave it open which of the two was meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


class ExactJSONParser(BaseParser):
    """Reads UTF-8 JSON. A number with a point is the decimal that was written, never the binary one beside it."""

    media_type = "application/json"
    renderer_class = ExactJSONRenderer

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The body as plain values. Raises ParseError for whatever is not JSON, and for JSON too deep to walk."""
        try:
            text = codecs.decode(stream.read(), "utf-8-sig")
            return json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise ParseError from error
