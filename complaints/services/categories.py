"""The only writer of the category tree: shipped once, changed by the quality officer."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.audit import Actor, record
from common.exceptions import NotAllowed, Refused
from complaints.choices import Department, Severity
from complaints.models import Category
from complaints.policies import can_keep_categories
from complaints.rules.categories import SHIPPED

FIELDS = ("parent", "name_ar", "name_en", "department", "severity", "holds", "position", "is_active")


def categories_ship() -> int:
    """Write down the shipped tree where it is not there yet; how many were new. What people changed stays."""
    known = set(Category.objects.values_list("code", flat=True))
    for place, sort in enumerate(SHIPPED):
        if sort.code not in known:
            Category.objects.create(
                code=sort.code, name_ar=sort.ar, name_en=sort.en, department=sort.department, severity=sort.severity,
                holds=sort.holds, position=place * 10,
                parent=Category.objects.get(code=sort.under) if sort.under else None,
            )  # fmt: skip
    return len({sort.code for sort in SHIPPED} - known)


def category_save(*, user: User, category: Category | None, **told: Any) -> Category:
    """Add a category, or change one; the code of one never changes, and none is deleted: it is put out of use.

    ``told`` are the fields of ``FIELDS``. Raises Refused for bad values, and where a branch would hang on a leaf;
    NotAllowed for who does not keep them.
    """
    if not can_keep_categories(user):
        raise NotAllowed("category_keeper", _("Categories are the quality officer's."))
    if told["department"] not in Department.values or told["severity"] not in Severity.values:
        raise Refused("category_choice", _("Choose one of the list."), field="department")
    parent = told.get("parent")
    if parent is not None:
        is_branch = category is not None and category.children.exists()
        if parent.parent_id is not None or parent == category or is_branch:
            raise Refused("category_parent", _("The tree has two levels: branches, and what hangs on them."),
                          field="parent")  # fmt: skip
    with transaction.atomic():
        if category is None:
            code = told.pop("code", "").strip().upper()
            if not code.replace("_", "").isalnum() or not code.isascii():
                raise Refused("category_code", _("A code is made of Latin letters and digits."), field="code")
            if Category.objects.filter(code=code).exists():
                raise Refused("category_code", _("There is a category of this code."), field="code")
            category = Category(code=code)
        held, before = category, {name: getattr(category, name) for name in FIELDS}
        for name in FIELDS:
            if name in told:
                setattr(held, name, told[name])
        is_new = held.pk is None
        held.save()
        changed = {name: [str(before[name]), str(getattr(held, name))] for name in FIELDS
                   if before[name] != getattr(held, name)}  # fmt: skip
        record(
            actor=Actor.person(user),
            action="category.added" if is_new else "category.changed",
            subject=held,
            body={"code": held.code, **({} if is_new else {"changed": changed})},
        )
    return held
