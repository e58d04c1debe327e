"""The only writer of final notices: prepared, sent under a live authorisation, served with proof (PL-22, ADR 0034)."""

from __future__ import annotations

import datetime as dt
import smtplib
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from collections_app.choices import OPEN_CASE, ContactPointKind, LegalStep
from collections_app.models import Authorisation, Case, ContactPoint
from collections_app.selectors.cases import receivables_of
from collections_app.selectors.statement import statement_of
from common import clock, crypto, money
from common.audit import Actor, record
from common.documents import pdf_render
from common.exceptions import Conflict, NotAllowed, Refused
from common.money import ZERO
from legal.choices import NOTICE_MOVES, ActKind, NoticeChannel, NoticeState, PaperKind
from legal.models import Notice, Paper
from legal.policies import can_handle_notices
from legal.selectors.criteria import holds_open
from legal.selectors.papers import paper_content
from legal.services.acts import act_record, in_words
from legal.services.authorisation_papers import qr_svg
from legal.services.packs import LANGUAGES, parties_context
from legal.services.papers import paper_add, paper_made
from legal.services.threats import steps_to_name

# The time a notice leaves to pay. No regulation seen names one: ours, long enough for a bank transfer and a call.
LEAST_DAYS, MOST_DAYS = 5, 60
LONGEST_TRACKING = 80


def _may(user: User) -> None:
    if not can_handle_notices(user):
        raise NotAllowed("notice", _("Only the legal officer or a collections manager handles notices."))


def notice_items(*, case: Case, authorisation: Authorisation, on: dt.date) -> list[dict[str, Any]]:
    """What is open on the debts an authorisation covers, by the ledger, each with the debtor's share of it."""
    shares = dict(authorisation.debts.values_list("debt_id", "share_percent"))
    items: list[dict[str, Any]] = []
    owed: dict[int, Decimal] = {}
    asked: dict[int, Decimal] = {}
    for row in receivables_of(case=case, today=on):
        r = row["receivable"]
        if r.currency != authorisation.currency or (shares and r.debt_id not in shares):
            continue
        share = shares.get(r.debt_id, Decimal(100))
        owed[r.debt_id] = owed.get(r.debt_id, ZERO) + r.balance
        # A share is rounded once a debt, as the ceiling counts it: each item takes what the items so far come to.
        due = money.rounded(owed[r.debt_id] * share / 100) - asked.get(r.debt_id, ZERO)
        asked[r.debt_id] = asked.get(r.debt_id, ZERO) + due
        items.append(
            {
                "ref": r.receivable_ref,
                "debt": r.debt.debt_ref,
                "issued_on": r.issued_on,
                "due_on": r.due_on,
                "amount": r.amount,
                "paid": r.amount - r.balance,
                "share": share,
                "due": due,
            }
        )
    return items


def amount_of(items: list[dict[str, Any]]) -> Decimal:
    return sum((item["due"] for item in items), ZERO)


def _servable(*, case: Case, authorisation: Authorisation, amount: Decimal, on: dt.date) -> None:
    """Refuse what must not be asked for: nothing, more than was authorised, or something that waits."""
    if case.status not in OPEN_CASE or amount <= ZERO:
        raise Refused("case_closed", _("This case owes nothing."))
    if holds_open(case=case, on=on).exists():
        raise Refused("notice_held", _("This case is held: an objection, complaint or hardship is heard first."))
    waiting = [a for a in statement_of(case=case, as_of=on, today=on) if a.currency == authorisation.currency]
    if any(account.suspense > ZERO for account in waiting):
        raise Refused("notice_suspense", _("Money of this case waits to be allocated. Clear it first."))
    if amount > authorisation.ceiling:
        raise Refused("notice_ceiling", _("More is owed than the client authorised. Ask for a new authorisation."))


def _case(pk: int) -> Case:
    return Case.objects.select_related("client__stage_policy", "debtor__party", "stage__policy").get(pk=pk)


