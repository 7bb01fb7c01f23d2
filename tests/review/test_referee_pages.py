"""The referees' pages: by link without an account and signed in, blind where the round is, and no word lost."""

import datetime
import re
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from articles.models import Byline
from editorial.perform import perform
from forum.models import Mail
from review import reviewing, rounds
from review.models import Attachment, Link, Remark, Review
from review.reviewing import Words
from tests.browser import ANYBODY
from tests.cast import edit, in_days, picture
from tests.review.refereeing import accepted, in_review, invited, referee, round_of, submitted, token_of

pytestmark = pytest.mark.django_db
TYPED = "The tables are upside down, and nobody noticed."


@pytest.fixture(autouse=True)
def _empty_cache(db: None) -> None:
    cache.clear()


def piece(alice: User, bob: User, **fields: Any) -> Any:
    article = in_review(alice, bob, lead_image=picture(credit="Photo: Alice Marlowe"), **fields)
    Byline.objects.get_or_create(
        article=article, author=alice.author, defaults={"name": "Alice Marlowe", "position": 0}
    )
    return article


def at(review: Review, tail: str = "") -> str:
    return f"/referee/{token_of(review)}/{tail}"


def fresh(review: Review) -> Review:
    return Review.objects.get(pk=review.pk)


def form_of(answer: Any) -> dict[str, str]:
    """What a browser would send back of the review form, without what is typed."""
    found = re.search(r'name="edits" value="(\d+)"', answer.content.decode())
    assert found is not None
    return {"edits": found[1]}


# --- answering ---


def test_a_get_only_shows_and_two_posts_answer(alice: User, bob: User, client: Client) -> None:
    review = invited(round_of(piece(alice, bob)), referee())
    url = at(review)
    answer = client.get(url)
    assert answer.status_code == 200
    assert "Paragraph 1 of a piece" not in answer.content.decode()  # the text comes after the confirmation
    for tail in ("cant/", "more/", "send/", "save/", "remark/", "picture/0/", "file/"):
        client.get(url + tail)
    assert fresh(review).state == "invited"
    assert client.post(url, {"action": "accept"}).status_code == 422
    assert client.post(url, {"action": "accept", "no_conflict": "on"}).status_code == 302
    assert fresh(review).state == "accepted"
    page = client.get(url).content.decode()
    assert "Paragraph 1 of a piece" in page
    assert client.post(url + "cant/", {"why": "busy"}).status_code == 302
    assert "Paragraph 1 of a piece" not in client.get(url).content.decode()
    client.post(url, {"action": "undo"})
    assert fresh(review).state == "invited"


def test_every_page_is_closed_to_engines_caches_and_other_sites(alice: User, bob: User, client: Client) -> None:
    url = at(accepted(round_of(piece(alice, bob)), referee()))
    for address in (url, url + "picture/0/", url + "cant/", "/referee/nothing/"):
        answer = client.get(address)
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in answer["Cache-Control"]


def test_unknown_and_cancelled_links_look_the_same_and_say_nothing(alice: User, bob: User, client: Client) -> None:
    review = accepted(round_of(piece(alice, bob)), referee())
    url = at(review)
    rounds.cancel(review, now=timezone.now())
    cancelled, unknown = client.get(url), client.get("/referee/" + "x" * 32 + "/")
    assert cancelled.status_code == unknown.status_code == 404
    assert cancelled.content == unknown.content
    assert "tide" not in cancelled.content.decode()
    # What was being typed comes back, and nothing of the piece with it.
    for answer in (client.post(url, {"for_author": TYPED}), client.post(url + "save/", {"for_author": TYPED})):
        assert TYPED in answer.content.decode()
        assert "The tide tables" not in answer.content.decode()


def test_an_expired_link_sends_a_new_one_to_the_old_address(alice: User, bob: User, client: Client) -> None:
    review = accepted(round_of(piece(alice, bob)), referee())
    url = at(review)
    Link.objects.update(expires_at=timezone.now())
    answer = client.get(url)
    assert answer.status_code == 410
    assert "The tide tables" not in answer.content.decode()
    assert TYPED in client.post(url, {"for_author": TYPED}).content.decode()
    before = set(Mail.objects.values_list("pk", flat=True))
    said = client.post(url, {"action": "link", "email": "thief@example.org"}).content.decode()
    assert review.referee.email not in said
    mail = Mail.objects.exclude(pk__in=before).get()
    assert mail.recipients == [review.referee.email]
    new = re.search(r"/referee/[\w-]+/", mail.text)
    assert new is not None
    assert client.get(new[0]).status_code == 200


