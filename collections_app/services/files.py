"""One door for a client's file, whatever it is about."""

from __future__ import annotations

from typing import Any

from collections_app.choices import FileKind
from collections_app.services.imports import Imported, portfolio_import
from collections_app.services.maintenance import maintenance_import


def file_import(*, kind: str, open_book: bool = False, **told: Any) -> Imported:
    """Import a file of this kind: ``portfolio_import`` or ``maintenance_import``, told the rest."""
    if kind == FileKind.PLACEMENT:
        return portfolio_import(open_book=open_book, **told)
    return maintenance_import(kind=kind, **told)
