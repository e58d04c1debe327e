"""One payment into a large book: through the service, the form and a file; and back-dated into a debt of 500 entries.

    make bench-posting                          100,000 receivables
    make bench-posting ARGS="--rows 5000000"

Server time, commit included, each payment on another case. The floor is what the ledger itself must write of a payment
(the payment, its entry, the case, the event), by hand and committed in one round trip, on the same tables with their
triggers. ``p95_s`` is the figure that is asked for.
"""

from __future__ import annotations

import argparse
import datetime as dt
import secrets
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from statistics import median, quantiles
from typing import Any

from benchmarks import book
from benchmarks.__main__ import drop_database, kept
from benchmarks.book import FIRST, asked, line, timed

TIMES = 200
DEBTS = 5
# So that a book may be measured again.
RUN = secrets.token_hex(3)
PASSWORD = "bench bench bench"  # noqa: S105 - a database of a minute

FLOOR = """
BEGIN;
WITH told AS (
    INSERT INTO common_auditevent (at, actor_kind, actor_name, action, subject_type, client_id, body, salt, digest)
    VALUES (now(), 'SYSTEM', 'floor', 'payment.posted', '', %(client)s, '{}', ''::bytea, ''::bytea) RETURNING id
), paid AS (
    INSERT INTO collections_app_payment
        (client_id, case_id, reference, value_on, amount, currency, suspense, method, received_by, payer_name,
         recorded_at, allocation_method, reversed_amount)
    SELECT %(client)s, %(case)s, %(reference)s, %(day)s, 1, 'SAR', 0, 'TRANSFER', 'CLIENT', '', now(),
           'OLDEST_FIRST', 0 RETURNING id
)
INSERT INTO collections_app_ledgerentry
    (client_id, receivable_id, kind, component, amount, currency, effective_on, recorded_at, event_id, allocation,
     payment_id)
SELECT %(client)s, r.id, 'PAYMENT', 'PRINCIPAL', -1, 'SAR', %(day)s, now(), told.id, 'COMPUTED', paid.id
FROM told, paid, (
    SELECT id FROM collections_app_receivable WHERE case_id = %(case)s AND status = 'OPEN' AND balance > 1
    ORDER BY due_on, issued_on, receivable_ref, id LIMIT 1
) r;
UPDATE collections_app_case SET balance = balance - 1, last_payment_on = %(day)s WHERE id = %(case)s;
COMMIT
"""


