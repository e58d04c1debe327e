"""camt.052, camt.053 and camt.054 of ISO 20022, versions 1 to 13. Hostile XML is refused before anything is read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from collections_app.rules.statements.values import (
    Entry,
    Part,
    Statement,
    Statements,
    Unreadable,
    Warned,
    amount_read,
    statement_of,
    visible,
)
from common import money

_FORM = re.compile(r"camt\.05[234]\.001\.\d{2}")
_MESSAGES = frozenset({"BkToCstmrAcctRpt", "BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn"})
_REPORTS = frozenset({"Rpt", "Stmt", "Ntfctn"})
# Booked balances: first the one of that name, then what stands for it.
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_CURRENCY = re.compile(r"[A-Z]{3}")
_NO_REFERENCE = frozenset({"", "NOTPROVIDED", "NONREF"})
_NOT_BOOKED = frozenset({"PDNG", "INFO", "FUTR"})
DEEPEST = 60


class _Lines(TreeBuilder):
    """Builds the tree and remembers on which line each element begins."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[Element, int] = {}
        self.parser: Any = None
        self.depth = 0

    def start(self, tag: Any, attrs: Any) -> Element:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable("xml", line=self.parser.CurrentLineNumber)
        element = super().start(tag, attrs)
        self.lines[element] = self.parser.CurrentLineNumber
        return element

    def end(self, tag: Any) -> Element:
        self.depth -= 1
        return super().end(tag)


