"""Sign-in, second factor, profile, users. Only what has a page here is a door; nobody signs up."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.urls import path, re_path

from accounts.views import approvals, authority, deadlines, home, users

urlpatterns = [
    path("", home.index, name="index"),
    path("language/", home.language, name="language"),
    path("profile/", home.profile, name="profile"),
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/password/set/", account.password_set, name="account_set_password"),
    path("account/reset/", account.password_reset, name="account_reset_password"),
    path("account/reset/sent/", account.password_reset_done, name="account_reset_password_done"),
    # The key has hyphens of its own: the person's number ends at the first.
    re_path(
        r"^account/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "account/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("account/factor/", mfa.index, name="mfa_index"),
    path("account/factor/enter/", mfa.authenticate, name="mfa_authenticate"),
    path("account/factor/confirm/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/factor/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/factor/app/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/factor/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/factor/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/factor/codes/file/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("users/", users.user_list, name="users"),
    path("users/new/", users.user_new, name="user_new"),
    path("users/<key:pk>/", users.user_edit, name="user"),
    path("users/<key:pk>/invite/", users.user_invite, name="user_invite"),
    path("teams/", users.team_list, name="teams"),
    path("teams/new/", users.team_new, name="team_new"),
    path("teams/<key:pk>/", users.team_edit, name="team"),
    path("roles/", users.role_list, name="roles"),
    path("approvals/", approvals.inbox, name="inbox"),
    path("approvals/<key:pk>/answer/", approvals.answer, name="approval_decide"),
    path("approvals/delegations/", authority.delegation_list, name="delegations"),
    path("approvals/delegations/<key:pk>/end/", authority.delegation_stop, name="delegation_end"),
    path("approvals/authority/", authority.matrix, name="authority"),
    path("approvals/authority/<key:pk>/", authority.row_edit, name="authority_row"),
    path("calendar/", deadlines.working_calendar, name="working_calendar"),
    path("deadlines/", deadlines.deadline_list, name="deadlines"),
    path("deadlines/<key:pk>/", deadlines.deadline_step, name="deadline"),
    path("deadlines/changes/<key:pk>/", deadlines.change_page, name="clock_change"),
    path("deadlines/changes/<key:pk>/decide/", deadlines.change_decide, name="clock_change_decide"),
    path("deadlines/changes/<key:pk>/withdraw/", deadlines.change_withdraw, name="clock_change_withdraw"),
    path("deadlines/changes/<key:pk>/dates/", deadlines.dates_answer, name="due_dates_answer"),
]
