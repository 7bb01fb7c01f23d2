"""One of two: nothing is lost, and every address that there was answers as it should."""

import threading
import time
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from articles.listing import relist
from articles.models import (
    Article,
    Byline,
    Portrait,
    Region,
    RegionListing,
    Series,
    SeriesEditor,
    Tag,
    TaggedArticle,
    TagListing,
)
from authors.models import Author
from editorial import jobs, merging, tree, writing
from editorial.merging import RELATIONS, merge, pieces_of
from editorial.models import Change, NotTheSame
from editorial.registry import Blocked
from tests.articles.shelf import published
from tests.cast import author_for, person, picture, piece_in, region
from tests.editorial.desk import client_of, fields_of, text

pytestmark = pytest.mark.django_db
READER = Client()


def answer(address: str) -> tuple[int, str]:
    response = READER.get(address)
    return response.status_code, response.headers.get("Location", "")


def titles(address: str) -> str:
    response = READER.get(address)
    assert response.status_code == 200, (address, response.status_code)
    return response.content.decode()


def author(name: str, **fields: Any) -> Author:
    return Author.objects.create(single_name=name, **fields)


def test_every_table_that_names_one_of_the_four_is_known() -> None:
    """A new one must be moved by a merge too: add it to `editorial.merging`."""
    found = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if getattr(field, "related_model", None) in (Region, Tag, Author, Series) and not field.auto_created
    }
    # taggit’s manager of what `TaggedArticle` holds.
    assert found - {"articles.article.tags"} == RELATIONS


# --- tags ---------------------------------------------------------------------------------------------


def test_tags_become_one_and_every_address_answers(alice: User, ada: User, bob: User) -> None:
    one = published(alice, bob, title="Cranes", tags=("Ports",))
    both = published(alice, bob, title="Quays", tags=("Ports", "Harbours"))
    other = published(ada, bob, title="Piers", tags=("Harbours",))
    draft = piece_in("editing", author=alice, editor=bob, title="Not read yet")
    draft.tags.add("Ports")
    ports, harbours = Tag.objects.get(name="Ports"), Tag.objects.get(name="Harbours")
    addresses = [ports.get_absolute_url(), f"{ports.get_absolute_url()}feed/"]
    assert [answer(address)[0] for address in addresses] == [200, 200]
    titles_before = {a.pk: titles(a.get_absolute_url()).count("<h1") for a in (one, both, other)}
    pieces = set(pieces_of(ports)) | set(pieces_of(harbours))
    change = merge(ports, harbours, by=bob)

    assert set(pieces_of(harbours)) == pieces == {one, both, other, draft}
    assert not Tag.objects.filter(name="Ports").exists()
    assert TagListing.objects.filter(target=harbours).count() == 3
    assert answer(addresses[0]) == (301, "/topics/harbours/")
    assert answer(addresses[1]) == (301, "/topics/harbours/feed/")
    assert answer("/topics/ports/?before=x") == (301, "/topics/harbours/?before=x")
    page, feed = titles("/topics/harbours/"), titles("/topics/harbours/feed/")
    for name in ("Cranes", "Quays", "Piers"):
        assert name in page
        assert name in feed
    assert "Not read yet" not in page
    for address in ("/topics/", "/", "/archive/", "/search/?q=harbours", "/feed/"):
        assert "/topics/ports/" not in titles(address)
    assert "Cranes" in titles("/search/?q=harbours")
    assert {a.pk: titles(a.get_absolute_url()).count("<h1") for a in (one, both, other)} == titles_before
    assert (change.action, change.by, change.name) == ("merged", bob, "Ports into Harbours")
    assert change.changes["pieces"] == ["3 of Ports, 2 of Harbours", "4 of Harbours"]


def test_former_addresses_come_along_and_chains_are_one_step(alice: User, bob: User) -> None:
    published(alice, bob, tags=("First",))
    second, third = Tag.objects.create(name="Second"), Tag.objects.create(name="Third")
    merge(Tag.objects.get(name="First"), second, by=bob)
    merge(second, third, by=bob)
    assert answer("/topics/first/") == answer("/topics/second/") == (301, "/topics/third/")


