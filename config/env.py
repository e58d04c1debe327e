"""Settings come from the environment alone; a variable nobody knows is refused, so that a typing slip is heard.

Variables that are not set are looked up in ``.local/env``, which ``make services-up`` writes for this checkout.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

PREFIX = "MITHAQ_"
# One who gives the one gives the other: never the application here and the owner there.
PAIR = {"DATABASE_URL", "DATABASE_OWNER_URL"}


def read_file(path: Path) -> dict[str, str]:
    """The KEY=VALUE lines of a file; empty when there is none."""
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {key: value for key, _equals, value in pairs}


class Env:
    """Typed access to the variables of one process. ``known`` collects what was asked for."""

    def __init__(self, *, environ: Mapping[str, str], fallback: Mapping[str, str]) -> None:
        ours = set(fallback) - PAIR if PAIR & set(environ) else set(fallback)
        self._values = {**{name: fallback[name] for name in ours}, **environ}
        self._given = set(environ)
        self.known: set[str] = set()

    def text(self, name: str, default: str | None = None) -> str:
        """A variable as text. Raises ImproperlyConfigured when it is not set and has no default."""
        self.known.add(name)
        value = self._values.get(name, default)
        if value is None:
            raise ImproperlyConfigured(f"{name} is not set. Run `make services-up`, or set it.")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """A variable as yes or no: 1/0, true/false, yes/no."""
        value = self.text(name, "yes" if default else "no").lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off", ""}:
            return False
        raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")

    def number(self, name: str, default: int) -> int:
        """A variable as a whole number."""
        value = self.text(name, str(default))
        try:
            return int(value)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from error

    def mapping(self, name: str, default: str) -> dict[str, Any]:
        """A variable as a JSON object."""
        try:
            value = json.loads(self.text(name, default))
        except ValueError as error:
            # Not the value: it may be a secret.
            raise ImproperlyConfigured(f"{name} must be a JSON object.") from error
        if not isinstance(value, dict):
            raise ImproperlyConfigured(f"{name} must be a JSON object.")
        return value

    def words(self, name: str, default: str = "") -> list[str]:
        """A variable as a list, parted by commas."""
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def given(self, name: str) -> bool:
        """True when the environment itself sets the variable."""
        return name in self._given

    def require_given(self, *names: str) -> None:
        """Raise ImproperlyConfigured for a variable that has only a default or stands in a checkout's file."""
        missing = [name for name in names if name not in self._given]
        if missing:
            raise ImproperlyConfigured(f"{', '.join(missing)} must be set in the environment.")

    def refuse_unknown(self) -> None:
        """Raise ImproperlyConfigured for a MITHAQ_ variable that no setting asked for."""
        unknown = sorted(name for name in self._given if name.startswith(PREFIX) and name not in self.known)
        if unknown:
            raise ImproperlyConfigured(f"Unknown setting in the environment: {', '.join(unknown)}.")


def load(*, root: Path) -> Env:
    """The environment of this process over the checkout's own ``.local/env``."""
    return Env(environ=os.environ, fallback=read_file(root / ".local" / "env"))
