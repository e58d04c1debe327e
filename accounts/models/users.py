"""People who sign in, and the teams they work in."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.choices import PORTAL_ROLES, Density, Language, Role, Side, side_of
from common.history import History


class Team(models.Model):
    """Collectors under one leader."""

    name_ar = models.CharField(_("Arabic name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120)

    history = History()

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return self.name_en if (translation.get_language() or "ar").startswith("en") else self.name_ar


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        fields.setdefault("role", Role.ADMINISTRATOR)
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with one role. Rights come from the role through policies, never from ``is_superuser``."""

    email = models.EmailField(_("E-mail"), unique=True)
    name_ar = models.CharField(_("Arabic name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120)
    role = models.CharField(_("Role"), max_length=30, choices=Role.choices)
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="members", verbose_name=_("Team")
    )
    language = models.CharField(_("Language"), max_length=2, choices=Language.choices, default=Language.AR)
    density = models.CharField(_("Density"), max_length=12, choices=Density.choices, default=Density.COMFORTABLE)
    is_active = models.BooleanField(_("Active"), default=True)
    is_staff = models.BooleanField(default=False)
    # Demo accounts may sign in without a second factor where the setting allows it; production refuses the setting.
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    history = History(excluded_fields=["password", "last_login"])

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name_ar", "name_en"]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return self.name_en if (translation.get_language() or "ar").startswith("en") else self.name_ar

    @property
    def initials(self) -> str:
        """Two letters for the circle beside a colleague's name."""
        words = [word.removeprefix("ال") for word in self.name.split()]
        letters = [word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)]
        # Arabic letters would join into one shape: a space keeps them apart.
        return (" " if letters and letters[0] > "z" else "").join(letters).upper()

    @property
    def has_second_factor(self) -> bool:
        """True once a time-based code is set up."""
        return Authenticator.objects.filter(user=self, type=Authenticator.Type.TOTP).exists()

    @property
    def is_portal(self) -> bool:
        """True for a client's own people, who only ever see the portal."""
        return self.role in PORTAL_ROLES

    @property
    def side(self) -> Side:
        """On which side of the walls this person stands."""
        return side_of(self.role)
