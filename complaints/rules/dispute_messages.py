"""Messages of disputes, as they are shipped; each carries its letter (ADR 0039). People may change each text."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.messages import MessageKind, Place, Text
from common.wording import BUREAU

DISPUTE = Place(name="dispute", words=_("Dispute"), example_ar="D-2026-000042", example_en="D-2026-000042")
OBJECTOR = Place(
    name="objector", words=_("Objector"), example_ar="لطيفة بنت سعد المالكي", example_en="Latifa Saad Al-Malki"
)
CLIENT = Place(name="client", words=_("Client"), example_ar="رواسي للتمويل", example_en="Rawasi Finance")
RECIPIENT = Place(name="recipient", words=_("Recipient"), example_ar="بنك الواحة", example_en="Waha Bank")
BY = Place(name="due_on", words=_("Last day"), example_ar="2026-11-22", example_en="2026-11-22")


def _mail(language: str, subject: str, body: str) -> Text:
    return Text(channel="EMAIL", language=language, subject=subject, body=body)


DISPUTE_MEMBER_NOTICE = MessageKind(
    code="DISPUTE_MEMBER_NOTICE",
    words=_("Notice of an objection to the member"),
    places=(DISPUTE, CLIENT, BY),
    may_name=frozenset({BUREAU}),
    texts=(
        _mail(
            "ar",
            "اعتراض على معلومة ائتمانية {dispute}",
            "السلام عليكم،\n\nورد اعتراض على معلومة قدمتها {client}. مرفق إشعار مكتوب بكل ما قدّمه المعترض.\n"
            "آخر يوم للرد: {due_on}\n\nإن لم يرد الرد في موعده عُدّ ذلك قرينة على صحة ما قدّمه المعترض.\n\nشكرًا لكم.",
        ),
        _mail(
            "en",
            "Objection to a credit record item {dispute}",
            "Greetings,\n\nan objection was made to an item supplied by {client}. The written notice with all that the "
            "objector submitted is enclosed.\nLast day for a reply: {due_on}\n\nWithout a reply by then, what the "
            "objector submitted is presumed right.\n\nThank you.",
        ),
    ),
)

DISPUTE_PROGRESS = MessageKind(
    code="DISPUTE_PROGRESS",
    words=_("Steps taken in a dispute"),
    places=(OBJECTOR, DISPUTE, CLIENT),
    may_name=frozenset({BUREAU}),
    texts=(
        _mail(
            "ar",
            "ما اتُّخذ في اعتراضكم {dispute}",
            "السلام عليكم {objector}،\n\nمرفق بيان بالإجراءات المتخذة للتحقيق في اعتراضكم {dispute} على معلومة "
            "قدمتها {client}.\n\nشكرًا لكم.",
        ),
        _mail(
            "en",
            "Steps taken in your objection {dispute}",
            "Greetings {objector},\n\nthe enclosed letter tells the steps taken to investigate your objection "
            "{dispute} to an item supplied by {client}.\n\nThank you.",
        ),
    ),
)

DISPUTE_RESULT = MessageKind(
    code="DISPUTE_RESULT",
    words=_("Result of a dispute"),
    places=(OBJECTOR, DISPUTE, CLIENT),
    may_name=frozenset({BUREAU}),
    texts=(
        _mail(
            "ar",
            "نتيجة اعتراضكم {dispute}",
            "السلام عليكم {objector}،\n\nانتهى التحقيق في اعتراضكم {dispute} على معلومة قدمتها {client}، والنتيجة "
            "مفصلة في الخطاب المرفق.\n\nشكرًا لكم.",
        ),
        _mail(
            "en",
            "Result of your objection {dispute}",
            "Greetings {objector},\n\nthe investigation of your objection {dispute} to an item supplied by {client} "
            "has ended. The enclosed letter tells its result.\n\nThank you.",
        ),
    ),
)

DISPUTE_RECIPIENT = MessageKind(
    code="DISPUTE_RECIPIENT",
    words=_("Notice to a recipient of the record"),
    places=(RECIPIENT, DISPUTE),
    may_name=frozenset({BUREAU}),
    texts=(
        _mail(
            "ar",
            "إشعار بشأن تقرير ائتماني سابق {dispute}",
            "السلام عليكم {recipient}،\n\nمرفق إشعار مكتوب يخص معلومة وردت في تقرير ائتماني سبق أن حصلتم عليه.\n\n"
            "شكرًا لكم.",
        ),
        _mail(
            "en",
            "Notice on an earlier credit report {dispute}",
            "Greetings {recipient},\n\nthe enclosed notice concerns an item in a credit report that you received "
            "earlier.\n\nThank you.",
        ),
    ),
)

DISPUTE_ORDER = MessageKind(
    code="DISPUTE_ORDER",
    words=_("Order to correct an item"),
    places=(DISPUTE, CLIENT, BY),
    may_name=frozenset({BUREAU}),
    texts=(
        _mail(
            "ar",
            "تصحيح معلومة ائتمانية {dispute}",
            "السلام عليكم،\n\nصدر القرار في الاعتراض {dispute} على معلومة قدمتها {client}، ومرفق أمر الحذف أو "
            "التعديل.\nآخر يوم للتصحيح: {due_on}\n\nشكرًا لكم.",
        ),
        _mail(
            "en",
            "Correction of a credit record item {dispute}",
            "Greetings,\n\nthe objection {dispute} to an item supplied by {client} was decided. The order to delete or "
            "amend it is enclosed.\nLast day for the correction: {due_on}\n\nThank you.",
        ),
    ),
)

DISPUTE_ANSWER = MessageKind(
    code="DISPUTE_ANSWER",
    words=_("The member's answer to a dispute"),
    places=(DISPUTE, CLIENT),
    may_name=frozenset({BUREAU}),
    texts=(
        _mail(
            "ar",
            "ردّ العضو على الاعتراض {dispute}",
            "السلام عليكم،\n\nمرفق ردّ {client} على الاعتراض {dispute} مع أدلته: العقد وكشف الحساب وسجل التواصل "
            "والموافقات.\n\nشكرًا لكم.",
        ),
        _mail(
            "en",
            "The member's answer to objection {dispute}",
            "Greetings,\n\nenclosed is the answer of {client} to objection {dispute} with its evidence: contract, "
            "statement of account, contacts and consents.\n\nThank you.",
        ),
    ),
)

MESSAGES = (
    DISPUTE_MEMBER_NOTICE,
    DISPUTE_PROGRESS,
    DISPUTE_RESULT,
    DISPUTE_RECIPIENT,
    DISPUTE_ORDER,
    DISPUTE_ANSWER,
)
