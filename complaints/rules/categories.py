"""What matters are sorted by, as it is shipped; the quality officer changes it afterwards. Pure.

The branches follow the duties of the collection regulations (DCR; regulations A): contact, amount, conduct, documents.
"""

from __future__ import annotations

from dataclasses import dataclass

from complaints.choices import Department, Severity

OPERATIONS, FINANCE, LEGAL = Department.OPERATIONS, Department.FINANCE, Department.LEGAL
LOW, MEDIUM, HIGH, CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL


@dataclass(frozen=True, kw_only=True)
class Sort:
    """A branch or leaf of the tree. ``holds``: an objection to an amount, which stops reminders (A18)."""

    code: str
    ar: str
    en: str
    under: str = ""
    department: str = OPERATIONS
    severity: str = MEDIUM
    holds: bool = False


SHIPPED = (
    Sort(code="CONTACT", ar="التواصل", en="Contact"),
    Sort(code="CONTACT_HOURS", ar="تواصل خارج الأوقات المسموحة", en="Contact outside the hours", under="CONTACT"),
    Sort(code="CONTACT_OFTEN", ar="كثرة التواصل", en="Contact too often", under="CONTACT"),
    Sort(code="CONTACT_OTHERS", ar="التواصل مع غير المعني", en="Contact with others", under="CONTACT", severity=HIGH),
    Sort(code="CONTACT_WRONG", ar="رقم ليس لصاحب الحساب", en="Not the account holder's number", under="CONTACT"),
    Sort(code="CONDUCT", ar="السلوك", en="Conduct", severity=HIGH),
    Sort(code="CONDUCT_WORDS", ar="ألفاظ غير لائقة", en="Improper words", under="CONDUCT", severity=HIGH),
    Sort(code="CONDUCT_THREAT", ar="تهديد أو تخويف", en="Threats or fear", under="CONDUCT", severity=CRITICAL),
    Sort(code="CONDUCT_PRIVACY", ar="إفشاء بيانات لغير المعني", en="Data told to others", under="CONDUCT",
         severity=CRITICAL),
    Sort(code="AMOUNT", ar="المبلغ", en="Amount", holds=True),
    Sort(code="AMOUNT_WRONG", ar="اعتراض على المبلغ", en="Objection to the amount", under="AMOUNT", holds=True),
    Sort(code="AMOUNT_PAID", ar="سداد لم يُحتسب", en="A payment not counted", under="AMOUNT", department=FINANCE,
         holds=True),
    Sort(code="AMOUNT_FEES", ar="رسوم أو غرامات", en="Fees or penalties", under="AMOUNT", holds=True),
    Sort(code="AMOUNT_NOT_MINE", ar="دين ليس على صاحب الشكوى", en="Not the complainant's debt", under="AMOUNT",
         severity=HIGH, holds=True),
    Sort(code="DOCUMENTS", ar="المستندات", en="Documents", severity=LOW),
    Sort(code="DOCUMENTS_STATEMENT", ar="طلب كشف أو عقد", en="A statement or contract asked for", under="DOCUMENTS",
         severity=LOW),
    Sort(code="DOCUMENTS_CLEARANCE", ar="خطاب إخلاء طرف", en="Letter of clearance", under="DOCUMENTS"),
    Sort(code="PLAN", ar="السداد والجدولة", en="Payment and plans"),
    Sort(code="PLAN_ASKED", ar="طلب جدولة أو مهلة", en="A plan or more time asked for", under="PLAN", severity=LOW),
    Sort(code="PLAN_HARDSHIP", ar="ظروف إنسانية أو صحية", en="Hardship or illness", under="PLAN", severity=HIGH),
    Sort(code="LEGAL", ar="الإجراءات النظامية", en="Legal steps", department=LEGAL, severity=HIGH),
    Sort(code="BUREAU", ar="السجل الائتماني", en="Credit record", department=Department.CREDIT, severity=HIGH),
    Sort(code="SERVICE", ar="الخدمة والقنوات", en="Service and channels", department=Department.QUALITY, severity=LOW),
    Sort(code="CLIENT", ar="علاقة الجهة", en="Relation with a client", department=Department.CLIENT_RELATIONS),
    Sort(code="OTHER", ar="أخرى", en="Other", severity=LOW),
)  # fmt: skip
