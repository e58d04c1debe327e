"""The client's own portal. Every read runs as the portal role of the database, one client's rows alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import require_proof, user_of
from accounts.models import User
from accounts.services.users import access_record
from clients.choices import PortalView
from clients.models import Client
from clients.rules.portal import view_opens
from clients.selectors.clients import client_of, portal_view_of
from collections_app.choices import OPEN_CASE, CaseStatus, EscalationStatus, Verdict
from collections_app.models import Authorisation, Case, ContactAttempt, EscalationRequest, StatementPeriod
from collections_app.selectors.escalations import escalation_moot, escalations_moot
from collections_app.views.statement_periods import period_context, period_file
from common import clock
from common.access import portal_scope
from common.arabic import search_pattern
from common.components.format import short
from common.exceptions import Refused
from legal.choices import PaperKind
from legal.forms import LetterForm, SignForm
from legal.models import Paper
from legal.selectors.authorisations import card_pieces
from legal.selectors.debts import debts_asked
from legal.selectors.papers import SHOWN, papers_shown
from legal.selectors.requests import checks_shown
from legal.services.authorisations import authorisation_revoke
from legal.services.escalations import escalation_decline, escalation_sign
from legal.services.papers import paper_add
from legal.views.papers import paper_response
from reporting.choices import ReportKind
from reporting.models import Report
from reporting.policies import can_sign, can_use_portal
from reporting.rules.weeks import Week
from reporting.selectors.figures import period_figures
from reporting.selectors.portal import portal_aging, portal_changes, portal_promises

View = Callable[..., HttpResponseBase]


def portal_person(
    request: HttpRequest,
    *,
    policy: Callable[[User], bool] = can_use_portal,
    least: PortalView = PortalView.FIGURES,
) -> tuple[User, Client]:
    """Who is signed in and for which client; to everybody whom the policy does not let in the page does not exist,
    nor where the client's agreement opens less than ``least``.
    """
    user = user_of(request)
    client = client_of(user) if policy(user) else None
    if client is None:
        raise Http404
    client.portal_view = portal_view_of(client_id=client.pk, on=clock.today())
    if not view_opens(view=client.portal_view, least=least):
        raise Http404
    return user, client


def portal_page_for(least: PortalView) -> Callable[[View], View]:
    """Sign-in, portal role, and the whole page read under row-level security; the client is given to the view.

    Where the client's agreement opens less than ``least`` the page does not exist. A look at one thing, or at the rows
    of a figure, is written down before it is shown.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user, client = portal_person(request, least=least)
            if kwargs:
                name = request.resolver_match.view_name if request.resolver_match else view.__name__
                why = " ".join(filter(None, [str(kwargs.get("code", "")), request.GET.urlencode()]))
                access_record(user=user, what=name, subject_id=kwargs.get("pk"), why=why[:200])
            with portal_scope(client_id=client.pk):
                return view(request, client, *args, **kwargs)

        return guarded

    return decorate


# Reports and figures, and what is asked of the client, are opened by every agreement.
portal_page = portal_page_for(PortalView.FIGURES)
# What names single accounts, and what names single contacts, is shown as far as the agreement says.
portal_cases_page = portal_page_for(PortalView.CASES)
portal_contacts_page = portal_page_for(PortalView.CONTACTS)


def _sent() -> QuerySet[EscalationRequest]:
    """The requests that went to the client; what the house still talks about does not exist in the portal."""
    inside = Q(status__in=[EscalationStatus.PROPOSED, EscalationStatus.RETURNED, EscalationStatus.REJECTED])
    return EscalationRequest.objects.exclude(inside | Q(status=EscalationStatus.WITHDRAWN, decided_at__isnull=True))


def _to_sign(client: Client) -> list[EscalationRequest]:
    """What waits for the client's signature, the nearest answer first; not what is paid meanwhile."""
    found = EscalationRequest.objects.filter(client=client, status=EscalationStatus.APPROVED)
    waiting = list(found.select_related("case__debtor").order_by("answer_by"))
    moot = escalations_moot(requests=waiting)
    return [request for request in waiting if request.pk not in moot]


def _signing(request: HttpRequest, pk: int) -> tuple[Any, EscalationRequest]:
    """The request to sign, loaded under the portal's rights; the act itself runs as the application."""
    user, client = portal_person(request, policy=can_sign)
    with portal_scope(client_id=client.pk):
        return user, get_object_or_404(_sent(), pk=pk)


