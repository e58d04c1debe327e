"""Whom a complainant may turn to outside the house, as it is shipped (regulations A18, A43, A46). Pure.

By the client's kind: who supervises it; of the others the ministry and the courts. The next versions are written in the
browser and approved by another person (``OutwardBody``).
"""

from __future__ import annotations

from dataclasses import dataclass

from clients.choices import ClientKind

# Whose complainants are nobody's customers, or of whom it is not known.
ANY = ClientKind.OTHER
_SUPERVISED = (ClientKind.BANK, ClientKind.FINANCE)
_OTHERS = (ClientKind.TRADE, ClientKind.OTHER)


@dataclass(frozen=True, kw_only=True)
class Body:
    code: str
    ar: str
    en: str
    client_kinds: tuple[str, ...]


SHIPPED = (
    Body(
        code="CENTRAL_BANK",
        ar="البنك المركزي السعودي (ساما تهتم)",
        en="the Saudi Central Bank (SAMA Cares)",
        client_kinds=_SUPERVISED,
    ),
    Body(
        code="FINANCIAL_DISPUTES",
        ar="الأمانة العامة للجان المنازعات والمخالفات المصرفية والتمويلية",
        en="the General Secretariat of the Committees for Banking and Financial Disputes and Violations",
        client_kinds=_SUPERVISED,
    ),
    Body(
        code="TELECOM_REGULATOR",
        ar="هيئة الاتصالات والفضاء والتقنية",
        en="the Communications, Space and Technology Commission",
        client_kinds=(ClientKind.TELECOM,),
    ),
    Body(code="COMMERCE", ar="وزارة التجارة", en="the Ministry of Commerce", client_kinds=_OTHERS),
    Body(
        code="JUDICIARY",
        ar="الجهة القضائية المختصة",
        en="the competent judicial authority",
        client_kinds=(ClientKind.TELECOM, *_OTHERS),
    ),
)
