"""The pieces of a special feature or issue and their order: add, take out, arrange.

Place and belonging are public at once on a public piece, so each piece is asked for: whoever may change what readers
see of it may move it, and nobody moves a piece of their own, nor others so that theirs comes to stand further up. A
piece that may not be moved keeps its place, and the others change places round it. Each change is an event of its piece.
"""

from collections.abc import Collection, Iterable, Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from articles.models import Article, Series
from articles.querysets import ArticleQuerySet
from editorial import access, writing
from editorial.registry import Blocked, Reason

LAST_NUMBER = 32766
NOT_ON_DESK = "It is not on your desk: you wrote it, or it is somebody’s draft. Another editor can move it."
PUBLISHERS_MOVE_IT = "Readers see its place at once, so those who publish change it."
EDITORS_MOVE_IT = "Editors change its place."
MOVES_UP = (
    "A piece that is not yours to move stands further down and would come to stand further up. "
    "Another editor can make this change."
)


def in_order(series: Series) -> ArticleQuerySet:
    """All pieces of it, those that readers do not have yet included, as its own page will have them."""
    pieces: ArticleQuerySet = Article.objects.filter(series=series).order_by(
        F("series_position").asc(nulls_last=True), F("published_at").asc(nulls_last=True), "pk"
    )
    return pieces


def fixed_for(user: User, pieces: Iterable[Article]) -> dict[int, str]:
    """Those of the pieces that this person may not move, each with the reason; one query for all."""
    pieces = list(pieces)
    on_desk = set(access.desk_pieces(user).filter(pk__in=[piece.pk for piece in pieces]).values_list("pk", flat=True))
    found = {}
    for piece in pieces:
        if piece.pk not in on_desk or not user.is_active:
            found[piece.pk] = NOT_ON_DESK
        elif not user.has_perm("editorial.decide"):
            found[piece.pk] = EDITORS_MOVE_IT
        elif piece.live_id and not user.has_perm("editorial.publish"):
            found[piece.pk] = PUBLISHERS_MOVE_IT
    return found


def numbered(order: Sequence[int], numbers: dict[int, int | None], fixed: Collection[int]) -> dict[int, int | None]:
    """A number for each in that order, counted from 1, where those in `fixed` keep the number that they have.

    Raises Blocked where the order can't be had so.
    """
    found: dict[int, int | None] = {}
    last, is_open_ended = 0, False
    for pk in order:
        if pk in fixed:
            number = numbers[pk]
            if number is not None and (is_open_ended or number <= last):
                raise Blocked(
                    Reason(
                        f"A piece that is not yours to move keeps number {number}, so no more than {number - 1} can stand before it."
                    )
                )
            found[pk] = number
            last, is_open_ended = number or last, number is None
        elif is_open_ended:
            # Without a number a piece stands after all that have one; only others without one can follow.
            if numbers[pk] is not None:
                raise Blocked(
                    Reason("A piece that is not yours to move has no number yet, so it stays after all that have one.")
                )
            found[pk] = None
        else:
            last += 1
            found[pk] = last
    return found


def check_places(order: Sequence[int], before: Sequence[int], fixed: Collection[int]) -> None:
    """Raises Blocked where one of those in `fixed` would come to stand further up or down than it did."""
    if any(pk in fixed and pk != before[place] for place, pk in enumerate(order)):
        raise Blocked(
            Reason("A piece that is not yours to move keeps its place; the others can change places round it.")
        )