def run(*, rows: int) -> list[dict[str, Any]]:
    """Lines for the record."""
    from django.db import transaction

    from clients.models import Client
    from collections_app.models import Case
    from collections_app.services.ledger import payment_post
    from collections_app.services.stages import book_open
    from common.audit import Actor

    client = Client.objects.filter(code="BENCH").first() or book.made(rows=rows)
    if client.book_date is None:
        with transaction.atomic():
            book_open(client_id=client.pk, day=FIRST)
    book.settle()
    actor = Actor.system("bench")
    day = Client.objects.get(pk=client.pk).book_date or FIRST
    cases = _cases(client_id=client.pk)
    lines: list[dict[str, Any]] = []

    def tell(name: str, ours: list[float], floors: list[float] | None = None, **more: Any) -> None:
        floor = median(floors) if floors else None
        lines.append(line(name, rows, median(ours), floor, p95_s=_p95(ours), runs=len(ours), **more))
        print(lines[-1], file=sys.stderr, flush=True)

    def post(number: int) -> float:
        case = Case.objects.get(pk=next(cases))
        return timed(
            lambda: payment_post(
                actor=actor,
                case=case,
                amount=Decimal("7.00"),
                currency="SAR",
                value_on=day,
                reference=f"S{RUN}{number}",
            )
        )

    def by_hand(number: int) -> float:
        told = {"client": client.pk, "case": next(cases), "reference": f"H{RUN}{number}", "day": day}
        return timed(lambda: asked(FLOOR, told))

    for number in range(30):
        post(-1 - number)
    both = [(post(number), by_hand(number)) for number in range(TIMES)]
    tell("payment: through the service", [a for a, _b in both], [b for _a, b in both])
    form = _form(client=client, day=day)
    form(next(cases))
    told = [form(next(cases)) for _n in range(TIMES // 3)]
    tell("payment: through the form", [seconds for seconds, posted in told if posted])
    seconds, posted = _file(client=client, day=day, case_ids=[next(cases) for _n in range(TIMES)])
    tell("payment: of a file", [seconds / posted], payments=posted)
    tell("payment: back-dated into 500 entries", [_late(client=client, number=n) for n in range(DEBTS)], entries=500)
    return lines


def _p95(seconds: list[float]) -> float:
    return round(quantiles(seconds, n=20)[-1] if len(seconds) > 20 else max(seconds), 4)


def _cases(*, client_id: int) -> Iterator[int]:
    """Cases anywhere in the book, each once."""
    sql = (
        "SELECT id FROM collections_app_case WHERE client_id = %(c)s AND status = 'PLACED' ORDER BY random() LIMIT 2000"
    )
    return iter([pk for (pk,) in asked(sql, {"c": client_id})])


def _form(*, client: Any, day: dt.date) -> Callable[[int], tuple[float, bool]]:
    """A team leader's browser, which posts one payment on a case: the seconds, and whether it was posted, not asked."""
    from django.test import Client as Browser

    from accounts.choices import Role
    from accounts.models import User
    from accounts.services.users import team_save, user_create
    from collections_app.models import Case
    from common.audit import Actor

    actor = Actor.system("bench")
    user = User.objects.filter(email="bench@mithaq.example").first()
    if user is None:
        team = team_save(actor=actor, team=None, name_ar="فريق", name_en="Team")
        user = user_create(
            actor=actor, email="bench@mithaq.example", name_ar="قياس", name_en="Bench", role=Role.TEAM_LEADER,
            team=team, password=PASSWORD, is_demo=True,
        )  # fmt: skip
    browser = Browser()
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")

    def post(case_id: int) -> tuple[float, bool]:
        Case.objects.filter(pk=case_id).update(team_id=user.team_id)
        told = {
            "amount": "7.00", "currency": "SAR", "value_on": day.isoformat(), "method": "TRANSFER",
            "reference": f"F{RUN}",
        }  # fmt: skip
        answers: list[Any] = []
        seconds = timed(
            lambda: answers.append(browser.post(f"/cases/{case_id}/payment/", told, headers={"host": "localhost"}))
        )
        return seconds, answers[0].status_code == 302

    return post


def _file(*, client: Any, day: dt.date, case_ids: list[int]) -> tuple[float, int]:
    """A payment file, each line for one receivable; the seconds, and how many were posted."""
    from collections_app.services.incoming import payments_import
    from common.audit import Actor

    named = asked(
        "SELECT DISTINCT ON (c.id) b.debtor_ref, r.receivable_ref, r.balance FROM collections_app_case c "
        "JOIN collections_app_debtor b ON b.id = c.debtor_id JOIN collections_app_receivable r ON r.case_id = c.id "
        "WHERE c.id = ANY(%(ids)s) AND r.status = 'OPEN' AND r.balance > 0 ORDER BY c.id, r.id",
        {"ids": case_ids},
    )
    head = "payment_ref,value_date,debtor_ref,amount,receivable_ref"
    body = (f"B{RUN}{n},{day},{debtor},{amount},{ref}" for n, (debtor, ref, amount) in enumerate(named))
    content = "\n".join([head, *body]).encode()
    layout = {"columns": {name: name for name in head.split(",")}, "currency": "SAR"}
    received: list[Any] = []
    seconds = timed(
        lambda: received.append(
            payments_import(actor=Actor.system("bench"), client=client, content=content, name="b.csv", layout=layout)
        )
    )
    return seconds, len(received[0].result["matched"])


def _late(*, client: Any, number: int) -> float:
    """A debt of 250 receivables and 250 payments; half a payment more, valued before nearly all of them."""
    from collections_app.models import Case, LedgerEntry
    from collections_app.services.imports import portfolio_import
    from collections_app.services.ledger import payment_post
    from common.audit import Actor

    actor = Actor.system("bench")
    ref = f"LATE{RUN}{number}"
    days = [FIRST - dt.timedelta(days=300 - n) for n in range(250)]
    head = ("debtor_ref", "receivable_ref", "issued_on", "due_on", "amount")
    body = (f"{ref},{ref}-{n},{on},{on + dt.timedelta(days=30)},100.00" for n, on in enumerate(days))
    content = "\n".join([",".join(head), *body]).encode()
    layout = {"columns": {name: name for name in head}, "currency": "SAR"}
    portfolio_import(actor=actor, client=client, content=content, name="late.csv", layout=layout, placed_on=FIRST)
    case = Case.objects.get(debtor__client=client, debtor__debtor_ref=ref)
    for n, on in enumerate(days):
        payment_post(
            actor=actor, case=case, amount=Decimal("99.00"), currency="SAR", value_on=on + dt.timedelta(days=1),
            reference=f"L{n}",
        )  # fmt: skip
    before = LedgerEntry.objects.filter(receivable__case=case).count()
    if before < 500:
        raise RuntimeError(f"a debt of {before} entries")
    return timed(
        lambda: payment_post(
            actor=actor, case=case, amount=Decimal("50.00"), currency="SAR", value_on=days[5], reference="LATE"
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="receivables in the book")
    parser.add_argument("--database", default="mithaq_bench_posting")
    parser.add_argument("--again", action="store_true", help="take the database and its book as it is")
    parser.add_argument("--keep", action="store_true", help="leave the database, for other measures")
    options = parser.parse_args()
    book.database(name=options.database, again=options.again)
    kept(run(rows=options.rows))
    if not options.keep:
        drop_database(name=options.database)


if __name__ == "__main__":
    main()
