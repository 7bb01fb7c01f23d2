"""One line of a file for `load_articles`: what it says, checked, without a look at the database.

The format is described in docs/loading.md; `dump` writes it and `parse` reads it. Whatever a line holds, `parse` answers with a
record or with every reason why there is none.
"""

import datetime
import hashlib
import json
import re
import zoneinfo
from dataclasses import dataclass, field
from html import escape, unescape
from typing import Any, Final

from articles import old_addresses
from articles.models import Byline, Image, Publication, Series
from prose import measure, names, sanitise

# Dates without a time are that day at this hour in the publication's time zone.
HOUR: Final = 8
EARLIEST: Final = 1000
LONGEST_ID: Final = 300
KEYS: Final = frozenset(
    "external_id title slug authors date regions tags series in_brief html image pictures language licence doi translation_of"
    " old_addresses first_appeared corrections retraction status is_ours".split()
)
# Other names that exports have for the same.
ALIASES: Final = {
    "id": "external_id", "guid": "external_id", "author": "authors", "byline": "authors", "published": "date",
    "published_at": "date", "topics": "tags", "summary": "in_brief", "excerpt": "in_brief", "body": "html", "content": "html",
    "license": "licence", "lang": "language", "redirects": "old_addresses", "source": "first_appeared", "original_url": "original_url",
}  # fmt: skip
# What exports leave in plain words. `dump` escapes what only looks like it (`as_words`).
_TAG = re.compile(r"</?(?:a|b|br|cite|em|i|p|span|strong|sub|sup)(?=[\s>/])[^<>]*>")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,6}|#x[\da-fA-F]{2,6});")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,120}")
_ORDINARY = re.compile(r"https?://[^\s/?#\\]+[^\s]*", re.IGNORECASE)
_LICENCES: Final = {value.lower(): value for value in Image.Licence.values} | {
    str(label).lower(): value for value, label in Image.Licence.choices
} | {"cc by": "cc_by", "cc-by": "cc_by", "cc by-sa": "cc_by_sa", "cc-by-sa": "cc_by_sa", "public domain": "cc0", "cc0 1.0": "cc0"}  # fmt: skip
KINDS: Final = frozenset(str(kind) for kind in Publication.Kind.values if kind != Publication.Kind.FIRST)


class Refused(Exception):  # noqa: N818  it is an answer, not an error
    """A line that can't be taken, with every reason."""

    def __init__(self, *reasons: str, external_id: str = "", title: str = "") -> None:
        self.reasons, self.external_id, self.title = list(reasons), external_id, title
        super().__init__(" ".join(reasons))


@dataclass(frozen=True)
class Name:
    """Who stands above the piece, as printed, and what is known of the person."""

    name: str
    given_name: str = ""
    family_name: str = ""
    single_name: str = ""
    native_name: str = ""
    is_family_first: bool = False
    is_house: bool = False
    slug: str = ""
    affiliation: str = ""
    bio: str = ""
    orcid: str = ""
    role: str = Byline.Role.AUTHOR.value
    # Whether family and given name were told apart by us.
    is_guessed: bool = False


@dataclass(frozen=True)
class Picture:
    file: str
    alt: str = ""
    caption: str = ""
    credit: str = ""
    agency: str = ""
    licence: str = Image.Licence.ALL_RIGHTS.value
    focus: tuple[str, str] | None = None


@dataclass(frozen=True)
class InSeries:
    title: str
    kind: str = Series.Kind.FEATURE.value
    number: str = ""
    position: int | None = None


@dataclass(frozen=True)
class Later:
    """What readers were told of the piece after it was published."""

    at: datetime.datetime
    kind: str
    note: str = ""


