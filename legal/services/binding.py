"""Pages of several PDFs bound into one: each in a frame of A4 with the stamp of its place beneath."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    EncodedStreamObject,
    FloatObject,
    NameObject,
    StreamObject,
)

from common.exceptions import Refused

# A4 in points, and the strip at its foot that belongs to the stamp.
WIDTH, HEIGHT, STRIP, EDGE = 595.28, 841.89, 54.0, 18.0
Matrix = tuple[float, float, float, float, float, float]
_HIDDEN = 2 | 32  # hidden, no view: flags of an annotation


def pdf_bound(*, made: Sequence[bytes], framed: Sequence[bytes], stamps: bytes) -> bytes:
    """One PDF: our own papers as they are, then what was uploaded, each page scaled into the frame above the strip.

    ``stamps`` has one page for each. What a page shows beyond its text (a filled form, a visible signature) is drawn
    into it; links and scripts are left out. Raises Refused for pages that cannot be read.
    """
    writer = PdfWriter()
    try:
        stamp = iter(PdfReader(io.BytesIO(stamps)).pages)
        for content in made:
            for page in PdfReader(io.BytesIO(content)).pages:
                _place(writer, page, (1, 0, 0, 1, 0, 0), next(stamp))
        for content in framed:
            for page in PdfReader(io.BytesIO(content)).pages:
                _place(writer, page, _into_frame(page), next(stamp))
        out = io.BytesIO()
        writer.write(out)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, ZeroDivisionError) as error:
        raise Refused("paper_broken", _("A paper among these cannot be read. Print it to a new PDF.")) from error
    return out.getvalue()


def _into_frame(page: PageObject) -> Matrix:
    """Turned as its viewer would, as large as the frame takes it but never enlarged, in the middle."""
    box = page.cropbox
    left, bottom, width, height = (float(n) for n in (box.left, box.bottom, box.width, box.height))
    turn = page.rotation % 360
    wide, high = (height, width) if turn in (90, 270) else (width, height)
    scale = min((WIDTH - 2 * EDGE) / wide, (HEIGHT - STRIP - EDGE) / high, 1.0)
    x, y = (WIDTH - wide * scale) / 2, STRIP + (HEIGHT - STRIP - EDGE - high * scale) / 2
    a, b, c, d = {0: (1, 0, 0, 1), 90: (0, -1, 1, 0), 180: (-1, 0, 0, -1), 270: (0, 1, -1, 0)}[turn]
    # Where the page's own corner comes to lie after the turn.
    e = {0: -left, 90: -bottom, 180: left + width, 270: bottom + height}[turn]
    f = {0: -bottom, 90: left + width, 180: bottom + height, 270: -left}[turn]
    return a * scale, b * scale, c * scale, d * scale, e * scale + x, f * scale + y


def _place(writer: PdfWriter, page: PageObject, matrix: Matrix, stamp: PageObject) -> None:
    sheet = writer.add_blank_page(width=WIDTH, height=HEIGHT)
    drawn = {"/P": _form(writer, page), "/S": _form(writer, stamp)}
    sheet[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/XObject"): DictionaryObject({NameObject(n): f for n, f in drawn.items()})}
    )
    content = DecodedStreamObject()
    content.set_data(f"q {_numbers(matrix)} cm /P Do Q q /S Do Q".encode())
    sheet[NameObject("/Contents")] = writer._add_object(content)


def _numbers(matrix: Sequence[float]) -> str:
    return " ".join(f"{n:.5f}" for n in matrix)


def _form(writer: PdfWriter, page: PageObject) -> Any:
    """A page as something that can be drawn, with the looks of its annotations in it."""
    copy = page.clone(writer, ignore_fields=("/Parent", "/Annots", "/AA", "/B", "/Thumb"))
    contents = page.get_contents()
    looks = list(_looks(page))
    resources = copy.get("/Resources", DictionaryObject()).get_object()
    drawing = b"q\n" + (contents.get_data() if contents is not None else b"") + b"\nQ"
    if looks:
        known = resources.setdefault(NameObject("/XObject"), DictionaryObject()).get_object()
        for n, (look, matrix) in enumerate(looks):
            known[NameObject(f"/Look{n}")] = look.clone(writer).indirect_reference
            drawing += f"\nq {_numbers(matrix)} cm /Look{n} Do Q".encode()
    form = DecodedStreamObject()
    form.set_data(drawing)
    box = page.cropbox
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject(FloatObject(n) for n in (box.left, box.bottom, box.right, box.top)),
            NameObject("/Resources"): resources,
        }
    )
    return writer._add_object(form.flate_encode())


def _looks(page: PageObject) -> Iterator[tuple[StreamObject, Matrix]]:
    """What annotations show, each with the matrix that puts it into its rectangle (ISO 32000, 12.5.5)."""
    for reference in page.get("/Annots", ArrayObject()).get_object() or ():
        annotation = reference.get_object()
        look = annotation.get("/AP", DictionaryObject()).get_object().get("/N")
        look = look.get_object() if look is not None else None
        if isinstance(look, DictionaryObject) and not isinstance(look, StreamObject):
            look = look.get(annotation.get("/AS", "/Off"))
            look = look.get_object() if look is not None else None
        if int(annotation.get("/F", 0)) & _HIDDEN or not isinstance(look, DecodedStreamObject | EncodedStreamObject):
            continue
        x0, y0, x1, y1 = (float(n) for n in look.get("/BBox", (0, 0, 0, 0)))
        a, b, c, d, e, f = (float(n) for n in look.get("/Matrix", (1, 0, 0, 1, 0, 0)))
        corners = [(a * x + c * y + e, b * x + d * y + f) for x in (x0, x1) for y in (y0, y1)]
        left, right = min(x for x, _y in corners), max(x for x, _y in corners)
        low, high = min(y for _x, y in corners), max(y for _x, y in corners)
        rect = [float(n) for n in annotation["/Rect"]]
        to_left, to_low = min(rect[0], rect[2]), min(rect[1], rect[3])
        if right > left and high > low:
            wide, tall = abs(rect[2] - rect[0]) / (right - left), abs(rect[3] - rect[1]) / (high - low)
            yield look, (wide, 0, 0, tall, to_left - left * wide, to_low - low * tall)
