"""Recalls under notice: taken back before their day, or done by the night of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from collections_app.choices import CaseStatus, RecallState
from collections_app.models import Case, ImportFile, Recall
from collections_app.rules.importing import REASONS
from collections_app.services.life import cases_end
from collections_app.services.refusal_files import refused_rows
from common.audit import Actor, record
from common.exceptions import Refused

# Both languages, as the case's page and the trail show it.
_REASON = "سحبته الجهة · Recalled by the client"


def recall_take_back(*, user: User, recall: Recall, reason: str) -> Recall:
    """The client leaves the case with us after all. Raises Refused without a reason and when the notice has ended."""
    if not reason.strip():
        raise Refused("recall_reason", _("Say why."), field="reason")
    with transaction.atomic():
        Client.held(client_id=recall.client_id)
        Case.objects.select_for_update(no_key=True).get(pk=recall.case_id)
        locked = Recall.objects.select_for_update().get(pk=recall.pk)
        if locked.state != RecallState.NOTICE:
            raise Refused("recall_over", _("This recall is no longer under notice."))
        locked.state, locked.taken_back_by, locked.taken_back_reason = (
            RecallState.TAKEN_BACK, user, reason.strip()[:300],
        )  # fmt: skip
        locked.save(update_fields=["state", "taken_back_by", "taken_back_reason"])
        record(
            actor=Actor.person(user),
            action="recall.taken_back",
            subject=locked,
            body={"case": locked.case_id, "reason": reason.strip(), "ends_on": locked.ends_on},
        )
    return locked


def step_recalls(*, client_id: int, day: dt.date, since: dt.date, last: bool) -> int:
    """Recall the cases whose notice ends by ``day``, each on its own day; how many. A closed one is left as it is."""
    due = list(
        Recall.objects.filter(client_id=client_id, state=RecallState.NOTICE, ends_on__lte=day).order_by("ends_on", "pk")
    )
    done: set[int] = set()
    for ends_on in sorted({recall.ends_on for recall in due}):
        case_ids = [recall.case_id for recall in due if recall.ends_on == ends_on]
        done.update(
            cases_end(
                actor=Actor.system("nightly"),
                client_id=client_id,
                case_ids=case_ids,
                end=CaseStatus.RECALLED,
                on=ends_on,
                reason=_REASON,
            )
        )
    for state, wanted in ((RecallState.DONE, True), (RecallState.LAPSED, False)):
        ids = [recall.pk for recall in due if (recall.case_id in done) is wanted]
        Recall.objects.filter(pk__in=ids).update(state=state)
    return len(done)


def refused_answers(*, file: ImportFile) -> Iterator[list[str]]:
    """The refused rows of a recall file as its answer tells them, in the reader's language."""
    heading = file.layout.get("columns", {}).get("debtor_ref", "")
    for _line, cells, codes in refused_rows(file=file):
        why = " | ".join(str(REASONS[code]) for code in codes)
        yield [cells.get(heading, ""), gettext("Refused"), why, *[""] * 6]
