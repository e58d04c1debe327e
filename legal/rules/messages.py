"""Messages of the legal desk, as they are shipped. They tell of a legal step, so they leave under a live authorisation
alone (LEGAL-THREAT, A30), and they threaten with nothing else.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from collections_app.rules.messages import CASE, CLIENT, HOLDER
from common.messages import MessageKind, Place, Text

LEGAL_STEP_AHEAD = MessageKind(
    code="LEGAL_STEP_AHEAD",
    words=_("A legal step lies ahead"),
    threatens=True,
    places=(
        HOLDER,
        CLIENT,
        CASE,
        Place(name="step", words=_("Step"), example_ar="طلب التنفيذ", example_en="an enforcement request"),
        Place(name="pay_by", words=_("Asks to pay by"), example_ar="2026-04-02", example_en="2026-04-02"),
    ),
    texts=(
        Text(
            channel="EMAIL",
            language="ar",
            subject="بشأن الملف {case}",
            body=(
                "السلام عليكم {holder}،\n\n"
                "بشأن الملف {case} لدى {client}: فوّضتنا الجهة كتابةً باتخاذ خطوة قانونية، هي {step}.\n"
                "لن تُتخذ هذه الخطوة قبل {pay_by}، وما زال الاتفاق على السداد ممكنًا حتى ذلك اليوم.\n\n"
                "إن كان لكم اعتراض على المبلغ أو ظرف ترغبون في إبلاغنا به، فيسعدنا أن نسمع منكم."
            ),
        ),
        Text(
            channel="EMAIL",
            language="en",
            subject="About case {case}",
            body=(
                "Greetings {holder},\n\n"
                "about case {case} with {client}: the creditor has authorised us in writing to take a legal step, "
                "{step}.\n"
                "It will not be taken before {pay_by}, and until that day payment can still be agreed.\n\n"
                "If you object to the amount, or there is something we should know, we are glad to hear from you."
            ),
        ),
    ),
)

MESSAGES = (LEGAL_STEP_AHEAD,)
