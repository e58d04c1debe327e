"""Parts of an address."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import IntConverter

LARGEST = 2**63 - 1


class KeyConverter(IntConverter):
    """The key of a row: a number the database can hold; anything larger is no address."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        key = int(value)
        if key > LARGEST:
            raise ValueError("no key")
        return key


def register() -> None:
    """Let addresses name keys as ``<key:pk>``."""
    register_converter(KeyConverter, "key")