def test_what_the_other_does_not_say_is_taken_over_and_the_rest_is_noted(bob: User) -> None:
    image = picture()
    one = Tag.objects.create(name="Ports", description="Where ships lie", image=image)
    two, three = Tag.objects.create(name="Harbours"), Tag.objects.create(name="Quays", description="Of stone")
    merge(one, two, by=bob)
    two.refresh_from_db()
    assert (two.description, two.image) == ("Where ships lie", image)
    merge(two, three, by=bob)
    three.refresh_from_db()
    assert three.description == "Of stone"
    assert Change.objects.latest("pk").changes["description of Harbours"] == ["Where ships lie", ""]


def test_a_topic_that_nobody_read_is_not_told_by_its_new_address(alice: User, bob: User) -> None:
    piece_in("editing", author=alice, editor=bob).tags.add("Secret plan")
    merge(Tag.objects.get(), Tag.objects.create(name="Plans"), by=bob)
    assert answer("/topics/secret-plan/") == (404, "")


# --- regions ----------------------------------------------------------------------------------------


def test_regions_become_one_with_what_lies_within(alice: User, bob: User, mara: User) -> None:
    japan = region()
    nippon = Region.objects.create(name="Nippon", parent=Region.objects.create(name="Far East"))
    within = Region.objects.create(name="Hokkaido", parent=nippon)
    piece = published(alice, bob, title="Snow")
    piece.regions.set([within])
    relist(piece)
    both = published(alice, bob, title="Both")
    both.regions.set([nippon, japan])
    relist(both)
    merge(nippon, japan, by=mara)
    within.refresh_from_db()
    assert within.parent == japan
    assert list(both.regions.all()) == [japan]
    for slug in ("hokkaido", "japan", "east-asia"):
        assert "Snow" in titles(f"/regions/{slug}/")
    assert "Snow" not in titles("/regions/far-east/")
    assert answer("/regions/nippon/") == (301, "/regions/japan/")
    assert answer("/regions/nippon/feed/") == (301, "/regions/japan/feed/")
    assert "Both" in titles("/search/?q=japan")
    # The lists are those that would be made anew.
    kept = set(RegionListing.objects.values_list("article", "target"))
    for article in Article.objects.all():
        relist(article)
    assert set(RegionListing.objects.values_list("article", "target")) == kept


def test_a_region_is_not_merged_into_what_lies_within_it(mara: User) -> None:
    japan = region()
    with pytest.raises(Blocked, match="lies within"):
        merge(japan.parent, japan, by=mara)
    merge(japan, japan.parent, by=mara)
    assert Region.objects.count() == 1


# --- authors ----------------------------------------------------------------------------------------


def test_authors_become_one_and_names_stay_as_printed(alice: User, bob: User, mara: User) -> None:
    keep = alice.author
    old = author("A. Marlow", bio="Knows ships.", orcid="0000-0002-1825-0097", other_names="Alicia M.")
    Portrait.objects.create(author=old, image=picture())
    Author.objects.filter(pk=keep.pk).update(bio="", other_names="Alice M.")
    sam = person("sam2@example.org", "Sam Two", "Author")
    author_for(sam, "Sam", "Two")
    piece = published(sam, bob, title="Ships")
    writing.add_byline(piece, old)
    relist(piece)
    series = Series.objects.create(title="Seas")
    SeriesEditor.objects.create(series=series, author=old)
    before = Byline.objects.count()
    merge(old, keep, by=mara)
    keep.refresh_from_db()
    assert Byline.objects.count() == before
    assert Byline.objects.get(article=piece, author=keep).name == "A. Marlow"
    assert (keep.user, keep.orcid, keep.bio) == (alice, "0000-0002-1825-0097", "Knows ships.")
    assert keep.other_names.splitlines() == ["Alice M.", "A. Marlow", "Alicia M."]
    assert keep.portrait.image_id
    assert SeriesEditor.objects.get().author == keep
    assert answer("/authors/a-marlow/") == (301, "/authors/alice-marlowe/")
    assert answer("/authors/a-marlow/feed/") == (301, "/authors/alice-marlowe/feed/")
    shown = titles("/authors/alice-marlowe/")
    assert "Ships" in shown
    assert "orcid.org/0000-0002-1825-0097" in shown
    assert "Alicia M." not in shown
    assert "Ships" in titles("/search/?q=Alice+Marlowe")


