#!/usr/bin/env python3
"""Merge locale/parts/*.po into the Arabic catalogue and compile it. Fast when nothing changed.

With --check it lists the sentences that have no Arabic yet, and the Arabic nobody asks for; it exits 1 when there are
any.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "locale" / "ar" / "LC_MESSAGES" / "django.mo"
PARTS = sorted((ROOT / "locale" / "parts").glob("*.po"))
PLURALS = "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5;"


def merged() -> polib.POFile:
    """One catalogue of all parts. Raises SystemExit when two parts translate one sentence differently."""
    catalogue = polib.POFile()
    catalogue.metadata = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": "ar",
        "Plural-Forms": PLURALS,
    }
    seen: dict[tuple[str, str | None], polib.POEntry] = {}
    for part in PARTS:
        for entry in polib.pofile(str(part)):
            key = (entry.msgid, entry.msgctxt)
            if key in seen:
                if (seen[key].msgstr, seen[key].msgstr_plural) != (entry.msgstr, entry.msgstr_plural):
                    sys.exit(f"messages: {part.name} translates {entry.msgid!r} otherwise than another part")
                continue
            seen[key] = entry
            catalogue.append(entry)
    return catalogue


# A sentence, and the context it is asked in: the same word may be said otherwise elsewhere.
Asked = tuple[str, str | None]


def used() -> set[Asked]:
    """Every sentence that code and templates ask to translate, each in its context."""
    found: set[Asked] = set()
    text = r"(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    joined = rf"{text}(?:\s*{text})*"
    call = re.compile(rf"\b(?:_|gettext|gettext_lazy|ngettext|ngettext_lazy)\(\s*({joined})", re.S)
    within = re.compile(rf"\bn?pgettext(?:_lazy)?\(\s*{text},\s*({joined})", re.S)
    tag = re.compile(rf"{{%\s*(?:trans|translate)\s+{text}(?:\s+context\s+{text})?")
    block = re.compile(r"{%\s*blocktrans(?:late)?\b([^%]*)%}(.*?){%\s*(?:plural|endblocktrans(?:late)?)\s*%}", re.S)
    for folder in [
        "accounts",
        "clients",
        "collections_app",
        "legal",
        "common",
        "complaints",
        "config",
        "credit",
        "parties",
        "reporting",
    ]:
        for file in (ROOT / folder).rglob("*.py"):
            if "tests" in file.parts or "migrations" in file.parts:
                continue
            source = file.read_text(encoding="utf-8")
            found |= {(_literal(match.group(1), text), None) for match in call.finditer(source)}
            found |= {(_literal(match.group(2), text), match.group(1)[1:-1]) for match in within.finditer(source)}
    for file in (ROOT / "templates").rglob("*"):
        if not file.is_file():
            continue
        source = file.read_text(encoding="utf-8")
        found |= {(match.group(1)[1:-1], match.group(2) and match.group(2)[1:-1]) for match in tag.finditer(source)}
        for match in block.finditer(source):
            body = match.group(2)
            if "trimmed" in match.group(1):
                body = " ".join(line.strip() for line in body.strip().splitlines())
            context = re.search(rf"\bcontext\s+{text}", match.group(1))
            found.add((re.sub(r"{{\s*([\w.]+)[^}]*}}", r"%(\1)s", body), context and context.group(1)[1:-1]))
    return found


def _literal(source: str, text: str) -> str:
    return "".join(eval(part) for part in re.findall(text, source))  # noqa: S307 - our own literals


def _told(key: Asked) -> str:
    sentence, context = key
    return sentence if context is None else f"{sentence} ({context})"


def main() -> None:
    catalogue = merged()
    if "--check" in sys.argv:
        asked, entries = used(), {(entry.msgid, entry.msgctxt): entry for entry in catalogue}
        known = {key for key, entry in entries.items() if entry.translated()}
        lines = [f"no Arabic: {_told(key)}" for key in sorted(asked - known, key=str)]
        lines += [f"nobody asks for: {_told(key)}" for key in entries if key not in asked]
        print(*lines, sep="\n", end="\n" if lines else "")
        sys.exit(1 if lines else 0)
    newest = max([part.stat().st_mtime for part in PARTS] + [Path(__file__).stat().st_mtime])
    if TARGET.exists() and TARGET.stat().st_mtime >= newest:
        return
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save_as_mofile(str(TARGET))


if __name__ == "__main__":
    main()
