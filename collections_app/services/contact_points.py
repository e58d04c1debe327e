"""The only writer of contact points: numbers and addresses, each sealed under the key of its party."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection

from collections_app.choices import ContactPointKind
from common import crypto
from common.db import execute, streamed
from parties.rules import identifiers

_HINTS = {
    ContactPointKind.MOBILE: identifiers.phone_hint,
    ContactPointKind.PHONE: identifiers.phone_hint,
    ContactPointKind.EMAIL: identifiers.email_hint,
    ContactPointKind.ADDRESS: identifiers.address_hint,
}
_SEALED = (
    "CREATE TEMPORARY TABLE staged_sealed (debtor_id bigint, kind text, value_sealed bytea, value_index bytea, "
    "hint text) ON COMMIT DROP"
)
_WRITTEN = """
INSERT INTO collections_app_contactpoint
    (client_id, debtor_id, kind, value_sealed, value_index, hint, state, created_at)
SELECT %(client_id)s, debtor_id, kind, value_sealed, value_index, hint, 'UNKNOWN', %(now)s FROM staged_sealed
ON CONFLICT DO NOTHING
"""


def points_add(*, found: str, params: dict[str, Any], opened: Callable[[str, bytes], str]) -> int:
    """Keep numbers and addresses beside those we have; how many.

    ``found`` is a query of their kind, blind index, staged value, debtor and the wrapped key of its party;
    ``opened`` reads the staged value. Of a debtor whose key is gone nothing is kept: the query leaves it out.
    """
    execute(_SEALED)
    made = 0
    for chunk in streamed(found, params):
        with connection.cursor() as cursor, cursor.copy("COPY staged_sealed FROM STDIN") as copy:
            for kind, index, staged, debtor_id, wrapped in chunk:
                value = opened(kind, staged)
                key = crypto.unwrap(wrapped=wrapped)
                sealed = crypto.encrypt(key=key, value=value, column="contact_point")
                copy.write_row((debtor_id, kind, sealed, index, _HINTS[ContactPointKind(kind)](value)))
        made += len(chunk)
    execute(_WRITTEN, params)
    execute("DROP TABLE staged_sealed")
    return made
