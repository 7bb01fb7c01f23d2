"""Who may open which address: every address of the URLconf × role × method × whose it is.

The addresses are read from the URLconf, so that a new one without a rule here fails. A rule names those to whom the
address is open; to all others it is shut: they are asked to sign in, refused, or told that there is no such thing. Nobody
who is shut out changes anything, and no answer is ever a server error.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts import roles
from accounts.models import User
from articles.models import Article, ErrorReport, Region, Series, Tag
from articles.urls import SITEMAP_PART
from editorial import writing
from editorial.models import Change, Event, Letter
from forum import pages
from forum.models import Mail, Masthead, NavigationItem, Page
from review.models import Referee
from tests.cast import author_for, person, picture, piece_in

pytestmark = pytest.mark.django_db

# anna has the role of an administrator; ada wrote something else; carl edits the text of the piece at hand.
PEOPLE = ("nobody", "sam", "ada", "alice", "carl", "bob", "bea", "mara", "anna", "root")
EVERYBODY = frozenset(PEOPLE)
SIGNED_IN = EVERYBODY - {"nobody"}
MANAGERS = frozenset({"mara", "root"})
EDITORS = frozenset({"bob", "bea"}) | MANAGERS
TEXT = EDITORS | {"carl"}
KEEPERS = MANAGERS | {"anna"}  # of settings and accounts
STAFF = TEXT | {"anna"}
NO_ONE: frozenset[str] = frozenset()
UNKNOWN = 987_654_321


@dataclass(frozen=True)
class Rule:
    """To whom an address is open, for each target. A target is what the numbers and slugs of the address name."""

    open_to: frozenset[str]
    # The piece that bob, an editor, wrote himself and bea handles: closed to him, and to carl who does not edit it.
    open_to_bobs: frozenset[str] | None = None
    # What is not there is open to nobody, but where the address leads to a list whatever it names.
    open_to_unknown: frozenset[str] = NO_ONE


def everywhere(people: frozenset[str]) -> Rule:
    """For an address that names nothing."""
    return Rule(people, people, people)


PIECE_AT_DESK = Rule(TEXT, MANAGERS | {"bea"})
PIECE_OF_DECIDERS = Rule(EDITORS, MANAGERS | {"bea"})
OWN_PIECE = Rule(frozenset({"alice"}), frozenset({"bob"}))
PUBLIC = everywhere(EVERYBODY)
PUBLIC_THING = Rule(EVERYBODY, EVERYBODY)
DESK_PIECES = {
    "step/<slug:name>/": PIECE_OF_DECIDERS,
    "diff/": PIECE_AT_DESK,
    "version/<int:revision>/": PIECE_AT_DESK,
    "preview/": PIECE_AT_DESK,
}


def of_model(
    view: frozenset[str], add: frozenset[str], change: frozenset[str], delete: frozenset[str]
) -> dict[str, Rule]:
    """The stock addresses of a model at the desk. `change` is who may open the form, if only to read."""
    return {
        "": everywhere(view),
        "add/": everywhere(add),
        "<path:object_id>/history/": Rule(view, view),
        "<path:object_id>/delete/": Rule(delete, delete),
        "<path:object_id>/change/": Rule(change, change),
        # The way that old links took: it leads on to the form, whatever it names, and the form asks who may.
        "<path:object_id>/": everywhere(STAFF),
    }


MODELS: dict[str, dict[str, Rule]] = {
    "articles/article": of_model(TEXT, EDITORS, TEXT, NO_ONE)
    | {
        "<path:object_id>/history/": PIECE_AT_DESK,
        "<path:object_id>/change/": PIECE_AT_DESK,
        "tags/": everywhere(TEXT),
        "people/": everywhere(EDITORS),
        "pick/": everywhere(STAFF),  # pieces that readers have, for links
        "bulk/done/": everywhere(STAFF),  # leads on to the list where nothing was done
        "bulk/<slug:name>/": Rule(EDITORS, EDITORS),
        "views/save/": everywhere(TEXT),
        "views/<int:pk>/forget/": Rule(NO_ONE, NO_ONE),
        "<int:pk>/step/<slug:name>/": PIECE_OF_DECIDERS,
        "<int:pk>/assign/": PIECE_OF_DECIDERS,
        "<int:pk>/authors/": PIECE_OF_DECIDERS,
        "<int:pk>/conflict/": PIECE_AT_DESK,
        "<int:pk>/due/": PIECE_OF_DECIDERS,
        "<int:pk>/diff/": PIECE_AT_DESK,
        "<int:pk>/version/<int:revision>/": PIECE_AT_DESK,
        "<int:pk>/version/<int:revision>/seal/": Rule(MANAGERS, MANAGERS),
        "<int:pk>/preview/": PIECE_AT_DESK,
    },
    "authors/author": of_model(TEXT, EDITORS, TEXT, MANAGERS)
    | {"alike/": everywhere(MANAGERS), "<path:object_id>/merge/": Rule(MANAGERS, MANAGERS)},
    "articles/region": of_model(TEXT, EDITORS, TEXT, MANAGERS)
    | {
        "alike/": everywhere(MANAGERS),
        "<path:object_id>/merge/": Rule(MANAGERS, MANAGERS),
        "<path:object_id>/move/": Rule(EDITORS, EDITORS),
    },
    "articles/tag": of_model(TEXT, EDITORS, TEXT, MANAGERS)
    | {"alike/": everywhere(EDITORS), "<path:object_id>/merge/": Rule(EDITORS, EDITORS)},
    "articles/series": of_model(TEXT, EDITORS, TEXT, MANAGERS)
    | {
        # To read for who edits texts; what it changes is in tests/editorial/test_series_desk.py.
        "<int:pk>/pieces/": Rule(TEXT, TEXT),
        "alike/": everywhere(MANAGERS),
        "<path:object_id>/merge/": Rule(MANAGERS, MANAGERS),
    },
    "articles/image": of_model(TEXT, TEXT, TEXT, EDITORS)
    | {"pick/": everywhere(TEXT), "upload/": everywhere(TEXT), "describe/": everywhere(TEXT)},
    "review/referee": of_model(EDITORS, EDITORS, EDITORS, NO_ONE),
    "articles/frontpick": {"": everywhere(EDITORS), "preview/": everywhere(EDITORS)},
    "articles/errorreport": of_model(TEXT, NO_ONE, EDITORS, NO_ONE)
    | {"<path:object_id>/history/": Rule(EDITORS, EDITORS)},
    "editorial/change": of_model(MANAGERS, NO_ONE, MANAGERS, NO_ONE),
    "editorial/letter": of_model(TEXT, NO_ONE, TEXT, NO_ONE)
    | {"<int:pk>/again/": Rule(EDITORS, EDITORS), "<int:pk>/outbox/": Rule(EDITORS, EDITORS)},
    "editorial/lettertemplate": {
        "": everywhere(MANAGERS),
        "<slug:kind>/": Rule(MANAGERS, MANAGERS),
        "<slug:kind>/delivered/": Rule(MANAGERS, MANAGERS),
    },
    "forum/masthead": of_model(KEEPERS, NO_ONE, KEEPERS, NO_ONE),
    "forum/navigationitem": of_model(KEEPERS, KEEPERS, KEEPERS, NO_ONE)
    # One form for all of them: the others lead there.
    | {"<path:object_id>/change/": everywhere(KEEPERS)},
    "forum/page": of_model(KEEPERS, KEEPERS, KEEPERS, NO_ONE)
    | {
        "<int:pk>/preview/": Rule(KEEPERS, KEEPERS),
        "<int:pk>/versions/<int:number>/": Rule(KEEPERS, KEEPERS),
        "<int:pk>/versions/<int:number>/restore/": Rule(KEEPERS, KEEPERS),
    },
    "accounts/user": of_model(KEEPERS, frozenset({"anna", "root"}), KEEPERS, NO_ONE),
}

RULES: dict[str, Rule] = {
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    # --- the desk
    "admin/": everywhere(STAFF),
    "admin/login/": PUBLIC,
    "admin/logout/": PUBLIC,
    "admin/autocomplete/": everywhere(NO_ONE),  # only with the field that asks; tests/editorial has it
    "admin/jsi18n/": everywhere(STAFF),
    "admin/^(?P<app_label>articles|authors|editorial|forum|accounts|review)/$": everywhere(TEXT),  # of articles
    "admin/(?P<url>.*)$": everywhere(NO_ONE),
    # --- peer review, about no piece
    "admin/review/numbers/": everywhere(EDITORS),
    "admin/review/numbers/<slug:table>.csv": Rule(EDITORS, EDITORS),
    "admin/review/form/": everywhere(MANAGERS),
    "admin/review/<int:pk>/expect/": PIECE_OF_DECIDERS,
    "admin/review/form/settings/": everywhere(MANAGERS),
    "admin/review/<int:pk>/decide/": PIECE_OF_DECIDERS,
    "admin/review/<int:pk>/": PIECE_OF_DECIDERS,
    "admin/review/<int:pk>/send/": PIECE_OF_DECIDERS,
    "admin/review/<int:pk>/invite/": PIECE_OF_DECIDERS,
    "admin/review/<int:pk>/invite/<int:referee>/": PIECE_OF_DECIDERS,
    "admin/review/<int:pk>/reviews/<int:review>/": everywhere(
        NO_ONE
    ),  # one that was sent; tests/review/test_round_pages.py has it
    "admin/review/file/<int:pk>/": everywhere(
        NO_ONE
    ),  # to who decides about its piece; tests/review/test_released.py has it
    # --- the authors' portal
    "contribute/": everywhere(SIGNED_IN),
    "contribute/new/": everywhere(SIGNED_IN),
    "contribute/profile/": everywhere(SIGNED_IN),
    "contribute/pictures/": everywhere(SIGNED_IN),
    "contribute/pieces/": everywhere(SIGNED_IN),
    "contribute/join/<slug:token>/": PUBLIC,  # to whoever has the secret; tests/editorial/test_coauthors.py has it
    "contribute/invitations/<int:pk>/": everywhere(NO_ONE),  # to whom one went; the same
    "contribute/<int:pk>/authors/": OWN_PIECE,
    "contribute/<int:pk>/byline/": OWN_PIECE,
    "contribute/<int:pk>/": OWN_PIECE,
    "contribute/<int:pk>/write/": OWN_PIECE,
    "contribute/<int:pk>/changes/": OWN_PIECE,
    "contribute/<int:pk>/preview/": OWN_PIECE,
    "contribute/<int:pk>/reviews/<int:number>/<int:referee>/file/": everywhere(NO_ONE),  # once released; the same
    "contribute/<int:pk>/<slug:transition>/": OWN_PIECE,
    # --- the referees' pages
    "referee/": everywhere(SIGNED_IN),
}
REVIEW = ("", "save/", "remark/", "remark/<int:remark_pk>/", "send/", "more/", "cant/", "picture/<int:place>/", "file/")
# By a secret, or signed in to one's own; tests/review/test_referee_pages.py has both.
RULES |= {
    f"referee/{start}/{rest}": everywhere(NO_ONE) for start in ("<str:token>", "reviews/<int:pk>") for rest in REVIEW
}
for _model, _rules in MODELS.items():
    RULES |= {f"admin/{_model}/{_rest}": _rule for _rest, _rule in _rules.items()}


def addresses(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[str]:
    """Every pattern of the URLconf, as it is written."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        written = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, written)
        else:
            assert isinstance(pattern, URLPattern)
            yield written


