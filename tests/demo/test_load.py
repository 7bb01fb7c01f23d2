"""The demonstration is complete: everybody has something to do, and each piece has a true past."""

import datetime
import stat
from collections import Counter
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone

from accounts import roles
from accounts.models import User
from articles.models import Article, ErrorReport, FrontPick, Publication, Region, SearchEntry, Series, Tag
from articles.status import Status
from authors.models import Author
from demo import load
from demo.models import Loaded
from editorial import access, queue
from editorial.models import Approval, Event, Letter, Reminder
from editorial.perform import steps_for
from forum.models import Mail, Masthead, Page
from review.models import Review
from tests.demo.small import PUBLICATION, small_pictures

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def outcome(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[load.Outcome]:
    """Loaded once for the tests of this module, which only look at it; gone with the module's transaction."""
    from django.db import transaction

    var = tmp_path_factory.mktemp("demo")
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        small_pictures(),
        override_settings(VAR=var, MEDIA_ROOT=var / "media"),
    ):
        yield load.load(PUBLICATION)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _loaded(outcome) -> None:
    """For every test here."""


def piece(key: str) -> Article:
    return Article.objects.select_related("latest", "live", "handling").get(
        pk=Loaded.objects.get(key=f"article:{key}").row
    )


def user(email: str) -> User:
    return User.objects.get(email=email)


# --- What is there --------------------------------------------------------------------------------


def test_everything_of_the_content_is_there(outcome):
    assert outcome.left_out == []
    assert Masthead.current().name == "Meridian Review"
    assert Region.objects.count() == len(PUBLICATION.regions)
    assert Region.objects.get(name="Fiji").parent.parent.name == "Pacific"
    assert list(Region.objects.filter(parent=None).values_list("name", flat=True)) == [
        r.name for r in PUBLICATION.regions if not r.parent
    ]
    assert set(Tag.objects.values_list("name", flat=True)) == {topic.name for topic in PUBLICATION.topics}
    assert {author.name for author in Author.objects.all()} == {author.name for author in PUBLICATION.authors}
    assert Article.objects.count() == len(PUBLICATION.articles)
    for told in PUBLICATION.articles:
        made = piece(told.key)
        expected = (
            Status.RETRACTED if told.retraction else Status.PUBLISHED if told.state == "scheduled" else told.state
        )
        assert made.status == expected
        assert made.is_scheduled() == (told.state == "scheduled")
        assert made.has_pending_edits == bool(told.pending)
        assert [b.name for b in made.bylines.all()] == [PUBLICATION.author(b.author).name for b in told.bylines]
        assert [b.role for b in made.bylines.all()] == [b.role for b in told.bylines]
        if told.state in ("approval", "ready", "published", "scheduled", "editing", "revising"):
            assert set(made.regions.values_list("name", flat=True)) == set(told.regions)
            assert set(made.tags.values_list("name", flat=True)) == set(told.topics)
        if told.state in ("approval", "ready", "published", "scheduled"):
            image = made.latest.lead_image
            assert (image.alt, image.credit, image.licence) == (told.image.alt, told.image.credit, told.image.licence)
            assert (float(image.focal_x), float(image.focal_y)) == told.image.focus


def test_readers_get_the_right_text(outcome):
    now = timezone.now()
    public = [told for told in PUBLICATION.articles if told.state == "published" and not told.retraction]
    assert Article.objects.listed(now).count() == len(public) == SearchEntry.objects.exclude(public=None).count() - 1
    for told in public:
        made = piece(told.key)
        expected = told.correction.text if told.correction else told.text
        assert (made.live.title, made.live.body) == (expected.title, expected.body)
        zone = Masthead.current().zone
        assert made.published_on == made.published_at.astimezone(zone).date()
        assert made.published_on == now.astimezone(zone).date() - datetime.timedelta(days=told.days_ago)
        assert made.how_reviewed
        assert made.how_approved
    corrected = piece("cyclone-insurance").publications.first()
    assert (corrected.kind, corrected.note) == (
        Publication.Kind.CORRECTION,
        PUBLICATION.article("cyclone-insurance").correction.note,
    )
    scheduled = piece("monsoon-forecasts")
    assert not Article.objects.listed(now).filter(pk=scheduled.pk).exists()
    assert Article.objects.listed(scheduled.published_at).filter(pk=scheduled.pk).exists()


