"""The words of the letters as they are shipped, in both languages (CX-13, CX-17, CB-31 to CB-41, A18). Pure.

What hangs on the matter itself (who, which steps, until when, what was decided) is the letter's layout; what the house
says around it stands here, and is changed in versions like everything that is published (ADR 0044).
"""

from __future__ import annotations

from dataclasses import dataclass

_Two = tuple[str, str]
NONE: _Two = ("", "")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter: its heading, what it opens with, its numbered points (one a line), what it closes with; and the
    template that lays it out around its facts.
    """

    code: str
    title: _Two
    opening: _Two = NONE
    points: _Two = NONE
    closing: _Two = NONE
    layout: str = "complaints/pdf/letter.html"


SHIPPED = (
    Letter(
        code="ACKNOWLEDGEMENT",
        title=("إشعار بالاستلام", "Acknowledgement of receipt"),
        opening=(
            "استلمنا ما أخبرتمونا به وسجلناه بالرقم المرجعي أعلاه. نرجو ذكره كلما كتبتم أو اتصلتم.",
            "We have received what you told us and registered it under the reference above. Please give it whenever "
            "you write or call.",
        ),
        closing=(
            "نتحقق من اكتمال ما نحتاج إليه، وندرسه خلال يوم، ونحيله إلى من يعالجه. ولا ينظر أحد في شكوى تخصه. "
            "ونبلغكم بكل خطوة.\n\nوإن نقص شيء طلبناه منكم، ولكم إضافة إيضاح أو مستندات في أي وقت.",
            "We look at whether everything we need is there, study it within a day, and pass it to those who handle "
            "it. Nobody handles what is said of themselves. You hear from us at each step.\n\n"
            "If anything is missing we ask you for it. You can add words or papers at any time.",
        ),
    ),
    Letter(
        code="MISSING_DATA",
        title=("طلب استكمال البيانات", "Request for what is missing"),
        opening=("لكي ننظر في طلبكم نحتاج إلى ما يلي:", "To look into what you told us we need the following:"),
        closing=(
            "أرسلوها ردًا على رسالتنا أو في الصفحة المذكورة أدناه، أو سلّموها لنا. نواصل العمل فور وصولها، وإلى ذلك "
            "الحين تتوقف المدة التي نغلق فيها الشكوى، أما المواعيد النظامية فتستمر.",
            "Send it in answer to our message, on the page named at the foot, or bring it to us. We go on as soon as "
            "it is here; until then the time within which we close a complaint stands still. Deadlines set by law run "
            "on.",
        ),
    ),
    Letter(
        code="PROGRESS",
        title=("إشعار بسير المعالجة", "Progress notice"),
        opening=("نطلعكم على ما وصل إليه طلبكم.", "This is where what you told us stands."),
    ),
    Letter(
        code="RESULT",
        title=("النتيجة", "Result"),
        opening=("نظرنا في شكواكم، وهذه النتيجة:", "We have looked into your complaint. This is the result:"),
    ),
    Letter(code="ANSWER", title=("الرد", "Answer"), opening=("هذا ردّنا:", "This is our answer:")),
    Letter(
        code="RIGHTS",
        title=("ملخص حقوقكم", "Summary of your rights"),
        opening=("هذه حقوقكم فيما أخبرتمونا به.", "These are your rights in what you told us."),
        points=(
            "كل ما لا ترضون عنه يُعدّ شكوى، مبررةً كانت أو غير مبررة، مكتوبةً أو شفهية، وهي مجانية.\n"
            "لكم رقم مرجعي، وموعد يصلكم فيه الرد، وإبلاغ بكل خطوة.\n"
            "لا ينظر أحد في شكوى تخصه، ولا يطلع على ما تقولون إلا من يحتاج إليه لمعالجتها.\n"
            "إذا اعترضتم على مبلغ توقف التذكير به حتى يُبتّ في الاعتراض، وعن الكفيل أيضًا.\n"
            "تصلكم النتيجة بأسبابها وبالمستندات التي بُنيت عليها.",
            "Whatever you are not content with counts as a complaint, justified or not, written or spoken. It is free "
            "of charge.\n"
            "You have a reference, a time by which you have an answer, and news of each step.\n"
            "Nobody handles what is said of themselves; what you say is read only by those who need it.\n"
            "If you object to an amount, reminders about it stand still until it is decided, for the guarantor too.\n"
            "You have the result with its reasons and the documents it stands on.",
        ),
    ),
    Letter(
        code="DISPUTE_NOTICE",
        layout="complaints/pdf/disputes/member_notice.html",
        title=("إشعار باعتراض", "Notice of an objection"),
        opening=(
            "ورد اعتراض على معلومات قدمتموها إلى السجل الائتماني. وفيما يلي جميع ما قدّمه المعترض مع المعلومات السلبية "
            "المتعلقة باعتراضه.",
            "An objection was made to information that you supplied to the credit record. All that the objector "
            "submitted stands below, with the negative information that touches it.",
        ),
        closing=(
            "إن لم يرد ردّكم حتى ذلك اليوم عُدّ ذلك قرينة على صحة ما قدّمه المعترض، وحُذفت المعلومة أو عُدّلت "
            "(المادة 47 من اللائحة).",
            "Without a reply by then, what the objector submitted is presumed right, and the item is deleted or "
            "amended (Article 47 of the regulations).",
        ),
    ),
    Letter(
        code="DISPUTE_PROGRESS",
        layout="complaints/pdf/disputes/progress.html",
        title=("الإجراءات المتخذة في اعتراضكم", "Steps taken in your objection"),
        opening=(
            "يجري التحقيق في اعتراضكم مجانًا. وهذه الإجراءات المتخذة حتى الآن. ولا تُذكَّرون بالمبلغ مدة التحقيق، "
            "ويُشار إلى المعلومة بأنها محل اعتراض.",
            "Your objection is being investigated, free of charge. These steps were taken so far; while it lasts, you "
            "are not reminded of the amount, and the item is marked as disputed.",
        ),
        closing=(
            "ستصلكم النتيجة كتابيًا. وإن كان لديكم ما تضيفونه فأبلغونا به مع ذكر رقم الاعتراض.",
            "You will have the result in writing. If you have more to say, tell us and name the number of the dispute.",
        ),
    ),
    Letter(
        code="DISPUTE_RESULT",
        layout="complaints/pdf/disputes/result.html",
        title=("نتيجة اعتراضكم", "Result of your objection"),
        points=(
            "لكم التقدم إلى لجنة النظر في المخالفات والفصل في نزاعات المعلومات الائتمانية.\n"
            "لكم طلب الإشارة إلى الاعتراض في أي تقرير لاحق يتضمن المعلومة.\n"
            "لكم طلب تضمين السجل ملخصًا واضحًا عن حقيقة المعلومة كما ترونها.\n"
            "لكم تحديد من حصل على تقريركم خلال السنة السابقة على الاعتراض، فيُشعر خطيًا بوجوده إذا تضمن تقريره "
            "المعلومة.\n"
            "لكم الاعتراض مجددًا في أي وقت بمستندات جديدة.",
            "You may take this result to the Committee for credit information violations and disputes.\n"
            "You may ask that later reports which hold the item mention your objection.\n"
            "You may ask that the record bears a clear summary of the facts as you see them.\n"
            "You may name who received your record in the year before the objection: they are told of it in writing "
            "where their report held the item.\n"
            "You may object again at any time, with new documents.",
        ),
    ),
    Letter(
        code="DISPUTE_ORDER",
        layout="complaints/pdf/disputes/order.html",
        title=("أمر حذف معلومة أو تعديلها", "Order to delete or amend an item"),
        closing=(
            "نرجو تأكيد التصحيح بنسخة من السجل. ولا تُقدَّم المعلومة بعد تصحيحها مرة أخرى إلا بقرار من اللجنة.",
            "Please confirm the correction with a copy of the record. What was corrected is not supplied again without "
            "a decision of the Committee.",
        ),
    ),
    Letter(
        code="DISPUTE_CORRECTED",
        layout="complaints/pdf/disputes/recipient.html",
        title=("تصحيح تقرير ائتماني", "Correction of a credit report"),
        closing=(
            "نرجو عدم التعويل على المعلومة كما وردت في ذلك التقرير.",
            "Please do not rely on the item as it stood in that report.",
        ),
    ),
    Letter(
        code="DISPUTE_OBJECTED",
        layout="complaints/pdf/disputes/recipient.html",
        title=("اعتراض على معلومة في تقرير ائتماني", "Objection to an item of a credit report"),
        closing=(
            "اعترض صاحب التقرير على المعلومة المذكورة، ولم يؤدِّ التحقيق إلى تسوية الاعتراض. ويرى حقيقتها كما يلي.",
            "The person objected to the item above. The investigation did not settle the objection; the person sees "
            "the facts as follows.",
        ),
    ),
)
LAYOUTS = {one.code: one.layout for one in SHIPPED}
