"""Figures with their proof: every KPI of a client and period, the rows behind each, and the same as a file."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import tempfile
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import allow, user_of
from clients.models import Client
from common import clock
from common.forms import key_of
from common.htmx import is_fragment
from common.spreadsheets import XLSX, workbook_write
from reporting.kpis import FAMILIES, FAMILY_OF, KPIS, Ask, Family, Figure, Kpi
from reporting.kpis.proof import cell_text, proof_file, proof_of
from reporting.kpis.reading import family_figures, proof_columns, proof_streamed
from reporting.kpis.shown import COLUMN_WORDS, ages, cell_of, matrices, stairs, value_text
from reporting.policies import can_read_figures, figures_clients_visible_to

A_PAGE, LAST_PAGE = 50, 10**9
SPAN = 30
EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(9998, 12, 31)
_IN_MEMORY = 4 * 1024 * 1024
# A file of text may be of any length; of a workbook a spreadsheet opens so many rows.
WORKBOOK_MOST = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an address asks for: whose figures, of which period, as known when."""

    client: Client
    ask: Ask

    @property
    def query(self) -> str:
        """The same question for the rows: as known at the moment at which this page was answered, so that they agree
        whatever is recorded meanwhile.
        """
        return urlencode(
            {
                "client": self.client.pk,
                "from": self.ask.first.isoformat(),
                "to": self.ask.last.isoformat(),
                "known": self.ask.moment.isoformat(),
            }
        )


def day_told(text: str | None) -> dt.date | None:
    try:
        day = clock.date_of(text or "")
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def _moment(text: str | None, *, now: dt.datetime) -> dt.datetime | None:
    """A moment that has been; None for anything else. A plus sign in an address is a blank."""
    try:
        moment = dt.datetime.fromisoformat((text or "").replace(" ", "+"))
    except ValueError:
        return None
    if moment.tzinfo is None or not EARLIEST <= moment.date() <= LATEST:
        return None
    return moment if moment <= now else None


def _asked(request: HttpRequest) -> Asked | None:
    """The question of an address; None while there is no client. 404 for a client whom this person does not see."""
    told, clients = request.GET, figures_clients_visible_to(user_of(request)).order_by("code")
    if told.get("client"):
        client = clients.filter(pk=key_of(told["client"]) or 0).first()
        if client is None:
            raise Http404
    else:
        client = clients.first()
    if client is None:
        return None
    return asked_of(request, client=client)


def asked_of(request: HttpRequest, *, client: Client) -> Asked:
    """The period and the moment that an address asks for, of a client that this person may read."""
    told, now = request.GET, clock.now()
    last = day_told(told.get("to")) or client.book_date or clock.today()
    first = day_told(told.get("from")) or last - dt.timedelta(days=SPAN)
    known_at = _moment(told.get("known"), now=now)
    ask = Ask(client_id=client.pk, first=min(first, last), last=max(first, last), now=now, known_at=known_at)
    return Asked(client=client, ask=ask)


def _printed(side: Decimal | int | None) -> str:
    """Numerator or denominator as it is printed; empty where there is none."""
    return "" if side is None else str(cell_of("", side).value)


def _line(figure: Figure) -> dict[str, Any]:
    """One KPI as the page shows it; with several currencies one value each."""
    kpi = figure.kpi
    several = len(figure.currencies) > 1
    return {
        "kpi": kpi,
        "value": value_text(figure.value, kpi.unit),
        "over": _printed(figure.numerator),
        "under": _printed(figure.denominator),
        "currencies": [(r["currency"], value_text(r["value"], kpi.unit)) for r in figure.currencies] if several else [],
    }


def _told(family: Family, asked: Asked) -> dict[str, Any]:
    """A family as the page shows it."""
    found = {figure.kpi.code: figure for figure in family_figures(family=family, ask=asked.ask)}
    lines = {code: _line(figure) for code, figure in found.items()}
    return {
        "family": family,
        "lines": list(lines.values()),
        "head": [line for code, line in lines.items() if code in HEAD],
        "ages": ages(found["AGING"]) if "AGING" in found else [],
        "rolls": [(found[code].kpi, matrices(found[code])) for code in MATRICES if code in found],
        "stairs": stairs(found["STAIR_STEP"]) if "STAIR_STEP" in found else [],
        "stair": KPIS["STAIR_STEP"],
    }


@require_GET
@allow(can_read_figures)
def figures(request: HttpRequest) -> HttpResponse:
    """Every KPI of a client and period: name, value, formula in words, what counts above and below.

    The page answers at once; each family of figures comes by itself, as known at the moment of the page. Where nothing
    is fetched for it, the browser asks for the whole.
    """
    asked = _asked(request)
    clients = figures_clients_visible_to(user_of(request)).order_by("code")
    if asked is None:
        return render(request, "reporting/figures.html", {"clients": clients, "asked": None})
    if is_fragment(request):
        family = next((family for family in FAMILIES if family.code == request.GET.get("family")), None)
        if family is None:
            raise Http404
        return render(request, "reporting/figures_part.html", {"asked": asked, "told": _told(family, asked)})
    whole = "whole" in request.GET
    families: list[dict[str, Any]] = [
        _told(family, asked) if whole else {"family": family, "head": []} for family in FAMILIES
    ]
    head = {line["kpi"].code: line for told in families for line in told["head"]}
    return render(
        request,
        "reporting/figures.html",
        {
            "asked": asked,
            "clients": clients,
            "families": families,
            "head": [head.get(code, {"kpi": KPIS[code]}) for code in HEAD],
            "whole": whole,
        },
    )


