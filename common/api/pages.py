"""Lists by cursor: a page begins after the last row of the one before, whatever was added meanwhile."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination

from common.api.errors import ApiError
from common.forms import key_of


class Pages(CursorPagination):
    """Rows in the order in which they were made; the cursor is the framework's, and names a row."""

    ordering = "pk"
    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 500

    def decode_cursor(self, request: Any) -> Cursor | None:
        """The cursor of the address. Raises ApiError for one we did not give."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound:
            cursor = Cursor(0, False, "?")
        if cursor is not None and cursor.position is not None and key_of(cursor.position) is None:
            raise ApiError("cursor", _("This cursor is not one of ours."), status_code=400)
        return cursor
