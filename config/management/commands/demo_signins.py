"""One demo sign-in per role, for whoever starts the demo."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.choices import Role
from config.demo.legal import LAWYER_EMAIL
from config.demo.people import PASSWORD, PEOPLE


class Command(BaseCommand):
    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        seen = set()
        self.stdout.write(f"password of all: {PASSWORD}")
        for person in PEOPLE:
            if person.role not in seen:
                seen.add(person.role)
                self.stdout.write(f"  {person.email:26} {Role(person.role).name.lower().replace('_', ' ')}")
        self.stdout.write(f"  {LAWYER_EMAIL:26} {Role.LAWYER.name.lower()}")