def test_guessing_is_slowed_down_and_good_links_go_on_working(
    alice: User, bob: User, client: Client, settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"referee_guess": "3/h/ip"}
    answers = [client.get(f"/referee/guess-{n}/").status_code for n in range(5)]
    assert answers == [404, 404, 404, 429, 429]
    assert client.get(at(invited(round_of(piece(alice, bob)), referee()))).status_code == 200


def test_a_link_is_good_for_its_review_alone(alice: User, bob: User, client: Client, sam: User) -> None:
    review = accepted(round_of(piece(alice, bob)), referee())
    other = accepted(review.round, referee("Otto Keel"))
    made = Remark.objects.create(review=other, paragraph=1, text="Mine.")
    client.post(at(review, f"remark/{made.pk}/"), {"paragraph": 1, "text": "Theirs"})
    client.post(at(review), {"action": f"delete-{made.pk}", "edits": 0})
    made.refresh_from_db()
    assert made.text == "Mine."
    client.force_login(sam)
    assert client.get(f"/referee/reviews/{review.pk}/").status_code == 404
    assert client.get(f"/referee/reviews/{'9' * 30}/").status_code == 404
    for odd in ("%00", "reviews", "a" * 300, "ü"):
        assert client.get(f"/referee/{odd}/").status_code == 404


# --- blindness ---


def whole_site_of(client: Client, url: str) -> str:
    """Every page of a review, with its headers."""
    parts = []
    for tail in ("", "?view=changes", "?check=yes", "more/", "cant/", "remark/?passage=1", "send/", "picture/0/"):
        answer = client.get(url + tail)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[arg-type]
        parts += [str(dict(answer.headers)), body.decode("latin-1")]
    return "\n".join(parts)


def test_no_page_names_authors_editors_or_other_referees(alice: User, bob: User, client: Client) -> None:
    article = piece(alice, bob)
    one = accepted(round_of(article), referee(), recommendation="minor", for_author=TYPED)
    submitted(round_of(article), referee("Otto Keel", affiliation="Keel College"), for_author="Otto’s own words")
    url = at(one)
    seen = whole_site_of(client, url)
    image = article.latest.lead_image.file.name.rpartition("/")[2]
    for canary in ("Marlowe", "alice@", "Redpen", "bob@", "Keel", "Otto", "Referee 2", image, "/media/"):
        assert canary not in seen, canary
    asked = invited(round_of(article), referee("Nora Gale"))
    assert "Marlowe" not in client.get(at(asked)).content.decode()


@pytest.mark.parametrize("mode", ["single", "open"])
def test_open_rounds_show_who_wrote_it(alice: User, bob: User, client: Client, mode: str) -> None:
    article = piece(alice, bob, mode=mode)
    assert "Alice Marlowe" in client.get(at(invited(round_of(article), referee()))).content.decode()
    assert "Alice Marlowe" in client.get(at(accepted(round_of(article), referee("Otto Keel")))).content.decode()


def test_a_picture_is_shown_after_the_confirmation_and_no_other(alice: User, bob: User, client: Client) -> None:
    article = piece(alice, bob)
    review = accepted(round_of(article), referee())
    answer = client.get(at(review, "picture/0/"))
    assert answer.status_code == 200
    assert answer["Cache-Control"].startswith("private, no-store")
    assert "picture-1." in answer["Content-Disposition"]
    assert client.get(at(review, "picture/1/")).status_code == 404
    assert client.get(at(invited(round_of(article), referee("Otto Keel")), "picture/0/")).status_code == 404


# --- writing ---


