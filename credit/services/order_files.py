"""Files of orders: every line is answered, or what is wrong with it is named by line and column."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from clients.models import Client
from collections_app.rules import importing
from collections_app.rules.importing import Layout, columns_proposed, date_format_proposed, layout_read
from collections_app.services.cells import Cells, Reading
from collections_app.services.file_reading import form_proposed, lines_read, sample_of
from common import clock
from common.audit import Actor, record
from common.exceptions import Refused
from credit.choices import CustomerKind, OrderChannel
from credit.models import Agent, Customer, Order, OrderFile
from credit.rules.order_files import FIELDS, HEADINGS, MOST_LINES, REASONS, REQUIRED, channel_of, kind_of, number_of
from credit.services.orders import order_place


@dataclass(kw_only=True)
class _Answers:
    """What has come of the lines so far."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    customers: dict[str, Customer] = field(default_factory=dict)


def order_file_place(
    *,
    actor: Actor,
    user: User | None,
    client: Client,
    content: bytes,
    name: str,
    layout: Mapping[str, Any] | None = None,
    on: dt.date,
) -> OrderFile:
    """Answer every order of a file (CSV or XLSX) as the page would, and keep the answers.

    Each line stands for itself: a bad one is named, and the others are answered all the same. The same file again, or
    one that was broken off, gives the same answers. Without a ``layout`` the columns are known by their headings.
    Raises Refused when the file as a whole is not readable, lacks a column it needs, or has more than 5,000 lines.
    """
    read = layout_read(definition=layout or _proposed(content=content, name=name), known=FIELDS, required=REQUIRED)
    header = (sample_of(content=content, name=name, layout=read, rows=1) or [[]])[0]
    reading, answers = Reading(), _Answers()
    found = list(lines_read(content=content, name=name, layout=read, reading=reading, required=REQUIRED))
    if reading.total > MOST_LINES:
        raise Refused("order_file_long", _("A file has 5,000 orders at most; send it in parts."))
    answers.customers = _customers(client=client, lines=found)
    for cells in found:
        answers.lines.append(_line(actor=actor, user=user, cells=cells, answers=answers, on=on))
    answered = {line["line"] for line in answers.lines}
    answers.lines += [
        {"line": refusal.line, "cells": [], "answer": "WRONG", "wrong": [_wrong(refusal)]}
        for refusal in reading.refusals
        if refusal.line not in answered
    ]
    answers.lines.sort(key=lambda line: line["line"])
    counts = Counter(line["answer"] for line in answers.lines)
    with transaction.atomic():
        kept = OrderFile.objects.create(
            client=client, name=name[-160:], sha256=hashlib.sha256(content).hexdigest(), header=header,
            form={"encoding": read.encoding, "delimiter": read.delimiter}, lines=answers.lines, counts=dict(counts),
            answered_at=clock.now(), answered_by=user,
        )  # fmt: skip
        record(
            actor=actor, action="order_file.answered", subject=kept,
            body={"sha256": kept.sha256, "lines": len(answers.lines), **counts},
        )  # fmt: skip
    return kept


def _proposed(*, content: bytes, name: str) -> dict[str, Any]:
    """How the file is probably written, by its first lines and headings. Raises Refused where a needed one is not."""
    encoding, delimiter = form_proposed(content=content, before={})
    form = {"encoding": encoding, "delimiter": delimiter}
    plain = Layout(encoding=encoding, delimiter="\t" if delimiter == "TAB" else delimiter)
    sample = sample_of(content=content, name=name, layout=plain, rows=200)
    if not sample:
        raise Refused("empty", _("The file is empty."))
    columns = columns_proposed(header=sample[0], before={}, headings=HEADINGS)
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        words = _("The file has no column «%(column)s».") % {"column": missing[0]}
        raise Refused("header", words, details={"column": missing[0], "header": sample[0]})
    at = sample[0].index(columns["ordered_on"]) if "ordered_on" in columns else None
    days = [] if at is None else [line[at] for line in sample[1:] if at < len(line)]
    return {**form, "columns": columns, "date_format": date_format_proposed(values=days) or "%Y-%m-%d"}


def _customers(*, client: Client, lines: list[Cells]) -> dict[str, Customer]:
    """The client's own customers that the file names, by account number."""
    refs = {cells.fields[cells.places["account"]].strip() for cells in lines}
    found = Customer.objects.filter(client=client, debtor__debtor_ref__in=refs).select_related("debtor__party")
    return {customer.debtor.debtor_ref: customer for customer in found}


def _wrong(refusal: importing.Refusal) -> dict[str, Any]:
    """What is wrong with a cell, in both languages."""
    return {
        "line": refusal.line, "column": refusal.column, "value": refusal.value, "code": refusal.code,
        "reason": importing.in_both(REASONS[refusal.code]),
    }  # fmt: skip


def _line(*, actor: Actor, user: User | None, cells: Cells, answers: _Answers, on: dt.date) -> dict[str, Any]:
    """One line's answer: its order, or everything that is wrong with it."""
    reading = cells.reading
    before = len(reading.refusals)
    told = _told(cells=cells, answers=answers)
    line: dict[str, Any] = {"line": cells.line, "cells": [str(cell) for cell in cells.fields]}
    wrong = [_wrong(refusal) for refusal in reading.refusals[before:]]
    if told is None:
        return line | {"answer": "WRONG", "wrong": wrong}
    try:
        order = order_place(actor=actor, user=user, on=on, **told)
    except Refused as refusal:
        column = next(iter(refusal.fields), "")
        return line | {
            "answer": "WRONG",
            "wrong": [
                {
                    "line": cells.line, "column": cells.layout.columns.get(column, column), "value": "",
                    "code": refusal.code, "reason": importing.in_both(refusal.message),
                }
            ],
        }  # fmt: skip
    return line | _answered(order)


def _answered(order: Order) -> dict[str, Any]:
    return {
        "answer": order.state, "order": order.pk, "order_ref": order.order_ref, "reasons": order.reasons,
        "reserved_until": order.reserved_until.isoformat() if order.reserved_until else "",
    }  # fmt: skip


def _told(*, cells: Cells, answers: _Answers) -> dict[str, Any] | None:
    """The line as ``order_place`` is told it; None when any of its cells is wrong."""
    before = len(cells.reading.refusals)
    cells.others_checked()
    order_ref, account = cells.text("order_ref"), cells.text("account")
    amount = cells.read("amount", importing.amount_of)
    kind = cells.read("kind", kind_of) or CustomerKind.CREDIT
    channel = cells.read("channel", channel_of) or OrderChannel.FILE
    ordered_on = cells.date("ordered_on")
    number = cells.read("signatory", number_of)
    currency = cells.read("currency", importing.currency_of)
    customer = answers.customers.get(account)
    if customer is None:
        if account:
            cells.refuse("account", "account_unknown", account)
        return None
    agent = Agent.objects.filter(customer=customer, pk=number).first() if number is not None else None
    if number is not None and agent is None:
        cells.refuse("signatory", "signatory", number)
    if currency is not None and currency != customer.currency:
        cells.refuse("currency", "currency_other", currency)
    if len(cells.reading.refusals) > before or amount is None:
        return None
    return {
        "customer": customer, "order_ref": order_ref, "kind": kind, "amount": amount, "ordered_on": ordered_on,
        "channel": channel, "agent": agent,
    }  # fmt: skip