def test_of_two_portraits_the_one_that_goes_is_noted(alice: User, mara: User) -> None:
    old, kept = author("A. Marlow"), picture(caption="A quay")
    Portrait.objects.create(author=old, image=picture(caption="A crane"))
    Portrait.objects.create(author=alice.author, image=kept)
    change = merge(old, alice.author, by=mara)
    assert Portrait.objects.get().image == kept
    assert change.changes["portrait of A. Marlow"] == ["image: A crane", ""]
    change = merge(author("Alicia"), alice.author, by=mara)
    assert "portrait of Alicia" not in change.changes


def test_the_account_of_the_one_that_goes_is_kept(alice: User, mara: User) -> None:
    keep = author("Alice of the old site")
    merge(alice.author, keep, by=mara)
    keep.refresh_from_db()
    assert keep.user == alice


def test_what_stands_against_merging_authors(alice: User, ada: User, bob: User, mara: User) -> None:
    with pytest.raises(Blocked, match="Both have an account"):
        merge(alice.author, ada.author, by=mara)
    with pytest.raises(Blocked, match="house byline"):
        merge(author("The board", is_house=True), alice.author, by=mara)
    own = author("Mara", user=mara)
    other = author("Mara C.")
    for pair in ((own, other), (other, own)):
        with pytest.raises(Blocked, match="your own record"):
            merge(*pair, by=mara)
    piece = piece_in("editing", author=alice, editor=bob)
    writing.add_byline(piece, other)
    with pytest.raises(Blocked, match="Both stand above"):
        merge(other, alice.author, by=mara)
    roberta = author("Roberta", user=bob)
    with pytest.raises(Blocked, match="Bob Redpen handles"):
        merge(other, roberta, by=mara)
    with pytest.raises(Blocked, match="two ORCID"):
        merge(
            author("X", orcid="0000-0002-1825-0097"), author("Y", orcid="0000-0001-5109-3700"), by=mara
        )  # fmt: skip
    assert Author.objects.filter(pk__in=(own.pk, other.pk, roberta.pk)).count() == 3


def test_an_approval_without_one_of_its_authors_stands_in_the_way(
    alice: User, ada: User, bob: User, mara: User
) -> None:
    piece = piece_in("ready", author=alice, editor=bob)
    other = author("A. Quill")
    Byline.objects.create(article=piece, author=other, name="A. Quill", position=5)
    with pytest.raises(Blocked, match="without Ada Quill"):
        merge(other, ada.author, by=mara)


# --- special features ---------------------------------------------------------------------------------


def test_special_features_become_one_in_order(alice: User, bob: User, mara: User) -> None:
    one, two = (
        Series.objects.create(title="Seas"),
        Series.objects.create(title="Oceans", introduction="<p>Of water</p>"),
    )
    for number, (title, series) in enumerate((("Tide", one), ("Wave", two), ("Foam", two)), 1):
        piece = published(alice, bob, title=title)
        Article.objects.filter(pk=piece.pk).update(series=series, series_position=number)
        piece.refresh_from_db()
        relist(piece)
    merge(two, one, by=mara)
    one.refresh_from_db()
    assert [str(a) for a in one.articles.order_by("series_position")] == ["Tide", "Wave", "Foam"]
    assert one.introduction == "<p>Of water</p>"
    assert answer("/series/oceans/") == (301, "/series/seas/")
    assert answer("/series/oceans/feed/") == (301, "/series/seas/feed/")
    page = titles("/series/seas/")
    assert page.index("Tide") < page.index("Wave") < page.index("Foam")


# --- volume and concurrency ---------------------------------------------------------------------------


def test_search_of_many_pieces_is_left_to_the_worker(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 1)
    for title in ("Cranes", "Quays"):
        published(alice, bob, title=title, tags=("Ports",))
    ports, lighthouses = Tag.objects.get(), Tag.objects.create(name="Lighthouses")
    merge(ports, lighthouses, by=bob)
    assert "Cranes" in titles("/topics/lighthouses/")
    job = ProcrastinateJob.objects.get(task_name="editorial.reindex_pieces")
    assert "Cranes" not in titles("/search/?q=lighthouses")
    jobs.reindex_pieces(**job.args)
    jobs.reindex_pieces(**job.args)
    assert "Cranes" in titles("/search/?q=lighthouses")


