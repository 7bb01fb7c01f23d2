"""What in a text tells who wrote it: an author's text before it goes to referees, a referee's comments before release.

`find` says where a person may be known by: names, institutions, addresses, links, thanks, "as I argued in". It looks for
more than there is, since a person reads what it found and decides; and it finds no more than words and addresses show.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import unquote

from prose.characters import INVISIBLE, clean
from prose.markup import Node, is_footnote, parse
from prose.plain_words import (
    COMMON,
    FAMILY_FIRST,
    GENERIC,
    INSTITUTIONS,
    MONTHS,
    NEVER_ALONE,
    PARTICLES,
    PLACES,
    PUBLIC_HOSTS,
    TITLES,
)
from prose.slugs import fold


@dataclass(frozen=True, slots=True)
class Trace:
    """One place that may tell who somebody is."""

    kind: str  # name, affiliation, self-citation, own link, e-mail, acknowledgement, first person
    quote: str  # the place with a few words either side, as it stands there; or an address
    where: str  # the part: "title", "text, note 2", "text, address of a link"
    says: str  # what it is and what to do


@dataclass(frozen=True, slots=True)
class Identity:
    """One person who is not to be known: by which names, institutions and addresses they could be."""

    names: tuple[str, ...] = ()
    affiliations: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """Words or an address that whoever is given a part can see."""

    where: str
    text: str
    is_address: bool = False
    # Names stand in file names and addresses without capitals and without spaces.
    is_loose: bool = False


# Longer than any part that is taken elsewhere.
MAX_PART: Final = 500_000
MOST_SEEN: Final = 20_000  # footnotes, links and pictures of one part
MOST_ALIKE: Final = 4  # one name in one part: the rest is counted
MOST_FOUND: Final = 300
MOST_NAMES: Final = 40  # of one person, former ones included
CONTEXT: Final = 60
LONGEST_QUOTE: Final = 240


def find(parts: Mapping[str, str], people: Sequence[Identity]) -> list[Trace]:
    """The traces in the parts of a piece, in the order of the parts.

    A part is HTML as it was sanitised, or plain text; its name says where a trace is found. In parts called "file name"
    and "file metadata", and in addresses, names are found however they are written.
    """
    persons = [_Person(identity) for identity in people]
    index = _Index(persons)
    found: list[Trace] = []
    for where, text in parts.items():
        gathered = _Gathered()
        for seen in seen_in(where, text):
            if seen.is_address:
                _search_address(seen, persons, gathered)
            else:
                _search_words(seen, persons, index, gathered)
        found += gathered.traces()
    return found[:MOST_FOUND]


# --- what is seen -----------------------------------------------------------------------------------

_TAG = re.compile(r"<[a-zA-Z/]")
_UNSEEN = re.compile(f"[{INVISIBLE}]")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")
_INLINE = frozenset("a strong em b i u s sup sub code span small abbr cite q".split())
_LOOSE = frozenset({"file name", "file metadata"})


def seen_in(where: str, text: str) -> list[Seen]:
    """What a reader sees of a part: its words, each note, the words and addresses of pictures and links."""
    text = text[:MAX_PART]
    loose = where in _LOOSE
    if loose or not _TAG.search(text):
        return [Seen(where, _plain(text), is_loose=loose)]
    reader = _Reader(where)
    words: list[str] = []
    reader.read(parse(text), words)
    return [Seen(where, _plain("".join(words))), *reader.seen]


def _plain(text: str) -> str:
    return _LINES.sub("\n", _SPACES.sub(" ", _UNSEEN.sub("", clean(text)))).strip()


class _Reader:
    def __init__(self, where: str) -> None:
        self.where = where
        self.seen: list[Seen] = []
        self.notes = 0

    def read(self, nodes: Iterable[Node], words: list[str]) -> None:
        for node in nodes:
            if isinstance(node, str):
                words.append(node)
                continue
            attributes = node.attributes
            for name, called in (("href", "address of a link"), ("src", "address of a picture")):
                self._note(called, attributes.get(name, ""), is_address=True)
            for name, called in (("alt", "description of a picture"), ("title", "title that shows on pointing")):
                self._note(called, attributes.get(name, ""))
            if is_footnote(node):
                self.notes += 1
                number = self.notes
                inner: list[str] = []
                self.read(node.children, inner)
                self._note(f"note {number}", "".join(inner))
                words.append(" ")
                continue
            gap = "" if node.tag in _INLINE else "\n"
            words.append(gap)
            self.read(node.children, words)
            words.append(gap)

    def _note(self, called: str, text: str, *, is_address: bool = False) -> None:
        text = _plain(text)
        if text and len(self.seen) < MOST_SEEN:
            self.seen.append(Seen(f"{self.where}, {called}", text, is_address, is_loose=is_address))


# --- words ------------------------------------------------------------------------------------------

# Scripts that put no spaces between words, and Korean, whose particles are joined to a name.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_WORD = re.compile(rf"[^\W_{_UNSPACED}]+|[{_UNSPACED}]")
_CAMEL = re.compile(r"[^\W\d_]+|\d+")
# What may stand between the words of a name: "Marlowe, Alice", "C. K. Armstrong", "alice_marlowe".
_NAME_GAP = re.compile(r"[\s.,'’‘\-‐‑–_·+]{1,4}")
_SENTENCE = re.compile(r"[.!?:\n“”\"•]")
_YEAR = r"(?:19|20)\d\d[a-z]?(?!\d)"
_CITED = re.compile(
    rf"(?:['’]s)?(?:,? (?:and|&) [^()\n\d]{{1,50}}|,? et al\.?)?,? ?(?P<open>[(\[])?(?:forthcoming|in press|{_YEAR})", re.IGNORECASE
)  # fmt: skip
_NUMBERED = re.compile(r"(?:\[\d{1,3}\]|^\d{1,3}\.)[\s,.]{0,3}(?:[A-Z]\.?[\s,]{0,2}){0,3}\Z", re.MULTILINE)
_TITLED = re.compile(
    r"\b(?:dr|prof|professor|mr|mrs|ms|mx|sir|dame|lord|ambassador|senator|minister|colleague|author)\.? ?\Z",
    re.IGNORECASE,
)
_SPEAKS = re.compile(
    r"(?:['’]s)? (?:argues|argued|writes|wrote|says|said|notes|noted|shows|showed|finds|found|claims|claimed|suggests|"
    r"suggested|contends|et al)\b"
)


@dataclass(frozen=True, slots=True)
class _Token:
    word: str  # folded
    start: int
    end: int
    is_capital: bool
    is_upper: bool


def _tokens(text: str) -> list[_Token]:
    known: dict[str, str] = {}
    found = []
    for match in _WORD.finditer(text):
        word = match[0]
        if (folded := known.get(word)) is None:
            folded = known[word] = fold(word)
        first = word[0]
        is_capital = first.isupper() or first.istitle() or first.lower() == first.upper()
        found.append(_Token(folded, match.start(), match.end(), is_capital, word.isupper()))
    return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(token.word for token in _tokens(_plain(text[:500])))


class _Name:
    """One name of a person, taken apart once."""

    def __init__(self, text: str) -> None:
        text = _plain(text[:300])
        family, comma, given = text.partition(",")
        words = [word for word in _words(f"{given} {family}" if comma else text) if word not in TITLES]
        self.words = tuple(words[:12])
        self.compact = "".join(self.words)
        self.unspaced: re.Pattern[str] | None = None
        if _HAS_UNSPACED.search(text):
            letters = [re.escape(letter) for letter in text if not letter.isspace() and letter not in "·・,"]
            if len(letters) > 1:
                self.unspaced = re.compile(r"[\s·・]?".join(letters[:40]), re.IGNORECASE)
        self.places: dict[str, frozenset[int]] = {}
        if self.unspaced is None:
            for at, word in enumerate(self.words):
                if len(word) > 1:
                    self.places[word] = self.places.get(word, frozenset()) | {at}
            # Jongun is Jong-un.
            for at in range(len(self.words) - 1):
                if len(self.words[at]) > 1 and len(self.words[at + 1]) > 1:
                    self.places.setdefault(self.words[at] + self.words[at + 1], frozenset({at, at + 1}))
        self.initials = frozenset(word[0] for word in self.words)
        strong = [at for at, word in enumerate(self.words) if len(word) > 1 and word not in PARTICLES]
        self.strong = frozenset(strong)
        self.family = frozenset(strong[-1:]) | frozenset(at for at in strong[:1] if self.words[at] in FAMILY_FIRST)
        self.joined = self._joined()

    def _joined(self) -> frozenset[str]:
        """As a name stands in an address: alicemarlowe, marlowealice, amarlowe, marlowea."""
        found: set[str] = set()
        for at in self.family:
            last = self.words[at]
            rest = [self.words[other] for other in range(len(self.words)) if other != at]
            if not rest:
                continue
            given, initials = "".join(rest), "".join(word[0] for word in rest)
            found |= {given + last, last + given, rest[0] + last, last + rest[0]}
            if len(last) > 3:
                found |= {initials + last, last + initials, rest[0][0] + last, last + rest[0][0]}
        return frozenset(one for one in found if len(one) > 4)


# --- people -----------------------------------------------------------------------------------------

# Pages about one person, whoever it is.
_PROFILE = re.compile(
    r"(?:orcid\.org/\d{4}|scholar\.google\.[a-z.]{2,6}/citations|linkedin\.com/in/|researchgate\.net/profile/|"
    r"academia\.edu/[^/]|ssrn\.com/.{0,40}(?:per_id|author)=|researcherid\.com/rid|publons\.com/researcher|"
    r"(?:twitter|x)\.com/\w{1,30}/?\Z|bsky\.app/profile/|facebook\.com/[\w.]{1,60}/?\Z|ideas\.repec\.org/[ef]/|semanticscholar\.org/author)",
    re.IGNORECASE,
)
_HOST = re.compile(r"\A(?:[a-z][a-z0-9+.-]{0,20}:)?(?://)?(?:[^/?#@]{0,100}@)?(?P<host>[^/?#:]{1,255})", re.IGNORECASE)


class _Person:
    def __init__(self, identity: Identity) -> None:
        names = [_Name(name) for name in dict.fromkeys(identity.names[:MOST_NAMES]) if name.strip()]
        self.names = [name for name in names if name.words]
        self.emails = frozenset(email.strip().casefold() for email in identity.emails if "@" in email)
        hosts = [_host(one) for one in identity.domains] + [email.rpartition("@")[2] for email in self.emails]
        self.domains = frozenset(host for host in hosts if "." in host) - PUBLIC_HOSTS
        self.urls = frozenset(filter(None, (_bare(url) for url in identity.urls)))
        self.institutions = [
            one for text in identity.affiliations[:MOST_NAMES] for one in _institutions(text) if one.words
        ]

    def has_host(self, host: str) -> bool:
        return any(host == domain or host.endswith("." + domain) for domain in self.domains)


@dataclass(frozen=True, slots=True)
class _Institution:
    words: tuple[str, ...]
    telling: frozenset[str]
    short: frozenset[str]


def _institutions(text: str) -> Iterator[_Institution]:
    for part in re.split(r"[,;/|]", text[:500]):
        inner = re.findall(r"\(([^()]{2,20})\)", part)
        bare = re.sub(r"\([^()]*\)", " ", part)
        words = tuple(word for word in _words(bare) if word != "the")
        telling = frozenset(word for word in words if len(word) > 2 and word not in GENERIC)
        spelt = [token for token in re.findall(r"[^\W\d_]+", bare) if fold(token) != "the"]
        large = "".join(token[0] for token in spelt if token[0].isupper())
        short = {acronym for acronym in (large, *inner) if 3 <= len(acronym) <= 8 and acronym.isupper()}
        # One word that is a place, or that any institution has, tells of none.
        if len(words) == 1 and not (telling - PLACES):
            words = ()
        if words or short:
            yield _Institution(words, telling, frozenset(short if len(large) > 2 or inner else ()))


def _host(address: str) -> str:
    match = _HOST.match(address.strip().lower().removeprefix("@"))
    return match["host"].removeprefix("www.").strip(".") if match else ""


def _bare(address: str) -> str:
    """An address without what differs where it is the same page."""
    bare = re.sub(r"\A[a-z]{2,10}:(?://)?", "", address.strip().lower()).removeprefix("www.")
    return bare.split("#")[0].rstrip("/")


class _Index:
    """Which names and institutions a word may begin or be part of: a text is gone through once for all of them."""

    def __init__(self, persons: list[_Person]) -> None:
        self.names: dict[str, list[_Name]] = defaultdict(list)
        self.unspaced: list[_Name] = []
        self.institutions: dict[str, list[_Institution]] = defaultdict(list)
        self.telling: dict[str, _Institution] = {}
        self.short: set[str] = set()
        self.joined: set[str] = set()
        for person in persons:
            for name in person.names:
                if name.unspaced is not None:
                    self.unspaced.append(name)
                for word in name.places:
                    self.names[word].append(name)
                self.joined |= name.joined
            for one in person.institutions:
                if one.words:
                    self.institutions[one.words[0]].append(one)
                for word in one.telling:
                    self.telling.setdefault(word, one)
                self.short |= one.short
        self.hosts = {domain for person in persons for domain in person.domains}


# --- gathering --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Hit:
    key: str
    trace: Trace
    order: tuple[int, int]


@dataclass(slots=True)
class _Gathered:
    """The traces of one part: each place once, and of what comes again and again the first few, with their number."""

    hits: list[_Hit] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    segments: int = 0

    def add(self, seen: Seen, start: int, end: int, kind: str, key: str, says: str) -> None:
        # In addresses and notes the place differs, the name does not.
        key = f"{kind} {key}"
        self.counts[key] = self.counts.get(key, 0) + 1
        if self.counts[key] <= MOST_ALIKE:
            trace = Trace(kind, _quote(seen, start, end), seen.where, says)
            self.hits.append(_Hit(key, trace, (self.segments, start)))

    def traces(self) -> list[Trace]:
        last: dict[str, _Hit] = {}
        ordered = sorted(self.hits, key=lambda hit: hit.order)
        for hit in ordered:
            last[hit.key] = hit
        found: list[Trace] = []
        for hit in ordered:
            more = self.counts[hit.key] - MOST_ALIKE
            trace = hit.trace
            if hit is last[hit.key] and more > 0:
                times = "one more time" if more == 1 else f"{more} more times"
                trace = replace(trace, says=f"{trace.says} It stands there {times}.")
            if trace not in found[-MOST_ALIKE:]:
                found.append(trace)
        return found


def _quote(seen: Seen, start: int, end: int) -> str:
    text = seen.text
    if seen.is_address or len(text) <= CONTEXT:
        return text[:LONGEST_QUOTE].strip()
    end = min(end, start + LONGEST_QUOTE - 2 * CONTEXT)
    left = max(text.rfind("\n", 0, start) + 1, start - CONTEXT)
    right = text.find("\n", end)
    right = min(len(text) if right < 0 else right, end + CONTEXT)
    if left > 0 and text[left - 1] not in " \n":
        left = min((text.find(" ", left, start) + 1) or start, start)
    if right < len(text) and text[right] not in " \n":
        right = max(text.rfind(" ", end, right), end)
    return text[left:right].strip()


# --- searching words --------------------------------------------------------------------------------

_SAYS_NAME = "This is the name of someone who is not to be known. Take it out, or write “the author” or “this study”."
_SAYS_INITIALS = "This is the family name with initials. Take it out, or write “the author”."
_SAYS_FAMILY = "This is the family name. If it means the same person, take it out."
_SAYS_GIVEN = "This is one of the person’s names, standing alone. If it means the same person, take it out."
_SAYS_CITED = (
    "The person’s own work seems to be cited. Write of it as of anybody’s (“one study finds”), or leave it out."
)
_SAYS_INSTITUTION = "This is where the person works. Take it out, unless the text would name it whoever had written it."
_SAYS_PART = "This word is in the name of where the person works. If it means that place, take it out."
_SAYS_SHORT = "These letters may stand for where the person works. If they do, take them out."
_SAYS_OWN_MAIL = "This is the person’s e-mail address, or one of where they work. Take it out."
_SAYS_MAIL = "This is an e-mail address. If it belongs to the person or a colleague, take it out."
_SAYS_OWN_LINK = "This leads to the person’s own page, or to where they work. Take the link out."
_SAYS_NAME_IN_LINK = "The person’s name stands in this address. Take the link out, or link to another page."
_SAYS_PROFILE = "This leads to the page of one person. If it is the same person, take the link out."
_SAYS_NAME_IN_FILE = (
    "The person’s name stands here, and goes wherever the file goes. Give the file another name, or take the entry out."
)

_EMAIL_BEFORE = re.compile(r"[\w.+%'-]{1,64}\Z")
_EMAIL_AFTER = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]{3,2000}", re.IGNORECASE)


def _search_words(seen: Seen, persons: list[_Person], index: _Index, gathered: _Gathered) -> None:
    gathered.segments += 1
    text = seen.text
    # What stands in an address is told once, as the address.
    covered = bytearray(len(text))
    for start, end in _emails(text):
        covered[start:end] = b"\x01" * (end - start)
        _add_email(seen, start, end, persons, gathered)
    for match in _URL.finditer(text):
        covered[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
        address = Seen(seen.where, match[0].rstrip(".,;:!?)]}’”'"), is_address=True, is_loose=True)
        _search_address(address, persons, gathered)
    _search_hosts(seen, covered, index, gathered)
    tokens = _tokens(text)
    _search_names(seen, tokens, covered, index, gathered)
    _search_institutions(seen, tokens, covered, index, gathered)
    if seen.is_loose:
        _search_joined(seen, covered, index, gathered)
    else:
        _search_phrases(seen, gathered)


def _emails(text: str) -> Iterator[tuple[int, int]]:
    at = text.find("@")
    while at >= 0:
        before, after = _EMAIL_BEFORE.search(text, max(0, at - 64), at), _EMAIL_AFTER.match(text, at + 1)
        if before and after:
            yield before.start(), after.end()
        at = text.find("@", at + 1)


def _add_email(seen: Seen, start: int, end: int, persons: list[_Person], gathered: _Gathered) -> None:
    address = seen.text[start:end].casefold()
    host = address.rpartition("@")[2]
    is_own = any(address in person.emails or person.has_host(host) for person in persons)
    gathered.add(seen, start, end, "e-mail", address, _SAYS_OWN_MAIL if is_own else _SAYS_MAIL)


def _search_hosts(seen: Seen, covered: bytearray, index: _Index, gathered: _Gathered) -> None:
    """A site named without being linked, such as "see marlowe.example"."""
    for host in index.hosts:
        for match in re.finditer(rf"(?<![\w-]){re.escape(host)}(?![\w-])", seen.text, re.IGNORECASE):
            if not covered[match.start()]:
                covered[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
                gathered.add(seen, *match.span(), "own link", host, _SAYS_OWN_LINK)


def _search_names(seen: Seen, tokens: list[_Token], covered: bytearray, index: _Index, gathered: _Gathered) -> None:
    for name in index.unspaced:
        assert name.unspaced is not None
        for match in name.unspaced.finditer(seen.text):
            if not covered[match.start()]:
                gathered.add(seen, *match.span(), "name", name.compact, _SAYS_NAME)
    done: dict[int, int] = {}
    told = 0  # where the last one ended: two names of a person tell of one place once
    for at, token in enumerate(tokens):
        if covered[token.start]:
            continue
        candidates = [(name, 1) for name in index.names.get(token.word, ())]
        if at + 1 < len(tokens) and _near(seen.text, token, tokens[at + 1]):
            # Jong-un is Jongun.
            candidates += [(name, 2) for name in index.names.get(token.word + tokens[at + 1].word, ())]
        best: tuple[int, int, str, str, str] | None = None
        for name, width in candidates:
            if at < done.get(id(name), 0):
                continue
            run = _run_of(name, seen, tokens, at, width)
            done[id(name)] = run.last + 1
            start, end = tokens[run.first].start, tokens[run.last].end
            if start < told or (hit := _judge(name, run, seen, tokens)) is None:
                continue
            if best is None or end - start > best[1] - best[0]:
                best = start, end, *hit, " ".join(sorted(run.words))
        if best is not None:
            start, end, kind, says, key = best
            told = end
            gathered.add(seen, start, end, kind, key, says)


@dataclass(slots=True)
class _Run:
    first: int
    last: int
    places: frozenset[int]
    words: set[str]
    has_initials: bool


def _near(text: str, one: _Token, other: _Token) -> bool:
    return other.start - one.end <= 4 and _NAME_GAP.fullmatch(text, one.end, other.start) is not None


def _run_of(name: _Name, seen: Seen, tokens: list[_Token], at: int, width: int) -> _Run:
    """The words of the name round one of them, with initials between and beside them."""
    word = tokens[at].word if width == 1 else tokens[at].word + tokens[at + 1].word
    run = _Run(at, at + width - 1, name.places[word], {word}, False)
    for step in (1, -1):
        here, most = (run.last if step > 0 else run.first), 12
        while most and 0 <= here + step < len(tokens):
            most -= 1
            one, other = tokens[here], tokens[here + step]
            if not _near(seen.text, *((one, other) if step > 0 else (other, one))):
                break
            if other.word in name.places:
                run.places |= name.places[other.word]
                run.words.add(other.word)
            elif _is_initials(other, name):
                run.has_initials = True
            elif not (other.word in PARTICLES and other.word in name.words) and not (
                # A middle initial that we were not told.
                len(other.word) == 1
                and other.is_upper
                and 0 <= here + 2 * step < len(tokens)
                and tokens[here + 2 * step].word in name.places
            ):
                break
            here += step
        if step > 0:
            run.last = here
        else:
            run.first = here
    return run


def _is_initials(token: _Token, name: _Name) -> bool:
    return (
        token.is_upper and len(token.word) <= 3 and token.word not in name.places and set(token.word) <= name.initials
    )


def _judge(name: _Name, run: _Run, seen: Seen, tokens: list[_Token]) -> tuple[str, str] | None:
    """Whether these words tell of the person, and what is said of them."""
    first, last = tokens[run.first], tokens[run.last]
    between = [token for token in tokens[run.first : run.last + 1] if token.word not in PARTICLES]
    strong = run.places & name.strong
    if not strong:
        return None
    before = seen.text[max(0, first.start - 24) : first.start]
    cited = _CITED.match(seen.text, last.end, min(len(seen.text), last.end + 90))
    is_month = len(between) == 1 and last.word in MONTHS
    is_cited = (cited is not None and (not is_month or cited["open"] is not None)) or _NUMBERED.search(
        before
    ) is not None
    has_family = bool(run.places & name.family)
    if seen.is_loose:
        if len(strong) == 1 and not has_family and (run.words & COMMON or seen.is_address):
            return None
        return "name", _SAYS_NAME_IN_FILE
    if any(token.word in COMMON and not token.is_capital for token in between):
        return None
    if len(strong) > 1 or (run.has_initials and has_family):
        if is_cited and has_family:
            return "self-citation", _SAYS_CITED
        return "name", _SAYS_NAME if len(strong) > 1 else _SAYS_INITIALS
    if not all(token.is_capital for token in between):
        return None
    if is_cited and has_family:
        return "self-citation", _SAYS_CITED
    stands_as_name = _TITLED.search(before) is not None or _SPEAKS.match(seen.text, last.end) is not None
    if run.words & COMMON and not stands_as_name:
        # "May" where no sentence begins, and no month is meant, may be a family name after all.
        if is_month or not has_family or _begins_sentence(seen.text, tokens, run.first) or run.words & NEVER_ALONE:
            return None
        return "name", _SAYS_FAMILY
    if has_family or len(name.strong) == 1:
        return "name", _SAYS_FAMILY
    if any(len(tokens_word) < 3 for tokens_word in run.words) or _has_other_names_beside(seen.text, tokens, run):
        return None
    return "name", _SAYS_GIVEN


def _begins_sentence(text: str, tokens: list[_Token], at: int) -> bool:
    return at == 0 or _SENTENCE.search(text, tokens[at - 1].end, tokens[at].start) is not None


def _has_other_names_beside(text: str, tokens: list[_Token], run: _Run) -> bool:
    """Whether a first name is followed by somebody else's family name."""
    if run.last + 1 < len(tokens):
        one, other = tokens[run.last], tokens[run.last + 1]
        if other.is_capital and not other.word.isdigit() and text[one.end : other.start] in (" ", "-", ". "):
            return len(other.word) > 1 or other.word != "i"
    return False


