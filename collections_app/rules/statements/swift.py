"""MT940 and MT942. The grammar of a field is the library's; which line it stands on, and what is missing, is ours.

The library (mt-940) reads a file as one stream of fields: it passes over what it does not know, keeps the last of two
balances, cuts an amount at its fifteenth digit, and puts an entry that names no type under the next. So each field is
handed to it alone, by its line, and what it did not read whole is refused.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import mt940

from collections_app.rules.statements.values import (
    Entry,
    Statement,
    Statements,
    Unreadable,
    Warned,
    amount_read,
    has_invisible,
    statement_of,
    visible,
)

# The library logs the text of every field it cannot read: names and account numbers of people.
logging.getLogger("mt940").setLevel(logging.CRITICAL + 1)

_OPTIONS = mt940.Options.all()
_TAGS: dict[str, Any] = {str(tag.value.id): tag.value for tag in mt940.tags.Tags}
# The line as the standard writes it, then as banks do that put an account into the reference.
_ENTRY_TAGS = (mt940.tags.Statement(), mt940.tags.StatementGLS(), mt940.tags.StatementASNB())
_FIELD = re.compile(r"^:(?P<tag>(?P<number>\d{2}|NS)[A-Z]?):")
# A colon that a wrapped line left alone on the line before.
_ALONE = re.compile(r"^:\s*$")
_ALONE_REST = re.compile(r"^(\d{2}|NS)[A-Z]?:")
_ENVELOPE = re.compile(r"^(\{\d:.*|-\}.*|-)$")
_AMOUNT = re.compile(r"^\d{6}(?:\d{4}|\s{4})?R?[CD][A-Z]?\s?(?P<amount>[\d,]+)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_BALANCE = re.compile(r"^(?P<mark>[CD])(?P<date>\d{6})(?P<currency>[A-Z]{3})(?P<amount>\d*,?\d*)\s*$")
_BALANCE_BARE = re.compile(r"^[CD]\d{6}\d+,?\d*\s*$")
_NO_REFERENCE = frozenset({"", "NONREF", "NOTPROVIDED"})
# What a structured :86: says, in the order a person reads it.
_DETAILS = ("posting_text", "purpose", "end_to_end_reference", "additional_position_reference", "customer_reference")
_DETAILS_MORE = ("additional_purpose", "transaction_details", "non_swift_text", "extra_details")


@dataclass(frozen=True, kw_only=True)
class _Field:
    tag: str
    line: int
    text: str

    @property
    def number(self) -> str:
        return self.tag[:2]


@dataclass(kw_only=True)
class _Draft:
    """A statement while its fields come."""

    line: int
    account: str = ""
    currency: str = ""
    opening: tuple[Decimal, str] | None = None
    closing: tuple[Decimal, str] | None = None
    entries: list[Entry] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    balances: int = 0

    @property
    def begun(self) -> bool:
        """Something beyond a header stands here."""
        return bool(self.entries or self.balances)

    @property
    def holds_something(self) -> bool:
        return bool(self.account or self.entries or self.opening or self.closing)

    def warn(self, code: str, line: int) -> None:
        self.warnings.append(Warned(code=code, line=line))

    def made(self) -> Statement:
        return statement_of(
            line=self.line,
            account=self.account,
            currency=self.currency,
            opening=self.opening,
            closing=self.closing,
            entries=tuple(self.entries),
            warnings=tuple(self.warnings),
        )


def mt940_read(*, content: bytes) -> Statements:
    """All statements of a file. Raises Unreadable with the line for what is none, or not one to be trusted.

    Text that is not UTF-8 is shown with a mark in its place and said: the figures of an MT940 are ASCII.
    """
    warnings: list[Warned] = []
    text = content.decode("utf-8-sig", errors="replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    unseen = next((number for number, line in enumerate(lines, start=1) if has_invisible(line)), 0)
    if unseen:
        warnings.append(Warned(code="control", line=unseen))
    undecoded = _undecoded(content)
    if undecoded:
        warnings.append(Warned(code="bytes", line=undecoded))
    fields = list(_fields(lines=lines, warnings=warnings))
    if not fields:
        raise Unreadable("unknown_form", line=1)
    drafts = _drafts(fields=fields)
    kept = [draft for draft in drafts if draft.holds_something]
    if not kept:
        raise Unreadable("nothing", line=fields[0].line)
    form = "MT942" if any(f.number in {"34", "90", "13"} for f in fields) and not _balances(fields) else "MT940"
    return Statements(form=form, statements=tuple(draft.made() for draft in kept), warnings=tuple(warnings))


def _undecoded(content: bytes) -> int:
    """The line of the first byte that is not UTF-8; zero when all are."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return content[: error.start].count(b"\n") + 1
    return 0


