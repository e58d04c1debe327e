"""Messages of the book, as they are shipped; people may change each text afterwards (ADR 0039)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.messages import MessageKind, Place, Text

HOLDER = Place(
    name="holder", words=_("Account holder"), example_ar="سامي بن ناصر العتيبي", example_en="Sami Nasser Al-Otaibi"
)
CLIENT = Place(name="client", words=_("Client"), example_ar="شركة الأفق للتمويل", example_en="Horizon Finance")
CASE = Place(name="case", words=_("Case"), example_ar="D-10482", example_en="D-10482")

PAYMENT_RECEIVED = MessageKind(
    code="PAYMENT_RECEIVED",
    words=_("A payment was received"),
    places=(
        HOLDER,
        CLIENT,
        CASE,
        Place(name="amount", words=_("Amount"), example_ar="1,250.00 ر.س", example_en="SAR 1,250.00"),
        Place(name="paid_on", words=_("Value date"), example_ar="2026-03-15", example_en="2026-03-15"),
        Place(name="reference", words=_("Reference"), example_ar="P-771204", example_en="P-771204"),
    ),
    texts=(
        Text(
            channel="EMAIL",
            language="ar",
            subject="استلام دفعة بالمرجع {reference}",
            body=(
                "السلام عليكم {holder}،\n\n"
                "استُلمت دفعة بمبلغ {amount} بتاريخ {paid_on} على الملف {case} لدى {client}.\n"
                "المرجع: {reference}\n\n"
                "إن لم تكن هذه الدفعة منكم أو كان في مبلغها خطأ، فيسعدنا أن تبلغونا.\n\n"
                "شكرًا لكم."
            ),
        ),
        Text(
            channel="EMAIL",
            language="en",
            subject="Payment received, reference {reference}",
            body=(
                "Greetings {holder},\n\n"
                "a payment of {amount} was received on {paid_on} for case {case} with {client}.\n"
                "Reference: {reference}\n\n"
                "If this payment is not yours, or its amount is wrong, please tell us.\n\n"
                "Thank you."
            ),
        ),
        Text(
            channel="SMS",
            language="ar",
            body="استُلمت دفعتكم بمبلغ {amount} بتاريخ {paid_on} لصالح {client}، المرجع {reference}. شكرًا لكم.",
        ),
        Text(
            channel="SMS",
            language="en",
            body="Your payment of {amount} to {client} was received on {paid_on}, ref {reference}. Thank you.",
        ),
    ),
)

MESSAGES = (PAYMENT_RECEIVED,)