def rule_of(pattern: str) -> Rule | None:
    """The rule of an address; accounts and what readers have go by their beginning."""
    if pattern in RULES:
        return RULES[pattern]
    if pattern.startswith("accounts/"):
        return everywhere(EVERYBODY)  # allauth asks for whom it needs; tests/accounts has its own
    if not pattern.startswith(("admin/", "contribute/", "referee/")):
        return Rule(EVERYBODY, EVERYBODY, EVERYBODY)  # what it may show is in tests/articles/test_visibility.py
    return None


def test_every_address_has_a_rule_and_every_rule_an_address() -> None:
    known = set(addresses())
    assert {pattern for pattern in known if rule_of(pattern) is None} == set()
    assert {pattern for pattern in RULES if pattern not in known} == set()


# --- The world that the addresses name -------------------------------------------------------------


@dataclass
class World:
    pieces: dict[str, Article]
    things: dict[str, int]


@pytest.fixture
def world(alice: User, ada: User, bob: User, bea: User, mara: User, carl: User) -> World:
    anothers = piece_in("published", author=ada, editor=bob, title="Adas piece")
    piece = piece_in("editing", author=alice, editor=bob, title="Alices piece")
    writing.assign(piece, by=mara, copy_editor=carl)
    author_for(bob, "Bob", "Harker")
    bobs = piece_in("editing", author=bob, editor=bea, title="Bobs piece")
    pages.write(Page(), by=mara, slug="about", title="About", body="<p>Us.</p>", is_published=True)
    Masthead.objects.get_or_create(pk=1)
    report = ErrorReport.objects.create(article=anothers, revision=anothers.live, text="A slip.")
    change = Change.objects.create(by=mara, action="changed", model="articles.tag", object_id="1", name="Tag")
    letter = Letter.objects.filter(article=piece).first() or Letter.objects.filter(article=anothers).first()
    assert letter is not None
    return World(
        {"alices": piece, "bobs": bobs},
        {
            "articles/region": Region.objects.create(name="Nowhere Islands").pk,
            "articles/tag": Tag.objects.create(name="Harbours to come", slug="harbours-to-come").pk,
            "articles/series": Series.objects.create(title="On harbours").pk,
            "articles/image": picture().pk,
            "articles/errorreport": report.pk,
            "authors/author": author_for(mara, "Mara", "Quill").pk,
            "editorial/change": change.pk,
            "editorial/letter": letter.pk,
            "review/referee": Referee.objects.create(name="Rita Gauge", email="rita@example.net").pk,
            "forum/masthead": 1,
            "forum/navigationitem": NavigationItem.objects.create(place="foot", label="Us", address="/about/").pk,
            "forum/page": Page.objects.get().pk,
            "accounts/user": alice.pk,
        },
    )