def test_every_button_keeps_what_was_typed(alice: User, bob: User, client: Client) -> None:
    review = accepted(round_of(piece(alice, bob)), referee())
    url = at(review)
    for n, action in enumerate(("save", "remark-2", "more", "cant", "send", "attach")):
        typed = f"{TYPED} {n}"
        answer = client.post(url, form_of(client.get(url)) | {"for_author": typed, "action": action})
        assert answer.status_code == 302
        assert fresh(review).for_author == typed
    page = client.get(url + "?check=yes")
    assert page.status_code == 422
    assert "Choose what you recommend." in page.content.decode()


def test_a_second_window_is_told_and_keeps_its_words(alice: User, bob: User, client: Client) -> None:
    review = accepted(round_of(piece(alice, bob)), referee())
    url = at(review)
    client.post(url, {"edits": 0, "for_author": "From the first window"})
    autosave = client.post(url + "save/", {"edits": 0, "for_author": TYPED})
    assert autosave.status_code == 409
    answer = client.post(url, {"edits": 0, "for_author": TYPED})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert TYPED in page
    assert "From the first window" in page
    client.post(url, {"edits": 0, "over": 1, "for_author": TYPED, "action": "over"})
    assert fresh(review).for_author == TYPED


def test_autosave_says_when(alice: User, bob: User, client: Client) -> None:
    review = accepted(round_of(piece(alice, bob)), referee())
    answer = client.post(at(review, "save/"), {"edits": 0, "for_author": TYPED}).json()
    assert answer["edits"] == 1
    assert re.fullmatch(r"\d\d:\d\d", answer["saved"])
    Review.objects.filter(pk=review.pk).update(state="submitted", submitted_at=timezone.now())
    late = client.post(at(review, "save/"), {"edits": 1, "for_author": "More"})
    assert late.status_code == 410
    assert "More" in client.post(at(review), {"edits": 1, "for_author": "More of it"}).content.decode()
    assert fresh(review).for_author == TYPED


def test_a_review_is_written_read_over_and_sent_without_scripts(alice: User, bob: User, client: Client) -> None:
    review = accepted(round_of(piece(alice, bob)), referee())
    url = at(review)
    answers = {f"q-{q.pk}": "4" for q in review.round.form.questions.filter(is_required=True)}
    client.post(url + "remark/", {"paragraph": 2, "text": "Which tariffs?"})
    form = (
        form_of(client.get(url))
        | answers
        | {"recommendation": "minor", "for_author": TYPED, "for_editor": "Quietly: yes."}
    )
    sent_to = client.post(url, form | {"action": "send"})
    page = client.get(sent_to["Location"])
    for words in (TYPED, "Quietly: yes.", "Which tariffs?", "Minor revision"):
        assert words in page.content.decode()
    client.post(url + "send/", form_of(page))
    assert fresh(review).state == "submitted"
    assert TYPED in client.get(url).content.decode()


@pytest.mark.parametrize(("mode", "is_told"), [("double", True), ("open", False)])
def test_a_file_whose_words_name_its_writer_is_pointed_out(
    alice: User, bob: User, client: Client, mode: str, is_told: bool
) -> None:
    review = accepted(round_of(piece(alice, bob, mode=mode)), referee())
    url = at(review)
    file = SimpleUploadedFile("notes.txt", b"These notes are by Rita Gauge.")
    client.post(url, form_of(client.get(url)) | {"action": "attach", "file": file})
    assert Attachment.objects.get(review=review).traces
    assert ("may tell who you are" in client.get(url).content.decode()) == is_told


def test_the_editors_words_stand_above_a_returned_review(alice: User, bob: User, client: Client) -> None:
    review = accepted(round_of(piece(alice, bob)), referee(), returned_at=timezone.now(), returned_why="Which page?")
    assert "Which page?" in client.get(at(review)).content.decode()


def test_a_later_round_shows_what_changed_the_response_and_ones_own_words(
    alice: User, bob: User, client: Client
) -> None:
    article = piece(alice, bob)
    who = referee()
    submitted(round_of(article), who, for_author=TYPED)
    perform(
        article,
        "request_revision",
        by=bob,
        extent="minor",
        message="Please mend it.",
        due_on=in_days(7),
        settle={},
        releases={},
    )
    article.refresh_from_db()
    article.handling.held_until = None
    article.handling.save()
    edit(article, alice, article.latest.body + "<p>A paragraph on tariffs of steam.</p>")
    article.refresh_from_db()
    perform(article, "resubmit", by=alice, message="We turned the tables.")
    review = round_of(article).reviews.get(referee=who)
    review.state, review.no_conflict_at = "accepted", timezone.now()
    review.save()
    page = client.get(at(review)).content.decode()
    assert "We turned the tables." in page
    assert TYPED in page
    changed = client.get(at(review, "?view=changes")).content.decode()
    assert re.search(r"<ins>.*steam", changed, re.DOTALL)
    newcomer = accepted(round_of(article), referee("Otto Keel"))
    assert "We turned the tables." not in client.get(at(newcomer)).content.decode()


