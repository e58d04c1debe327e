"""Words that no message may hold, both languages, both sides of each word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import wording
from common.messages import MessageKind, Place, Text, filled, message_kinds, places_in, sms_parts, text_faults

KIND = MessageKind(
    code="K", words="k", texts=(),
    places=(Place(name="holder", words="h", example_ar="سامي", example_en="Sami"),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "group", "found"),
    [
        ("We will tell SAMA", wording.REGULATOR, ["SAMA"]),
        ("the same sample", wording.REGULATOR, []),
        ("سنخبر البنك المركزي", wording.REGULATOR, ["البنك المركزي"]),
        ("مؤسَّسة النقد", wording.REGULATOR, ["مؤسَّسة النقد"]),
        ("your SIMAH record, and the black list", wording.BUREAU, ["SIMAH", "black list"]),
        ("سيُبلَّغ سمة", wording.BUREAU, ["سمة"]),
        ("باسمه واسمها", wording.BUREAU, []),
        ("The POLICE may jail you", wording.FORCE, ["POLICE", "jail"]),
        ("a policy on parcels", wording.FORCE, []),
        ("ستتصل بالشرطة", wording.FORCE, ["بالشرطة"]),
        ("شرط السداد وشروطه", wording.FORCE, []),
        ("ســـجن", wording.FORCE, ["ســـجن"]),
        ("سَتُسْجَنُ", wording.FORCE, ["سَتُسْجَن"]),
        ("المنع من السفر وإيقاف الخدمات", wording.FORCE, ["المنع من السفر", "وإيقاف الخدمات"]),
        ("استُلم المبلغ بعد القبض", wording.FORCE, []),
        ("shame on you, defaulter", wording.SHAME, ["shame", "defaulter"]),
        ("a shampoo", wording.SHAME, []),
        ("هذا عار عليك أيها المماطل", wording.SHAME, ["عار", "المماطل"]),
        ("إشعار وشعار واستعارة", wording.SHAME, []),
        ("we shall go to court with a lawsuit", wording.LEGAL, ["court", "lawsuit"]),
        ("with courtesy", wording.LEGAL, []),
        ("an issue was sued over", wording.LEGAL, ["sued"]),
        ("ستُرفع للمحكمة دعوى", wording.LEGAL, ["للمحكمة", "دعوى"]),
        ("دعوة كريمة، بعد انقضاء المدة", wording.LEGAL, []),
        ("الإجراءات النظامية وخطوة قانونية", wording.LEGAL, ["الإجراءات النظامية", "وخطوة قانونية"]),
        ("p\u200bolice", wording.FORCE, ["p\u200bolice"]),
        ("ｐｏｌｉｃｅ", wording.FORCE, ["ｐｏｌｉｃｅ"]),
    ],
)
def test_a_word_is_found_as_it_is_heard_and_its_neighbours_are_not(text: str, group: str, found: list[str]) -> None:
    assert wording.words_found(text=text, groups=[group]) == found


@given(st.text())
def test_any_text_can_be_looked_at_and_what_is_found_stands_in_it(text: str) -> None:
    assert all(word in text for word in wording.words_found(text=text, groups=[*wording.CONDUCT, wording.LEGAL]))


def faults(body: str, *, subject: str = "س", channel: str = "EMAIL", threatens: bool = False) -> dict[str, str]:
    text = Text(channel=channel, language="en", subject=subject, body=body)
    return {name: str(words) for name, words in text_faults(kind=KIND, text=text, threatens=threatens).items()}


def test_faults_are_named_with_their_words() -> None:
    assert faults("Dear {holder}") == {}
    assert "«police»" in faults("the police")["body"]
    assert "CONDUCT-WORDING" in faults("ok", subject="jail")["subject"]
    assert "LEGAL-THREAT" in faults("a lawsuit")["body"]
    assert faults("a lawsuit", threatens=True) == {}
    assert "CONDUCT-WORDING" in faults("a lawsuit by the police", threatens=True)["body"]
    assert "«name»" in faults("{name}")["body"]
    for body in ("{holder", "holder}", "{holder.party}", "{0}", "{}", "{holder!r}"):
        assert faults(body).keys() == {"body"}, body
    assert faults("ok", subject="").keys() == {"subject"}
    assert faults("ok", subject="s" * 201).keys() == {"subject"}
    assert faults("ok", subject="", channel="SMS") == {}
    assert faults("x" * 600, subject="", channel="SMS") == {}
    assert faults("x" * 601, subject="", channel="SMS").keys() == {"body"}


def test_what_apps_ship_may_be_sent_in_both_languages_with_the_same_places() -> None:
    for kind in message_kinds():
        assert kind.texts
        for text in kind.texts:
            assert text_faults(kind=kind, text=text, threatens=kind.threatens) == {}, (kind.code, text)
            values = kind.examples(text.language)
            assert not places_in(filled(text=text, values=values)["text"])
        for channel in {text.channel for text in kind.texts}:
            ar, en = (kind.text(channel=channel, language=language) for language in ("ar", "en"))
            assert ar and en
            assert set(places_in(ar.body)) == set(places_in(en.body)), (kind.code, channel)


@given(st.text())
def test_a_value_stays_on_its_line_and_cannot_become_markup_or_a_place(value: str) -> None:
    text = Text(channel="EMAIL", language="ar", subject="إلى {holder}", body="أهلًا {holder}.\n\nشكرًا")
    content = filled(text=text, values={"holder": value})
    assert len(content["subject"].splitlines()) == 1
    assert content["text"].count("\n") == 2
    assert content["html"].count("<") == 6
    assert content["html"].startswith("<p>أهلًا <bdi>")


@pytest.mark.parametrize("language", ["ar", "en"])
def test_an_address_stands_bare_in_a_text_and_is_pressed_in_a_mail(language: str) -> None:
    """What follows an address on a phone would be taken as a part of it."""
    text, where = Text(channel="EMAIL", language=language, subject="s", body="{rate}"), "https://example.com/rate/a-b/"
    content = filled(text=text, values={"rate": where}, links={"rate"})
    assert content["text"] == where
    assert content["html"] == f'<p><a href="{where}"><bdi>{where}</bdi></a></p>'
    assert "<a" not in filled(text=text, values={"rate": where})["html"], "what a stranger wrote is never a link"


@pytest.mark.parametrize(
    ("text", "parts"),
    [("", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("س" * 70, 1), ("س" * 71, 2),
     ("س" * 134, 2), ("س" * 135, 3)],
)  # fmt: skip
def test_short_messages_are_counted_in_their_alphabet(text: str, parts: int) -> None:
    assert sms_parts(text) == parts
