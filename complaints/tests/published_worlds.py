"""Published things for tests, made by the services."""

from __future__ import annotations

from typing import Any

from django.test import Client as Browser

from accounts.models import User
from common import clock
from complaints.choices import EditionState
from complaints.models import FaqEntry
from complaints.services.editions import edition_approve, edition_digest, edition_draft
from tests.doors import enter
from tests.world import prove

QUESTION = {
    "question_ar": "هل أستطيع أن أسدّد من خارج المملكة؟",
    "question_en": "Can I pay from abroad?",
    "answer_ar": "نعم، بحوالة دولية إلى حساب الجهة الدائنة.",
    "answer_en": "Yes, by an international transfer to the creditor’s account.",
    "category": None,
    "position": 500,
}


def a_draft(*, by: User, model: Any = FaqEntry, of: Any = None, **told: Any) -> Any:
    return edition_draft(user=by, model=model, told={**(QUESTION if model is FaqEntry else {}), **told},
                         at=clock.now(), of=of)  # fmt: skip


def approved(draft: Any, *, by: User) -> Any:
    return edition_approve(user=by, edition=draft, digest=edition_digest(draft), at=clock.now())


def in_force(model: Any, code: str) -> Any:
    return model.objects.get(code=code, state=EditionState.APPROVED)


def proven(user: User, language: str = "ar") -> Browser:
    """Signed in, with a fresh proof."""
    browser = enter(user, language)
    prove(browser)
    return browser
