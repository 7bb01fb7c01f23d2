"""The demonstration: complete, with a true past for each piece, loaded once, and never in the way of a person's own changes."""

import datetime
import io
import json
import stat
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from PIL import Image as Pillow

from accounts import roles
from accounts.models import User
from articles.models import Article, Image, Publication, Region, SearchEntry, Tag
from articles.status import Status
from authors.models import Author
from demo import content, history, images, load
from demo.models import Loaded
from editorial import access, queue, writing
from editorial.models import Approval, Event, Letter
from editorial.perform import steps_for
from forum.models import Mail, Masthead
from tests.cast import draft

pytestmark = pytest.mark.django_db
PUBLICATION = content.read()


@pytest.fixture(autouse=True)
def _small_world(monkeypatch, settings, tmp_path):
    """Pictures are drawn in test_content; here a small one stands for each. Passwords go where the test ends."""
    out = io.BytesIO()
    Pillow.new("RGB", (400, 225), "#456789").save(out, "JPEG")
    monkeypatch.setattr(images, "draw", lambda kind, seed: out.getvalue())
    settings.VAR = tmp_path


@pytest.fixture
def outcome() -> load.Outcome:
    return load.load(PUBLICATION)


def piece(key: str) -> Article:
    return Article.objects.select_related("latest", "live", "handling").get(pk=Loaded.objects.get(key=f"article:{key}").row)


def user(email: str) -> User:
    return User.objects.get(email=email)


def everything() -> dict[str, object]:
    """What a second run could have changed."""
    return {
        "counts": {model.__name__: model.objects.count() for model in (Article, Author, Event, Image, Letter, Loaded, Mail, Region, Tag, User)},
        "pieces": list(Article.objects.order_by("pk").values_list("pk", "status", "latest_id", "live_id", "slug")),
        "passwords": list(User.objects.order_by("pk").values_list("pk", "password")),
        "file": load.accounts_file().read_text(),
    }


# --- What is there --------------------------------------------------------------------------------


def test_everything_of_the_content_is_there(outcome):
    assert outcome.left_out == []
    assert Masthead.current().name == "Meridian Review"
    assert Region.objects.count() == len(PUBLICATION.regions)
    assert Region.objects.get(name="Fiji").parent.parent.name == "Pacific"
    assert list(Region.objects.filter(parent=None).values_list("name", flat=True)) == [r.name for r in PUBLICATION.regions if not r.parent]
    assert set(Tag.objects.values_list("name", flat=True)) == {topic.name for topic in PUBLICATION.topics}
    assert {author.name for author in Author.objects.all()} == {author.name for author in PUBLICATION.authors}
    assert Article.objects.count() == len(PUBLICATION.articles)
    for told in PUBLICATION.articles:
        made = piece(told.key)
        assert made.status == (Status.PUBLISHED if told.state == "scheduled" else told.state)
        assert made.is_scheduled() == (told.state == "scheduled")
        assert made.has_pending_edits == bool(told.pending)
        assert [b.name for b in made.bylines.all()] == [PUBLICATION.author(b.author).name for b in told.bylines]
        assert [b.role for b in made.bylines.all()] == [b.role for b in told.bylines]
        if told.state in ("approval", "ready", "published", "scheduled", "editing", "revising"):
            assert set(made.regions.values_list("name", flat=True)) == set(told.regions)
            assert set(made.tags.values_list("name", flat=True)) == set(told.topics)
        if told.state in ("approval", "ready", "published", "scheduled"):
            image = made.latest.lead_image
            assert (image.alt, image.credit, image.licence) == (told.image.alt, told.image.credit, Image.Licence.OWN)
            assert (float(image.focal_x), float(image.focal_y)) == told.image.focus


def test_readers_get_the_right_text(outcome):
    now = timezone.now()
    public = [told for told in PUBLICATION.articles if told.state == "published"]
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
    assert (corrected.kind, corrected.note) == (Publication.Kind.CORRECTION, PUBLICATION.article("cyclone-insurance").correction.note)
    scheduled = piece("monsoon-forecasts")
    assert not Article.objects.listed(now).filter(pk=scheduled.pk).exists()
    assert Article.objects.listed(scheduled.published_at).filter(pk=scheduled.pk).exists()


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
        assert all(event.by not in authors or event.transition in ("begin", "submit", "resubmit", "approve", "withdraw") for event in events)


