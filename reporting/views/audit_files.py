"""What the auditor's desk lists, as files: the same filters, cells that open nothing by themselves."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_GET

from accounts.access import allow
from common import clock
from common.approvals import kinds
from common.spreadsheets import XLSX, text_write, workbook_write
from reporting.models import AuditVerification
from reporting.policies import can_audit
from reporting.selectors.audit import Asked, approvals_found, looks_found, signatures_found
from reporting.selectors.history import versions_told
from reporting.views.audit import EXPORT_MOST, attempts_found, events_found
from reporting.views.audit_desk import versions_asked

_IN_MEMORY = 4 * 1024 * 1024
_CHUNK = 500
Lines = Iterator[Sequence[Any]]


def _at(moment: dt.datetime | None) -> str:
    return moment.astimezone(clock.RIYADH).isoformat(timespec="seconds") if moment else ""


def _history(asked: Asked) -> Lines:
    yield ["at", "who", "record", "key", "kind", "action", "why", "field", "before", "after"]
    found = versions_asked(asked)
    for first in range(0, EXPORT_MOST, _CHUNK):
        some = list(found[first : first + _CHUNK])
        if not some:
            return
        for one in versions_told(some):
            for cell in one.cells:
                told = [_at(one.at), one.who, one.model, one.key, str(one.words), one.action, one.why]
                yield [*told, cell.name, cell.before, cell.after]


def _access(asked: Asked) -> Lines:
    yield ["at", "who", "email", "role", "what", "subject", "key", "why"]
    for look in looks_found(asked)[:EXPORT_MOST].iterator(chunk_size=_CHUNK):
        user = look.user
        yield [_at(look.at), user.name, user.email, user.role, look.what, look.subject_type, look.subject_id, look.why]


def _approvals(asked: Asked) -> Lines:
    """One line a decision; one for what nobody decided yet."""
    words = {kind.code: str(kind.words) for kind in kinds()}
    yield [
        "number", "kind", "subject", "key", "client", "amount", "currency", "digest", "prepared_by", "prepared_at",
        "status", "applied_at", "step", "decision", "by", "role", "in_place_of", "at", "digest_read", "reason",
    ]  # fmt: skip
    for one in approvals_found(asked)[:EXPORT_MOST].iterator(chunk_size=_CHUNK):
        head = [
            one.pk, words.get(one.kind, one.kind), one.subject_type, one.subject_id, one.client_id, one.amount,
            one.currency, one.digest, one.prepared_by.name, _at(one.prepared_at), one.status, _at(one.applied_at),
        ]  # fmt: skip
        decisions = list(one.decisions.all())
        for made in decisions:
            behalf = made.on_behalf_of.name if made.on_behalf_of else ""
            yield [
                *head, made.step.position, made.decision, made.person.name, made.role, behalf, _at(made.at),
                made.digest, made.reason,
            ]  # fmt: skip
        if not decisions:
            yield [*head, *[""] * 8]


def _signatures(asked: Asked) -> Lines:
    yield [
        "number", "client", "account", "signed_at", "signatory", "power", "ceiling", "cost_ceiling", "currency",
        "steps", "valid_until", "digest", "document_sha256", "revoked_at", "revoked_by", "revoked_reason",
    ]  # fmt: skip
    for one in signatures_found(asked)[:EXPORT_MOST].iterator(chunk_size=_CHUNK):
        yield [
            one.number, one.client.code, one.case.debtor.debtor_ref, _at(one.signed_at), one.signatory.name,
            one.signatory_power, one.ceiling, one.cost_ceiling, one.currency, " ".join(one.steps), one.valid_until,
            one.request.digest, one.document_hash, _at(one.revoked_at), one.revoked_by.name if one.revoked_by else "",
            one.revoked_reason,
        ]  # fmt: skip


def _events(asked: Asked) -> Lines:
    yield ["link", "at", "kind", "who", "action", "subject", "key", "client", "digest"]
    for one in events_found(asked)[:EXPORT_MOST].iterator(chunk_size=_CHUNK):
        link = one.seal.seq if getattr(one, "seal", None) else ""
        yield [
            link, _at(one.at), one.actor_kind, one.actor_name, one.action, one.subject_type, one.subject_id,
            one.client_id, one.digest_hex,
        ]  # fmt: skip


def _trail(asked: Asked) -> Lines:
    yield ["id", "at", "client", "account", "channel", "reached", "outcome", "verdict", "rules", "breach_reason", "by",
           "note"]  # fmt: skip
    for one in attempts_found(asked)[:EXPORT_MOST].iterator(chunk_size=_CHUNK):
        yield [
            one.pk, _at(one.at), one.client.code, one.case.debtor.debtor_ref, one.channel, one.reached, one.outcome,
            one.verdict, " ".join(rule["rule"] for rule in one.rules), one.breach_reason,
            one.by.name if one.by else "", one.note,
        ]  # fmt: skip


def _verifications(asked: Asked) -> Lines:
    yield ["asked_at", "asked_by", "state", "ended_at", "checked", "head", "bad_link", "bad_event", "reason"]
    for one in AuditVerification.objects.select_related("asked_by")[:EXPORT_MOST]:
        yield [
            _at(one.asked_at), one.asked_by.name, one.state, _at(one.ended_at), one.checked, one.head_hash,
            one.bad_seq, one.bad_event, one.reason,
        ]  # fmt: skip


FILES: dict[str, Callable[[Asked], Lines]] = {
    "history": _history,
    "access": _access,
    "approvals": _approvals,
    "signatures": _signatures,
    "events": _events,
    "trail": _trail,
    "verifications": _verifications,
}
_WRITERS: dict[str, tuple[Callable[..., None], str]] = {
    "csv": (text_write, "text/csv; charset=utf-8"),
    "xlsx": (workbook_write, XLSX),
}


def _plain(lines: Iterable[Sequence[Any]]) -> Lines:
    for line in lines:
        yield ["" if cell is None else cell for cell in line]


@require_GET
@allow(can_audit)
def audit_file(request: HttpRequest, what: str, ending: str) -> FileResponse:
    """One list of the desk as CSV or as a workbook, at most a hundred thousand rows."""
    if what not in FILES or ending not in _WRITERS:
        raise Http404
    write, kind = _WRITERS[ending]
    content: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the response closes it
    write(content=content, rows=_plain(FILES[what](Asked(given=request.GET))))
    content.seek(0)
    name = f"audit-{what}-{clock.today()}.{ending}"
    return FileResponse(content, as_attachment=True, filename=name, content_type=kind)
