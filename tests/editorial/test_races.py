"""Two people at the same moment: one wins, the other is told, nothing is lost."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from articles.models import Article
from articles.search import reindex_author, search_public
from editorial import writing
from editorial.perform import perform
from editorial.registry import Blocked
from tests.cast import BODY, IN_BRIEF, draft, in_days, piece_in

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each gives back or raises, all begun at one moment."""
    start = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        start.wait()
        try:
            answers[place] = act()
        except Exception as failure:  # noqa: BLE001  the answer is what the test is about
            answers[place] = failure
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def while_held(hold: Callable[[], Any], act: Callable[[], Any]) -> Any:
    """The answer of an act that begins while another transaction has done its part and not committed yet."""
    answer: list[Any] = []

    def run() -> None:
        try:
            answer.append(act())
        except Exception as failure:  # noqa: BLE001
            answer.append(failure)
        finally:
            connection.close()

    with transaction.atomic():
        hold()
        thread = threading.Thread(target=run)
        thread.start()
        thread.join(0.5)  # by now it waits for the rows that are held
    thread.join()
    return answer[0]


def test_two_saves_at_once_one_is_told(alice: User) -> None:
    for _ in range(5):
        article = draft(alice)
        base = article.latest_id

        def save(title: str, base: int = base, pk: int = article.pk) -> Any:
            return writing.revise(
                Article.objects.get(pk=pk), by=alice, base=base, title=title, in_brief=IN_BRIEF, body=BODY
            )

        answers = together(lambda: save("One"), lambda: save("Two"))
        assert sorted(type(answer).__name__ for answer in answers) == ["Revision", "Stale"]


def test_a_step_that_waited_for_a_save_is_told_of_it(alice: User, bob: User) -> None:
    article = piece_in("editing", author=alice, editor=bob)
    seen = article.latest_id
    answer = while_held(
        lambda: writing.revise(article, by=bob, base=seen, title="Another", in_brief=IN_BRIEF, body=BODY),
        lambda: perform(Article.objects.get(pk=article.pk), "request_approval", by=bob, seen=seen, due_on=in_days(3)),
    )
    assert isinstance(answer, Blocked)
    assert "changed after you opened" in str(answer)


def test_two_decisions_at_once_one_is_told(alice: User, bob: User, bea: User) -> None:
    article = piece_in("submitted", author=alice, editor=bob)
    answers = together(
        lambda: perform(Article.objects.get(pk=article.pk), "accept", by=bob),
        lambda: perform(
            Article.objects.get(pk=article.pk), "decline", by=bea, seen_status="submitted", message="No.", note="No"
        ),
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Blocked", "Event"]


def test_two_pieces_of_one_title_begun_at_once(alice: User, ada: User) -> None:
    answers = together(
        *[
            lambda who=who: writing.begin(by=who, corresponding=who, title="한국의 봄")
            for who in (alice, ada, alice, ada)
        ]
    )
    assert [answer for answer in answers if not isinstance(answer, Article)] == []
    assert len({article.slug for article in answers}) == 4


def test_a_renamed_author_does_not_take_a_piece_out_of_search_that_is_just_being_published(
    alice: User, bob: User
) -> None:
    article = piece_in("ready", author=alice, editor=bob)
    while_held(lambda: perform(article, "publish", by=bob), lambda: reindex_author(alice.author.pk))
    assert search_public(Article.objects.listed(timezone.now()), "harbours").get() == article
