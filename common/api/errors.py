"""Every answer that is not what was asked for has one form: a stable code, words in both languages, fields by name."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, JsonResponse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from common.api.words import in_both

log = logging.getLogger(__name__)

FAULT = _("The fault is ours. Nothing was written; the same request may be sent again.")
NOT_FOUND = _("There is nothing here that this account may see.")
UNREADABLE = _("The request holds what no text can hold.")
CORRECT = _("The request needs a correction.")
_WHOLE = "non_field_errors"

# The framework's own refusals, in our words.
WORDS: Mapping[type[Exception], tuple[int, str, Promise | str]] = {
    exceptions.ParseError: (400, "json", _("The body is not JSON that can be read.")),
    RequestDataTooBig: (413, "too_large", _("The request is larger than what is taken at once.")),
    exceptions.NotAuthenticated: (401, "token_missing", _("No token came with this request.")),
    PermissionDenied: (403, "not_allowed", _("This account may not do this.")),
    exceptions.PermissionDenied: (403, "not_allowed", _("This account may not do this.")),
    Http404: (404, "not_found", NOT_FOUND),
    exceptions.NotFound: (404, "not_found", NOT_FOUND),
    exceptions.MethodNotAllowed: (405, "method", _("This address does not take this method.")),
    exceptions.NotAcceptable: (406, "not_acceptable", _("Only JSON is answered here.")),
    exceptions.UnsupportedMediaType: (415, "media_type", _("Only JSON is read here.")),
    exceptions.Throttled: (429, "too_many", _("Too many requests; ask again later.")),
    ProtectedError: (409, "in_use", _("Other records stand on this one; it is not removed.")),
    RestrictedError: (409, "in_use", _("Other records stand on this one; it is not removed.")),
}


class ApiError(exceptions.APIException):
    """An answer that is not what was asked for. Whatever was begun is not written."""

    def __init__(
        self,
        code: str,
        words: str | Promise | Mapping[str, str],
        *,
        status_code: int = status.HTTP_422_UNPROCESSABLE_ENTITY,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, code)
        self.status_code = status_code
        self.body = {"code": code, **(words if isinstance(words, Mapping) else in_both(words)), "errors": list(errors)}
        self.headers = dict(headers or {})


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """The answer to whatever a view of the API raised. Of a fault of ours the log holds where, never with what."""
    headers: dict[str, str] = {}
    if getattr(error, "auth_header", ""):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if isinstance(error, exceptions.Throttled) and error.wait is not None:
        headers["Retry-After"] = str(int(error.wait) + 1)
    if isinstance(error, ApiError):
        return Response(error.body, status=error.status_code, headers=headers | error.headers)
    for kind in type(error).__mro__:
        if kind in WORDS:
            code, name, words = WORDS[kind]
            return Response({"code": name, **in_both(words), "errors": []}, status=code, headers=headers)
    # Without the exception's own text: a database tells in it the values it could not take.
    reference = f"E-{secrets.token_hex(2).upper()}"
    where = "".join(traceback.format_tb(error.__traceback__))
    name = getattr(getattr(context.get("request"), "resolver_match", None), "view_name", "")
    log.error("server error %s on %s: %s\n%s", reference, name, type(error).__qualname__, where)
    return Response({"code": "fault", **in_both(FAULT), "errors": [], "reference": reference}, status=500)


def problem(code: str, words: Promise | str, *, status: int, **more: str) -> JsonResponse:
    """The same answer, from where no view of the API was reached."""
    return JsonResponse({"code": code, **in_both(words), "errors": [], **more}, status=status)


def _flat(errors: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """A serializer's errors as pairs of field and what is wrong with it; the whole has no field's name."""
    if isinstance(errors, Mapping):
        for name, inner in errors.items():
            inside = [part for part in (path, "" if name == _WHOLE else str(name)) if part]
            yield from _flat(inner, ".".join(inside))
    else:
        for detail in errors:
            if isinstance(detail, (Mapping, list)):
                yield from _flat(detail, path)
            else:
                yield path, detail


def checked(
    serializer: type[BaseSerializer], data: Any, *, status_code: int = status.HTTP_422_UNPROCESSABLE_ENTITY
) -> dict[str, Any]:
    """What a serializer makes of data. Raises ApiError that names each field, in both languages."""
    said: dict[str, list[tuple[str, Any]]] = {}
    for language in ("ar", "en"):
        with translation.override(language):
            reader = serializer(data=data)
            if reader.is_valid():
                return dict(reader.validated_data)
            said[language] = list(_flat(reader.errors))
    raise ApiError(
        "invalid",
        CORRECT,
        status_code=status_code,
        errors=[
            {"field": field, "code": ar.code, "message_ar": str(ar), "message_en": str(en)}
            for (field, ar), (_same, en) in zip(said["ar"], said["en"], strict=True)
        ],
    )
