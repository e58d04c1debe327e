"""A mail becomes a matter, or a note on the one it answers (CR-01). The mailbox itself is read by ``mail_box.py``."""

from __future__ import annotations

import datetime as dt
from email.utils import parseaddr

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from collections_app.choices import OPEN_CASE
from collections_app.models import Case, ContactPoint
from common import crypto
from common.audit import Actor, record
from common.exceptions import Refused
from common.papers import paper_checked
from complaints.choices import Complainant, Intake, MailResult, NoteKind, Stage
from complaints.models import Mail, Matter
from complaints.rules.mails import Letter, letter_of
from complaints.services.aside_mails import aside_keep
from complaints.services.intake import Upload, matter_paper_receive, matter_take
from complaints.services.matters import Told, note_add
from parties.rules.identifiers import normalise_email

ACTOR = Actor.system("mailbox")
LOCK = 0x4D_41_49_4C


def our_addresses() -> frozenset[str]:
    """What the house writes from, and the mailbox itself."""
    told = (str(settings.DEFAULT_FROM_EMAIL), str(settings.IMAP.get("user", "")))
    return frozenset(parseaddr(text)[1].lower() for text in told if "@" in text)


def mail_take(*, raw: bytes, at: dt.datetime) -> Mail:
    """Take in one mail, read ``at``: registered, noted on the open matter whose reference it names, or set aside.

    Read again it is the mail that was read before. What is no paper among its files is named in the words.
    """
    letter = letter_of(raw=raw, ours=our_addresses())
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two readers of one mailbox: the second finds what the first wrote.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        known = Mail.objects.filter(mark=letter.mark).first()
        if known is not None:
            return known
        reason, matter, result = letter.aside, None, MailResult.ASIDE
        if not reason:
            try:
                address = normalise_email(letter.sender)
            except ValueError:
                reason = "NO_SENDER"
            else:
                matter, result = letter_follow(actor=ACTOR, letter=letter, address=address, at=at)
        mail = Mail.objects.create(
            mark=letter.mark, result=result, reason=reason, matter=matter, sent_at=letter.sent_at, read_at=at
        )
        if result == MailResult.ASIDE:
            aside_keep(mail=mail, letter=letter, raw=raw)
        record(
            actor=ACTOR,
            action="mail.read",
            subject=mail,
            client_id=matter.client_id if matter else None,
            body={"result": result, "reason": reason, "matter": matter.reference if matter else ""},
        )
    return mail


def letter_follow(
    *, actor: Actor, letter: Letter, address: str, at: dt.datetime, user: User | None = None
) -> tuple[Matter, MailResult]:
    """What a letter becomes, in the caller's transaction: a note on the open matter it names, else a matter of its own.

    ``address`` is empty where nobody can be answered.
    """
    papers, left = _papers(letter)
    words = letter.words + (f"\n\n{_('Not kept, for it is no paper:')} {' · '.join(left)}" if left else "")
    answered = Matter.objects.filter(reference__in=letter.references).order_by("-pk").first()
    theirs = answered is not None and _theirs(answered, address)
    if answered is not None and not theirs:
        words = f"{_('From another address than that of')} {answered.reference}: {address or '–'}\n\n{words}"
    if answered is None or answered.stage == Stage.CLOSED or answered.wrapped_key is None:
        taken = _taken(letter, actor=actor, words=words, papers=papers, address=address, at=at, user=user,
                       answered=answered if theirs else None)  # fmt: skip
        return taken, MailResult.TAKEN
    # Who knows a reference may add to it; whether it is the complainant, their address says.
    note_add(
        actor=actor, matter=answered, kind=NoteKind.FROM_COMPLAINANT if theirs else NoteKind.NOTE, at=at, words=words,
        user=user,
    )  # fmt: skip
    for paper in papers:
        matter_paper_receive(actor=actor, matter=answered, paper=paper, at=at, user=user)
    return answered, MailResult.NOTED


def _theirs(matter: Matter, address: str) -> bool:
    """Whether an address is the complainant's own. References are numbers in a row: naming one proves nothing."""
    return bool(address) and crypto.blind_index(value=address, kind="EMAIL") == bytes(matter.email_index or b"")


def _papers(letter: Letter) -> tuple[list[Upload], list[str]]:
    """The papers among the files of a mail, and the names of what is none."""
    kept, left = [], []
    for file in letter.files:
        try:
            paper_checked(content=file.content)
        except Refused:
            left.append(file.name or "?")
        else:
            kept.append(Upload(name=file.name, content=file.content))
    return kept, left


def _taken(
    letter: Letter,
    *,
    actor: Actor,
    words: str,
    papers: list[Upload],
    address: str,
    answered: Matter | None,
    at: dt.datetime,
    user: User | None,
) -> Matter:
    """A matter of its own; the complainant's answer to a closed one is about it again."""
    case = answered.case if answered is not None else _case_of(address) if address else None
    told = Told(
        kind=letter.kind, intake=Intake.EMAIL, words=words, name=letter.name, email=address, language=letter.language,
        complainant=answered.complainant if answered else Complainant.DEBTOR if case else Complainant.OTHER, case=case,
        category=answered.category if answered else None,
    )  # fmt: skip
    matter = matter_take(actor=actor, told=told, at=at, user=user)
    for paper in papers:  # however many: they came
        matter_paper_receive(actor=actor, matter=matter, paper=paper, at=at, user=user)
    if answered is not None:
        matter.repeats = answered
        matter.save(update_fields=["repeats"])
    return matter


def _case_of(address: str) -> Case | None:
    """The one open case whose account holder has this address; None where there is none, or more than one."""
    points = ContactPoint.objects.filter(
        kind="EMAIL", value_index=crypto.blind_index(value=address, kind="EMAIL"), replaced_at__isnull=True
    )
    found = Case.objects.filter(debtor__in=points.values("debtor"), status__in=OPEN_CASE)
    cases = list(found.select_related("debtor__party", "client")[:2])
    return cases[0] if len(cases) == 1 else None
