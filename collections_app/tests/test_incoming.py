"""Payment files and statements through their doors: what is posted, what is asked, and what a person decides."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections, transaction
from django.urls import reverse

from accounts.models import User
from clients.models import Client
from collections_app.models import Case, IncomingFile, IncomingPayment, LedgerEntry, Payment, Receivable
from collections_app.rules.allocation import Share
from collections_app.rules.payment_files import COLUMN_WORDS, HEADINGS, REQUIRED
from collections_app.selectors.incoming import shares_key, suggestions_of
from collections_app.services.imports import portfolio_import
from collections_app.services.incoming import payments_import
from collections_app.services.incoming_decisions import incoming_accept, incoming_match, incoming_set_aside
from collections_app.services.incoming_uploads import incoming_run
from collections_app.services.ledger import payment_post, payment_reverse
from collections_app.tasks import incoming_sweep_task
from common import clock
from common.exceptions import Refused
from common.models import AuditEvent
from tests.doors import LANGUAGES, enter, in_language, words
from tests.world import ACTOR, make_client, make_user, place, written

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
SHARED = Path(os.environ.get("SHARED") or ROOT.parent / "shared") / "data" / "payments-ibm"

LAYOUT = {
    "columns": {
        "payment_ref": "ref",
        "value_date": "day",
        "debtor_ref": "holder",
        "amount": "sum",
        "receivable_ref": "of",
    }
}
HEADER = "ref,day,holder,sum,of"
TODAY = dt.date(2026, 6, 1)


@pytest.fixture(autouse=True)
def _on_a_day(settings: Any, tmp_path: Path) -> Iterable[None]:
    settings.MEDIA_ROOT = tmp_path
    with clock.at(clock.at_riyadh(on=TODAY)):
        yield


@pytest.fixture
def client_() -> Client:
    """Two account holders: D-1 owes 100, 50 and 30; D-2 owes 200."""
    client = make_client()
    owe(client, "D-1", "INV-11", "100.00", 1)
    owe(client, "D-1", "INV-12", "50.00", 2)
    owe(client, "D-1", "INV-13", "30.00", 3)
    owe(client, "D-2", "INV-21", "200.00", 1)
    return client


@pytest.fixture
def finance() -> User:
    return make_user("FINANCE_MANAGER")


def owe(client: Client, holder: str, ref: str, amount: str, month: int, **more: Any) -> None:
    place(
        client,
        [{"debtor_ref": holder, "receivable_ref": ref, "issued_on": f"2026-0{month}-01", "due_on": f"2026-0{month}-28",
          "amount": amount, **more}],
    )  # fmt: skip


def payments_csv(*lines: str) -> bytes:
    return "\n".join((HEADER, *lines)).encode()


def bring(client: Client, *lines: str, **options: Any) -> dict[str, Any]:
    return payments_import(
        actor=ACTOR, client=client, content=payments_csv(*lines), name="p.csv", layout=LAYOUT, **options
    ).result


def command(name: str, *arguments: object) -> Any:
    out = io.StringIO()
    call_command(name, *map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue())


def balances() -> dict[str, str]:
    """What each receivable still owes over all its entries."""
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for ref, amount in LedgerEntry.objects.values_list("receivable__receivable_ref", "amount"):
        owed[ref] += amount
    return {ref: f"{amount:.0f}" for ref, amount in sorted(owed.items())}


def matched(result: dict[str, Any]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for line in result["matched"]:
        found[line["payment_ref"]][line["receivable_ref"]] = line["amount"]
    return dict(found)


# Payment files


@pytest.mark.requirement("CM-33")
def test_the_command_posts_what_is_certain_and_answers_in_lists(client_: Client, tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_bytes(
        payments_csv(
            "P1,2026-05-01,D-1,40.00,INV-11",  # named, in part
            "P2,2026-05-02,D-2,200.00,",  # the one amount
            "P3,2026-05-03,D-1,80.00,",  # the one set: 50 + 30 (60 is left of the first)
            "P4,2026-05-04,D-1,10.00,",  # a part of something
            "P5,2026-05-04,D-9,10.00,",  # nobody we know
            "P6,2026-05-04,D-1,ten,",
        )
    )
    layout = written(tmp_path / "layout.json", LAYOUT)
    asked = command("payments_import", file, "--client", "aaa", "--layout", layout, "--dry-run")
    assert not Payment.objects.exists() and not IncomingFile.objects.exists() and not IncomingPayment.objects.exists()
    result = command("payments_import", file, "--client", "aaa", "--layout", layout)
    assert {**asked, "dry_run": None} == {**result, "dry_run": None}, "what was shown is what is done"
    assert result["payments"] == 6
    assert result["matched"] == [
        {"payment_ref": "P1", "receivable_ref": "INV-11", "amount": "40.00"},
        {"payment_ref": "P2", "receivable_ref": "INV-21", "amount": "200.00"},
        {"payment_ref": "P3", "receivable_ref": "INV-12", "amount": "50.00"},
        {"payment_ref": "P3", "receivable_ref": "INV-13", "amount": "30.00"},
    ]
    (suggested,) = result["suggested"]
    assert (suggested["payment_ref"], suggested["amount"], suggested["code"]) == ("P4", "10.00", "no_sum")
    assert suggested["suggestions"][0]["receivables"] == [{"receivable_ref": "INV-11", "amount": "10.00"}]
    assert [(line["payment_ref"], line["code"]) for line in result["unmatched"]] == [("P5", "holder_unknown")]
    (refused,) = result["refused"]
    assert (refused["line"], refused["column"], refused["value"], refused["code"]) == (7, "sum", "ten", "amount")
    assert balances() == {"INV-11": "60", "INV-12": "0", "INV-13": "0", "INV-21": "0"}
    assert set(LedgerEntry.objects.filter(kind="PAYMENT").values_list("allocation", flat=True)) == {"PINNED"}
    payment = Payment.objects.get(reference="P1")
    assert (payment.method, payment.received_by, payment.value_on) == ("FILE", "CLIENT", dt.date(2026, 5, 1))
    told = AuditEvent.objects.get(action="incoming.read")
    assert (told.client_id, told.body["suggested"], told.body["refused"]) == (client_.pk, 1, 1)


def test_the_same_file_again_posts_nothing_again(client_: Client) -> None:
    lines = ["P1,2026-05-01,D-1,40.00,INV-11", "P2,2026-05-02,D-2,200.00,", "P4,2026-05-04,D-1,10.00,"]
    bring(client_, *lines)
    before = (Payment.objects.count(), LedgerEntry.objects.count(), IncomingPayment.objects.count(), balances())
    result = bring(client_, *lines)
    assert (Payment.objects.count(), LedgerEntry.objects.count(), IncomingPayment.objects.count(), balances()) == before
    assert (result["payments"], result["matched"]) == (3, [])
    assert [line["payment_ref"] for line in result["known"]] == ["P1", "P2"]
    assert [line["payment_ref"] for line in result["suggested"]] == ["P4"], "still to be decided"


def test_a_payment_somebody_recorded_already_is_known(client_: Client) -> None:
    case = Case.objects.get(debtor__debtor_ref="D-1")
    payment_post(
        actor=ACTOR, case=case, amount=Decimal(50), currency="SAR", value_on=dt.date(2026, 5, 1), reference="P1"
    )
    result = bring(client_, "P1,2026-05-01,D-1,50.00,")
    assert [line["payment_ref"] for line in result["known"]] == ["P1"]
    other = bring(client_, "P1,2026-05-01,D-1,51.00,")
    assert [(line["line"], line["code"]) for line in other["refused"]] == [(2, "payment_otherwise")]
    assert Payment.objects.count() == 1
    payment_reverse(actor=ACTOR, payment=Payment.objects.get(), on=TODAY, reason="خطأ")
    assert [line["payment_ref"] for line in bring(client_, "P1,2026-05-01,D-1,50.00,")["known"]] == ["P1"]


def test_what_waits_is_matched_when_its_receivable_comes(client_: Client) -> None:
    lines = ["P1,2026-05-01,D-1,77.00,"]
    assert bring(client_, *lines)["suggested"]
    owe(client_, "D-1", "INV-14", "77.00", 4)
    assert matched(bring(client_, *lines)) == {"P1": {"INV-14": "77.00"}}
    row = IncomingPayment.objects.get()
    assert (row.state, row.payment.reference) == ("MATCHED", "P1")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (",2026-05-01,D-1,5.00,", "missing"),
        ("P,2026-05-01,,5.00,", "missing"),
        ("P,2026-05-32,D-1,5.00,", "date"),
        ("P,2026-06-02,D-1,5.00,", "value_in_future"),
        ("P,2026-05-01,D-1,0.00,", "amount_positive"),
        ("P,2026-05-01,D-1,-5.00,", "amount_positive"),
        ("P,2026-05-01,D-1,5.005,", "amount"),
        ("P,2026-05-01,D-1,NaN,", "amount"),
        ("FILE-7,2026-05-01,D-1,5.00,", "payment_reserved"),
        ("P,2026-05-01,D-1,5.00", "field_count"),
        ("P\u202e,2026-05-01,D-1,5.00,", "bidi"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_alone(client_: Client, line: str, code: str) -> None:
    result = bring(client_, line, "P9,2026-05-02,D-2,200.00,")
    assert [(refused["line"], refused["code"]) for refused in result["refused"]] == [(2, code)]
    assert set(matched(result)) == {"P9"}


def test_a_reference_twice_in_one_file(client_: Client) -> None:
    result = bring(
        client_,
        "P1,2026-05-01,D-1,50.00,", "P1,2026-05-01,D-1,50.00,", "P1,2026-05-01,D-1,30.00,", "P1,2026-05-01,D-2,200.00,",
    )  # fmt: skip
    assert [(refused["line"], refused["code"]) for refused in result["refused"]] == [
        (3, "repeats"),
        (4, "payment_twice"),
    ]
    assert len(result["matched"]) == 2, "one transfer may pay for two account holders"


@pytest.mark.parametrize(
    ("layout", "code"),
    [
        ([], "layout"),
        ({"columns": {"payment_ref": "ref"}}, "layout_required"),
        ({"columns": {**LAYOUT["columns"], "due_on": "day"}}, "layout_column"),
        ({"columns": {**LAYOUT["columns"], "amount": "nowhere"}}, "header"),
        ({**LAYOUT, "encoding": "rot13"}, "layout_encoding"),
    ],
)
def test_a_layout_that_does_not_fit_is_refused_whole(client_: Client, layout: Any, code: str) -> None:
    with pytest.raises(Refused) as caught:
        payments_import(actor=ACTOR, client=client_, content=payments_csv("x"), name="p.csv", layout=layout)
    assert caught.value.code == code
    assert not IncomingFile.objects.exists()


def test_money_of_another_currency_touches_nothing(client_: Client) -> None:
    result = bring(client_, "P1,2026-05-01,D-2,200.00,", dry_run=True)
    assert result["matched"]
    usd = {**LAYOUT, "currency": "USD"}
    other = payments_import(
        actor=ACTOR, client=client_, content=payments_csv("P1,2026-05-01,D-2,200.00,"), name="p", layout=usd
    ).result
    assert [line["code"] for line in other["unmatched"]] == ["nothing_open"]


def test_a_case_that_was_recalled_is_a_persons_matter(client_: Client) -> None:
    Case.objects.filter(debtor__debtor_ref="D-2").update(status="RECALLED")
    result = bring(client_, "P1,2026-05-01,D-2,200.00,")
    assert [line["code"] for line in result["suggested"]] == ["case_ended"]
    assert not Payment.objects.exists()


def test_more_than_the_named_receivable_owes_stays_in_suspense(client_: Client) -> None:
    result = bring(client_, "P1,2026-05-01,D-2,230.00,INV-21")
    assert matched(result) == {"P1": {"INV-21": "200.00"}}
    assert Payment.objects.get().suspense == Decimal(30)


def test_payments_are_posted_in_the_order_of_their_days(client_: Client) -> None:
    # By the file's order the 100 of June would take INV-11 first, and nothing would be left for its namesake in April.
    result = bring(client_, "P2,2026-05-20,D-1,60.00,", "P1,2026-05-01,D-1,40.00,INV-11")
    assert matched(result) == {"P1": {"INV-11": "40.00"}, "P2": {"INV-11": "60.00"}}


def test_the_column_lists_agree() -> None:
    assert set(COLUMN_WORDS) == set(HEADINGS) and set(REQUIRED) < set(COLUMN_WORDS)


# How well it matches


def report(client: Client, folder: Path, invoices: str, truth: str) -> tuple[int, int, int, int]:
    """Import invoices and payments by the commands' services: posted, rightly posted, payments, posted of several."""
    columns = {"debtor_ref": "customer", "receivable_ref": "invoice_number", "issued_on": "invoice_date",
               "due_on": "due_date", "amount": "amount"}  # fmt: skip
    portfolio_import(
        actor=ACTOR, client=client, content=(folder / invoices).read_bytes(), name=invoices,
        layout={"columns": columns}, placed_on=TODAY,
    )  # fmt: skip
    layout = {"columns": {"payment_ref": "payment_id", "value_date": "value_date", "debtor_ref": "customer",
                          "amount": "amount"}}  # fmt: skip
    content = (folder / "payments.csv").read_bytes()
    result = payments_import(actor=ACTOR, client=client, content=content, name="payments.csv", layout=layout).result
    right: dict[str, dict[str, Decimal]] = defaultdict(dict)
    with (folder / truth).open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            right[row["payment_id"]][row["invoice_number"]] = Decimal(row["allocated"])
    # What stands in the ledger, not what was said.
    posted: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    entries = LedgerEntry.objects.filter(payment__isnull=False)
    for payment, receivable, amount in entries.values_list(
        "payment__reference", "receivable__receivable_ref", "amount"
    ):
        posted[payment][receivable] -= amount
    assert set(matched(result)) == set(posted)
    good = sum(dict(shares) == right[payment] for payment, shares in posted.items())
    return len(posted), good, result["payments"], sum(len(shares) > 1 for shares in posted.values())


