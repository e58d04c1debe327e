"""Invented people and companies: common Saudi given and family names, put together at random."""

from __future__ import annotations

import random

MEN = [
    "عبدالله",
    "محمد",
    "سالم",
    "ماجد",
    "خالد",
    "سلطان",
    "يوسف",
    "فيصل",
    "بدر",
    "وليد",
    "ناصر",
    "تركي",
    "سعود",
    "عبدالعزيز",
    "فهد",
    "نايف",
    "مشعل",
    "ياسر",
    "طلال",
    "راشد",
    "حمد",
    "صالح",
    "إبراهيم",
    "عمر",
    "علي",
    "حسن",
    "حسين",
    "سامي",
    "زياد",
    "هاني",
]
WOMEN = [
    "هند",
    "ريم",
    "أمل",
    "نورة",
    "سارة",
    "لطيفة",
    "منيرة",
    "نوال",
    "مها",
    "دلال",
    "عبير",
    "هيا",
    "جواهر",
    "لمياء",
    "فاطمة",
    "عائشة",
    "ريما",
    "شهد",
    "غادة",
    "العنود",
]
FAMILIES = [
    "الحارثي",
    "العتيبي",
    "الزهراني",
    "القحطاني",
    "الدوسري",
    "المطيري",
    "الغامدي",
    "الشمري",
    "الحربي",
    "السبيعي",
    "العنزي",
    "الشهراني",
    "العمري",
    "القرني",
    "المالكي",
    "البقمي",
    "الشهري",
    "الرشيدي",
    "البلوي",
    "الجهني",
    "الثقفي",
    "اليامي",
    "العسيري",
    "الأحمري",
    "الخالدي",
]
COMPANY_HEADS = ("شركة", "مؤسسة", "مجموعة", "مصنع")
COMPANY_NAMES = [
    "أفق البناء",
    "درب الشمال",
    "رمال الشرق",
    "سنام",
    "مدار الخليج",
    "ركن الجزيرة",
    "واحة النماء",
    "قمة العمران",
    "بوابة نجد",
    "سواعد الحجاز",
    "نبع الوادي",
    "تلال الرياض",
    "مرسى جدة",
    "أصول الدمام",
    "غصن الزيتون",
    "برج المملكة",
    "خطى التقدم",
    "معالم عسير",
]
COMPANY_TAILS = ("للمقاولات", "للتجارة", "للتوريد", "للنقل", "للصيانة", "للأغذية")
CITIES = (
    "الرياض",
    "جدة",
    "مكة المكرمة",
    "المدينة المنورة",
    "الدمام",
    "الخبر",
    "أبها",
    "تبوك",
    "بريدة",
    "حائل",
    "جازان",
)
# What a collector writes beside an outcome; none is written where nobody answered.
NOTES = {
    "PROMISE": (
        "تأخر راتبه هذا الشهر ووعد بالسداد بعد نزوله.",
        "طلب أن يُذكر رقم القسط لا المبلغ الكلي.",
        "يسدد عبر سداد ويرسل الإيصال.",
    ),
    "PLAN_ASKED": ("يقترح ثلاث دفعات تبدأ بعد الراتب.", "طلب جدولة المتأخر على أربعة أشهر."),
    "CALL_BACK": ("يعمل بنظام الورديات ويرد بعد الظهر.", "في اجتماع، طلب معاودة الاتصال."),
    "INFORMED": ("أُبلغ بالمبلغ وبخيارات السداد.", "سيراجع كشف الحساب.", "طلب إرسال تفاصيل الفواتير إلى المدير المالي."),
    "PAID_ALREADY": ("يذكر أنه حوّل المبلغ قبل يومين وسيرسل الإشعار.",),
    "REFUSED": ("لا يرى نفسه ملزمًا بالمبلغ ولم يذكر سببًا.",),
    "WRONG_PERSON": ("الرقم لم يعد له.",),
}


def person(rng: random.Random) -> str:
    """A full name of three parts."""
    if rng.random() < 0.3:
        return f"{rng.choice(WOMEN)} بنت {rng.choice(MEN)} {rng.choice(FAMILIES)}"
    return f"{rng.choice(MEN)} بن {rng.choice(MEN)} {rng.choice(FAMILIES)}"


def company(rng: random.Random) -> str:
    return f"{rng.choice(COMPANY_HEADS)} {rng.choice(COMPANY_NAMES)} {rng.choice(COMPANY_TAILS)}"


def national_id(rng: random.Random) -> str:
    """Ten digits beginning with 1 that pass the check digit."""
    body = "1" + "".join(str(rng.randrange(10)) for _ in range(8))
    return body + _check_digit(body)


def unified_number(rng: random.Random) -> str:
    return "700" + "".join(str(rng.randrange(10)) for _ in range(7))


def mobile(rng: random.Random) -> str:
    return "05" + rng.choice("035689") + "".join(str(rng.randrange(10)) for _ in range(7))


def _check_digit(body: str) -> str:
    total = 0
    for position, digit in enumerate(body):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
