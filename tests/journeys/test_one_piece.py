"""One piece from its author's first line to a reader's page and a correction, each person at their own browser.

At every step an anonymous reader, a stranger with an account and another author find no trace of it.
"""

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from articles.models import Article
from articles.status import Status
from demo import content
from editorial.models import Letter
from forum.models import Mail, Masthead
from tests.browser import ANYBODY
from tests.cast import picture_file, region

pytestmark = pytest.mark.django_db(transaction=True)

# A word that stands nowhere else, in every part of the piece: whoever sees it has seen the piece.
CANARY = "Quokkafjord"


def traces(somebody: User | None, article: Article | None) -> list[str]:
    """Addresses at which this person sees anything of the piece."""
    client = Client()
    if somebody is not None:
        client.force_login(somebody)
    paths = [
        "/",
        "/archive/",
        "/regions/",
        "/regions/japan/",
        "/topics/",
        "/authors/",
        "/series/",
        "/feed/",
        f"/search/?q={CANARY}",
    ]
    paths += ["/contribute/", "/authors/alice-marlowe/", "/sitemap.xml", "/admin/", "/admin/articles/article/"]
    if article is not None:
        day = timezone.localdate()
        paths += [
            f"/contribute/{article.pk}/",
            f"/contribute/{article.pk}/write/",
            f"/contribute/{article.pk}/changes/",
        ]
        paths += [f"/admin/articles/article/{article.pk}/change/", f"/admin/articles/article/{article.pk}/preview/"]
        paths += [f"/{day:%Y/%m/%d}/{article.slug}/", f"/{day:%Y/%m/%d}/{article.slug}/print/"]
    # The search page repeats what was asked for, so there the rest of the title is looked for.
    return [
        path for path in paths
        if ("tides of" if "/search/" in path else CANARY.lower()) in client.get(path, follow=True).content.decode().lower()
    ]  # fmt: skip


def type_text(page: Any, text: str) -> None:
    """Type into the rich text editor, a paragraph for each line."""
    editor = page.locator("#id_body[contenteditable]")
    stored = page.locator("textarea[name=body]").input_value()
    # The editor stands once it shows what is stored.
    expect(editor).to_contain_text(re.sub(r"<[^>]+>.*", "", stored.removeprefix("<p>"))[:20])
    editor.focus()
    # To the end: a key for it would be pressed before the editor has taken in where the click was.
    editor.evaluate(
        """editor => {
          const all = document.createRange();
          all.selectNodeContents(editor);
          all.collapse(false);
          getSelection().removeAllRanges();
          getSelection().addRange(all);
        }"""
    )
    page.wait_for_timeout(200)
    is_first = not editor.inner_text().strip()
    for line in text.split("\n"):
        if not is_first:
            page.keyboard.press("Enter")
        page.keyboard.insert_text(line)
        is_first = False


def send_letter(page: Any, label: str) -> None:
    """From a step's questions to its letter, read it, and send it with the step."""
    page.get_by_role("button", name="Next: read the letter").click()
    expect(page.locator("textarea[name^=letter-]").first).to_have_value(re.compile(r"Dear \[name\]"))
    page.get_by_role("button", name=label).click()
    expect(page.get_by_text("Done. The piece is now")).to_be_visible()


def plain_body(key: str) -> str:
    """The text of a piece of the demonstration, a paragraph a line."""
    html = content.read().article(key).text.body
    return "\n".join(re.sub(r"<[^>]+>", "", paragraph) for paragraph in re.findall(r"<p>(.*?)</p>", html, re.DOTALL))


