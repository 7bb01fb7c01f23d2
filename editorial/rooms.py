"""What rooms above add to the desk, the portal and the words about a piece. They register in `AppConfig.ready()`.

Guards and effects have a registry of their own (`editorial.registry`), letters theirs (`letter_words.register`), due
dates theirs (`deadlines.register`).
"""

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db.models import Q
from django.http import HttpRequest
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from accounts.models import User
    from articles.models import Article
    from editorial.models import Event, Letter

Panel = Callable[[HttpRequest, "Article"], SafeString]
Words = Callable[["Article", datetime.datetime], str]

# Steps that are taken on a page of their own: {(step, state or "" for every state): name of its address, with the
# piece's id}. The ordinary page of the step leads there.
STEP_PAGES: dict[tuple[str, str], str] = {}
# Sections beside a piece at the desk, and below it in its authors' portal; empty where there is nothing to say.
DESK_PANELS: list[Panel] = []
PORTAL_PANELS: list[Panel] = []
# Links and counts on the front page of the desk.
FRONT_PANELS: list[Callable[[HttpRequest], SafeString]] = []
# By state: where the piece stands, as its authors are told; and what an editor should do next.
AUTHOR_WORDS: dict[str, Words] = {}
NEXT_WORDS: dict[str, Words] = {}
# What the timeline calls an event that is no step of the table.
EVENT_WORDS: dict[str, str] = {}
# Further lines of an event, for a viewer who may read them: (event, viewer) → [(name, value)].
EVENT_LINES: list[Callable[["Event", "User"], list[tuple[str, str]]]] = []
# Pieces that a person has no editorial access to, whatever their role: each returns a Q over Article.
RECUSED: list[Callable[["User"], Q]] = []
# The other way round: people who have no access to this piece, a Q over User.
RECUSED_FROM: list[Callable[["Article"], Q]] = []
# How somebody appears: asked in turn, the first that answers with words holds; see `editorial.appearance`.
EVENT_MASKS: list[Callable[["Event", "User"], "str | None"]] = []
LETTER_MASKS: list[Callable[["Letter", "User"], "str | None"]] = []


def step_page(step: str, status: str) -> str:
    """The name of the address where the step is taken from this state, or nothing for the ordinary page."""
    return STEP_PAGES.get((step, status)) or STEP_PAGES.get((step, ""), "")