MATRICES = ("ROLL_RATES", "ROLL_ACCOUNTS")
# What one looks for first.
HEAD = ("RECOVERY_RATE", "CURE_RATE", "PROMISE_KEPT_COUNT", "RIGHT_PARTY_OF_ATTEMPTS", "AVERAGE_DAYS_LATE")


def _kpi(code: str) -> Kpi:
    if code not in KPIS:
        raise Http404
    return KPIS[code]


def _narrowed(request: HttpRequest, kpi: Kpi) -> dict[str, str]:
    """The cell of a figure that the address names."""
    names = ("currency", *kpi.groups)
    return {name: request.GET[name][:80] for name in names if request.GET.get(name)}


def _question(request: HttpRequest) -> Asked:
    asked = _asked(request)
    if asked is None:
        raise Http404
    return asked


@require_GET
@allow(can_read_figures)
def figure_rows(request: HttpRequest, code: str) -> HttpResponse:
    """The rows that a figure counts, with their number, sums and hash."""
    return render(
        request, "reporting/figure_rows.html", rows_context(request, kpi=_kpi(code), asked=_question(request))
    )


def rows_context(request: HttpRequest, *, kpi: Kpi, asked: Asked) -> dict[str, Any]:
    """What a page of rows shows; its page and cell are those of the address."""
    family, narrowed = FAMILY_OF[kpi.code], _narrowed(request, kpi)
    number = min(key_of(request.GET.get("page", "")) or 1, LAST_PAGE)
    what: dict[str, Any] = {"family": family, "kpi": kpi, "ask": asked.ask, "narrowed": narrowed, "most": A_PAGE}
    with transaction.atomic():
        proof = proof_of(**what, first=(number - 1) * A_PAGE)
        page = Paginator(range(proof.count), A_PAGE).get_page(number)
        if page.number != number:
            proof = proof_of(**what, first=(page.number - 1) * A_PAGE)
    columns = proof_columns(family=family)[: None if kpi.under is not None else -1]
    lines = [[cell_of(name, line[name]) for name in columns] for line in proof.page]
    return {
        "asked": asked,
        "kpi": kpi,
        "proof": proof,
        "page": page,
        "narrowed": [(COLUMN_WORDS[name], cell_of(name, value)) for name, value in narrowed.items()],
        "columns": [
            (COLUMN_WORDS[name], any(line[n].kind == "figure" for line in lines)) for n, name in enumerate(columns)
        ],
        "lines": lines,
        "sums": [_printed(proof.numerator), _printed(proof.denominator)],
        "has_under": kpi.under is not None,
        "fits_workbook": proof.count <= WORKBOOK_MOST,
        "query": f"{asked.query}&{urlencode(narrowed)}",
    }


def _named(asked: Asked, kpi: Kpi, *, count: int, sha256: str, ending: str) -> str:
    """A file says of itself what it is, how many rows it has, and the first of its hash."""
    name = f"{asked.client.code}-{kpi.code}-{asked.ask.first}-{asked.ask.last}-{count}-{sha256[:12]}.{ending}"
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)


def _answer(content: IO[bytes], *, name: str, kind: str, count: int, sha256: str) -> FileResponse:
    content.seek(0)
    response = FileResponse(content, as_attachment=True, filename=name, content_type=kind)
    response["X-Rows"], response["X-SHA256"] = str(count), sha256
    return response


@require_GET
@allow(can_read_figures)
def figure_csv(request: HttpRequest, code: str) -> FileResponse:
    """The rows as their canonical file; its SHA-256 is the hash of the figure's proof."""
    return csv_answer(request, kpi=_kpi(code), asked=_question(request))


def csv_answer(request: HttpRequest, *, kpi: Kpi, asked: Asked) -> FileResponse:
    """The canonical file of a figure's rows."""
    content: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the response closes it
    digest, lines = hashlib.sha256(), -1
    with transaction.atomic():
        for part in proof_file(family=FAMILY_OF[kpi.code], kpi=kpi, ask=asked.ask, narrowed=_narrowed(request, kpi)):
            digest.update(part)
            content.write(part)
            lines += part.count(b"\r\n")
    sha256 = digest.hexdigest()
    name = _named(asked, kpi, count=lines, sha256=sha256, ending="csv")
    return _answer(content, name=name, kind="text/csv; charset=utf-8", count=lines, sha256=sha256)


@require_GET
@allow(can_read_figures)
def figure_xlsx(request: HttpRequest, code: str) -> FileResponse:
    """The same rows as a workbook; its name and headers carry the number and hash of the canonical file."""
    kpi, asked = _kpi(code), _question(request)
    family, narrowed = FAMILY_OF[code], _narrowed(request, kpi)
    content: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the response closes it

    def table() -> Any:
        yield proof_columns(family=family)
        for chunk in proof_streamed(family=family, kpi=kpi, ask=asked.ask, narrowed=narrowed):
            for line in chunk:
                yield [cell_text(cell) if isinstance(cell, dt.datetime) else cell for cell in line]

    with transaction.atomic():
        proof = proof_of(family=family, kpi=kpi, ask=asked.ask, narrowed=narrowed, most=0)
        if proof.count > WORKBOOK_MOST:
            raise Http404
        workbook_write(content=content, rows=table())
    name = _named(asked, kpi, count=proof.count, sha256=proof.sha256, ending="xlsx")
    return _answer(content, name=name, kind=XLSX, count=proof.count, sha256=proof.sha256)
