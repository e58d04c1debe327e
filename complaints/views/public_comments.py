"""What is written of us in public: accounts looked through, comments found and seen to (CX-25, CX-26)."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import allow, user_of
from accounts.models import User
from accounts.services.users import access_record
from common import clock, crypto
from common.clocks import clocks_of, days_off, earliest_of
from common.exceptions import Refused
from common.forms import blame, key_of
from complaints.choices.channels import CommentSort, CommentState
from complaints.forms import channels as typed
from complaints.forms.learning import NothingForm
from complaints.models import PublicComment
from complaints.policies import (
    accounts_visible_to,
    accounts_worked_by,
    can_work_account,
    can_work_comments,
    comments_visible_to,
    matters_visible_to,
    sees_comments,
)
from complaints.selectors.channels import channel_line, channels_known
from complaints.selectors.public_comments import LABEL, Shown, comment_shown, comments_listed, writer_before
from complaints.services import comment_deeds, public_comments
from complaints.views.learning_acts import Act, act_done, acts_open

A_PAGE = 30
REVEALED_FOR = 300
VIEWS = (("", gettext_lazy("To be seen to")), ("late", gettext_lazy("Late")), ("closed", gettext_lazy("Closed")))


def _works(user: User, one: PublicComment) -> bool:
    return one.state == CommentState.OPEN and can_work_account(user, one.channel)


ACTS: dict[str, Act] = {
    "reply": Act(
        words=gettext_lazy("Reply in public"),
        button=gettext_lazy("Keep this reply"),
        icon="reply",
        said=gettext_lazy("The reply may be published: copy it as it stands here"),
        is_open=_works,
        form=lambda one, *args: typed.ReplyForm(*args),
        do=lambda user, one, data: comment_deeds.comment_reply(user=user, comment=one, at=clock.now(), **data),
        quiet=True,
    ),
    "move": Act(
        words=gettext_lazy("Take it to a private channel"),
        button=gettext_lazy("Register it"),
        icon="lock",
        said=gettext_lazy("It goes on in private"),
        is_open=lambda user, one: _works(user, one) and one.matter_id is None,
        form=lambda one, *args: typed.MoveForm(*args, comment=one),
        do=lambda user, one, data: comment_deeds.comment_move(user=user, comment=one, at=clock.now(), **data),
    ),
    "handle": Act(
        words=gettext_lazy("Hide, remove or report it"),
        button=gettext_lazy("Write it down"),
        icon="eye-off",
        said=gettext_lazy("It is written down"),
        is_open=_works,
        form=lambda one, *args: typed.HandleForm(*args),
        do=lambda user, one, data: comment_deeds.comment_handle(user=user, comment=one, at=clock.now(), **data),
    ),
    "measure": Act(
        words=gettext_lazy("A measure against the writer"),
        button=gettext_lazy("Write it down"),
        icon="user-x",
        said=gettext_lazy("It is written down"),
        is_open=_works,
        form=lambda one, *args: typed.MeasureForm(*args),
        do=lambda user, one, data: comment_deeds.writer_measure(user=user, comment=one, at=clock.now(), **data),
        quiet=True,
    ),
    "sort": Act(
        words=gettext_lazy("It is something else"),
        button=gettext_lazy("Save"),
        icon="tags",
        said=gettext_lazy("It is written down"),
        is_open=_works,
        form=lambda one, *args: typed.SortForm(*args, comment=one),
        do=lambda user, one, data: public_comments.comment_sort(user=user, comment=one, **data),
        quiet=True,
    ),
    "close": Act(
        words=gettext_lazy("Close it"),
        button=gettext_lazy("Close it"),
        icon="check",
        said=gettext_lazy("Closed"),
        is_open=_works,
        form=lambda one, *args: NothingForm(*args),
        do=lambda user, one, data: public_comments.comment_close(user=user, comment=one, at=clock.now()),
    ),
}
# What is done first with each sort, until it was; then it may be closed.
FIRST = {CommentSort.ASKS: "move", CommentSort.COMPLAINT: "move", CommentSort.IMPROPER: "handle"}


def _first(one: PublicComment) -> str:
    """The act that leads: what this sort asks for, or to close it once something was done."""
    return "close" if one.deeds.exists() else FIRST.get(CommentSort(one.sort), "close")


@require_GET
@allow(sees_comments)
def comment_list(request: HttpRequest) -> HttpResponse:
    """What is to be seen to, the oldest first; above it since when each account was not looked through."""
    user, now, told = user_of(request), clock.now(), request.GET
    view, account = told.get("view", ""), key_of(told.get("account", ""))
    visible, accounts = comments_visible_to(user), accounts_visible_to(user)
    counts = {
        name: comments_listed(comments=visible, view=name, account=account, now=now).count() for name, _w in VIEWS
    }
    found = comments_listed(comments=visible, view=view, account=account, now=now)
    page = Paginator(found, A_PAGE).get_page(told.get("page"))
    off, mine = days_off(calendar="PRIVATE"), set(accounts_worked_by(user).values_list("pk", flat=True))
    lines = [channel_line(one, today=clock.today(), off=off) for one in channels_known(accounts.filter(is_active=True))]
    context = {
        "page": page, "view": view, "account": account, "now": now, "lines": lines, "mine": mine,
        "views": [(name, words, counts[name]) for name, words in VIEWS],
        "clocks": earliest_of(subject_type=LABEL, subject_ids=[one.pk for one in page]),
        "works": any(line.channel.pk in mine for line in lines if line.channel),
        "today": clock.today(),
    }  # fmt: skip
    return render(request, "complaints/channels/comments.html", context)


@require_http_methods(["GET", "POST"])
@allow(can_work_comments)
def comment_new(request: HttpRequest) -> HttpResponse:
    """Write down a comment that was found."""
    user = user_of(request)
    initial = {"channel": key_of(request.GET.get("account", "")), "published_at": typed.moment_now()}
    form = typed.CommentForm(request.POST or None, accounts=accounts_worked_by(user), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = public_comments.comment_record(user=user, at=clock.now(), **form.cleaned_data)
        except Refused as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("It is written down"))
            return redirect("comment", made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "complaints/channels/comment_new.html", {"form": form}, status=status)


@require_POST
@allow(can_work_comments)
def watch(request: HttpRequest, pk: int) -> HttpResponse:
    """This account was looked through."""
    channel = get_object_or_404(accounts_worked_by(user_of(request)), pk=pk)
    try:
        public_comments.watch_record(user=user_of(request), channel=channel, at=clock.now())
    except Refused as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Written down: looked through"))
    return redirect("comments")


def _comment(request: HttpRequest, pk: int) -> PublicComment:
    found = comments_visible_to(user_of(request)).select_related("channel", "found_by", "closed_by", "matter")
    return get_object_or_404(found, pk=pk)


def _key(comment: PublicComment) -> str:
    """Where the session keeps until when the words of this comment are shown."""
    return f"comment-revealed-{comment.pk}"


def _page(
    request: HttpRequest, one: PublicComment, *, status: int = 200, opened: str = "", form: forms.Form | None = None
) -> HttpResponse:
    user, now = user_of(request), clock.now()
    revealed, shown, erased = request.session.get(_key(one), 0) > now.timestamp(), None, False
    if revealed:
        shown, erased = _opened(one)
    first, (others, measures) = _first(one), writer_before(one)
    context = {
        "one": one, "revealed": revealed, "shown": shown, "erased": erased, "others": others, "measures": measures,
        "deeds": one.deeds.select_related("by"), "clocks": clocks_of(subject=one), "now": now,
        "acts": sorted(
            acts_open(ACTS, user=user, subject=one, opened=opened, form=form), key=lambda act: act.name != first
        ),
        "opens_matter": one.matter is not None and matters_visible_to(user).filter(pk=one.matter.pk).exists(),
    }  # fmt: skip
    return render(request, "complaints/channels/comment.html", context, status=status)


def _opened(one: PublicComment) -> tuple[Shown | None, bool]:
    try:
        return comment_shown(one), False
    except crypto.Unreadable:
        return None, True


@require_GET
@allow(sees_comments)
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """One comment, what was done about it and what may be done now; its words once the look is written down."""
    return _page(request, _comment(request, pk))


@require_POST
@allow(sees_comments)
def comment_reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who wrote it, where and what for five minutes; the look is written down first (CX-15)."""
    found, user = _comment(request, pk), user_of(request)
    access_record(user=user, what="comment.reveal", subject=found)
    request.session[_key(found)] = clock.now().timestamp() + REVEALED_FOR
    return redirect("comment", pk)


@require_POST
@allow(can_work_comments)
def comment_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Do one thing about it."""
    one = _comment(request, pk)
    return act_done(
        request, acts=ACTS, name=act, subject=one, to="comment",
        page=lambda **given: _page(request, _comment(request, pk), **given),
    )  # fmt: skip