def _search_joined(seen: Seen, covered: bytearray, index: _Index, gathered: _Gathered) -> None:
    """amarlowe.pdf, AliceMarlowe.docx"""
    for match in _CAMEL.finditer(seen.text):
        if not covered[match.start()] and fold(match[0]) in index.joined:
            gathered.add(seen, *match.span(), "name", fold(match[0]), _SAYS_NAME_IN_FILE)


# --- institutions -------------------------------------------------------------------------------------


def _search_institutions(
    seen: Seen, tokens: list[_Token], covered: bytearray, index: _Index, gathered: _Gathered
) -> None:
    text, done = seen.text, 0
    for at, token in enumerate(tokens):
        if at < done or covered[token.start]:
            continue
        end = max((_end_of(one.words, tokens, at) for one in index.institutions.get(token.word, ())), default=0)
        # Of two words in small letters that anything may have, such as "trade policy", nothing is told.
        if end and (token.is_capital or seen.is_loose or end - at > 2):
            key = " ".join(one.word for one in tokens[at:end])
            gathered.add(seen, token.start, tokens[end - 1].end, "affiliation", key, _SAYS_INSTITUTION)
            done = end
        elif text[token.start : token.end] in index.short:
            gathered.add(seen, token.start, token.end, "affiliation", token.word, _SAYS_SHORT)
        elif token.word in index.telling and (token.is_capital or seen.is_loose):
            is_vague = token.word in PLACES or token.word in COMMON
            if is_vague and not _is_near_institution(tokens, at, index.telling[token.word]):
                continue
            gathered.add(seen, token.start, token.end, "affiliation", token.word, _SAYS_PART)


