"""What a person says of rows that are known ones but for leading zeros, and what then becomes of them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from collections_app.choices import ImportStatus, SuspectDecision
from collections_app.models import FileWithdrawal, ImportFile, ImportSuspect
from collections_app.services.booking import Booking
from collections_app.services.file_reading import quiet
from collections_app.services.file_rows import LOCK
from collections_app.services.staging import Staging
from common import clock
from common.audit import Actor, record
from common.exceptions import Refused

MOST_NAMED = 1_000


def suspects_decide(*, user: User, file: ImportFile, decision: str, lines: Sequence[int] | None = None) -> int:
    """Say that rows are the known ones, or others: those on these lines, or all of the file that still wait.

    How many were decided. The worker then takes them into the book. Raises Refused for a decision that is none, and
    while the file itself is not done.
    """
    if decision not in SuspectDecision.values:
        raise Refused("suspect_decision", _("Say whether it is the same or another."), field="decision")
    with transaction.atomic():
        locked = ImportFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
        if locked.status != ImportStatus.DONE:
            raise Refused("suspect_file", _("This file is not in the book."))
        if FileWithdrawal.objects.filter(file=locked).exists():
            raise Refused("suspect_withdrawn", _("This file was taken back"))
        waiting = ImportSuspect.objects.filter(file=locked, decision="")
        if lines is not None:
            waiting = waiting.filter(line__in=lines)
        named = sorted(waiting.values_list("line", flat=True)[: MOST_NAMED + 1])
        decided = waiting.update(decision=decision, decided_by=user, decided_at=clock.now())
        if decided:
            record(
                actor=Actor.person(user),
                action="import.suspects_decided",
                subject=locked,
                client_id=locked.client_id,
                body={"decision": decision, "rows": decided, "lines": named if len(named) <= MOST_NAMED else "many"},
            )
    return decided


def suspects_book(*, file_id: int) -> int:
    """Take the decided rows of a file into the book, as a file of their own would be; how many. Safe to run twice.

    What then is still to look at, or refused, says the row's ``outcome``; the rest is booked under its file.
    """
    done = 0
    with transaction.atomic():
        file = ImportFile.objects.get(pk=file_id)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, file.client_id])
        client = Client.held(client_id=file.client_id)
        if FileWithdrawal.objects.filter(file=file).exists():
            # It was taken back between the word and the deed.
            ImportSuspect.objects.filter(file=file, outcome="").exclude(decision="").update(
                outcome="withdrawn", row={}, personal_sealed=None
            )
            return 0
        decided = ImportSuspect.objects.filter(file=file, outcome="").exclude(decision="")
        for said in SuspectDecision.values:
            who = decided.filter(decision=said).order_by("-decided_at").first()
            if who is None:
                continue
            actor = Actor.person(who.decided_by) if who.decided_by else Actor.system("import")
            staging = Staging(client=client, said=said)
            done += staging.take(file=file)
            staging.check(tells_disputed="disputed" in file.layout.get("columns", {}))
            staging.outcomes_tell(file=file)
            if staging.bring:
                Booking(actor=actor, client=client, file=file, staging=staging, progress=quiet).write()
            staging.clear()
    return done


def suspects_undone() -> list[int]:
    """Files with decided rows that are not in the book yet: their worker died, or the queue lost them."""
    return list(
        ImportSuspect.objects.filter(outcome="")
        .exclude(decision="")
        .order_by()
        .values_list("file", flat=True)
        .distinct()
    )