def written_out(pattern: str, target: str, world: World) -> str:
    """An address of the pattern that names the target: alices, bobs or unknown."""
    model = "/".join(pattern.split("/")[1:3]) if pattern.startswith("admin/") else ""
    is_piece = model == "articles/article" or pattern.startswith(("contribute/", "admin/review/<int:pk>/"))
    piece = world.pieces.get(target)
    if is_piece:  # noqa: SIM108  two kinds of address, told apart
        pk = piece.pk if piece else UNKNOWN
    else:
        pk = world.things.get(model, 1) if piece else UNKNOWN
    revision = piece.latest_id if piece else UNKNOWN
    is_known = piece is not None
    values = {
        "<int:pk>": str(pk),
        "<path:object_id>": str(pk),
        "<int:revision>": str(revision),
        "<int:number>": "1" if is_known else str(UNKNOWN),
        "<int:remark_pk>": "1",
        "<int:place>": "0",
        "<int:referee>": str(world.things["review/referee"] if is_known else UNKNOWN),
        "<int:review>": "1",
        "<slug:name>": ("tag" if "bulk" in pattern else "step_back") if is_known else "nothing",
        "<slug:table>": "months" if is_known else "nothing",
        "<slug:kind>": "accepted" if is_known else "nothing",
        "<slug:transition>": "ask_withdrawal" if is_known else "nothing",
        "<slug:slug>": "about" if is_known else "nothing",
        "<str:token>": uuid.uuid4().hex,
        "<slug:token>": uuid.uuid4().hex,
        "^(?P<app_label>articles|authors|editorial|forum|accounts|review)/$": "articles/",
        "(?P<url>.*)$": "nothing-at-all/",
        "^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "password/reset/key/1-x/",
        "(?P<year>[0-9]{4})": "2020",
        "(?P<month>[0-9]{2})": "01",
        "(?P<day>[0-9]{2})": "25",
        "(?P<slug>[-a-zA-Z0-9_]+)": "nothing",
        "(?P<path>.*)": "images/no/picture.jpg",
        f"(?P<name>{SITEMAP_PART})": "pages",
        "\\.": ".",
    }
    address = pattern
    for part, value in values.items():
        address = address.replace(part, value)
    address = "/" + address.replace("^", "").replace("$", "")
    assert not set("<>()?") & set(address), f"No value for a part of {pattern}"
    if pattern.endswith("diff/"):
        address += f"?a={revision}&b={revision}"
    return address


