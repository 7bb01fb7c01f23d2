"""What rooms above add to the desk, the portal and the words about a piece. They register in `AppConfig.ready()`.

Guards and effects have a registry of their own (`editorial.registry`), letters theirs (`letter_words.register`), due
dates theirs (`deadlines.register`).
"""

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch, Q
from django.http import HttpRequest
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from accounts.models import User
    from articles.models import Article
    from editorial.appearance import Mask
    from editorial.models import Event, Letter

Panel = Callable[[HttpRequest, "Article"], SafeString]
Words = Callable[["Article", datetime.datetime], str]

# Steps that are taken on a page of their own: {(step, state or "" for every state): name of its address, with the
# piece's id}. The ordinary page of the step leads there.
STEP_PAGES: dict[tuple[str, str], str] = {}
# Sections beside a piece at the desk, and below it in its authors' portal; empty where there is nothing to say.
DESK_PANELS: list[Panel] = []
PORTAL_PANELS: list[Panel] = []
# The same beside the page on which an author revises.
WRITING_PANELS: list[Panel] = []
# What an author's step begins with, such as a list of what is to be answered: {(step, name of the question): words}.
FIRST_WORDS: dict[tuple[str, str], Words] = {}
# How a letter that waits is stopped, where more follows from it than that it does not go: {kind of letter: how}. It records
# what happened itself, and raises Blocked where it is too late.
STOPPERS: "dict[str, Callable[[Letter, User, datetime.datetime], None]]" = {}
# What waits for a person on the front page of the desk, before the pieces; and further pages of the desk, each a name and
# an address.
FRONT_PANELS: list[Callable[[HttpRequest], SafeString]] = []
FRONT_LINKS: list[Callable[[HttpRequest], list[tuple[str, str]]]] = []
# By state: where the piece stands, as its authors are told; and what an editor should do next.
AUTHOR_WORDS: dict[str, Words] = {}
NEXT_WORDS: "dict[str, Callable[[Article, User, datetime.datetime], str]]" = {}
# By state: the page where that is done, a name and an address; nothing where the person has no way there.
NEXT_PAGES: "dict[str, Callable[[Article, User], tuple[str, str] | None]]" = {}
# What those words read of a piece, for lists that ask for many at once.
WORDS_READ: "list[str | Prefetch[Any]]" = []
# What the timeline calls an event that is no step of the table.
EVENT_WORDS: dict[str, str] = {}
# Further lines of an event, for a viewer who may read them: (event, viewer) → [(name, value)].
EVENT_LINES: list[Callable[["Event", "User"], list[tuple[str, str]]]] = []
# Pieces that a person has no editorial access to, whatever their role: each returns a Q over Article.
RECUSED: list[Callable[["User"], Q]] = []
# The other way round: people who have no access to this piece, a Q over User.
RECUSED_FROM: list[Callable[["Article"], Q]] = []
# How the people of a piece appear to a viewer, asked in turn; see `editorial.appearance`, which asks them.
MASKS: "list[Callable[[Article, User], Mask]]" = []
# Letters and rows of the record of changes that a person must not read: each returns a Q over those rows.
LETTERS_HIDDEN: list[Callable[["User"], Q]] = []
CHANGES_HIDDEN: list[Callable[["User"], Q]] = []


def step_page(step: str, status: str) -> str:
    """The name of the address where the step is taken from this state, or nothing for the ordinary page."""
    return STEP_PAGES.get((step, status)) or STEP_PAGES.get((step, ""), "")
