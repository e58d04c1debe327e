"""Lucide's line icons, inlined; always beside a word."""

from __future__ import annotations

import re
from functools import lru_cache

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

MIRRORED = frozenset({"arrow-left", "arrow-right", "chevron-left", "chevron-right", "reply", "log-out", "undo-2"})
_NAME = re.compile(r"^[a-z0-9-]+$")


@lru_cache(maxsize=256)
def icon_svg(name: str, size: int = 16) -> SafeString:
    """The icon's SVG at 16 px and a stroke of 1.75. Raises ValueError for a name that is no icon."""
    path = settings.LUCIDE_ICONS_DIR / f"{name}.svg"
    if not _NAME.match(name) or not path.exists():
        raise ValueError(f"There is no icon {name!r}.")
    source = path.read_text(encoding="utf-8")
    inner = re.sub(r"\s+", " ", source[source.index(">", source.index("<svg")) + 1 : source.rindex("</svg>")]).strip()
    mirrored = " mirror" if name in MIRRORED else ""
    return mark_safe(  # noqa: S308 - files of our own dependency
        f'<svg class="icon{mirrored}" width="{size}" height="{size}" viewBox="0 0 24 24" fill="none" '
        f'stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" '
        f'aria-hidden="true" focusable="false">{inner}</svg>'
    )