def notice_prepare(
    *,
    user: User,
    authorisation: Authorisation,
    channel: str,
    pay_by: dt.date,
    language: str = "ar",
    contact_point: ContactPoint | None = None,
) -> Notice:
    """Number a final notice and freeze it as its paper, with the amounts of the ledger as of today.

    Raises Refused without the step in the authorisation, for an address that does not fit the channel, a day that is
    too near or too far, another notice that is prepared or on its way, and for what must not be asked for.
    """
    _may(user)
    today = clock.today()
    if LegalStep.FINAL_NOTICE not in authorisation.steps:
        raise Refused("notice_step", _("This authorisation does not permit a final notice."))
    if channel not in NoticeChannel.values or language not in LANGUAGES:
        raise Refused("notice_channel", _("Choose how it is served."), field="channel")
    if not LEAST_DAYS <= (pay_by - today).days <= MOST_DAYS:
        words = _("Between %(least)d and %(most)d days from today.") % {"least": LEAST_DAYS, "most": MOST_DAYS}
        raise Refused("notice_day", words, field="pay_by")
    _addressed(channel=channel, contact_point=contact_point, debtor_id=authorisation.case.debtor_id)
    with transaction.atomic():
        Client.held(client_id=authorisation.client_id)
        Case.objects.select_for_update(no_key=True).get(pk=authorisation.case_id)
        case = _case(authorisation.case_id)
        if Notice.objects.filter(case=case, state__in=[NoticeState.PREPARED, NoticeState.SENT]).exists():
            raise Refused("notice_open", _("A notice of this case is prepared or on its way."))
        items = notice_items(case=case, authorisation=authorisation, on=today)
        amount = amount_of(items)
        _servable(case=case, authorisation=authorisation, amount=amount, on=today)
        steps = steps_to_name(case=case, authorisation=authorisation, on=today, until=pay_by)
        number = f"FN-{today.year}-{case.pk:06d}-{Notice.objects.filter(case=case).count() + 1}"
        with translation.override(language):
            content, pages = pdf_render(
                template="legal/pdf/notice.html", language=language,
                context={
                    **parties_context(case=case, language=language),
                    "number": number,
                    "on": today,
                    "pay_by": pay_by,
                    "amount": amount,
                    "currency": authorisation.currency,
                    "items": items,
                    "channel": str(NoticeChannel(channel).label),
                    "steps": [str(step.label) for step in steps],
                    "separator": gettext(", "),
                    "authorisation_number": authorisation.number,
                    "valid_until": authorisation.valid_until,
                    "qr": qr_svg(f"{number} {amount} {authorisation.currency} {today}"),
                },
            )  # fmt: skip
            title = gettext("Final notice")
        paper = paper_made(
            actor=Actor.person(user), user=user, case=case, kind=PaperKind.NOTICE, number=number, title=title,
            content=content, pages=pages, language=language, authorisation=authorisation,
        )  # fmt: skip
        notice = Notice.objects.create(
            client_id=case.client_id,
            case=case,
            authorisation=authorisation,
            number=number,
            paper=paper,
            amount=amount,
            currency=authorisation.currency,
            as_of=today,
            pay_by=pay_by,
            channel=channel,
            contact_point=contact_point,
            prepared_by=user,
            prepared_at=clock.now(),
        )
        _recorded(user, notice, "notice.prepared", amount=amount, pay_by=pay_by)
    return notice


def _addressed(*, channel: str, contact_point: ContactPoint | None, debtor_id: int) -> None:
    """An e-mail needs an address of the debtor; registered mail may name one, or goes where the post has it."""
    wanted = ContactPointKind.EMAIL if channel == NoticeChannel.EMAIL else ContactPointKind.ADDRESS
    if contact_point is None and channel == NoticeChannel.EMAIL:
        raise Refused("notice_address", _("An e-mail needs an address."), field="contact_point")
    if contact_point is not None and (
        contact_point.debtor_id != debtor_id or contact_point.kind != wanted or contact_point.replaced_at is not None
    ):
        raise Refused("notice_address", _("This address is not for this channel."), field="contact_point")


def _recorded(user: User, notice: Notice, action: str, **body: Any) -> None:
    record(
        actor=Actor.person(user),
        action=action,
        subject=notice,
        body={"case": notice.case_id, "number": notice.number, **body},
    )


def _move(notice: Notice, to: str) -> None:
    if to not in NOTICE_MOVES[notice.state]:
        raise Conflict("notice_moved", _("This notice moved on since you opened it."))
    notice.state = to


def _locked(notice: Notice) -> Notice:
    return Notice.objects.select_for_update().get(pk=notice.pk)


