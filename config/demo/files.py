"""The files that the demo's clients send."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from decimal import Decimal

from config.demo import names

LAYOUT = {
    "encoding": "utf-8",
    "delimiter": ",",
    "date_format": "%Y-%m-%d",
    "currency": "SAR",
    "columns": {
        name: name
        for name in [
            "debtor_ref",
            "debtor_name",
            "national_id",
            "mobile",
            "city",
            "product",
            "debt_ref",
            "receivable_ref",
            "issued_on",
            "due_on",
            "amount",
        ]
    },
}


def client_file(*, rng: random.Random, code: str, day: dt.date, count: int, start: int) -> str:
    """A client's file as it would send it: instalments of persons, or invoices of traders."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(LAYOUT["columns"])
    for n in range(start, start + count):
        ref = f"{code}-{10_000 + n * 7}"
        trade = code == "NK"
        name = names.company(rng) if trade else names.person(rng)
        number = names.unified_number(rng) if trade else names.national_id(rng)
        mobile, city = names.mobile(rng), rng.choice(names.CITIES)
        late = min(int(rng.expovariate(1 / 38)), 175)
        if trade:
            product, debt = "توريد", f"ACC-{n:05d}"
            for k in range(rng.randint(2, 5)):
                issued = day - dt.timedelta(days=60 + late - k * 24 - rng.randrange(9))
                if issued > day:
                    continue
                amount = Decimal(rng.randrange(800_000, 6_500_000)) / 100
                writer.writerow(
                    [ref, name, number, mobile, city, product, debt, f"INV-{n:05d}-{k + 1}", issued,
                     issued + dt.timedelta(days=60), amount]
                )  # fmt: skip
        else:
            product, share = {"WH": ("تمويل شخصي", 2600), "RW": ("تمويل سيارات", 1900)}.get(code, ("فواتير", 240))
            amount = Decimal(int(rng.uniform(0.4, 1.8) * share * 100)) / 100
            debt = f"{'PF' if code == 'WH' else 'LN'}-{day.year - 2}-{700_000 + n}"
            first = rng.randint(3, 30)
            for k in range(late // 30 + rng.randint(1, 2)):
                due = day - dt.timedelta(days=late - 30 * k)
                writer.writerow(
                    [ref, name, number, mobile, city, product, debt, str(first + k), due - dt.timedelta(days=30), due,
                     amount]
                )  # fmt: skip
    return out.getvalue()
