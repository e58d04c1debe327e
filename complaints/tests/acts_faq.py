"""What each act on what is published leaves in the audit trail (``tests/test_acts_are_recorded.py``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.choices import Role
from common import clock
from complaints.selectors.policy_texts import policy_published
from complaints.services.aside_decisions import aside_dismiss, aside_take
from complaints.services.editions import edition_edit, edition_withdraw
from complaints.services.editions_shipped import editions_ship
from complaints.services.mails import mail_take
from complaints.services.policy_readings import policy_read
from complaints.tests.imap_world import a_mail
from complaints.tests.published_worlds import QUESTION, a_draft, approved
from tests.world import a_case, make_user


def _aside(w: Any) -> Any:
    a_case(w.client, ref="D-MAIL", email="sami@example.com")
    mail = mail_take(raw=a_mail(Auto_Submitted="auto-replied"), at=clock.now())
    return mail.aside, make_user(Role.COMPLAINTS_OFFICER)


Act = tuple[Callable[[Any], Any] | None, Callable[..., Any], dict[str, int]]


def _drafted(w: Any) -> Any:
    return a_draft(by=make_user(Role.QUALITY_OFFICER))


def _policy(w: Any) -> Any:
    editions_ship()
    return policy_published(code="COMPLAINTS"), make_user(Role.COLLECTOR, name="reader")


ACTS: dict[str, Act] = {
    "complaints.edition_draft": (
        lambda w: make_user(Role.QUALITY_OFFICER),
        lambda w, by: a_draft(by=by),
        {"faqentry.drafted": 1},
    ),
    "complaints.edition_edit": (
        _drafted,
        lambda w, draft: edition_edit(
            user=draft.prepared_by, edition=draft, told=QUESTION | {"position": 7}, at=clock.now()
        ),
        {"faqentry.edited": 1},
    ),
    "complaints.edition_approve": (
        lambda w: (_drafted(w), make_user(Role.GENERAL_MANAGER)),
        lambda w, t: approved(t[0], by=t[1]),
        {"faqentry.approved": 1},
    ),
    "complaints.edition_withdraw": (
        _drafted,
        lambda w, draft: edition_withdraw(user=draft.prepared_by, edition=draft, reason="لا حاجة إليه"),
        {"faqentry.withdrawn": 1},
    ),
    "complaints.policy_read": (
        _policy,
        lambda w, t: policy_read(user=t[1], policy=t[0], at=clock.now()),
        {"policy.read": 1},
    ),
    "complaints.aside_take": (
        _aside,
        lambda w, t: aside_take(user=t[1], aside=t[0], kind="ENQUIRY", at=clock.now()),
        {"aside_mail.taken": 1, "matter.registered": 1, "matter.moved": 1, "message.queued": 2},
    ),
    "complaints.aside_dismiss": (
        _aside,
        lambda w, t: aside_dismiss(user=t[1], aside=t[0], reason="ردّ آلي", at=clock.now()),
        {"aside_mail.dismissed": 1},
    ),
}

WITHIN = {
    "complaints.aside_keep": "part of reading a mail, whose row it leaves",
    "complaints.aside_shown": "opens a mail for a page that wrote the look down",
    "complaints.aside_letter": "opens a mail for the act that takes it",
    "complaints.letter_taken": "reads",
    "complaints.letter_follow": "part of the act that takes a letter; matter, note and papers leave their rows",
    "complaints.edition_digest": "reads",
    "complaints.editions_ship": "what is shipped, once, in a migration",
    "complaints.letters_ship": "what is shipped, once, in a migration",
    "complaints.letter_text": "reads, or writes down what is shipped",
    "complaints.letter_drawn": "draws a letter that is kept nowhere",
    "complaints.code_of": "reads",
}
