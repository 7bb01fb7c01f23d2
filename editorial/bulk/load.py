"""Takes in pieces that were published elsewhere before, one line and one transaction after the other.

`Loader(...).lines(file)` yields what became of each line. A line that was loaded before and is the same is passed over by its
digest, so that an interrupted load goes on quickly; one that changed becomes the next version, unless somebody edited the piece here.
"""

import contextlib
import datetime
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts.models import User
from articles import old_addresses
from articles.models import (
    Article,
    Byline,
    FormerAddress,
    Image,
    OldAddress,
    Publication,
    Region,
    RegionFormerSlug,
    Series,
    Tag,
    TagFormerSlug,
    TaggedArticle,
)
from articles.status import Status
from authors.models import Author
from editorial import changes, writing
from editorial.bulk import record as records
from editorial.bulk.pictures import Library
from editorial.bulk.record import Name, Picture, Record, Refused
from editorial.models import Change, LoadedPiece
from editorial.perform import perform
from editorial.registry import Blocked
from forum.models import Masthead
from prose import incoming, measure, sanitise, slugs

# The longest line that is read: the longest text with every character escaped.
LONGEST_LINE: Final = 8 * 1024 * 1024
# One load at a time; any number does that nobody else locks.
LOCK: Final = 4_310_776
_OWN_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,120}")
_FIRST_FIGURE = re.compile(r"\s*<figure>.*?</figure>", re.DOTALL)
_WORDS_IN_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")


class Problem(Exception):  # noqa: N818  it is an answer, not an error
    """Why nothing can be loaded at all, and what to do."""


@dataclass(frozen=True)
class Options:
    is_dry: bool = False
    # Lines that are the same as before, too: once pictures were added.
    is_again: bool = False
    # Where somebody edited the piece here since, the line wins.
    overwrites: bool = False
    creates_regions: bool = False
    # For lines that name none.
    regions: tuple[str, ...] = ()
    # Tags such as "open-data" are read as "open data".
    has_slugs_as_tags: bool = False