@dataclass
class Record:
    external_id: str
    title: str
    at: datetime.datetime
    html: str
    slug: str = ""
    in_brief: str = ""
    authors: list[Name] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    series: InSeries | None = None
    image: Picture | None = None
    pictures: dict[str, Picture] = field(default_factory=dict)
    language: str = ""
    licence: str = ""
    doi: str = ""
    # The external id of the piece that it is a translation of.
    translation_of: str = ""
    old_addresses: list[str] = field(default_factory=list)
    first_appeared: str = ""
    first_appeared_url: str = ""
    later: list[Later] = field(default_factory=list)
    # A dump of this system: its text is clean already, and nothing but its pictures is looked at.
    is_ours: bool = False
    # Of the line: the same again changes nothing.
    digest: str = ""
    # What was left out or understood otherwise, in plain words.
    notes: list[str] = field(default_factory=list)


def as_words(text: str) -> str:
    """Plain words as a line may hold them: what looks like markup, and is none, is escaped."""
    return escape(text, quote=False) if _TAG.search(text) or _ENTITY.search(text) else text


def _without_markup(text: str) -> str:
    if _TAG.search(text):
        return measure.text_of(text[: sanitise.MAX_BODY])
    return unescape(text) if _ENTITY.search(text) else text


def digest_of(line: object) -> str:
    """The same for the same content, in whatever order the keys stand."""
    return hashlib.sha256(json.dumps(line, sort_keys=True, default=str).encode()).hexdigest()


def parse(line: object, *, zone: zoneinfo.ZoneInfo, now: datetime.datetime) -> Record:
    """The record of a line, or Refused with every reason."""
    return _Parser(zone, now).record(line)


def identity(line: object) -> tuple[str, str]:
    """The external id and the title of a line, as far as it has them. Cheap: for skipping what was loaded before."""
    if not isinstance(line, dict):
        return "", ""
    line = _with_plain_keys(line)
    title = line.get("title")
    return _external_id(line), sanitise.plain_line(title)[:300] if isinstance(title, str) else ""


def _with_plain_keys(line: dict[str, Any]) -> dict[str, Any]:
    """Aliases under the names of the format, where the line does not have those themselves."""
    return {key: value for key, value in line.items() if key not in ALIASES} | {
        ALIASES[key]: value for key, value in line.items() if key in ALIASES and ALIASES[key] not in line
    } | {key: value for key, value in line.items() if ALIASES.get(key) == key}  # fmt: skip


def _external_id(line: dict[str, Any]) -> str:
    """As given; else the address that the piece had; else its day and slug, which are its address here."""
    value = line.get("external_id")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**50:
        return str(value)
    if isinstance(value, str) and (found := sanitise.plain_line(value)):
        return found
    original = line.get("original_url")
    if isinstance(original, str) and (found := sanitise.plain_line(original)):
        return found
    slug, date = line.get("slug"), line.get("date")
    if isinstance(slug, str) and (found := sanitise.plain_line(slug)):
        return f"{sanitise.plain_line(date)[:10]}/{found}" if isinstance(date, str) else found
    return ""