@pytest.mark.requirement("CM-33")
def test_no_payment_of_the_sample_goes_to_a_wrong_invoice_and_none_is_left() -> None:
    posted, right, payments, several = report(make_client(), DATA / "payments_ibm", "invoices.csv", "truth.csv")
    assert (posted, right, payments, several) == (212, 212, 212, 6), "precision 1.0, recall 1.0"


@pytest.mark.skipif(not SHARED.exists(), reason="the payments sample is not beside this checkout")
def test_no_payment_of_the_whole_sample_goes_to_a_wrong_invoice_and_none_is_left() -> None:
    files = ("invoices_without_settlement.csv", "truth_allocation.csv")
    posted, right, payments, several = report(make_client(), SHARED, *files)
    assert (posted, right, payments, several) == (1357, 1357, 1357, 20), "precision 1.0, recall 1.0"


# Statements


def mt940(*entries: str) -> bytes:
    return (":20:S\n:25:SA0380000000608010167519\n:60F:C260501SAR0,00\n" + "\n".join(entries) + "\n").encode()


def credit(amount: str, text: str, day: str = "260501", mark: str = "C") -> str:
    return f":61:{day}{mark}{amount}NTRFNONREF\n:86:{text}"


def state(tmp_path: Path, content: bytes, *arguments: object) -> Any:
    file = tmp_path / "s.sta"
    file.write_bytes(content)
    return command("statement_import", file, *arguments)


