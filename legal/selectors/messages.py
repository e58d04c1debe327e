"""What the outbox asks of the legal desk: may a legal step be told of, and what does a paper hold."""

from __future__ import annotations

from typing import Any

from collections_app.models import Case
from common import clock
from common.mail import Enclosed
from legal.models import Paper
from legal.selectors.authorisations import authorisation_live_of
from legal.selectors.papers import paper_content


def may_threaten(*, subject: Any) -> bool:
    """True for a case, or what hangs on one, that has a live authorisation today (LEGAL-THREAT)."""
    case = subject if isinstance(subject, Case) else getattr(subject, "case", None)
    return isinstance(case, Case) and authorisation_live_of(case=case, on=clock.today()) is not None


def paper_enclosed(*, paper_id: int) -> Enclosed:
    """A paper as it goes with an e-mail. Raises LookupError when there is none, crypto.Unreadable when its key was
    destroyed.
    """
    paper = Paper.objects.select_related("case__debtor__party").filter(pk=paper_id).first()
    if paper is None:
        raise LookupError(paper_id)
    return Enclosed(name=paper.name, content=paper_content(paper=paper), content_type=paper.content_type)