class _Parser:
    def __init__(self, zone: zoneinfo.ZoneInfo, now: datetime.datetime) -> None:
        self.zone, self.now = zone, now
        self.problems: list[str] = []
        self.notes: list[str] = []

    def record(self, line: object) -> Record:
        if not isinstance(line, dict):
            raise Refused(f"The line holds {_kind(line)} where an object is expected: {{“title”: …, “html”: …}}.")
        digest = digest_of(line)
        line = _with_plain_keys(line)
        external_id, title = identity(line)
        if unknown := sorted(key for key in line if key not in KEYS and key != "original_url"):
            shown = ", ".join(f"“{_short(key, 40)}”" for key in unknown[:8]) + (" …" if len(unknown) > 8 else "")
            self.notes.append(f"Keys that nothing is known of were passed over: {shown}")
        if not external_id:
            self.problems.append("It has no external_id, and no slug to make one from. Give it one that stays.")
        elif len(external_id) > LONGEST_ID:
            self.problems.append(f"external_id has {len(external_id)} characters; at most {LONGEST_ID} fit.")
        if "external_id" in line and not isinstance(line["external_id"], str | int | None):
            self.problems.append(f"external_id: {_kind(line['external_id'])} where words are expected.")
        self._check_status(line.get("status"))
        record = Record(
            external_id=external_id,
            title=self.text(line, "title", is_line=True),
            at=self.moment(line.get("date"), "date") or self.now,
            html=self.text(line, "html", is_raw=True),
            slug=self.text(line, "slug", is_line=True),
            in_brief=self.text(line, "in_brief"),
            authors=self.names(line.get("authors")),
            regions=self.words(line, "regions", 100),
            tags=self.words(line, "tags", 100),
            series=self.series(line.get("series")),
            image=self.picture(line.get("image"), "image"),
            pictures=self.pictures(line.get("pictures")),
            language=self.language(line),
            licence=self.text(line, "licence", is_line=True, limit=200),
            doi=self.doi(line),
            translation_of=self.text(line, "translation_of", is_line=True, limit=LONGEST_ID),
            old_addresses=self.addresses(line),
            is_ours=line.get("is_ours") is True,
            digest=digest,
            notes=self.notes,
        )
        self.first_appeared(line, record)
        self.what_followed(line, record)
        if not record.title and not any(p.startswith("title:") for p in self.problems):
            self.problems.append("It has no title.")
        if not record.html.strip() and not any(p.startswith("html:") for p in self.problems):
            self.problems.append("It has no text (html).")
        if self.problems:
            raise Refused(*dict.fromkeys(self.problems), external_id=external_id[:300], title=title)
        if record.slug and not _SLUG.fullmatch(record.slug):
            self.notes.append(
                f"The slug “{_short(record.slug)}” can’t stand in an address as it is, and was made plain"
            )
        return record

    def _check_status(self, status: object) -> None:
        if status not in (None, "", "published", "retracted"):
            self.problems.append(
                f"Its status is {_shown(status)}: only pieces that readers have are loaded. Leave the line out."
            )

    # --- Words ---

    def text(
        self, line: dict[str, Any], key: str, *, is_line: bool = False, is_raw: bool = False, limit: int = 0
    ) -> str:
        value = line.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.problems.append(f"{key}: {_kind(value)} where words are expected.")
            return ""
        if is_raw:
            return value
        if (plain := _without_markup(value)) != value:
            self.notes.append(f"{key}: its markup was read as plain text")
            value = plain
        text = sanitise.plain_line(value) if is_line else sanitise.plain_text(value)
        if limit and len(text) > limit:
            self.problems.append(f"{key}: {len(text)} characters; at most {limit} fit.")
        return text

    def doi(self, line: dict[str, Any]) -> str:
        typed = self.text(line, "doi", is_line=True, limit=200)
        try:
            return names.doi(typed) if typed else ""
        except ValueError:
            self.notes.append(f"doi: “{_short(typed)}” is no DOI; left out")
            return ""

    def words(self, line: dict[str, Any], key: str, limit: int) -> list[str]:
        """A list of names, each once; one alone may stand without its brackets."""
        value = line.get(key)
        if value is None or value == "":
            return []
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            self.problems.append(f"{key}: {_kind(value)} where a list of names is expected.")
            return []
        found: dict[str, str] = {}
        for one in value:
            if isinstance(one, dict) and isinstance(one.get("name"), str):
                one = one["name"]  # noqa: PLW2901  {"name": …} says the same
            if not isinstance(one, str):
                self.problems.append(f"{key}: {_kind(one)} in the list, where names are expected.")
                continue
            name = names.tidy_name(unescape(one))
            if len(name) > limit:
                self.notes.append(f"{key}: “{_short(name)}” has {len(name)} characters and was left out")
            elif name:
                found.setdefault(names.name_key(name), name)
        return list(found.values())

    def language(self, line: dict[str, Any]) -> str:
        tag = self.text(line, "language", is_line=True).replace("_", "-")
        if tag and (not _LANGUAGE.fullmatch(tag) or len(tag) > 12):
            self.notes.append(f"language: “{_short(tag)}” is not a language tag such as en or zh-Hant; left out")
            return ""
        return tag

    # --- Dates ---

    def moment(self, value: object, key: str) -> datetime.datetime | None:
        if value is None or value == "":
            self.problems.append(f"{key}: there is none. Give the day that it was published, such as 2020-01-25.")
            return None
        if not isinstance(value, str):
            self.problems.append(f"{key}: {_kind(value)} where a date such as 2020-01-25 is expected.")
            return None
        text = sanitise.plain_line(value)
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
                day = datetime.date.fromisoformat(text)
                found = datetime.datetime.combine(day, datetime.time(HOUR), self.zone)
            else:
                found = datetime.datetime.fromisoformat(text)
                if found.tzinfo is None:
                    found = found.replace(tzinfo=self.zone)
            found = found.astimezone(datetime.UTC)
        except (ValueError, OverflowError):
            self.problems.append(f"{key}: “{_short(text)}” is no date such as 2020-01-25 or 2020-01-25T08:00:00+11:00.")
            return None
        if found.year < EARLIEST or found.year > 9990:
            self.problems.append(f"{key}: the year {found.year} can’t be right.")
            return None
        if found > self.now:
            self.problems.append(f"{key}: {text} is still ahead. Only what was published already is loaded.")
            return None
        return found

    # --- People ---

    def names(self, value: object) -> list[Name]:
        if value is None or value == "":
            return []
        if isinstance(value, str | dict):
            value = [value]
        if not isinstance(value, list):
            self.problems.append(f"authors: {_kind(value)} where a list is expected.")
            return []
        found: list[Name] = []
        for one in value:
            name = None
            if isinstance(one, str):
                name = self.person({"name": one})
            elif isinstance(one, dict):
                name = self.person(one)
            else:
                self.problems.append(f"authors: {_kind(one)} in the list, where a name or an object is expected.")
            if name is not None:
                found.append(name)
        return found

    def person(self, said: dict[str, Any]) -> Name | None:
        known = {
            "name",
            "given_name",
            "family_name",
            "single_name",
            "native_name",
            "is_family_first",
            "is_house",
            "slug",
            "affiliation",
        }
        if unknown := sorted(set(said) - known - {"bio", "orcid", "role"}):
            self.notes.append(f"authors: passed over {', '.join(_short(key, 40) for key in unknown[:5])}")
        parts: dict[str, str] = {}
        limits = {
            "name": 200,
            "given_name": 100,
            "family_name": 100,
            "single_name": 200,
            "native_name": 200,
            "affiliation": 200,
            "bio": 600,
        }
        for key, limit in (limits | {"slug": 120, "orcid": 100, "role": 40}).items():
            value = said.get(key)
            if value is not None and not isinstance(value, str):
                self.problems.append(f"authors: {key} is {_kind(value)} where words are expected.")
            text = names.tidy_name(value) if isinstance(value, str) else ""
            text = names.tidy_name(_without_markup(text))
            if len(text) > limit:
                if key in ("affiliation", "bio"):
                    self.notes.append(f"authors: the {key} “{_short(text)}” has {len(text)} characters; cut at {limit}")
                    text = _cut(text, limit)
                else:
                    self.problems.append(f"authors: {key} has {len(text)} characters; at most {limit} fit.")
                    text = ""
            parts[key] = text
        for key in ("is_family_first", "is_house"):
            if not isinstance(said.get(key), bool | None):
                self.problems.append(f"authors: {key} is true or false, not {_kind(said[key])}.")
        is_family_first = said.get("is_family_first") is True
        is_house = said.get("is_house") is True
        given, family, single, is_guessed = parts["given_name"], parts["family_name"], parts["single_name"], False
        if bool(given) != bool(family) and not single:
            single, given, family = given or family, "", ""
        if single:
            given = family = ""
        printed = parts["name"] or single or " ".join((family, given) if is_family_first else (given, family)).strip()
        if not printed:
            self.notes.append("authors: an entry without a name was left out")
            return None
        if not (single or given):
            given, family, single, is_guessed = told_apart(printed)
        if is_house:
            given, family, single = "", "", single or printed
        orcid = ""
        if parts["orcid"]:
            try:
                orcid = names.orcid(parts["orcid"])
            except ValueError:
                self.notes.append(
                    f"authors: the ORCID of {printed}, “{_short(parts['orcid'])}”, is not right; left out"
                )
        role = parts["role"].lower() or Byline.Role.AUTHOR.value
        if role not in Byline.Role.values:
            self.notes.append(f"authors: the role “{_short(role)}” of {printed} is not known; taken as author")
            role = Byline.Role.AUTHOR.value
        slug = parts["slug"] if _SLUG.fullmatch(parts["slug"]) else ""
        return Name(
            name=printed, given_name=given, family_name=family, single_name=single, native_name=parts["native_name"],
            is_family_first=is_family_first and not single, is_house=is_house, slug=slug, affiliation=parts["affiliation"], bio=parts["bio"], orcid=orcid, role=role,
            is_guessed=is_guessed,
        )  # fmt: skip

    # --- Pictures ---

    def picture(self, value: object, key: str) -> Picture | None:
        if value is None or value == "":
            return None
        said = {"file": value} if isinstance(value, str) else value
        if not isinstance(said, dict):
            self.problems.append(f"{key}: {_kind(value)} where a file or an object is expected.")
            return None
        limits = {"file": 1000, "alt": 300, "caption": 1000, "credit": 200, "agency": 100, "licence": 100}
        if unknown := sorted(set(said) - set(limits) - {"license", "focus"}):
            self.notes.append(f"{key}: passed over {', '.join(_short(name, 40) for name in unknown[:5])}")
        parts: dict[str, str] = {}
        for name, limit in limits.items():
            one = said.get(name) if name != "licence" else said.get("licence", said.get("license"))
            if one is not None and not isinstance(one, str):
                self.problems.append(f"{key}: {name} is {_kind(one)} where words are expected.")
            text = sanitise.plain_line(one if name == "file" else _without_markup(one)) if isinstance(one, str) else ""
            if len(text) > limit:
                self.notes.append(f"{key}: {name} has {len(text)} characters; cut at {limit}")
                text = _cut(text, limit)
            parts[name] = text
        if not parts["file"]:
            self.notes.append(f"{key}: no file is named; left out")
            return None
        licence = _LICENCES.get(parts["licence"].lower(), "")
        if parts["licence"] and not licence:
            self.notes.append(
                f"{key}: the licence “{_short(parts['licence'])}” is not known; taken as all rights reserved"
            )
        return Picture(
            file=parts["file"], alt=parts["alt"], caption=parts["caption"], credit=parts["credit"], agency=parts["agency"],
            licence=licence or Image.Licence.ALL_RIGHTS.value, focus=self.focus(said.get("focus"), key),
        )  # fmt: skip

    def focus(self, value: object, key: str) -> tuple[str, str] | None:
        if value is None:
            return None
        is_pair = isinstance(value, list) and len(value) == 2
        if is_pair and all(isinstance(n, int | float) and not isinstance(n, bool) and 0 <= n <= 1 for n in value):  # type: ignore[attr-defined]
            return f"{value[0]:.3f}", f"{value[1]:.3f}"  # type: ignore[index]
        self.notes.append(f"{key}: the focus is two numbers from 0 to 1; taken as the middle")
        return None

    def pictures(self, value: object) -> dict[str, Picture]:
        """What is told of the pictures within the text, by file."""
        if value is None:
            return {}
        if not isinstance(value, list):
            self.problems.append(f"pictures: {_kind(value)} where a list is expected.")
            return {}
        found = [picture for one in value if (picture := self.picture(one, "pictures"))]
        return {picture.file: picture for picture in found}

    # --- The rest ---

    def series(self, value: object) -> InSeries | None:
        if value is None or value == "":
            return None
        said = {"title": value} if isinstance(value, str) else value
        if not isinstance(said, dict) or not isinstance(said.get("title"), str):
            self.problems.append(f"series: {_kind(value)} where a title or an object with one is expected.")
            return None
        title = names.tidy_name(said["title"])
        if not title or len(title) > 200:
            self.problems.append("series: its title is empty, or longer than 200 characters.")
            return None
        kind = said.get("kind") or Series.Kind.FEATURE.value
        if kind not in Series.Kind.values:
            self.notes.append(f"series: the kind is feature or issue, not {_shown(kind)}; taken as feature")
            kind = Series.Kind.FEATURE.value
        number, position = said.get("number"), said.get("position")
        if isinstance(number, int) and not isinstance(number, bool) and abs(number) < 10**9:
            number = str(number)
        if number is not None and (not isinstance(number, str) or len(names.tidy_name(number)) > 60):
            self.notes.append("series: the number is no words of at most 60 characters; left out")
            number = ""
        is_place = isinstance(position, int) and not isinstance(position, bool) and 0 < position <= 32767
        if position is not None and not is_place:
            self.notes.append("series: the position is a number from 1 to 32767; left out")
        return InSeries(title, str(kind), names.tidy_name(number or ""), position if is_place else None)

    def addresses(self, line: dict[str, Any]) -> list[str]:
        value = line.get("old_addresses")
        value = [value] if isinstance(value, str) and value else (value or [])
        if not isinstance(value, list):
            self.problems.append(f"old_addresses: {_kind(value)} where a list of addresses is expected.")
            return []
        original = line.get("original_url")
        if isinstance(original, str) and original.strip():
            value = [*value, original]
        found: dict[str, None] = {}
        for one in value:
            if not isinstance(one, str):
                self.problems.append(f"old_addresses: {_kind(one)} in the list, where addresses are expected.")
            elif path := old_addresses.normalise(one):
                found[path] = None
            elif one.strip():
                self.notes.append(f"old_addresses: “{_short(one)}” is no address of a piece; left out")
        return list(found)

    def first_appeared(self, line: dict[str, Any], record: Record) -> None:
        value, original = line.get("first_appeared"), line.get("original_url")
        said: Any = {"name": value} if isinstance(value, str) else value
        if value not in (None, "") and not isinstance(said, dict):
            self.problems.append(f"first_appeared: {_kind(value)} where a name, or an object with one, is expected.")
            return
        if original is not None and not isinstance(original, str):
            self.problems.append(f"original_url: {_kind(original)} where an address is expected.")
            original = None
        said = said or {}
        name, url = said.get("name"), said.get("url") or original
        for key, one in (("name", name), ("url", url)):
            if one is not None and not isinstance(one, str):
                self.problems.append(f"first_appeared: {key} is {_kind(one)} where words are expected.")
        name = sanitise.plain_line(_without_markup(name)) if isinstance(name, str) else ""
        url = sanitise.plain_line(url) if isinstance(url, str) else ""
        if len(name) > 200:
            self.notes.append(f"first_appeared: the name has {len(name)} characters; cut at 200")
            name = _cut(name, 200)
        if url and (len(url) > 500 or not _ORDINARY.fullmatch(url)):
            self.notes.append(f"first_appeared: “{_short(url)}” is no address of the web; left out")
            url = ""
        record.first_appeared, record.first_appeared_url = name, url

    def what_followed(self, line: dict[str, Any], record: Record) -> None:
        value = line.get("corrections") or []
        if not isinstance(value, list):
            self.problems.append(f"corrections: {_kind(value)} where a list is expected.")
            value = []
        rows = [(one, "corrections") for one in value]
        if line.get("retraction") is not None:
            rows.append((line["retraction"], "retraction"))
        for said, key in rows:
            if not isinstance(said, dict):
                self.problems.append(f"{key}: {_kind(said)} where an object with date and note is expected.")
                continue
            kind = "retraction" if key == "retraction" else said.get("kind") or Publication.Kind.CORRECTION.value
            note = said.get("reason", said.get("note")) if key == "retraction" else said.get("note")
            at = self.moment(said.get("date"), f"{key}: date")
            if kind not in KINDS:
                self.problems.append(f"{key}: the kind is one of {', '.join(sorted(KINDS))}, not {_shown(kind)}.")
                continue
            if note is not None and not isinstance(note, str):
                self.problems.append(f"{key}: {_kind(note)} where words for readers are expected.")
                continue
            note = sanitise.plain_text(_without_markup(note or ""))
            if not note and kind != Publication.Kind.COPY_FIX:
                self.problems.append(f"{key}: a {kind} says to readers what it is about. Give it a note.")
            elif len(note) > 5000:
                self.problems.append(f"{key}: the note has {len(note)} characters; at most 5000 fit.")
            elif at is not None:
                if at < record.at:
                    self.problems.append(f"{key}: its date lies before that of the piece.")
                record.later.append(Later(at, str(kind), note))
        record.later.sort(key=lambda one: one.at)
        verdicts = [one.kind for one in record.later if one.kind in ("retraction", "reinstatement")]
        if any(kind != ("retraction", "reinstatement")[place % 2] for place, kind in enumerate(verdicts)):
            self.problems.append("corrections: a piece is retracted first and reinstated after, one each time.")
        is_retracted = verdicts[-1:] == ["retraction"]
        if line.get("status") == "retracted" and not is_retracted:
            self.problems.append("Its status is retracted: say when and why in “retraction”.")


