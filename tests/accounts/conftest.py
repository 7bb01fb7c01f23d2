"""Alice writes; Bob edits; Mallory has no account and wants in."""

import re

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts import addresses, roles
from accounts.models import User

PASSWORD = "four quiet herons wading"


@pytest.fixture(autouse=True)
def clean_slate(db: None) -> None:
    """The roles are there, and nobody has tried to sign in yet."""
    for name in roles.ALL:
        Group.objects.get_or_create(name=name)
    cache.clear()


def person(email: str, *names: str, **fields: object) -> User:
    user = User.objects.create_user(email, PASSWORD, **{"name": email.partition("@")[0].title(), **fields})
    for name in names:
        user.give_role(name)
    addresses.confirm(user)
    return user


@pytest.fixture
def alice() -> User:
    return person("alice@example.org", roles.AUTHOR)


@pytest.fixture
def bob() -> User:
    return person("bob@example.org", roles.EDITOR)


@pytest.fixture
def administrator() -> User:
    return person("ada@example.org", roles.ADMINISTRATOR)


def sign_in(client: Client, email: str = "alice@example.org", password: str = PASSWORD, **data: str):
    return client.post("/accounts/login/", {"login": email, "password": password, **data})


def prove(client: Client) -> None:
    """What changes how one signs in asks for the password again."""
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302


def code_in(message: mail.EmailMessage) -> str:
    """The code that stands on a line of its own."""
    (code,) = re.findall(r"^([A-Z0-9]{4}-[A-Z0-9]{4}|[A-Z0-9]{6,})$", str(message.body), flags=re.MULTILINE)
    return str(code)


def link_in(message: mail.EmailMessage) -> str:
    (link,) = re.findall(r"https?://\S+", str(message.body))
    return str(link)