@pytest.mark.django_db(transaction=True)
def test_a_save_at_the_same_moment_loses_nothing(alice: User, bob: User) -> None:
    """Somebody gives a piece the tag that goes, in a transaction that ends while the merge is on its way."""
    with transaction.atomic():
        piece = published(alice, bob, title="Cranes")
        piece_two = published(alice, bob, title="Quays", tags=("Ports",))
        ports, harbours = Tag.objects.get(), Tag.objects.create(name="Harbours")
    started, problems = threading.Event(), []

    def save() -> None:
        try:
            with transaction.atomic():
                locked = Article.objects.select_for_update().get(pk=piece_two.pk)
                Article.objects.select_for_update().get(pk=piece.pk)
                TaggedArticle.objects.create(tag_id=ports.pk, content_object_id=piece.pk)
                started.set()
                time.sleep(0.5)
                relist(locked)
        except IntegrityError as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    thread = threading.Thread(target=save)
    thread.start()
    assert started.wait(10)
    merge(ports, harbours, by=bob)
    thread.join(10)
    # Saved before, and moved; or refused by the database, and the form is shown again. Never lost in silence.
    assert problems or set(pieces_of(harbours)) == {piece, piece_two}
    assert piece_two in set(pieces_of(harbours))
    assert "Quays" in titles("/topics/harbours/")
    if not problems:
        assert "Cranes" in titles("/topics/harbours/")


