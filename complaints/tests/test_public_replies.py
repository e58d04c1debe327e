"""What may not stand in a public reply: a pure rule, at both sides of its boundaries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.choices.channels import Disclosed
from complaints.rules.public_replies import disclosures, reply_ended

EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
TELLING = [
    (Disclosed.PHONE, "نتصل بكم على 0551234567 اليوم"),
    (Disclosed.PHONE, "رقمكم +966 55 123 4567؟"),
    (Disclosed.PHONE, "05-51-23-45-67"),
    (Disclosed.PHONE, "00966551234567"),
    (Disclosed.PHONE, "call us at 011 234 5678"),
    (Disclosed.IDENTIFIER, "هويتكم 1023456789"),
    (Disclosed.IDENTIFIER, "الإقامة 2 345 678 901"),
    (Disclosed.IDENTIFIER, "المنشأة 7001234567"),
    (Disclosed.IBAN, "SA0380000000608010167519"),
    (Disclosed.IBAN, "sa03 8000 0000 6080 1016 7519"),
    (Disclosed.IBAN, "GB82WEST12345698765432"),
    (Disclosed.EMAIL, "راسلنا على sami@example.com"),
    (Disclosed.EMAIL, "SAMI.O+1@Mail.Example.SA"),
    (Disclosed.LINK, "https://x.com/sami"),
    (Disclosed.LINK, "www.example.com/a"),
    (Disclosed.REFERENCE, "شكواكم C-2026-000123 قيد المعالجة"),
    (Disclosed.REFERENCE, "e-2026-000009"),
    (Disclosed.REFERENCE, "الملف RW-000412"),
    (Disclosed.REFERENCE, "D/2026/15"),
    (Disclosed.AMOUNT, "عليكم 500 ريال"),
    (Disclosed.AMOUNT, "500ر.س"),
    (Disclosed.AMOUNT, "SAR500"),
    (Disclosed.AMOUNT, "خمسة آلاف ريال"),
    (Disclosed.AMOUNT, "the balance is 900"),
    (Disclosed.AMOUNT, "مبلغ القسط: رصيدكم 450"),
    (Disclosed.AMOUNT, "12,500"),
    (Disclosed.AMOUNT, "1,250,000.50"),
    (Disclosed.AMOUNT, "450.75"),
    (Disclosed.AMOUNT, "$40"),
    (Disclosed.NUMBER, "العقد 123456"),
    (Disclosed.NUMBER, "4111 1111 1111 1111"),
]
QUIET = [
    "",
    "نعتذر عما حدث، ونتابع معكم عبر القناة الخاصة خلال 24 ساعة.",
    "ألف شكر لكم على ثقتكم",
    "رصيدكم يظهر لكم في القناة الخاصة خلال 24 ساعة",
    "نستقبلكم من 9 إلى 5، والأحد من 9.30",
    "يبدأ ذلك في 2026-12-01 أو 1/12/2026",
    "Please write to us, we answer in 24 hours, all 365 days.",
    "العقد 12345",
    "شكرًا @sami على ملاحظتك",
    "Art. 5 of 2018 applies",
]


@pytest.mark.requirement("CX-25")
@pytest.mark.parametrize(("kind", "words"), TELLING)
@pytest.mark.parametrize("digits", [None, EASTERN, PERSIAN], ids=["latin", "eastern", "persian"])
def test_what_is_somebodys_is_found_in_digits_of_either_script(
    kind: Disclosed, words: str, digits: dict[int, int] | None
) -> None:
    found = disclosures(words=words.translate(digits) if digits else words)
    assert [one.kind for one in found] == [kind]


@pytest.mark.parametrize("words", QUIET)
@pytest.mark.parametrize("digits", [None, EASTERN], ids=["latin", "eastern"])
def test_what_is_nobodys_may_be_said(words: str, digits: dict[int, int] | None) -> None:
    assert disclosures(words=words.translate(digits) if digits else words) == []


@pytest.mark.parametrize("mark", ["\u200b", "\u200f", "\u2066", "\u0640", "\u00ad"])
def test_marks_that_nobody_sees_hide_nothing(mark: str) -> None:
    hidden = mark.join("0551234567")
    assert [one.kind for one in disclosures(words=f"على {hidden}")] == [Disclosed.PHONE]
    assert [one.kind for one in disclosures(words=mark.join("العتيبي"), names=["سامي العتيبي"])] == [Disclosed.NAME]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("أهلًا سامي", ["سامي بن ناصر العتيبي"]),
        ("حياك الله يا عتيبي", ["سامي العتيبي"]),
        ("وسامي يعرف ذلك", ["سامي العتيبي"]),
        ("قلنا للعتيبي", ["سامي العتيبي"]),
        ("الأستاذ احمد", ["أحمد الدوسري"]),
        ("أختنا هبه", ["هبة علي"]),
        ("أهلًا عبدالله", ["عبد الله السالم"]),
        ("أهلًا عبد الله", ["عبدالله السالم"]),
        ("شكرًا نور الدين", ["نور الدين محمود"]),
        ("Dear SAMI", ["Sami Alotaibi"]),
        ("شركة الأفق عميل لدينا", ["شركة الأفق للتجارة"]),
        ("سامٍي", ["سامي العتيبي"]),
    ],
)
def test_a_name_is_found_however_it_is_written(words: str, names: list[str]) -> None:
    assert {one.kind for one in disclosures(words=words, names=names)} == {Disclosed.NAME}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("حفظكم الله، نتابع أمر الدين معكم", ["عبد الله صلاح الدين"]),
        ("بن يعمل", ["سامي بن ناصر"]),
        ("شركة لخدمتكم", ["شركة الأفق للتجارة"]),
        ("ساميون في خدمتكم", ["سامي العتيبي"]),
        ("The company answers", ["Alofuq Trading Company"]),
        ("أهلًا سامي", []),
    ],
)
def test_words_of_every_day_are_no_names(words: str, names: list[str]) -> None:
    assert disclosures(words=words, names=names) == []


@pytest.mark.parametrize("words", ["ملفكم ٧٧-أ", "ملفكم 77-أ،", "(77-أ)"])
def test_a_reference_of_the_matter_is_found_in_any_form(words: str) -> None:
    assert [one.kind for one in disclosures(words=words, references=["77-أ"])] == [Disclosed.REFERENCE]


def test_a_reference_inside_a_longer_word_is_none() -> None:
    assert disclosures(words="B77 والباقي", references=["77", ""]) == []


def test_everything_is_told_once_and_together() -> None:
    words = "سامي، هويتك 1023456789 وجوالك 0551234567 وعليك 500 ريال بشأن C-2026-000123"
    found = disclosures(words=words, names=["سامي العتيبي"], references=["C-2026-000123"])
    assert [one.kind for one in found] == [
        Disclosed.REFERENCE, Disclosed.IDENTIFIER, Disclosed.PHONE, Disclosed.AMOUNT, Disclosed.NAME,
    ]  # fmt: skip


@given(st.from_regex(r"5[034569][0-9]{7}", fullmatch=True), st.sampled_from(["", " ", "-", ".", "\u00a0"]))
def test_no_mobile_is_let_through_however_its_digits_are_parted(rest: str, between: str) -> None:
    assert disclosures(words=f"رقمك {between.join('0' + rest)} عندنا")


@given(st.text(max_size=200))
def test_any_text_is_read_and_what_is_found_of_it_is_shown(words: str) -> None:
    assert all(one.text for one in disclosures(words=words, names=[words], references=[words]))


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_reply_ends_with_the_way_into_private(language: str) -> None:
    whole = reply_ended(words=" نسعد بخدمتكم ", language=language, address="https://m.example/help/")
    assert whole.startswith("نسعد بخدمتكم\n")
    assert whole.endswith(":\nhttps://m.example/help/")