@pytest.mark.requirement("CM-33")
def test_a_statement_posts_the_credits_that_say_whose_they_are(client_: Client, tmp_path: Path) -> None:
    content = mt940(
        credit("50,00", "PAYMENT INV-12 JANUARY"),
        credit("200,00", "ACC D-2 AHMAD SALEM"),
        credit("7,00", "THANK YOU"),
        credit("100,00", "INV-11", mark="D"),
        ":62F:C260501SAR157,00",
    )
    asked = state(tmp_path, content, "--dry-run")
    assert not Payment.objects.exists() and not IncomingFile.objects.exists()
    result = state(tmp_path, content)
    assert {**asked, "dry_run": None} == {**result, "dry_run": None}
    assert result["format"] == "MT940"
    assert result["statements"] == [
        {"account": "SA0380000000608010167519", "currency": "SAR", "opening": "0.00", "closing": "157.00", "entries": 4,
         "sum": "157.00", "balanced": True}
    ]  # fmt: skip
    assert [(line["receivable_ref"], line["amount"]) for line in result["matched"]] == [
        ("INV-12", "50.00"), ("INV-21", "200.00"),
    ]  # fmt: skip
    assert [line["code"] for line in result["unmatched"]] == ["holder_none"]
    assert {p.received_by for p in Payment.objects.all()} == {"AGENCY"}
    row = IncomingPayment.objects.get(state="UNMATCHED")
    assert (row.client, row.text) == (None, "THANK YOU")
    assert set(IncomingPayment.objects.exclude(pk=row.pk).values_list("text", "payer_name")) == {("", "")}
    again = state(tmp_path, content)
    assert (again["matched"], len(again["known"]), Payment.objects.count()) == ([], 2, 2)