def test_pieces_are_read_as_the_page_on_review_says(outcome):
    """All three ways are there, and no long piece and none of a collection was left to one editor."""
    said = {told.key: piece(told.key).how_reviewed for told in PUBLICATION.articles if told.state == "published"}
    ways = (
        "Read and accepted by an editor, ",
        "Reviewed in house by two editors",
        "Peer reviewed, double anonymised, ",
    )
    assert {next(way for way in ways if line.startswith(way)) for line in said.values()} == set(ways)
    by_more = {told.key for told in PUBLICATION.articles if told.key in said and (told.series or told.read_by_two)}
    assert by_more >= {"small-pension", *PUBLICATION.series[1].pieces}
    assert not any(said[key].startswith(ways[0]) for key in by_more)


def test_a_translation_leads_to_its_original(outcome):
    for told in PUBLICATION.articles:
        made = piece(told.key)
        assert made.language == (told.language or "en")
        assert made.translation_of == (piece(told.translation_of) if told.translation_of else None)


def test_the_masthead_leads_to_its_pages(outcome):
    masthead = Masthead.current()
    for name, key in PUBLICATION.masthead_pages.items():
        link = masthead.page_link(name)
        assert link is not None
        assert link.url == f"/{key}/"


def test_every_past_is_in_order(outcome):
    now = timezone.now()
    for made in Article.objects.all():
        events = list(made.events.order_by("pk"))
        moments = [event.at for event in events]
        assert moments == sorted(moments)
        assert moments[-1] <= now
        assert events[0].transition == "begin"
        assert [e.from_status for e in events[1:]] == [e.to_status for e in events[:-1]]
        assert events[-1].to_status == made.status
        versions = list(made.revisions.order_by("number").values_list("at", flat=True))
        assert versions == sorted(versions)
        assert versions[-1] <= now
        for event in events:
            assert made.created_at <= event.revision.at <= event.at
        # Nobody decides on a piece of their own.
        authors = set(access.authors_with_account(made))
        assert all(
            event.by not in authors or event.transition in ("begin", "submit", "resubmit", "approve", "withdraw")
            for event in events
        )


def test_every_past_replays(outcome, capsys):
    call_command("verify_history")
    said = capsys.readouterr().out
    assert said.startswith(f"{len(PUBLICATION.articles)} pieces replayed from")
    assert said.endswith(": none differs.\n")


def test_a_past_is_not_of_today(outcome):
    """But for what its content says is of today."""
    midnight = timezone.now().astimezone(Masthead.current().zone).replace(hour=0, minute=0, second=0, microsecond=0)
    assert {(e.transition, e.article_id) for e in Event.objects.filter(at__gte=midnight)} <= {
        ("assign", piece("halal-industry").pk)
    }


def test_the_answer_to_a_letter_changes_the_text(outcome):
    made = piece("halal-industry")
    first, answered, edited = made.revisions.order_by("number")
    told = PUBLICATION.article("halal-industry")
    assert first.body == told.first.body
    assert answered.body == told.text.body
    assert edited.body == told.edited.text.body
    assert made.events.get(transition="resubmit").data["message"] == told.letter.response


def test_letters_are_of_their_day_and_few(outcome):
    letters = Letter.objects.select_related("event", "mail")
    assert 30 < len(letters) <= 140
    for letter in letters:
        assert letter.at == letter.event.at == letter.mail.queued_at
        assert letter.address.endswith(".example")
        assert "None" not in letter.text
    assert {letter.mail.state for letter in letters} == {Mail.State.WAITING}
    assert Mail.objects.count() == len(letters)


# --- Who is there ---------------------------------------------------------------------------------


def test_everyone_can_sign_in(outcome, client):
    found = load.accounts()
    assert Counter(account["role"] for account in found) == Counter(roles.ALL) + Counter([roles.EDITOR, roles.AUTHOR])
    assert stat.S_IMODE(load.accounts_file().stat().st_mode) == 0o600
    assert len({account["password"] for account in found}) == len(found)
    for account in found:
        person = user(account["email"])
        assert person.check_password(account["password"])
        assert person.has_role(account["role"])
        assert person.emailaddress_set.get().verified
        assert person.emailaddress_set.get().primary
        assert account["note"]
    client.post("/accounts/login/", {"login": found[0]["email"], "password": found[0]["password"]})
    assert "_auth_user_id" in client.session


