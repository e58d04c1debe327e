"""Messages while a matter is handled: progress, result, further ways, closing, the code to follow it (CX-13, CX-19).

An SMS never says what a matter is about: others may see it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from common.messages import MessageKind, Place, Text
from common.wording import REGULATOR
from complaints.choices import Outcome, Stage
from complaints.rules.messages import ANSWER_BY, KIND, REFERENCE

# How long a code to follow a matter is good for.
CODE_LIVES = dt.timedelta(minutes=10)
STEP = Place(
    name="step", words=_("What was done"), example_ar="اكتمل التحقق منها", example_en="it has been looked into"
)
PLAN = Place(
    name="plan",
    words=_("What will be done"),
    example_ar="نستمع إلى تسجيل المكالمات ونراجع سجل التواصل",
    example_en="we listen to the recorded calls and go through the contact log",
)
FOLLOW = Place(
    name="follow", words=_("Where it is followed"), example_ar="https://example.com/follow/",
    example_en="https://example.com/follow/", is_link=True,
)  # fmt: skip
RATE = Place(
    name="rate", words=_("Where it is rated"), example_ar="https://example.com/rate/abc/",
    example_en="https://example.com/rate/abc/", is_link=True, is_secret=True,
)  # fmt: skip
OUTCOME = Place(name="outcome", words=_("Result"), example_ar="مبررة", example_en="justified")
WAYS = Place(
    name="ways",
    words=_("Further ways"),
    example_ar="رئيس الإدارة المعنية، ثم البنك المركزي السعودي",
    example_en="the head of the department, then the Saudi Central Bank",
)
LEVEL = Place(name="level", words=_("Level"), example_ar="المدير العام", example_en="the general manager")
CODE = Place(name="code", words=_("Code"), example_ar="482913", example_en="482913", is_secret=True)

# What is said of a step that was taken, by the language of the message.
STEPS: Mapping[str, Mapping[str, str]] = {
    "ar": {
        Stage.INVESTIGATED: "اكتمل التحقق، ونكتب النتيجة الآن",
        Stage.RESPONDED: "صدرت النتيجة، ونبلغكم بها قريبًا",
    },
    "en": {
        Stage.INVESTIGATED: "it has been looked into, and the result is being written",
        Stage.RESPONDED: "it has been decided, and you will have the result shortly",
    },
}
OUTCOMES: Mapping[str, Mapping[str, str]] = {
    "ar": {
        Outcome.JUSTIFIED: "مبررة",
        Outcome.PARTLY: "مبررة جزئيًا",
        Outcome.UNJUSTIFIED: "غير مبررة",
        Outcome.ANSWERED: "تم الرد",
        Outcome.NOT_OURS: "لا تتعلق بخدماتنا",
        Outcome.WITHDRAWN: "سُحبت بطلب مقدمها",
        Outcome.DUPLICATE: "سبق تسجيلها",
    },
    "en": {
        Outcome.JUSTIFIED: "justified",
        Outcome.PARTLY: "partly justified",
        Outcome.UNJUSTIFIED: "not justified",
        Outcome.ANSWERED: "answered",
        Outcome.NOT_OURS: "not about our service",
        Outcome.WITHDRAWN: "withdrawn",
        Outcome.DUPLICATE: "told before",
    },
}


def _texts(*, subject: tuple[str, str], mail: tuple[str, str], sms: tuple[str, str]) -> tuple[Text, ...]:
    """One kind's texts, Arabic and English, by e-mail and SMS."""
    hello, thanks = ("السلام عليكم ورحمة الله،\n\n", "Greetings,\n\n"), ("\n\nشكرًا لكم.", "\n\nThank you.")
    return tuple(
        text
        for at, language in enumerate(("ar", "en"))
        for text in (
            Text(channel="EMAIL", language=language, subject=subject[at], body=hello[at] + mail[at] + thanks[at]),
            Text(channel="SMS", language=language, body=sms[at]),
        )
    )


