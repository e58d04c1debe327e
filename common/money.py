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

# The money of ISO 4217, list one (www.six-group.com, maintenance agency): what people pay with in 2026. Funds, metals,
# accounting units and the codes for tests and for no currency are left out.
_IN_USE = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP
CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR
IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU
MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG
SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST
XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
IN_USE = frozenset(_IN_USE.split())

_EASTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫", "01234567890123456789.", "٬")


def latin_digits(text: str) -> str:
    """Arabic-Indic and Persian digits as Latin ones, with their decimal and thousands signs."""
    return text.translate(_EASTERN)


def rounded(amount: Decimal) -> Decimal:
    """To the halala, half up. The only rounding function."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def parse_amount(text: str) -> Decimal:
    """Read an amount as people and files write it: digits of either script, optional thousands commas.

    Raises ValueError for anything else: letters, NaN, a comma that does not part thousands, and a third decimal, a
    zero too: in half the world «1.000» is a thousand.
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
    if len(plain.partition(".")[2]) > 2:
        raise ValueError("more than two decimals")
    if len(amount.as_tuple().digits) > MAX_DIGITS:
        raise ValueError("too large")
    return amount.quantize(CENT)