def test_two_equal_credits_are_two_and_an_overlapping_statement_tells_them_once(
    client_: Client, tmp_path: Path
) -> None:
    owe(client_, "D-2", "INV-22", "90.00", 2)
    part = credit("45,00", "INV-22")
    assert len(state(tmp_path, mt940(part, part))["matched"]) == 2
    assert balances()["INV-22"] == "0"
    more = state(tmp_path, mt940(part, part, credit("30,00", "INV-13")))
    assert [line["receivable_ref"] for line in more["matched"]] == ["INV-13"]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (credit("10,00", "D-1 AND D-2"), "holder_many"),
        (credit("10,00", "INV-11 OF D-2"), "holder_many"),
        (credit("150,00", "INV-11"), "named_over"),
        (credit("99,00", "INV-11 INV-12"), "named_sum"),
        (credit("50,00", "INV-12", mark="RD"), "reversal"),
        (credit("50,00", "INV-12", day="260701"), "future"),
        (credit("50,00", "D-1", day="260115"), "no_sum"),
    ],
)
def test_a_credit_that_leaves_a_doubt_is_asked(client_: Client, tmp_path: Path, entry: str, code: str) -> None:
    result = state(tmp_path, mt940(entry))
    assert [line["code"] for line in (*result["suggested"], *result["unmatched"])] == [code]
    assert result["matched"] == [] and not Payment.objects.exists()


