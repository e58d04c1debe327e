"""Where a receivable lay on a day, by everything days are told by: SQL that the writer of days reads them with."""

from __future__ import annotations

from clients.choices import AgeBasis
from collections_app.rules.aging import bucket_sql
from collections_app.rules.bands import band_sql

# Where receivable ``r`` of case ``c`` stood on a day. What stands now stood then, unless it came after; then the last
# that came by that day.
_STAGE = """CASE WHEN {r}.stage_since <= {on} THEN w.code ELSE coalesce((
        SELECT entered.code FROM collections_app_stagetransition move
        JOIN clients_stagepolicyrow entered ON entered.id = move.to_stage_id
        WHERE move.receivable_id = {r}.id AND move."on" <= {on} ORDER BY move."on" DESC, move.id DESC LIMIT 1
    ), '') END"""
_COLLECTOR = """CASE WHEN c.owner_id IS NULL OR c.assigned_on <= {on} THEN c.owner_id ELSE (
        SELECT given.owner_id FROM collections_app_caseassignment given
        WHERE given.case_id = c.id AND given."on" <= {on} ORDER BY given.id DESC LIMIT 1
    ) END"""
ITS_PLACE = """
JOIN collections_app_case c ON c.id = {r}.case_id
JOIN collections_app_debt b ON b.id = {r}.debt_id
LEFT JOIN collections_app_importfile f ON f.id = {r}.file_id
LEFT JOIN clients_stagepolicyrow w ON w.id = {r}.stage_id
"""


def place_sql(*, r: str, on: str) -> str:
    """The columns of ``DIMENSIONS`` but the currency, of a receivable on a day; our own names."""
    return f"""coalesce(f.placed_on, c.placed_on) AS portfolio, {_STAGE.format(r=r, on=on)} AS stage,
       {band_sql(f"{r}.amount")} AS band, b.product, {_COLLECTOR.format(on=on)} AS collector_id,
       {bucket_sql(basis=AgeBasis.DUE, day=on, column=f"{r}.due_on")} AS bucket"""
