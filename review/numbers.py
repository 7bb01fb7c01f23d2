"""How long pieces take, how many are accepted, how much referees do: each number with what it is out of.

What is counted. A piece counts from its first `submit`, in the period in which that was. Pieces that were loaded were
never handed in here, so none of them counts. The *first decision* is the first `accept`, `decline`, `request_revision`
or `review_in_house` after that: the first moment at which its author hears more than that the piece came in. (Reviewing
in house is one, since the piece then goes into editing; sending it to referees is none.) A decision that was taken back
counts nowhere. A piece is *accepted* or *declined* as its last decision says; one that came back to the desk since, by a
reopening, a step back or another round, is undecided again. *Published* is the first time that readers had it, if
that has come.

Who sees what. Numbers are made of the pieces on the viewer's desk (`access.desk_pieces`) and of those that readers have.
An undecided or declined piece that somebody wrote, referees or has a conflict with is in none of theirs, so that no cell,
however small, and no difference between two filters tells them of it before or beyond what the desk writes to them.
Referees' numbers leave out every piece that is not on the viewer's desk, published or not. For all others a cell of one
piece says what the list of pieces says too, so none is hidden; a share of fewer than `FEW` is not given as a
percentage, since it would say more than is known.

Everything is reckoned in the database: the number of queries does not depend on that of the pieces.
"""

import datetime
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.db.models import Aggregate, Count, DurationField, F, Q, QuerySet

from accounts.models import User
from articles.models import Region
from editorial import access
from review.models import Review

# Of fewer than these a share says little.
FEW: Final = 5
DECISIONS: Final = ("accept", "decline", "request_revision", "review_in_house")
ACCEPTED: Final = ("accept", "review_in_house")
DAY: Final = 86400.0


