"""What others are told of disputes: the outbox of their papers, the table of deadlines of their names."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from common.mail import Enclosed
from complaints.models import MatterPaper
from complaints.policies import disputes_visible_to
from complaints.selectors.matters import paper_content


def matter_paper_enclosed(*, paper_id: int) -> Enclosed:
    """A paper as it goes with an e-mail. Raises LookupError when there is none, crypto.Unreadable when its key was
    destroyed.
    """
    found = MatterPaper.objects.select_related("matter", "dispute__case__debtor__party").filter(pk=paper_id).first()
    if found is None:
        raise LookupError(paper_id)
    return Enclosed(name=found.name, content=paper_content(paper=found), content_type=found.content_type)


def disputes_told(user: User, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Words and address of each dispute that this person may see (slot ``clock_matters``)."""
    found = disputes_visible_to(user).filter(pk__in=ids)
    return {
        dispute.pk: (f"{dispute.reference} · {_('Dispute')}", reverse("dispute", args=[dispute.pk]))
        for dispute in found
    }
