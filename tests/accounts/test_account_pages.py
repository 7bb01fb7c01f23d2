import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.test import Client
from django.urls import get_resolver

from accounts import addresses, roles
from accounts.models import User
from accounts.templatetags.devices import device
from tests.accounts.conftest import PASSWORD, code_in, person, prove, sign_in

PAGES = [
    "",
    "email/",
    "password/change/",
    "2fa/",
    "2fa/totp/activate/",
    "2fa/webauthn/",
    "2fa/webauthn/add/",
    "sessions/",
    "logout/",
    "reauthenticate/",
]
ENTRANCE = ["login/", "signup/", "password/reset/", "password/reset/done/", "password/reset/key/done/", "inactive/"]


@pytest.mark.parametrize("path", PAGES + ENTRANCE)
def test_pages_are_ours_in_plain_words_and_keep_to_the_policy(client: Client, alice: User, path: str) -> None:
    if path in PAGES:
        sign_in(client)
        prove(client)
    response = client.get(f"/accounts/{path}")
    page = response.content.decode()
    assert response.status_code == 200
    assert 'class="masthead is-slim"' in page
    assert page.count("<h1>") == 1
    assert not re.search(r"\sstyle=|\son\w+=|<style", page)
    for script in re.findall(r"<script\b[^>]*>", page):
        assert "src=" in script or 'type="application/json"' in script
    for allauths in ("Two-Factor", "Sign Up", "Reauthenticate", "Menu:"):
        assert allauths not in page


def test_the_pages_of_an_account_need_a_person(client: Client) -> None:
    for path in PAGES[:-2]:
        response = client.get(f"/accounts/{path}")
        assert response.status_code in (302, 403)
        assert response.status_code == 403 or response.url.startswith("/accounts/login/")


def test_a_name_is_changed(client: Client, alice: User) -> None:
    sign_in(client)
    assert client.post("/accounts/", {"name": "  Alice   Liddell "}).url == "/accounts/"
    alice.refresh_from_db()
    assert alice.name == "Alice Liddell"
    page = client.post("/accounts/", {"name": "www.spam.example"}).content.decode()
    assert "web address" in page
    alice.refresh_from_db()
    assert alice.name == "Alice Liddell"


def test_a_new_address_counts_once_its_code_is_typed(client: Client, alice: User) -> None:
    sign_in(client)
    prove(client)
    response = client.post("/accounts/email/", {"email": "New@example.org", "action_add": ""})
    assert response.url == "/accounts/confirm-email/"
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
    client.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[0])})
    alice.refresh_from_db()
    assert alice.email == "new@example.org"
    assert EmailAddress.objects.get(user=alice).email == "new@example.org"
    assert mail.outbox[1].to == ["alice@example.org"]  # the old address is told
    assert mail.outbox[1].subject == "Your e-mail address was changed"


def test_another_persons_address_can_not_be_taken(client: Client, alice: User, bob: User) -> None:
    sign_in(client)
    prove(client)
    client.post("/accounts/email/", {"email": "BOB@example.org", "action_add": ""})
    client.get("/accounts/confirm-email/")
    assert not any(message.to == ["bob@example.org"] and "code" in message.subject for message in mail.outbox) or (
        client.post("/accounts/confirm-email/", {"code": code_in(mail.outbox[0])}).status_code == 200
    )
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"


def test_a_changed_password_signs_out_elsewhere_and_is_told(client: Client, alice: User) -> None:
    elsewhere = Client()
    sign_in(client)
    sign_in(elsewhere)
    response = client.post(
        "/accounts/password/change/", {"oldpassword": "wrong one", "password1": "seven loud magpies"}
    )
    assert "not your present password" in response.content.decode()
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "seven loud magpies calling"})
    alice.refresh_from_db()
    assert alice.check_password("seven loud magpies calling")
    assert client.get("/accounts/").status_code == 200
    assert elsewhere.get("/accounts/").status_code == 302
    assert [message.subject for message in mail.outbox] == ["Your password was changed"]


