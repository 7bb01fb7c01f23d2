"""The list of pieces: its columns, its filters and its order."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, DateTimeField, F, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from articles.models import Article, Region, Series
from articles.search import search_desk
from articles.status import Status
from editorial import access, queue
from editorial.admin import words
from editorial.models import Deadline


def on_desk(request: HttpRequest) -> QuerySet[Article]:
    """The pieces that this person sees, with all that the columns print, in a fixed number of queries."""
    pieces = queue.with_holder(access.desk_pieces(request.user))
    open_dates = Deadline.objects.filter(article=OuterRef("pk"), end="").order_by("due_on")
    pieces = pieces.annotate(next_due=Coalesce("handling__due_on", Subquery(open_dates.values("due_on")[:1])))
    return (
        pieces.select_related("latest", "handling__editor")
        .defer("latest__body", "latest__in_brief")
        .prefetch_related("regions")
    )


def in_order_of_work(pieces: QuerySet[Article]) -> QuerySet[Article]:
    """What waits for an editor first, then what waits for others, each with the longest wait on top; then the rest,
    newest first. On a deadline the piece that has waited longest is the one that somebody forgot. What is late waits for
    an editor too, from the day after it was due."""
    return pieces.annotate(
        order_of_holder=Case(
            When(desk_since__isnull=False, then=0),
            When(holder=queue.NOBODY, then=2),
            default=1,
            output_field=IntegerField(),
        ),
        waited_since=Case(
            When(desk_since__isnull=False, then=F("desk_since")),
            When(~Q(holder=queue.NOBODY), then=F("since")),
            default=None,
            output_field=DateTimeField(),
        ),
    )


ORDER_OF_WORK = (
    F("order_of_holder").asc(),
    F("waited_since").asc(nulls_last=True),
    F("since").desc(),
)


def search(request: HttpRequest, pieces: QuerySet[Article], typed: str) -> QuerySet[Article]:
    """Words anywhere in the piece, its names, regions and tags, accents folded; or a part of its title or slug."""
    by_words = search_desk(Article.objects.all(), typed).values("pk")
    return pieces.filter(Q(pk__in=by_words) | Q(latest__title__icontains=typed) | Q(slug__startswith=typed.lower()))


class Choice(admin.SimpleListFilter):
    """A filter whose unknown values change nothing."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        value = self.value()
        if value is None or value not in {str(key) for key, _ in self.lookup_choices}:
            return queryset
        return self.apply(request, queryset, value)

    def apply(self, request: HttpRequest, queryset: QuerySet[Article], value: str) -> QuerySet[Article]:
        raise NotImplementedError


class StatusFilter(Choice):
    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        shown = [(status.value, status.label.capitalize()) for status in Status if status != Status.PITCHED]
        after = [value for value, _ in shown].index(Status.READY) + 1
        shown.insert(after, ("scheduled", "Scheduled"))
        shown.insert(after + 2, ("changes", "Changes not published"))
        return [*shown, ("overdue", "Overdue"), ("asks", "Author asks to withdraw")]

    def apply(self, request: HttpRequest, queryset: QuerySet[Article], value: str) -> QuerySet[Article]:
        now = timezone.now()
        match value:
            case "scheduled":
                return queryset.filter(live__isnull=False, published_at__gt=now)
            case "published":
                return queryset.filter(status=Status.PUBLISHED, published_at__lte=now)
            case "changes":
                return queryset.filter(live__isnull=False, published_at__lte=now).exclude(live=F("latest"))
            case "overdue":
                return queryset.filter(next_due__lt=timezone.localdate(now))
            case "asks":
                return queryset.filter(handling__withdrawal_asked_at__isnull=False)
        return queryset.filter(status=value)


class TurnFilter(Choice):
    title = "whose turn"
    parameter_name = "turn"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (queue.EDITOR, "Editor"),
            (queue.REFEREE, "Referees"),
            (queue.AUTHOR, "Author"),
            (queue.NOBODY, "Nobody"),
            ("needs", "Needs an editor, late ones too"),
        ]

    def apply(self, request: HttpRequest, queryset: QuerySet[Article], value: str) -> QuerySet[Article]:
        return queryset.filter(desk_since__isnull=False) if value == "needs" else queryset.filter(holder=value)


