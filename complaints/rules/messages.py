"""Messages about matters, as they are shipped; people may change each text afterwards (ADR 0039)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from common.messages import MessageKind, Place, Text
from complaints.choices import MatterKind

REFERENCE = Place(name="reference", words=_("Reference"), example_ar="C-2026-000042", example_en="C-2026-000042")
KIND = Place(name="kind", words=_("What was told"), example_ar="شكواكم", example_en="your complaint")
ANSWER_BY = Place(name="answer_by", words=_("Answered by"), example_ar="2026-04-02", example_en="2026-04-02")
# What a message calls it, by the language of the message and not of whoever works.
RECEIVED_NAMES: Mapping[str, Mapping[str, str]] = {
    "ar": {
        MatterKind.COMPLAINT: "شكواكم",
        MatterKind.ENQUIRY: "استفساركم",
        MatterKind.SUGGESTION: "مقترحكم",
        MatterKind.APPRECIATION: "شكركم",
    },
    "en": {
        MatterKind.COMPLAINT: "your complaint",
        MatterKind.ENQUIRY: "your enquiry",
        MatterKind.SUGGESTION: "your suggestion",
        MatterKind.APPRECIATION: "your kind words",
    },
}

RECEIVED = MessageKind(
    code="MATTER_RECEIVED",
    words=_("What was told is registered"),
    places=(REFERENCE, KIND, ANSWER_BY),
    texts=(
        Text(
            channel="EMAIL",
            language="ar",
            subject="استلمنا {kind}، المرجع {reference}",
            body=(
                "السلام عليكم ورحمة الله،\n\n"
                "استلمنا {kind}، والرقم المرجعي {reference}.\n"
                "نردّ عليكم في موعد أقصاه {answer_by}، وإن احتجنا إلى بيانات أخرى تواصلنا معكم.\n\n"
                "يمكنكم إضافة ما لديكم بالرد على هذه الرسالة مع إبقاء الرقم المرجعي في عنوانها.\n\n"
                "شكرًا لكم."
            ),
        ),
        Text(
            channel="EMAIL",
            language="en",
            subject="We have {kind}, reference {reference}",
            body=(
                "Greetings,\n\n"
                "we have received {kind} and registered it under the reference {reference}.\n"
                "You have our answer by {answer_by} at the latest; if we need anything else we will tell you.\n\n"
                "To add something, answer this message and leave the reference in its subject.\n\n"
                "Thank you."
            ),
        ),
        Text(
            channel="SMS",
            language="ar",
            body="استلمنا {kind}، الرقم المرجعي {reference}. نردّ عليكم في موعد أقصاه {answer_by}.",
        ),
        Text(
            channel="SMS",
            language="en",
            body="We have {kind}, reference {reference}. You have our answer by {answer_by}.",
        ),
    ),
)

MISSING = MessageKind(
    code="MATTER_MISSING",
    words=_("Something is missing"),
    places=(
        REFERENCE,
        Place(
            name="missing",
            words=_("What is missing"),
            example_ar="رقم الحساب المعني، المستندات التي تستند إليها",
            example_en="which account it is about, the documents it stands on",
        ),
    ),
    texts=(
        Text(
            channel="EMAIL",
            language="ar",
            subject="نحتاج إلى بيانات لاستكمال {reference}",
            body=(
                "السلام عليكم ورحمة الله،\n\n"
                "لكي ننظر في طلبكم {reference} نحتاج إلى ما يلي: {missing}.\n"
                "يمكنكم إرساله ردًا على هذه الرسالة مع إبقاء الرقم المرجعي في عنوانها، ونواصل العمل فور وصوله.\n\n"
                "شكرًا لكم."
            ),
        ),
        Text(
            channel="EMAIL",
            language="en",
            subject="We need something more for {reference}",
            body=(
                "Greetings,\n\n"
                "to look into {reference} we need the following: {missing}.\n"
                "Please answer this message and leave the reference in its subject; we go on as soon as we have it."
                "\n\nThank you."
            ),
        ),
        Text(channel="SMS", language="ar", body="طلبكم {reference}: نحتاج إلى {missing} لنواصل النظر فيه."),
        Text(channel="SMS", language="en", body="{reference}: to go on we need the following: {missing}."),
    ),
)

SOLVED = MessageKind(
    code="MATTER_SOLVED_AT_ONCE",
    words=_("It was solved at once"),
    places=(REFERENCE,),
    texts=(
        Text(
            channel="EMAIL",
            language="ar",
            subject="انتهى النظر في {reference}",
            body=(
                "السلام عليكم ورحمة الله،\n\n"
                "سُجّل طلبكم {reference} محلولًا كما اتفقنا معكم.\n"
                "إن لم يكن كذلك فردّوا على هذه الرسالة، وننظر فيه من جديد.\n\n"
                "شكرًا لكم."
            ),
        ),
        Text(
            channel="EMAIL",
            language="en",
            subject="{reference} is solved",
            body=(
                "Greetings,\n\n"
                "as agreed with you, {reference} is registered as solved.\n"
                "If it is not, please answer this message, and we look into it again.\n\n"
                "Thank you."
            ),
        ),
        Text(
            channel="SMS",
            language="ar",
            body="سُجّل طلبكم {reference} محلولًا كما اتفقنا. إن لم يكن كذلك فتواصلوا معنا وننظر فيه من جديد.",
        ),
        Text(
            channel="SMS",
            language="en",
            body="As agreed, {reference} is registered as solved. If it is not, tell us and we look into it again.",
        ),
    ),
)

REGISTER_MESSAGES = (RECEIVED, MISSING, SOLVED)
MESSAGES = (*REGISTER_MESSAGES,)