@require_GET
@portal_page
def home(request: HttpRequest, client: Client) -> HttpResponse:
    """The latest report first, what waits for a signature, and how the balances stand."""
    language = short(getattr(request, "LANGUAGE_CODE", "ar"))
    reports = Report.objects.filter(client=client).defer("pdf", "context")
    weekly = reports.filter(kind=ReportKind.WEEKLY)
    latest = weekly.filter(language=language).first() or weekly.first()
    as_of, sheets = portal_aging(client=client, rtl=language == "ar")
    week = Week.of(on=clock.today()).before()
    figures = period_figures(client_id=client.pk, first=week.starts_on, last=week.ends_on)
    earlier = week.before()
    before = period_figures(client_id=client.pk, first=earlier.starts_on, last=earlier.ends_on)
    return render(
        request,
        "portal/home.html",
        {
            "client": client,
            "latest": latest,
            "waiting": _to_sign(client),
            "figures": figures,
            "changes": portal_changes(now=figures, before=before),
            "promises": portal_promises(client=client, today=clock.today(), rtl=language == "ar"),
            "now": clock.now(),
            "week": week,
            "sheets": sheets,
            "as_of": as_of,
            "earlier": reports.filter(language=language).exclude(pk=latest.pk if latest else 0)[:5],
        },
    )


@require_GET
@portal_cases_page
def statements(request: HttpRequest, client: Client) -> HttpResponse:
    """The closed periods of the account, the newest first."""
    found = StatementPeriod.objects.filter(client=client).order_by("-number")
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    return render(request, "portal/statements.html", {"client": client, "page": page})


@require_GET
@portal_cases_page
def statement(request: HttpRequest, client: Client, pk: int) -> HttpResponse:
    """One closed period as it was issued, line by line."""
    found = get_object_or_404(StatementPeriod, pk=pk)
    return render(request, "portal/statement.html", {"client": client, **period_context(request, found)})


@require_GET
@portal_cases_page
def statement_csv(request: HttpRequest, client: Client, pk: int) -> FileResponse:
    return period_file(get_object_or_404(StatementPeriod.objects.select_related("client"), pk=pk))


@require_GET
@portal_cases_page
def cases(request: HttpRequest, client: Client) -> HttpResponse:
    found = Case.objects.filter(client=client).select_related("debtor", "stage")
    status = request.GET.get("status", "open")
    if status == "open":
        found = found.filter(status__in=OPEN_CASE)
    elif status in CaseStatus.values:
        found = found.filter(status=status)
    search = request.GET.get("q", "").strip()
    if search:
        found = found.filter(debtor__debtor_ref__istartswith=search) | found.filter(
            debtor__name__iregex=search_pattern(search)
        )
    page = Paginator(found.order_by(F("stage_depth").desc(nulls_last=True), "-balance", "pk"), 50).get_page(
        request.GET.get("page")
    )
    return render(request, "portal/cases.html", {"client": client, "page": page, "status": status})


@require_GET
@portal_cases_page
def case(request: HttpRequest, client: Client, pk: int) -> HttpResponse:
    """One case as its client may see it."""
    found = get_object_or_404(Case.objects.select_related("debtor", "stage"), pk=pk)
    return render(
        request,
        "portal/case.html",
        {
            "client": client,
            "case": found,
            "receivables": found.receivables.filter(balance__gt=0).order_by("due_on"),
            "payments": found.payments.order_by("-value_on")[:30],
            "attempts": found.attempts.exclude(verdict=Verdict.REFUSED).order_by("-at")[:30]
            if client.shows_contacts
            else (),
            "promises": found.promises.order_by("-due_on")[:10],
        },
    )


@require_GET
@portal_contacts_page
def trail(request: HttpRequest, client: Client) -> HttpResponse:
    """Every contact attempt, refused ones too (PL-36)."""
    found = ContactAttempt.objects.filter(client=client).select_related("case__debtor").order_by("-at", "-pk")
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    return render(request, "portal/trail.html", {"client": client, "page": page})


@require_GET
@portal_page
def authorisations(request: HttpRequest, client: Client) -> HttpResponse:
    found = _sent().filter(client=client)
    page = Paginator(found.select_related("case__debtor").order_by("-prepared_at"), 40).get_page(
        request.GET.get("page")
    )
    waiting = [row for row in page if row.status == EscalationStatus.APPROVED]
    context = {"client": client, "page": page, "moot": escalations_moot(requests=waiting)}
    return render(request, "portal/authorisations.html", context)


@require_GET
@login_required
def authorisation(request: HttpRequest, pk: int) -> HttpResponse:
    return _authorisation(request, pk)