def _balances(fields: Sequence[_Field]) -> bool:
    return any(f.number in {"60", "62"} for f in fields)


def _fields(*, lines: Sequence[str], warnings: list[Warned]) -> Iterator[_Field]:
    """The file's fields with the line each begins on. A line that begins like a field of no known number is text."""
    tag, begun, parts, strays = "", 0, list[str](), 0
    wrapped = False
    for number, raw in enumerate(lines, start=1):
        line = raw.rstrip()
        if not line or _ENVELOPE.match(line.strip()):
            continue
        if _ALONE.match(line) and number < len(lines) and _ALONE_REST.match(lines[number]):
            wrapped = True
            continue
        line, wrapped = (":" + line if wrapped else line), False
        found = _FIELD.match(line)
        if found and (found["tag"] in _TAGS or found["number"] in _TAGS):
            if tag:
                yield _Field(tag=tag, line=begun, text="\n".join(parts).strip())
            tag, begun, parts = found["tag"], number, [line[found.end() :]]
        elif tag:
            parts.append(line)
        else:
            strays = strays or number
    if tag:
        yield _Field(tag=tag, line=begun, text="\n".join(parts).strip())
    if strays:
        warnings.append(Warned(code="before_first", line=strays))


def _drafts(*, fields: Sequence[_Field]) -> list[_Draft]:
    """Statements by their fields: :20: begins one. A header under which nothing came gives way to the next."""
    drafts = [_Draft(line=fields[0].line)]
    pending: list[_Field] = []
    for one in fields:
        if one.number not in {"86", "NS"} and pending:
            _entry_close(draft=drafts[-1], fields=pending)
            pending = []
        draft = drafts[-1]
        if one.number == "20":
            if draft.begun:
                drafts.append(_Draft(line=one.line))
            else:
                drafts[-1] = _Draft(line=one.line)
        elif one.number == "25":
            if draft.begun and draft.account:
                raise Unreadable("account_again", line=one.line)
            draft.account = visible(one.text)[:60]
        elif one.number in {"60", "62"}:
            _balance(draft=draft, one=one)
        elif one.number == "34" and not draft.currency:
            draft.currency = one.text[:3] if re.match(r"[A-Z]{3}", one.text) else ""
        elif one.number == "61" or (one.number in {"86", "NS"} and pending):
            pending.append(one)
    if pending:
        _entry_close(draft=drafts[-1], fields=pending)
    return drafts


def _balance(*, draft: _Draft, one: _Field) -> None:
    """An opening or closing balance; the first of its kind counts."""
    draft.balances += 1
    if _BALANCE_BARE.match(one.text):
        draft.warn("balance_unread", one.line)
        return
    found = _BALANCE.match(one.text)
    if found is None:
        raise Unreadable("field", line=one.line)
    # The library reads what the pattern above let through; its currency and date are checked with it.
    read = _library(text=f":{one.tag}:{one.text}", line=one.line).data
    balance = next(value for name, value in read.items() if name.endswith("_balance"))
    told = amount_read(text=found["amount"].replace(",", ".").rstrip(".") or "x", line=one.line)
    signed = told if balance.amount.amount >= 0 else -told
    kind = "opening" if one.number == "60" else "closing"
    if getattr(draft, kind) is not None:
        draft.warn("balance_again", one.line)
        return
    setattr(draft, kind, (signed, balance.amount.currency))
    draft.currency = draft.currency or balance.amount.currency