def test_a_past_is_not_of_today(outcome):
    """But for what its content says is of today."""
    midnight = timezone.now() - datetime.timedelta(days=1)
    assert {(e.transition, e.article_id) for e in Event.objects.filter(at__gte=midnight)} <= {("assign", piece("halal-industry").pk)}


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
    assert 30 < len(letters) <= 100
    for letter in letters:
        assert letter.at == letter.event.at == letter.mail.queued_at
        assert letter.recipient.email.endswith(".example")
        assert "None" not in letter.text
    assert {letter.mail.state for letter in letters} == {Mail.State.WAITING}
    assert Mail.objects.count() == len(letters)


def test_a_real_mail_server_gets_none_of_them(settings):
    settings.DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    load.load(PUBLICATION)
    assert set(Mail.objects.values_list("state", "error")) == {(Mail.State.FAILED, load.NOT_SENT)}


def test_the_worker_delivers_them(drain, mailoutbox):
    load.load(PUBLICATION)
    drain()
    assert len(mailoutbox) == Letter.objects.count()
    assert set(Mail.objects.values_list("state", flat=True)) == {Mail.State.SENT}


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
    assert "reopen" in [step.name for step, _ in steps_for(user("managing.editor@meridian.example"), piece("single-currency"))]


def test_the_copy_editor_has_a_text_to_edit(outcome):
    phoebe = user("copy.editor@meridian.example")
    made = piece("halal-industry")
    assert list(access.desk_pieces(phoebe)) == [made]
    assert access.why_not_edit_text(phoebe, made) == ""
    assert made.handling.editor == user("editor@meridian.example")


# --- Again, and in between ------------------------------------------------------------------------


def test_a_second_run_changes_nothing(outcome, django_assert_max_num_queries):
    before = everything()
    with django_assert_max_num_queries(3):
        again = load.load(PUBLICATION)
    assert again == load.Outcome()
    assert everything() == before


def test_what_people_did_since_stays(outcome):
    masthead = Masthead.current()
    masthead.name = "My Review"
    masthead.save()
    mele = user("mele@author.example")
    mele.set_password("my own password, thank you")
    mele.email = "mele@elsewhere.example"
    mele.save()
    Author.objects.filter(user=mele).update(family_name="Renamed")
    Tag.objects.get(name="Oceans").delete()
    Region.objects.get(name="Nauru").delete()
    Region.objects.filter(name="Japan").update(name="Nippon")
    draft_piece = piece("kava-standards")
    writing.revise(draft_piece, by=mele, base=draft_piece.latest_id, title="Mine", in_brief="", body="<p>Mine.</p>")
    before = everything()
    assert load.load(PUBLICATION) == load.Outcome()
    assert everything() == before
    assert Masthead.current().name == "My Review"
    assert not Tag.objects.filter(name="Oceans").exists()
    assert not Region.objects.filter(name__in=("Nauru", "Japan")).exists()
    assert piece("kava-standards").latest.title == "Mine"


def test_a_masthead_that_was_there_stays():
    Masthead(name="The Old Review", time_zone="Asia/Tokyo").save()
    load.load(PUBLICATION)
    assert Masthead.current().name == "The Old Review"
    zone = Masthead.current().zone
    assert piece("rules-of-origin").published_at.astimezone(zone).hour == 8


@pytest.mark.parametrize("steps", [0, 1, 30, 79, 81, 95])
def test_an_interrupted_load_goes_on(steps, monkeypatch):
    original, done = load._Loader.once, 0

    def once(self, key, make):
        nonlocal done
        if done == steps:
            raise KeyboardInterrupt
        done += 1
        original(self, key, make)

    monkeypatch.setattr(load._Loader, "once", once)
    with pytest.raises(KeyboardInterrupt):
        load.load(PUBLICATION)
    monkeypatch.undo()
    before = load.accounts()
    assert load.load(PUBLICATION).left_out == []
    assert load.accounts() == before, "the passwords that were shown still hold"
    assert Article.objects.count() == len(PUBLICATION.articles)
    assert Author.objects.count() == len(PUBLICATION.authors)