# --- Names without their parts --------------------------------------------------------------------

_DEGREES = re.compile(
    r"(?:,\s*|\s+)(?:M\.?D\.?|Ph\.?\s?D\.?|D\.?Phil\.?|M\.?A\.?|M\.?B\.?A\.?|M\.?P\.?H\.?|M\.?Sc\.?|J\.?D\.?|LL\.?[MB]\.?|R\.?N\.?|Esq\.?|Jr\.?|Sr\.?|II|III|IV)(?=$|,)"
)
_PARTICLES = frozenset(
    "van von der den de del della di da dos du la le ten ter zu af av bin binti ibn al el st. st".split()
)
_BODIES = re.compile(
    r"\b(?:agency|association|board|bureau|center|centre|commission|committee|council|department|editors?|editorial|foundation|"
    r"government|institute|ministry|network|office|organi[sz]ation|society|staff|team|university)\b|[./@\d]",
    re.IGNORECASE,
)


def told_apart(name: str) -> tuple[str, str, str, bool]:
    """Given name, family name, single name of a printed name, and whether that is a guess.

    The last word is the family name, with the particles before it; a body, a handle, one word, or a name without spaces in its
    script is single.
    """
    person = name
    while (shorter := _DEGREES.sub("", person).strip(" ,")) != person and shorter:
        person = shorter
    words = person.split()
    initials = re.sub(r"\b\w\.", "", person)
    if (
        len(words) < 2
        or len(words) > 6
        or "," in person
        or "&" in person
        or " and " in person
        or _BODIES.search(initials)
    ):
        return "", "", name, False
    at = len(words) - 1
    while at > 1 and words[at - 1].lower() in _PARTICLES:
        at -= 1
    given, family = " ".join(words[:at]), " ".join(words[at:])
    return (given, family, "", True) if len(given) <= 100 and len(family) <= 100 else ("", "", name, False)


# --- Telling --------------------------------------------------------------------------------------


def _kind(value: object) -> str:
    """What a value is, to somebody who reads JSON."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "words"
        case list():
            return "a list"
        case dict():
            return "an object"
    return "something else"


def _short(text: str, limit: int = 80) -> str:
    text = sanitise.plain_line(str(text))
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _shown(value: object) -> str:
    return f"“{_short(value)}”" if isinstance(value, str) else _kind(value)


def _cut(text: str, limit: int) -> str:
    """At a word, with the sign that something is missing."""
    return f"{text[: limit - 1].rsplit(' ', 1)[0]}…"[:limit]