def _library(*, text: str, line: int, entry_tag: Any = None) -> Any:
    """What the library makes of one field. Its bare errors become a refusal with the line."""
    try:
        read = mt940.models.Transactions(tags={61: entry_tag} if entry_tag else None, options=_OPTIONS)
        read.parse(text)
    except (InvalidOperation, ValueError, TypeError, KeyError, AttributeError) as error:
        # Not chained: what the library raises holds the field's text.
        raise Unreadable("date" if "day" in str(error) or "month" in str(error) else "field", line=line) from None
    except RuntimeError:
        raise Unreadable("field", line=line) from None
    return read


def _entry_close(*, draft: _Draft, fields: Sequence[_Field]) -> None:
    """One :61: with the :86: and :NS: lines that follow it."""
    head, line = fields[0], fields[0].line
    first, _newline, rest = head.text.partition("\n")
    # An amount that was wrapped onto the next line belongs to the first.
    if not _AMOUNT.match(first):
        more, _newline, rest = rest.partition("\n")
        first += more
    found = _AMOUNT.match(first)
    if found is None:
        raise Unreadable("field", line=line)
    if found["rest"] and not re.match(r"[A-Za-z/\s]", found["rest"]):
        raise Unreadable("amount", line=line)
    # The standard knows one line beside the entry; what some banks write on more is kept beside it.
    text = f":61:{first}" + (f"\n{' '.join(rest.split())}" if rest.strip() else "")
    data = _entry_data(text=text, line=line, told=found["amount"])
    value_on = dt.date(data["date"].year, data["date"].month, data["date"].day)
    if first[2:6] != f"{value_on:%m%d}":
        draft.warn("february", line)
    amount = amount_read(text=found["amount"].replace(",", ".").rstrip("."), line=line)
    mark = data["status"].upper()
    details = _details(fields=fields[1:])
    reference = next(
        (
            name
            for name in (
                visible(details.get("end_to_end_reference") or ""),
                visible(data.get("customer_reference") or ""),
                visible(data.get("bank_reference") or ""),
            )
            if name.upper() not in _NO_REFERENCE
        ),
        "",
    )
    words = [details.get(name) for name in (*_DETAILS, *_DETAILS_MORE)]
    words += [data.get("extra_details"), data.get("customer_reference"), data.get("bank_reference")]
    said = " ".join(word for word in words if word and word.strip().upper() not in _NO_REFERENCE)
    draft.entries.append(
        Entry(
            line=line,
            value_on=value_on,
            amount=-amount if mark in {"D", "RC"} else amount,
            currency=draft.currency,
            reference=reference[:120],
            name=visible(details.get("applicant_name") or "")[:160],
            text=visible(said)[:2000],
            reversal=mark.startswith("R"),
        )
    )


def _entry_data(*, text: str, line: int, told: str) -> dict[str, Any]:
    for entry_tag in _ENTRY_TAGS:
        try:
            read = _library(text=text, line=line, entry_tag=entry_tag)
        except Unreadable as error:
            if error.code == "date" or entry_tag is _ENTRY_TAGS[-1]:
                raise
            continue
        data: dict[str, Any] = read.transactions[0].data
        if abs(data["amount"].amount) != abs(Decimal(told.replace(",", "."))):
            raise Unreadable("amount", line=line)
        return data
    raise Unreadable("field", line=line)  # pragma: no cover - the last form raises


def _details(*, fields: Sequence[_Field]) -> dict[str, Any]:
    """What :86: and :NS: say, as the library takes them apart; unstructured text as it stands."""
    if not fields:
        return {}
    # The library files details under an entry: a bare one carries them.
    bare = ":61:0001010101C1,NMSCNONREF\n"
    text = bare + "\n".join(f":{one.tag}:{one.text}" for one in fields)
    data: dict[str, Any] = _library(text=text, line=fields[0].line).transactions[0].data
    data.pop("extra_details", None)
    if data.get("customer_reference") == "NONREF":
        data.pop("customer_reference")
    return data
