"""How far an agreement lets the client's people and systems look (ADR 0048). One table, asked by every door."""

from __future__ import annotations

from clients.choices import PortalView

# From the narrowest: each view opens all that the ones before it do.
_WIDER = (PortalView.FIGURES, PortalView.CASES, PortalView.CONTACTS)


def view_opens(*, view: str, least: str) -> bool:
    """True when an agreement with this view opens what asks for ``least``; one that nobody knows opens nothing."""
    return view in _WIDER and _WIDER.index(PortalView(view)) >= _WIDER.index(PortalView(least))
