"""Plain pages and the navigation, as readers have them and as their people keep them."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from editorial.models import Change
from forum import pages
from forum.models import Masthead, NavigationItem, Page
from tests.editorial.desk import client_of, fields_of

pytestmark = pytest.mark.django_db


def about(by: User, **changes: object) -> Page:
    fields = {"slug": "about", "title": "About us", "body": "<p>We print analysis.</p>", "is_published": True}
    pages.write(Page(), by=by, **(fields | changes))  # type: ignore[arg-type]
    return Page.objects.get(slug=changes.get("slug", "about"))


def test_readers_get_what_is_published_and_nothing_else(client: Client, mara: User) -> None:
    about(mara)
    about(mara, slug="plans", title="Secret plans", is_published=False)
    page = client.get("/about/")
    assert page.status_code == 200
    assert "We print analysis." in page.content.decode()
    assert '<link rel="canonical" href="http' in page.content.decode()
    assert "Set-Cookie" not in page.headers
    assert client.get("/plans/").status_code == 404
    assert client.get("/nothing/").status_code == 404


def test_a_page_keeps_the_addresses_that_it_had(client: Client, mara: User) -> None:
    page = about(mara)
    pages.write(page, by=mara, slug="about-us", title="About us", body=page.body, is_published=True, base=1)
    moved = client.get("/about/")
    assert (moved.status_code, moved["Location"]) == (301, "/about-us/")
    pages.write(page, by=mara, slug="about-us", title="About us", body=page.body, is_published=False, base=2)
    assert client.get("/about/").status_code == 404


def test_each_text_stays_and_the_same_text_makes_no_version(mara: User) -> None:
    page = about(mara)
    assert (
        pages.write(
            page, by=mara, slug="about", title="About us", body="<p>We print analysis.</p>", is_published=True, base=1
        )
        is None
    )
    pages.write(
        page,
        by=mara,
        slug="about",
        title="About us",
        body="<p>Now <script>x</script>more.</p>",
        is_published=True,
        base=1,
    )
    assert [version.body for version in page.versions.all()] == ["<p>Now more.</p>", "<p>We print analysis.</p>"]
    with pytest.raises(IntegrityError), transaction.atomic():
        page.versions.update(body="forged")
    with pytest.raises(pages.Stale):
        pages.write(page, by=mara, slug="about", title="Older", body="", is_published=True, base=1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_can_be_written(mara: User, title: str, body: str) -> None:
    with transaction.atomic():
        about(mara, title=title[:150], body=body)
        transaction.set_rollback(True)


# --- The desk -------------------------------------------------------------------------------------


def test_a_page_is_added_changed_and_put_back_at_the_desk(client: Client, mara: User) -> None:
    desk = client_of(mara)
    form = fields_of(desk.get("/admin/forum/page/add/").content.decode(), "page_form")
    answer = desk.post(
        "/admin/forum/page/add/",
        form | {"title": "House rules", "body": "<p>One.</p>", "is_published": "on"},
        follow=True,
    )
    assert "Readers see it at" in answer.content.decode()
    page = Page.objects.get(slug="house-rules")
    address = f"/admin/forum/page/{page.pk}/change/"
    form = fields_of(desk.get(address).content.decode(), "page_form")
    desk.post(address, form | {"body": "<p>Two.</p>", "note": "A second thought"})
    assert "Two." in client.get("/house-rules/").content.decode()
    history = desk.get(f"/admin/forum/page/{page.pk}/history/").content.decode()
    assert "A second thought" in history
    old = desk.get(f"/admin/forum/page/{page.pk}/versions/1/").content.decode()
    assert "One." in old
    desk.post(f"/admin/forum/page/{page.pk}/versions/1/restore/")
    assert "One." in client.get("/house-rules/").content.decode()
    assert page.versions.count() == 3
    assert Change.objects.filter(model="forum.page").count() == 3


def test_two_at_once_lose_nothing(mara: User, root: User) -> None:
    page = about(mara)
    desk, address = client_of(mara), f"/admin/forum/page/{page.pk}/change/"
    form = fields_of(desk.get(address).content.decode(), "page_form")
    pages.write(page, by=root, slug="about", title="About us", body="<p>Root was here.</p>", is_published=True, base=1)
    answer = desk.post(address, form | {"body": "<p>Mine.</p>"})
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert "saved this page after you opened it" in shown
    assert "Mine." in shown
    assert page.versions.count() == 2
    desk.post(address, fields_of(shown, "page_form"))
    assert [v.body for v in page.versions.all()][:2] == ["<p>Mine.</p>", "<p>Root was here.</p>"]


@pytest.mark.parametrize(
    "slug",
    ["admin", "accounts", "contribute", "regions", "feed", "media", "static", "search", "healthz", "robots", "2020"],
)
def test_an_address_of_the_site_itself_is_not_taken(slug: str, mara: User) -> None:
    desk = client_of(mara)
    form = fields_of(desk.get("/admin/forum/page/add/").content.decode(), "page_form")
    answer = desk.post("/admin/forum/page/add/", form | {"title": "T", "slug": slug, "body": "<p>Kept text.</p>"})
    taken = slug not in ("robots", "2020")  # robots.txt and days of pieces have other shapes
    assert ("is an address of the site itself" in answer.content.decode()) is taken
    assert Page.objects.exists() is not taken
    if taken:
        assert "Kept text." in answer.content.decode()


@pytest.mark.parametrize("name", ["alice", "bob", "carl", "sam"])
def test_only_who_manages_keeps_pages_and_navigation(name: str, mara: User, request: pytest.FixtureRequest) -> None:
    page = about(mara)
    desk = client_of(request.getfixturevalue(name))
    for address in (
        "/admin/forum/page/", "/admin/forum/page/add/", f"/admin/forum/page/{page.pk}/change/", f"/admin/forum/page/{page.pk}/history/",
        f"/admin/forum/page/{page.pk}/versions/1/", f"/admin/forum/page/{page.pk}/preview/", "/admin/forum/navigationitem/",
    ):  # fmt: skip
        assert desk.get(address).status_code in (302, 403), address
    assert desk.post(f"/admin/forum/page/{page.pk}/versions/1/restore/").status_code in (302, 403)
    assert page.versions.count() == 1


def links(client: Client, place: str) -> list[str]:
    import lxml.html

    tree = lxml.html.fromstring(client.get("/").content.decode())
    where = "//header//nav//a" if place == "head" else "//footer//ul//a"
    return [f"{a.text_content()} {a.get('href')}" for a in tree.xpath(where)]


def test_the_navigation_is_kept_in_one_form_and_read_with_the_masthead(client: Client, mara: User) -> None:
    page = about(mara)
    hidden = about(mara, slug="later", title="Later", is_published=False)
    desk = client_of(mara)
    form = fields_of(desk.get("/admin/forum/navigationitem/").content.decode(), "navigation_form")
    form |= {"form-0-place": "head", "form-0-page": page.pk, "form-0-order": "2"}
    form |= {
        "form-1-place": "foot",
        "form-1-address": "https://example.org/",
        "form-1-label": "Friends",
        "form-1-order": "1",
    }
    answer = desk.post("/admin/forum/navigationitem/", form, follow=True)
    assert "Readers see it at once" in answer.content.decode()
    NavigationItem.objects.create(place="foot", page=hidden, position=9)
    assert "About us /about/" in links(client, "head")
    assert "Friends https://example.org/" in links(client, "foot")
    assert not any("Later" in link for link in links(client, "foot"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        masthead = Masthead.current()
        assert [link.label for link in masthead.foot_links] == ["Friends"]
        assert [link.label for link in masthead.head_links] == ["About us"]
    assert len(queries) == 1


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//evil.example", "not an address", "data:text/html,x"])
def test_a_link_leads_to_the_web_or_within_the_site(address: str, mara: User) -> None:
    desk = client_of(mara)
    form = fields_of(desk.get("/admin/forum/navigationitem/").content.decode(), "navigation_form")
    answer = desk.post("/admin/forum/navigationitem/", form | {"form-0-address": address, "form-0-label": "L"})
    assert "Give an address within the site" in answer.content.decode()
    assert not NavigationItem.objects.exists()
