import pytest
from django.contrib.auth.hashers import identify_hasher
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import addresses
from accounts.models import User
from tests.accounts.conftest import PASSWORD, link_in, person, sign_in


def test_to_the_desk_or_to_ones_pieces(alice: User, bob: User) -> None:
    for user, page in ((alice, "contribute:home"), (bob, "admin:index")):
        client = Client()
        assert sign_in(client, user.email).url == "/accounts/start/"
        assert client.get("/accounts/start/").url == reverse(page)


@pytest.mark.parametrize("email", ["alice@example.org", "ALICE@Example.ORG", " alice@example.org "])
def test_the_address_in_any_case(client: Client, alice: User, email: str) -> None:
    assert sign_in(client, email).url == "/accounts/start/"


def test_an_address_stored_in_capitals_opens_too(client: Client) -> None:
    User.objects.create_user("Carol@Example.org", PASSWORD)
    user = User.objects.get()
    addresses.confirm(user)
    assert sign_in(client, "carol@example.org").url == "/accounts/start/"


def test_wrong_password_unknown_address_and_closed_account_get_the_same_answer(alice: User) -> None:
    person("closed@example.org", is_active=False)
    pages = []
    for email in ("alice@example.org", "nobody@example.org", "closed@example.org"):
        response = sign_in(Client(), email, "not the password at all")
        assert response.status_code == 200
        pages.append(response.context["form"].errors.as_json())
    assert len(set(pages)) == 1
    assert "match" in pages[0]


def test_a_closed_account_is_told_so_only_with_the_right_password(client: Client, alice: User) -> None:
    alice.is_active = False
    alice.save()
    response = sign_in(client)
    assert response.url == "/accounts/inactive/"
    assert "closed" in client.get(response.url).content.decode()
    assert "_auth_user_id" not in client.session


def test_closing_an_account_ends_its_sessions(client: Client, alice: User) -> None:
    sign_in(client)
    alice.is_active = False
    alice.save()
    assert client.get("/accounts/").url == "/accounts/login/?next=/accounts/"


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "http:evil.example", "\x00"],
)
def test_next_leads_nowhere_else(client: Client, alice: User, target: str) -> None:
    assert sign_in(client, next=target).url == "/accounts/start/"


def test_next_leads_back_to_the_page_asked_for(client: Client, alice: User) -> None:
    assert client.get("/accounts/start/").url == "/accounts/login/?next=/accounts/start/"
    assert sign_in(client, next="/accounts/password/change/").url == "/accounts/password/change/"


def test_the_sixth_wrong_password_is_stopped_even_if_the_next_is_right(client: Client, alice: User) -> None:
    for _ in range(5):
        sign_in(client, password="not the password at all")
    response = sign_in(client)
    assert "Too many tries" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_too_many_requests_get_a_page_that_says_what_to_do(client: Client, alice: User) -> None:
    for number in range(30):
        sign_in(client, f"user{number}@example.org", "not the password at all")
    response = sign_in(client)
    assert response.status_code == 429
    assert "Wait five minutes" in response.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "login/",
        "signup/",
        "logout/",
        "password/reset/",
        "password/change/",
        "email/",
        "",
        "confirm-email/",
        "2fa/totp/activate/",
    ],
)
def test_every_post_needs_its_token(alice: User, path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(f"/accounts/{path}", {}).status_code == 403


def test_passwords_are_hashed(alice: User) -> None:
    assert PASSWORD not in alice.password
    assert identify_hasher(alice.password)


def test_real_settings_hash_slowly() -> None:
    from django.conf import global_settings

    import forum.settings

    hashers = getattr(forum.settings, "PASSWORD_HASHERS", global_settings.PASSWORD_HASHERS)
    assert hashers[0].rsplit(".", 1)[1] in ("PBKDF2PasswordHasher", "Argon2PasswordHasher", "ScryptPasswordHasher")


def test_signing_out_takes_a_post(client: Client, alice: User) -> None:
    sign_in(client)
    assert client.get("/accounts/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    assert client.post("/accounts/logout/").url == "/accounts/login/"
    assert "_auth_user_id" not in client.session


def test_the_desk_has_no_sign_in_of_its_own(client: Client, alice: User) -> None:
    entrance = client.get("/admin/", follow=True)
    assert entrance.redirect_chain[-1][0].startswith("/accounts/login/?next=")
    sign_in(client)
    assert client.get("/admin/", follow=True).status_code == 403


def test_an_editor_comes_to_the_page_of_the_desk_that_was_asked_for(client: Client, administrator: User) -> None:
    address = client.get("/admin/password_change/", follow=True).redirect_chain[-1][0]
    response = client.post(address, {"login": administrator.email, "password": PASSWORD}, follow=True)
    assert response.redirect_chain[-1][0] == "/admin/password_change/"


# --- Reset ------------------------------------------------------------------------------------------


def test_reset(client: Client, alice: User) -> None:
    assert (
        client.post("/accounts/password/reset/", {"email": "Alice@example.org"}).url == "/accounts/password/reset/done/"
    )
    (message,) = mail.outbox
    link = link_in(message)
    for _ in range(2):  # a mail scanner follows the link first
        response = Client().get(link, follow=True)
        assert response.status_code == 200
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)

    response = client.get(link, follow=True)
    form_address = response.redirect_chain[-1][0]
    response = client.post(form_address, {"password1": "seven loud magpies calling"})
    assert response.url == "/accounts/password/reset/key/done/"
    assert sign_in(client, password="seven loud magpies calling").url == "/accounts/start/"
    assert "no longer works" in Client().get(link).content.decode()


def test_a_reset_for_an_unknown_or_closed_address_looks_the_same(alice: User) -> None:
    person("closed@example.org", is_active=False)
    pages = set()
    for email in ("alice@example.org", "nobody@example.org", "closed@example.org"):
        pages.add(Client().post("/accounts/password/reset/", {"email": email}, follow=True).content)
    assert len(pages) == 1
    assert [message.subject for message in mail.outbox] == ["Set a new password"] + ["No account with this address"] * 2


def test_a_reset_proves_the_mailbox_so_that_no_code_is_asked_for(client: Client) -> None:
    User.objects.create_user("new@example.org", name="New")
    client.post("/accounts/password/reset/", {"email": "new@example.org"})
    address = client.get(link_in(mail.outbox[0]), follow=True).redirect_chain[-1][0]
    client.post(address, {"password1": PASSWORD})
    assert sign_in(client, "new@example.org").url == "/accounts/start/"


@pytest.mark.parametrize("key", ["1-x", "zzzzzzzzzzzzzz-abc-def", "0-set-password", "1-%00"])
def test_a_forged_reset_link_says_so(client: Client, alice: User, key: str) -> None:
    response = client.get(f"/accounts/password/reset/key/{key}/", follow=True)
    assert response.status_code == 200
    assert "no longer works" in response.content.decode()
