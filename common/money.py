"""Money is a Decimal with two places in one currency. Currencies are never added."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MAX_DIGITS = 18

# ISO 4217 currencies whose minor unit is not two decimals; the ledger holds two and refuses these by name.
NOT_TWO_DECIMALS = frozenset(
    [
        "BHD",
        "IQD",
        "JOD",
        "KWD",
        "LYD",
        "OMR",
        "TND",
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
        "CLF",
        "UYW",
    ]
)

_EASTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫", "01234567890123456789.", "٬")


def latin_digits(text: str) -> str:
    """Arabic-Indic and Persian digits as Latin ones, with their decimal and thousands signs."""
    return text.translate(_EASTERN)


def rounded(amount: Decimal) -> Decimal:
    """To the halala, half up. The only rounding function."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def parse_amount(text: str) -> Decimal:
    """Read an amount as people and files write it: digits of either script, optional thousands commas.

    Raises ValueError for anything else: letters, a third decimal, NaN, a comma that does not part thousands.
    """
    plain = latin_digits(text.strip()).replace("\u00a0", "").replace("\u2212", "-")
    if "," in plain:
        whole, _, _rest = plain.partition(".")
        groups = whole.lstrip("+-").split(",")
        if not (1 <= len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:])):
            raise ValueError("comma")
        plain = plain.replace(",", "")
    if not plain or not plain.lstrip("+-").replace(".", "", 1).isdigit():
        raise ValueError("not a number")
    try:
        amount = Decimal(plain)
    except InvalidOperation as error:
        raise ValueError("not a number") from error
    exponent = amount.as_tuple().exponent
    if (not isinstance(exponent, int) or exponent < -2) and amount != amount.quantize(CENT):
        raise ValueError("more than two decimals")
    if len(amount.as_tuple().digits) > MAX_DIGITS:
        raise ValueError("too large")
    return amount.quantize(CENT)
