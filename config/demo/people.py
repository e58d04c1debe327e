"""Who signs in to the demo: one per role, and a team of collectors."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.choices import Role

PASSWORD = "mithaq-demo-2026"  # noqa: S105 - a demo's, printed on the start page; production refuses demo accounts


@dataclass(frozen=True, kw_only=True)
class Person:
    email: str
    name_ar: str
    name_en: str
    role: str
    team: str = ""
    client: str = ""


HOUSE = "mithaq.example"
PEOPLE = (
    Person(
        email=f"noura@{HOUSE}", name_ar="نورة الشهراني", name_en="Noura Alshahrani", role=Role.COLLECTOR, team="RUH"
    ),
    Person(email=f"saad@{HOUSE}", name_ar="سعد العمري", name_en="Saad Alomari", role=Role.COLLECTOR, team="RUH"),
    Person(email=f"reem@{HOUSE}", name_ar="ريم البلوي", name_en="Reem Albalawi", role=Role.COLLECTOR, team="JED"),
    Person(email=f"fahad@{HOUSE}", name_ar="فهد الزامل", name_en="Fahad Alzamil", role=Role.COLLECTOR, team="JED"),
    Person(email=f"maha@{HOUSE}", name_ar="مها القرني", name_en="Maha Alqarni", role=Role.TEAM_LEADER, team="RUH"),
    Person(email=f"rashid@{HOUSE}", name_ar="راشد الحربي", name_en="Rashid Alharbi", role=Role.TEAM_LEADER, team="JED"),
    Person(email=f"tariq@{HOUSE}", name_ar="طارق الحميد", name_en="Tariq Alhumaid", role=Role.COLLECTIONS_MANAGER),
    Person(email=f"hala@{HOUSE}", name_ar="هالة المنصور", name_en="Hala Almansour", role=Role.LEGAL_OFFICER),
    Person(email=f"basim@{HOUSE}", name_ar="باسم الخطيب", name_en="Basim Alkhatib", role=Role.CREDIT_OFFICER),
    Person(email=f"lina@{HOUSE}", name_ar="لينا السالم", name_en="Lina Alsalem", role=Role.FINANCE_MANAGER),
    Person(email=f"adel@{HOUSE}", name_ar="عادل الراجح", name_en="Adel Alrajeh", role=Role.GENERAL_MANAGER),
    Person(email=f"dalal@{HOUSE}", name_ar="دلال البقمي", name_en="Dalal Albaqmi", role=Role.COMPLAINTS_OFFICER),
    Person(email=f"rami@{HOUSE}", name_ar="رامي المهنا", name_en="Rami Almuhanna", role=Role.QUALITY_OFFICER),
    Person(email=f"amal@{HOUSE}", name_ar="أمل الشريف", name_en="Amal Alsharif", role=Role.BUREAU_OFFICER),
    Person(email=f"majed@{HOUSE}", name_ar="ماجد العبدالله", name_en="Majed Alabdullah", role=Role.AUDITOR),
    Person(email=f"admin@{HOUSE}", name_ar="سلمان الفارس", name_en="Salman Alfares", role=Role.ADMINISTRATOR),
    Person(
        email="mishari@rawasi.example",
        name_ar="مشاري الداود",
        name_en="Mishari Aldawood",
        role=Role.CLIENT_USER,
        client="RW",
    ),
    Person(
        email="layla@nakheel.example",
        name_ar="ليلى الراجح",
        name_en="Layla Alrajeh",
        role=Role.CLIENT_SIGNATORY,
        client="NK",
    ),
    Person(
        email="omar@wahah.example",
        name_ar="عمر الصالح",
        name_en="Omar Alsaleh",
        role=Role.CLIENT_SIGNATORY,
        client="WH",
    ),
)
