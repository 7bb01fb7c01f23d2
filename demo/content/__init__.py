"""The demonstration's own publication, read from the files beside this one: `read() -> Publication`.

An article is TOML between two lines of `+++`, then its body in the HTML that `prose.sanitise` leaves untouched. Its
text is the author's; `first` (before the editors' letter), `edited` (the desk's version), `pending` (not given to
readers yet) and `correction` are made of it by replacing sentences, each of which must occur exactly once.
"""

import dataclasses
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

HERE = Path(__file__).parent
FENCE = "+++\n"
T = TypeVar("T")


class ContentError(Exception):
    """A content file that can't be read, with its name and what is wrong."""


@dataclass(frozen=True)
class DemoText:
    """One version of a text."""

    title: str
    in_brief: str
    body: str


@dataclass(frozen=True)
class DemoImage:
    """What to draw (`demo.images.draw`) and what to say about it."""

    kind: str
    seed: int
    alt: str
    caption: str
    credit: str
    # What must stay in view when it is cropped: shares of width and height, from the left and the top.
    focus: tuple[float, float] = (0.5, 0.5)
    licence: str = "own"  # of articles.Image.Licence


@dataclass(frozen=True)
class DemoByline:
    author: str  # key of a DemoAuthor
    role: str = "author"


@dataclass(frozen=True)
class DemoLetter:
    """The editor's letter that asked for a revision; with a response, the author has answered it."""

    message: str
    days_ago: int
    due_in_days: int
    response: str


@dataclass(frozen=True)
class DemoEdit:
    """The desk's text beside the author's, and how its approval was asked for or settled."""

    text: DemoText
    note: str
    days_ago: int
    due_in_days: int
    message: str
    approved_by_mail: str  # the quotation, where the author answered outside the site


@dataclass(frozen=True)
class DemoCorrection:
    text: DemoText
    before: str
    after: str
    note: str  # public
    days_ago: int


@dataclass(frozen=True)
class DemoDecision:
    """Why a piece was declined or withdrawn: a note for the desk, a letter to the author."""

    message: str
    note: str
    days_ago: int


@dataclass(frozen=True)
class DemoRetraction:
    """Why a published piece no longer stands: what readers are told, and a note for the desk."""

    reason: str
    note: str
    days_ago: int


@dataclass(frozen=True)
class DemoReferee:
    """One who reviews. With `person`, the key of somebody who signs in, the account; else a name and an address alone."""

    key: str
    name: str
    email: str
    affiliation: str
    person: str = ""


@dataclass(frozen=True)
class DemoOpinion:
    """One referee's part in a round; days are counted back from today, and -1 has not happened."""

    referee: str  # key of a DemoReferee
    invited: int
    answered: int = -1
    sent: int = -1
    recommendation: str = ""
    # To the questions that are answered by 1 to 5.
    rating: str = ""
    for_author: str = ""
    for_editor: str = ""


@dataclass(frozen=True)
class DemoRound:
    """One round of refereeing, and what was decided: "minor", "accept" or nothing yet."""

    opened: int
    opinions: tuple[DemoOpinion, ...]
    next_choices: tuple[str, ...] = ()
    decision: str = ""
    decided: int = -1
    message: str = ""
    response: str = ""
    answered: int = -1


@dataclass(frozen=True)
class DemoArticle:
    key: str  # the name of its file
    # A status of the workflow, or "scheduled": published at a moment still ahead. With a `retraction` it was published first.
    state: str
    text: DemoText  # the author's own
    bylines: tuple[DemoByline, ...]
    regions: tuple[str, ...]
    topics: tuple[str, ...]
    # Since it was published; for the others, since the author began or handed it in.
    days_ago: int
    scheduled_in_days: int
    conflict_of_interest: str
    appeared_elsewhere: str
    suggested_regions: str
    suggested_topics: str
    image: DemoImage | None = None
    first: DemoText | None = None  # what was handed in before the letter, where `text` answers it
    letter: DemoLetter | None = None
    edited: DemoEdit | None = None
    pending: DemoEdit | None = None
    correction: DemoCorrection | None = None
    decision: DemoDecision | None = None
    retraction: DemoRetraction | None = None
    rounds: tuple[DemoRound, ...] = ()
    language: str = ""  # as the publication's own where empty
    translation_of: str = ""  # key of the piece that it is a translation of, which readers had before
    series: str = ""  # key of a DemoSeries, with the piece's place in it
    series_position: int = 0
    # By two editors, as those of a series and those that came back from their author always are.
    read_by_two: bool = False


