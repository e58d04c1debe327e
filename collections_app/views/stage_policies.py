"""Stage policies: where each version rules, its ladder, the editor, the preview on today's book, and the approval."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from accounts.models import User
from clients.choices import ChangeStatus, PolicyState
from clients.models import Client, StagePolicy
from clients.policies import (
    can_edit_stage_policy,
    can_prepare_stage_policies,
    can_propose_stage_change,
    can_see_stage_policies,
)
from clients.rules.stages import MOST_STAGES, Place, Stage
from clients.selectors.clients import clients_visible_to
from clients.selectors.stage_policies import (
    Rule,
    ladder_of,
    rules_of_house,
    stage_changes_visible_to,
    stage_changes_waiting,
    stage_policies_compared,
    stage_policies_visible_to,
    versions_of,
)
from clients.services.stage_policies import (
    stage_change_propose,
    stage_policy_discard,
    stage_policy_draft,
    stage_policy_edit,
)
from collections_app.forms import (
    PlacesForm,
    StageChangeForm,
    StageForm,
    StagePolicyForm,
    place_key,
)
from collections_app.rules.aging import bucket_for
from collections_app.selectors.restaging import places_possible, previews
from common import clock
from common.components.charts import LadderDrawing, ladder_drawing
from common.exceptions import Refused
from common.forms import blame


def drawn(policy: StagePolicy, stages: Sequence[Stage] | None = None) -> LadderDrawing:
    """The ladder on its axis of days, in the reader's language and direction."""
    arabic = get_language() == "ar"
    return ladder_drawing(
        stages=[
            (stage.name_ar if arabic else stage.name_en, stage.from_day, stage.depth)
            for stage in (ladder_of(policy) if stages is None else stages)
        ],
        default_day=policy.default_after_days + 1,
        rtl=arabic,
    )


def _found(request: HttpRequest, pk: int) -> StagePolicy:
    policies = stage_policies_visible_to(user_of(request)).select_related("based_on", "prepared_by")
    return get_object_or_404(policies.prefetch_related("rows", "based_on__rows"), pk=pk)


@require_GET
@allow(can_see_stage_policies)
def policy_list(request: HttpRequest) -> HttpResponse:
    """What waits for me, what rules where, and every policy with its versions."""
    user = user_of(request)
    versions = versions_of(policies=stage_policies_visible_to(user).select_related("prepared_by"))
    return render(
        request,
        "collections_app/stage_policies/list.html",
        {
            "waiting": stage_changes_waiting(user=user),
            "asked": stage_changes_visible_to(user).filter(status=ChangeStatus.PROPOSED, prepared_by=user),
            "rules": rules_of_house(today=clock.today()),
            "versions": versions,
            "may_prepare": can_prepare_stage_policies(user),
        },
    )


@require_GET
@allow(can_see_stage_policies)
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: its ladder drawn, where it rules, what it changed, and what was asked about it."""
    return _page(request, _found(request, pk))


def _page(request: HttpRequest, found: StagePolicy, error: str = "", status: int = 200) -> HttpResponse:
    user = user_of(request)
    others = (
        stage_policies_visible_to(user).filter(code=found.code).select_related("based_on", "prepared_by")
    ).prefetch_related("rows", "based_on__rows")
    versions = versions_of(policies=others).get(found.code, [])
    return render(
        request,
        "collections_app/stage_policies/policy.html",
        {
            "policy": found,
            "ladder": ladder_of(found),
            "drawing": drawn(found),
            "rules": [rule for rule in rules_of_house(today=clock.today()) if rule.policy.pk == found.pk],
            "versions": [
                {
                    "policy": version,
                    "changed": stage_policies_compared(before=version.based_on, after=version)
                    if version.based_on
                    else None,
                }
                for version in versions
            ],
            "changes": stage_changes_visible_to(user).filter(policy=found).order_by("-pk"),
            "may_edit": can_edit_stage_policy(user, found),
            "may_discard": can_edit_stage_policy(user, found) and not found.changes.exists(),
            "may_propose": can_propose_stage_change(user, found),
            "may_prepare": can_prepare_stage_policies(user),
            "error": error,
        },
        status=status,
    )


@require_POST
@allow(can_prepare_stage_policies)
def policy_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next version, or with a code of its own another policy, from this one."""
    found = _found(request, pk)
    try:
        made = stage_policy_draft(user=user_of(request), policy=found, code=request.POST.get("code", ""))
    except Refused as refusal:
        return _page(request, found, error=str(refusal.message), status=422)
    return redirect("stage_policy_edit", made.pk)


