"""A client's mark: taken apart and drawn again by us, so that nothing of the uploaded file is ever shown to anybody."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

LARGEST_FILE = 1024 * 1024
# Before anything is decoded: what a small file may unpack to.
MOST_PIXELS = 16_000_000
LEAST_SIDE = 24
# Twice what the portal's bar and the head of a report show, for sharp screens and paper.
WIDEST, HIGHEST = 640, 192
# Raster alone: a vector file is a program.
FORMATS = ("PNG", "JPEG")


class NotALogo(ValueError):
    """The file is no picture that we show."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """The picture as it is kept."""

    content: bytes
    width: int
    height: int


def logo_drawn(*, content: bytes) -> Drawn:
    """The picture again as PNG, within our bounds, without metadata. Raises NotALogo for anything else."""
    if not content or len(content) > LARGEST_FILE:
        raise NotALogo
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as found:
            width, height = found.size
            if width * height > MOST_PIXELS or min(width, height) < LEAST_SIDE:
                raise NotALogo
            picture = found.convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise NotALogo from error
    picture.thumbnail((WIDEST, HIGHEST), Image.Resampling.LANCZOS)
    # A picture of its own: what came along with the pixels (place, device, profile, text) stays behind.
    drawn = Image.new("RGBA", picture.size)
    drawn.paste(picture)
    out = io.BytesIO()
    drawn.save(out, format="PNG", optimize=True)
    return Drawn(content=out.getvalue(), width=drawn.width, height=drawn.height)