def _end_of(words: tuple[str, ...], tokens: list[_Token], at: int) -> int:
    """Where a row of words ends that begins here, or 0; "the" is nothing."""
    for word in words:
        while at < len(tokens) and tokens[at].word == "the" and word != "the":
            at += 1
        if at >= len(tokens) or tokens[at].word != word:
            return 0
        at += 1
    return at


def _is_near_institution(tokens: list[_Token], at: int, one: _Institution) -> bool:
    wanted = (frozenset(one.words) & INSTITUTIONS) or INSTITUTIONS
    return any(token.word in wanted for token in tokens[max(0, at - 3) : at + 4])


# --- addresses --------------------------------------------------------------------------------------


def _search_address(seen: Seen, persons: list[_Person], gathered: _Gathered) -> None:
    gathered.segments += 1
    address = seen.text
    if address.lower().startswith("mailto:"):
        start, end = next(_emails(address), (0, 0))
        if end:
            _add_email(seen, start, end, persons, gathered)
            return
    is_within = address.startswith(("/", "#")) and not address.startswith("//")
    host, bare = "" if is_within else _host(address), _bare(address)
    readable = fold(unquote(address[:2000], errors="replace"))
    words = set(_CAMEL.findall(readable))
    for person in persons:
        if any(bare == url or bare.startswith((url + "/", url + "?")) for url in person.urls) or person.has_host(host):
            gathered.add(seen, 0, len(address), "own link", bare, _SAYS_OWN_LINK)
            return
    for person in persons:
        if any(_is_in_address(name, words) for name in person.names):
            gathered.add(seen, 0, len(address), "own link", bare, _SAYS_NAME_IN_LINK)
            return
    if _PROFILE.search(bare):
        gathered.add(seen, 0, len(address), "own link", bare, _SAYS_PROFILE)


