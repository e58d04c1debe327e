#!/usr/bin/env python3
"""Compile every template: an unknown tag, filter or unclosed block is found here, not by a reader of the page."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")


def main() -> int:
    import django
    from django.template import TemplateSyntaxError
    from django.template.loader import get_template

    django.setup()
    wrong = 0
    for file in sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file()):
        try:
            get_template(str(file.relative_to(ROOT / "templates")))
        except (TemplateSyntaxError, UnicodeDecodeError) as error:
            wrong += 1
            print(f"{file.relative_to(ROOT)}: {error}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