@dataclass(frozen=True, slots=True)
class Days:
    """A middle value in days with its quarters, and how many it is of; nothing where it is of none."""

    count: int = 0
    median: float | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        """None where the whole is too small for one."""
        return round(100 * self.part / self.whole) if self.whole >= FEW else None


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of pieces that were handed in: all of them, or those of a month, a region or a topic."""

    name: str
    handed_in: int
    # Of them, those with a first decision, those that wait for one, and those that their authors took back before.
    answered: int
    waiting: int
    withdrawn: int
    accepted: int
    declined: int
    published: int
    to_decision: Days
    to_publication: Days
    month: datetime.date | None = None

    @property
    def decided(self) -> int:
        """Accepted or declined."""
        return self.accepted + self.declined

    @property
    def acceptance(self) -> Share:
        return Share(self.accepted, self.decided)


@dataclass(frozen=True, slots=True)
class Printed:
    """What readers were given: in all, or in a month."""

    name: str
    published: int
    refereed: int
    to_publication: Days
    month: datetime.date | None = None

    @property
    def share(self) -> Share:
        return Share(self.refereed, self.published)


@dataclass(frozen=True, slots=True)
class Load:
    """What one referee was asked and did, or all of them."""

    name: str
    invited: int
    answered: int
    agreed: int
    sent: int
    # Now, whenever they were invited.
    open_now: int
    to_answer: float | None
    to_review: float | None


@dataclass(slots=True)
class Numbers:
    """All that one viewer may see, for one period and region."""

    since: datetime.date | None
    overall: Handed
    months: list[Handed]
    printed: Printed
    printed_months: list[Printed]
    regions: list[Handed]
    topics: list[Handed]
    # None for somebody who may not know who referees.
    referees: list[Load] | None = None
    all_referees: Load | None = None
    # Pieces that the viewer wrote, referees or has a conflict with, and that readers do not have.
    left_out: int = 0
    regions_offered: list[tuple[int, str]] = field(default_factory=list)


def of(
    user: User,
    *,
    now: datetime.datetime,
    zone: zoneinfo.ZoneInfo,
    months: int | None = 12,
    region: int | None = None,
) -> Numbers:
    """The numbers that this person may see, of the last `months` (the present one included) or of all time, and of one
    region with those within it."""
    first = since(now, zone, months)
    tree = list(Region.objects.order_by("name").values_list("pk", "parent_id", "name"))
    within = _within(tree, region)
    groups = _handed(user, now, zone, first, within)
    handed = groups["month"]
    total = next((row for row in handed if row.month is None), _no_pieces())
    printed = _printed(user, now, zone, first, within)
    whole = next((row for row in printed if row.month is None), Printed("All", 0, 0, Days()))
    months_known = [row.month for row in handed if row.month] + [row.month for row in printed if row.month]
    axis = _axis(first.astimezone(zone).date() if first else None, now.astimezone(zone).date(), months_known)  # fmt: skip
    by_month = {row.month: row for row in handed}
    printed_by_month = {row.month: row for row in printed}
    found = Numbers(
        since=first.astimezone(zone).date() if first else None,
        overall=total,
        months=[by_month.get(month) or _no_pieces(_month_name(month), month) for month in axis],
        printed=whole,
        printed_months=[
            printed_by_month.get(month) or Printed(_month_name(month), 0, 0, Days(), month) for month in axis
        ],
        regions=groups["region"],
        topics=groups["topic"],
        left_out=_left_out(user, now, first, within),
        regions_offered=[(pk, name) for pk, _, name in tree],
    )
    if user.has_perm("editorial.see_referees"):
        found.referees, found.all_referees = _loads(user, first, within)
    return found


def since(now: datetime.datetime, zone: zoneinfo.ZoneInfo, months: int | None) -> datetime.datetime | None:
    """The first moment of the first of so many months, the present one being the last."""
    if not months:
        return None
    today = now.astimezone(zone).date()
    first = today.year * 12 + today.month - 1 - (months - 1)
    return datetime.datetime(first // 12, first % 12 + 1, 1, tzinfo=zone)


# --- Pieces --------------------------------------------------------------------------------------------

# One row for each piece that was handed in and that the viewer may see numbers of. Events are written in the order of
# their ids. Two walks over all of them, without sorting: a hundred thousand pieces have millions.
PIECES: Final = """
WITH undone AS (
    SELECT (
        SELECT MAX(decision.id) FROM editorial_event decision
        WHERE decision.article_id = back.article_id AND decision.id < back.id AND decision.transition = ANY(%(steps)s)
    ) AS id
    FROM editorial_event back WHERE back.transition = 'take_back'
), handed AS (
    SELECT article_id, MIN(at) FILTER (WHERE transition = 'submit') AS at,
        COALESCE(MAX(id) FILTER (WHERE transition = ANY(%(accepted)s)), 0) AS accepted,
        COALESCE(MAX(id) FILTER (WHERE transition = 'decline'), 0) AS declined,
        COALESCE(MAX(id) FILTER (WHERE to_status IN ('submitted', 'in_review')), 0) AS returned
    FROM editorial_event GROUP BY article_id HAVING BOOL_OR(transition = 'submit')
), first AS (
    SELECT step.article_id, MIN(step.at) AS at
    FROM editorial_event step JOIN handed ON handed.article_id = step.article_id AND step.at >= handed.at
    WHERE step.transition = ANY(%(steps)s) AND step.id NOT IN (SELECT id FROM undone WHERE id IS NOT NULL)
    GROUP BY step.article_id
), printed AS (
    SELECT article_id, MIN(at) AS at FROM articles_publication WHERE kind = 'first' AND at <= %(now)s GROUP BY article_id
), pieces AS (
    SELECT article.id, article.status, article.review_terms, handed.at AS handed_at, first.at AS decided_at,
        handed.accepted > GREATEST(handed.declined, handed.returned) AS is_accepted,
        handed.declined > GREATEST(handed.accepted, handed.returned) AS is_declined,
        printed.at AS printed_at
    FROM handed
    JOIN articles_article article ON article.id = handed.article_id
    LEFT JOIN first ON first.article_id = article.id
    LEFT JOIN printed ON printed.article_id = article.id
    WHERE {seen} AND {within}
)
"""
IS_PUBLIC: Final = "(article.live_id IS NOT NULL AND article.published_at <= %(now)s)"
QUARTERS: Final = "percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM {span}) / 86400.0)"
TO_DECISION: Final = QUARTERS.format(span="decided_at - handed_at")
TO_PUBLICATION: Final = QUARTERS.format(span="printed_at - handed_at")
MONTH: Final = "date_trunc('month', {at} AT TIME ZONE %(zone)s)::date"
# By what pieces are put together: what is selected, what is joined, how it is grouped.
GROUPS: Final = {
    "month": (f"{MONTH.format(at='handed_at')}, ''", "", "GROUP BY GROUPING SETS ((), (2))"),
    "region": (
        "NULL::date, region.name",
        "JOIN articles_article_regions link ON link.article_id = pieces.id JOIN articles_region region ON region.id = link.region_id",
        "GROUP BY region.id, region.name",
    ),
    "topic": (
        "NULL::date, tag.name",
        "JOIN articles_taggedarticle link ON link.content_object_id = pieces.id JOIN articles_tag tag ON tag.id = link.tag_id",
        "GROUP BY tag.id, tag.name",
    ),
}


def _handed(
    user: User,
    now: datetime.datetime,
    zone: zoneinfo.ZoneInfo,
    first: datetime.datetime | None,
    within: set[int] | None,
) -> dict[str, list[Handed]]:
    """By month (with all of them together), by region and by topic; one question, since finding the pieces is what takes time."""
    selects = [
        f"""SELECT '{by}', {named}, COUNT(*), COUNT(decided_at),
            COUNT(*) FILTER (WHERE decided_at IS NULL AND status IN ('submitted', 'in_review')),
            COUNT(*) FILTER (WHERE decided_at IS NULL AND status = 'withdrawn'),
            COUNT(*) FILTER (WHERE is_accepted), COUNT(*) FILTER (WHERE is_declined), COUNT(printed_at),
            {TO_DECISION}, {TO_PUBLICATION}
        FROM pieces {joined}
        WHERE (%(since)s::timestamptz IS NULL OR handed_at >= %(since)s::timestamptz)
        {grouped}"""
        for by, (named, joined, grouped) in GROUPS.items()
    ]
    rows = _rows(" UNION ALL ".join(selects) + " ORDER BY 4 DESC, 3, 2", user, now, zone, first, within)
    found: dict[str, list[Handed]] = {by: [] for by in GROUPS}
    for by, month, name, *counts, decision, publication in rows:
        found[by].append(Handed(*(
            name or (_month_name(month) if month else "All"), *counts, _days(counts[1], decision), _days(counts[6], publication), month,
        )))  # fmt: skip
    return found


def _printed(
    user: User, now: datetime.datetime, zone: zoneinfo.ZoneInfo, first: datetime.datetime | None, within: set[int] | None
) -> list[Printed]:  # fmt: skip
    rows = _rows(
        f"""SELECT {MONTH.format(at="printed_at")}, COUNT(*), COUNT(*) FILTER (WHERE review_terms <> '{{}}'::jsonb),
            {TO_PUBLICATION}
        FROM pieces
        WHERE printed_at IS NOT NULL AND (%(since)s::timestamptz IS NULL OR printed_at >= %(since)s::timestamptz)
        GROUP BY GROUPING SETS ((), (1))""",
        user, now, zone, first, within,
    )  # fmt: skip
    return [
        Printed(_month_name(month) if month else "All", published, refereed, _days(published, quarters), month)
        for month, published, refereed, quarters in rows
    ]


def _left_out(user: User, now: datetime.datetime, first: datetime.datetime | None, within: set[int] | None) -> int:
    """How many pieces of the period are in none of this person's numbers; they know of them as author or referee."""
    sql, values = _pieces(user, now, within, is_seen=False)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{sql} SELECT COUNT(*) FROM pieces WHERE %(since)s::timestamptz IS NULL OR handed_at >= %(since)s::timestamptz",
            values | {"since": first},
        )
        return int(cursor.fetchone()[0])


