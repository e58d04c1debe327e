"""What each reason against an order says: a word, a sentence with its values, and where the rule comes from. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from common.components.format import bdi
from credit.choices import PaperKind


@dataclass(frozen=True, kw_only=True)
class Words:
    """Of a reason: what it is in a word, its sentence, and its source."""

    title: str | Promise
    sentence: str | Promise
    source: str


_STOPPED = _("Credit stopped")
_SIGNED = _("Signatory")

REASONS: Mapping[str, Words] = {
    "ACCOUNT_CLOSED": Words(title=_("Account"), sentence=_("The account was closed on %(on)s."), source="CM-20"),
    "ACCOUNT_CASH": Words(
        title=_("Account"), sentence=_("This is a cash account: nothing is sold on credit to it."), source="CM-20"
    ),
    "AGREEMENT_NONE": Words(title=_("Agreement"), sentence=_("No facility agreement is signed."), source="CM-20"),
    "AGREEMENT_ENDED": Words(
        title=_("Agreement"), sentence=_("The facility agreement ended on %(on)s."), source="CM-17"
    ),
    "LIMIT_NONE": Words(title=_("Credit limit"), sentence=_("No credit limit was granted."), source="CM-16"),
    "LIMIT_ENDED": Words(
        title=_("Credit limit"),
        sentence=_("The year of the limit ended on %(on)s and it was not renewed."),
        source="CM-09",
    ),
    "LIMIT_PASSED": Words(
        title=_("Credit limit"),
        sentence=_(
            "The order is for %(amount)s, and %(room)s of the limit is free: of %(limit)s, open invoices use "
            "%(invoices)s and accepted orders %(reserved)s."
        ),
        source="CM-23",
    ),
    "NOT_DUE_PASSED": Words(
        title=_("Open and not due"),
        sentence=_(
            "The order is for %(amount)s, and %(room)s may still be open and not due: of %(most)s, invoices within "
            "their terms use %(invoices)s and accepted orders %(reserved)s."
        ),
        source="CM-23",
    ),
    "OVERDUE": Words(
        title=_("Overdue"),
        sentence=_(
            "Invoice %(receivable)s has been unpaid past its terms for %(days)s days; %(amount)s is overdue in all."
        ),
        source="CM-10",
    ),
    "STOP_OVERDUE": Words(
        title=_STOPPED, sentence=_("Stopped since %(since)s: unpaid past its terms."), source="CM-10"
    ),
    "STOP_DEFAULT": Words(title=_STOPPED, sentence=_("Stopped since %(since)s: in default."), source="CM-12, CM-17"),
    "STOP_CANCELLED": Words(
        title=_STOPPED,
        sentence=_("Credit was cancelled on %(since)s, after the second default. Only an exception restores it."),
        source="CM-13",
    ),
    "STOP_OVER_LIMIT": Words(
        title=_STOPPED,
        sentence=_("Stopped since %(since)s: more is owed than the limit, until the excess is paid."),
        source="CM-17",
    ),
    "STOP_BREACH": Words(
        title=_STOPPED,
        sentence=_("Stopped since %(since)s: the agreement was broken, and everything owed is claimed."),
        source="CM-17",
    ),
    "STOP_REFUSED_PROCEDURES": Words(
        title=_STOPPED,
        sentence=_("Stopped since %(since)s: the credit procedures were refused, and everything owed is claimed."),
        source="CM-17",
    ),
    "STOP_SUSPENDED": Words(
        title=_STOPPED, sentence=_("Suspended since %(since)s by the credit department."), source="CM-17"
    ),
    "EARLIER_DEBT": Words(
        title=_("Earlier debt"), sentence=_("An earlier debt of %(amount)s is unpaid."), source="CM-18"
    ),
    "EARLIER_DEFAULT": Words(title=_("Earlier debt"), sentence=_("There was a default on %(on)s."), source="CM-18"),
    "SIGNATORY_NONE": Words(
        title=_SIGNED, sentence=_("Nobody is named who signed the order for the customer."), source="CM-22"
    ),
    "SIGNATORY_NOT_BEGUN": Words(
        title=_SIGNED, sentence=_("The power of who signed begins only on %(on)s."), source="CM-22"
    ),
    "SIGNATORY_ENDED": Words(title=_SIGNED, sentence=_("The power of who signed ended on %(on)s."), source="CM-22"),
    "SIGNATORY_REVOKED": Words(
        title=_SIGNED, sentence=_("The power of who signed was revoked on %(on)s."), source="CM-22"
    ),
    "SIGNATORY_SCOPE": Words(title=_SIGNED, sentence=_("Who signed may not sign orders."), source="CM-22"),
    "SIGNATORY_AMOUNT": Words(
        title=_SIGNED, sentence=_("Who signed may bind the customer up to %(up_to)s only."), source="CM-22"
    ),
    "REMOTE_TERMS": Words(
        title=_("Remote order"),
        sentence=_("The customer has not agreed to the terms of orders by fax or e-mail."),
        source="CM-19",
    ),
    "REMOTE_ADDRESS": Words(
        title=_("Remote order"),
        sentence=_("It did not come from a number or address that the customer registered."),
        source="CM-27",
    ),
    "REMOTE_ORIGINAL": Words(
        title=_("Remote order"), sentence=_("The original of the order is not handed in."), source="CM-27"
    ),
    "PAPER_MISSING": Words(title=_("Papers"), sentence=_("There is no paper: %(paper)s."), source="CM-18, CM-20"),
    "PAPER_ENDED": Words(
        title=_("Papers"), sentence=_("A paper is no longer valid: %(paper)s, since %(on)s."), source="CM-18, CM-20"
    ),
}


def _filled(reason: Mapping[str, Any], put: Callable[[str], str]) -> str:
    values = dict(reason.get("values") or {})
    shown = {name: put(str(value)) for name, value in values.items() if name != "paper"}
    if "paper" in values:
        shown["paper"] = str(PaperKind(values["paper"]).label)
    return str(REASONS[reason["code"]].sentence) % shown


def sentence_of(reason: Mapping[str, Any]) -> str:
    """A kept reason as a sentence in the language that rules now."""
    return _filled(reason, str)


def sentence_html(reason: Mapping[str, Any]) -> SafeString:
    """The same for a page: every figure and reference in its own direction. The sentences are ours, values escaped."""
    return mark_safe(_filled(reason, lambda value: str(bdi(value))))  # noqa: S308 - see above


def reasons_shown(reasons: Sequence[Mapping[str, Any]], *, overridden: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Kept reasons for a page: word, sentence, source, and whether it was set aside."""
    return [
        {
            "code": reason["code"],
            "title": REASONS[reason["code"]].title,
            "sentence": sentence_html(reason),
            "source": REASONS[reason["code"]].source,
            "set_aside": reason["code"] in overridden,
        }
        for reason in reasons
    ]


def reasons_told(reasons: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each reason with its code, its values, its source, and its sentence in both languages."""
    found = []
    for reason in reasons:
        told = {"code": reason["code"], "values": reason["values"], "source": REASONS[reason["code"]].source}
        for language in ("ar", "en"):
            with translation.override(language):
                told[f"message_{language}"] = sentence_of(reason)
        found.append(told)
    return found
