"""Take a lost second factor off an account; at the next sign-in its person sets a new one up."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.services.users import factor_reset
from common.audit import Actor
from common.exceptions import Refused


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--reason", required=True, help="who asked for it, and how it was made sure who they are")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"].strip()).first()
        if user is None:
            raise CommandError(f"Nobody signs in as {options['email']}.")
        try:
            factor_reset(actor=Actor.system("factor_reset"), user=user, reason=options["reason"])
        except Refused as refusal:
            raise CommandError(str(refusal.message)) from refusal
        self.stdout.write(f"{user.email} sets up a new second factor at the next sign-in.")