def _rows(
    select: str,
    user: User,
    now: datetime.datetime,
    zone: zoneinfo.ZoneInfo,
    first: datetime.datetime | None,
    within: set[int] | None,
) -> list[tuple[Any, ...]]:
    sql, values = _pieces(user, now, within)
    with connection.cursor() as cursor:
        cursor.execute(sql + select, values | {"since": first, "zone": zone.key})
        return list(cursor.fetchall())


def _pieces(
    user: User, now: datetime.datetime, within: set[int] | None, *, is_seen: bool = True
) -> tuple[str, dict[str, Any]]:  # fmt: skip
    desk, params = access.desk_pieces(user).order_by().values("pk").query.sql_with_params()
    # The same query in a larger one: its values get names, in their order.
    names = [f"desk_{number}" for number in range(len(params))]
    seen = f"(article.id IN ({desk % tuple(f'%({name})s' for name in names)}) OR {IS_PUBLIC})"
    place = "article.id IN (SELECT article_id FROM articles_article_regions WHERE region_id = ANY(%(within)s))"
    values = dict(zip(names, params, strict=True)) | {
        "now": now, "within": sorted(within or ()), "accepted": list(ACCEPTED),
        "steps": list(DECISIONS),
    }  # fmt: skip
    sql = PIECES.format(seen=seen if is_seen else f"NOT {seen}", within=place if within is not None else "TRUE")
    return sql, values