def camt_read(*, content: bytes) -> Statements:
    """All statements of a file. Raises Unreadable with the line for hostile or broken XML and for what is no camt."""
    builder = _Lines()
    parser = DefusedXMLParser(target=builder, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    builder.parser = parser.parser
    try:
        parser.feed(content)
        root = parser.close()
    except DefusedXmlException as error:
        raise Unreadable("xml_hostile", line=builder.parser.CurrentLineNumber) from error
    except (ParseError, expat.ExpatError) as error:
        raise Unreadable("xml", line=error.position[0] if isinstance(error, ParseError) else 1) from error
    except (ValueError, LookupError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("xml", line=1) from error
    return _Reader(lines=builder.lines).read(root)


def _plain(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


class _Reader:
    """The tree's statements; every element knows its line."""

    def __init__(self, *, lines: dict[Element, int]) -> None:
        self.lines = lines

    def read(self, root: Element) -> Statements:
        form = _FORM.search(str(root.tag))
        messages = [child for child in root if re.sub(r"V\d+$", "", _plain(child)) in _MESSAGES]
        if form is None or _plain(root) != "Document" or not messages:
            raise Unreadable("unknown_form", line=self.lines[root])
        reports = [child for message in messages for child in message if _plain(child) in _REPORTS]
        if not reports:
            raise Unreadable("nothing", line=self.lines[messages[0]])
        return Statements(form=form.group(), statements=tuple(self._statement(report) for report in reports))

    def _find(self, element: Element | None, path: str) -> Element | None:
        """The first element at a path of plain names."""
        for name in path.split("/"):
            if element is None:
                return None
            element = next((child for child in element if _plain(child) == name), None)
        return element

    def _text(self, element: Element | None, path: str) -> str:
        found = self._find(element, path)
        return (found.text or "").strip() if found is not None else ""

    def _first(self, element: Element | None, *paths: str) -> str:
        return next((text for path in paths if (text := self._text(element, path))), "")

    def _all(self, element: Element, name: str) -> Iterator[Element]:
        return (child for child in element if _plain(child) == name)

    def _deep(self, element: Element, *names: str) -> list[str]:
        return [child.text.strip() for child in element.iter() if _plain(child) in names and child.text]

    def _amount(self, element: Element | None, *, parent: Element) -> tuple[Decimal, str]:
        """An amount with its currency."""
        if element is None:
            raise Unreadable("amount_missing", line=self.lines[parent])
        line = self.lines[element]
        currency = element.get("Ccy", "").strip()
        if not _CURRENCY.fullmatch(currency):
            raise Unreadable("currency", line=line)
        return amount_read(text=(element.text or "").strip(), line=line), currency

    def _credit(self, element: Element) -> bool:
        """True for credit. Raises Unreadable when it is not said."""
        mark = self._text(element, "CdtDbtInd")
        if mark not in {"CRDT", "DBIT"}:
            raise Unreadable("mark", line=self.lines[element])
        return mark == "CRDT"

    def _date(self, entry: Element) -> dt.date:
        """The value date, else the day of booking; a moment counts for its day."""
        for name in ("ValDt", "BookgDt"):
            found = self._find(entry, name)
            text = self._first(found, "Dt", "DtTm")
            if found is not None and text:
                try:
                    return dt.date.fromisoformat(text[:10])
                except ValueError as error:
                    raise Unreadable("date", line=self.lines[found]) from error
        raise Unreadable("date_missing", line=self.lines[entry])

    def _balances(self, report: Element) -> dict[str, tuple[Decimal, str]]:
        """The balances by their code, signed; the first of a kind counts."""
        found: dict[str, tuple[Decimal, str]] = {}
        for balance in self._all(report, "Bal"):
            code = self._first(balance, "Tp/CdOrPrtry/Cd", "Tp/Cd", "Tp/CdOrPrtry/Prtry")
            if code in found or code not in {*_OPENING, *_CLOSING}:
                continue
            amount, currency = self._amount(self._find(balance, "Amt"), parent=balance)
            found[code] = (amount if self._credit(balance) else -amount, currency)
        return found

    def _statement(self, report: Element) -> Statement:
        warnings: list[Warned] = []
        balances = self._balances(report)
        opening = next((balances[code] for code in _OPENING if code in balances), None)
        closing = next((balances[code] for code in _CLOSING if code in balances), None)
        entries = []
        for element in self._all(report, "Ntry"):
            entries.append(self._entry(element))
            if not entries[-1].booked:
                warnings.append(Warned(code="entry_pending", line=entries[-1].line))
        currency = self._text(report, "Acct/Ccy") or (opening or closing or ("", ""))[1]
        if not currency and len({entry.currency for entry in entries}) == 1:
            currency = entries[0].currency
        return statement_of(
            line=self.lines[report],
            account=visible(
                self._first(report, "Acct/Id/IBAN", "Acct/Id/Othr/Id", "Acct/Id/BBAN", "Acct/Id/PrtryAcct/Id")
            )[:60],
            currency=currency,
            opening=opening,
            closing=closing,
            entries=tuple(entries),
            warnings=tuple(warnings),
        )

    def _entry(self, element: Element) -> Entry:
        amount, currency = self._amount(self._find(element, "Amt"), parent=element)
        credit = self._credit(element)
        details = [tx for group in self._all(element, "NtryDtls") for tx in self._all(group, "TxDtls")]
        parts = self._parts(details, amount=amount, currency=currency, credit=credit)
        whole = parts[0] if len(parts) == 1 else None
        own = self._first(element, "AcctSvcrRef", "NtryRef")
        return Entry(
            line=self.lines[element],
            value_on=self._date(element),
            amount=amount if credit else -amount,
            currency=currency,
            reference=(whole.reference if whole and whole.reference else visible(own))[:120],
            name=whole.name if whole else "",
            text=visible(" ".join([*(part.text for part in parts), self._text(element, "AddtlNtryInf"), own]))[:2000],
            reversal=self._text(element, "RvslInd") in {"true", "1"},
            booked=self._first(element, "Sts/Cd", "Sts") not in _NOT_BOOKED,
            parts=tuple(parts) if len(parts) > 1 and sum(p.amount for p in parts) == amount else (),
        )

    def _parts(self, details: list[Element], *, amount: Decimal, currency: str, credit: bool) -> list[Part]:
        """The payments of one entry. Where a part does not say what it comes to in this currency, it is zero."""
        parts = []
        for tx in details:
            told = self._find(tx, "AmtDtls/TxAmt/Amt")
            if told is None:
                told = self._find(tx, "Amt")
            if len(details) == 1:
                own = amount
            elif (
                told is not None and told.get("Ccy") == currency and self._text(tx, "CdtDbtInd") in {"", _mark(credit)}
            ):
                own = self._amount(told, parent=tx)[0]
            else:
                own = money.ZERO
            parties = self._find(tx, "RltdPties")
            side = "Dbtr" if credit else "Cdtr"
            references = [
                text
                for text in self._deep(tx, "EndToEndId", "AcctSvcrRef", "TxId", "InstrId", "Ref", "RfdDocNb", "Nb")
                if text.upper() not in _NO_REFERENCE
            ]
            texts = self._deep(tx, "Ustrd", "AddtlRmtInf", "AddtlTxInf")
            parts.append(
                Part(
                    amount=own,
                    reference=visible(references[0])[:120] if references else "",
                    name=visible(
                        self._first(parties, f"{side}/Nm", f"{side}/Pty/Nm", f"Ultmt{side}/Nm", f"Ultmt{side}/Pty/Nm")
                    )[:160],
                    text=visible(" ".join([*texts, *references]))[:2000],
                )
            )
        return parts


def _mark(credit: bool) -> str:
    return "CRDT" if credit else "DBIT"
