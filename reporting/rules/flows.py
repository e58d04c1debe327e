"""The names of what happens on a day: one table, for the writer and for everybody who reads."""

from __future__ import annotations

# Lines of the ledger by the day they are valued on, signed as they stand there (positive is owed): together they are
# exactly what moved the balances, so that open before + all of these = open after.
OWED = "owed"  # charges, debit notes, fees, and what of them was taken back
PAID = "paid"  # payments given to receivables, and what of them was taken back
PAID_BEFORE = "paid_before"  # paid to the client before it was placed
FORGIVEN = "forgiven"  # credit notes and settlement discounts
WRITTEN_OFF = "written_off"
WITHDRAWN = "withdrawn"  # left collection; positive where it came back
LEDGER = (OWED, PAID, PAID_BEFORE, FORGIVEN, WRITTEN_OFF, WITHDRAWN)

# Contact (ADR 0042): outgoing attempts made; of these, that reached anyone, the holder; refused by the guard;
# conversations with the holder either way, and those that ended with a promise.
ATTEMPTS = "attempts"
REACHED_ANYONE = "reached_anyone"
RIGHT_PARTY = "right_party"
REFUSED_ATTEMPTS = "refused_attempts"
CONVERSATIONS = "conversations"
CONVERSATIONS_PROMISED = "conversations_promised"
CONTACT = (ATTEMPTS, REACHED_ANYONE, RIGHT_PARTY, REFUSED_ATTEMPTS, CONVERSATIONS, CONVERSATIONS_PROMISED)

# Promises by the day they were made, and by their own day: due, and kept in full by it.
PROMISES_MADE = "promises_made"
PROMISES_DUE = "promises_due"
PROMISES_KEPT = "promises_kept"
PROMISES = (PROMISES_MADE, PROMISES_DUE, PROMISES_KEPT)

# Money that came by its value date, whatever it was given to, less what was taken back of it.
PAYMENTS = "payments"

# Cases by the day they were placed, and complaints by the day they were received.
PLACED = "placed"
COMPLAINTS = "complaints"

# Late until the day before, and nothing late at the end of this one: cured, not written off or withdrawn.
CURES = "cures"

NAMES = (*LEDGER, *CONTACT, *PROMISES, PAYMENTS, PLACED, COMPLAINTS, CURES)