def is_shut(answer: Any) -> bool:
    """Asked to sign in, refused, or told that there is no such thing."""
    if answer.status_code in (401, 403, 404, 410):
        return True
    where = answer.headers.get("Location", "")
    # The stock admin leads back to the desk's first page from a form of nothing.
    return answer.status_code == 302 and ("/login/" in where or where in ("/admin/", "/contribute/"))


def trace() -> tuple[Any, ...]:
    """What a refused request must not have changed."""
    return (
        list(Article.objects.order_by("pk").values_list("pk", "status", "latest", "live", "slug")),
        Event.objects.count(),
        Change.objects.count(),
        Mail.objects.count(),
        ErrorReport.objects.values_list("state").count(),
        list(Region.objects.values_list("pk", "position")),
        Tag.objects.count(),
        Series.objects.count(),
        User.objects.count(),
    )


def clients(request: pytest.FixtureRequest) -> dict[str, Client]:
    found = {"nobody": Client()}
    for name in PEOPLE[1:]:
        user = (
            person("anna@example.org", "Anna Keys", roles.ADMINISTRATOR)
            if name == "anna"
            else request.getfixturevalue(name)
        )
        found[name] = Client()
        found[name].force_login(user)
    return found


SHARDS = 8


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("method", ["get", "post"])
def test_each_address_is_open_to_exactly_these(
    method: str, shard: int, world: World, request: pytest.FixtureRequest
) -> None:
    people = clients(request)
    wrong = []
    for pattern in sorted(addresses())[shard::SHARDS]:
        if "logout" in pattern or pattern.startswith("accounts/login"):
            continue  # it would end the very sessions that this test goes by
        rule = rule_of(pattern)
        assert rule is not None, pattern
        cache.clear()
        for target, wanted in (
            ("alices", rule.open_to),
            ("bobs", rule.open_to if rule.open_to_bobs is None else rule.open_to_bobs),
            ("unknown", rule.open_to_unknown),
        ):
            address = written_out(pattern, target, world)
            is_free = pattern.startswith("accounts/") or wanted == EVERYBODY
            # Those who are shut out first, all together, so that what they might have changed is looked at once.
            outside = [name for name in PEOPLE if name not in wanted]
            inside = [name for name in PEOPLE if name in wanted]
            if is_free:
                outside, inside = [], ["nobody", "sam", "mara"]
            before = trace() if outside and method != "get" else None
            for name in outside:
                answer = asked(people[name], method, address)
                if answer.status_code >= 500:
                    wrong.append(f"{name} {method} {address}: {answer.status_code}")
                elif not is_shut(answer) and answer.status_code != 405:
                    wrong.append(f"{name} {method} {address}: open ({answer.status_code}), should be shut")
            if before is not None and trace() != before:
                wrong.append(f"{method} {address}: somebody who is shut out changed something")
            for name in inside:
                answer = asked(people[name], method, address)
                if answer.status_code >= 500:
                    wrong.append(f"{name} {method} {address}: {answer.status_code}")
                elif not is_free and method == "get" and is_shut(answer):
                    wrong.append(f"{name} {method} {address}: shut ({answer.status_code}), should be open")
    assert not wrong, "\n".join(wrong)


def asked(client: Client, method: str, address: str) -> Any:
    """The answer, a server error included."""
    client.raise_request_exception = False
    return getattr(client, method)(address)