def notice_send(*, user: User, notice: Notice, tracking: str = "") -> Notice:
    """Send a prepared notice under its authorisation, once.

    In one transaction the case and the authorisation are held, the act is recorded and the ledger is asked again:
    revoked, paid, held or changed, it is not sent. Registered mail is handed in by a person, who gives its tracking
    number. An e-mail is claimed, and the claim committed, before the server is spoken to: when the answer is lost the
    notice is in doubt and is never sent again by itself (``notice_settle``).
    """
    _may(user)
    if notice.channel == NoticeChannel.EMAIL:
        return _mailed(user=user, notice=notice)
    tracking = tracking.strip()
    if not 5 <= len(tracking) <= LONGEST_TRACKING:
        raise Refused("notice_tracking", _("Give the tracking number of the registered letter."), field="tracking")
    with in_words():
        locked = _under_authority(user=user, notice=notice, reference=tracking)
        locked.tracking = tracking
        locked.save(update_fields=["state", "act", "sent_at", "tracking"])
    return locked


def _under_authority(*, user: User, notice: Notice, reference: str, doubt: bool = False) -> Notice:
    """The notice as sent, not saved: everything that must hold is held and looked at again."""
    today = clock.today()
    Client.held(client_id=notice.client_id)
    Case.objects.select_for_update(no_key=True).get(pk=notice.case_id)
    case, locked = _case(notice.case_id), _locked(notice)
    _move(locked, NoticeState.SENT)
    act = act_record(
        user=user,
        authorisation=locked.authorisation,
        kind=ActKind.FINAL_NOTICE,
        on=today,
        reference=reference[:60],
        note=locked.number,
        paper=locked.paper,
    )
    if not doubt:
        items = notice_items(case=case, authorisation=locked.authorisation, on=today)
        amount = amount_of(items)
        _servable(case=case, authorisation=locked.authorisation, amount=amount, on=today)
        if amount != locked.amount:
            raise Refused("notice_amount", _("The balance changed since this notice was prepared. Prepare a new one."))
        steps_to_name(case=case, authorisation=locked.authorisation, on=today, until=locked.pay_by)
        if (locked.pay_by - today).days < LEAST_DAYS:
            raise Refused("notice_late", _("The day to pay by is too near now. Prepare a new notice."))
    locked.act, locked.sent_at = act, clock.now()
    _recorded(user, locked, "notice.sent", channel=locked.channel, amount=locked.amount, doubt=doubt)
    return locked


def _mailed(*, user: User, notice: Notice) -> Notice:
    message_id = f"<{notice.number.lower()}@{_mail_domain()}>"
    with transaction.atomic():
        locked = _locked(notice)
        _move(locked, NoticeState.SENT)
        if locked.claimed_at is not None:
            raise Conflict("notice_doubt", _("It is not known whether this notice went out. Settle that first."))
        locked.state, locked.claimed_at, locked.message_id = NoticeState.PREPARED, clock.now(), message_id
        locked.save(update_fields=["claimed_at", "message_id"])
    try:
        with in_words():
            locked = _under_authority(user=user, notice=notice, reference=message_id.strip("<>"))
            locked.save(update_fields=["state", "act", "sent_at"])
            message = _message(notice=locked, message_id=message_id)
            # Last: whatever can be refused, by the database too, was refused before.
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            message.send(fail_silently=False)
    except (Refused, smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, ConnectionRefusedError) as error:
        # Nothing went out: the server said so, or was not asked.
        _unclaimed(notice)
        if isinstance(error, Refused):
            raise
        raise Refused("notice_mail", _("The mail server did not take the notice. Nothing was sent.")) from error
    except (smtplib.SMTPException, OSError) as error:
        raise Refused(
            "notice_doubt", _("The mail server stopped answering: it is not known whether the notice went out.")
        ) from error
    return locked


def _mail_domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"


def _unclaimed(notice: Notice) -> None:
    with transaction.atomic():
        Notice.objects.filter(pk=notice.pk, state=NoticeState.PREPARED).update(claimed_at=None)


