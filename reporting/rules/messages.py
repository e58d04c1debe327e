"""The messages that lead people to reports and boards, as they are shipped (ADR 0039). They carry no figure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.messages import MessageKind, Place, Text

NUMBER = Place(name="number", words=_("Report"), example_ar="NKH-W40-2026", example_en="NKH-W40-2026")
PERIOD = Place(
    name="period", words=_("Period"), example_ar="2026-09-27 إلى 2026-10-03", example_en="2026-09-27 to 2026-10-03"
)
LINK = Place(
    name="link", words=_("Link"),
    example_ar="https://agency.example/portal/reports/", example_en="https://agency.example/portal/reports/",
    is_link=True,
)  # fmt: skip

TITLE = Place(name="title", words=_("Kind of report"), example_ar="التقرير الشهري", example_en="Monthly report")

WEEKLY_ISSUED = MessageKind(
    code="WEEKLY_REPORT",
    words=_("A weekly report is issued"),
    places=(NUMBER, PERIOD, LINK),
    texts=(
        Text(
            channel="EMAIL",
            language="ar",
            subject="تقرير التحصيل الأسبوعي {number}",
            body=(
                "السلام عليكم ورحمة الله،\n\n"
                "صدر تقريركم الأسبوعي {number} عن الفترة {period}.\n"
                "تجدونه، وما وراء أرقامه من سجلات، في بوابتكم بعد الدخول:\n"
                "{link}\n\n"
                "لإيقاف هذه الرسالة غيّروا ذلك في صفحة التقارير."
            ),
        ),
        Text(
            channel="EMAIL",
            language="en",
            subject="Weekly collection report {number}",
            body=(
                "Greetings,\n\n"
                "your weekly report {number} for {period} is issued.\n"
                "It is in your portal, with the records behind its figures, once you have signed in:\n"
                "{link}\n\n"
                "To stop these messages, say so on the page of reports."
            ),
        ),
    ),
)

REPORT_ISSUED = MessageKind(
    code="REPORT",
    words=_("A report of a month, a quarter or a portfolio is issued"),
    places=(TITLE, NUMBER, PERIOD, LINK),
    texts=(
        Text(
            channel="EMAIL",
            language="ar",
            subject="{title} {number}",
            body=(
                "السلام عليكم ورحمة الله،\n\n"
                "صدر لكم: {title}، رقم {number}، عن الفترة {period}.\n"
                "تجدونه، وما وراء أرقامه من سجلات، في بوابتكم بعد الدخول:\n"
                "{link}\n\n"
                "لإيقاف هذه الرسالة غيّروا ذلك في صفحة التقارير."
            ),
        ),
        Text(
            channel="EMAIL",
            language="en",
            subject="{title} {number}",
            body=(
                "Greetings,\n\n"
                "issued for you: {title}, number {number}, for {period}.\n"
                "It is in your portal, with the records behind its figures, once you have signed in:\n"
                "{link}\n\n"
                "To stop these messages, say so on the page of reports."
            ),
        ),
    ),
)

BOARD = Place(name="board", words=_("Board"), example_ar="الأرصدة", example_en="Balances")
DAY = Place(name="day", words=_("Day"), example_ar="2026-10-04", example_en="2026-10-04")
BOARD_ADDRESS = Place(
    name="link", words=_("Link"),
    example_ar="https://agency.example/boards/views/", example_en="https://agency.example/boards/views/",
    is_link=True,
)  # fmt: skip

BOARD_LINK = MessageKind(
    code="BOARD_LINK",
    words=_("A view of a board is up to date"),
    places=(BOARD, DAY, BOARD_ADDRESS),
    texts=(
        Text(
            channel="EMAIL",
            language="ar",
            subject="لوحتكم: {board}",
            body=(
                "السلام عليكم ورحمة الله،\n\n"
                "لوحة «{board}» كما حفظتموها محدّثة في {day}.\n"
                "تفتح بعد الدخول من هذا الرابط:\n"
                "{link}\n\n"
                "لإيقاف هذه الرسالة غيّروا ذلك في صفحة «العروض المحفوظة»."
            ),
        ),
        Text(
            channel="EMAIL",
            language="en",
            subject="Your board: {board}",
            body=(
                "Greetings,\n\n"
                "the board {board}, as you keep it, is up to date on {day}.\n"
                "It opens here once you have signed in:\n"
                "{link}\n\n"
                "To stop these messages, say so on the page of kept views."
            ),
        ),
    ),
)

MESSAGES = (WEEKLY_ISSUED, REPORT_ISSUED, BOARD_LINK)