@pytest.mark.django_db(transaction=True)  # the mail about it goes with the commit
def test_an_app_as_second_step(client: Client, alice: User) -> None:
    sign_in(client)
    assert client.get("/accounts/2fa/totp/activate/").url.startswith("/accounts/reauthenticate/")
    prove(client)
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    (secret,) = re.findall(r'<p class="secret">(\w+)</p>', page)
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    code = totp.format_hotp_value(totp.hotp_value(secret, counter))
    assert client.post("/accounts/2fa/totp/activate/", {"code": code}).url == "/accounts/2fa/recovery-codes/"
    spare = re.findall(r"<li>(\d{8})</li>", client.get("/accounts/2fa/recovery-codes/").content.decode())
    assert len(spare) == 10
    assert mail.outbox[0].subject == "Second step: an app was set up"

    other = Client()
    assert sign_in(other).url == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in other.session
    assert other.get("/accounts/2fa/authenticate/").status_code == 200
    assert "code" in other.post("/accounts/2fa/authenticate/", {"code": "00000000"}).content.decode()
    assert other.post("/accounts/2fa/authenticate/", {"code": spare[0]}).url == "/accounts/start/"
    assert Authenticator.objects.filter(user=alice).count() == 2
    for path in ("", "totp/deactivate/", "recovery-codes/generate/"):
        assert other.get(f"/accounts/2fa/{path}", follow=True).status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on an iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("", "Another program"),
    ],
)
def test_devices_have_plain_names(user_agent: str, words: str) -> None:
    assert device(user_agent) == words


def test_addresses_are_replaced_whole(alice: User) -> None:
    addresses.replace(alice, "Other@Example.org")
    (row,) = EmailAddress.objects.filter(user=alice)
    assert (row.email, row.verified, row.primary) == ("other@example.org", False, True)
    assert User.objects.get(pk=alice.pk).email == "other@example.org"


def test_mails_have_two_parts_and_escape_what_people_typed(client: Client) -> None:
    person("dan@example.org", name="Dan <b>O'Brien & Co</b>")
    client.post("/accounts/password/reset/", {"email": "dan@example.org"})
    (message,) = mail.outbox
    assert "Hello Dan <b>O'Brien & Co</b>," in message.body
    ((html, kind),) = message.alternatives
    assert kind == "text/html"
    assert "<b>O" not in html
    assert "&amp; Co" in html
    assert re.search(r'<a href="https?://\S+"', html)
    assert "style=" not in html


@pytest.mark.parametrize("who", [None, roles.AUTHOR])
def test_no_nonsense_breaks_a_page(who: str | None) -> None:
    paths = ["accounts/" + "".join(str(part) for part in path) for path in account_paths()]
    assert len(paths) > 20
    nonsense = dict.fromkeys(
        ("login", "email", "password", "password1", "code", "credential", "name", "next", "action", "uidb36"),
        "\x00<script>'\"" + "9" * 50,
    ) | {"action_add": "", "oldpassword": "x"}
    for path in paths:
        client = Client(raise_request_exception=True)
        if who:
            user = User.objects.filter(email="eve@example.org").first() or person("eve@example.org", who)
            client.force_login(user)
        for data in (nonsense, {}, {"credential": "{}"}, {"credential": '{"id": []}'}, {"code": "1"}):
            assert client.post(f"/{path}", data).status_code < 500
        assert client.get(f"/{path}", {"next": "//evil.example", "email": "\x00"}).status_code < 500


def account_paths() -> list[str]:
    """Every address under /accounts/, keys and numbers filled in."""
    found = []
    for pattern in sorted({key for key in get_resolver().reverse_dict if isinstance(key, str)}):
        if pattern.startswith(("account_", "mfa_", "usersessions_")):
            address = get_resolver().reverse_dict.getlist(pattern)[0][0][0][0]
            address = address.removeprefix("accounts/") % {"uidb36": "1", "key": "abc-def", "pk": 1}
            found.append(address)
    return found
