"""Cards in step with what readers have: which one a page names, who may fetch it, when it is drawn again.

A card is drawn as soon as a piece is given to readers, ahead of time for a scheduled one, and again when something that it
shows has changed. Until then its page names the picture of the piece, or the card of the publication.
"""

import datetime
import hashlib
import logging
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from PIL import Image as Pillow

from articles import jobs
from articles.models import Article, Byline, Image, ImageUse, ShareCard
from articles.pieces import public_text
from articles.share_cards.drawing import HEIGHT, WIDTH, Drawn, draw
from articles.status import Status
from articles.views.public import absolute
from forum.languages import for_readers
from forum.models import Masthead
from forum.pagecache import until
from prose.scripts import direction_of

# Count it up when cards are drawn in another way: all are drawn again.
DESIGN = 1
# What is older is left to the sweep, so that loading an archive does not keep the worker from what is new.
RECENT = datetime.timedelta(days=30)
# Cards with the title that readers have, and with the notice of a retraction where there is one.
_IS_TRUE = Q(title=F("article__live__title")) & (
    Q(article__status=Status.RETRACTED, is_retracted=True) | Q(article__status=Status.PUBLISHED, is_retracted=False)
)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pictured:
    """A picture beside a shared link, at a full address."""

    url: str
    width: int
    height: int
    alt: str
    type: str


# --- what a page names ---


def picture_of_piece(article: Article, masthead: Masthead) -> Pictured | None:
    """Its card, if it shows what readers have now; else its own picture where that may travel; else the publication's card.

    `article` is read with its `share_card` and bylines.
    """
    drawn, text = drawn_of(article, masthead), public_text(article)
    card = getattr(article, "share_card", None)
    if card and card.file and card.key == key_of(article, drawn):
        alt = ". ".join(part for part in (drawn.label, drawn.title, ", ".join(drawn.names), drawn.house) if part)
        return Pictured(absolute(default_storage.url(card.file)), WIDTH, HEIGHT, alt, "image/jpeg")
    image = text.lead_image
    if image and image.may_travel:
        kind = "image/png" if image.file.name.endswith(".png") else "image/jpeg"
        return Pictured(absolute(image.file.url), image.width, image.height, image.alt, kind)
    return picture_of_site(masthead)


def picture_of_site(masthead: Masthead) -> Pictured | None:
    """The card of the publication, once it was drawn; without a query."""
    name = site_name(masthead)
    if not _is_there(name):
        return None
    return Pictured(absolute(default_storage.url(name)), WIDTH, HEIGHT, masthead.name, "image/jpeg")


def site_name(masthead: Masthead) -> str:
    """Where the card of the publication is kept: another name or tagline has another."""
    return f"cards/site-{_digest(DESIGN, masthead.name, masthead.tagline, masthead.language)}.jpg"


# Names that were found: such a file stays as long as its name is asked for.
_seen: set[str] = set()
# While nobody can say whether a file is there it is not asked for again for so many seconds, nor is a page without it right for longer.
AGAIN = 30
_unsaid: dict[str, float] = {}


def _is_there(name: str) -> bool:
    """A bucket that does not answer costs a page its card, and nothing else."""
    if name in _seen:
        return True
    if _unsaid.get(name, 0) <= time.monotonic():
        try:
            is_there = default_storage.exists(name)
        except OSError as problem:
            log.warning("%s", problem)
            _unsaid.clear()
            _unsaid[name] = time.monotonic() + AGAIN
        else:
            if is_there:
                _seen.add(name)
            return is_there
    until(timezone.now() + datetime.timedelta(seconds=AGAIN))
    return False


# --- what a card shows ---


def for_cards(pieces: QuerySet[Article]) -> QuerySet[Article]:
    """`pieces` with all that a card shows."""
    return pieces.select_related("live__lead_image", "share_card").prefetch_related(
        Prefetch("bylines", Byline.objects.select_related("author"))
    )


def drawn_of(article: Article, masthead: Masthead) -> Drawn:
    """What the card of a piece shows: what its page says too."""
    text = public_text(article)
    image = _picture_of(article)
    authors = [one for one in article.byline_list if one.role == Byline.Role.AUTHOR] or article.byline_list
    with for_readers(masthead):
        return Drawn(
            title=text.title,
            house=masthead.name,
            names=tuple(one.name for one in authors),
            day=formats.date_format(article.published_on, "DATE_FORMAT") if article.published_on else "",
            label=_("Retracted") if article.status == Status.RETRACTED else "",
            language=article.language,
            is_rtl=direction_of(article.language) == "rtl",
            credit=image.credit if image else "",
            focus=(float(image.focal_x), float(image.focal_y)) if image else (0.5, 0.5),
        )


def key_of(article: Article, drawn: Drawn) -> str:
    """The same as long as the card would look the same."""
    image = _picture_of(article)
    return _digest(DESIGN, article.pk, drawn, image.file.name if image else "")


def house_key(masthead: Masthead) -> str:
    return _digest(DESIGN, masthead.name, masthead.language)


def _picture_of(article: Article) -> Image | None:
    image = public_text(article).lead_image
    return image if image and image.may_travel else None