def _message(*, notice: Notice, message_id: str) -> EmailMessage:
    point, party = notice.contact_point, notice.case.debtor.party
    if point is None or party.wrapped_key is None:
        raise Refused("notice_address", _("An e-mail needs an address."))
    address = crypto.decrypt(
        key=crypto.unwrap(wrapped=bytes(party.wrapped_key)), sealed=bytes(point.value_sealed), column="contact_point"
    )
    paper = Paper.objects.select_related("case__debtor__party").get(pk=notice.paper_id)
    with translation.override(paper.language):
        context = parties_context(case=_case(notice.case_id), language=paper.language)
        days = (notice.pay_by - clock.today()).days
        body = gettext(
            "Greetings,\n\nenclosed is notice %(number)s of %(client)s about an account with it, by %(agency)s.\n"
        ) % {"number": notice.number, "client": context["client_name"], "agency": context["agency"]["name"]}
        body += ngettext(
            "It asks for an answer within %(days)d day.", "It asks for an answer within %(days)d days.", days
        ) % {"days": days}
        if context["agency"]["phone"]:
            body += "\n" + gettext("Telephone") + " " + context["agency"]["phone"]
        # The subject says nothing of a debt: others may see it.
        subject = gettext("Notice %(number)s") % {"number": notice.number}
    message = EmailMessage(subject=subject, body=body, to=[address], headers={"Message-ID": message_id})
    message.attach(f"{notice.number}.pdf", paper_content(paper=paper), "application/pdf")
    return message


def notice_settle(*, user: User, notice: Notice, went_out: bool, reason: str) -> Notice:
    """Say what became of an e-mail whose answer was lost, as the mail server's log tells by its Message-ID.

    When it went out the act is recorded now, under the same authorisation; when it did not, it may be sent again.
    Raises Conflict for a notice that is not in doubt, Refused without a word on how that is known.
    """
    _may(user)
    reason = _said(reason)
    with in_words():
        if went_out:
            locked = _under_authority(user=user, notice=notice, reference=notice.message_id.strip("<>"), doubt=True)
        else:
            locked = _locked(notice)
        if locked.claimed_at is None or (not went_out and locked.state != NoticeState.PREPARED):
            raise Conflict("notice_moved", _("This notice moved on since you opened it."))
        if went_out:
            locked.sent_at = locked.claimed_at
        else:
            locked.claimed_at = None
        locked.save(update_fields=["state", "act", "sent_at", "claimed_at"])
        _recorded(user, locked, "notice.settled", went_out=went_out, reason=reason)
    return locked


def _said(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise Refused("notice_reason", _("Say why."), field="reason")
    if len(reason) > 300:
        words = _("A reason has at most %(limit_value)d characters.") % {"limit_value": 300}
        raise Refused("notice_reason", words, field="reason")
    return reason


def notice_served(*, user: User, notice: Notice, on: dt.date, name: str, content: bytes) -> Notice:
    """It was served on a day, and here is the proof. Raises Refused for a day before it was sent, or ahead of today."""
    _may(user)
    with transaction.atomic():
        locked = _locked(notice)
        _move(locked, NoticeState.SERVED)
        sent_on = locked.sent_at.astimezone(clock.RIYADH).date() if locked.sent_at else clock.today()
        if not sent_on <= on <= clock.today():
            raise Refused("notice_served", _("Between the day it was sent and today."), field="on")
        locked.proof = paper_add(
            user=user, case=_case(locked.case_id), kind=PaperKind.SERVICE_PROOF,
            title=gettext("Proof of service of %(number)s") % {"number": locked.number}, name=name, content=content,
            authorisation=locked.authorisation,
        )  # fmt: skip
        locked.served_on = on
        locked.save(update_fields=["state", "served_on", "proof"])
        _recorded(user, locked, "notice.served", on=on, proof=locked.proof.sha256)
    return locked


def notice_failed(*, user: User, notice: Notice, reason: str) -> Notice:
    """It came back, or could not be served, with what was said."""
    return _over(user=user, notice=notice, to=NoticeState.FAILED, reason=reason)


def notice_void(*, user: User, notice: Notice, reason: str) -> Notice:
    """A prepared notice that is not sent after all; one in doubt is settled first."""
    return _over(user=user, notice=notice, to=NoticeState.VOID, reason=reason)


def _over(*, user: User, notice: Notice, to: NoticeState, reason: str) -> Notice:
    _may(user)
    reason = _said(reason)
    with transaction.atomic():
        locked = _locked(notice)
        if to == NoticeState.VOID and locked.claimed_at is not None:
            raise Conflict("notice_doubt", _("It is not known whether this notice went out. Settle that first."))
        _move(locked, to)
        locked.outcome = reason
        locked.save(update_fields=["state", "outcome"])
        _recorded(user, locked, f"notice.{to.lower()}", reason=reason)
    return locked
