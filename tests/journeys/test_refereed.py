"""A refereed piece from its draft to its reader, six people at their own browsers, two of them referees without account.

Three are invited; one can't, one never answers and is replaced in one click, two review; a minor revision, a second
round, acceptance, the author's approval, publication. Days pass by moving what is due into the past.
"""

import datetime
import re
from typing import Any

import pytest
from django.core import mail as delivered
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from articles.models import Article
from articles.status import Status
from editorial import deadlines, replay, writing
from editorial.models import Deadline, Handling, Letter, Reminder
from forum.mail import deliver
from forum.models import Mail, Masthead
from review.models import Review, Round
from tests.browser import ANYBODY, Window
from tests.cast import draft, region
from tests.journeys.test_one_piece import send_letter, type_text

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TITLE = "The tide tables of trade"
RITA, ROLF, RUTH, REMY = "rita@gauge.example", "rolf@levee.example", "ruth@sluice.example", "remy@weir.example"


def days_pass(days: int) -> None:
    """As if so many days had gone by since all that happened, and nothing had run meanwhile."""
    by = datetime.timedelta(days=days)
    Deadline.objects.filter(end="").update(due_on=F("due_on") - by)
    Reminder.objects.filter(sent_at=None, skipped_at=None).update(due_at=F("due_at") - by)
    Handling.objects.update(desk_from=F("desk_from") - by, held_until=F("held_until") - by, since=F("since") - by)
    Mail.objects.filter(state="waiting").update(not_before=F("not_before") - by, queued_at=F("queued_at") - by)
    Round.objects.filter(closed_at=None).update(opened_at=F("opened_at") - by, expected_on=F("expected_on") - by)
    Review.objects.filter(released_at__gt=timezone.now()).update(released_at=F("released_at") - by)


def worker_runs() -> int:
    """What the worker does in a minute: reminders that are due, and the mail that may go by now."""
    reminded = deadlines.run(timezone.now())
    for pk in Mail.objects.filter(state="waiting").order_by("queued_at", "pk").values_list("pk", flat=True):
        deliver(pk)
    return reminded


def desk(page: str, article: Article) -> str:
    return reverse(f"admin:review_{page}", args=[article.pk])


def link_in_mail(address: str) -> str:
    """The newest address that this person got by mail."""
    for message in reversed(delivered.outbox):
        if message.to == [address] and (found := re.search(r"https?://\S+/referee/\S+/", str(message.body))):
            return found[0]
    raise AssertionError(f"No link went to {address}.")


def subjects_to(address: str) -> list[str]:
    return [message.subject for message in delivered.outbox if message.to == [address]]


def invite(editor: Window, article: Article, name: str, email: str, *, only_list: bool = False) -> None:
    page = editor.open(desk("invite", article))
    page.locator("#add_form [name=name]").fill(name)
    page.locator("#add_form [name=email]").fill(email)
    if only_list:
        page.get_by_role("button", name="Only list as a next choice").click()
        return
    page.get_by_role("button", name="Next: the letter").click()
    expect(page.locator("textarea[name=text]")).to_have_value(re.compile(r"Dear \[name\]"))
    page.get_by_role("button", name="Invite", exact=True).click()


def agree(referee: Window, link: str) -> Any:
    page = referee.open(link)
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    assert "Alice" not in page.content()
    assert "Ada" not in page.content()
    page.get_by_label("I have no conflict of interest with this piece").check()
    page.get_by_role("button", name="Yes, I will review it").click()
    expect(page.get_by_role("heading", name="Your review")).to_be_visible()
    assert "Marlowe" not in page.content()
    return page


def write_review(page: Any, words: str, recommendation: str) -> None:
    page.fill("[name=for_author]", words)
    page.fill("[name=for_editor]", f"Between us: {recommendation.lower()} is right.")
    page.get_by_label(recommendation, exact=True).check()
    for group in (
        page.locator("fieldset, [role=radiogroup]").filter(has_text=re.compile("Is the argument sound")).all()[-1:]
    ):
        group.get_by_label("4", exact=True).check()
    page.get_by_role("button", name="Read over and send").click()
    page.get_by_role("button", name="Send the review").click()
    expect(page.get_by_text(words).first).to_be_visible()


def next_in_mail(label: str, page: Any) -> None:
    page.get_by_role("button", name="Next: read the letters").click()
    expect(page.locator("textarea[name^=letter-]").first).to_have_value(re.compile(r"Dear \[name\]"))
    page.get_by_role("button", name=label).first.click()