def test_money_that_somebody_noted_by_hand_is_not_posted_again(client_: Client, tmp_path: Path) -> None:
    case = Case.objects.get(debtor__debtor_ref="D-1")
    payment_post(
        actor=ACTOR, case=case, amount=Decimal(50), currency="SAR", value_on=dt.date(2026, 4, 29), reference="TR-778"
    )
    result = state(tmp_path, mt940(credit("50,00", "TR-778 D-1")))
    assert [line["code"] for line in result["suggested"]] == ["by_hand_twice"]


def test_with_a_client_only_its_accounts_are_looked_through(client_: Client, tmp_path: Path) -> None:
    make_client("BBB")
    result = state(tmp_path, mt940(credit("50,00", "INV-12")), "--client", "bbb")
    assert [line["code"] for line in result["unmatched"]] == ["holder_none"]


def test_what_is_no_statement_ends_with_the_line_and_the_reason(tmp_path: Path) -> None:
    for name, line, says in (
        ("camt053.v2.wrong.xml", 3, "There is no statement in this file"),
        ("betterplace__sepa_snippet_broken.sta", 6, "A second account is named"),
        ("self-provided__invalid_statement.sta", 1, "neither an MT940 nor a camt"),
    ):
        with pytest.raises(CommandError) as caught:
            call_command("statement_import", str(DATA / "statements" / name), "--json", stdout=io.StringIO())
        assert f"Line {line}:" in str(caught.value) and f"السطر {line}:" in str(caught.value)
        assert says in str(caught.value)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("statement_import", str(tmp_path / "none.sta"))
    assert not IncomingFile.objects.exists()


def test_the_commands_say_it_in_words_too(client_: Client, tmp_path: Path) -> None:
    out = io.StringIO()
    (tmp_path / "s.sta").write_bytes(mt940(credit("7,00", "THANK YOU")))
    call_command("statement_import", str(tmp_path / "s.sta"), stdout=out)
    (tmp_path / "p.csv").write_bytes(payments_csv("P1,2026-05-01,D-9,7.00,", "P2,2026-05-01,D-1,x,"))
    layout = written(tmp_path / "l.json", LAYOUT)
    call_command("payments_import", str(tmp_path / "p.csv"), "--client", "AAA", "--layout", str(layout), stdout=out)
    said = out.getvalue()
    for part in ("1 entries, 0.00 + 7.00 = None", "no account holder or receivable", "line 2 P1", "line 3 sum 'x'"):
        assert part in said


# What a person decides


def waiting(client: Client, line: str = "P4,2026-05-04,D-1,10.00,") -> IncomingPayment:
    bring(client, line)
    return IncomingPayment.objects.get(reference=line.partition(",")[0])


def test_a_suggestion_is_posted_as_it_was_shown(client_: Client, finance: User) -> None:
    row = waiting(client_)
    choice = shares_key(suggestions_of(row)[0].shares)
    done = incoming_accept(user=finance, row=row, choice=choice)
    assert (done.state, done.decided_by, done.suggestions) == ("MATCHED", finance, [])
    assert balances()["INV-13"] == "20", "the least above the amount comes first"
    assert AuditEvent.objects.get(action="incoming.accepted").body["payment"] == done.payment.pk
    for act in (
        lambda: incoming_match(user=finance, row=row, shares=suggestions_of(row)[0].shares),
        lambda: incoming_set_aside(user=finance, row=row, reason="خطأ"),
    ):
        with pytest.raises(Refused) as caught:
            act()
        assert caught.value.code == "incoming_decided"
    assert Payment.objects.count() == 1


def test_a_choice_that_was_not_shown_is_none(client_: Client, finance: User) -> None:
    row = waiting(client_)
    stranger = Receivable.objects.get(receivable_ref="INV-21")
    with pytest.raises(Refused) as caught:
        incoming_accept(user=finance, row=row, choice=f"{stranger.pk}:10.00")
    assert caught.value.code == "incoming_choice"


