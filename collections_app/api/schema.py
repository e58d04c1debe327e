"""Pieces of the schema that every address shares."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

from collections_app.api.serializers import Problem
from common.api.once import HEADER, REPLAYED

PROBLEMS: dict[int, Any] = {
    400: OpenApiResponse(Problem, "What came cannot be read, or the address asks for what there is not."),
    401: OpenApiResponse(Problem, "No token, or one that does not let in."),
    403: OpenApiResponse(Problem, "The account lacks the right."),
    404: OpenApiResponse(Problem, "There is nothing here that this account may see."),
    405: OpenApiResponse(Problem, "The address does not take this method."),
    406: OpenApiResponse(Problem, "Only JSON is answered."),
    429: OpenApiResponse(Problem, "Too many requests; Retry-After says when."),
}
REFUSALS: dict[int, Any] = {
    **PROBLEMS,
    409: OpenApiResponse(Problem, "The same request is under way; Retry-After says when to ask again."),
    413: OpenApiResponse(Problem, "Larger than what is taken at once."),
    415: OpenApiResponse(Problem, "Only JSON is read."),
    422: OpenApiResponse(Problem, "Refused, with its fields. Nothing was written, and the key is free."),
}
KEY = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="One to 255 letters, digits and signs without spaces, of your own making; one for each request. "
    "The same request with the same key is done once and answered with the same bytes.",
)
KEPT = OpenApiParameter(
    REPLAYED,
    str,
    OpenApiParameter.HEADER,
    enum=["true", "false"],
    response=[200, 201],
    description="Whether the answer is that of an earlier sending.",
)


def listed(name: str, row: type[serializers.Serializer]) -> Any:
    """A page of rows."""
    return inline_serializer(
        f"{name}Page",
        {
            "next": serializers.URLField(allow_null=True, help_text="The next page; null on the last."),
            "previous": serializers.URLField(allow_null=True),
            "results": row(many=True),
        },
    )