def arrange(series: Series, ordered_ids: Sequence[int], *, by: User, seen: Sequence[int] | None = None) -> int:
    """Give the pieces of the series this order; returns how many were moved.

    `seen` is the order that the person had before their eyes: with another there by now nothing is changed. Raises
    Blocked with the reason, or PermissionDenied where somebody moves what is not theirs to move.
    """
    with transaction.atomic():
        pieces = _locked(series)
        now = [piece.pk for piece in pieces]
        if sorted(ordered_ids) != sorted(now) or (seen is not None and list(seen) != now):
            raise Blocked(
                Reason(
                    "Somebody changed this special feature after you opened the page. It stands here as it is now: look at it, and arrange it again."
                )
            )
        if list(ordered_ids) == now and all(piece.series_position for piece in pieces):
            return 0
        fixed = fixed_for(by, pieces)
        check_places(ordered_ids, now, fixed)
        numbers = numbered(list(ordered_ids), {piece.pk: piece.series_position for piece in pieces}, fixed)
        by_id = {piece.pk: piece for piece in pieces}
        _check_none_moves_up(pieces, [by_id[pk] for pk in ordered_ids], fixed)
        moved = [piece for piece in pieces if piece.series_position != numbers[piece.pk]]
        for piece in moved:
            _change(piece, by=by, series=series, position=numbers[piece.pk])
        return len(moved)


def add(series: Series, article: Article, *, by: User) -> None:
    """Put a piece at the end of the series. Raises Blocked where it belongs to another one already."""
    with transaction.atomic():
        pieces = _locked(series)
        piece = Article.objects.select_for_update().get(pk=article.pk)
        _check(piece, by=by)
        if piece.series_id == series.pk:
            return
        if piece.series_id is not None:
            raise Blocked(Reason(f"“{piece}” belongs to “{piece.series}”. Take it out there first."))
        # Where one has no number, the order is by date from there on, and the new one joins it.
        is_numbered = all(other.series_position for other in pieces)
        last = max((other.series_position or 0 for other in pieces), default=0)
        position = last + 1 if is_numbered and last < LAST_NUMBER else None
        _change(piece, by=by, series=series, position=position)


def remove(series: Series, article: Article, *, by: User) -> None:
    """Take a piece out of the series. The others keep their numbers.

    Raises Blocked where a piece that is not on this person's desk stands further down: it may be their own.
    """
    with transaction.atomic():
        pieces = _locked(series)
        piece = Article.objects.select_for_update().get(pk=article.pk)
        _check(piece, by=by)
        if piece.series_id == series.pk:
            _check_none_moves_up(pieces, [other for other in pieces if other.pk != piece.pk], fixed_for(by, pieces))
            _change(piece, by=by, series=None, position=None)


def _locked(series: Series) -> list[Article]:
    """The pieces in their order, nobody else arranging them. A lock that lets others name the series meanwhile:
    whoever saves a piece holds that piece first, and would wait for us as we for them."""
    Series.objects.select_for_update(no_key=True).get(pk=series.pk)
    ids = list(Article.objects.filter(series=series).order_by("pk").values_list("pk", flat=True))
    # Bare rows in the order of their ids, as everywhere.
    list(Article.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    return list(in_order(series))


def _check_none_moves_up(before: Sequence[Article], after: Sequence[Article], fixed: dict[int, str]) -> None:
    """Raises Blocked where a piece that is not on the person's desk would have fewer before it than it had, of all or of
    those that readers have."""
    now = timezone.now()
    hidden = {pk for pk, reason in fixed.items() if reason == NOT_ON_DESK}
    public = {piece.pk for piece in before if piece.is_public(now)}

    def ahead(pieces: Sequence[Article]) -> dict[int, tuple[int, int]]:
        ids = [piece.pk for piece in pieces]
        return {pk: (place, len(public.intersection(ids[:place]))) for place, pk in enumerate(ids) if pk in hidden}

    becomes = ahead(after)
    for pk, counts in ahead(before).items():
        if any(new < old for new, old in zip(becomes[pk], counts, strict=True)):
            raise Blocked(Reason(MOVES_UP))


def _check(piece: Article, *, by: User) -> None:
    if reason := fixed_for(by, [piece]).get(piece.pk):
        raise PermissionDenied(reason)


def _change(piece: Article, *, by: User, series: Series | None, position: int | None) -> None:
    before = writing.snapshot(piece)
    piece.series, piece.series_position = series, position
    piece.save(update_fields=["series", "series_position"])
    writing.settle_details(piece, by=by, before=before)