def _days(count: int, quarters: list[float] | None) -> Days:
    return Days(count, median=quarters[1], lower=quarters[0], upper=quarters[2]) if count and quarters else Days(count)


def _no_pieces(name: str = "All", month: datetime.date | None = None) -> Handed:
    return Handed(name, 0, 0, 0, 0, 0, 0, 0, Days(), Days(), month)


# --- Referees ------------------------------------------------------------------------------------------


class _Median(Aggregate):
    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def _loads(user: User, first: datetime.datetime | None, within: set[int] | None) -> tuple[list[Load], Load]:
    """By referee, who has most open first; and all of them together."""
    asked = Review.objects.exclude(state=Review.State.LISTED).filter(
        round__article__in=access.desk_pieces(user).order_by().values("pk")
    )
    if within is not None:
        asked = asked.filter(round__article__in=_in_regions(within))
    period = Q(invited_at__gte=first) if first else Q()
    counted = {
        "invited": Count("pk", filter=period),
        "answered": Count("pk", filter=period & Q(answered_at__isnull=False)),
        "agreed": Count("pk", filter=period & Q(no_conflict_at__isnull=False)),
        "sent": Count("pk", filter=period & Q(state=Review.State.SUBMITTED)),
        "open_now": Count("pk", filter=Q(state__in=Review.OPEN)),
        "to_answer": _Median(F("answered_at") - F("invited_at"), filter=period & Q(answered_at__isnull=False)),
        "to_review": _Median(F("submitted_at") - F("answered_at"), filter=period & Q(state=Review.State.SUBMITTED)),
    }
    rows = (
        asked.order_by().values("referee", "referee__name").annotate(**counted)
        .filter(Q(invited__gt=0) | Q(open_now__gt=0)).order_by("-open_now", "-invited", "referee__name")
    )  # fmt: skip
    return [_load(row["referee__name"], row) for row in rows], _load("All", asked.order_by().aggregate(**counted))


def _load(name: str, row: dict[str, Any]) -> Load:
    def days(value: datetime.timedelta | None) -> float | None:
        return None if value is None else value.total_seconds() / DAY

    counts = {key: row[key] for key in ("invited", "answered", "agreed", "sent", "open_now")}
    return Load(name, **counts, to_answer=days(row["to_answer"]), to_review=days(row["to_review"]))


def _in_regions(within: set[int]) -> "QuerySet[Any]":
    from articles.models import Article

    return Article.objects.filter(regions__in=within).order_by().values("pk")


# --- Months and regions --------------------------------------------------------------------------------


def _within(tree: Iterable[tuple[int, int | None, str]], region: int | None) -> set[int] | None:
    """The region and all within it; None for everywhere."""
    if region is None:
        return None
    children: dict[int | None, list[int]] = {}
    for pk, parent, _ in tree:
        children.setdefault(parent, []).append(pk)
    found, waiting = {region}, [region]
    while waiting:
        for child in children.get(waiting.pop(), []):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return found


def _axis(first: datetime.date | None, today: datetime.date, known: list[datetime.date]) -> list[datetime.date]:
    """Every month from the first to this one, so that one without pieces stands there too."""
    start = (first or min(known, default=today)).replace(day=1)
    count = (today.year - start.year) * 12 + today.month - start.month
    months = [start.year * 12 + start.month - 1 + step for step in range(count + 1)]
    return [datetime.date(month // 12, month % 12 + 1, 1) for month in months]


def _month_name(month: datetime.date) -> str:
    return f"{month:%B %Y}"
