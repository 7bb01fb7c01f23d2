import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.test import Client

from accounts import roles
from accounts.models import User
from tests.accounts.conftest import PASSWORD, link_in, person, sign_in


@pytest.fixture
def desk(client: Client, administrator: User) -> Client:
    for codename in ("view_user", "add_user", "change_user"):
        Group.objects.get(name=roles.ADMINISTRATOR).permissions.add(Permission.objects.get(codename=codename))
    client.force_login(administrator)
    return client


def role_ids(*names: str) -> list[int]:
    return list(Group.objects.filter(name__in=names).values_list("pk", flat=True))


def test_a_person_made_at_the_desk_sets_the_password_by_a_link(desk: Client) -> None:
    data = {"name": "Carol", "email": "Carol@Example.org", "groups": role_ids(roles.EDITOR), "is_active": "on"}
    assert desk.post("/admin/accounts/user/add/", data).status_code == 302
    carol = User.objects.get(email="carol@example.org")
    assert carol.role_names == {roles.EDITOR}
    assert not carol.has_usable_password()
    (message,) = mail.outbox
    visitor = Client()
    address = visitor.get(link_in(message), follow=True).redirect_chain[-1][0]
    visitor.post(address, {"password1": PASSWORD})
    assert sign_in(visitor, "carol@example.org").url == "/accounts/start/"


def test_a_changed_address_has_to_be_confirmed(desk: Client, alice: User) -> None:
    data = {"name": "Alice", "email": "new@example.org", "groups": role_ids(roles.AUTHOR), "is_active": "on"}
    assert desk.post(f"/admin/accounts/user/{alice.pk}/change/", data).status_code == 302
    row = EmailAddress.objects.get(user=alice)
    assert (row.email, row.verified) == ("new@example.org", False)


def test_an_address_is_given_once(desk: Client, alice: User) -> None:
    response = desk.post("/admin/accounts/user/add/", {"name": "X", "email": "ALICE@example.org", "is_active": "on"})
    assert "Somebody has this address already" in response.content.decode()


def test_an_administrator_makes_no_superuser_and_changes_none(desk: Client, alice: User) -> None:
    root = person("root@example.org", is_superuser=True)
    data = {"name": "Alice", "email": alice.email, "is_active": "on", "is_superuser": "on"}
    desk.post(f"/admin/accounts/user/{alice.pk}/change/", data)
    alice.refresh_from_db()
    assert not alice.is_superuser
    response = desk.post(f"/admin/accounts/user/{root.pk}/change/", {"name": "Root", "email": "mine@example.org"})
    assert response.status_code == 403
    root.refresh_from_db()
    assert root.email == "root@example.org"


def test_nobody_closes_their_own_account_and_none_is_deleted(desk: Client, administrator: User, alice: User) -> None:
    data = {"name": "Ada", "email": administrator.email, "groups": role_ids(roles.ADMINISTRATOR)}
    response = desk.post(f"/admin/accounts/user/{administrator.pk}/change/", data)
    assert "close your own account" in response.content.decode()
    assert desk.post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_list_asks_the_database_as_often_for_many_people(desk: Client, django_assert_num_queries) -> None:
    # session, person, roles, permissions of groups, counts, page, roles of the page, filters, masthead
    person("one@example.org", roles.AUTHOR)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as first:
        desk.get("/admin/accounts/user/")
    for number in range(3):
        person(f"more{number}@example.org", roles.AUTHOR, roles.EDITOR)
    with CaptureQueriesContext(connection) as second:
        desk.get("/admin/accounts/user/")
    assert len(first) == len(second)


def test_roles_are_kept_in_code(desk: Client) -> None:
    assert desk.get("/admin/auth/group/").status_code in (403, 404)