def _digest(*parts: object) -> str:
    """Not to be guessed, even by who knows what it is made from."""
    key = hashlib.blake2b(settings.SECRET_KEY.encode()).digest()
    return hashlib.blake2b(repr(parts).encode(), digest_size=16, key=key).hexdigest()


# --- who may fetch it ---


def piece_of(path: str, now: datetime.datetime) -> tuple[int, bool] | None:
    """The piece whose card has this name, if readers may have it: they have the piece, with the title that the card has, and a
    picture that may still travel. And whether that is the picture of what they have, so that its changes are told of."""
    within = ImageUse.objects.filter(revision=OuterRef("article__live"), image=OuterRef("picture"))
    return (
        ShareCard.objects.filter(_IS_TRUE, file=path)
        .filter(Q(picture=None) | Q(picture__licence__in=Image.TRAVELS))
        .filter(article__in=Article.objects.published(now))
        .annotate(is_told=Q(picture=None) | Exists(within))
        .values_list("article_id", "is_told")
        .first()
    )


# --- keeping in step ---


def follow(article: Article) -> None:
    """Call it where what readers have of a piece was changed, within the transaction."""
    if article.live_id is None or article.published_at is None:
        forget(article)
    elif article.published_at > timezone.now() - RECENT or ShareCard.objects.filter(article=article).exists():
        jobs.order_share_card(article.pk)


def follow_picture(image: Image) -> None:
    """Call it where a picture was changed in what cards show of it: focal point, credit, licence."""
    for pk in Article.objects.filter(live__lead_image=image).order_by("pk").values_list("pk", flat=True):
        jobs.order_share_card(pk)


def forget(article: Article) -> None:
    """The card of a piece that readers do not have goes at once, its file once the transaction is through."""
    card = ShareCard.objects.filter(article=article).first()
    if card is None:
        return
    card.delete()
    _delete_later(card.file)


def due(masthead: Masthead) -> QuerySet[Article]:
    """Pieces whose card was never drawn, or is of another time; the newest first."""
    current = ShareCard.objects.filter(_IS_TRUE, house=house_key(masthead), article=OuterRef("pk"))
    # Not “not in”: the database would hold all cards of an archive against each of its pieces.
    return Article.objects.filter(~Exists(current), live__isnull=False).newest_first()


def make(article_id: int, *, anew: bool = False) -> bool:
    """Draw the card of a piece, unless it is drawn already; harmless to repeat. Returns whether one was drawn."""
    masthead = Masthead.current()
    article = for_cards(Article.objects.filter(pk=article_id, live__isnull=False)).first()
    if article is None:
        return False
    drawn = drawn_of(article, masthead)
    key, image = key_of(article, drawn), _picture_of(article)
    card = getattr(article, "share_card", None)
    if (
        not anew
        and card
        and card.key == key
        and card.house == house_key(masthead)
        and default_storage.exists(card.file)
    ):
        return False
    name = f"cards/{key[:2]}/{_digest('file', key)}.jpg"
    _write(name, draw(drawn, _opened(image)))
    _note(ShareCard(
        article=article, file=name, key=key, house=house_key(masthead), title=drawn.title,
        is_retracted=bool(drawn.label), picture=image,
    ))  # fmt: skip
    return True


@transaction.atomic
def _note(card: ShareCard) -> None:
    """Show the card, unless the piece was taken from readers meanwhile."""
    is_live = Article.objects.select_for_update(no_key=True).filter(pk=card.article_id, live__isnull=False).exists()
    before = ShareCard.objects.filter(article_id=card.article_id).values_list("file", flat=True).first()
    if not is_live:
        _delete_later(card.file)
        return
    ShareCard.objects.update_or_create(
        article_id=card.article_id,
        defaults={name: getattr(card, name) for name in ("file", "key", "house", "title", "is_retracted", "picture")},
    )
    if before and before != card.file:
        _delete_later(before)


def make_site(masthead: Masthead) -> bool:
    """Draw the card of the publication, unless it is there; those of former names go. Returns whether one was drawn."""
    name = site_name(masthead)
    if default_storage.exists(name):
        return False
    is_rtl = direction_of(masthead.language) == "rtl"
    drawn = Drawn(title=masthead.name, house="", day=masthead.tagline, language=masthead.language, is_rtl=is_rtl)
    _write(name, draw(drawn))
    for other in default_storage.listdir("cards")[1]:
        if other.startswith("site-") and f"cards/{other}" != name:
            default_storage.delete(f"cards/{other}")
    return True


def _opened(image: Image | None) -> Pillow.Image | None:
    """The picture, or nothing where its file is gone: the card is then drawn without."""
    if image is None:
        return None
    try:
        with image.file.storage.open(image.file.name) as file, Pillow.open(file) as picture:
            picture.load()
            return picture.copy()
    except (OSError, ValueError, SyntaxError, EOFError, Pillow.DecompressionBombError):
        log.warning("The file of picture %s is missing or damaged; a card is drawn without it.", image.pk)
        return None


def _write(name: str, content: bytes) -> None:
    # One that is there may have been cut short by a crash.
    default_storage.delete(name)
    written = default_storage.save(name, ContentFile(content))
    if written != name:
        # Another worker wrote the same meanwhile.
        default_storage.delete(written)


def _delete_later(name: str) -> None:
    if name:
        transaction.on_commit(lambda: default_storage.delete(name))