def test_the_author_has_one_of_each(outcome):
    mele = user("mele@author.example")
    mine = Counter(made.status for made in access.own_pieces(mele) if queue.is_authors_turn(made, mele))
    assert mine == Counter([Status.DRAFT, Status.REVISING, Status.APPROVAL])
    approve = piece("second-cable")
    assert "approve" in [step.name for step, reasons in steps_for(mele, approve) if not reasons]
    assert "resubmit" in [step.name for step, reasons in steps_for(mele, piece("seasonal-work"))]


def test_each_editor_has_something_to_do(outcome):
    statuses = {}
    for email in ("editor@meridian.example", "second.editor@meridian.example", "managing.editor@meridian.example"):
        statuses[email] = {made.status for made in queue.waiting_for_editors(user(email))}
        assert Status.SUBMITTED in statuses[email]
    assert statuses["editor@meridian.example"] >= {Status.EDITING, Status.READY}
    assert Status.PUBLISHED in statuses["second.editor@meridian.example"], "edits that readers do not have yet"
    editor = user("editor@meridian.example")
    ready = piece("fuel-subsidies")
    assert "publish" in [step.name for step, reasons in steps_for(editor, ready) if not reasons]
    assert "reopen" in [
        step.name for step, _ in steps_for(user("managing.editor@meridian.example"), piece("single-currency"))
    ]


def test_the_copy_editor_has_a_text_to_edit(outcome):
    phoebe = user("copy.editor@meridian.example")
    made = piece("halal-industry")
    assert list(access.desk_pieces(phoebe)) == [made]
    assert access.why_not_edit_text(phoebe, made) == ""
    assert made.handling.editor == user("editor@meridian.example")
    assert Approval.objects.filter(state=Approval.State.ASKED).count() == 1


def test_series_pages_front_and_reports_are_there(outcome):
    for told in PUBLICATION.series:
        made = Series.objects.get(title=told.title)
        assert made.cover is not None
        assert [editor.author.name for editor in made.editors.all()] == [
            PUBLICATION.author(k).name for k in told.editors
        ]
        assert list(made.articles.order_by("series_position")) == [piece(key) for key in told.pieces]
    assert {page.slug for page in Page.objects.filter(is_published=True)} == {page.slug for page in PUBLICATION.pages}
    assert [link.label for link in Masthead.current().head_links] == [
        page.label or page.title for page in PUBLICATION.pages if page.navigation in ("head", "both")
    ]
    for section, keys in (("top", PUBLICATION.front), ("selection", PUBLICATION.selection)):
        assert [pick.article for pick in FrontPick.objects.filter(section=section)] == [piece(key) for key in keys]
    assert ErrorReport.objects.filter(state="new").count() == len(PUBLICATION.reports)


def test_one_piece_is_retracted_and_one_taken_down(outcome, client):
    retracted = next(told for told in PUBLICATION.articles if told.retraction)
    page = client.get(piece(retracted.key).get_absolute_url())
    assert page.status_code == 200
    assert retracted.retraction.reason[:60] in page.content.decode()
    gone = piece("reef-permits")
    day = gone.published_on
    assert client.get(f"/{day:%Y/%m/%d}/{gone.slug}/").status_code == 410


def test_refereed_pieces_show_every_stage(outcome, client):
    published = piece("village-fund")
    assert published.review_terms["rounds"] == published.review_terms["referees"] == 2
    assert "by two referees in two rounds" in client.get(published.get_absolute_url()).content.decode()
    states = {
        key: list(Review.objects.filter(round__article=piece(key)).order_by("label").values_list("state", flat=True))
        for key in ("ferry-hulls", "rice-brokers")
    }
    assert states == {"ferry-hulls": ["accepted", "invited", "listed"], "rice-brokers": ["submitted", "submitted"]}
    assert piece("rice-brokers").status == Status.IN_REVIEW
    # Somebody is late, somebody waits for a decision: both are an editor's to do.
    now = timezone.now()
    for key in states:
        handling = piece(key).handling
        assert handling.desk_from is not None
        assert handling.desk_from <= now
    # The account that reviews has one to do, and is on no desk.
    mine = Review.objects.get(referee__user=user("referee@meridian.example"))
    assert mine.state == "accepted"
    assert not Reminder.objects.filter(due_at__lte=now, sent_at=None, skipped_at=None, deadline__kind__in=("answer", "review")).exists()  # fmt: skip
