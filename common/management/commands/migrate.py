"""Django's migrate, as the owner of the tables; afterwards the rights that ``common/access.py`` declares."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import DEFAULT_DB_ALIAS, connections

from common.access import apply_database_access

OWNER = "owner"


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        if options["database"] == DEFAULT_DB_ALIAS:
            options["database"] = OWNER
        super().handle(*args, **options)
        partial = options.get("app_label") or options.get("plan") or options.get("check_unapplied")
        if not partial:
            apply_database_access(using=connections[options["database"]])