@dataclass(frozen=True)
class DemoAuthor:
    key: str
    affiliation: str
    bio: str
    given_name: str = ""
    family_name: str = ""
    single_name: str = ""
    is_family_first: bool = False
    native_name: str = ""
    other_names: tuple[str, ...] = ()
    orcid: str = ""
    has_account: bool = False
    email: str = ""

    @property
    def name(self) -> str:
        """The name as printed."""
        if self.single_name:
            return self.single_name
        parts = (self.family_name, self.given_name) if self.is_family_first else (self.given_name, self.family_name)
        return " ".join(parts)


@dataclass(frozen=True)
class DemoPerson:
    """Somebody who signs in to the desk."""

    key: str
    role: str  # one of accounts.roles.ALL
    name: str
    email: str
    note: str


@dataclass(frozen=True)
class DemoRegion:
    name: str
    description: str
    parent: str = ""


@dataclass(frozen=True)
class DemoTopic:
    name: str
    description: str


@dataclass(frozen=True)
class DemoSeries:
    """A special feature or an issue; its pieces are keys, in order."""

    key: str
    title: str
    kind: str  # of articles.Series.Kind
    introduction: str
    editors: tuple[str, ...]  # keys of authors
    pieces: tuple[str, ...]
    cover: DemoImage
    number: str = ""


@dataclass(frozen=True)
class DemoPage:
    """A plain page; `navigation` says where its link stands, under `label` where the title is long."""

    key: str
    slug: str
    title: str
    body: str
    navigation: str  # head, foot, both or nothing
    order: int
    label: str = ""


@dataclass(frozen=True)
class DemoReport:
    """What a reader found wrong in a piece."""

    article: str
    text: str
    email: str
    days_ago: int


@dataclass(frozen=True)
class Publication:
    masthead: dict[str, str]  # fields of forum.Masthead, but for those that name a page
    people: tuple[DemoPerson, ...]
    authors: tuple[DemoAuthor, ...]
    regions: tuple[DemoRegion, ...]  # parents before children
    topics: tuple[DemoTopic, ...]
    articles: tuple[DemoArticle, ...]  # published ones from the oldest on, then the others
    series: tuple[DemoSeries, ...] = ()
    pages: tuple[DemoPage, ...] = ()
    masthead_pages: dict[str, str] = dataclasses.field(default_factory=dict)  # such a field, and the key of its page
    front: tuple[str, ...] = ()  # keys of the pieces that the front page puts first, the lead before the others
    selection: tuple[str, ...] = ()  # keys of the pieces of the editors' selection
    reports: tuple[DemoReport, ...] = ()
    referees: tuple[DemoReferee, ...] = ()

    def author(self, key: str) -> DemoAuthor:
        """The author of that key."""
        return next(author for author in self.authors if author.key == key)

    def article(self, key: str) -> DemoArticle:
        """The article of that key."""
        return next(article for article in self.articles if article.key == key)


def read() -> Publication:
    """The whole of it. Raises ContentError, naming the file, where something is missing or unknown."""
    series = tuple(_series(row) for row in _toml("series.toml")["series"])
    front = _toml("front.toml")
    places = {key: (one.key, place) for one in series for place, key in enumerate(one.pieces, 1)}
    masthead = _toml("masthead.toml")
    retraction = _toml("retraction.toml")
    retracted = retraction.pop("article")

    def placed(piece: DemoArticle) -> DemoArticle:
        of, place = places.get(piece.key, ("", 0))
        gone = _make(DemoRetraction, dict(retraction), "retraction.toml") if piece.key == retracted else None
        return dataclasses.replace(piece, series=of, series_position=place, retraction=gone)

    return Publication(
        masthead={name: said for name, said in masthead.items() if not name.endswith("_page")},
        masthead_pages={name: key for name, key in masthead.items() if name.endswith("_page")},
        people=tuple(_make(DemoPerson, row, "cast.toml") for row in _toml("cast.toml")["people"]),
        authors=tuple(_make(DemoAuthor, row, "authors.toml") for row in _toml("authors.toml")["authors"]),
        regions=tuple(_make(DemoRegion, row, "regions.toml") for row in _toml("regions.toml")["regions"]),
        topics=tuple(_make(DemoTopic, row, "topics.toml") for row in _toml("topics.toml")["topics"]),
        articles=tuple(
            sorted(
                (placed(article(path.stem, path.read_text("utf-8"))) for path in (HERE / "articles").glob("*.html")),
                key=lambda piece: (piece.state != "published", -piece.days_ago, piece.key),
            )
        ),
        series=series,
        pages=tuple(
            sorted(
                (_page(path.stem, path.read_text("utf-8")) for path in (HERE / "pages").glob("*.html")),
                key=lambda page: (page.order, page.key),
            )
        ),
        front=(front["lead"], *front["featured"]),
        selection=tuple(front["selection"]),
        referees=tuple(_make(DemoReferee, row, "referees.toml") for row in _toml("referees.toml")["referees"]),
        reports=tuple(_make(DemoReport, row, "reports.toml") for row in _toml("reports.toml")["reports"]),
    )


