"""Lines of what long runs came to, appended to ``docs/measurements/``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings


def keep(file: str, **line: Any) -> None:
    """One JSON line more."""
    path = Path(settings.BASE_DIR) / "docs" / "measurements" / file
    with path.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(line, ensure_ascii=False) + "\n")