# --- signed in ---


def test_an_account_finds_its_reviews_by_its_address(alice: User, bob: User, sam: User, client: Client) -> None:
    who = referee("Sam S", "SAM@example.org")
    article = piece(alice, bob)
    review = accepted(round_of(article), who)
    client.force_login(sam)
    assert client.get("/accounts/start/")["Location"] == reverse("referee:home")
    page = client.get("/referee/").content.decode()
    who.refresh_from_db()
    assert who.user == sam
    assert f"/referee/reviews/{review.pk}/" in page
    assert "Paragraph 1 of a piece" in client.get(f"/referee/reviews/{review.pk}/").content.decode()
    assert "My reviews" in client.get("/contribute/").content.decode()
    assert client.post("/referee/", {"action": "pause", "until": "someday"}).status_code == 422
    client.post("/referee/", {"action": "pause", "until": str(in_days(30))})
    client.post("/referee/", {"action": "conflicts", "conflicts": "Tidewater University"})
    who.refresh_from_db()
    assert (who.not_before, who.conflicts) == (in_days(30), "Tidewater University")
    client.post("/referee/", {"action": "again"})
    who.refresh_from_db()
    assert who.not_before is None


def test_a_decision_stands_there_once_it_was_told(alice: User, bob: User, sam: User, client: Client) -> None:
    who = referee("Sam S", sam.email, user=sam)
    review = submitted(round_of(piece(alice, bob)), who)
    later = timezone.now() + datetime.timedelta(minutes=5)
    rounds.close(review.round, by=bob, now=timezone.now(), outcome="accept", settle={}, withhold={}, released_at=later)
    client.force_login(sam)
    assert "The piece was accepted." not in client.get("/referee/").content.decode()
    Review.objects.filter(pk=review.pk).update(released_at=timezone.now())
    assert "The piece was accepted." in client.get("/referee/").content.decode()


def test_who_was_signed_out_keeps_the_words(alice: User, bob: User, sam: User, client: Client) -> None:
    review = accepted(round_of(piece(alice, bob)), referee("Sam S", sam.email, user=sam))
    answer = client.post(f"/referee/reviews/{review.pk}/", {"for_author": TYPED})
    assert answer.status_code == 401
    assert TYPED in answer.content.decode()


# --- in a browser ---


@pytest.mark.django_db(transaction=True)
def test_words_outlive_a_reload_a_lost_key_and_a_dead_connection(alice: User, bob: User, window: ANYBODY) -> None:
    review = accepted(round_of(piece(alice, bob)), referee())
    one = window()
    page = one.open(at(review))
    line = page.locator("saved-line p[role=status]")
    page.fill("[name=for_author]", "Half a thought")
    expect(line).to_have_text(re.compile(r"^Saved \d\d:\d\d$"))
    page.reload()
    expect(page.locator("[name=for_author]")).to_have_value("Half a thought")
    one.context.clear_cookies()
    page.fill("[name=for_author]", "Half a thought, and more")
    expect(line).to_have_text(re.compile(r"^Saved \d\d:\d\d$"))
    one.context.set_offline(True)
    page.fill("[name=for_author]", "A whole thought")
    expect(line).to_have_text(re.compile("^Not saved yet"))
    page.locator("button[value=save]").last.click()
    expect(line).to_have_text(re.compile("^Not saved yet"))  # no page of the browser's own instead
    one.context.set_offline(False)
    expect(line).to_have_text(re.compile(r"^Saved \d\d:\d\d$"))
    assert fresh(review).for_author == "A whole thought"
    one.context.clear_cookies()
    page.fill("[name=for_author]", "Typed, and pressed at once")
    page.locator("button[value=more]").click()
    page.wait_for_url("**/more/")
    assert fresh(review).for_author == "Typed, and pressed at once"
    assert page.evaluate("localStorage.length") == 0


