"""Filing by the papers: what stands between a signed authorisation and the court (LEGAL-PACK, NOTE-REGISTERED)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.exceptions import Refused
from legal.choices import InstrumentKind
from legal.models import Claim, Instrument, LegalFile
from legal.rules.instruments import note_may_be_filed
from legal.selectors.files import file_authorisation
from legal.selectors.packs import pack_complete
from legal.services.claims import claim_file


def claim_submit(
    *,
    user: User,
    file: LegalFile,
    kind: str,
    amount: Decimal,
    filed_on: dt.date,
    reference: str = "",
    instrument: Instrument | None = None,
) -> Claim:
    """File a claim whose papers are complete, and on no note that a court would not enforce. The door of people.

    Raises Refused when the signed request's pack lacks a paper (E10), for a note that had to be registered (E4), and as
    ``claim_file`` does.
    """
    state = pack_complete(case=file.case)
    if not state.complete:
        lacking = gettext(", ").join(str(line.words) for line in state.missing)
        raise Refused("pack_incomplete", _("The evidence pack is not complete: %(papers)s.") % {"papers": lacking})
    if instrument is not None and not _is_enforceable(instrument, filed_on=filed_on):
        raise Refused(
            "note_registered",
            _("This note must be registered on the national platform before it is filed."),
            field="instrument",
        )
    return claim_file(
        user=user, file=file, kind=kind, amount=amount, filed_on=filed_on, reference=reference, instrument=instrument,
        authorisation=file_authorisation(file=file),
    )  # fmt: skip


def _is_enforceable(instrument: Instrument, *, filed_on: dt.date) -> bool:
    return instrument.kind != InstrumentKind.PROMISSORY_NOTE or note_may_be_filed(
        issued_on=instrument.issued_on, platform_reference=instrument.platform_reference, filed_on=filed_on
    )