@pytest.mark.parametrize("is_cut_short", [True, False])
def test_what_came_in_meanwhile_is_listed_even_after_a_crash(
    is_cut_short: bool,
    alice: User,
    bob: User,
    mara: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    within = Region.objects.create(name="Nippon", parent=Region.objects.create(name="Far East"))
    late, real = published(alice, bob, title="Snow"), merging.MOVES[Region]
    late.regions.clear()
    relist(late)

    def move(source: Region, into: Region) -> None:
        real(source, into)
        # Only once: somebody saves it after the merge has looked for its pieces.
        if not late.regions.exists():
            late.regions.add(source)

    monkeypatch.setitem(merging.MOVES, Region, move)
    # Cut short, nothing of what follows the commit is done.
    with django_capture_on_commit_callbacks(execute=not is_cut_short):
        merge(within, region(), by=mara)
    assert [one.name for one in late.regions.all()] == ["Japan"]
    assert RegionListing.objects.filter(article=late).exists() is not is_cut_short
    job = ProcrastinateJob.objects.get(task_name="editorial.relist_pieces")
    assert job.args == {"article_ids": [late.pk]}
    jobs.relist_pieces([*job.args["article_ids"], 0])
    jobs.relist_pieces(**job.args)
    listed = RegionListing.objects.filter(article=late).values_list("target__name", flat=True)
    assert set(listed) == {"Japan", "East Asia"}
    assert "Snow" in titles("/regions/japan/")
    assert "Snow" in titles("/search/?q=japan")


def test_the_other_is_gone_by_now(bob: User) -> None:
    one, two, three = (Tag.objects.create(name=name) for name in ("One", "Two", "Three"))
    stale = Tag.objects.get(pk=one.pk)
    merge(one, two, by=bob)
    with pytest.raises(Blocked, match="gone by now"):
        merge(stale, three, by=bob)


def test_who_may(alice: User, bob: User, carl: User, mara: User) -> None:
    japan, china = region(), region("China")
    one, two = Tag.objects.create(name="One"), Tag.objects.create(name="Two")
    for user in (alice, carl):
        with pytest.raises(PermissionDenied):
            merge(one, two, by=user)
    for user in (alice, carl, bob):
        with pytest.raises(PermissionDenied):
            merge(japan, china, by=user)
        assert client_of(user).get(f"/admin/articles/region/{japan.pk}/merge/").status_code in (302, 403)
        assert client_of(user).get("/admin/authors/author/alike/").status_code in (302, 403)
    assert client_of(mara).get(f"/admin/articles/region/{japan.pk}/merge/").status_code == 200


# --- the pages ----------------------------------------------------------------------------------------


def test_merging_on_the_page(alice: User, bob: User) -> None:
    published(alice, bob, title="Cranes", tags=("Ports",))
    ports, port = Tag.objects.get(), Tag.objects.create(name="Port")
    client = client_of(bob)
    assert (
        f"/admin/articles/tag/{ports.pk}/merge/"
        in client.get(f"/admin/articles/tag/{ports.pk}/change/").content.decode()
    )
    first = client.get(f"/admin/articles/tag/{ports.pk}/merge/")
    assert f"?into={port.pk}" in first.content.decode()
    assert f"?into={port.pk}" in client.get(f"/admin/articles/tag/{ports.pk}/merge/?q=por").content.decode()
    shown = text(client.get(f"/admin/articles/tag/{ports.pk}/merge/?into={port.pk}"))
    assert "1 piece of Ports will be of Port" in shown
    assert "Cranes" in shown
    assert "/topics/ports/ and its feed will lead to /topics/port/" in shown
    assert Tag.objects.count() == 2
    done = client.post(f"/admin/articles/tag/{ports.pk}/merge/", {"into": port.pk}, follow=True)
    assert "Ports is merged into Port" in text(done)
    assert answer("/topics/ports/")[0] == 301


@pytest.mark.parametrize("into", ["", "x", "0", "-1", "9" * 40, "1; drop", "a\x00b"])
def test_hostile_choices(bob: User, into: str) -> None:
    tag = Tag.objects.create(name="Ports")
    client = client_of(bob)
    for response in (
        client.post(f"/admin/articles/tag/{tag.pk}/merge/", {"into": into}),
        client.get(f"/admin/articles/tag/{tag.pk}/merge/", {"into": into}),
        client.get(f"/admin/articles/tag/{tag.pk}/merge/", {"q": into}),
        client.post("/admin/articles/tag/alike/", {"first": into, "second": str(tag.pk)}),
        client.get("/admin/articles/tag/" + "9" * 40 + "/merge/"),
        client.post(f"/admin/articles/region/{'9' * 40}/move/", {"way": into}),
    ):
        assert response.status_code in (200, 302, 400, 404), response.status_code
    assert client.post(f"/admin/articles/tag/{tag.pk}/merge/", {"into": tag.pk}).status_code == 409
    assert Tag.objects.count() == 1


def test_near_duplicates_and_not_the_same(bob: User, mara: User) -> None:
    port, ports = Tag.objects.create(name="Port"), Tag.objects.create(name="Ports")
    client = client_of(bob)
    assert "Singular and plural" in text(client.get("/admin/articles/tag/alike/"))
    client.post("/admin/articles/tag/alike/", {"first": ports.pk, "second": port.pk})
    assert NotTheSame.objects.get().by == bob
    client.get("/admin/")
    assert "No two names look like one" in text(client.get("/admin/articles/tag/alike/"))
    author("J. Smith"), author("John Smith")
    assert "initials" in text(client_of(mara).get("/admin/authors/author/alike/"))
    region(), region("Nippon")
    assert client_of(mara).get("/admin/articles/region/alike/").status_code == 200


def test_near_duplicates_ask_the_same_number_of_questions(bob: User) -> None:
    client = client_of(bob)

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get("/admin/articles/tag/alike/").status_code == 200
        return len(found)

    Tag.objects.create(name="Port"), Tag.objects.create(name="Ports")
    asked()
    one = asked()
    for name in ("Crane", "Cranes", "Quay", "Quays"):
        Tag.objects.create(name=name)
    assert asked() == one


# --- renaming and the tree ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["tag", "region", "author"])
def test_another_address_leaves_the_old_one_behind(kind: str, alice: User, bob: User) -> None:
    published(alice, bob, title="Cranes", tags=("Ports",))
    row, base, app = {
        "tag": (Tag.objects.get(), "topics", "articles"),
        "region": (region(), "regions", "articles"),
        "author": (alice.author, "authors", "authors"),
    }[kind]
    old, client, address = row.slug, client_of(bob), f"/admin/{app}/{kind}/{row.pk}/change/"

    def rename(slug: str) -> Any:
        data = fields_of(client.get(address).content.decode(), f"{kind}_form")
        return client.post(address, data | {"slug": slug})

    assert rename("another").status_code == 302
    assert answer(f"/{base}/{old}/") == (301, f"/{base}/another/")
    assert answer(f"/{base}/{old}/feed/") == (301, f"/{base}/another/feed/")
    assert answer(f"/{base}/another/")[0] == 200
    # Back again: the first is the present one, the second leads to it.
    assert rename(old).status_code == 302
    assert answer(f"/{base}/another/") == (301, f"/{base}/{old}/")
    assert answer(f"/{base}/{old}/")[0] == 200
    # Nobody else takes an address that leads somewhere.
    add = f"/admin/{app}/{kind}/add/"
    data = fields_of(client.get(add).content.decode(), f"{kind}_form")
    data |= {"name": "New", "single_name": "New", "slug": "another"}
    refused = client.post(add, data)
    assert refused.status_code == 200
    assert "once had it" in text(refused)


def test_a_new_tag_never_takes_an_address_that_leads_elsewhere(bob: User) -> None:
    merge(Tag.objects.create(name="Ports"), Tag.objects.create(name="Harbours"), by=bob)
    assert Tag.objects.create(name="Ports").slug == "ports-2"


def test_renaming_reindexes_by_the_worker_where_pieces_are_many(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 0)
    published(alice, bob, title="Cranes", tags=("Ports",))
    client, tag = client_of(bob), Tag.objects.get()
    address = f"/admin/articles/tag/{tag.pk}/change/"
    client.post(address, fields_of(client.get(address).content.decode(), "tag_form") | {"name": "Havens"})
    assert ProcrastinateJob.objects.filter(task_name="editorial.reindex_pieces").count() == 1
    assert "Havens" in titles("/topics/ports/")


def test_the_tree_by_hand(alice: User, bob: User) -> None:
    published(alice, bob, title="Cranes")
    japan = region()
    asia, china = japan.parent, region("China")
    pacific = Region.objects.create(name="Pacific")
    client = client_of(bob)

    def press(row: Region, way: str) -> None:
        assert client.post(f"/admin/articles/region/{row.pk}/move/", {"way": way}).status_code == 302

    def order() -> list[str]:
        from editorial.admin.article_list import in_tree_order

        return ["-" * depth + row.name for row, depth in in_tree_order()]

    assert order() == ["East Asia", "-China", "-Japan", "Pacific"]
    press(japan, "up")
    assert order() == ["East Asia", "-Japan", "-China", "Pacific"]
    press(pacific, "up")
    press(asia, "in")
    assert order() == ["Pacific", "-East Asia", "--Japan", "--China"]
    assert "Cranes" in titles("/regions/pacific/")
    press(japan, "out")
    assert order() == ["Pacific", "-East Asia", "--China", "-Japan"]
    assert "Cranes" not in titles("/regions/east-asia/")
    assert Change.objects.filter(object_id=str(japan.pk)).first().changes["parent"] == ["East Asia", "Pacific"]
    press(pacific, "out")
    press(pacific, "up")
    press(japan, "sideways")
    assert order()[0] == "Pacific"
    with pytest.raises(Blocked, match="stands first"):
        tree.move(Region.objects.get(pk=pacific.pk), "up", by=bob)
    assert client.get(f"/admin/articles/region/{japan.pk}/move/").status_code == 405
    page = client.get("/admin/articles/region/").content.decode()
    assert f'formaction="/admin/articles/region/{china.pk}/move/"' in page


def test_pictures_of_region_topic_and_author_are_shown(alice: User, bob: User) -> None:
    published(alice, bob, title="Cranes", tags=("Ports",))
    image = picture(caption="A crane", credit="Photo: Crane Watch")
    Region.objects.filter(name="Japan").update(image=image)
    Tag.objects.update(image=image)
    client = client_of(bob)
    address = f"/admin/authors/author/{alice.author.pk}/change/"
    data = fields_of(client.get(address).content.decode(), "author_form") | {"portrait-0-image": image.pk}
    assert client.post(address, data).status_code == 302
    assert Change.objects.get(model="authors.author").changes["portrait"] == ["", "image: A crane"]
    for page in ("/regions/japan/", "/topics/ports/", "/authors/alice-marlowe/"):
        shown = titles(page)
        assert image.file.url in shown
        assert "Photo: Crane Watch" in shown


@pytest.mark.django_db(transaction=True)
def test_merging_regions_waits_for_a_move_in_the_tree(mara: User) -> None:
    """The region within comes first by its id: locked late, each would wait for the other."""
    child, source, into = (Region.objects.create(name=name) for name in ("Within", "Source", "Into"))
    Region.objects.filter(pk=child.pk).update(parent=source)
    has_first = threading.Event()

    def move() -> None:
        try:
            with transaction.atomic():
                Region.objects.select_for_update(no_key=True).get(pk=child.pk)
                has_first.set()
                time.sleep(0.5)
                list(Region.objects.select_for_update(no_key=True).order_by("pk"))
        finally:
            connections.close_all()

    moving = threading.Thread(target=move)
    moving.start()
    assert has_first.wait(10)
    merge(source, into, by=mara)
    moving.join(10)
    child.refresh_from_db()
    assert child.parent == into