@dataclass
class Outcome:
    """What became of one line."""

    TAKEN, CHANGED, SAME, LEFT, REFUSED = "taken", "changed", "untouched", "left alone", "refused"

    line: int
    external_id: str = ""
    title: str = ""
    outcome: str = SAME
    address: str = ""
    notes: list[str] = field(default_factory=list)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Two loads at once would make each author twice: the second is told so."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise Problem("Another load is running. Wait until it is through, and start this one again.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def raw_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Each line with its number; None where it is longer than any piece, and then it is never held in memory whole."""
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if number == 1 and raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise Problem("The file is in UTF-16. Save it as UTF-8 and load that.")
        if len(raw) <= LONGEST_LINE:
            yield number, raw
            continue
        while raw and not raw.endswith(b"\n"):
            raw = file.readline(LONGEST_LINE)
        yield number, None


def read_line(raw: bytes | None) -> object:
    """What a line says. Raises Refused where it is no JSON in UTF-8."""
    if raw is None:
        raise Refused(
            f"The line has more than {LONGEST_LINE // 1048576} MB. No piece is that long: look for what went wrong in the export."
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise Refused(
            f"Byte {problem.start + 1} of the line is not UTF-8. Save the file as UTF-8 (it may be in Windows-1252 now)."
        ) from problem
    try:
        return json.loads(text)
    except json.JSONDecodeError as problem:
        hint = (
            " It may be a JSON array over several lines; each piece stands on one line of its own."
            if text.strip()[:1] == "["
            else ""
        )
        raise Refused(f"This is no JSON: {problem.msg}, at character {problem.pos + 1}.{hint}") from problem
    except (ValueError, RecursionError) as problem:
        raise Refused("This JSON is nested too deeply, or has a number too long to read.") from problem


class Loader:
    def __init__(self, *, by: User, library: Library, options: Options, now: datetime.datetime | None = None) -> None:
        self.by, self.library, self.options = by, library, options
        self.masthead = Masthead.current()
        self.now = now or timezone.now()
        self.loaded = dict(LoadedPiece.objects.values_list("external_id", "digest"))
        # External ids of this file, with their lines.
        self.seen: dict[str, int] = {}
        # Addresses within the site that texts link to, with the lines that do.
        self.links: dict[str, list[int]] = {}
        # Authors whose names we told apart.
        self.guessed: dict[str, str] = {}

    def lines(self, numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Outcome]:
        """What became of each line, as it is done. Empty lines are none."""
        for number, raw in numbered:
            if raw is None or raw.strip(b" \t\r\n\x00\xef\xbb\xbf"):
                yield self.line(number, raw)

    def line(self, number: int, raw: bytes | None) -> Outcome:
        """Take in one line, wholly or not at all."""
        done = Outcome(number)
        try:
            value = read_line(raw)
            done.external_id, done.title = records.identity(value)
            self._once(number, done.external_id)
            known = self.loaded.get(done.external_id)
            if known is not None and not self.options.is_again and known == records.digest_of(value):
                return done
            record = records.parse(value, zone=self.masthead.zone, now=self.now)
            done.external_id, done.title = record.external_id, record.title
            with transaction.atomic():
                # First of all that follows the commit: from then on the pictures are a piece's.
                transaction.on_commit(self.library.written.clear)
                if known is not None:
                    piece, done.outcome = self._change(record)
                else:
                    piece, done.outcome = self._take(record), Outcome.TAKEN
                done.address = piece.get_absolute_url()
                if self.options.is_dry:
                    transaction.set_rollback(True)
            done.notes = list(dict.fromkeys(record.notes))
            if not self.options.is_dry and done.outcome != Outcome.LEFT:
                self.loaded[record.external_id] = record.digest
        except Refused as answer:
            self._refuse(done, answer.reasons)
        except Blocked as answer:
            self._refuse(done, [reason.text for reason in answer.reasons])
        except writing.Stale as answer:
            self._refuse(done, [str(answer)])
        except (PermissionDenied, ValidationError) as answer:
            self._refuse(done, answer.messages if isinstance(answer, ValidationError) else [str(answer)])
        except DatabaseError as problem:
            self._refuse(done, [f"The database refused it: {str(problem).splitlines()[0]}"])
        except BaseException:
            self.library.forget()
            raise
        return done

    def _refuse(self, done: Outcome, reasons: list[str]) -> None:
        self.library.forget()
        done.outcome, done.notes = Outcome.REFUSED, reasons

    def _once(self, number: int, external_id: str) -> None:
        if external_id and (first := self.seen.setdefault(external_id, number)) != number:
            raise Refused(
                f"The external id “{external_id[:100]}” stands in line {first} already. Give each piece its own, or take one of the lines out."
            )

    # --- A new piece --------------------------------------------------------------------------------

    def _take(self, record: Record) -> Article:
        body, lead = self._text(record)
        piece = writing.begin(
            by=self.by,
            editor=self.by,
            title=record.title,
            in_brief=record.in_brief,
            body=body,
            lead_image=lead,
            now=record.at,
        )
        if not measure.words(piece.latest.body):
            raise Refused("Nothing is left of its text once what readers can’t be given is taken out.")
        self._set_slug(piece, record)
        self._set_columns(piece, record)
        piece.save()
        piece.regions.set(self._regions(record))
        self._set_tags(piece, record)
        self._set_bylines(piece, record)
        perform(piece, "import", by=self.by, now=record.at)
        for later in record.later:
            perform(piece, "import_again", by=self.by, now=later.at, kind=later.kind, public_note=later.note)
        self._keep_old_addresses(piece, record)
        LoadedPiece.objects.create(
            external_id=record.external_id, article=piece, digest=record.digest, revision_id=piece.latest_id
        )
        self._say_what_is_missing(record)
        return piece

    def _text(self, record: Record) -> tuple[str, Image | None]:
        """The body as it may be sanitised, and the lead picture."""
        if len(record.html) > sanitise.MAX_BODY:
            raise Refused(f"The text has {len(record.html)} characters; at most {sanitise.MAX_BODY} fit.")

        def place(source: str, alt: str) -> incoming.Shown | str:
            told = record.pictures.get(source)
            image = self.library.take(
                Picture(source, alt[:300]) if told is None else Picture(**(vars(told) | {"alt": told.alt or alt[:300]}))
            )
            if isinstance(image, str):
                return image or incoming.Shown(f"{settings.MEDIA_URL}not-written.jpg")
            return incoming.Shown(image.file.url, image.width, image.height)

        taken = incoming.take_in(record.html, place, is_ours=record.is_ours)
        record.notes += taken.notes
        self._links = taken.links
        lead = None
        if record.image:
            found = self.library.take(record.image)
            if isinstance(found, str):
                if found:
                    record.notes.append(f"Lead picture left out: {record.image.file} ({found})")
            else:
                lead = found
        return self._without_repeats(taken.html, lead, record), lead

    @staticmethod
    def _without_repeats(html: str, lead: Image | None, record: Record) -> str:
        """The lead picture once; and a word where the text begins with its own In Brief."""
        if record.is_ours:
            return html
        if lead is not None and f'src="{lead.file.url}"' in html:
            first = _FIRST_FIGURE.match(html)
            if first and f'src="{lead.file.url}"' in first[0] and "<figcaption" not in first[0]:
                record.notes.append(
                    "The text began with the lead picture, which stands above it already: there it was left out"
                )
                html = html[first.end() :]
            else:
                record.notes.append("The lead picture stands in the text, too")
        beginning = " ".join(measure.text_of(html[:4000]).split())
        if len(record.in_brief) > 40 and beginning.startswith(" ".join(record.in_brief.split())[:200].rstrip(" .…")):
            record.notes.append("The In Brief repeats the first words of the text")
        return html

    def _set_slug(self, piece: Article, record: Record) -> None:
        """As given, where it can stand in an address and no other piece has it."""
        if not record.slug:
            return
        wanted = record.slug
        if not _OWN_SLUG.fullmatch(wanted):
            wanted = slugs.slug(wanted, slugs.slug(record.title), 100)
        slug, number = wanted, 1
        while (
            Article.objects.filter(slug=slug).exclude(pk=piece.pk).exists()
            or FormerAddress.objects.filter(slug=slug).exclude(article=piece).exists()
        ):
            number += 1
            slug = f"{wanted[:114]}-{number}"
        piece.slug, piece.has_own_slug = slug, True
        if slug != record.slug:
            record.notes.append(
                f"The slug became “{slug}”" + ("; another piece has the one given" if slug != wanted else "")
            )
            day = record.at.astimezone(self.masthead.zone).date()
            if number == 1 and (path := old_addresses.normalise(f"/{day:%Y/%m/%d}/{record.slug}/")):
                record.old_addresses.append(path)

    def _set_columns(self, piece: Article, record: Record) -> None:
        piece.language = record.language or self.masthead.language[:12]
        piece.licence = record.licence
        piece.doi = self._doi(piece, record)
        piece.translation_of = self._original(piece, record)
        piece.first_appeared, piece.first_appeared_url = record.first_appeared, record.first_appeared_url
        piece.series = self._series(record)
        piece.series_position = record.series.position if record.series else None

    def _doi(self, piece: Article, record: Record) -> str:
        if record.doi and Article.objects.filter(doi=record.doi).exclude(pk=piece.pk).exists():
            record.notes.append(f"Another piece has the DOI {record.doi}; left out")
            return ""
        return record.doi

    def _original(self, piece: Article, record: Record) -> Article | None:
        """All translations of a text name the same piece; one that is loaded later is named when this line is loaded again."""
        if not record.translation_of:
            return None
        loaded = LoadedPiece.objects.filter(external_id=record.translation_of).select_related("article__translation_of")
        found = loaded.first()
        original = (found.article.translation_of or found.article) if found else None
        if original is None or original.pk == piece.pk:
            record.notes.append(f"It is a translation of “{record.translation_of}”, which is not here; load that first")
            return None
        return original

    def _say_what_is_missing(self, record: Record) -> None:
        if not record.in_brief:
            record.notes.append("It has no In Brief: lists show the title alone")
        if not record.authors:
            record.notes.append("No author stands above it")
        if record.image and not record.image.alt:
            record.notes.append("The lead picture has no description for those who can’t see it")
        if record.image and not record.image.credit:
            record.notes.append("The lead picture has no credit")

    # --- A piece that was loaded before ---------------------------------------------------------------

    def _change(self, record: Record) -> tuple[Article, str]:
        loaded = LoadedPiece.objects.select_for_update().get(external_id=record.external_id)
        piece = Article.objects.select_for_update().get(pk=loaded.article_id)
        if piece.status != Status.PUBLISHED:
            record.notes = [f"The piece is {Status(piece.status).label} here, and was left as it is"]
            return piece, Outcome.LEFT
        was_edited = piece.latest_id != loaded.revision_id or piece.events.filter(at__gt=loaded.loaded_at).exists()
        if was_edited and not self.options.overwrites:
            record.notes = [
                "The piece was edited here since it was loaded, and was left as it is. To let the line win: --overwrite"
            ]
            return piece, Outcome.LEFT
        before, first, listed = writing.snapshot(piece), piece.latest_id, _old_paths(piece)
        body, lead = self._text(record)
        writing.revise(
            piece, by=self.by, base=piece.latest_id, title=record.title, in_brief=record.in_brief, body=body, lead_image=lead,
            note="Loaded again",
        )  # fmt: skip
        if (
            record.slug
            and record.slug.lower() != piece.slug.lower()
            and not re.fullmatch(rf"{re.escape(record.slug[:114])}-\d+", piece.slug)
        ):
            self._set_slug(piece, record)
        self._set_columns(piece, record)
        piece.save(
            update_fields=[
                "slug", "has_own_slug", "language", "licence", "doi", "translation_of", "first_appeared", "first_appeared_url", "series", "series_position",
            ]
        )  # fmt: skip
        piece.regions.set(self._regions(record))
        self._set_tags(piece, record)
        self._set_bylines(piece, record)
        is_changed = bool(writing.settle_details(piece, by=self.by, before=before))
        if piece.latest_id != first:
            perform(piece, "import_again", by=self.by, kind=Publication.Kind.COPY_FIX.value)
            is_changed = True
        is_changed |= self._add_what_followed(piece, record)
        if piece.published_at and abs(piece.published_at - record.at) > datetime.timedelta(seconds=1):
            record.notes.append("Its date is another now; a piece keeps the day under which readers have it")
        self._keep_old_addresses(piece, record)
        self._say_what_is_missing(record)
        loaded.digest, loaded.revision_id, loaded.loaded_at = record.digest, piece.latest_id, timezone.now()
        loaded.save(update_fields=["digest", "revision", "loaded_at"])
        is_changed |= _old_paths(piece) != listed
        return piece, Outcome.CHANGED if is_changed else Outcome.SAME

    def _add_what_followed(self, piece: Article, record: Record) -> bool:
        known = {(p.kind, p.note, p.at) for p in piece.publications.all()}
        new = [later for later in record.later if (later.kind, later.note, later.at) not in known]
        for later in new:
            perform(piece, "import_again", by=self.by, now=later.at, kind=later.kind, public_note=later.note)
        return bool(new)

    # --- What a piece is about ------------------------------------------------------------------------

    def _regions(self, record: Record) -> list[Region]:
        found: dict[int, Region] = {}
        for name in record.regions or self.options.regions:
            region = (
                Region.objects.filter(name__iexact=name).first()
                or Region.objects.filter(slug=slugs.slug(name, "-")).first()
            )
            if region is None and (former := RegionFormerSlug.objects.filter(slug=slugs.slug(name, "-")).first()):
                region = former.region
            if region is None and self.options.creates_regions:
                region = Region.objects.create(name=name)
                self._record_added(region)
                record.notes.append(f"The region “{name}” was made, at the top of the tree")
            if region is None:
                record.notes.append(
                    f"The region “{name}” is not known and was left out. Make it at the desk, or load with --create-regions"
                )
            else:
                found[region.pk] = region
        return list(found.values())

    def _set_tags(self, piece: Article, record: Record) -> None:
        tags = {tag.pk: tag for name in record.tags if (tag := self._tag(name))}
        TaggedArticle.objects.filter(content_object=piece).exclude(tag__in=tags).delete()
        TaggedArticle.objects.bulk_create(
            [TaggedArticle(content_object=piece, tag=tag) for tag in tags.values()], ignore_conflicts=True
        )

    def _tag(self, name: str) -> Tag:
        """By its name in whatever case, or by its slug; made where there is none."""
        if self.options.has_slugs_as_tags and _WORDS_IN_SLUG.fullmatch(name):
            name = name.replace("-", " ")
        slug = slugs.slug(name, "topic", 90)
        tag = Tag.objects.filter(name__iexact=name).first() or Tag.objects.filter(slug=slug).first()
        if tag is None and (former := TagFormerSlug.objects.filter(slug=slug).select_related("tag").first()):
            tag = former.tag
        if tag is None:
            tag = Tag(name=name)
            tag.save()
            self._record_added(tag)
        return tag

    def _series(self, record: Record) -> Series | None:
        if record.series is None:
            return None
        said = record.series
        series = Series.objects.filter(title__iexact=said.title, number=said.number).first() or (
            None if said.number else Series.objects.filter(title__iexact=said.title).first()
        )
        if series is None:
            series = Series.objects.create(title=said.title, kind=said.kind, number=said.number)
            self._record_added(series)
        return series

    def _record_added(self, row: Any) -> None:
        changes.record(by=self.by, action=Change.Action.ADDED, obj=row, changes={})

    # --- Who stands above it --------------------------------------------------------------------------

    def _set_bylines(self, piece: Article, record: Record) -> None:
        wanted: list[Byline] = []
        taken: set[tuple[int, str]] = set()
        for name in record.authors:
            author = self._author(name, record)
            if (author.pk, name.role) in taken:
                record.notes.append(f"{name.name} stands above the piece twice; once was kept")
                continue
            if author.user_id == self.by.pk:
                raise Refused(
                    f"{name.name} is you: nobody loads a piece of their own. Let another managing editor load it."
                )
            taken.add((author.pk, name.role))
            wanted.append(
                Byline(
                    article=piece, author=author, position=len(wanted), role=name.role, name=name.name, affiliation=name.affiliation, bio=name.bio,
                )
            )  # fmt: skip
        fields = ("author_id", "position", "role", "name", "affiliation", "bio")
        present = list(piece.bylines.order_by("position").values_list(*fields))
        if present != [tuple(getattr(byline, name) for name in fields) for byline in wanted]:
            piece.bylines.all().delete()
            Byline.objects.bulk_create(wanted)

    def _author(self, name: Name, record: Record) -> Author:
        """The author of this ORCID, else of this name; made where there is none."""
        known = Author.objects.filter(orcid=name.orcid).first() if name.orcid else None
        made = Author(
            given_name=name.given_name, family_name=name.family_name, single_name=name.single_name,
            native_name=name.native_name, is_family_first=name.is_family_first, is_house=name.is_house, affiliation=name.affiliation, bio=name.bio, orcid=name.orcid,
        )  # fmt: skip
        if known is None:
            alike = list(Author.objects.named(made.name).order_by("pk")) or list(
                Author.objects.named(name.name).order_by("pk")
            )
            alike = [author for author in alike if not (name.orcid and author.orcid and author.orcid != name.orcid)]
            by_slug = [author for author in alike if name.slug and author.slug == name.slug]
            by_place = [author for author in alike if name.affiliation and author.affiliation == name.affiliation]
            known = next(iter(by_slug or by_place or alike), None)
            if len(alike) > 1 and not by_slug:
                record.notes.append(
                    f"{len(alike)} authors are called {name.name}: see whether {known} ({known and known.slug}) is the right one"
                )
        if known is not None:
            self._tell_more(known, name)
            return known
        if name.slug and not Author.objects.filter(slug=name.slug).exists() and not _had_slug(name.slug):
            made.slug = name.slug
        made.save()
        self._record_added(made)
        if name.is_guessed:
            self.guessed[made.name] = made.family_name
        return made

    def _tell_more(self, author: Author, name: Name) -> None:
        """Fill in what was not known of the author; what stands there stays."""
        more = {
            key: getattr(name, key)
            for key in ("affiliation", "bio", "orcid")
            if getattr(name, key) and not getattr(author, key)
        }
        if author.user_id is None and more:
            for key, value in more.items():
                setattr(author, key, value)
            author.save(update_fields=list(more))
            changes.record(
                by=self.by,
                action=Change.Action.CHANGED,
                obj=author,
                changes={key: ["", value] for key, value in more.items()},
            )

    # --- Addresses --------------------------------------------------------------------------------------

    def _keep_old_addresses(self, piece: Article, record: Record) -> None:
        own = old_addresses.normalise(piece.get_absolute_url())
        wanted = [path for path in dict.fromkeys(record.old_addresses) if path != own]
        taken = {row.path: row for row in OldAddress.objects.filter(path__in=wanted).select_related("article")}
        for path in wanted:
            if path in taken and taken[path].article_id != piece.pk:
                record.notes.append(
                    f"The old address {path} leads to another piece already: {taken[path].article.get_absolute_url()}"
                )
        OldAddress.objects.bulk_create(OldAddress(path=path, article=piece) for path in wanted if path not in taken)
        for link in self._links:
            self.links.setdefault(link, []).append(0)

    def broken_links(self) -> list[tuple[str, int]]:
        """Addresses within the site that texts of this load link to and that lead nowhere, with how often."""
        paths = {link: old_addresses.candidates(*_parted(link)) for link in self.links}
        known = set()
        wanted = sorted({path for found in paths.values() for path in found})
        for start in range(0, len(wanted), 1000):
            known |= old_addresses.known(wanted[start : start + 1000])
        lost = [
            (link, len(self.links[link]))
            for link, found in paths.items()
            if not known.intersection(found) and not _is_page_of_ours(_parted(link)[0])
        ]
        return sorted(lost, key=lambda one: (-one[1], one[0]))


def _old_paths(piece: Article) -> set[str]:
    return set(piece.old_addresses.values_list("path", flat=True))


def _had_slug(slug: str) -> bool:
    from authors.models import AuthorFormerSlug

    return AuthorFormerSlug.objects.filter(slug=slug).exists()


def _parted(link: str) -> tuple[str, str]:
    path, _, query = link.split("#", 1)[0].partition("?")
    return path, query


# What the views of these addresses look for, so that a link to an unknown region counts as broken.
_ROWS: Final[dict[str, tuple[type[Any], str]]] = {
    "articles:region": (Region, "slug"),
    "articles:topic": (Tag, "slug"),
    "articles:author": (Author, "slug"),
    "articles:series": (Series, "slug"),
    "articles:article": (Article, "slug"),
}


def _is_page_of_ours(path: str) -> bool:
    """Whether the site answers at this path."""
    from forum.models import Page

    if path.startswith(sanitise.IMAGE_ROOTS):
        return True
    try:
        found = resolve(path if path.endswith("/") else f"{path}/")
    except Resolver404:
        return False
    slug = found.kwargs.get("slug")
    if found.view_name in _ROWS and slug:
        model, name = _ROWS[found.view_name]
        return bool(model._default_manager.filter(**{name: slug}).exists())
    if slug:
        return Page.objects.filter(slug=slug, is_published=True).exists()
    return True