def test_six_people_and_two_rounds(
    alice: User, ada: User, bob: User, mara: User, settings: Any, window: ANYBODY
) -> None:
    settings.EMAIL_BACKEND = "forum.mail.OutboxBackend"
    Masthead(name="Meridian Review", time_zone="Australia/Sydney").save()
    article = draft(alice, title=TITLE)
    writing.add_byline(article, ada.author)
    author, coauthor, editor, manager = window(alice), window(ada, width=390), window(bob), window(mara)
    first, second = window(width=390), window()

    page = author.open(f"/contribute/{article.pk}/submit/")
    page.get_by_role("button", name="Submit", exact=True).click()

    # The editor sends it to referees, invites three and lists one more.
    page = editor.open(f"/admin/articles/article/{article.pk}/change/")
    page.get_by_role("link", name="Send to referees").first.click()
    page.get_by_label(re.compile("Double anonymised|Nobody sees")).first.check()
    if page.locator("[name=traces_seen]").count():
        page.locator("[name=traces_seen]").check()
    page.get_by_role("button", name="Next: read the letter").click()
    page.get_by_role("button", name=re.compile("Send the letter")).click()
    article.refresh_from_db()
    assert article.status == Status.IN_REVIEW
    for name, email in (("Rita Gauge", RITA), ("Rolf Levee", ROLF), ("Ruth Sluice", RUTH)):
        invite(editor, article, name, email)
    invite(editor, article, "Remy Weir", REMY, only_list=True)
    assert Review.objects.filter(state=Review.State.INVITED).count() == 3
    worker_runs()
    assert subjects_to(RITA) == []  # ten minutes in the outbox
    days_pass(1)
    worker_runs()
    assert len(subjects_to(RITA)) == len(subjects_to(ROLF)) == len(subjects_to(RUTH)) == 1
    expect(author.open(f"/contribute/{article.pk}/").get_by_text("looking for referees").first).to_be_visible()

    # One agrees, one can't; opening a link, as mail scanners do, changed nothing.
    second.open(link_in_mail(RUTH))
    assert Review.objects.filter(state=Review.State.INVITED).count() == 3
    agree(first, link_in_mail(RITA))
    page = second.open(link_in_mail(ROLF))
    page.get_by_label("No time").check()
    page.get_by_role("button", name="I can’t review it").click()
    assert Review.objects.get(referee__email=ROLF).state == Review.State.CANT

    # One never answers: reminded, though the worker was dead for a week, once; then replaced in one click.
    days_pass(7)
    assert worker_runs() == 1
    assert worker_runs() == 0
    assert len(subjects_to(RUTH)) == 2
    page = editor.open(desk("round", article))
    row = page.locator("li.referee", has_text="Ruth Sluice")
    expect(row.get_by_text("Late").first).to_be_visible()
    row.get_by_role("button", name="Replace by").click()
    ruth, remy = Review.objects.get(referee__email=RUTH), Review.objects.get(referee__email=REMY)
    assert (ruth.state, remy.state) == (Review.State.CANCELLED, Review.State.INVITED)
    days_pass(1)
    worker_runs()
    page = second.open(link_in_mail(RUTH))
    assert TITLE not in page.content()
    agree(second, link_in_mail(REMY))
    expect(author.open(f"/contribute/{article.pk}/").get_by_text("With two referees since").first).to_be_visible()

    # Both review; what is typed is kept before it is sent.
    page = first.open(link_in_mail(RITA))
    page.fill("[name=for_author]", "Half a thought about the tables")
    expect(page.get_by_text(re.compile("Saved")).first).to_be_visible()
    for _ in range(40):
        if Review.objects.get(referee__email=RITA).for_author:
            break
        page.wait_for_timeout(200)
    page.reload()
    expect(page.locator("[name=for_author]")).to_have_value("Half a thought about the tables")
    write_review(page, "The second table is upside down.", "Minor revision")
    assert first.has_no_sideways_scroll()
    write_review(second.open(link_in_mail(REMY)), "Say who pays for the harbour.", "Minor revision")

    # The author knows nothing of either yet. The editor recommends, the managing editor decides.
    for who in (author, coauthor):
        assert "upside down" not in who.open(f"/contribute/{article.pk}/").content()
    page = editor.open(desk("decide", article))
    expect(page.get_by_text("The second table is upside down.").first).to_be_visible()
    page.get_by_label("Minor revision", exact=True).check()
    page.get_by_role("button", name="Write it anew from the comments").click()
    expect(page.locator("textarea[name=message]")).to_have_value(re.compile("upside down(.|\n)*who pays"))
    page.fill("[name=advice]", "Two careful reviews, both for a minor revision.")
    page.get_by_role("button", name="Hand to the managing editor").click()
    page = manager.open(desk("decide", article))
    expect(page.get_by_text("Two careful reviews").first).to_be_visible()
    page.get_by_label("Minor revision", exact=True).check()
    page.fill("[name=due_on]", (timezone.localdate() + datetime.timedelta(days=14)).isoformat())
    next_in_mail("Send the letter", page)
    article.refresh_from_db()
    assert article.status == Status.REVISING
    assert "upside down" not in author.open(f"/contribute/{article.pk}/").content()
    days_pass(1)
    worker_runs()

    # The author reads it, revises and answers; the referees of the first round are asked again in one click.
    page = author.open(f"/contribute/{article.pk}/")
    expect(page.get_by_text("The second table is upside down.").first).to_be_visible()
    assert "Gauge" not in page.content()
    assert "Between us" not in page.content()
    assert "upside down" in coauthor.open(f"/contribute/{article.pk}/").content()
    page = author.open(f"/contribute/{article.pk}/write/")
    type_text(page, "The table stands the right way up now.")
    page.get_by_role("button", name="Save and send").click()
    page.fill("[name=message]", "We turned the table, and say who pays.")
    page.get_by_role("button", name="Send the revision").click()
    article.refresh_from_db()
    assert article.status == Status.IN_REVIEW
    page = editor.open(desk("round", article))
    if page.locator("[name=traces_seen]").count():
        page.locator("[name=traces_seen]").check()
        page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Invite those who reviewed before").click()
    days_pass(1)
    worker_runs()
    for who, address in ((first, RITA), (second, REMY)):
        page = agree(who, link_in_mail(address))
        expect(page.get_by_text("We turned the table").first).to_be_visible()
        page.get_by_role("link", name="Changes since your review").click()
        expect(page.locator("ins", has_text="the right way up").first).to_be_visible()
        write_review(who.open(link_in_mail(address)), f"All is well now, says {address[:4]}.", "Accept")

    # A slip, taken back before anybody heard of it; then accepted.
    page = editor.open(desk("decide", article))
    page.get_by_label("Decline", exact=True).check()
    page.fill("[name=message]", "We can’t take it.")
    page.fill("[name=note]", "A slip")
    next_in_mail("Send the letter", page)
    article.refresh_from_db()
    assert article.status == Status.DECLINED
    page = editor.open(f"/admin/articles/article/{article.pk}/step/take_back/")
    page.fill("[name=note]", "Pressed the wrong one")
    page.get_by_role("button", name="Take the decision back").click()
    article.refresh_from_db()
    assert article.status == Status.IN_REVIEW
    page = editor.open(desk("decide", article))
    page.get_by_label("Accept", exact=True).check()
    page.fill("[name=message]", "Accepted, with thanks.")
    next_in_mail("Send the letter", page)
    days_pass(1)
    worker_runs()
    assert not any("can’t take it" in str(message.body) for message in delivered.outbox)

    # Edited, approved by both authors, published; readers are told how it was reviewed.
    article.regions.add(region("Japan"))
    page = editor.open(f"/admin/articles/article/{article.pk}/step/request_approval/")
    page.fill("[name=due_on]", (timezone.localdate() + datetime.timedelta(days=5)).isoformat())
    send_letter(page, "Send the letters and ask for the author")
    for who in (author, coauthor):
        who.open(f"/contribute/{article.pk}/changes/").get_by_role("button", name="Approve", exact=True).click()
    page = editor.open(f"/admin/articles/article/{article.pk}/step/publish/")
    send_letter(page, "Send the letters and publish")
    article.refresh_from_db()
    assert article.is_public()
    page = window().open(article.get_absolute_url())
    expect(page.get_by_text(re.compile("double anonymised", re.IGNORECASE)).first).to_be_visible()
    assert article.review_terms["referees"] == 2
    assert article.review_terms["rounds"] == 2
    for name in ("Gauge", "Weir", "Sluice", "Levee"):
        assert name not in page.content()

    # Each referee was written to alone, and nothing but what was meant for them; the timeline replays.
    worker_runs()
    assert all(len(message.to) == 1 and not message.cc and not message.bcc for message in delivered.outbox)
    for message in delivered.outbox:
        if message.to[0] in (RITA, ROLF, RUTH, REMY):
            assert "Alice" not in str(message.message())
            assert "Ada Quill" not in str(message.message())
    told = Letter.objects.filter(kind="referee_told")
    # Those of the decision that was taken back were stopped.
    assert (told.filter(mail__state="sent").count(), told.filter(mail__state="stopped").count()) == (4, 2)
    # But for the moments that `days_pass` moved without an event.
    moved = ("since", "held_until", "due_on", "closed_at", "released_at")
    assert [found for found in replay.replay(article) if not any(name in found.field for name in moved)] == []
