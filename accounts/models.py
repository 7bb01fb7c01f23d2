"""Whoever signs in. A person is known by an e-mail address; what they may do follows from their roles."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from accounts import roles


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with this address, in whatever case it was typed."""
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user with a hashed password; without one, an account that signs in only after a reset."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """For `manage.py createsuperuser`: a user with every permission; the row rules hold for them too."""
        from accounts import addresses  # it imports this module

        user = self.create_user(email, password, is_superuser=True, **fields)
        # Whoever may run commands on the server need not prove the address; the first sign-in may come before mail works.
        addresses.confirm(user)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField("e-mail", max_length=254)
    name = models.CharField(
        "name", max_length=200, blank=True, help_text="As colleagues and authors see it in letters."
    )
    is_active = models.BooleanField(
        "active", default=True, help_text="Untick instead of deleting: what the person did stays in the history."
    )
    joined_at = models.DateTimeField("joined", default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ("name", "email")
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_unique"),)

    def __str__(self) -> str:
        return self.get_full_name()

    def get_full_name(self) -> str:
        """The name, or what stands before the @ where none was given: never the whole address."""
        return self.name or self.email.split("@")[0]

    def get_short_name(self) -> str:
        return self.get_full_name()

    @cached_property
    def role_names(self) -> frozenset[str]:
        """The names of the roles held, read once for each loaded user."""
        return frozenset(self.groups.values_list("name", flat=True))

    def has_role(self, *names: str) -> bool:
        """Whether this active person holds any of the roles; a superuser holds them all."""
        return self.is_active and (self.is_superuser or not self.role_names.isdisjoint(names))

    @property
    def is_staff(self) -> bool:
        """Whether the desk is open to this person. Follows from the roles, so that it can't contradict them."""
        return self.has_role(*roles.DESK)

    def give_role(self, name: str) -> None:
        """Add a role; the groups exist from the first migration on."""
        self.groups.add(Group.objects.get(name=name))
        self.__dict__.pop("role_names", None)