def _is_in_address(name: _Name, words: set[str]) -> bool:
    if name.joined & words:
        return True
    if name.unspaced is not None:
        return name.compact in words
    strong = {name.words[at] for at in name.strong}
    if len(strong) > 1 and len(strong & words) > 1:
        return True
    return any(
        len(name.words[at]) > 3 and name.words[at] in words and name.words[at] not in COMMON | PLACES
        for at in name.family
    )


# --- phrases ----------------------------------------------------------------------------------------

_WORK = (
    "works?|papers?|articles?|books?|research|study|studies|chapters?|essays?|columns?|monographs?|thesis|dissertation|"
    "reports?|op-?eds?|blog|posts?|surveys?|datasets?|findings|publications?|fieldwork|interviews|analysis|lectures?"
)
_DID = (
    "argued?|argues|wr[oi]te|written|show(?:ed|n)?|noted?|discuss(?:ed)?|said|found|suggested|claimed|described|explained|"
    "demonstrated|documented|proposed|pointed out|explored|reported|published"
)
_PHRASES: Final = [
    (kind, re.compile(pattern, re.IGNORECASE), says)
    for kind, pattern, says in (
        (
            "self-citation",
            rf"\b(?:my|our) (?:[\w’'-]{{1,20}},? ){{0,3}}(?:{_WORK})\b",
            "Here the writer speaks of own work, which can be looked up. Write of it as of anybody’s, or leave it out.",
        ),
        (
            "self-citation",
            (rf"\b(?:as|what|where|which|that|and) (?:I|we) (?:have |had |’ve |'ve )?(?:\w{{1,12}} )?(?:{_DID})\b|"
            rf"\b(?:I|we) (?:have |had |’ve |'ve )?(?:(?:previously|earlier|elsewhere|already|long) (?:{_DID})|(?:{_DID}) (?:elsewhere|earlier|previously|in (?:19|20)\d\d))\b|"
            rf"\b(?:the|this) authors?[’']?s? (?:(?:own|earlier|previous|prior|recent|forthcoming|other) ){{1,2}}(?:{_WORK})\b"),
            "Here the writer refers to what they wrote before, which can be looked up. Write of it as of anybody’s, or leave it out.",
        ),
        (
            "acknowledgement",
            (r"\b(?:I|we|the authors?) (?:(?:would like|wish|want|am|are|is|also|gratefully|to|very|deeply|especially) ){0,5}(?:thanks?|grateful|thankful|indebted|acknowledges?)\b|"
            r"\backnowledge?ments?\b|\bthanks (?:are due|go(?:es)?|to my)\b|\bgratefully acknowledged?\b"),
            "Thanks tell who was near the work. Take them out until the reviews are in.",
        ),
        (
            "acknowledgement",
            (r"\b(?:funded|supported|financed|sponsored) (?:in part )?(?:by|under|through) (?:[\w’'-]{1,20} ){0,8}(?:grants?|fellowship|scholarship|award|foundation|council|fund)\b|"
            r"\bgrant (?:no|number|agreement)\b"),
            "Who paid for the work can tell whose it is. Take it out until the reviews are in.",
        ),
        (
            "first person",
            (r"\b(?:the|this|these|present|both) authors? (?:of this \w{1,12} )?(?:is|are|was|were|has|have|had|works?|worked|teaches|served|serves|thanks?|would|holds?)\b|"
            r"\babout the authors?\b"),
            "Here the text tells of its own author. Take it out; it is printed with the piece when that is published.",
        ),
        (
            "first person",
            (r"\b(?:I|we) (?:currently |now |also |once |then )?(?:am|was|are|were|work|worked|serve|served|teach|taught|advise|advised|lead|led|direct|directed|co-?founded|founded|hold|held|edit|edited|co-?wrote|co-?authored|supervised|reviewed) "
            r"(?:(?:as|at|in|for|with|the|an?|on|by|of|its|their) ){1,3}(?:\w{1,16} ){0,3}?(?:professor|lecturer|fellow|researcher|director|adviser|advisor|minister|ambassador|official|diplomat|editor|economist|journalist|university|institute|ministry|government|embassy|bank|centre|center|department|member|head|chair|student|team|negotiators?)\b"),
            "Here the writer tells what they do or did. Say it so that it fits many, or leave it out.",
        ),
        (
            "first person",
            (r"\bmy (?:\w{1,14} ){0,2}?(?:university|colleagues?|department|institute|institution|faculty|employer|co-?authors?|supervisors?|phd|doctorate|doctoral|students?|wife|husband|hometown|ministry|embassy|office|team|centre|center|lab|laboratory|website|home ?page)\b|"
            r"\bas an? (?:\w{1,16} ){0,2}?(?:professor|lecturer|minister|ambassador|diplomat|negotiator|adviser|advisor|fellow|central banker|civil servant|journalist) (?:at|of|in|for|to|myself|I)\b"),
            "Here the writer tells something of themselves. See whether it leads to one person; if so, leave it out.",
        ),
    )
]  # fmt: skip


def _search_phrases(seen: Seen, gathered: _Gathered) -> None:
    told = bytearray(len(seen.text))
    for kind, pattern, says in _PHRASES:
        for match in pattern.finditer(seen.text):
            start, end = match.span()
            # One place is told once, by what is looked for first.
            if told.find(1, start, end) < 0:
                told[start:end] = b"\x01" * (end - start)
                gathered.add(seen, start, end, kind, fold(match[0]), says)
