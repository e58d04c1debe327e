"""The procedures of the manual as they are shipped, line by line (source 003, 8.2; source 004,
part 4; CR-09, CR-17, CB-46, I-18). Pure.

A step that runs by a deadline names it: its limit is the one in force, and what is late of it is known.
"""

from __future__ import annotations

from dataclasses import dataclass

_Two = tuple[str, str]
FRONT: _Two = ("موظف الشكاوى", "Complaints officer")
ANYBODY: _Two = ("من استلم الشكوى: موظف الشكاوى أو المحصّل", "Whoever receives it: complaints officer or collector")
QUALITY: _Two = ("موظف الجودة", "Quality officer")
HEADS: _Two = ("مدير العمليات ومدير علاقات العملاء", "Heads of operations and client relations")
GENERAL: _Two = ("المدير العام", "General manager")
BUREAU: _Two = ("مسؤول السجل الائتماني", "Bureau officer")
MEMBER: _Two = ("العضو، أو نحن نيابة عنه", "The member, or we for it")
AT_ONCE: _Two = ("فوري", "At once")
DAILY: _Two = ("يوميًا", "Daily")
WEEKLY: _Two = ("أسبوعي", "Weekly")
MONTHLY: _Two = ("شهري", "Monthly")
NEEDED: _Two = ("شهري، أو حسب الحاجة", "Monthly, or when needed")
NONE: _Two = ("", "")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One step, each column in Arabic and English; ``clock`` is kind and code of its deadline."""

    process: _Two
    responsible: _Two
    output: _Two
    limit: _Two = NONE
    clock: _Two = NONE


@dataclass(frozen=True, kw_only=True)
class Steps:
    code: str
    title: _Two
    source: str
    lines: tuple[Line, ...]


REGISTER: _Two = ("سجل الشكاوى", "Register of complaints")
RECOMMENDATIONS: _Two = ("التوصيات المقترحة", "Proposed recommendations")
REPORT: _Two = ("تقرير الأداء الشهري", "Monthly performance report")

SHIPPED = (
    Steps(
        code="COMPLAINTS",
        title=("تقديم ومعالجة الشكاوى", "Making and handling complaints"),
        source="003 §8.2",
        lines=(
            Line(
                process=(
                    "استلام الشكوى من خلال القنوات المتاحة وتقييدها في سجل الشكاوى.",
                    "Receive the complaint by any channel and write it into the register.",
                ),
                responsible=ANYBODY,
                limit=AT_ONCE,
                output=("شكوى مسجّلة برقم مرجعي", "A registered complaint with its reference"),
            ),
            Line(
                process=(
                    "الإجابة الفورية، أو إعلام المتصل بأننا نعاود الاتصال به متى وُجد الحل.",
                    "Answer at once, or tell the caller that we call back when there is a solution.",
                ),
                responsible=ANYBODY,
                limit=AT_ONCE,
                output=("إجابة، أو وعد بمعاودة الاتصال", "An answer, or a promised call"),
            ),
            Line(
                process=("معاودة الاتصال بمن وُعد به.", "Call back who was promised it."),
                responsible=FRONT,
                clock=("CALL_BACK", "CALL"),
                output=("مكالمة مسجّلة", "A recorded call"),
            ),
            Line(
                process=(
                    "عند تعذّر الحل الفوري: دراسة الشكوى سريعًا وتحديد الجهة التي تساعد على الحل.",
                    "Where it cannot be solved at once: study it and find who can help.",
                ),
                responsible=FRONT,
                clock=("COMPLAINT", "ROUTING"),
                output=("الشكوى لدى الإدارة المعنية", "The complaint is with its department"),
            ),
            Line(
                process=("تحديث سجل الشكاوى.", "Bring the register up to date."),
                responsible=FRONT,
                limit=DAILY,
                output=REGISTER,
            ),
            Line(
                process=(
                    "موافاة صاحب الشكوى بالإجابة وبالطريق إلى مستوى أعلى.",
                    "Give the complainant the answer, and the way to the next level.",
                ),
                responsible=FRONT,
                clock=("COMPLAINT", "CLOSING"),
                output=("شكوى مغلقة بأدلتها", "A complaint closed on its evidence"),
            ),
            Line(
                process=("الرد على الاستفسارات والملاحظات.", "Answer enquiries and comments."),
                responsible=FRONT,
                clock=("ENQUIRY", "ANSWER"),
                output=("ردّ على صاحب الاستفسار", "The enquirer has an answer"),
            ),
            Line(
                process=(
                    "مراجعة السجل وإعداد تقرير الشكاوى المتكررة مع الحلول وكيفية تنفيذها ومتابعتها، ورفعه.",
                    "Review the register; report on repeated complaints with solutions, how to carry them out and how "
                    "to follow them.",
                ),
                responsible=QUALITY,
                limit=MONTHLY,
                output=("تقرير الشكاوى المتكررة", "Report on repeated complaints"),
            ),
            Line(
                process=("مراجعة السجل ورفع التوصيات.", "Review the register and propose recommendations."),
                responsible=HEADS,
                limit=WEEKLY,
                output=RECOMMENDATIONS,
            ),
            Line(
                process=("اتخاذ القرار بشأن التوصيات المقترحة.", "Decide on the recommendations."),
                responsible=GENERAL,
                limit=NEEDED,
                output=("توصيات معتمدة", "Approved recommendations"),
            ),
        ),
    ),
    Steps(
        code="PERFORMANCE",
        title=("تقارير الأداء الشهرية", "Monthly performance reports"),
        source="003 §8.2",
        lines=(
            Line(
                process=("إعداد تقرير الأداء بنهاية الشهر.", "Prepare the report at the end of the month."),
                responsible=QUALITY,
                limit=MONTHLY,
                output=REPORT,
            ),
            Line(
                process=("مراجعة التقرير والتركيز على نقاط الضعف.", "Review it, weak points first."),
                responsible=HEADS,
                limit=MONTHLY,
                output=REPORT,
            ),
            Line(
                process=(
                    "متابعة توصيات الفترة السابقة إن وُجدت.",
                    "Follow the recommendations of the period before, if there were any.",
                ),
                responsible=HEADS,
                limit=MONTHLY,
                output=("التوصيات", "The recommendations"),
            ),
            Line(
                process=(
                    "عند عدم العمل بتوصية: التحري لمعرفة السبب ثم العمل على تنفيذها.",
                    "Where a recommendation was not followed: find out why, then have it done.",
                ),
                responsible=HEADS,
                clock=("PERFORMANCE_REPORT", "REASON"),
                output=("أسباب عدم التنفيذ", "The reasons"),
            ),
            Line(
                process=(
                    "مراجعة التقارير ومناقشة المسؤولين عن نقاط الضعف.",
                    "Review the reports and discuss weak points with those responsible.",
                ),
                responsible=GENERAL,
                clock=("PERFORMANCE_REPORT", "DISCUSSION"),
                output=("قرار بشأن نقاط الضعف", "A decision on the weak points"),
            ),
            Line(
                process=("أرشفة التقارير والتوصيات.", "Archive reports and recommendations."),
                responsible=QUALITY,
                clock=("PERFORMANCE_REPORT", "ARCHIVE"),
                output=("تقرير محفوظ", "An archived report"),
            ),
        ),
    ),
    Steps(
        code="DISPUTES",
        title=("معالجة الاعتراضات على السجل الائتماني", "Handling objections to the credit record"),
        source="004 §4",
        lines=(
            Line(
                process=(
                    "استلام الاعتراض مع مستنداته وتقييده، وإيقاف التذكيرات، وتعليم المعلومة بأنها محل اعتراض.",
                    "Take the objection in with its documents, stop the reminders, mark the item as disputed.",
                ),
                responsible=BUREAU,
                limit=AT_ONCE,
                output=("اعتراض مسجّل برقم مرجعي", "A registered objection with its reference"),
            ),
            Line(
                process=(
                    "إشعار العضو كتابيًا بالمعلومات السلبية محل الاعتراض وكل ما قدّمه المعترض.",
                    "Tell the member in writing of the negative information and of all that the objector submitted.",
                ),
                responsible=BUREAU,
                clock=("DISPUTE", "NOTIFY_MEMBER"),
                output=("إشعار العضو", "Notice to the member"),
            ),
            Line(
                process=(
                    "إبلاغ المعترض بالإجراءات المتخذة للتحقيق في اعتراضه.",
                    "Tell the objector of the steps taken to investigate.",
                ),
                responsible=BUREAU,
                clock=("DISPUTE", "PROGRESS_NOTICE"),
                output=("إشعار بالإجراءات", "A notice of the steps taken"),
            ),
            Line(
                process=(
                    "الرد على الاعتراض بالأدلة؛ والسكوت حتى آخر المدة يُحسب لصالح المعترض.",
                    "Reply with evidence; silence until the last day counts for the objector.",
                ),
                responsible=MEMBER,
                clock=("DISPUTE", "MEMBER_REPLY"),
                output=("رد العضو بأدلته", "The member's reply with its evidence"),
            ),
            Line(
                process=(
                    "البت في الاعتراض بعد الرد أو مضي مدته.",
                    "Decide the objection after the reply, or after its time has passed.",
                ),
                responsible=BUREAU,
                clock=("DISPUTE", "DECISION"),
                output=("قرار مسبّب", "A reasoned decision"),
            ),
            Line(
                process=(
                    "البت في الاعتراض قبل مدته القصوى، وإن لم تنقضِ مدد الخطوات.",
                    "Decide it before its outer limit, even while the steps have time left.",
                ),
                responsible=BUREAU,
                clock=("DISPUTE", "OVERALL"),
                output=("البت في الاعتراض", "The objection is decided"),
            ),
            Line(
                process=(
                    "حذف المعلومة أو تعديلها إذا ثبت الاعتراض كليًا أو جزئيًا أو تعذّر التحقق منها.",
                    "Delete or amend the item where it is found wrong, wholly or partly, or cannot be verified.",
                ),
                responsible=BUREAU,
                clock=("DISPUTE", "CORRECTION"),
                output=("سجل مصحّح", "A corrected record"),
            ),
            Line(
                process=(
                    "إبلاغ المعترض بالنتيجة كتابيًا مع السجل المعدّل أو ملخص الحقوق.",
                    "Give the objector the written result, with the amended record or a summary of rights.",
                ),
                responsible=BUREAU,
                clock=("DISPUTE", "RESULT"),
                output=("خطاب النتيجة", "The letter of the result"),
            ),
        ),
    ),
)
