"""The schema says what the fields do: a body takes no name it does not know."""

from __future__ import annotations

from typing import Any


def closed_bodies(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Close every object that a request sends; those of answers may grow."""
    for name, component in result.get("components", {}).get("schemas", {}).items():
        if name.endswith("Request") and component.get("type") == "object":
            component["additionalProperties"] = False
    return result