def _authorisation(
    request: HttpRequest,
    pk: int,
    *,
    error: str = "",
    sign_form: SignForm | None = None,
    letter_form: LetterForm | None = None,
) -> HttpResponse:
    """The request and its signature, read under the portal's rights; whether a second factor stands, as ourselves."""
    user, client = portal_person(request)
    has_factor = can_sign(user) and user.has_second_factor
    wrong = bool(error or (sign_form and sign_form.errors) or (letter_form and letter_form.errors))
    with portal_scope(client_id=client.pk):
        found = get_object_or_404(_sent().select_related("case__debtor"), pk=pk)
        signed = found.authorisations.select_related("case__debtor", "client", "replaced_by").first()
        debts = debts_asked(request=found)
        return render(
            request,
            "portal/authorisation.html",
            {
                "client": client,
                "request_": found,
                "debts": debts,
                "moot": escalation_moot(request=found),
                "may_sign": can_sign(user) and found.status == EscalationStatus.APPROVED,
                "has_factor": has_factor,
                "signed": signed,
                "checks": checks_shown(request=found),
                "papers": list(papers_shown(request=found)),
                "letter": Paper.objects.filter(request=found, kind=PaperKind.LETTER).defer("content_sealed").last(),
                "receivables": found.case.receivables.filter(
                    debt__in=[one.debt.pk for one in debts], balance__gt=0
                ).order_by("due_on"),
                "sign_form": sign_form or SignForm(),
                "letter_form": letter_form or LetterForm(auto_id="letter_%s"),
                "error": error,
                # Of what is signed, its own debts and shares.
                **_signed_pieces(user=user, signed=signed),
            },
            status=422 if wrong else 200,
        )


@require_GET
@login_required
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper of a request that went to the client; found under the portal's rights, the look written down first."""
    user, client = portal_person(request)
    with portal_scope(client_id=client.pk):
        shown = Paper.objects.filter(request__in=_sent(), kind__in=SHOWN).defer("content_sealed")
        found = get_object_or_404(shown, pk=pk)
    access_record(user=user, what="paper.read", subject=found)
    return paper_response(paper=Paper.objects.select_related("case__debtor__party").get(pk=found.pk))


def _signed_pieces(*, user: User, signed: Authorisation | None) -> dict[str, Any]:
    """The card of what was signed, without the house's people; nothing before."""
    if signed is None:
        return {}
    pieces = card_pieces(authorisation=signed, on=clock.today(), people=False)
    return {**pieces, "may_revoke": can_sign(user) and not pieces["card"].over}


@require_POST
@login_required
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """The signatory signs here, by the second factor: who has none yet is led to set it up first."""
    user, found = _signing(request, pk)
    if not user.has_second_factor:
        messages.info(request, _("Set up your second factor first; then come back and sign."))
        return redirect("mfa_activate_totp")
    require_proof(request)
    form = SignForm(request.POST)
    if not form.is_valid():
        return _authorisation(request, found.pk, sign_form=form)
    try:
        escalation_sign(user=user, request=found, **form.cleaned_data)
    except Refused as refusal:
        return _refused(request, found, refusal)
    messages.success(request, _("Signed"))
    return redirect("portal_authorisation", found.pk)


@require_POST
@login_required
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The signatory hands in the letter that was signed on paper; it is the authorisation's document."""
    user, found = _signing(request, pk)
    require_proof(request)
    form = LetterForm(request.POST, request.FILES, auto_id="letter_%s")
    if not form.is_valid():
        return _authorisation(request, found.pk, letter_form=form)
    data = form.cleaned_data
    try:
        with transaction.atomic():
            kept = paper_add(
                user=user,
                case=Case.objects.select_related("debtor__party").get(pk=found.case_id),
                kind=PaperKind.LETTER,
                title=f"{_('Letter signed by')} {data['signed_by']}",
                name=data["file"].name,
                content=data["file"].read(),
                request=found,
            )
            escalation_sign(
                user=user,
                request=found,
                digest=data["digest"],
                power=f"{data['signed_by']} · {data['power']}"[:160],
                valid_from=data["valid_from"],
                letter=kept,
            )
    except Refused as refusal:
        return _refused(request, found, refusal)
    messages.success(request, _("Signed"))
    return redirect("portal_authorisation", found.pk)


@require_POST
@login_required
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """The signatory says no, with the reason, after a fresh proof."""
    user, found = _signing(request, pk)
    require_proof(request)
    try:
        escalation_decline(user=user, request=found, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        return _refused(request, found, refusal)
    messages.success(request, _("Declined"))
    return redirect("portal_authorisation", found.pk)


@require_POST
@login_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """The signatory takes back what was signed, with the reason, after a fresh proof."""
    user, found = _signing(request, pk)
    client = client_of(user)
    signed = found.authorisations.filter(client=client).first()
    if signed is None:
        raise Http404
    require_proof(request)
    try:
        authorisation_revoke(user=user, authorisation=signed, reason=request.POST.get("reason", ""))
    except Refused as refusal:
        return _refused(request, found, refusal)
    messages.success(request, _("The authorisation is revoked"))
    return redirect("portal_authorisation", found.pk)


def _refused(request: HttpRequest, found: EscalationRequest, refusal: Refused) -> HttpResponse:
    return _authorisation(request, found.pk, error=str(refusal.message))
