import pytest
from django.core import mail
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts import roles
from accounts.adapter import AccountAdapter
from accounts.models import User
from tests.accounts.conftest import PASSWORD, code_in, sign_in

NEW = {"name": "Nguyễn Thị Hồng", "email": "Hong@Example.org", "password1": PASSWORD}


def sign_up(client: Client, **changes: str):
    return client.post("/accounts/signup/", {**NEW, **changes})


def test_sign_up_code_and_in_as_an_author(client: Client) -> None:
    response = sign_up(client)
    assert response.url == "/accounts/confirm-email/"
    user = User.objects.get()
    assert (user.name, user.email, user.is_staff) == ("Nguyễn Thị Hồng", "hong@example.org", False)
    assert user.has_role(roles.AUTHOR)
    assert user.role_names == {roles.AUTHOR}
    assert "_auth_user_id" not in client.session

    page = client.get("/accounts/confirm-email/").content.decode()
    assert "hong@example.org" in page
    assert 'autocomplete="one-time-code"' in page
    (message,) = mail.outbox
    assert message.to == ["hong@example.org"]
    assert "Hello Nguyễn Thị Hồng," in message.body
    assert "http" not in message.body.split("\n\n")[1]

    response = client.post("/accounts/confirm-email/", {"code": code_in(message)})
    assert response.url == "/accounts/start/"
    assert client.get("/accounts/start/").url == reverse("contribute:home")


def test_until_the_code_is_typed_the_password_alone_does_not_open_the_account(client: Client) -> None:
    sign_up(client)
    stranger = Client()
    sign_in(stranger, "hong@example.org")
    assert "_auth_user_id" not in stranger.session


def test_opening_pages_confirms_nothing(client: Client) -> None:
    sign_up(client)
    for _ in range(3):
        client.get("/accounts/confirm-email/")
    assert not User.objects.get().emailaddress_set.get().verified


def test_a_wrong_code_keeps_the_account_shut_and_five_end_the_try(client: Client) -> None:
    sign_up(client)
    for _ in range(4):
        response = client.post("/accounts/confirm-email/", {"code": "AAAA-AAAA"})
        assert "not the one that we sent" in response.content.decode()
    assert client.post("/accounts/confirm-email/", {"code": "AAAA-AAAA"}).url == "/accounts/login/"
    response = client.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[0])})
    assert response.url == "/accounts/login/"
    assert not User.objects.get().emailaddress_set.get().verified


def test_who_has_an_account_sees_the_same_as_who_has_none(alice: User) -> None:
    known, unknown = Client(), Client()
    first = sign_up(known, email="ALICE@example.org")
    second = sign_up(unknown, email="nobody@example.org")
    assert (first.status_code, first.url) == (second.status_code, second.url)
    pages = [
        client.get(first.url).content.decode().replace(address, "")
        for client, address in ((known, "alice@example.org"), (unknown, "nobody@example.org"))
    ]
    assert strip_tokens(pages[0]) == strip_tokens(pages[1])
    to_alice, to_nobody = mail.outbox
    assert to_alice.subject == "You have an account already"
    assert to_nobody.subject.startswith("Your code")
    assert User.objects.filter(email__iexact="alice@example.org").count() == 1
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def strip_tokens(page: str) -> str:
    import re

    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_two_sign_ups_at_the_same_moment_make_one_account(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = AccountAdapter.save_user

    def raced(*args, **kwargs):
        saved(*args, **kwargs)
        raise IntegrityError("user_email_unique")

    monkeypatch.setattr(AccountAdapter, "save_user", raced)
    response = sign_up(client)
    assert response.url == "/accounts/confirm-email/"
    assert not User.objects.exists()
    assert mail.outbox[0].subject == "You have an account already"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "required"),
        ({"name": "\u202e\u200b"}, "required"),
        ({"name": "write to spam@example.org"}, "looks like an e-mail address"),
        ({"name": "Visit https://spam.example"}, "web address"),
        ({"name": "cheap-pills.com"}, "web address"),
        ({"name": "12345"}, "at least one letter"),
        ({"name": "x" * 201}, "at most 200"),
        ({"name": "x" * 500}, "at most 400"),
        ({"name": "Alice\x00"}, "Null characters"),
        ({"email": "not an address"}, "looks like name@example.org"),
        ({"email": "x" * 300 + "@example.org"}, "as long as this"),
        ({"password1": "short"}, "at least 12 characters"),
        ({"password1": "hong@example.org"}, "too similar"),
        ({"name": "Wilhelmina Harker", "password1": "wilhelmina harker"}, "too similar"),
        ({"password1": "123456789012345"}, "entirely numeric"),
        ({"password1": ""}, "required"),
    ],
)
def test_what_is_refused_is_said_plainly_and_keeps_what_was_typed(client: Client, changes: dict, words: str) -> None:
    response = sign_up(client, **changes)
    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert "<title>Error: Create an account" in page
    assert 'class="error-summary"' in page
    assert not User.objects.exists()
    if "email" not in changes and "name" not in changes:
        assert 'value="Hong@Example.org"' in page or 'value="hong@example.org"' in page


@pytest.mark.parametrize(
    "name", ["J.R.R. Tolkien", "St.John Rivers", "Murugan a/l Subramaniam", "김정은", "Ἀριστοτέλης", "O’Brien"]
)
def test_names_of_people_are_taken_as_they_are(client: Client, name: str) -> None:
    sign_up(client, name=f"  {name} ")
    assert User.objects.get().name == name


def test_the_form_is_made_for_password_managers_and_paste(client: Client) -> None:
    page = client.get("/accounts/signup/").content.decode()
    assert page.count('type="password"') == 1
    for attribute in ("name", "email", "new-password"):
        assert f'autocomplete="{attribute}"' in page
    assert "placeholder" not in page
    assert "onpaste" not in page
