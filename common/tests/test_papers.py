"""Papers as people hand them in: whatever a file is made of, it is kept or refused in words."""

from __future__ import annotations

import random
import zlib

import pytest

from common.exceptions import Refused
from common.papers import paper_checked
from tests.world import a_pdf

HEAD, TAIL = b"%PDF-1.5\n", b"trailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF"


def objects(*told: bytes) -> bytes:
    """A PDF of these objects, the catalogue before them."""
    found = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, one) for n, one in enumerate(told, start=2))
    return HEAD + b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n" + found + TAIL


def tree(kids: bytes) -> bytes:
    return b"<< /Type /Pages /Kids [" + kids + b"] /Count 1 >>"


def a_bomb() -> bytes:
    """A cross reference that unpacks to two gigabytes."""
    pressed, packed = zlib.compressobj(9), b""
    for _mega in range(64):
        packed += pressed.compress(bytes(32 * 1024 * 1024))
    packed += pressed.flush()
    stream = b"<< /Type /XRef /Size 5 /W [1 2 1] /Root 2 0 R /Filter /FlateDecode /Length %d >>" % len(packed)
    return HEAD + b"1 0 obj\n" + stream + b"\nstream\n" + packed + b"\nendstream\nendobj\nstartxref\n9\n%%EOF"


def test_a_broken_pdf_is_refused_in_words_wherever_it_is_broken() -> None:
    whole, chance, kept = a_pdf(), random.Random(1), 0
    for _n in range(300):
        broken = bytearray(whole)
        for _m in range(chance.randrange(1, 10)):
            at = chance.randrange(5, len(broken))
            signs = b"0123456789<>[]()/ RKP\n"
            broken[at] = chance.choice(signs) if chance.random() < 0.7 else chance.randrange(256)
        try:
            kept += paper_checked(content=bytes(broken))[1] == 1
        except Refused as refusal:
            assert refusal.code in {"paper_broken", "paper_locked"}
    assert kept


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (objects(tree(b"3 0 R") + b"", b"7"), "paper_broken"),
        (objects(tree(b"2 0 R " * 1_000)), "paper_broken"),
        (objects(b"<< /Type /Pages /Kids [] /Count 0 >>"), "paper_broken"),
        (objects(tree(b"3 0 R " * 40_000), b"<< /Type /Page >>"), "paper_pages"),
        (HEAD + b"1 0 obj\n" + b"[" * 200_000 + b"\nendobj\n" + TAIL, "paper_broken"),
        (HEAD + b"startxref\n0\n" * 100_000, "paper_broken"),
        (b"MZ", "paper_type"),
    ],
    ids=["no page", "its own page", "no pages", "40,000 pages", "deep", "nowhere", "a program"],
)
def test_a_pdf_that_is_made_to_hurt_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        paper_checked(content=content)
    assert refusal.value.code == code


def test_a_pdf_that_unpacks_to_gigabytes_is_refused() -> None:
    with pytest.raises(Refused, match="paper_broken"):
        paper_checked(content=a_bomb())