@require_POST
@allow(can_prepare_stage_policies)
def policy_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the own draft away."""
    found = _found(request, pk)
    try:
        stage_policy_discard(user=user_of(request), policy=found)
    except Refused as refusal:
        return _page(request, found, error=str(refusal.message), status=422)
    messages.success(request, _("The draft is gone."))
    return redirect("stage_policies")


@dataclass(kw_only=True)
class _Editor:
    """The forms of a draft: its head and its stages, as they came or as they stand."""

    head: StagePolicyForm
    stages: list[StageForm]

    @classmethod
    def of(cls, policy: StagePolicy) -> _Editor:
        names = ("name_ar", "name_en", "basis", "default_after_days", "default_rules")
        head = StagePolicyForm(initial={name: getattr(policy, name) for name in names})
        return cls(
            head=head,
            stages=[
                StageForm(prefix=f"s{at}", initial=StageForm.begun(stage)) for at, stage in enumerate(ladder_of(policy))
            ],
        )

    @classmethod
    def sent(cls, data: Any) -> _Editor:
        """As it was sent: a stage that was taken away is gone, one that was asked for stands last."""
        do = data.get("do", "")
        count = min(int(data["stages"]), MOST_STAGES + 1) if str(data.get("stages", "")).isdecimal() else 0
        forms = [StageForm(data, prefix=f"s{at}") for at in range(count) if do != f"remove-{at}"]
        if do == "add":
            forms.append(cls._next(forms))
        return cls(head=StagePolicyForm(data), stages=forms)

    @staticmethod
    def _next(forms: Sequence[StageForm]) -> StageForm:
        """An empty stage thirty days after the last one that was typed, as deep as that age is drawn elsewhere."""
        typed = [form.cleaned_data.get("from_day") for form in forms if form.is_valid()]
        day = max((day for day in typed if day is not None), default=0) + 30
        depth = bucket_for(basis="DUE", days=day).depth
        return StageForm(prefix=f"s{len(forms)}", initial={"from_day": day, "depth": depth, "actions": []})

    @property
    def valid(self) -> bool:
        return all([self.head.is_valid(), *[form.is_valid() for form in self.stages]])

    def in_order(self) -> list[Stage]:
        """The stages by first day; the forms follow, so that a fault stands where it belongs."""
        self.stages.sort(
            key=lambda form: (form.cleaned_data["from_day"] is not None, form.cleaned_data["from_day"] or 0)
        )
        made: list[Stage] = []
        for form in self.stages:
            made.append(form.stage(taken={stage.code for stage in made}))
        return made

    def blame(self, refusal: Refused) -> None:
        blame(self.head, refusal)
        for at, faults in refusal.details.get("stages", {}).items():
            form = self.stages[min(at, len(self.stages) - 1)] if self.stages else None
            for name, words in faults.items():
                if form is not None:
                    form.add_error(name if name in form.fields and name != "code" else None, str(words))

    @property
    def faulty(self) -> bool:
        return bool(self.head.errors) or any(form.errors for form in self.stages)


@require_http_methods(["GET", "POST"])
@allow(can_prepare_stage_policies)
def policy_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor of the own draft: stages are added, taken away and moved; nothing rules before it is approved."""
    found = _found(request, pk)
    user = user_of(request)
    if not can_edit_stage_policy(user, found):
        messages.error(request, _("Only a draft is edited, by who began it. Begin the next version instead."))
        return redirect("stage_policy", found.pk)
    editor = _Editor.sent(request.POST) if request.method == "POST" else _Editor.of(found)
    saving = request.method == "POST" and request.POST.get("do", "save") in {"save", "preview"}
    if saving and editor.valid:
        try:
            saved = stage_policy_edit(user=user, policy=found, stages=editor.in_order(), **editor.head.cleaned_data)
        except Refused as refusal:
            editor.blame(refusal)
        else:
            messages.success(request, _("Saved"))
            return redirect("stage_policy_preview" if request.POST.get("do") == "preview" else "stage_policy", saved.pk)
    context = {"policy": found, "form": editor.head, "stages": editor.stages, "drawing": drawn(found)}
    return render(
        request,
        "collections_app/stage_policies/edit.html",
        context | {"faulty": saving and editor.faulty},
        status=422 if saving and editor.faulty else 200,
    )


def _places(user: User) -> tuple[dict[str, Place], dict[str, str], dict[int, Client]]:
    """Where a version could rule: by key, in words, and the clients."""
    clients = {client.pk: client for client in clients_visible_to(user).order_by("code")}
    possible = {place_key(place): place for place in places_possible(clients=clients.values())}
    words = {
        key: f"{clients[place.client_id].name} · {place.product}" if place.product else clients[place.client_id].name
        for key, place in possible.items()
    }
    return possible, words, clients


def _proposed_places(policy: StagePolicy, rules: Sequence[Rule]) -> list[str]:
    """Where the version it was drawn from rules now: where its successor most likely shall."""
    model = policy.based_on_id if policy.state != PolicyState.APPROVED and policy.based_on_id else policy.pk
    return [
        place_key(Place(client_id=rule.client.pk, product=rule.product))
        for rule in rules
        if rule.policy.pk == model and not rule.ahead
    ]


@require_http_methods(["GET", "POST"])
@allow(can_see_stage_policies)
def policy_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What this version would move in today's book of the chosen places; and from there, the request."""
    found, user = _found(request, pk), user_of(request)
    possible, words, clients = _places(user)
    asked = request.POST if request.method == "POST" else request.GET
    wanted = asked.getlist("places") if asked.getlist("places") or request.method == "POST" else None
    if wanted is None:
        wanted = _proposed_places(found, rules_of_house(today=clock.today()))
    places = PlacesForm({"places": [key for key in wanted if key in possible]}, possible=possible, words=words)
    chosen = places.chosen()
    soonest = max(
        [clock.today()]
        + [
            (clients[place.client_id].book_date or clock.today()) + dt.timedelta(days=1)
            for place in chosen
            if clients[place.client_id].book_date
        ]
    )
    form = StageChangeForm(request.POST if request.method == "POST" else None, initial={"starts_on": soonest})
    if request.method == "POST" and form.is_valid():
        try:
            made = stage_change_propose(
                user=user, policy=found, places=chosen, today=clock.today(), **form.cleaned_data
            )
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("Sent for approval"))
            return redirect("stage_change", made.pk)
    seen = previews(policy=found, places=chosen, clients=clients)
    return render(
        request,
        "collections_app/stage_policies/preview.html",
        {
            "policy": found,
            "drawing": drawn(found),
            "places": places,
            "chosen": [place_key(place) for place in chosen],
            "previews": seen,
            "moving": sum(preview.moving for preview in seen),
            "total": sum(preview.total for preview in seen),
            "unopened": len(chosen) - len(seen),
            "form": form,
            "may_propose": can_propose_stage_change(user, found),
        },
        status=422 if form.errors else 200,
    )