@pytest.mark.django_db(transaction=True)
def test_words_kept_in_the_browser_overwrite_nothing(alice: User, bob: User, window: ANYBODY) -> None:
    review = accepted(round_of(piece(alice, bob)), referee())
    one, url = window(), at(review)
    page = one.open(url)
    one.context.set_offline(True)
    page.fill("[name=for_author]", "Typed on the train")
    expect(page.locator("saved-line p[role=status]")).to_have_text(re.compile("^Not saved yet"))
    page.locator(".remark-here").nth(1).click()
    page.fill("#remark-text", "Half a remark")
    page.close(run_before_unload=False)
    one.context.set_offline(False)
    reviewing.save(review, Words(for_author="Typed at home"), base=0, by=None)
    page = one.context.new_page()
    page.goto(one.address + url)
    page.get_by_role("button", name="Put them in").click()
    expect(page.locator("saved-line p[role=status]")).to_have_text(re.compile("^Not saved here"))
    assert fresh(review).for_author == "Typed at home"
    page.locator(".remark-here").nth(1).click()
    expect(page.locator("#remark-text")).to_have_value("Half a remark")


@pytest.mark.django_db(transaction=True)
def test_marked_words_are_commented_on_a_phone_too(alice: User, bob: User, window: ANYBODY) -> None:
    review = accepted(round_of(piece(alice, bob)), referee())
    one = window(width=360)
    page = one.open(at(review))
    assert one.has_no_sideways_scroll()
    page.evaluate(
        """() => { const node = document.querySelector('#p-2').firstChild; const range = document.createRange();
        range.setStart(node, 0); range.setEnd(node, 11); getSelection().removeAllRanges(); getSelection().addRange(range); }"""
    )
    page.get_by_role("button", name="Comment on these words").click()
    page.fill("#remark-text", "Which one?")
    page.get_by_role("button", name="Keep the comment").click()
    expect(page.locator("#remarks")).to_contain_text("Which one?")
    found = Remark.objects.get()
    assert (found.review_id, found.paragraph, found.quote, found.text) == (review.pk, 2, "Paragraph 1", "Which one?")
    # From the text to the form and back, wherever one is.
    page.locator(".jump").get_by_role("link", name="Your review").click()
    expect(page.locator("#review-title")).to_be_in_viewport()
    expect(page.locator(".jump")).to_be_in_viewport()


def test_a_link_that_was_forwarded_to_the_author_opens_nothing_for_them(alice: User, ada: User, bob: User) -> None:
    article = in_review(alice, bob)
    review = invited(round_of(article), referee())
    address = f"/referee/{token_of(review)}/"
    for who, status in ((alice, 404), (ada, 200)):
        client = Client()
        client.force_login(who)
        assert client.get(address).status_code == status
        client.post(address, {"action": "accept", "no_conflict": "on"})
        review.refresh_from_db()
        assert (review.state == "accepted") == (status == 200)


def test_who_became_an_author_and_who_was_kept_for_a_withdrawn_piece_see_nothing(
    alice: User, ada: User, bob: User
) -> None:
    article = in_review(alice, bob)
    mine = accepted(round_of(article), referee("Ada Quill", ada.email, user=ada))
    other = accepted(round_of(article), referee())
    client = Client()
    client.force_login(ada)
    assert client.get(f"/referee/reviews/{mine.pk}/").status_code == 200
    Byline.objects.create(article=article, author=ada.author, name="Ada Quill", position=1)
    assert client.get(f"/referee/reviews/{mine.pk}/").status_code == 404

    perform(article, "request_revision", by=bob, message="Please revise.", due_on=in_days(9), settle={str(r.pk): "kept" for r in (mine, other)})  # fmt: skip
    address = f"/referee/{token_of(other)}/"
    assert Client().get(address).status_code == 200
    article.handling.__class__.objects.update(held_until=None, held_status="")
    perform(article, "withdraw", by=alice)
    page = Client().get(address)
    assert page.status_code == 404
    assert article.latest.title not in page.content.decode()