def test_by_hand_over_several_and_the_rest_in_suspense(client_: Client, finance: User) -> None:
    row = waiting(client_, "P4,2026-05-04,D-1,95.00,")
    ids = dict(Receivable.objects.values_list("receivable_ref", "pk"))
    shares = [
        Share(receivable_id=ids["INV-12"], amount=Decimal(50)),
        Share(receivable_id=ids["INV-13"], amount=Decimal(20)),
    ]
    done = incoming_match(user=finance, row=row, shares=shares)
    assert done.payment.suspense == Decimal(25)
    assert balances() == {"INV-11": "100", "INV-12": "0", "INV-13": "10", "INV-21": "200"}


def test_what_a_person_may_not_choose(client_: Client, finance: User) -> None:
    row = waiting(client_)
    owe(client_, "D-1", "INV-15", "10.00", 5, issued_on="2026-05-20", due_on="2026-05-28")
    owe(client_, "D-1", "INV-16", "10.00", 1, currency="USD")
    other = make_client("BBB")
    owe(other, "X-1", "INV-91", "10.00", 1)
    ids = dict(Receivable.objects.values_list("receivable_ref", "pk"))

    def code(*shares: tuple[str, str]) -> str:
        with pytest.raises(Refused) as caught:
            incoming_match(
                user=finance,
                row=row,
                shares=[Share(receivable_id=ids.get(ref, 0), amount=Decimal(amount)) for ref, amount in shares],
            )
        return caught.value.code

    assert code() == "incoming_nothing"
    assert code(("nowhere", "1")) == "incoming_nothing"
    assert code(("INV-11", "5"), ("INV-21", "5")) == "incoming_cases"
    assert code(("INV-91", "5")) == "incoming_client"
    assert code(("INV-15", "5")) == "incoming_early"
    assert code(("INV-16", "5")) == "incoming_currency"
    assert code(("INV-11", "100.01")) == "incoming_left"
    assert code(("INV-11", "-1")) == "incoming_left"
    assert code(("INV-11", "6"), ("INV-12", "5")) == "incoming_more"
    assert not Payment.objects.exists()


def test_money_of_nobody_yet_becomes_the_clients_it_is_matched_to(
    client_: Client, finance: User, tmp_path: Path
) -> None:
    state(tmp_path, mt940(credit("50,00", "AHMAD SALEM THANKS")))
    row = IncomingPayment.objects.get()
    receivable = Receivable.objects.get(receivable_ref="INV-12")
    done = incoming_match(user=finance, row=row, shares=[Share(receivable_id=receivable.pk, amount=Decimal(50))])
    assert (done.client, done.case, done.text) == (client_, receivable.case, "")
    assert AuditEvent.objects.get(action="incoming.matched").client_id == client_.pk
    assert done.payment.received_by == "AGENCY"


def test_setting_aside_needs_a_reason_and_deletes_what_the_bank_wrote(
    client_: Client, finance: User, tmp_path: Path
) -> None:
    content = mt940(credit("50,00", "AHMAD SALEM THANKS"))
    state(tmp_path, content)
    row = IncomingPayment.objects.get()
    with pytest.raises(Refused):
        incoming_set_aside(user=finance, row=row, reason="  ")
    done = incoming_set_aside(user=finance, row=row, reason="ليس لنا")
    assert (done.state, done.note, done.text) == ("SET_ASIDE", "ليس لنا", "")
    assert len(state(tmp_path, content)["known"]) == 1, "it does not come back with the file"
    receivable = Receivable.objects.get(receivable_ref="INV-12")
    incoming_match(user=finance, row=done, shares=[Share(receivable_id=receivable.pk, amount=Decimal(50))])
    assert balances()["INV-12"] == "0", "set aside by mistake, matched by hand"


