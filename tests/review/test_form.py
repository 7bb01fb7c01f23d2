"""The referees' form: changed by managing editors, frozen for the rounds that use it; and what rounds begin with."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import User
from editorial.models import Change
from editorial.registry import Blocked
from review import questions
from review.models import Form, Question, Settings
from review.questions import Asked
from tests.editorial.desk import client_of, fields_of, text
from tests.review.refereeing import in_review, round_of

pytestmark = pytest.mark.django_db

URL = "/admin/review/form/"
SETTINGS = "/admin/review/form/settings/"


def labels(form: Form) -> list[str]:
    return [row.label for row in questions.asked(form)]


def test_a_form_that_no_round_used_is_changed_itself(mara: User) -> None:
    form = questions.current()
    rows = questions.asked(form)[::-1]
    assert questions.edit(form, rows, mara).pk == form.pk
    assert labels(questions.current()) == [row.label for row in rows]
    change = Change.objects.get()
    assert (change.by, change.name) == (mara, "Referees’ form")
    assert change.changes["questions"][0] != change.changes["questions"][1]


def test_what_a_round_uses_stays_and_the_next_form_is_a_copy(alice: User, bob: User, mara: User) -> None:
    used = round_of(in_review(alice, bob))
    asked = questions.asked(used.form)
    made = questions.edit(questions.current(), [replace(asked[0], label="Is it true?"), *asked[1:]], mara)
    used.form.refresh_from_db()
    assert questions.asked(used.form) == asked
    assert made.pk != used.form_id
    assert (made.frozen_at, made.made_by) == (None, mara)
    assert labels(made)[0] == "Is it true?"
    assert round_of(in_review(alice, bob)).form == made
    # Saved as it stands, it stays the same form, and nothing is told.
    count = Change.objects.count()
    assert questions.edit(made, questions.asked(made), mara) == Form.objects.first()
    assert (Form.objects.count(), Change.objects.count()) == (2, count)


def test_only_who_may(bob: User, carl: User, mara: User) -> None:
    form = questions.current()
    for user in (bob, carl):
        with pytest.raises(PermissionDenied):
            questions.edit(form, [], user)
        with pytest.raises(PermissionDenied):
            questions.save_settings(Settings(pk=1), user)
        for url in (URL, SETTINGS):
            assert client_of(user).get(url).status_code == 403
            assert client_of(user).post(url, {"save": "1", "count": "0"}).status_code == 403
    assert labels(questions.current())
    assert client_of(mara).get(URL).status_code == 200


def test_two_people_do_not_overwrite_each_other(mara: User, root: User) -> None:
    form = questions.current()
    seen = questions.version_of(form)
    questions.edit(form, [Asked(label="Theirs?")], root, seen=seen)
    with pytest.raises(Blocked, match="Somebody changed the form"):
        questions.edit(form, [Asked(label="Mine?")], mara, seen=seen)
    client = client_of(mara)
    page = client.post(URL, {"save": "1", "count": "1", "label-0": "Mine?", "kind-0": "text", "seen": seen})
    assert "Mine?" in page.content.decode()
    assert "Theirs?" in text(page)
    # Pressed again, it is meant.
    client.post(URL, fields_of(page.content.decode()) | {"save": "1"})
    assert labels(questions.current()) == ["Mine?"]


CHOICE = Asked(kind="choice", label="How new?", choices="Old\nNew")


@pytest.mark.parametrize(
    ("row", "where"),
    [
        (Asked(label=" "), "label-1"),
        (Asked(label="x" * 301), "label-1"),
        (Asked(label="a", help="x" * 501), "help-1"),
        (Asked(label="first?"), "label-1"),
        (Asked(label="a", kind="poem"), "kind-1"),
        (replace(CHOICE, choices="One"), "choices-1"),
        (replace(CHOICE, choices="Same\n same "), "choices-1"),
        (replace(CHOICE, choices="\n".join(map(str, range(21)))), "choices-1"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(row: Asked, where: str, mara: User) -> None:
    with pytest.raises(Blocked) as answer:
        questions.edit(questions.current(), [Asked(label="First?"), row], mara)
    assert [reason.where for reason in answer.value.reasons] == [where]
    assert len(labels(questions.current())) == 4


def test_text_is_tidied(mara: User) -> None:
    rows = [
        replace(CHOICE, label="  How\x00  new? ", choices=" Old \n\n New"),
        Asked(label="Why?", choices="left over"),
    ]
    made = questions.edit(questions.current(), rows, mara)
    first, second = questions.asked(made)
    assert (first.label, first.choices, second.choices) == ("How new?", "Old\nNew", "")


def test_the_page_keeps_what_is_typed_until_it_is_saved(mara: User) -> None:
    client = client_of(mara)
    before = labels(questions.current())

    def press(page: Any, **button: str) -> Any:
        answer = client.post(URL, fields_of(page.content.decode()) | button)
        assert answer.status_code == 200
        return answer

    page = press(client.get(URL), add="1")
    data = fields_of(page.content.decode()) | {
        "label-4": "How <b>new</b>?", "kind-4": "choice", "choices-4": "Old\nNew", "is_for_author-4": "on", "up": "4",
    }  # fmt: skip
    page = client.post(URL, data)
    page = press(page, remove="0")
    assert labels(questions.current()) == before, "nothing is saved yet"
    assert "Not saved yet" in text(page)
    assert "As referees see it" in text(page)
    assert "&lt;b&gt;new" in page.content.decode()
    answer = client.post(URL, fields_of(page.content.decode()) | {"save": "1"})
    assert answer.status_code == 302
    assert labels(questions.current()) == [before[1], before[2], "How <b>new</b>?", before[3]]
    made = Question.objects.get(label__contains="new")
    assert (made.kind, made.choice_list, made.is_for_author, made.is_required) == (
        "choice",
        ["Old", "New"],
        True,
        False,
    )
    assert "Who changed" not in text(client.get(URL))


@pytest.mark.parametrize(
    "data",
    [
        {"save": "1"},
        {"count": "99999"},
        {"count": "x", "up": "x"},
        {"count": "1", "label-0": "a\x00b", "kind-0": "poem", "save": "1"},
        {"count": "1", "label-0": "x" * 5000, "remove": "99999999"},
        {"up": "-1", "count": "-1"},
    ],
)
def test_bad_input_is_no_error(data: dict[str, str], mara: User) -> None:
    assert client_of(mara).post(URL, data).status_code in (200, 302)


def test_what_rounds_begin_with(alice: User, bob: User, mara: User) -> None:
    open_round = round_of(in_review(alice, bob))
    client = client_of(mara)
    data = fields_of(client.get(SETTINGS).content.decode())
    page = client.post(SETTINGS, data | {"wanted": "0", "review_days": "21"})
    assert page.status_code == 200
    assert 'value="21"' in page.content.decode()
    assert client.post(SETTINGS, data | {"wanted": "3", "mode": "open"}).status_code == 302
    saved = Settings.current()
    assert (saved.wanted, saved.mode) == (3, "open")
    assert Change.objects.get().changes["reviews wanted"] == ["2", "3"]
    open_round.refresh_from_db()
    assert (open_round.wanted, open_round.mode) == (2, "double")
