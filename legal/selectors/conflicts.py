"""For or against whom a lawyer may not act."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from collections_app.models import Case
from legal.choices import FileState
from legal.models import Lawyer, LawyerConflict, LegalFile


def conflicts_of(*, lawyer: Lawyer, case: Case) -> QuerySet[LawyerConflict]:
    """The conflicts that stand between this lawyer, or the whole firm, and a case: its debtor, or its client."""
    return (
        LawyerConflict.objects.filter(firm_id=lawyer.firm_id, ended_at=None)
        .filter(Q(lawyer=None) | Q(lawyer=lawyer))
        .filter(Q(client_id=case.client_id) | Q(party_id=case.debtor.party_id))
        .select_related("recorded_by", "lawyer")
    )


def files_in_conflict() -> QuerySet[LegalFile]:
    """Open files whose lawyer may not have them: the conflict was recorded after they were given."""
    return LegalFile.objects.filter(state=FileState.OPEN).filter(
        Q(
            pk__in=LegalFile.objects.filter(
                Q(lawyer__firm__conflicts__lawyer=None) | Q(lawyer__firm__conflicts__lawyer=F("lawyer")),
                Q(lawyer__firm__conflicts__client=F("client"))
                | Q(lawyer__firm__conflicts__party=F("case__debtor__party")),
                lawyer__firm__conflicts__ended_at=None,
                state=FileState.OPEN,
            ).values("pk")
        )
    )
