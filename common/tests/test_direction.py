"""What people type keeps its own direction, also where no isolate is known."""

from __future__ import annotations

import pytest

from common.components.format import in_own_direction, text_dir

RLM, LRM = "\u200f", "\u200e"


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("وعود لم تُوفَ.", "rtl"),
        ("• لا وعد قائمًا", "rtl"),
        ("3/11: وعد", "rtl"),
        ("No date (see e-mail).", "ltr"),
        ("• the manager قال", "ltr"),
        ("קצר", "rtl"),
        ("12.50", "ltr"),
        ("", "ltr"),
    ],
)
def test_the_first_letter_says_the_direction(text: str, direction: str) -> None:
    assert text_dir(text) == direction
    mark = RLM if direction == "rtl" else LRM
    assert in_own_direction(text) == f"{mark}{text}{mark}"
