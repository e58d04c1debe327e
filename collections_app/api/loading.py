"""What a body names, found among what its client may see. Called under the portal's role."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients.models import ServiceAccount
from collections_app.models import Case, Receivable
from collections_app.selectors.api import cases_of
from common.exceptions import Refused

Found = TypeVar("Found", bound=Model)


def only(found: QuerySet[Found], *, code: str, words: str | Promise, field: str) -> Found:
    """The one there is. Raises Http404 for none, Refused for several, at the field that tells them apart."""
    rows = list(found[:2])
    if not rows:
        raise Http404
    if len(rows) > 1:
        raise Refused(code, words, field=field)
    return rows[0]


def case_named(account: ServiceAccount, *, debtor_ref: str) -> Case:
    """The case of an account holder. Raises Refused at the field: in a body it is a value, not an address."""
    case = cases_of(client=account.client).filter(debtor__debtor_ref=debtor_ref).first()
    if case is None:
        raise Refused("debtor_unknown", _("There is no account holder of this reference."), field="debtor_ref")
    return case


def receivable_named(case: Case, *, body: dict[str, Any]) -> Receivable:
    """A receivable of a case. Raises Refused for none, and for one of several contracts when none is named."""
    found = Receivable.objects.filter(case=case, receivable_ref=body["receivable_ref"], struck=False)
    if "debt_ref" in body:
        found = found.filter(debt__debt_ref=body["debt_ref"])
    try:
        return only(
            found,
            code="receivable_of_which",
            words=_("This reference stands under several contracts: name the contract."),
            field="debt_ref",
        )
    except Http404:
        words = _("The account holder has no receivable of this reference.")
        raise Refused("receivable_unknown", words, field="receivable_ref") from None
