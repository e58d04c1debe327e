"""Why complaints arise, as it is shipped; the quality officer changes it afterwards. Pure.

The branches follow what a house can change: people, its procedures, its systems, its policies, what it knows and says,
and what lies outside it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Cause:
    """A branch or leaf of the tree."""

    code: str
    ar: str
    en: str
    under: str = ""


SHIPPED = (
    Cause(code="PERSON", ar="الأفراد", en="People"),
    Cause(code="PERSON_CONDUCT", ar="سلوك موظف", en="Conduct of an employee", under="PERSON"),
    Cause(code="PERSON_TRAINING", ar="نقص في التدريب", en="Lack of training", under="PERSON"),
    Cause(code="PERSON_SLIP", ar="سهو أو خطأ فردي", en="A slip or single mistake", under="PERSON"),
    Cause(code="PROCEDURE", ar="الإجراءات", en="Procedures"),
    Cause(code="PROCEDURE_NONE", ar="لا يوجد إجراء مكتوب", en="No written procedure", under="PROCEDURE"),
    Cause(code="PROCEDURE_BROKEN", ar="إجراء لم يُتبع", en="A procedure not followed", under="PROCEDURE"),
    Cause(code="PROCEDURE_SLOW", ar="إجراء بطيء أو معقد", en="A slow or involved procedure", under="PROCEDURE"),
    Cause(code="SYSTEM", ar="الأنظمة التقنية", en="Systems"),
    Cause(code="SYSTEM_FAULT", ar="عطل أو خطأ برمجي", en="An outage or fault", under="SYSTEM"),
    Cause(code="SYSTEM_LATE", ar="تأخر في تحديث البيانات", en="Data updated late", under="SYSTEM"),
    Cause(code="POLICY", ar="السياسات", en="Policies"),
    Cause(code="POLICY_HOUSE", ar="سياسة لدى الشركة", en="A policy of the house", under="POLICY"),
    Cause(code="POLICY_CLIENT", ar="سياسة لدى الجهة الدائنة", en="A policy of the creditor", under="POLICY"),
    Cause(code="INFORMATION", ar="المعلومات", en="Information"),
    Cause(code="INFORMATION_WRONG", ar="بيانات غير صحيحة من الجهة", en="Wrong data from the creditor",
          under="INFORMATION"),
    Cause(code="INFORMATION_UNCLEAR", ar="رسالة أو شرح غير واضح", en="A message or answer not clear",
          under="INFORMATION"),
    Cause(code="OUTSIDE", ar="خارج الشركة", en="Outside the house"),
    Cause(code="OUTSIDE_COMPLAINANT", ar="لبس لدى صاحب الشكوى", en="The complainant's misunderstanding",
          under="OUTSIDE"),
    Cause(code="OUTSIDE_OTHERS", ar="جهة أخرى", en="Another body", under="OUTSIDE"),
)  # fmt: skip