class EditorFilter(Choice):
    title = "editor"
    parameter_name = "editor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        others = access.deciders().exclude(pk=request.user.pk)
        return [("me", "Me"), ("nobody", "Nobody yet"), *((str(user.pk), str(user)) for user in others)]

    def apply(self, request: HttpRequest, queryset: QuerySet[Article], value: str) -> QuerySet[Article]:
        if value == "nobody":
            return queryset.filter(handling__editor=None)
        return queryset.filter(handling__editor=request.user.pk if value == "me" else int(value))


class RegionFilter(Choice):
    """A region with all that lie within it."""

    title = "region"
    parameter_name = "region"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.tree = in_tree_order()
        return [(str(region.pk), "\u2003" * depth + region.name) for region, depth in self.tree]

    def apply(self, request: HttpRequest, queryset: QuerySet[Article], value: str) -> QuerySet[Article]:
        inside = {int(value)}
        for region, _ in self.tree:
            if region.parent_id in inside:
                inside.add(region.pk)
        through = Article.regions.through.objects.filter(region_id__in=inside)
        return queryset.filter(pk__in=through.values("article_id"))


class SeriesFilter(Choice):
    title = "special feature"
    parameter_name = "series"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(series.pk), series.title) for series in Series.objects.all()]

    def apply(self, request: HttpRequest, queryset: QuerySet[Article], value: str) -> QuerySet[Article]:
        return queryset.filter(series=int(value))


def in_tree_order() -> list[tuple[Region, int]]:
    """Every region with its depth, parents before what lies within them. The tree is small, and one query."""
    children: dict[int | None, list[Region]] = {}
    for region in Region.objects.all():
        children.setdefault(region.parent_id, []).append(region)
    found: list[tuple[Region, int]] = []

    def visit(parent: int | None, depth: int) -> None:
        for region in children.get(parent, []):
            found.append((region, depth))
            visit(region.pk, depth + 1)

    visit(None, 0)
    return found


class ArticleColumns:
    """What a row of the list says; the rows are those of `on_desk`."""

    @admin.display(description="piece", ordering="latest__title")
    def piece(self, article: Article) -> str:
        return format_html('<bdi class="piece-title">{}</bdi>', words.title(article))

    @admin.display(description="status", ordering="status")
    def standing(self, article: Article) -> str:
        return format_html_join(" ", "{}", ((pill,) for pill in words.standing(article, timezone.now())))

    @admin.display(description="whose turn", ordering="holder")
    def whose_turn(self, article: Article) -> str:
        return words.HOLDERS[article.holder]  # type: ignore[attr-defined]  # annotated by `with_holder`

    @admin.display(description="waiting", ordering="since")
    def waiting(self, article: Article) -> str:
        if article.holder == queue.NOBODY:  # type: ignore[attr-defined]
            return "–"
        return words.days(max((timezone.now() - article.since).days, 0))  # type: ignore[attr-defined]

    @admin.display(description="editor", ordering="handling__editor__name")
    def editor(self, article: Article) -> str:
        return str(article.handling.editor or "–")

    @admin.display(description="regions")
    def region_names(self, article: Article) -> str:
        return ", ".join(region.name for region in article.regions.all()) or "–"

    @admin.display(description="next date", ordering="next_due")
    def next_date(self, article: Article) -> str:
        # Annotated by `on_desk`: the author's date, else the first of the referees'.
        if due_on := article.next_due:  # type: ignore[attr-defined]
            text = words.day(due_on)
            is_late = due_on < timezone.localdate()
            return format_html("{}{}", text, format_html(' <strong class="late">overdue</strong>') if is_late else "")
        if article.is_scheduled():
            assert article.published_at is not None
            return words.moment(article.published_at)
        return "–"
