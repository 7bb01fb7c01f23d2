"""What the database itself refuses, tried round the models and forms."""

import datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Byline, Image, Publication, Region, Revision, Tag
from authors.models import Author
from tests.cast import BODY, draft, edit, piece_in, region

pytestmark = pytest.mark.django_db


def sql(statement: str, *params: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_revision_can_not_be_changed(alice: User) -> None:
    article = draft(alice)
    for change in ("title = 'x'", "body = 'x'", "by_id = by_id", "article_id = article_id"):
        with pytest.raises(IntegrityError, match="append-only"):
            sql(f"UPDATE articles_revision SET {change} WHERE id = %s", article.latest_id)  # noqa: S608  literals of this test
    with pytest.raises(IntegrityError):
        Revision.objects.filter(pk=article.latest_id).update(title="x")


def test_a_text_that_readers_had_can_not_be_deleted(alice: User, bob: User) -> None:
    article = piece_in("published", author=alice, editor=bob)
    first = article.live_id
    edit(article, bob, "<p>Two.</p>" + BODY)
    with pytest.raises(DatabaseError):
        sql("DELETE FROM articles_revision WHERE id = %s", first)
    with pytest.raises(IntegrityError, match="public history"):
        sql("DELETE FROM articles_publication WHERE article_id = %s", article.pk)
    with pytest.raises(IntegrityError, match="append-only"):
        sql("UPDATE articles_publication SET note = 'x' WHERE article_id = %s", article.pk)


def test_a_publication_still_ahead_can_be_taken_back(alice: User, bob: User) -> None:
    article = piece_in("scheduled", author=alice, editor=bob)
    sql("DELETE FROM articles_publication WHERE article_id = %s", article.pk)
    assert not Publication.objects.exists()


def test_an_event_can_be_neither_changed_nor_deleted(alice: User) -> None:
    article = draft(alice)
    for statement in (
        "UPDATE editorial_event SET note = 'x' WHERE article_id = %s",
        "DELETE FROM editorial_event WHERE article_id = %s",
    ):
        with pytest.raises(IntegrityError, match="append-only"):
            sql(statement, article.pk)


def test_a_pointer_names_a_revision_of_its_own_piece(alice: User, bob: User) -> None:
    one, two = (
        piece_in("published", author=alice, editor=bob),
        piece_in("published", author=alice, editor=bob, title="Two"),
    )
    for pointer in ("latest_id", "live_id"):
        with pytest.raises(IntegrityError):
            sql(f"UPDATE articles_article SET {pointer} = %s WHERE id = %s", two.latest_id, one.pk)  # noqa: S608
    with pytest.raises(IntegrityError):
        sql("UPDATE editorial_handling SET article_id = %s WHERE article_id = %s", two.pk, one.pk)


@pytest.mark.parametrize("state", ["draft", "submitted", "editing", "ready", "declined", "withdrawn"])
def test_only_a_public_state_has_a_live_text(state: str, alice: User, bob: User) -> None:
    article = piece_in(state, author=alice, editor=bob)
    with pytest.raises(IntegrityError):
        sql(
            "UPDATE articles_article SET live_id = latest_id, published_at = now(), published_on = now() WHERE id = %s",
            article.pk,
        )
    with pytest.raises(IntegrityError):
        sql("UPDATE articles_article SET published_at = now() WHERE id = %s", article.pk)


@pytest.mark.parametrize(
    "change",
    [
        "live_id = NULL",
        "published_at = NULL",
        "published_on = NULL",
        "status = 'editing'",
        "status = 'nonsense'",
        "slug = ''",
    ],
)
def test_a_public_state_has_all_of_it(change: str, alice: User, bob: User) -> None:
    article = piece_in("published", author=alice, editor=bob)
    with pytest.raises(IntegrityError):
        sql(f"UPDATE articles_article SET {change} WHERE id = %s", article.pk)  # noqa: S608


def test_a_correction_without_a_note_is_refused(alice: User, bob: User) -> None:
    article = piece_in("published", author=alice, editor=bob)
    with pytest.raises(IntegrityError):
        Publication.objects.create(
            article=article, revision=article.live, kind="correction", note=" ", by=bob, at=timezone.now()
        )


def test_a_piece_is_published_first_once(alice: User, bob: User) -> None:
    article = piece_in("published", author=alice, editor=bob)
    with pytest.raises(IntegrityError):
        Publication.objects.create(article=article, revision=article.live, kind="first", by=bob, at=timezone.now())


def test_the_same_number_the_same_place_the_same_author_never_twice(alice: User) -> None:
    article = draft(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.create(article=article, number=1, by=alice)
    byline = article.bylines.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        article.bylines.create(author=byline.author, name="Again", position=9)
    with pytest.raises(IntegrityError), transaction.atomic():
        article.bylines.create(name=" ", position=9)
    with pytest.raises(IntegrityError), transaction.atomic():
        _stand_in_the_same_place(byline)


def _stand_in_the_same_place(byline: Byline) -> None:
    byline.article.bylines.create(name="Same place", position=byline.position)
    sql("SELECT 1")  # the constraint is deferred: bylines may change places within a transaction


def test_regions_are_a_tree(db: None) -> None:
    japan = region("Japan", "East Asia")
    kyushu = Region.objects.create(name="Kyushu", parent=japan)
    with pytest.raises(IntegrityError, match="within itself"):
        sql("UPDATE articles_region SET parent_id = %s WHERE id = %s", kyushu.pk, japan.parent_id)
    with pytest.raises(IntegrityError):
        sql("UPDATE articles_region SET parent_id = id WHERE id = %s", japan.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Region.objects.create(name="JAPAN")


def test_a_tag_is_one_in_whatever_case(db: None) -> None:
    Tag.objects.create(name="North Korea")
    with pytest.raises(IntegrityError), transaction.atomic():
        Tag.objects.create(name="north  korea")


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"given_name": "Only"}, {"family_name": "Only"}, {"single_name": "One", "family_name": "Two", "given_name": "Three"},
        {"single_name": "Board", "is_house": True, "user": True}, {"given_name": "A", "family_name": "House", "is_house": True},
        {"single_name": "X", "orcid": "0000-0002-1825-0098"}, {"single_name": "X", "orcid": "nonsense"},
    ],
)  # fmt: skip
def test_an_author_that_can_not_be(fields: dict[str, Any], sam: User) -> None:
    values = {
        "given_name": "",
        "family_name": "",
        "single_name": "",
        "is_house": False,
        "orcid": "",
        "slug": "x",
    } | fields
    user = sam.pk if values.pop("user", None) else None
    with pytest.raises(IntegrityError):
        sql(
            "INSERT INTO authors_author (given_name, family_name, single_name, is_house, orcid, slug, user_id, is_family_first,"
            " other_names, affiliation, bio, sort_key, name_key) VALUES (%s, %s, %s, %s, %s, %s, %s, false, '', '', '', '', '')",
            *values.values(), user,
        )  # fmt: skip