STUDIED = MessageKind(
    code="MATTER_STUDIED",
    words=_("It was studied, and what will be done"),
    places=(REFERENCE, KIND, PLAN, ANSWER_BY, FOLLOW),
    texts=_texts(
        subject=("بدأ النظر في {reference}", "{reference} is being looked into"),
        mail=(
            "درسنا {kind} {reference}، وبدأ المختصون معالجة الأمر. ما سنعمله: {plan}.\n"
            "تصلكم النتيجة في موعد أقصاه {answer_by}، ويمكنكم متابعتها هنا: {follow}",
            "we have studied {kind} {reference} and passed it to those who handle it. What we will do: {plan}.\n"
            "You have the result by {answer_by} at the latest, and can follow it here: {follow}",
        ),
        sms=(
            "بدأ النظر في {reference}، والنتيجة في موعد أقصاه {answer_by}. للمتابعة: {follow}",
            "{reference} is being looked into; the result comes by {answer_by}. Follow it: {follow}",
        ),
    ),
)
PROGRESS = MessageKind(
    code="MATTER_PROGRESS",
    words=_("A step was taken"),
    places=(REFERENCE, KIND, STEP, ANSWER_BY, FOLLOW),
    texts=_texts(
        subject=("مستجد في {reference}", "News of {reference}"),
        mail=(
            "مستجد في {kind} {reference}: {step}.\nالموعد الأقصى {answer_by}، ويمكنكم متابعتها هنا: {follow}",
            "news of {kind} {reference}: {step}.\nThe latest day is {answer_by}, and you can follow it here: {follow}",
        ),
        sms=("{reference}: {step}. للمتابعة: {follow}", "{reference}: {step}. Follow it: {follow}"),
    ),
)
RESULT = MessageKind(
    code="MATTER_RESULT",
    words=_("The result"),
    places=(REFERENCE, KIND, OUTCOME, WAYS, FOLLOW),
    texts=_texts(
        subject=("نتيجة {reference}", "The result of {reference}"),
        mail=(
            "انتهينا من {kind} {reference}، والنتيجة: {outcome}. الخطاب المرفق يبين الأسباب وما عُمل.\n"
            "إن لم توافقوا على النتيجة فلكم الرجوع إلى: {ways}.\nوللاطلاع أو الاعتراض: {follow}",
            "we have finished with {kind} {reference}. Result: {outcome}. The enclosed letter gives the reasons and "
            "what was done.\nIf you do not agree you may turn to: {ways}.\nTo read it or to disagree: {follow}",
        ),
        sms=(
            "صدرت نتيجة {reference}. للاطلاع عليها أو الاعتراض: {follow}",
            "The result of {reference} is there. To read it or to disagree: {follow}",
        ),
    ),
    may_name=frozenset({REGULATOR}),
)
ANSWERED = MessageKind(
    code="MATTER_ANSWERED",
    words=_("The answer to an enquiry or comment"),
    places=(REFERENCE, KIND, FOLLOW),
    texts=_texts(
        subject=("ردّنا على {reference}", "Our answer to {reference}"),
        mail=(
            "ردّنا على {kind} {reference} في الخطاب المرفق، ويمكنكم الاطلاع عليه هنا أيضًا: {follow}",
            "our answer to {kind} {reference} is in the enclosed letter, and can be read here as well: {follow}",
        ),
        sms=("ردّنا على {reference} جاهز: {follow}", "Our answer to {reference} is there: {follow}"),
    ),
)
RIGHTS = MessageKind(
    code="MATTER_RIGHTS",
    words=_("The further ways"),
    places=(REFERENCE, KIND, WAYS, FOLLOW),
    texts=_texts(
        subject=("حقوقكم بشأن {reference}", "Your rights in {reference}"),
        mail=(
            "إن لم توافقوا على نتيجة {kind} {reference} فلكم الرجوع إلى: {ways}. التفاصيل في الملخص المرفق.\n"
            "وللاعتراض لدينا: {follow}",
            "if you do not agree with the result of {kind} {reference} you may turn to: {ways}. The enclosed summary "
            "says more.\nTo disagree with us: {follow}",
        ),
        sms=(
            "إن لم توافقوا على نتيجة {reference} فلكم الرجوع إلى: {ways}. {follow}",
            "If you do not agree with the result of {reference} you may turn to: {ways}. {follow}",
        ),
    ),
    may_name=frozenset({REGULATOR}),
)
REOPENED = MessageKind(
    code="MATTER_REOPENED",
    words=_("It goes to the next level"),
    places=(REFERENCE, KIND, LEVEL, ANSWER_BY, FOLLOW),
    texts=_texts(
        subject=("أُعيد فتح {reference}", "{reference} is open again"),
        mail=(
            "وصلنا اعتراضكم على النتيجة، وأُعيد فتح {kind} {reference} لدى {level}.\n"
            "تصلكم النتيجة في موعد أقصاه {answer_by}، ويمكنكم متابعتها هنا: {follow}",
            "we have your disagreement, and {kind} {reference} is open again with {level}.\n"
            "You have the result by {answer_by} at the latest, and can follow it here: {follow}",
        ),
        sms=(
            "أُعيد فتح {reference} لدى {level}، والنتيجة في موعد أقصاه {answer_by}. {follow}",
            "{reference} is open again with {level}; the result comes by {answer_by}. {follow}",
        ),
    ),
)
OUTSIDE = MessageKind(
    code="MATTER_OUTSIDE",
    words=_("The house has decided; whom to turn to outside"),
    places=(REFERENCE, KIND, WAYS),
    texts=_texts(
        subject=("بشأن اعتراضكم على نتيجة {reference}", "Your disagreement with the result of {reference}"),
        mail=(
            "وصلنا اعتراضكم على نتيجة {kind} {reference}. نُظر فيها على جميع المستويات لدينا، ولكم الرجوع إلى: {ways}.",
            "we have your disagreement with the result of {kind} {reference}. It has been through every level of our "
            "house; you may turn to: {ways}.",
        ),
        sms=(
            "وصلنا اعتراضكم على نتيجة {reference}. لكم الرجوع إلى: {ways}.",
            "We have your disagreement with {reference}. You may turn to: {ways}.",
        ),
    ),
    may_name=frozenset({REGULATOR}),
)
CLOSED = MessageKind(
    code="MATTER_CLOSED",
    words=_("It is closed; how satisfied are you"),
    places=(REFERENCE, KIND, RATE),
    texts=_texts(
        subject=("انتهى العمل على {reference}، ما رأيكم؟", "{reference} is closed: what do you think?"),
        mail=(
            "انتهى العمل على {kind} {reference}. هل حُلّ الأمر، وكيف وجدتم خدمتنا؟ يكفينا منكم دقيقة: {rate}",
            "{kind} {reference} is closed. Is the matter solved, and how did we do? It takes a minute: {rate}",
        ),
        sms=(
            "انتهى العمل على {reference}. هل حُلّ الأمر، وكيف وجدتم خدمتنا؟ {rate}",
            "{reference} is closed. Is it solved, and how did we do? {rate}",
        ),
    ),
)
FOLLOW_CODE = MessageKind(
    code="FOLLOW_CODE",
    words=_("A code to follow a matter"),
    places=(CODE,),
    good_for=CODE_LIVES,
    texts=_texts(
        subject=("رمز المتابعة", "Your code"),
        mail=(
            "رمز متابعة طلبكم: {code}. ينتهي بعد عشر دقائق. لا تعطوه أحدًا، ونحن لا نطلبه منكم.",
            "your code to follow what you told us: {code}. It ends after ten minutes. Give it to nobody; we never ask "
            "for it.",
        ),
        sms=(
            "رمز المتابعة {code}، ينتهي بعد عشر دقائق. لا تعطوه أحدًا.",
            "Your code is {code}. It ends after ten minutes. Give it to nobody.",
        ),
    ),
)

HANDLING_MESSAGES = (STUDIED, PROGRESS, RESULT, ANSWERED, RIGHTS, REOPENED, OUTSIDE, CLOSED, FOLLOW_CODE)
