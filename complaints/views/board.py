"""The board by nearest deadline (placeholder until its slice)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


def board(request: HttpRequest) -> HttpResponse:
    return redirect("matters")