def test_a_piece_is_loaded_wholly_or_not_at_all(monkeypatch):
    monkeypatch.setattr(history._Story, "edit", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load.load(PUBLICATION)
    assert Article.objects.count() == 0
    assert Event.objects.count() == 0
    assert Mail.objects.count() == 0
    monkeypatch.undo()
    assert load.load(PUBLICATION).left_out == []


def test_passwords_survive_a_crash_between_file_and_accounts(monkeypatch):
    monkeypatch.setattr(User, "give_role", lambda self, name: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load.load(PUBLICATION)
    written = load.accounts()
    assert written
    assert not User.objects.exists()
    monkeypatch.undo()
    load.load(PUBLICATION)
    assert load.accounts() == written
    assert all(user(account["email"]).check_password(account["password"]) for account in written)


def test_a_piece_whose_people_are_gone_is_left_out(monkeypatch):
    monkeypatch.setattr(load._Loader, "article", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load.load(PUBLICATION)
    monkeypatch.undo()
    Author.objects.get(family_name="Karypbaeva").delete()
    outcome = load.load(PUBLICATION)
    assert outcome.left_out == ["winter-water: The author karypbaeva was deleted."]
    assert Article.objects.count() == len(PUBLICATION.articles) - 1


# --- A site with pieces of its own ----------------------------------------------------------------


def test_a_site_with_pieces_of_its_own_is_spared(alice):
    mine = draft(alice)
    with pytest.raises(CommandError, match="1 piece of its own"):
        call_command("demo")
    assert not Loaded.objects.exists()
    assert not load.accounts_file().exists()
    call_command("demo", force=True)
    assert Article.objects.count() == len(PUBLICATION.articles) + 1
    mine.refresh_from_db()
    assert mine.status == Status.DRAFT
    # The demonstration's own site may get pieces; it starts all the same.
    call_command("demo")


def test_an_account_of_somebody_else_is_not_taken_over():
    other = User.objects.create_user("Editor@Meridian.example", "their own password")
    with pytest.raises(CommandError, match="is not the demonstration’s"):
        call_command("demo")
    assert not other.groups.exists()
    assert User.objects.count() == 1


# --- The command ----------------------------------------------------------------------------------


def test_the_command_says_where_the_passwords_are(capsys):
    call_command("demo")
    assert "The demonstration is loaded." in capsys.readouterr().out
    load.accounts_file().unlink()
    before = list(User.objects.order_by("pk").values_list("password", flat=True))
    call_command("demo")
    assert "manage.py demo --new-passwords" in capsys.readouterr().out
    assert list(User.objects.order_by("pk").values_list("password", flat=True)) == before
    assert not load.accounts_file().exists()


def test_new_passwords_are_made_when_asked_for(outcome):
    old = {account["email"]: account["password"] for account in load.accounts()}
    load.accounts_file().unlink()
    mele = user("mele@author.example")
    mele.email = "mele@elsewhere.example"
    mele.save()
    call_command("demo", new_passwords=True, verbosity=0)
    new = json.loads(load.accounts_file().read_text())
    assert len(new) == len(old)
    assert stat.S_IMODE(load.accounts_file().stat().st_mode) == 0o600
    assert {account["email"] for account in new} - old.keys() == {"mele@elsewhere.example"}
    for account in new:
        assert user(account["email"]).check_password(account["password"])
        assert account["password"] != old.get(account["email"])


def test_with_a_database_of_ones_own_the_accounts_are_printed(settings, capsys):
    settings.IS_EMBEDDED = False
    call_command("demo")
    said = capsys.readouterr().out
    for account in load.accounts():
        assert account["email"] in said
        assert account["password"] in said


def test_help_has_an_example(capsys):
    with pytest.raises(SystemExit):
        call_command("demo", "--help")
    assert "Example: manage.py demo" in capsys.readouterr().out


def test_every_picture_is_stored(outcome, settings):
    for image in Image.objects.all():
        with Pillow.open(image.file) as opened:
            assert opened.size == (image.width, image.height)
        assert image.uploaded_by.email == "copy.editor@meridian.example"
    assert Image.objects.count() == sum(1 for told in PUBLICATION.articles if told.image)
    assert Approval.objects.filter(state=Approval.State.ASKED).count() == 1