def _series(row: dict[str, Any]) -> DemoSeries:
    cover = _make(DemoImage, row.pop("cover"), "series.toml")
    return _make(DemoSeries, row | {"cover": cover, "introduction": row["introduction"].strip()}, "series.toml")


def _page(key: str, source: str) -> DemoPage:
    front, body = _parts(key, source)
    return _make(DemoPage, front | {"key": key, "body": body}, key)


def _parts(key: str, source: str) -> tuple[dict[str, Any], str]:
    """The TOML between the two lines of +++, and what follows."""
    start, front, body = source.split(FENCE, 2) if source.count(FENCE) > 1 else ("?", "", "")
    if start:
        raise ContentError(f"{key}: begin with TOML between two lines of +++.")
    try:
        return tomllib.loads(front), body.strip()
    except tomllib.TOMLDecodeError as problem:
        raise ContentError(f"{key}: {problem}") from problem


def article(key: str, source: str) -> DemoArticle:
    """One article from the text of its file."""
    row, body = _parts(key, source)
    text = DemoText(row.pop("title"), row.pop("in_brief"), body)
    bylines = tuple(_make(DemoByline, byline, key) for byline in row.pop("bylines"))
    parts: dict[str, Any] = {}
    if image := row.pop("image", None):
        parts["image"] = _make(DemoImage, image, key)
    if letter := row.pop("letter", None):
        parts["letter"] = _make(DemoLetter, {"response": ""} | letter, key)
    for name in ("edited", "pending"):
        if edit := row.pop(name, None):
            parts[name] = _edit(key, text, edit)
    if first := row.pop("first", None):
        parts["first"] = _edit(key, text, first).text
    if correction := row.pop("correction", None):
        mended = DemoText(text.title, text.in_brief, replace(key, text.body, correction["before"], correction["after"]))
        parts["correction"] = _make(DemoCorrection, {"text": mended} | correction, key)
    if decision := row.pop("decision", None):
        parts["decision"] = _make(DemoDecision, decision, key)
    parts["rounds"] = tuple(_round(key, one) for one in row.pop("rounds", ()))
    optional = {"scheduled_in_days": 0, "suggested_regions": "", "suggested_topics": ""}
    return _make(DemoArticle, optional | row | parts | {"key": key, "text": text, "bylines": bylines}, key)


def _round(key: str, row: dict[str, Any]) -> DemoRound:
    opinions = tuple(_make(DemoOpinion, opinion, key) for opinion in row.pop("opinions"))
    return _make(DemoRound, row | {"opinions": opinions, "next_choices": tuple(row.pop("next_choices", ()))}, key)


def replace(key: str, body: str, before: str, after: str) -> str:
    """The body with one passage exchanged; it must be there once, or the content has drifted apart."""
    if (found := body.count(before)) != 1:
        raise ContentError(f"{key}: “{before[:60]}…” occurs {found} times in the body, not once.")
    return body.replace(before, after)


def _edit(key: str, text: DemoText, row: dict[str, Any]) -> DemoEdit:
    body = text.body
    for change in row.pop("changes"):
        body = replace(key, body, change["before"], change["after"])
    edited = DemoText(row.pop("title", text.title), row.pop("in_brief", text.in_brief), body)
    optional = {"note": "", "days_ago": 0, "due_in_days": 0, "message": "", "approved_by_mail": ""}
    return _make(DemoEdit, optional | row | {"text": edited}, key)


def _toml(name: str) -> dict[str, Any]:
    try:
        return tomllib.loads((HERE / name).read_text("utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise ContentError(f"{name}: {problem}") from problem


def _make(kind: type[T], row: dict[str, Any], where: str) -> T:
    """A dataclass of a TOML table, whose lists become tuples; an unknown or missing key is named with its file."""
    try:
        return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in row.items()})
    except TypeError as problem:
        raise ContentError(f"{where}: {problem}") from problem