def test_from_draft_to_reader_and_a_correction(
    alice: User,
    ada: User,
    bob: User,
    sam: User,
    settings: Any,
    drain: Callable[[], None],
    window: ANYBODY,
    tmp_path: Any,
) -> None:
    settings.EMAIL_BACKEND = "forum.mail.OutboxBackend"
    Masthead(name="Meridian Review", time_zone="Australia/Sydney").save()
    region("Japan")
    author, editor = window(alice, width=390), window(bob)
    reader = window()

    def nobody_else_sees_it(article: Article | None = None) -> None:
        assert [traces(stranger, article) for stranger in (None, sam, ada)] == [[], [], []]

    # The author writes on a phone, saves half of it, and goes on.
    page = author.open("/contribute/new/")
    page.fill("[name=title]", f"The tides of {CANARY}")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("Saved at")).to_be_visible()
    article = Article.objects.get()
    nobody_else_sees_it(article)
    page.goto(f"{author.address}/contribute/{article.pk}/submit/")
    expect(page.get_by_text("The In Brief is missing.")).to_be_visible()
    page.goto(f"{author.address}/contribute/{article.pk}/write/")
    page.fill("[name=in_brief]", f"{CANARY} rises slowly. Those who plan for it pay once, those who wait pay twice.")
    type_text(page, f"{CANARY} is a harbour of the mind.\n" + plain_body("delta-salt"))
    page.fill("[name=conflict_of_interest]", "None")
    page.fill("[name=appeared_elsewhere]", "Nowhere")
    page.fill("[name=suggested_regions]", "Japan")
    page.get_by_role("button", name="Save and submit").click()
    expect(page.get_by_text("Everything is there")).to_be_visible()
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_text("The editors read it and write to you").first).to_be_visible()
    assert author.has_no_sideways_scroll()
    article.refresh_from_db()
    assert article.status == Status.SUBMITTED
    assert "&nbsp;" not in article.latest.body
    nobody_else_sees_it(article)

    # The editor finds it waiting and asks for a revision.
    page = editor.open("/admin/")
    page.get_by_role("link", name=f"The tides of {CANARY}").first.click()
    page.get_by_role("link", name="Ask for a revision").click()
    page.fill("[name=message]", "Please say in the second paragraph who pays.")
    page.fill("[name=due_on]", (timezone.localdate() + datetime.timedelta(days=7)).isoformat())
    send_letter(page, "Send the letter and ask for a revision")
    article.refresh_from_db()
    assert article.status == Status.REVISING
    assert article.handling.editor == bob
    nobody_else_sees_it(article)

    # The author reads the letter, revises with a response.
    page = author.open(f"/contribute/{article.pk}/")
    expect(page.get_by_text("who pays").first).to_be_visible()
    page.goto(f"{author.address}/contribute/{article.pk}/write/")
    type_text(page, f"Those who live by {CANARY} pay.")
    page.get_by_role("button", name="Save and send").click()
    page.fill("[name=message]", "It says so at the end.")
    page.get_by_role("button", name="Send the revision").click()
    article.refresh_from_db()
    assert article.status == Status.SUBMITTED
    nobody_else_sees_it(article)

    # The editor accepts it, edits, gives it a region, a topic and a picture, and asks for approval.
    page = editor.open(f"/admin/articles/article/{article.pk}/change/")
    page.get_by_role("link", name="Accept").click()
    send_letter(page, "Send the letter and accept")
    page.goto(f"{editor.address}/admin/articles/article/{article.pk}/change/")
    page.fill("[name=in_brief]", f"{CANARY} rises slowly. Plan for it and pay once; wait and pay twice.")
    type_text(page, "A sentence that the editor added.")
    page.get_by_role("button", name="Save", exact=True).first.click()
    article.refresh_from_db()
    assert article.latest.by == bob
    article.regions.add(region("Japan"))
    nobody_else_sees_it(article)
    page.goto(f"{editor.address}/admin/articles/article/{article.pk}/step/request_approval/")
    page.fill("[name=due_on]", (timezone.localdate() + datetime.timedelta(days=3)).isoformat())
    send_letter(page, "Send the letter and ask for the author")
    article.refresh_from_db()
    assert article.status == Status.APPROVAL
    nobody_else_sees_it(article)

    # The author sees exactly what changed, and approves.
    page = author.open(f"/contribute/{article.pk}/changes/")
    expect(page.locator("ins", has_text="A sentence that the editor added.").first).to_be_visible()
    page.get_by_role("button", name="Approve", exact=True).click()
    article.refresh_from_db()
    assert article.status == Status.READY
    nobody_else_sees_it(article)

    # Scheduled some seconds ahead; nothing runs, and it appears.
    page = editor.open(f"/admin/articles/article/{article.pk}/step/publish/")
    at = (timezone.now() + datetime.timedelta(hours=1)).astimezone(Masthead.current().zone)
    page.locator("[name=at]").fill(f"{at:%Y-%m-%dT%H:%M}")
    send_letter(page, "Send the letter and publish")
    article.refresh_from_db()
    assert article.is_scheduled()
    nobody_else_sees_it(article)
    page.goto(f"{editor.address}/admin/articles/article/{article.pk}/step/unschedule/")
    send_letter(page, "Send the letter and unschedule")
    page.goto(f"{editor.address}/admin/articles/article/{article.pk}/step/publish/")
    send_letter(page, "Send the letter and publish")
    article.refresh_from_db()
    assert article.is_public()

    # A reader finds and reads it.
    page = reader.open("/")
    page.get_by_role("link", name=f"The tides of {CANARY}").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"The tides of {CANARY}")
    for words in (
        "Alice Marlowe",
        "Tidewater University",
        "A sentence that the editor added.",
        "min read",
        "Approved by the author",
    ):
        expect(page.get_by_text(words).first).to_be_visible()
    reader.open(f"/search/?q={CANARY.lower()}")
    expect(page.get_by_role("link", name=f"The tides of {CANARY}").first).to_be_visible()

    # A correction with a public note, in the open at once.
    page = editor.open(f"/admin/articles/article/{article.pk}/change/")
    type_text(page, "It was in June.")
    page.get_by_role("button", name="Save", exact=True).first.click()
    assert "It was in June." not in reader.open(article.get_absolute_url()).content()
    page = editor.open(f"/admin/articles/article/{article.pk}/step/update/")
    page.get_by_label("Correction").check()
    page.fill("[name=public_note]", "An earlier version said May; it was in June.")
    send_letter(page, "Send the letter and publish the changes")
    page = reader.open(article.get_absolute_url())
    expect(page.get_by_text("It was in June.", exact=True)).to_be_visible()
    expect(page.get_by_text("An earlier version said May").first).to_be_visible()

    # Every letter reached the mail server, with both parts.
    drain()
    kinds = list(Letter.objects.order_by("at", "pk").values_list("kind", flat=True))
    assert kinds == [
        "submitted", "submitted_desk", "revision_requested", "resubmitted", "accepted", "approval_requested", "approved",
        "published", "unscheduled", "published", "updated",
    ]  # fmt: skip
    assert set(Mail.objects.values_list("state", flat=True)) == {"sent"}


def test_the_portal_works_without_scripts(alice: User, bob: User, window: ANYBODY) -> None:
    author = window(alice, java_script_enabled=False)
    page = author.open("/contribute/new/")
    page.fill("[name=title]", "Without a script")
    page.fill("[name=in_brief]", "A short argument in a few words that says what the piece says.")
    page.fill("[name=body]", plain_body("rules-of-origin").replace("\n", "\n\n"))
    page.fill("[name=conflict_of_interest]", "None")
    page.fill("[name=appeared_elsewhere]", "Nowhere")
    file = picture_file()
    page.set_input_files("[name=picture_file]", {"name": "crane.jpg", "mimeType": "image/jpeg", "buffer": file.read()})
    page.fill("[name=alt]", "A crane")
    page.fill("[name=credit]", "Photo: A Photographer")
    page.get_by_role("button", name="Save and submit").click()
    page.get_by_role("button", name="Submit", exact=True).click()
    article = Article.objects.get()
    assert article.status == Status.SUBMITTED
    assert article.latest.body.count("<p>") > 5
    assert article.latest.lead_image is not None
