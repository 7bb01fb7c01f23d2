"""The demonstration is loaded once, can be interrupted, and leaves alone what people did since."""

import json
import stat
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from PIL import Image as Pillow

from accounts.models import User
from articles.models import Article, Image, Region, Tag
from articles.status import Status
from authors.models import Author
from demo import content, history, load
from demo.models import Loaded
from editorial import writing
from editorial.models import Event, Letter
from forum.models import Mail, Masthead
from tests.cast import draft
from tests.demo.small import SMALL, small_pictures

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_world(settings, tmp_path):
    """Passwords go where the test ends."""
    settings.VAR = tmp_path
    with small_pictures(), mock.patch.object(content, "read", return_value=SMALL):
        yield


@pytest.fixture
def outcome() -> load.Outcome:
    return load.load(SMALL)


def piece(key: str) -> Article:
    return Article.objects.select_related("latest", "live", "handling").get(
        pk=Loaded.objects.get(key=f"article:{key}").row
    )


def user(email: str) -> User:
    return User.objects.get(email=email)


def everything() -> dict[str, object]:
    """What a second run could have changed."""
    return {
        "counts": {
            model.__name__: model.objects.count()
            for model in (Article, Author, Event, Image, Letter, Loaded, Mail, Region, Tag, User)
        },
        "pieces": list(Article.objects.order_by("pk").values_list("pk", "status", "latest_id", "live_id", "slug")),
        "passwords": list(User.objects.order_by("pk").values_list("pk", "password")),
        "file": load.accounts_file().read_text(),
    }


# --- Mail ------------------------------------------------------------------------------------------


def test_a_real_mail_server_gets_none_of_them(settings):
    settings.DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    load.load(SMALL)
    assert set(Mail.objects.values_list("state", "error")) == {(Mail.State.FAILED, load.NOT_SENT)}


def test_the_worker_delivers_them(drain, mailoutbox):
    load.load(SMALL)
    drain()
    assert len(mailoutbox) == Letter.objects.count()
    assert set(Mail.objects.values_list("state", flat=True)) == {Mail.State.SENT}


# --- Again, and in between ------------------------------------------------------------------------


def test_a_second_run_changes_nothing(outcome, django_assert_max_num_queries):
    before = everything()
    with django_assert_max_num_queries(3):
        again = load.load(SMALL)
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
    Tag.objects.get(name="Trade").delete()
    Region.objects.get(name="Vietnam").delete()
    Region.objects.filter(name="Japan").update(name="Nippon")
    draft_piece = piece("kava-standards")
    writing.revise(draft_piece, by=mele, base=draft_piece.latest_id, title="Mine", in_brief="", body="<p>Mine.</p>")
    before = everything()
    assert load.load(SMALL) == load.Outcome()
    assert everything() == before
    assert Masthead.current().name == "My Review"
    assert not Tag.objects.filter(name="Trade").exists()
    assert not Region.objects.filter(name__in=("Vietnam", "Japan")).exists()
    assert piece("kava-standards").latest.title == "Mine"


def test_a_masthead_that_was_there_stays():
    Masthead(name="The Old Review", time_zone="Asia/Tokyo").save()
    load.load(SMALL)
    assert Masthead.current().name == "The Old Review"
    zone = Masthead.current().zone
    assert piece("rules-of-origin").published_at.astimezone(zone).hour == 8


@pytest.mark.parametrize("steps", [0, 1, 9, 21, 23, 24])
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
        load.load(SMALL)
    monkeypatch.undo()
    before = load.accounts()
    assert load.load(SMALL).left_out == []
    assert load.accounts() == before, "the passwords that were shown still hold"
    assert Article.objects.count() == len(SMALL.articles)
    assert Author.objects.count() == len(SMALL.authors)


def test_a_piece_is_loaded_wholly_or_not_at_all(monkeypatch):
    monkeypatch.setattr(history._Story, "edit", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load.load(SMALL)
    assert Article.objects.count() == 0
    assert Event.objects.count() == 0
    assert Mail.objects.count() == 0
    monkeypatch.undo()
    assert load.load(SMALL).left_out == []


def test_passwords_survive_a_crash_between_file_and_accounts(monkeypatch):
    monkeypatch.setattr(User, "give_role", lambda self, name: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load.load(SMALL)
    written = load.accounts()
    assert written
    assert not User.objects.exists()
    monkeypatch.undo()
    load.load(SMALL)
    assert load.accounts() == written
    assert all(user(account["email"]).check_password(account["password"]) for account in written)


def test_a_piece_whose_people_are_gone_is_left_out(monkeypatch):
    monkeypatch.setattr(load._Loader, "article", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load.load(SMALL)
    monkeypatch.undo()
    Author.objects.get(family_name="Kuragano").delete()
    outcome = load.load(SMALL)
    assert outcome.left_out == ["rules-of-origin: The author kuragano was deleted."]
    assert Article.objects.count() == len(SMALL.articles) - 1


# --- A site with pieces of its own ----------------------------------------------------------------


def test_a_site_with_pieces_of_its_own_is_spared(alice):
    mine = draft(alice)
    with pytest.raises(CommandError, match="1 piece of its own"):
        call_command("demo")
    assert not Loaded.objects.exists()
    assert not load.accounts_file().exists()
    call_command("demo", force=True)
    assert Article.objects.count() == len(SMALL.articles) + 1
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
    assert Image.objects.count() == sum(1 for told in SMALL.articles if told.image)
