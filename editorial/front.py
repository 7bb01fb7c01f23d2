"""What editors put on the front page, at its top or into their selection: put a piece there for a time, move it, change
its span, take it off. Each section has an order of its own.

Readers see it, so it is for those who may publish the piece: nobody features a piece of their own. Each change is
recorded (`editorial.changes`); a piece that readers may not see is passed over by `articles.front` without any step here.
"""

import datetime
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from articles.front import LATEST
from articles.models import Article, FrontPick
from articles.status import Status
from editorial import access, changes
from editorial.models import Change
from editorial.registry import Blocked, Reason
from editorial.series_order import MOVES_UP, check_places, numbered

Section = FrontPick.Section
# In each section.
MOST = 40
NOT_YOURS = "You wrote this piece, or it is not on your desk: another editor places it."


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when a pick stands; without an end until somebody takes it off."""

    starts_at: datetime.datetime
    ends_at: datetime.datetime | None = None

    def holds(self, at: datetime.datetime) -> bool:
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)

    def overlaps(self, other: "Span") -> bool:
        return (self.ends_at is None or other.starts_at < self.ends_at) and (
            other.ends_at is None or self.starts_at < other.ends_at
        )


def standing(now: datetime.datetime, section: str | None = None) -> QuerySet[FrontPick]:
    """Those whose time has not run out, those of a section in the order of their places."""
    found = FrontPick.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))
    if section is not None:
        found = found.filter(section=section)
    return found.select_related("article__latest", "article__live", "article__handling", "by").defer(
        "article__latest__body", "article__live__body"
    )


def fixed_for(user: User, picks: Sequence[FrontPick]) -> set[int]:
    """The ids of those picks that this person may not touch; one query for all."""
    if not user.is_active or not user.has_perm("editorial.publish"):
        return {pick.pk for pick in picks}
    ids = [pick.article_id for pick in picks]
    on_desk = set(access.desk_pieces(user).filter(pk__in=ids).values_list("pk", flat=True))
    return {pick.pk for pick in picks if pick.article_id not in on_desk}


def eligible(user: User) -> QuerySet[Article]:
    """Pieces that this person may put on the front page: published, or scheduled."""
    return access.desk_pieces(user).filter(status=Status.PUBLISHED, live__isnull=False)


def put(
    article: Article,
    *,
    by: User,
    place: int,
    span: Span,
    section: str = Section.TOP,
    now: datetime.datetime | None = None,
) -> FrontPick:
    """Put a piece at a place of a section; those from there on move down.

    Raises Blocked with every reason, or PermissionDenied.
    """
    now = now or timezone.now()
    with transaction.atomic():
        _lock()
        article = Article.objects.select_for_update().get(pk=article.pk)
        if not access.may_publish(by, article):
            raise PermissionDenied(NOT_YOURS)
        reasons = _against(span, now)
        if article.status != Status.PUBLISHED:
            reasons.append(Reason("Only a piece that is published or scheduled can stand there.", "article"))
        everywhere = list(standing(now))
        picks = [pick for pick in everywhere if pick.section == section]
        if any(p.article_id == article.pk and span.overlaps(span_of(p)) for p in picks):
            reasons.append(Reason("This piece stands there already at that time. Change its dates instead.", "article"))
        if len(picks) >= MOST:
            reasons.append(Reason(f"There are {len(picks)} pieces on the list already. Take some off first."))
        if reasons:
            raise Blocked(*reasons)
        order = [pick.pk for pick in picks]
        pick = FrontPick.objects.create(
            article=article, section=section, position=len(picks) + 1, starts_at=span.starts_at, ends_at=span.ends_at, by=by
        )  # fmt: skip
        # In front of those from its place on, as the check reads it.
        order.insert(max(place, 1) - 1, pick.pk)
        by_id = {one.pk: one for one in (*picks, pick)}
        _check_none_moves_up(_rows(everywhere), _rows(everywhere, section, [by_id[pk] for pk in order]), by, now)
        _renumber([*picks, pick], order, by=by)
        pick.refresh_from_db()
        changes.record(
            by=by, action=Change.Action.ADDED, obj=pick, name=_name(pick, now), now=now,
            changes={
                "section": ["", pick.get_section_display()], "place": ["", pick.position],
                "from": ["", pick.starts_at], "until": ["", pick.ends_at],
            },
        )  # fmt: skip
    return pick


def remove(pick_id: int, *, by: User, now: datetime.datetime | None = None) -> str:
    """Take a pick off; returns the name of the piece. The others keep their order.

    Raises Blocked where one that is not this person's to touch would come to stand further up.
    """
    now = now or timezone.now()
    with transaction.atomic():
        _lock()
        pick = FrontPick.objects.select_related("article__latest", "article__live").filter(pk=pick_id).first()
        if pick is None:
            raise Blocked(Reason("Somebody took it off already."))
        _check(by, pick)
        before = _rows(list(standing(now)))
        _check_none_moves_up(before, [row for row in before if row[0].pk != pick.pk], by, now)
        name = _name(pick, now)
        changes.record(
            by=by, action=Change.Action.DELETED, obj=pick, name=name, now=now,
            changes={
                "section": [pick.get_section_display(), ""], "place": [pick.position, ""],
                "from": [pick.starts_at, ""], "until": [pick.ends_at, ""],
            },
        )  # fmt: skip
        pick.delete()
    return name


def arrange(
    order: Sequence[int], spans: dict[int, Span], *, by: User, seen: Sequence[int], section: str = Section.TOP,
    now: datetime.datetime | None = None,
) -> int:  # fmt: skip
    """Give the picks of a section this order and these spans (those left out keep theirs); returns how many were changed.

    `seen` is the order that the person had before their eyes. Raises Blocked, or PermissionDenied.
    """
    now = now or timezone.now()
    with transaction.atomic():
        _lock()
        everywhere = list(standing(now))
        picks = [pick for pick in everywhere if pick.section == section]
        if [pick.pk for pick in picks] != list(seen) or sorted(order) != sorted(seen):
            raise Blocked(
                Reason(
                    "Somebody changed the front page after you opened this page, or the time of a piece ran out. It stands here as it is now; what you typed is kept where it still fits."
                )
            )
        by_id = {pick.pk: pick for pick in picks}
        fixed = fixed_for(by, picks)
        before = _rows(everywhere)
        after = _rows(everywhere, section, [by_id[pk] for pk in order], spans)
        changed: set[int] = set()
        for pk, span in spans.items():
            pick = by_id[pk]
            if (pick.starts_at, pick.ends_at) == (span.starts_at, span.ends_at):
                continue
            _check(by, pick)
            others = (span_of(p) for p in picks if p.article_id == pick.article_id and p.pk != pk)
            if reasons := _against(span, now if span.ends_at != pick.ends_at else None):
                raise Blocked(*(Reason(f"“{pick.article}”: {reason.text}", reason.where) for reason in reasons))
            if any(span.overlaps(other) for other in others):
                raise Blocked(Reason(f"“{pick.article}” would stand there twice at the same time."))
            changes.record(
                by=by, action=Change.Action.CHANGED, obj=pick, name=_name(pick, now), now=now,
                changes={
                    name: [old, new]
                    for name, old, new in (
                        ("from", pick.starts_at, span.starts_at), ("until", pick.ends_at, span.ends_at)
                    )
                    if old != new
                },
            )  # fmt: skip
            pick.starts_at, pick.ends_at = span.starts_at, span.ends_at
            pick.save(update_fields=["starts_at", "ends_at"])
            changed.add(pk)
        if list(order) != list(seen):
            check_places(order, seen, fixed)
        _check_none_moves_up(before, after, by, now)
        if list(order) != list(seen):
            for pick, place in _renumber(picks, list(order), by=by):
                changes.record(
                    by=by, action=Change.Action.CHANGED, obj=pick, name=_name(pick, now), now=now,
                    changes={"place": [place, pick.position]},
                )  # fmt: skip
                changed.add(pick.pk)
    return len(changed)


def _renumber(picks: list[FrontPick], order: list[int], *, by: User) -> list[tuple[FrontPick, int]]:
    """Number the picks in that order; returns those that moved, each with the number that it had."""
    fixed = fixed_for(by, picks)
    numbers = numbered(order, {pick.pk: pick.position for pick in picks}, fixed)
    moved = []
    for pick in picks:
        number = numbers[pick.pk]
        assert number is not None, "A pick always has a place."
        if pick.position != number:
            moved.append((pick, pick.position))
            pick.position = number
            pick.save(update_fields=["position"])
    return moved


def _against(span: Span, now: datetime.datetime | None) -> list[Reason]:
    """What speaks against a span; with `now`, that it is over already."""
    if span.ends_at is not None and span.ends_at <= span.starts_at:
        return [Reason("It ends before it starts.", "ends_at")]
    if span.ends_at is not None and now is not None and span.ends_at <= now:
        return [Reason("This moment has passed.", "ends_at")]
    return []


def _check(by: User, pick: FrontPick) -> None:
    if not access.may_publish(by, pick.article):
        raise PermissionDenied(NOT_YOURS)


def span_of(pick: FrontPick) -> Span:
    return Span(pick.starts_at, pick.ends_at)


Rows = list[tuple[FrontPick, Span]]


def _rows(
    everywhere: Sequence[FrontPick], section: str = "", order: Sequence[FrontPick] = (), spans: dict[int, Span] | None = None
) -> Rows:  # fmt: skip
    """All picks with their spans, each section in its order; with `section`, that one as it would become."""
    spans = spans or {}
    kept = [pick for pick in everywhere if pick.section != section]
    return [(pick, spans.get(pick.pk) or span_of(pick)) for pick in (*kept, *order)]


def _check_none_moves_up(before: Rows, after: Rows, by: User, now: datetime.datetime) -> None:
    """Raises Blocked where one that is not this person's to touch would at some moment have fewer before it than it would
    have had."""
    fixed = fixed_for(by, [pick for pick, _ in before])
    moments = {now}
    for pick, span in (*before, *after):
        edges = (span.starts_at, span.ends_at, pick.article.published_at)
        moments.update(edge for edge in edges if edge is not None and edge > now)
    for own, own_span in before:
        if own.pk not in fixed:
            continue
        for at in moments:
            if not own_span.holds(at):
                continue
            was, stays = _ahead(own, before, at), _ahead(own, after, at)
            # Of all, and of those that readers will have: a pick that does not show is no substitute for one that does.
            if len(stays) < len(was) or sum(_shows(p, at) for p in stays) < sum(_shows(p, at) for p in was):
                raise Blocked(Reason(MOVES_UP))


def _ahead(own: FrontPick, rows: Rows, at: datetime.datetime) -> list[FrontPick]:
    """The picks of its section that stand before it at that moment. The selection passes over what leads the page."""
    held = [pick for pick, span in rows if span.holds(at)]
    at_top = [p.article_id for p in held if p.section == Section.TOP and _shows(p, at)][:LATEST]
    passed_over = set(at_top) if own.section == Section.SELECTION else set()
    before = itertools.takewhile(lambda pick: pick.pk != own.pk, (p for p, _ in rows if p.section == own.section))
    held_ids = {pick.pk for pick in held}
    return [pick for pick in before if pick.pk in held_ids and pick.article_id not in passed_over]


def _shows(pick: FrontPick, at: datetime.datetime) -> bool:
    return pick.article.status == Status.PUBLISHED and pick.article.is_public(at)


def _name(pick: FrontPick, now: datetime.datetime) -> str:
    """The title that readers were given: the record of changes is read by more people than the piece."""
    article = pick.article
    is_given = article.live is not None and article.published_at is not None and article.published_at <= now
    return f"Front page: {article.live.title}" if is_given and article.live else "Front page: a piece not published yet"


def _lock() -> None:
    """One at a time: the places of the picks hang together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('front page'))")