def test_a_right_orcid_is_taken_once(db: None) -> None:
    Author.objects.create(single_name="Josiah", orcid="https://orcid.org/0000-0002-1825-0097")
    assert Author.objects.get().orcid == "0000-0002-1825-0097"
    with pytest.raises(IntegrityError), transaction.atomic():
        Author.objects.create(single_name="Carberry", orcid="0000-0002-1825-0097")


def test_a_picture_has_a_file_a_size_and_a_focal_point_inside(db: None) -> None:
    good = {"file": "images/x.jpg", "width": 10, "height": 10}
    for wrong in ({"focal_x": "1.2"}, {"focal_y": "-0.1"}, {"width": 0}):
        values = good | {"focal_x": "0.5", "focal_y": "0.5"} | wrong
        with pytest.raises(IntegrityError):
            sql(
                "INSERT INTO articles_image (file, width, height, focal_x, focal_y, alt, caption, credit, licence, uploaded_at)"
                " VALUES (%s, %s, %s, %s, %s, '', '', '', 'own', now())", *values.values(),
            )  # fmt: skip
    assert not Image.objects.exists()


def test_one_masthead(db: None) -> None:
    from forum.models import Masthead

    Masthead().save()
    Masthead(name="Second").save()
    assert Masthead.objects.get().name == "Second"
    with pytest.raises(IntegrityError):
        sql("UPDATE forum_masthead SET id = 2")


def test_what_was_never_public_can_be_deleted_with_its_text(alice: User) -> None:
    article = draft(alice)
    assert article.created_at <= timezone.now() + datetime.timedelta(seconds=1)
    assert Article.objects.filter(pk=article.pk).exists()
    with pytest.raises(DatabaseError):
        # Its event keeps it: nothing that was begun vanishes without a trace.
        sql("DELETE FROM articles_article WHERE id = %s", article.pk)


def test_e_mail_addresses_are_one_in_whatever_case(alice: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("ALICE@example.org", "x")