def test_the_database_keeps_a_payment_with_its_client_and_its_posting(client_: Client) -> None:
    row = waiting(client_)
    other = make_client("BBB")
    owe(other, "X-1", "INV-91", "10.00", 1)
    for change in (
        {"state": "MATCHED"},
        {"state": "SET_ASIDE"},
        {"client": other},
        {"client": None},
        {"amount": 0},
        {"case": Case.objects.get(client=other)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            IncomingPayment.objects.filter(pk=row.pk).update(**change)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# In the browser


def upload(browser: Any, kind: str, content: bytes, name: str, client: Client | None = None) -> Any:
    form = {"kind": kind, "file": SimpleUploadedFile(name, content), "client": client.pk if client else ""}
    return browser.post(reverse("incoming_new"), form, follow=True)


@pytest.mark.requirement("CM-33")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_payment_file_is_looked_at_first_and_posted_when_it_is_confirmed(
    client_: Client, finance: User, language: str, tmp_path: Path
) -> None:
    browser = enter(finance, language)
    content = (
        b"payment_ref,value_date,debtor_ref,amount\nP1,2026-05-01,D-2,200.00\nP2,2026-05-02,D-1,1.00\nP3,x,D-1,1.00\n"
    )
    page = upload(browser, "PAYMENTS", content, "p.csv", client_)
    assert page.status_code == 200 and in_language(page, language)
    file = IncomingFile.objects.get()
    assert file.status == "UPLOADED"
    columns = {f"column_{name}": name for name in ("payment_ref", "value_date", "debtor_ref", "amount")}
    form = page.context["form"]
    assert {name: form.initial[name] for name in columns} == columns, "proposed by their headings"
    page = browser.post(
        reverse("incoming_columns", args=[file.pk]),
        {"encoding": "utf-8", "delimiter": ",", "date_format": "%Y-%m-%d", "currency": "SAR", **columns},
        follow=True,
    )
    file.refresh_from_db()
    assert (file.status, len(file.result["matched"]), len(file.result["suggested"])) == ("CHECKED", 1, 1)
    assert not Payment.objects.exists() and not IncomingPayment.objects.exists()
    assert ("لم يُرحَّل شيء بعد" if language == "ar" else "nothing posted yet") in words(page)
    browser.post(reverse("incoming_start", args=[file.pk]))
    assert IncomingFile.objects.get().status == "RUNNING"
    fragment = browser.get(reverse("incoming_file", args=[file.pk]), headers={"HX-Request": "true"})
    assert "<html" not in words(fragment) and 'hx-trigger="every 2s"' in words(fragment)
    assert incoming_run(file_id=file.pk) == "DONE"
    assert incoming_run(file_id=file.pk) == "DONE", "safe to run twice"
    assert Payment.objects.get().recorded_by == finance
    assert not list(tmp_path.rglob("*.bin")), "what was read is not kept on the disk"
    page = browser.get(reverse("incoming"))
    assert page.context["waiting"] == 1
    assert "P2" in words(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_statement_is_read_at_once(client_: Client, finance: User, language: str) -> None:
    browser = enter(finance, language)
    page = upload(browser, "STATEMENT", mt940(credit("50,00", "INV-12")), "s.sta")
    assert "SA0380000000608010167519" in words(page)
    assert ("ليس في الكشف رصيد ختامي" if language == "ar" else "no closing balance") in words(page)
    file = IncomingFile.objects.get()
    browser.post(reverse("incoming_start", args=[file.pk]))
    assert incoming_run(file_id=file.pk) == "DONE"
    assert balances()["INV-12"] == "0"
    for view in ("files", "posted", "aside", "nonsense"):
        assert browser.get(reverse("incoming"), {"view": view}).status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_that_is_refused_leaves_nothing_and_says_why(finance: User, language: str, tmp_path: Path) -> None:
    browser = enter(finance, language)
    page = upload(browser, "STATEMENT", (DATA / "statements" / "camt053.v2.wrong.xml").read_bytes(), "w.xml")
    assert page.status_code == 422
    assert ("السطر 3: ليس في هذا الملف كشف" if language == "ar" else "Line 3: There is no statement") in words(page)
    assert not IncomingFile.objects.exists() and not list(tmp_path.rglob("*.bin"))
    page = upload(browser, "PAYMENTS", b"a\n", "p.csv")
    assert page.status_code == 422 and set(page.context["form"].errors) == {"client"}


def test_a_person_finds_the_receivable_and_posts_by_hand(client_: Client, finance: User) -> None:
    row = waiting(client_, "P4,2026-05-04,D-9,30.00,")
    browser = enter(finance, "en")
    address = reverse("incoming_one", args=[row.pk])
    assert "no account holder of that number" in words(browser.get(address))
    fragment = browser.get(address, {"find": "INV-13"}, headers={"HX-Request": "true"})
    assert "<html" not in words(fragment) and "INV-13" in words(fragment) and "INV-21" not in words(fragment)
    assert "No account holder or receivable" in words(browser.get(address, {"find": "INV-99"}))
    pk = Receivable.objects.get(receivable_ref="INV-13").pk
    over = browser.post(reverse("incoming_by_hand", args=[row.pk]), {"find": "D-1", f"share_{pk}": "31.00"})
    assert over.status_code == 422 and "What is open there has changed" in words(over)
    done = browser.post(reverse("incoming_by_hand", args=[row.pk]), {"find": "D-1", f"share_{pk}": "٣٠"}, follow=True)
    assert "The payment is posted" in words(done)
    assert balances()["INV-13"] == "0"
    assert "Posted" in words(browser.get(address))


def test_a_suggestion_is_taken_and_another_payment_set_aside(client_: Client, finance: User) -> None:
    first, second = waiting(client_), waiting(client_, "P5,2026-05-05,D-2,9.00,")
    browser = enter(finance, "en")
    page = browser.get(reverse("incoming_one", args=[first.pk]))
    choice = page.context["choices"][0]
    assert [piece.ref for piece in choice.pieces] == ["INV-13"], "the least above the amount"
    browser.post(reverse("incoming_take", args=[first.pk]), {"choice": choice.key})
    gone = browser.post(reverse("incoming_take", args=[first.pk]), {"choice": choice.key}, follow=True)
    assert "This suggestion is gone" in words(gone)
    bare = browser.post(reverse("incoming_aside", args=[second.pk]), {"reason": ""})
    assert bare.status_code == 422 and "needs its reason" in words(bare)
    browser.post(reverse("incoming_aside", args=[second.pk]), {"reason": "Told twice"})
    assert list(IncomingPayment.objects.order_by("reference").values_list("state", flat=True)) == [
        "MATCHED",
        "SET_ASIDE",
    ]


def test_the_sweep_goes_on_with_what_a_dead_worker_left_and_forgets_what_nobody_started(
    client_: Client, finance: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = enter(finance, "en")
    upload(browser, "STATEMENT", mt940(credit("50,00", "INV-12")), "s.sta")
    handed: list[int] = []
    monkeypatch.setattr("collections_app.tasks.incoming_task.delay", handed.append)
    assert incoming_sweep_task() == 0
    file = IncomingFile.objects.get()
    IncomingFile.objects.update(status="RUNNING")
    assert (incoming_sweep_task(), handed) == (1, [file.pk])
    (stored,) = tmp_path.rglob("*.bin")
    stored.unlink()
    assert incoming_run(file_id=file.pk) == "FAILED"
    assert "Upload it again" in words(browser.get(reverse("incoming_file", args=[file.pk])))
    upload(browser, "STATEMENT", mt940(credit("30,00", "INV-13")), "t.sta")
    with clock.at(clock.at_riyadh(on=TODAY + dt.timedelta(days=8))):
        incoming_sweep_task()
    assert list(IncomingFile.objects.values_list("name", flat=True)) == ["s.sta"]
    assert not list(tmp_path.rglob("*.bin"))


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_file_of_money_in_other_hands_is_left_to_them(client_: Client, finance: User, tmp_path: Path) -> None:
    upload(enter(finance, "en"), "STATEMENT", mt940(credit("50,00", "INV-12")), "s.sta")
    file = IncomingFile.objects.get()
    IncomingFile.objects.update(status="RUNNING")
    given = connection.get_connection_params()
    params = {name: given[name] for name in ("dbname", "user", "host", "port", "password") if given.get(name)}
    with psycopg.connect(**params) as other:
        # It takes its time, longer than the sweep's five turns: nothing counts that as its death.
        other.execute("SELECT pg_advisory_lock((%s::bigint << 32) + %s)", [0x494E_434D, file.pk])
        for _turn in range(7):
            assert incoming_run(file_id=file.pk) == "RUNNING"
        assert not Payment.objects.exists() and list(tmp_path.rglob("*.bin"))
        # Let go by a word: a connection that closes lets go when its backend comes to it.
        other.execute("SELECT pg_advisory_unlock((%s::bigint << 32) + %s)", [0x494E_434D, file.pk])
    assert incoming_run(file_id=file.pk) == "DONE"
    assert Payment.objects.count() == 1


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_same_file_twice_at_once_is_posted_once() -> None:
    client = make_client()
    owe(client, "D-1", "INV-11", "100.00", 1)
    owe(client, "D-1", "INV-12", "50.00", 2)
    results: list[dict[str, Any]] = []

    def read() -> None:
        try:
            with clock.at(clock.at_riyadh(on=TODAY)):
                results.append(bring(client, "P1,2026-05-01,D-1,40.00,INV-11", "P2,2026-05-02,D-1,50.00,"))
        finally:
            connections.close_all()

    readers = [threading.Thread(target=read) for _reader in range(3)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(30)
    assert sorted(len(result["matched"]) for result in results) == [0, 0, 2]
    assert sorted(len(result["known"]) for result in results) == [0, 2, 2]
    assert balances() == {"INV-11": "60", "INV-12": "0"}
    assert Payment.objects.count() == IncomingPayment.objects.count() == 2
